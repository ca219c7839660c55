#pragma once
// An excerpt of a text around the first thing that was searched for, with the places to highlight. The
// excerpt is the text as it was written, cut between graphemes; nothing is added, so that the caller decides
// how a cut looks.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/bigram.hpp"

namespace kiki::text {

struct Snippet {
  std::string text;  // always valid UTF-8
  // Begin and end (one past) in UTF-16 code units of `text`, ascending, apart from one another: what the
  // console slices by.
  std::vector<std::pair<std::size_t, std::size_t>> marks;
  bool cut_before = false;  // there was more in front
  bool cut_after = false;   // there was more behind
};

inline constexpr std::size_t kSnippetCharacters = 120;
inline constexpr std::size_t kMaxSnippetMarks = 100;

// About `characters` code points around the first hit, or from the start when nothing is hit.
Snippet make_snippet(std::string_view text, const std::vector<Phrase>& query,
                     std::size_t characters = kSnippetCharacters);
inline Snippet make_snippet(std::string_view text, std::string_view query,
                            std::size_t characters = kSnippetCharacters) {
  return make_snippet(text, query_tokens(query), characters);
}

}  // namespace kiki::text
