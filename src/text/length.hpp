#pragma once
// How long a text is for a network. The same units as the console counts in.

#include <cstddef>
#include <string_view>

namespace kiki::text {

// "grapheme", "bytes", "utf16" (code units), or "weighted" (X: Latin and a few marks weigh one, everything
// else two, an emoji two however long, a link 23). An unknown unit counts as graphemes.
std::size_t length_in(std::string_view unit, std::string_view text);

}  // namespace kiki::text
