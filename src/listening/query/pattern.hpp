#pragma once
// A term or phrase made ready for comparing with folded text: shared by the reference evaluator and the
// engine, so that what is compared cannot differ, only how it is found.

#include <string>
#include <string_view>
#include <vector>

#include "listening/query/query.hpp"
#include "text/search_fold.hpp"

namespace kiki::listening::query {

inline constexpr char32_t kAnyCharacter = 0x11'0000;  // above all code points: `?`

struct Pattern {
  std::u32string code_points;  // folded; kAnyCharacter for `?`
  bool unspaced = false;       // anywhere in the text; otherwise whole words
  bool open_left = false;
  bool open_right = false;
  bool by_kind = false;  // word: ends lie where the kind of character changes
};

// Of a kTerm, kWord, kRaw, kTag (without #) or kUrl. For kRaw `code_points` is the folded form (a text that
// has the raw characters has these, too, unless they stand at the edge of something that folds together); the
// exact characters are node.text.
Pattern make_pattern(const Node& node, const text::SearchFold& fold);
// Of a kPhrase: one pattern when it has letters of an unspaced script, one for each word otherwise.
std::vector<Pattern> make_phrase(const Node& node, const text::SearchFold& fold);

// The ends rule, at `at` (0 … text.size()): may a match begin or end there?
bool may_end_at(const text::SearchText& text, std::size_t at, bool by_kind);
// The same for exact bytes of the original that end (or begin) at `byte` and at the folded place `at`. They
// may end inside of what one folded character came from (the third of four zeros, a letter and its accent):
// then the character stands on both sides.
bool raw_may_end_at(const text::SearchText& text, std::size_t at, std::size_t byte);

}  // namespace kiki::listening::query
