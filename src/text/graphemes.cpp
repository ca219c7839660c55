// ICU's break iterator walks UTF-8 through a UText, without a copy. Opening one costs microseconds and it is
// not thread-safe, so that each thread keeps its own.

#include "text/graphemes.hpp"

#include <unicode/ubrk.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <memory>

#include "base/check.hpp"
#include "text/utf8.hpp"

namespace kiki::text {

namespace {

struct CloseBreaks {
  void operator()(UBreakIterator* breaks) const { ubrk_close(breaks); }
};

// The thread's iterator, standing on a text. The text must outlive it; nothing else may use the iterator
// meanwhile.
class Breaks {
 public:
  explicit Breaks(std::string_view text) {
    thread_local const std::unique_ptr<UBreakIterator, CloseBreaks> shared = [] {
      UErrorCode status = U_ZERO_ERROR;
      UBreakIterator* opened = ubrk_open(UBRK_CHARACTER, "", nullptr, 0, &status);
      CHECK(U_SUCCESS(status));  // only when ICU's data is missing
      return std::unique_ptr<UBreakIterator, CloseBreaks>(opened);
    }();
    breaks_ = shared.get();
    UErrorCode status = U_ZERO_ERROR;
    utext_openUTF8(&utext_, text.data(), static_cast<std::int64_t>(text.size()), &status);
    ubrk_setUText(breaks_, &utext_, &status);
    CHECK(U_SUCCESS(status));
  }
  ~Breaks() {
    // The iterator made a shallow copy of the UText; point it away from a text that is about to go.
    UErrorCode status = U_ZERO_ERROR;
    UText empty = UTEXT_INITIALIZER;
    utext_openUTF8(&empty, "", 0, &status);
    ubrk_setUText(breaks_, &empty, &status);
    utext_close(&empty);
    utext_close(&utext_);
  }
  Breaks(const Breaks&) = delete;
  Breaks& operator=(const Breaks&) = delete;

  // The next border, or nothing at the end.
  bool next(std::size_t& border) {
    const std::int32_t found = ubrk_next(breaks_);
    if (found == UBRK_DONE) return false;
    border = static_cast<std::size_t>(found);
    return true;
  }
  bool is_border(std::size_t offset) {
    return ubrk_isBoundary(breaks_, static_cast<std::int32_t>(offset)) != 0;
  }
  std::size_t before(std::size_t offset) {
    return static_cast<std::size_t>(std::max(0, ubrk_preceding(breaks_, static_cast<std::int32_t>(offset))));
  }
  std::size_t after(std::size_t offset, std::size_t size) {
    const std::int32_t found = ubrk_following(breaks_, static_cast<std::int32_t>(offset));
    return found == UBRK_DONE ? size : static_cast<std::size_t>(found);
  }

 private:
  UBreakIterator* breaks_ = nullptr;
  UText utext_ = UTEXT_INITIALIZER;
};

// Without CR, every ASCII character is a grapheme of its own.
bool is_plain_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '\r'; });
}

constexpr std::size_t kMaxBytes = std::size_t{1} << 30;  // ICU counts in 32 bits

}  // namespace

std::size_t count_graphemes(std::string_view text) {
  CHECK(text.size() <= kMaxBytes);
  if (is_plain_ascii(text)) return text.size();
  Breaks breaks(text);
  std::size_t count = 0;
  for (std::size_t border = 0; breaks.next(border);) ++count;
  return count;
}

std::string_view cut_at_grapheme(std::string_view text, std::size_t max_graphemes) {
  CHECK(text.size() <= kMaxBytes);
  if (text.size() <= max_graphemes) return text;  // a grapheme has a byte at least
  if (is_plain_ascii(text)) return text.substr(0, max_graphemes);
  Breaks breaks(text);
  std::size_t end = 0;
  for (std::size_t count = 0; count < max_graphemes && breaks.next(end); ++count) {
  }
  return text.substr(0, end);
}

std::string_view cut_bytes_at_grapheme(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  return text.substr(0, grapheme_floor(text, max_bytes));
}

std::size_t grapheme_floor(std::string_view text, std::size_t byte_offset) {
  CHECK(text.size() <= kMaxBytes);
  if (byte_offset == 0 || byte_offset >= text.size()) return std::min(byte_offset, text.size());
  // Inside a code point ICU would look before its start, and miss the border that is there.
  auto start = static_cast<std::int32_t>(byte_offset);
  U8_SET_CP_START(reinterpret_cast<const std::uint8_t*>(text.data()), 0, start);
  Breaks breaks(text);
  const auto from = static_cast<std::size_t>(start);
  return breaks.is_border(from) ? from : breaks.before(from);
}

std::size_t grapheme_ceiling(std::string_view text, std::size_t byte_offset) {
  CHECK(text.size() <= kMaxBytes);
  if (byte_offset == 0 || byte_offset >= text.size()) return std::min(byte_offset, text.size());
  Breaks breaks(text);
  return breaks.is_border(byte_offset) ? byte_offset : breaks.after(byte_offset, text.size());
}

}  // namespace kiki::text
