#pragma once
// What the console needs to show a query while it is typed: colours, mistakes, advice, the tree. All places
// are UTF-16 offsets into the text as it was sent; words are keys of i18n with their values, beside them the
// English ones.

#include <boost/json/fwd.hpp>
#include <string_view>

#include "listening/query/lint.hpp"
#include "listening/query/parse.hpp"

namespace kiki::listening::query {

// {"valid", "normal_form", "terms", "anchored", "tokens": [{"kind", "start", "end"}], "mistakes": [{"code",
// "message", "hint", "values", "start", "end", "instead"}], "advice": [the same without "hint"], "tree":
// {"key", "values", "start", "end", "children"} or null}
boost::json::object to_json(const Advice& advice);
boost::json::object to_json(const Parsed& parsed, std::string_view text, const Seen& seen = {});

}  // namespace kiki::listening::query
