// Any bytes: folding gives UTF-8, is done once, is the same on both roads, and every folded range leads to a
// range of the original.

#include "base/check.hpp"
#include "text/normalize.hpp"
#include "text/utf8.hpp"

using namespace kiki::text;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string folded = fold(text);
  CHECK(!find_invalid_utf8(folded));
  CHECK(fold(folded) == folded);
  const FoldedText with = fold_with_origins(text);
  CHECK(with.text() == folded);
  std::size_t before = 0;
  for (const CodePoint& c : code_points(folded)) {
    const ByteRange range = with.original({c.offset, c.offset + c.bytes});
    CHECK(range.begin < range.end && range.end <= text.size());
    CHECK(range.begin >= before);
    before = range.begin;
    const ByteRange rest = with.original({c.offset, folded.size()});
    CHECK(rest.begin == range.begin && rest.end >= range.end);
    // The part folds to something that holds the character, unless neighbours were joined or put in order.
    if (find_invalid_utf8(text) == std::nullopt)
      CHECK(!find_invalid_utf8(text.substr(range.begin, range.end - range.begin)));
  }
  return 0;
}
