#pragma once
// Folding at the speed of reading: what text::fold_for_search gives, one table look-up a character, in
// UTF-16.
//
// The table knows what fold_for_search makes of each code point alone. That is all there is to know of a text
// unless one of its characters may join another (a combining mark, a half-width voicing mark, a jamo); a text
// that has one is normalised first, and after that the table is right again. Tests hold both against each
// other, for every code point and for generated texts.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/search_fold.hpp"

namespace kiki::listening::engine {

// A folded text. Use one again and again: it keeps its memory.
struct FoldedText {
  std::size_t size = 0;               // code units
  bool has_pairs = false;             // surrogates among them
  std::vector<char16_t> units;        // zeros behind the end: windows may read over it
  std::vector<text::CharKind> kinds;  // one a unit

  void clear() {
    size = 0;
    has_pairs = false;
  }
  // Room for so many more units, and the margin that reading 16 bytes at a time needs.
  void reserve_more(std::size_t more);
  void end();  // puts the zeros behind the end
};

class FoldTable {
 public:
  // One for each combination of options, made at its first use (a tenth of a second) and kept.
  static const FoldTable& of(const text::SearchFold& options);

  void fold(std::string_view text, FoldedText& out) const {
    out.clear();
    append(text, out);
  }
  // Behind what is there; runs are folded in the new part alone.
  void append(std::string_view text, FoldedText& out) const;

  // A letter or digit of a spaced script, whatever stands beside it. False for combining marks.
  bool is_word(char16_t unit) const { return word_[unit]; }
  // Takes its kind from what stands before it.
  bool is_mark(char16_t unit) const { return mark_[unit]; }

 private:
  explicit FoldTable(const text::SearchFold& options);
  std::uint32_t entry(char32_t c) const {
    return entries_[(std::size_t{pages_[c >> 8U]} << 8U) | (c & 0xFFU)];
  }
  std::uint32_t make_entry(char32_t c);
  bool append_plain(std::string_view text, bool normalised, FoldedText& out) const;
  void append_rare(std::uint32_t entry, char32_t c, FoldedText& out) const;
  void fold_runs(std::size_t begin, FoldedText& out) const;

  text::SearchFold options_;
  std::array<std::uint16_t, 0x1100> pages_{};
  std::vector<std::uint32_t> entries_;
  struct Expansion {
    std::u16string units;
    std::vector<text::CharKind> kinds;
    std::size_t marks = 0;    // so many at its front take their kind from what stands before
    std::size_t accents = 0;  // so many of these go away behind a Latin letter
  };
  std::vector<Expansion> expansions_;
  std::vector<bool> word_;
  std::vector<bool> mark_;
};

}  // namespace kiki::listening::engine
