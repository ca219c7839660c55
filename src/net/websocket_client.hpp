#pragma once
// A WebSocket that is read by a blocking loop on the caller's thread (Boost.Beast inside; ws:// and wss://).

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "net/http_client.hpp"

namespace kiki::net {

struct WebSocketOptions {
  std::string url;
  Headers headers;
  SsrfPolicy policy;
  std::int64_t connect_timeout_ms = 15'000;
  std::int64_t idle_timeout_ms = 60'000;  // nothing at all (pings included) for so long: kUnavailable
  std::size_t message_limit_bytes = 8 << 20;
};

// Connects and calls f for every message until f returns an error (returned), stop is requested (kCancelled),
// or the connection ends (kUnavailable; an HTTP refusal of the upgrade is its kind by status, with the body
// in the message).
Result<void> read_websocket(const WebSocketOptions& options, std::stop_token stop,
                            const std::function<Result<void>(std::string_view message, bool binary)>& f);

}  // namespace kiki::net
