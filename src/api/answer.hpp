#pragma once
// Answers: JSON bodies, pages, problems. Every answer of the API is made here.

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "net/http.hpp"

namespace kiki::api {

net::HttpResponse ok(const json::value& body);              // 200
net::HttpResponse created(const json::value& body);         // 201
net::HttpResponse accepted(const json::value& body);        // 202
net::HttpResponse no_content();                             // 204
net::HttpResponse json_text(int status, std::string text);  // JSON that is text already
// {"items": […], "next_cursor": "…" or null}
net::HttpResponse page(json::array items, std::optional<std::string> next_cursor);
// {"items": […]}, for lists that are always whole
net::HttpResponse items(json::array items);

// RFC 9457 problem+json, with Retry-After and WWW-Authenticate where they belong. What is our own fault (500)
// says only that and the request id; the log has the rest.
net::HttpResponse problem(const Error& error, std::string_view request_id);
// The same as a JSON object, for errors of single items inside an answer.
json::object problem_object(const Error& error, std::string_view request_id = {});

// Cursors are opaque to clients: base64url of small JSON. They are neither signed nor trusted: the decoded
// values only choose where a list goes on, always inside the asker's own workspace.
std::string encode_cursor(const json::value& position);
Result<JsonDocument> decode_cursor(std::string_view cursor);  // kInvalid, where "cursor"

// Shapes of types.ts.
json::value id_json(Id id);                               // "123", or null for 0
json::value time_json(TimeMs time);                       // RFC 3339
json::value maybe_time_json(std::optional<TimeMs> time);  // or null
json::value parsed_json(std::string_view stored);         // a JSON column; null when it cannot be read

}  // namespace kiki::api
