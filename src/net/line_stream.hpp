#pragma once
// An HTTP answer that never ends, read line by line (newline-delimited JSON). Blocks; the stream's silence is
// limited, because a dead peer looks like a quiet one.

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "net/http.hpp"
#include "net/http_client.hpp"

namespace kiki::net {

struct LineStreamOptions {
  std::string url;
  Headers headers;
  SsrfPolicy policy;
  std::int64_t connect_timeout_ms = 10'000;
  std::int64_t silence_limit_ms = 25'000;  // without a byte: the stream is dead
  std::size_t line_limit_bytes = 1 << 20;
  std::string user_agent = "Kikimimi/" KIKI_VERSION;
};

// How it ended.
struct LineStreamEnd {
  enum class Why : std::uint8_t { kRefused, kClosed, kSilent, kBroken };
  Why why = Why::kClosed;
  int status = 0;  // 0: never connected
  Headers headers;
  std::string body;     // of an answer that is not 2xx, at most 64 KB
  std::string message;  // English
};

// `on_line` gets every line without its end, empty ones (keep-alives) too; an error of it ends the stream and
// is returned. kCancelled when stop was requested, kInvalid or kForbidden for a URL that may not be called.
Result<LineStreamEnd> read_lines(const LineStreamOptions& options, std::stop_token stop,
                                 const std::function<Result<void>(std::string_view)>& on_line);

}  // namespace kiki::net
