#include "channels/bluesky/utf8.hpp"

#include <algorithm>
#include <cstring>

namespace kiki::channels::bluesky {

namespace {

// Bytes of the character at the start of `s`, 0 when it is not one (overlong, surrogate, over U+10FFFF, cut
// off).
std::size_t char_bytes(std::string_view s) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(s[i]); };
  const auto follows = [&](std::size_t i) { return i < s.size() && (at(i) & 0xc0) == 0x80; };
  const std::uint8_t a = at(0);
  if (a < 0x80) return 1;
  if (a >= 0xc2 && a <= 0xdf) return follows(1) ? 2 : 0;
  if (a >= 0xe0 && a <= 0xef) {
    if (!follows(1) || !follows(2)) return 0;
    if (a == 0xe0 && at(1) < 0xa0) return 0;
    if (a == 0xed && at(1) > 0x9f) return 0;
    return 3;
  }
  if (a >= 0xf0 && a <= 0xf4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (a == 0xf0 && at(1) < 0x90) return 0;
    if (a == 0xf4 && at(1) > 0x8f) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view s) {
  while (!s.empty()) {
    while (s.size() >= 8) {  // ASCII goes eight bytes at a time
      std::uint64_t word;
      std::memcpy(&word, s.data(), 8);
      if (word & 0x8080808080808080U) break;
      s.remove_prefix(8);
    }
    if (s.empty()) break;
    const std::size_t count = char_bytes(s);
    if (count == 0) return false;
    s.remove_prefix(count);
  }
  return true;
}

bool char_border(std::string_view text, std::size_t byte) {
  return byte == text.size() ||
         (byte < text.size() && (static_cast<std::uint8_t>(text[byte]) & 0xc0) != 0x80);
}

std::string_view cut(std::string_view text, std::size_t limit_bytes) {
  if (text.size() <= limit_bytes) return text;
  while (limit_bytes > 0 && !char_border(text, limit_bytes)) --limit_bytes;
  return text.substr(0, limit_bytes);
}

std::string clean(std::string_view text, std::size_t limit_bytes) {
  std::string out;
  out.reserve(std::min(text.size(), limit_bytes));
  while (!text.empty()) {
    const std::size_t count = char_bytes(text);
    const std::string_view piece = count > 0 ? text.substr(0, count) : std::string_view("\xef\xbf\xbd");
    if (out.size() + piece.size() > limit_bytes) break;
    if (piece != std::string_view("\0", 1)) out += piece;
    text.remove_prefix(count > 0 ? count : 1);
  }
  return out;
}

char32_t take_char(std::string_view& text) {
  const auto at = [&](std::size_t i) { return static_cast<char32_t>(static_cast<std::uint8_t>(text[i])); };
  const std::size_t count = char_bytes(text);
  char32_t c = 0xfffd;
  switch (count) {
    case 1:
      c = at(0);
      break;
    case 2:
      c = (at(0) & 0x1f) << 6 | (at(1) & 0x3f);
      break;
    case 3:
      c = (at(0) & 0x0f) << 12 | (at(1) & 0x3f) << 6 | (at(2) & 0x3f);
      break;
    case 4:
      c = (at(0) & 0x07) << 18 | (at(1) & 0x3f) << 12 | (at(2) & 0x3f) << 6 | (at(3) & 0x3f);
      break;
    default:
      break;
  }
  text.remove_prefix(count > 0 ? count : 1);
  return c;
}

}  // namespace kiki::channels::bluesky
