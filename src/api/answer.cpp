// Answers are built from Boost.JSON values and serialised once.

#include "api/answer.hpp"

#include <boost/json.hpp>

#include "base/log.hpp"
#include "net/hmac.hpp"

namespace kiki::api {

namespace {

constexpr JsonLimits kCursorLimits{.bytes = 1'024, .depth = 4};

// A short sentence for each status; detail says what happened this time.
std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "The request is not valid";
    case 401:
      return "Not signed in";
    case 403:
      return "Not allowed";
    case 404:
      return "Not found";
    case 405:
      return "Method not allowed";
    case 409:
      return "The state has changed";
    case 410:
      return "No longer here";
    case 413:
      return "Too large";
    case 415:
      return "Unsupported media type";
    case 422:
      return "Not possible";
    case 429:
      return "Too many requests";
    case 503:
      return "Not available now";
    case 504:
      return "The outcome is unclear";
    default:
      return "Something went wrong inside";
  }
}

}  // namespace

net::HttpResponse json_text(int status, std::string text) {
  net::HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", "application/json; charset=utf-8");
  response.body = std::move(text);
  return response;
}

net::HttpResponse ok(const json::value& body) {
  return json_text(200, json::serialize(body));
}
net::HttpResponse created(const json::value& body) {
  return json_text(201, json::serialize(body));
}
net::HttpResponse accepted(const json::value& body) {
  return json_text(202, json::serialize(body));
}

net::HttpResponse no_content() {
  net::HttpResponse response;
  response.status = 204;
  return response;
}

net::HttpResponse page(json::array items, std::optional<std::string> next_cursor) {
  json::object body;
  body["items"] = std::move(items);
  if (next_cursor) {
    body["next_cursor"] = *next_cursor;
  } else {
    body["next_cursor"] = nullptr;
  }
  return ok(body);
}

net::HttpResponse items(json::array items) {
  json::object body;
  body["items"] = std::move(items);
  return ok(body);
}

json::object problem_object(const Error& error, std::string_view request_id) {
  const bool is_ours = error.kind == ErrorKind::kInternal || error.kind == ErrorKind::kCorrupt;
  const int status = http_status(error.kind);
  json::object body;
  body["type"] = "urn:kikimimi:problem:" + std::string(name(error.kind));
  body["title"] = title_of(status);
  body["status"] = status;
  body["detail"] = is_ours ? "The log of the server has the details under this request id." : error.message;
  if (!error.code.empty()) body["code"] = error.code;
  if (!error.where.empty() && !is_ours) body["where"] = error.where;
  if (!request_id.empty()) body["request_id"] = request_id;
  if (error.retry_after_ms > 0) body["retry_after_ms"] = error.retry_after_ms;
  return body;
}

net::HttpResponse problem(const Error& error, std::string_view request_id) {
  net::HttpResponse response;
  response.status = http_status(error.kind);
  response.headers.set("Content-Type", "application/problem+json; charset=utf-8");
  response.body = json::serialize(problem_object(error, request_id));
  if (error.retry_after_ms > 0) {
    response.headers.set("Retry-After", std::to_string((error.retry_after_ms + 999) / 1'000));
  }
  if (response.status == 401) response.headers.set("WWW-Authenticate", "Bearer realm=\"kikimimi\"");
  if (response.status == 500) log::error("request failed", error, {{"request_id", request_id}});
  return response;
}

std::string encode_cursor(const json::value& position) {
  return net::base64url(json::serialize(position));
}

Result<JsonDocument> decode_cursor(std::string_view cursor) {
  auto bytes = net::from_base64(cursor);
  if (bytes.ok()) {
    auto document = JsonDocument::parse(*bytes, kCursorLimits);
    if (document.ok()) return document;
  }
  return invalid("This cursor did not come from an earlier page.", "cursor");
}

json::value id_json(Id id) {
  return id == 0 ? json::value(nullptr) : json::value(to_string(id));
}
json::value time_json(TimeMs time) {
  return json::value(to_rfc3339(time));
}
json::value maybe_time_json(std::optional<TimeMs> time) {
  return time ? time_json(*time) : json::value(nullptr);
}

json::value parsed_json(std::string_view stored) {
  boost::system::error_code failure;
  auto value = json::parse(stored, failure);
  return failure ? json::value(nullptr) : value;
}

}  // namespace kiki::api
