#pragma once
// Does the team want this post? Learnt from its decisions: which words stood in the found cases it took on,
// and which in those it skipped (naive Bayes over words; docs/decisions/relevance.md has what it reaches). It
// only orders and folds away, never deletes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kiki::listening {

struct Lesson {
  std::int64_t wanted = 0;
  std::int64_t skipped = 0;
};
// Words seen in decided cases; '' holds the cases themselves.
using Lessons = std::unordered_map<std::string, Lesson>;

// With fewer decisions of either kind nothing is said.
inline constexpr std::int64_t kLeastDecisions = 8;
// Below this score a found case is folded away.
inline constexpr int kFoldBelowScore = 5;

// What a post is judged by: its words, whether it has a link or asks, and who wrote.
std::vector<std::string> features_of(std::string_view text, std::string_view author);

bool knows_enough(const Lesson& cases);
// 0 … 100; nothing when there is too little to learn from.
std::optional<int> relevance(const Lessons& lessons, const std::vector<std::string>& features);

}  // namespace kiki::listening
