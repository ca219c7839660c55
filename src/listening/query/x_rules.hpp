#pragma once
// A query as rules of X's filtered stream. X knows less than we do, so a rule asks for more than the query,
// never for less where that can be said, and what came is asked by the query again. What X cannot bring at
// all is told.
//
// X: a rule has at most 1,024 characters (self-serve); AND is a space and binds before OR; a group cannot be
// negated, and a rule needs at least one word, tag, name or link that is not negated.

#include <string>
#include <vector>

#include "listening/query/query.hpp"

namespace kiki::listening::query {

inline constexpr std::size_t kXRuleLimitCharacters = 1'024;
inline constexpr std::size_t kXSearchLimitCharacters = 512;

struct Unsaid {
  std::string code;   // i18n: query.export.<code>
  SourceRange bytes;  // of the query
  bool lost = false;  // posts of this part do not come from X; otherwise too many come, and we choose
};

struct XRules {
  std::vector<std::string> rules;  // together they ask for all that can be had
  std::vector<Unsaid> unsaid;
};

XRules to_x_rules(const Query& query, std::size_t limit_characters = kXRuleLimitCharacters);

}  // namespace kiki::listening::query
