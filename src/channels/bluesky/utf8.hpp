#pragma once
// The little this folder needs to know of UTF-8: is it, and where may it be cut.

#include <cstdint>
#include <string>
#include <string_view>

namespace kiki::channels::bluesky {

bool is_utf8(std::string_view bytes);
// May the (valid) text be cut before this byte? True at both ends.
bool char_border(std::string_view text, std::size_t byte);
// At most `limit_bytes`, cut at a border.
std::string_view cut(std::string_view text, std::size_t limit_bytes);
// For storing: without NUL (PostgreSQL cannot hold it), at most `limit_bytes`; what is not UTF-8 becomes
// U+FFFD.
std::string clean(std::string_view text, std::size_t limit_bytes);
// The code point at the start of valid, non-empty text; moves `text` on.
char32_t take_char(std::string_view& text);

}  // namespace kiki::channels::bluesky
