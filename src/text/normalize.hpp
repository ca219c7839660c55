#pragma once
// The one folding of text for comparing and searching: Unicode's NFKC_Casefold. ＡＢＣ, abc and Ａbc are the
// same afterwards, so are ﾌﾟﾘﾝﾀ and プリンタ, ㈱ and (株), ß and ss; zero-width characters go away. Hiragana
// and katakana stay apart, and so do ー and 〜. Ill-formed bytes become U+FFFD first. Folding twice changes
// nothing more.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kiki::text {

struct ByteRange {
  std::size_t begin = 0;
  std::size_t end = 0;  // one past the last byte
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

std::string fold(std::string_view text);

// A folded text that knows where its bytes came from.
class FoldedText {
 public:
  const std::string& text() const { return text_; }
  // The smallest range of the original that gave these folded bytes; whole code points of the original. An
  // empty range gives an empty one.
  ByteRange original(ByteRange folded) const;

 private:
  friend FoldedText fold_with_origins(std::string_view text);
  // Stretches in order, without gaps in either text. An unchanged one maps byte by byte, a changed one as a
  // whole.
  struct Stretch {
    std::size_t folded_begin;
    std::size_t original_begin;
    std::size_t original_end;
    bool changed;
  };
  const Stretch& stretch_at(std::size_t folded_offset) const;
  std::string text_;
  std::vector<Stretch> stretches_;
};

FoldedText fold_with_origins(std::string_view text);

}  // namespace kiki::text
