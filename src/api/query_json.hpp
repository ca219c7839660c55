#pragma once
// A query that is none, as the API tells it.

#include <optional>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace kiki::api {

// 400 problem+json with code "query" and all mistakes with their places; nothing when the text is a query.
std::optional<net::HttpResponse> query_problem(std::string_view text, const std::string& pointer);

}  // namespace kiki::api
