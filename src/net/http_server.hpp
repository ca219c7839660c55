#pragma once
// HTTP/1.1 server on Boost.Beast: coroutines at the edge, handlers are plain blocking functions on a worker
// pool.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/worker_pool.hpp"
#include "net/http.hpp"

namespace kiki::net {

struct ServerLimits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t connections = 10'000;
  std::size_t requests_waiting = 1'000;  // beyond: 503 with Retry-After
  std::int64_t head_timeout_ms = 15'000;
  std::int64_t body_timeout_ms = 60'000;
  std::int64_t idle_timeout_ms = 75'000;
  std::int64_t write_timeout_ms = 30'000;
};

struct ServerOptions {
  std::string listen = "127.0.0.1:8080";  // ADDRESS:PORT, "[::1]:8080"; port 0 = any free one
  std::size_t io_threads = 1;
  ServerLimits limits;
  // Bytes of body allowed for this head (method and path only are set); asked before any of the body is read.
  // 0 = the request may have no body. Over it: 413 problem+json without reading on.
  std::function<std::size_t(const HttpRequest& head)> body_limit_bytes;
  std::vector<std::string> trusted_proxies;  // addresses whose X-Forwarded-For / -Proto are believed
};

// A handler never throws. Malformed HTTP is answered by the server itself (400, 408, 413, 414/431, 501, 505),
// as problem+json.
using Handler = std::function<HttpResponse(HttpRequest&&)>;

class HttpServer {
 public:
  virtual ~HttpServer() = default;
  virtual std::string address() const = 0;  // the real "127.0.0.1:41233"
  virtual int port() const = 0;
  virtual std::size_t connections() const = 0;
  // Stops accepting, lets running requests finish (at most grace_ms), closes streams. Idempotent.
  virtual void stop(std::int64_t grace_ms = 5'000) = 0;
};

Result<std::unique_ptr<HttpServer>> start_http_server(ServerOptions options, WorkerPool& workers,
                                                      Handler handler);

}  // namespace kiki::net
