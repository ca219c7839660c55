#pragma once
// What of a query the search index can look up, so that a preview need not read every post.

#include <optional>

#include "listening/query/query.hpp"
#include "search/search_index.hpp"

namespace kiki::listening {

// A condition that the posts it matches meet; nothing when some could meet none (only NOT, fields, wildcards
// …). The index folds less than a query does, so a term is looked up as it is written and in the other kana;
// a post that writes it with other long-vowel marks, or mixed kana, is missed.
std::optional<search::Condition> index_condition(const query::Query& query);

}  // namespace kiki::listening
