#include "cases/excerpt.hpp"

#include <algorithm>

namespace kiki::cases {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
}

// A character of four UTF-8 bytes is two units in UTF-16.
int utf16_units(char lead) {
  if (!starts_character(lead)) return 0;
  return static_cast<unsigned char>(lead) >= 0xf0U ? 2 : 1;
}

}  // namespace

Excerpt first_line(std::string_view text, std::size_t limit_characters, std::span<const model::Mark> marks) {
  std::size_t begin = 0;
  while (begin < text.size() && is_blank(text[begin])) ++begin;
  auto end = std::min(text.find_first_of("\r\n", begin), text.size());
  while (end > begin && is_blank(text[end - 1])) --end;

  std::size_t characters = 0;
  std::int32_t units = 0;
  std::size_t cut = begin;
  for (; cut < end; ++cut) {
    if (starts_character(text[cut]) && characters++ == limit_characters) break;
    units += utf16_units(text[cut]);
  }
  Excerpt excerpt;
  excerpt.text = text.substr(begin, cut - begin);
  const auto skipped = static_cast<std::int32_t>(begin);  // blanks are one unit each
  for (const auto& mark : marks) {
    const auto start = std::max(mark.start - skipped, 0);
    const auto stop = std::min(mark.end - skipped, units);
    if (start < stop) excerpt.marks.push_back({start, stop});
  }
  if (cut < end) excerpt.text += "…";
  return excerpt;
}

std::string to_json_text(std::span<const model::Mark> marks) {
  std::string json = "[";
  for (const auto& mark : marks) {
    if (json.size() > 1) json += ',';
    json += '[' + std::to_string(mark.start) + ',' + std::to_string(mark.end) + ']';
  }
  return json += ']';
}

}  // namespace kiki::cases
