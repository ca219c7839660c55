#pragma once
// Answers of ours that settled something alike: found by the words of the post, and offered as a start. Only
// public answers that reached the network and after which nothing more was asked; the other customer's names
// are taken out, and an answer with anybody's data in it is not offered.

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "reply/case_values.hpp"
#include "store/database.hpp"

namespace kiki::reply {

inline constexpr std::size_t kPostsCompared = 200;  // the newest that share a word
inline constexpr int kAlikePercent = 25;            // less alike is something else

struct EarlierAnswer {
  std::string text;
  int percent = 0;
  Id case_id = 0;
  std::int64_t case_number = 0;
  TimeMs at = 0;
};
// The most alike first.
Result<std::vector<EarlierAnswer>> find_earlier_answers(store::Connection& db, const ValuesOf& of,
                                                        const CaseValues& values, std::size_t limit);

}  // namespace kiki::reply
