#pragma once
// Answers as bytes, and the problem+json (RFC 9457) of the server's own refusals.

#include <string>
#include <string_view>

#include "net/http.hpp"
#include "net/http_head.hpp"

namespace kiki::net {

std::string_view reason_phrase(int status);

HttpResponse problem_response(const HttpFault& fault, std::string_view request_id);

struct ResponseFraming {
  bool http_1_0 = false;
  bool keep_alive = true;
  bool is_stream = false;  // ends with the connection: no Content-Length
  std::size_t body_bytes = 0;
  std::string_view request_id;
};
// The head with its empty line. The framing headers (Content-Length, Transfer-Encoding, Connection, Date,
// X-Request-Id) are the server's: a handler's own are dropped, as are headers that would break the head
// apart.
std::string response_head(const HttpResponse& response, const ResponseFraming& framing);

// Do answers of this status have a body at all?
bool may_have_body(int status);

}  // namespace kiki::net
