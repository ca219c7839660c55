#pragma once
// Extended grapheme clusters (UAX #29): what a person calls one character. Networks count them for their
// limits; a cut anywhere else would tear a family emoji or a flag apart. Ill-formed bytes count as one each
// subpart.

#include <cstddef>
#include <string_view>

namespace kiki::text {

std::size_t count_graphemes(std::string_view text);
// The front of at most `max_graphemes`.
std::string_view cut_at_grapheme(std::string_view text, std::size_t max_graphemes);
// The longest front of whole graphemes in at most `max_bytes` bytes. A single grapheme may be longer: then it
// is empty.
std::string_view cut_bytes_at_grapheme(std::string_view text, std::size_t max_bytes);
// The grapheme border at or before `byte_offset`, and the one at or after it.
std::size_t grapheme_floor(std::string_view text, std::size_t byte_offset);
std::size_t grapheme_ceiling(std::string_view text, std::size_t byte_offset);

}  // namespace kiki::text
