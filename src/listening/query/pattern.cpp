#include "listening/query/pattern.hpp"

#include <unicode/uchar.h>

#include <algorithm>

#include "listening/query/post_facts.hpp"
#include "text/utf8.hpp"

namespace kiki::listening::query {
namespace {

using text::CharKind;
using text::SearchText;

struct Kinds {
  bool unspaced = false;
  bool word = false;
  bool searchable = false;
};

Kinds kinds_of(const SearchText& text, std::size_t begin, std::size_t end) {
  Kinds kinds;
  for (std::size_t i = begin; i < end; ++i) {
    kinds.unspaced |= text::is_unspaced(text.kinds[i]);
    kinds.word |= text.kinds[i] == CharKind::kWord;
    kinds.searchable |= text::is_searchable(text.kinds[i]);
  }
  return kinds;
}

bool is_unspaced(const Kinds& kinds) {
  return kinds.unspaced || !kinds.word;  // with neither: pictographs
}

// Punctuation that a sentence puts at the end of a word; c++, c#, 100% and AT& keep theirs.
bool is_sentence_punctuation(const SearchText& text, std::size_t at) {
  const char32_t c = text.code_points[at];
  if (text.kinds[at] != CharKind::kSeparator) return false;
  if (c == U'ー') return true;  // a dash, folded
  if (c == '#' || c == '%' || c == '&' || c == '@' || c == '*') return false;
  return (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_P_MASK) != 0;
}

Pattern piece(const SearchText& text, std::size_t begin, std::size_t end) {
  Pattern pattern;
  pattern.code_points = text.code_points.substr(begin, end - begin);
  pattern.unspaced = is_unspaced(kinds_of(text, begin, end));
  return pattern;
}

// Each piece between two `?` is folded on its own: a run does not go on over one.
Pattern with_any_characters(std::string_view written, const text::SearchFold& fold) {
  Pattern pattern;
  Kinds kinds;
  for (std::size_t at = 0; at <= written.size();) {
    const std::size_t end = std::min(written.find('?', at), written.size());
    const SearchText folded = text::fold_for_search(written.substr(at, end - at), fold);
    pattern.code_points += folded.code_points;
    const Kinds here = kinds_of(folded, 0, folded.size());
    kinds.unspaced |= here.unspaced;
    kinds.word |= here.word;
    if (end < written.size()) pattern.code_points += kAnyCharacter;
    at = end + 1;
  }
  pattern.unspaced = is_unspaced(kinds);
  return pattern;
}

}  // namespace

Pattern make_pattern(const Node& node, const text::SearchFold& fold) {
  constexpr text::SearchFold kPlain{false, false, false, false};
  Pattern pattern;
  if (node.has_any) {
    pattern = with_any_characters(node.text, fold);
  } else {
    const SearchText folded = node.kind == Kind::kUrl
                                  ? text::fold_for_search(host_and_path(node.text), kPlain)
                                  : text::fold_for_search(node.text, fold);
    pattern = piece(folded, 0, folded.size());
  }
  pattern.open_left = node.open_left;
  pattern.open_right = node.open_right;
  pattern.by_kind = node.kind == Kind::kWord;
  return pattern;
}

std::vector<Pattern> make_phrase(const Node& node, const text::SearchFold& fold) {
  const SearchText folded = text::fold_for_search(node.text, fold);
  const Kinds kinds = kinds_of(folded, 0, folded.size());
  if (is_unspaced(kinds)) {
    std::size_t begin = 0;
    std::size_t end = folded.size();
    while (begin < end && folded.code_points[begin] == ' ') ++begin;
    while (end > begin && folded.code_points[end - 1] == ' ') --end;
    return {piece(folded, begin, end)};
  }
  std::vector<Pattern> words;
  for (std::size_t at = 0; at < folded.size();) {
    const std::size_t end = std::min(folded.code_points.find(U' ', at), folded.size());
    std::size_t first = at;
    std::size_t last = end;
    while (first < last && is_sentence_punctuation(folded, first)) ++first;
    while (last > first && is_sentence_punctuation(folded, last - 1)) --last;
    if (kinds_of(folded, first, last).searchable) words.push_back(piece(folded, first, last));
    at = end + 1;
  }
  return words;
}

bool may_end_at(const SearchText& text, std::size_t at, bool by_kind) {
  if (at == 0 || at >= text.size()) return true;
  const CharKind before = text.kinds[at - 1];
  const CharKind after = text.kinds[at];
  if (!by_kind) return before != CharKind::kWord || after != CharKind::kWord;
  const auto no_letter = [](CharKind kind) {
    return kind == CharKind::kSeparator || kind == CharKind::kPictograph;
  };
  return before != after || no_letter(before) || no_letter(after);
}

bool raw_may_end_at(const text::SearchText& text, std::size_t at, std::size_t byte) {
  for (const std::size_t i : {at, at - 1}) {  // at - 1 wraps to a place that is not there
    if (i < text.size() && text.origins[i].begin < byte && byte < text.origins[i].end) {
      return text.kinds[i] != text::CharKind::kWord;
    }
  }
  return may_end_at(text, at, false);
}

}  // namespace kiki::listening::query
