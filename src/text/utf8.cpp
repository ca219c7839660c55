// ICU's macros know the table of well-formed sequences; long stretches of ASCII are skipped eight bytes at a
// time.

#include "text/utf8.hpp"

#include <unicode/utf8.h>

#include <cstdint>
#include <cstring>

namespace kiki::text {

namespace {

// First offset from `from` on whose byte is not ASCII.
std::size_t skip_ascii(std::string_view text, std::size_t from) {
  while (from + 8 <= text.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + from, 8);
    if ((word & 0x8080808080808080ULL) != 0) break;
    from += 8;
  }
  while (from < text.size() && static_cast<unsigned char>(text[from]) < 0x80) ++from;
  return from;
}

}  // namespace

CodePoint code_point_at(std::string_view text, std::size_t offset) {
  CHECK(offset < text.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data()) + offset;
  if (bytes[0] < 0x80) return {bytes[0], offset, 1, true};
  // No sequence is longer than four bytes: the macros count in 32 bits, texts may be longer.
  const auto limit = static_cast<std::int32_t>(std::min<std::size_t>(text.size() - offset, 4));
  std::int32_t next = 0;
  UChar32 c = 0;
  U8_NEXT(bytes, next, limit, c);  // NOLINT(bugprone-inc-dec-in-conditions): inside ICU's macro
  const auto length = static_cast<std::size_t>(next);
  if (c < 0) return {kReplacement, offset, length, false};
  return {static_cast<char32_t>(c), offset, length, true};
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  std::size_t offset = skip_ascii(text, 0);
  while (offset < text.size()) {
    const CodePoint c = code_point_at(text, offset);
    if (!c.valid) return offset;
    offset += c.bytes;
    if (c.value < 0x80) offset = skip_ascii(text, offset);
  }
  return std::nullopt;
}

Result<void> validate_utf8(std::string_view text) {
  if (const auto offset = find_invalid_utf8(text)) {
    const std::string place = "byte " + std::to_string(*offset);
    return invalid("the text is no UTF-8 at " + place, place);
  }
  return {};
}

std::string to_valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (const auto fault = find_invalid_utf8(text)) {
    out += text.substr(0, *fault);
    append_utf8(out, kReplacement);
    text.remove_prefix(*fault + code_point_at(text, *fault).bytes);
  }
  out += text;
  return out;
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for ([[maybe_unused]] const CodePoint& c : code_points(text)) ++count;
  return count;
}

void append_utf8(std::string& out, char32_t code_point) {
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) code_point = kReplacement;
  char buffer[4];
  std::size_t length = 0;
  U8_APPEND_UNSAFE(buffer, length, code_point);
  out.append(buffer, length);
}

std::string_view cut_at_code_point(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  // A code point that crosses the border began at most three bytes before it.
  std::size_t start = max_bytes - std::min<std::size_t>(max_bytes, 3);
  for (std::size_t i = start; i < max_bytes;) {
    const CodePoint c = code_point_at(text, i);
    const bool continuation = !c.valid && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
    if (!continuation && i + c.bytes > max_bytes) return text.substr(0, i);
    i += continuation ? 1 : c.bytes;
  }
  return text.substr(0, max_bytes);
}

std::size_t utf16_length(std::string_view text) {
  return utf16_offset(text, text.size());
}

std::size_t utf16_offset(std::string_view text, std::size_t byte_offset) {
  std::size_t units = 0;
  for (const CodePoint& c : code_points(text)) {
    if (c.offset + c.bytes > byte_offset) break;
    units += c.value > 0xFFFF ? 2 : 1;
  }
  return units;
}

std::optional<std::size_t> byte_offset(std::string_view text, std::size_t utf16_offset) {
  std::size_t units = 0;
  for (const CodePoint& c : code_points(text)) {
    const std::size_t width = c.value > 0xFFFF ? 2 : 1;
    if (units + width > utf16_offset) return c.offset;
    units += width;
  }
  if (units == utf16_offset) return text.size();
  return std::nullopt;
}

}  // namespace kiki::text
