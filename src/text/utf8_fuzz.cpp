// Any bytes: what is called UTF-8 is the same for the validator, the walker and the cleaner; cuts and offsets
// agree.

#include "base/check.hpp"
#include "text/graphemes.hpp"
#include "text/utf8.hpp"

using namespace kiki::text;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t at = data[0];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto fault = find_invalid_utf8(text);
  std::size_t end = 0;
  bool valid = true;
  for (const CodePoint& c : code_points(text)) {
    CHECK(c.offset == end && c.bytes >= 1 && c.bytes <= 4);
    if (!c.valid && valid) CHECK(fault == c.offset);
    valid = valid && c.valid;
    end += c.bytes;
  }
  CHECK(end == text.size());
  CHECK(valid == !fault.has_value());
  const std::string clean = to_valid_utf8(text);
  CHECK(!find_invalid_utf8(clean));
  CHECK(count_code_points(clean) == count_code_points(text));
  if (valid) CHECK(clean == text);

  CHECK(!find_invalid_utf8(cut_at_code_point(clean, at)));
  CHECK(cut_at_code_point(text, at).size() <= at);
  const std::size_t units = utf16_length(clean);
  if (const auto offset = byte_offset(clean, at)) {
    CHECK(utf16_offset(clean, *offset) <= at);
    CHECK(!find_invalid_utf8(std::string_view(clean).substr(*offset)));
  } else {
    CHECK(at > units);
  }
  const std::size_t graphemes = count_graphemes(clean);
  CHECK(graphemes <= count_code_points(clean));
  const std::string_view front = cut_at_grapheme(clean, at);
  CHECK(clean.starts_with(front) && count_graphemes(front) == std::min(at, graphemes));
  CHECK(grapheme_floor(clean, at) <= std::min(at, clean.size()));
  CHECK(grapheme_ceiling(clean, at) >= std::min(at, clean.size()));
  CHECK(cut_at_grapheme(text, at).size() <= text.size());
  return 0;
}
