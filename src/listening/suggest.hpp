#pragma once
// What would make a topic better, seen in the stored posts of the last 30 days and in what the team decided:
// words that the posts it wants also have, other spellings of its own words, words that would cut the noise,
// names it is compared with. Each with how many right and wrong posts it would bring or take.

#include <string>
#include <vector>

#include "listening/listening.hpp"
#include "store/database.hpp"

namespace kiki::listening {

struct Suggestion {
  enum class Kind : std::uint8_t { kAdd, kSpelling, kLeaveOut, kCompetitor };
  Kind kind = Kind::kAdd;
  std::string word;
  std::string term;  // as a query says it
  std::int64_t right =
      0;  // posts the team took on, or that were addressed to it: more of them, or fewer for kLeaveOut
  std::int64_t wrong = 0;  // posts it skipped
  std::int64_t open = 0;   // not decided
  std::string example;     // the newest post's text
};
std::string_view name(Suggestion::Kind kind);  // "add", "spelling", "leave_out", "competitor"

inline constexpr std::size_t kSuggestionsPerKind = 6;
inline constexpr std::int64_t kSuggestBudgetMs = 400;
inline constexpr std::size_t kSuggestPosts = 20'000;  // looked at, from the newest

Result<std::vector<Suggestion>> suggest(store::Connection& db, const Clock& clock, const Topic& topic);

// Could `word` be meant for `known`? Both folded: one letter more, less, other or exchanged, in words of five
// letters or more; or the same but for voicing and long-vowel marks.
bool is_near_spelling(std::string_view word, std::string_view known);

}  // namespace kiki::listening
