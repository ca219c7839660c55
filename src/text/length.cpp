// Weights after X's own configuration, version 3: https://developer.x.com/en/docs/counting-characters

#include "text/length.hpp"

#include <algorithm>

#include "text/graphemes.hpp"
#include "text/utf8.hpp"

namespace kiki::text {

namespace {

constexpr std::size_t kLinkWeight = 23;

bool is_light(char32_t c) {
  return c <= 4351 || (c >= 8192 && c <= 8205) || (c >= 8208 && c <= 8223) || (c >= 8242 && c <= 8247);
}

// Pictographs that show as one picture; ranges are coarse, as nothing else stands there.
bool is_emoji(char32_t c) {
  return (c >= 0x1F000 && c <= 0x1FAFF) || (c >= 0x2600 && c <= 0x27BF) || c == 0x2B50 || c == 0x2B55;
}

std::size_t weigh(std::string_view text) {
  std::size_t sum = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto rest = text.substr(at);
    if (rest.starts_with("http://") || rest.starts_with("https://")) {
      const auto end = std::min(rest.find_first_of(" \t\r\n"), rest.size());
      sum += kLinkWeight;
      at += end;
      continue;
    }
    const auto grapheme = cut_at_grapheme(rest, 1);
    const auto size = std::max<std::size_t>(grapheme.size(), 1);
    if (is_emoji(code_point_at(text, at).value)) {
      sum += 2;
    } else {
      for (const CodePoint& c : code_points(grapheme)) sum += is_light(c.value) ? 1 : 2;
    }
    at += size;
  }
  return sum;
}

}  // namespace

std::size_t length_in(std::string_view unit, std::string_view text) {
  if (unit == "bytes") return text.size();
  if (unit == "utf16") return utf16_length(text);
  if (unit == "weighted") return weigh(text);
  return count_graphemes(text);
}

}  // namespace kiki::text
