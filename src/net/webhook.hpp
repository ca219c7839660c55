#pragma once
// One signed webhook (Standard Webhooks), sent once: what the answer means is the same for everybody who
// sends them.

#include <cstdint>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/http_client.hpp"

namespace kiki::net {

struct WebhookTry {  // for the delivery log
  std::string url;
  std::int64_t duration_ms = 0;
  int status = 0;  // HTTP status; 0 = no answer
  std::string excerpt;
};

struct Webhook {
  std::string url;
  std::string secret;  // "whsec_…"
  std::string id;      // the same for every try: the receiver drops repeats by it
  std::string body;    // JSON
};

// The answer of a 2xx. kRateLimited and kUnavailable: try again; kUnprocessable (webhook_refused): do not. A
// try that may have arrived is kUnavailable as well, because repeating it is safe.
Result<HttpAnswer> send_webhook(HttpClient& http, const Clock& clock, const Webhook& webhook,
                                WebhookTry& tried, std::stop_token stop);
std::string new_webhook_secret(std::string_view random_bytes);  // "whsec_" and the bytes in base64

}  // namespace kiki::net
