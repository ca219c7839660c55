#pragma once
// Outgoing HTTP over libcurl with pooled handles; blocking. Every call has a deadline and a body limit;
// redirects are not followed unless asked; TLS is verified. Addresses are checked by the SSRF guard after
// name resolution.

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "net/http.hpp"

namespace kiki::net {

struct HttpCall {
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::string body;
  std::int64_t timeout_ms = 15'000;
  std::size_t answer_limit_bytes = 8 << 20;
};

struct HttpAnswer {
  int status = 0;
  Headers headers;
  std::string body;
};

// Which addresses may be reached. Private, loopback, link-local, multicast, and metadata addresses are
// refused unless the host or the address stands in the allow-list.
struct SsrfPolicy {
  bool allow_private = false;      // tests and closed networks
  std::vector<std::string> allow;  // "host", "host:port", "10.0.0.0/8", "[fd00::]/8"
  bool allow_plain_http = false;   // for hosts not in the allow-list
};
// Checks scheme, host, port and (for literal addresses) the address. kInvalid or kForbidden with a clear
// message.
Result<void> check_url(std::string_view url, const SsrfPolicy& policy);
// May this numeric address (IPv4 or IPv6, with mapped and 6to4 forms unwrapped) be connected to?
bool is_public_address(std::string_view address);

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Errors are about the transport only; every HTTP status is an answer. kUnavailable: certainly not
  // processed (could not connect, resolve, or TLS failed). kUnclear: sent, but no complete answer.
  // kForbidden: the guard refused. kCancelled: stop was requested. kTooLarge: the answer is over its limit.
  virtual Result<HttpAnswer> call(const HttpCall& call, std::stop_token stop = {}) = 0;
};
std::unique_ptr<HttpClient> make_http_client(SsrfPolicy policy,
                                             std::string user_agent = "Kikimimi/" KIKI_VERSION);

}  // namespace kiki::net
