#include "api/query_json.hpp"

#include <boost/json.hpp>

#include "api/answer.hpp"
#include "listening/query/parse.hpp"
#include "listening/query/query_json.hpp"

namespace kiki::api {

std::optional<net::HttpResponse> query_problem(std::string_view text, const std::string& pointer) {
  namespace query = listening::query;
  const auto parsed = query::parse(text);
  if (parsed.query) return std::nullopt;
  const auto message =
      parsed.mistakes.empty() ? std::string("is no query") : query::message_of(parsed.mistakes.front());
  auto body = problem_object(Error{ErrorKind::kInvalid, message, pointer, "query", 0});
  body["mistakes"] = query::to_json(parsed, text).at("mistakes");
  auto response = json_text(400, json::serialize(body));
  response.headers.set("Content-Type", "application/problem+json; charset=utf-8");
  return response;
}

}  // namespace kiki::api
