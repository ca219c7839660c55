#pragma once
// UTF-8 as bytes that may lie: finding the first fault, walking code points, cutting without splitting one,
// and the offsets of UTF-16, which browsers count in. What is no UTF-8 reads as U+FFFD, one for each "maximal
// subpart" (Unicode 15, section 3.9), as browsers do.

#include <concepts>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace kiki::text {

inline constexpr char32_t kReplacement = 0xFFFD;

// Byte offset of the first ill-formed sequence; nothing when all is UTF-8.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);
// kInvalid with `where` = "byte N".
Result<void> validate_utf8(std::string_view text);
// The same text with U+FFFD for what is ill-formed.
std::string to_valid_utf8(std::string_view text);

struct CodePoint {
  char32_t value = 0;      // kReplacement when ill-formed
  std::size_t offset = 0;  // of its first byte
  std::size_t bytes = 0;   // 1 … 4
  bool valid = true;
};
// The code point at `offset` (< text.size()).
CodePoint code_point_at(std::string_view text, std::size_t offset);

// for (const CodePoint& c : code_points(text)) …
class CodePoints {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = CodePoint;
    using difference_type = std::ptrdiff_t;
    using pointer = const CodePoint*;
    using reference = const CodePoint&;
    Iterator(std::string_view text, std::size_t offset) : text_(text) { read(offset); }
    reference operator*() const { return current_; }
    pointer operator->() const { return &current_; }
    Iterator& operator++() {
      read(current_.offset + current_.bytes);
      return *this;
    }
    bool operator==(const Iterator& other) const { return current_.offset == other.current_.offset; }

   private:
    void read(std::size_t offset) {
      if (offset < text_.size()) {
        current_ = code_point_at(text_, offset);
      } else {
        current_ = {0, text_.size(), 0, false};
      }
    }
    std::string_view text_;
    CodePoint current_;
  };
  explicit CodePoints(std::string_view text) : text_(text) {}
  Iterator begin() const { return {text_, 0}; }
  Iterator end() const { return {text_, text_.size()}; }

 private:
  std::string_view text_;
};
inline CodePoints code_points(std::string_view text) {
  return CodePoints(text);
}
// Not over a temporary: C++20's for would walk a text that is gone.
template <std::same_as<std::string> T>
CodePoints code_points(T&& text) = delete;
std::size_t count_code_points(std::string_view text);

// Appends one code point; a surrogate or a value above U+10FFFF becomes U+FFFD.
void append_utf8(std::string& out, char32_t code_point);

// The longest front of at most `max_bytes` bytes that splits no code point. (For graphemes: graphemes.hpp.)
std::string_view cut_at_code_point(std::string_view text, std::size_t max_bytes);

// Length in UTF-16 code units, as JavaScript's `length`.
std::size_t utf16_length(std::string_view text);
// UTF-16 offset of a byte offset. Inside a code point, the offset of its start; past the end, the length.
std::size_t utf16_offset(std::string_view text, std::size_t byte_offset);
// Byte offset of a UTF-16 offset. Between two surrogates, the start of their code point; nothing past the
// end.
std::optional<std::size_t> byte_offset(std::string_view text, std::size_t utf16_offset);

}  // namespace kiki::text
