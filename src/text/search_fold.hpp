#pragma once
// Text as listening compares it: NFKC_Casefold (normalize.hpp), without Latin accents, and then what a topic
// may switch off: kana, dashes, small kana and runs. Each folded character knows what it was and where it
// came from, so that word ends are judged by what was written and marks point into the original.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/normalize.hpp"

namespace kiki::text {

struct SearchFold {
  bool kana = true;        // ひらがな = ヒラガナ
  bool dashes = true;      // ー ｰ - — 〜 ~ and their relatives are one
  bool small_kana = true;  // ゃ = や
  bool runs = true;        // ーーー is ー; three or more of any other same character are two
  friend bool operator==(const SearchFold&, const SearchFold&) = default;
};

// What a character was before kana and dashes were folded.
enum class CharKind : std::uint8_t {
  kSeparator,  // spaces, punctuation, symbols
  kWord,       // letters and digits of scripts that put spaces between words
  kHan,
  kHiragana,
  kKatakana,
  kHangul,
  kOtherUnspaced,  // Thai and its neighbours
  kPictograph,
};
// A letter of a script that is written without spaces between words.
bool is_unspaced(CharKind kind);
// Letter, digit or pictograph: something to search for.
bool is_searchable(CharKind kind);

struct SearchText {
  std::u32string code_points;
  std::vector<CharKind> kinds;     // one for each code point
  std::vector<ByteRange> origins;  // likewise, in the original; ascending

  std::size_t size() const { return code_points.size(); }
  // The original bytes of a range that is not empty.
  ByteRange original(std::size_t begin, std::size_t end) const {
    return {origins[begin].begin, origins[end - 1].end};
  }
};

SearchText fold_for_search(std::string_view text, const SearchFold& options = {});

}  // namespace kiki::text
