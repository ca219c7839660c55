#pragma once
// Between a topic and the language: plain words to a query, a query with what the topic mutes, and what one
// post of the topic belongs to.

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "listening/listening.hpp"
#include "listening/query/parse.hpp"

namespace kiki::listening {

// Any of the words, none of the excluded: what a list of keywords means as a query, in its normal form. Empty
// without words.
std::string query_of_words(const std::vector<std::string>& words, const std::vector<std::string>& excluded);

// A query as it is heard: with what the topic mutes. kInvalid, `where` "/query", when the text is no query.
Result<query::Query> heard_query(const Topic& topic);

// A parsed query, or kInvalid with the first mistake's words, code "query" and the pointer.
Result<query::Query> parse_query(std::string_view text, const std::string& pointer);

// Calls for a prize, "follow and repost": what Mutes::giveaways silences, as a query.
const query::Query& giveaway_query();
bool looks_like_bot(std::string_view handle, std::string_view name, std::string_view bio);

}  // namespace kiki::listening
