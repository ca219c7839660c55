// Hits are looked for among the tokens of the folded text, exactly as the index did, and are carried back to
// the original by FoldedText: so a highlight is there if and only if the search found it.

#include "text/snippet.hpp"

#include <algorithm>

#include "text/graphemes.hpp"
#include "text/normalize.hpp"
#include "text/utf8.hpp"

namespace kiki::text {

namespace {

// Hits of all phrases as ranges of the original, ascending and merged where they touch.
std::vector<ByteRange> find_hits(std::string_view text, const std::vector<Phrase>& query) {
  std::vector<ByteRange> hits;
  const FoldedText folded = fold_with_origins(text);
  const std::vector<PlacedToken> tokens = place_tokens(folded.text());
  for (const Phrase& phrase : query) {
    std::size_t found = 0;
    std::size_t count = 0;  // hits of one phrase beyond the limit are never shown
    for (std::size_t from = 0;
         count <= kMaxSnippetMarks && (found = find_phrase(tokens, phrase, from)) < tokens.size();
         from = found + 1) {
      const PlacedToken& last = tokens[found + phrase.tokens.size() - 1];
      const std::size_t end =
          phrase.last_is_prefix ? last.folded.begin + phrase.tokens.back().size() : last.folded.end;
      hits.push_back(folded.original({tokens[found].folded.begin, end}));
      ++count;
    }
  }
  std::sort(hits.begin(), hits.end(),
            [](const ByteRange& a, const ByteRange& b) { return a.begin < b.begin; });
  std::vector<ByteRange> merged;
  for (const ByteRange& hit : hits) {
    if (!merged.empty() && hit.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, hit.end);
    } else {
      merged.push_back(hit);
    }
  }
  return merged;
}

std::size_t back_code_points(std::string_view text, std::size_t from, std::size_t count) {
  while (from > 0 && count > 0) {
    --from;
    while (from > 0 && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) --from;
    --count;
  }
  return from;
}

std::size_t forward_code_points(std::string_view text, std::size_t from, std::size_t count) {
  for (; from < text.size() && count > 0; --count) from += code_point_at(text, from).bytes;
  return from;
}

}  // namespace

Snippet make_snippet(std::string_view given, const std::vector<Phrase>& query, std::size_t characters) {
  const std::string cleaned = find_invalid_utf8(given) ? to_valid_utf8(given) : std::string();
  const std::string_view text = cleaned.empty() ? given : std::string_view(cleaned);
  const std::vector<ByteRange> hits = find_hits(text, query);

  // A third of the room goes before the hit: what follows tells more. Near the end of the text the rest goes
  // before.
  const std::size_t hit = hits.empty() ? 0 : hits.front().begin;
  std::size_t begin = back_code_points(text, hit, characters / 3);
  const std::size_t end = forward_code_points(text, begin, characters);
  if (end == text.size()) begin = std::min(begin, back_code_points(text, end, characters));
  ByteRange window{grapheme_floor(text, begin), grapheme_ceiling(text, end)};

  Snippet snippet;
  snippet.text = text.substr(window.begin, window.end - window.begin);
  snippet.cut_before = window.begin > 0;
  snippet.cut_after = window.end < text.size();
  for (const ByteRange& one : hits) {
    if (one.end <= window.begin) continue;
    if (one.begin >= window.end || snippet.marks.size() >= kMaxSnippetMarks) break;
    const std::size_t first = std::max(one.begin, window.begin) - window.begin;
    const std::size_t last = std::min(one.end, window.end) - window.begin;
    snippet.marks.emplace_back(utf16_offset(snippet.text, first), utf16_offset(snippet.text, last));
  }
  return snippet;
}

}  // namespace kiki::text
