// One WebSocket, one io_context, all on the caller's thread: the coroutine below is the only thing that runs
// in it. A stop request closes the sockets from outside, whatever the coroutine waits for.

#include "net/websocket_client.hpp"

#include <netdb.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <charconv>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>

#include "net/ssrf_guard.hpp"

namespace kiki::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using PlainSocket = websocket::stream<beast::tcp_stream>;
using TlsSocket = websocket::stream<beast::ssl_stream<beast::tcp_stream>>;

Error fail(ErrorKind kind, std::string message) {
  return {kind, std::move(message), {}, {}, 0};
}

std::string cut(std::string text, std::size_t bytes) {
  if (text.size() > bytes) text.resize(bytes);
  return text;
}

// The upgrade was answered by plain HTTP: the status says what to do, the body says why.
Error refusal(int status, const std::string& host, std::string_view retry_after, std::string body) {
  constexpr std::size_t kBodyBytes = 1'000;
  Error error;
  error.message = host + " refused the WebSocket with HTTP " + std::to_string(status);
  if (!body.empty()) error.message += ": " + cut(std::move(body), kBodyBytes);
  switch (status) {
    case 401:
      error.kind = ErrorKind::kUnauthenticated;
      break;
    case 403:
      error.kind = ErrorKind::kForbidden;
      break;
    case 404:
      error.kind = ErrorKind::kNotFound;
      break;
    case 409:
      error.kind = ErrorKind::kConflict;
      break;
    case 410:
      error.kind = ErrorKind::kGone;
      break;
    case 422:
      error.kind = ErrorKind::kUnprocessable;
      break;
    case 429:
      error.kind = ErrorKind::kRateLimited;
      break;
    default:
      error.kind = status >= 400 && status < 500 ? ErrorKind::kInvalid : ErrorKind::kUnavailable;
      break;
  }
  std::int64_t seconds = 0;
  const auto [end, ec] =
      std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds);
  if (ec == std::errc() && end != retry_after.data() && seconds > 0 && seconds < 86'400) {
    error.retry_after_ms = seconds * 1'000;
  }
  return error;
}

// Shared with the thread that resolves the name, which may outlive us: getaddrinfo cannot be stopped.
struct Lookup {
  std::mutex mutex;
  bool wanted = true;  // false: nobody waits any more
  asio::io_context* context = nullptr;
  asio::steady_timer* done = nullptr;
  std::vector<tcp::endpoint> found;
};

std::vector<tcp::endpoint> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  std::vector<tcp::endpoint> out;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list) != 0) return out;
  for (const auto* one = list; one != nullptr; one = one->ai_next) {
    tcp::endpoint endpoint;
    if (one->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), one->ai_addr, one->ai_addrlen);
    endpoint.resize(one->ai_addrlen);
    out.push_back(endpoint);
  }
  freeaddrinfo(list);
  return out;
}

void resolve_aside(const std::shared_ptr<Lookup>& lookup, const std::string& host, std::uint16_t port) {
  std::thread([lookup, host, port] {
    auto found = resolve(host, port);
    const std::scoped_lock lock(lookup->mutex);
    if (!lookup->wanted) return;
    lookup->found = std::move(found);
    asio::post(*lookup->context, [timer = lookup->done] { timer->cancel(); });
  }).detach();
}

IpAddress ip_of(const tcp::endpoint& endpoint) {
  if (endpoint.address().is_v4()) return ip_v4(endpoint.address().to_v4().to_uint());
  IpAddress out;
  out.bytes = endpoint.address().to_v6().to_bytes();
  return out;
}

class Reader {
 public:
  using OnMessage = std::function<Result<void>(std::string_view, bool)>;

  Reader(const WebSocketOptions& options, CheckedUrl url, const OnMessage& f)
      : options_(options),
        url_(std::move(url)),
        f_(f),
        timer_(context_),
        lookup_(std::make_shared<Lookup>()) {
    lookup_->context = &context_;
    lookup_->done = &timer_;
  }
  ~Reader() {
    const std::scoped_lock lock(lookup_->mutex);
    lookup_->wanted = false;
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Result<void> run(const std::stop_token& stop) {
    asio::co_spawn(context_, work(), [this](std::exception_ptr failure) {
      if (failure && !outcome_) outcome_ = internal_error("the WebSocket client failed");
      context_.stop();
    });
    {
      // stop() may be called from any thread; run() then returns with the coroutine where it is, and the
      // destructor of the context takes it apart on this thread.
      const std::stop_callback wake(stop, [this] { context_.stop(); });
      context_.run();
    }
    if (stop.stop_requested()) return fail(ErrorKind::kCancelled, "stopped while listening to " + url_.host);
    CHECK(outcome_.has_value());
    return *outcome_;
  }

 private:
  asio::awaitable<void> work() {
    std::vector<tcp::endpoint> endpoints;
    if (!co_await find(endpoints)) co_return;
    if (!url_.encrypted) {
      PlainSocket socket(context_);
      if (!co_await connect(socket.next_layer(), endpoints)) co_return;
      co_await talk(socket);
      co_return;
    }
    asio::ssl::context tls(asio::ssl::context::tls_client);
    error_code ec;
    SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
    tls.set_default_verify_paths(ec);
    tls.set_verify_mode(asio::ssl::verify_peer, ec);
    TlsSocket socket(context_, tls);
    auto& secured = socket.next_layer();
    const auto ip = parse_ip(url_.host);
    SSL* const handle = secured.native_handle();
    if (!ip) SSL_set_tlsext_host_name(handle, url_.host.c_str());
    auto* const parameters = SSL_get0_param(handle);
    const int named = ip ? X509_VERIFY_PARAM_set1_ip_asc(parameters, url_.host.c_str())
                         : X509_VERIFY_PARAM_set1_host(parameters, url_.host.c_str(), url_.host.size());
    if (named != 1) co_return end(internal_error("cannot verify the certificate of " + url_.host));
    if (!co_await connect(secured.next_layer(), endpoints)) co_return;
    secured.next_layer().expires_after(left());
    co_await secured.async_handshake(asio::ssl::stream_base::client,
                                     asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return end(unavailable("TLS with " + url_.host + " failed: " + ec.message()));
    secured.next_layer().expires_never();
    co_await talk(socket);
  }

  asio::awaitable<bool> find(std::vector<tcp::endpoint>& endpoints) {
    if (const auto ip = parse_ip(url_.host)) {
      endpoints.emplace_back(asio::ip::make_address(to_string(*ip)), url_.port);
    } else {
      timer_.expires_at(deadline_);
      resolve_aside(lookup_, url_.host, url_.port);
      error_code ec;
      co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
      const std::scoped_lock lock(lookup_->mutex);
      endpoints = lookup_->found;
      if (endpoints.empty()) {
        end(unavailable("cannot resolve " + url_.host));
        co_return false;
      }
    }
    // Each address is checked, and exactly the checked ones are connected to.
    std::optional<Error> refused;
    std::erase_if(endpoints, [&](const tcp::endpoint& endpoint) {
      auto allowed = check_address(ip_of(endpoint), url_, options_.policy);
      if (!allowed.ok()) refused = std::move(allowed).error();
      return refused && !allowed.ok();
    });
    if (endpoints.empty()) end(*refused);
    co_return !endpoints.empty();
  }

  asio::awaitable<bool> connect(beast::tcp_stream& stream, const std::vector<tcp::endpoint>& endpoints) {
    error_code ec;
    stream.expires_after(left());
    co_await stream.async_connect(endpoints, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) end(unavailable("cannot connect to " + url_.host + ": " + ec.message()));
    stream.expires_never();
    if (!ec) stream.socket().set_option(tcp::no_delay(true), ec);
    co_return !ec;
  }

  template <class Socket>
  asio::awaitable<void> talk(Socket& socket) {
    websocket::stream_base::timeout timeouts;
    timeouts.handshake_timeout = left();
    timeouts.idle_timeout = std::chrono::milliseconds(options_.idle_timeout_ms);
    timeouts.keep_alive_pings = true;
    socket.set_option(timeouts);
    websocket::permessage_deflate deflate;
    deflate.client_enable = true;
    socket.set_option(deflate);
    socket.read_message_max(options_.message_limit_bytes);
    socket.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      request.set(beast::http::field::user_agent, "Kikimimi/" KIKI_VERSION);
      for (const auto& [name, value] : options_.headers) request.set(name, value);
    }));

    const bool usual = url_.port == (url_.encrypted ? 443 : 80);
    const auto bare = url_.host.find(':') == std::string::npos ? url_.host : "[" + url_.host + "]";
    const auto host = usual ? bare : bare + ":" + std::to_string(url_.port);
    websocket::response_type response;
    error_code ec;
    co_await socket.async_handshake(response, host, url_.target,
                                    asio::redirect_error(asio::use_awaitable, ec));
    if (ec == websocket::error::upgrade_declined) {
      const auto retry = response[beast::http::field::retry_after];
      end(refusal(static_cast<int>(response.result_int()), url_.host,
                  std::string_view(retry.data(), retry.size()), response.body()));
      co_return;
    }
    if (ec)
      co_return end(unavailable("the WebSocket with " + url_.host + " could not begin: " + ec.message()));

    beast::flat_buffer buffer;
    while (true) {
      co_await socket.async_read(buffer, asio::redirect_error(asio::use_awaitable, ec));
      if (ec) co_return end(why_ended(socket.reason(), ec));
      const auto data = buffer.cdata();
      auto handled =
          f_(std::string_view(static_cast<const char*>(data.data()), data.size()), socket.got_binary());
      if (!handled.ok()) {
        end(std::move(handled).error());
        co_return;
      }
      buffer.consume(buffer.size());
    }
  }

  Error why_ended(const websocket::close_reason& reason, error_code ec) const {
    if (ec == websocket::error::message_too_big || ec == websocket::error::buffer_overflow) {
      return fail(ErrorKind::kTooLarge, "a message of " + url_.host + " is larger than its limit");
    }
    if (ec == websocket::error::closed) {
      std::string message = url_.host + " closed the WebSocket (" + std::to_string(reason.code) + ")";
      if (!reason.reason.empty()) message += ": " + std::string(reason.reason.data(), reason.reason.size());
      return unavailable(std::move(message));
    }
    if (ec == beast::error::timeout) return unavailable(url_.host + " has been silent for too long");
    return unavailable("the WebSocket with " + url_.host + " broke: " + ec.message());
  }

  std::chrono::milliseconds left() const {
    const auto span =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
    return std::max(span, std::chrono::milliseconds(1));
  }
  void end(Error error) {
    if (!outcome_) outcome_ = std::move(error);
  }

  const WebSocketOptions& options_;
  const CheckedUrl url_;
  const OnMessage& f_;
  const std::chrono::steady_clock::time_point deadline_ =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.connect_timeout_ms);
  std::optional<Error> outcome_;
  asio::io_context context_{1};
  asio::steady_timer timer_;
  std::shared_ptr<Lookup> lookup_;
};

}  // namespace

Result<void> read_websocket(const WebSocketOptions& options, std::stop_token stop,
                            const std::function<Result<void>(std::string_view message, bool binary)>& f) {
  auto url = TRY(read_url(options.url, options.policy, "ws", "wss"));
  for (const auto& [name, value] : options.headers) {
    if (name.empty() || name.find_first_of(": \t\r\n") != std::string::npos ||
        value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return invalid("the request header \"" + name + "\" is malformed");
    }
  }
  if (stop.stop_requested()) return fail(ErrorKind::kCancelled, "stopped before connecting");
  try {
    return Reader(options, std::move(url), f).run(stop);
  } catch (const std::exception& e) {
    return internal_error(std::string("the WebSocket client failed: ") + e.what());
  }
}

}  // namespace kiki::net
