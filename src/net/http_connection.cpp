// The coroutines of one connection. The rules that g++ 12 asks for are kept here: no aggregate temporaries as
// coroutine arguments, no TRY, no capturing coroutine lambdas, and the frame stays on its io thread
// (on_workers).

#include "net/http_connection.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

#include "base/log.hpp"
#include "net/event_stream.hpp"
#include "net/http_response.hpp"
#include "net/on_workers.hpp"
#include "net/queued_stream.hpp"

namespace kiki::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t kReadBytes = 4 * 1024;
constexpr std::size_t kBodyReadBytes = 32 * 1024;
constexpr std::size_t kKeptBufferBytes = 16 * 1024;
constexpr std::size_t kDefaultBodyBytes = 1 << 20;
constexpr std::int64_t kLingerMs = 2'000;
constexpr std::size_t kLingerBytes = 16 << 20;

bool is_request_id(std::string_view text) {
  if (text.size() < 8 || text.size() > 64) return false;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && c != '-' && c != '_' && c != '.') return false;
  }
  return true;
}

// The trace id of "00-<32 hex>-<16 hex>-<2 hex>" (W3C trace context), or "".
std::string_view trace_id(std::string_view text) {
  if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return {};
  const auto id = text.substr(3, 32);
  if (id.find_first_not_of("0123456789abcdef") != std::string_view::npos) return {};
  return id.find_first_not_of('0') == std::string_view::npos ? std::string_view() : id;
}

bool is_forwarding(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {"x-forwarded-for",  "x-forwarded-proto",
                                                      "x-forwarded-host", "x-forwarded-port",
                                                      "x-real-ip",        "forwarded"};
  for (const auto known : kNames) {
    bool same = name.size() == known.size();
    for (std::size_t i = 0; same && i < name.size(); ++i) {
      same = (name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] + 32) : name[i]) == known[i];
    }
    if (same) return true;
  }
  return false;
}

}  // namespace

// What the worker and the connection hand to each other.
struct HttpConnection::Exchange {
  HttpRequest request;
  HttpResponse response;
  ~Exchange() {
    if (response.stream) abandon(response.stream);
  }
};

HttpConnection::HttpConnection(std::shared_ptr<ServerCore> core, const std::shared_ptr<IoThread>& io,
                               tcp::socket socket, std::shared_ptr<void> slot)
    : core_(std::move(core)),
      io_(*io),
      home_(io),
      socket_(std::move(socket)),
      slot_(std::move(slot)),
      timer_(io->context) {}

HttpConnection::~HttpConnection() = default;

void HttpConnection::start() {
  io_.open.insert(this);
  if (io_.stopping) socket_.close();
  asio::co_spawn(io_.context, run(), [self = shared_from_this()](std::exception_ptr failure) {
    self->io_.open.erase(self.get());
    self->timer_.cancel();
    boost::system::error_code ignored;
    self->socket_.close(ignored);
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& e) {
      log::error("a connection failed", {{"reason", e.what()}, {"request_id", self->request_id_}});
    }
  });
}

void HttpConnection::on_stop() {
  boost::system::error_code ignored;
  if (idle_) socket_.close(ignored);
}

asio::awaitable<void> HttpConnection::run() {
  boost::system::error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  bool more = true;
  while (more) more = co_await serve_one();
}

asio::awaitable<bool> HttpConnection::serve_one() {
  HttpHead head;
  if (!co_await read_head(head)) {
    if (fault_) co_return co_await refuse();
    co_return false;
  }
  identify(head);
  const bool head_only = head.request.method == "HEAD";
  if (head_only) head.request.method = "GET";

  const auto limit =
      core_->options.body_limit_bytes ? core_->options.body_limit_bytes(head.request) : kDefaultBodyBytes;
  if (!co_await read_body(head, limit)) {
    if (fault_) co_return co_await refuse();
    co_return false;
  }
  clear_deadline();

  ResponseFraming framing;
  framing.http_1_0 = head.http_1_0;
  framing.keep_alive = head.keep_alive;
  framing.request_id = request_id_;

  const auto exchange = std::make_shared<Exchange>();
  exchange->request = std::move(head.request);
  bool ran = false;
  auto home = home_.lock();
  if (home && core_->requests_waiting.load() < core_->options.limits.requests_waiting) {
    core_->requests_waiting.fetch_add(1);
    std::function<void()> work = [core = core_, exchange] {
      core->requests_waiting.fetch_sub(1);
      if (core->stopped.load()) return;
      const auto id = exchange->request.request_id;
      try {
        exchange->response = core->handler(std::move(exchange->request));
      } catch (const std::exception& e) {
        log::error("a handler threw", {{"reason", e.what()}, {"request_id", id}});
        HttpFault fault;
        fault.status = 500;
        fault.detail = "something went wrong on our side";
        exchange->response = problem_response(fault, id);
      }
    };
    // Moved: a frame that held its own io thread would keep itself alive after stop().
    ran = co_await on_workers(std::move(home), core_->workers, std::move(work));
    if (!ran) core_->requests_waiting.fetch_sub(1);
  }
  if (!ran) {
    HttpFault busy;
    busy.status = 503;
    busy.detail = "too many requests are waiting";
    exchange->response = problem_response(busy, request_id_);
  }
  if (core_->stopping.load()) framing.keep_alive = false;

  const auto& response = exchange->response;
  if (response.stream) {
    framing.is_stream = true;
    framing.keep_alive = false;
  }
  if (!co_await send(response, framing, head_only)) co_return false;
  if (response.stream && !head_only) {
    become_stream(std::exchange(exchange->response.stream, nullptr));
    co_return false;
  }
  first_ = false;
  co_return framing.keep_alive;
}

asio::awaitable<bool> HttpConnection::read_head(HttpHead& head) {
  const auto& limits = core_->options.limits;
  request_id_.clear();
  http_1_0_ = false;
  HeadScanner scanner;
  bool begun = false;
  set_deadline(first_ ? limits.head_timeout_ms : limits.idle_timeout_ms);
  while (true) {
    if (!begun && unread().substr(0, 2) == "\r\n")
      consume(2);  // RFC 9112 2.2: an empty line before the request
    if (!begun && !unread().empty() && unread() != "\r") {
      begun = true;
      if (!first_) set_deadline(limits.head_timeout_ms);
    }
    if (begun) {
      const auto length = scanner.scan(unread(), limits.header_bytes);
      if (scanner.fault()) {
        fault_ = scanner.fault();
        co_return false;
      }
      if (length > 0) {
        fault_ = parse_head(unread().substr(0, length), head);
        http_1_0_ = head.http_1_0;
        consume(length);
        idle_ = false;
        co_return !fault_;
      }
    }
    if (core_->stopping.load() && !begun) co_return false;
    idle_ = !begun;
    if (!co_await read_some(kReadBytes)) {
      if (timed_out_ && begun) {
        fault_.emplace();
        fault_->status = 408;
        fault_->detail = "the request head did not arrive in time";
      }
      co_return false;
    }
  }
}

// Who asks, and under which id. Forwarding headers of strangers are removed, so that nobody can believe them
// later.
void HttpConnection::identify(HttpHead& head) {
  auto& request = head.request;
  if (const auto given = request.headers.get("x-request-id"); is_request_id(given)) {
    request_id_ = given;
  } else if (const auto trace = trace_id(request.headers.get("traceparent")); !trace.empty()) {
    request_id_ = trace;
  } else {
    request_id_ = core_->next_request_id();
  }
  request.request_id = request_id_;

  boost::system::error_code ec;
  const auto endpoint = socket_.remote_endpoint(ec);
  if (ec) return;
  IpAddress peer;
  if (endpoint.address().is_v4()) {
    peer = ip_v4(endpoint.address().to_v4().to_uint());
  } else {
    peer.bytes = endpoint.address().to_v6().to_bytes();
  }
  bool trusted = false;
  for (const auto& range : core_->trusted_proxies) trusted = trusted || range.contains(peer);
  if (trusted) {
    std::vector<std::string_view> forwarded;
    for (const auto& [name, value] : request.headers) {
      if (name.size() == 15 && is_forwarding(name) && (name[12] == 'f' || name[12] == 'F'))
        forwarded.push_back(value);
    }
    request.remote_ip = to_string(client_address(peer, forwarded, core_->trusted_proxies));
    return;
  }
  request.remote_ip = to_string(peer);
  Headers kept;
  bool drop = false;
  for (const auto& item : request.headers) drop = drop || is_forwarding(item.first);
  if (!drop) return;
  for (const auto& [name, value] : request.headers) {
    if (!is_forwarding(name)) kept.add(name, value);
  }
  request.headers = std::move(kept);
}

asio::awaitable<bool> HttpConnection::read_body(HttpHead& head, std::size_t limit_bytes) {
  if (!head.has_body()) co_return true;
  if (head.content_length > limit_bytes) {
    fault_.emplace();
    fault_->status = 413;
    fault_->detail = limit_bytes == 0 ? "this address takes no body"
                                      : "the body is larger than the " + std::to_string(limit_bytes) +
                                            " bytes that this address takes";
    co_return false;
  }
  set_deadline(core_->options.limits.body_timeout_ms);
  if (head.expect_continue && unread().empty()) {
    if (!co_await write("HTTP/1.1 100 Continue\r\n\r\n", {})) co_return false;
  }
  auto& body = head.request.body;
  ChunkDecoder chunks(limit_bytes);
  while (true) {
    if (head.chunked) {
      consume(chunks.feed(unread(), body));
      if (chunks.fault()) {
        fault_ = chunks.fault();
        co_return false;
      }
      if (chunks.done()) co_return true;
    } else {
      const auto piece = unread().substr(0, head.content_length - body.size());
      body.append(piece);
      consume(piece.size());
      if (body.size() == head.content_length) co_return true;
    }
    if (!co_await read_some(kBodyReadBytes)) {
      if (timed_out_) {
        fault_.emplace();
        fault_->status = 408;
        fault_->detail = "the request body did not arrive in time";
      }
      co_return false;
    }
  }
}

asio::awaitable<bool> HttpConnection::refuse() {
  if (request_id_.empty()) request_id_ = core_->next_request_id();
  ResponseFraming framing;
  framing.keep_alive = false;
  framing.request_id = request_id_;
  const auto response = problem_response(*fault_, request_id_);
  if (!co_await send(response, framing, false)) co_return false;
  // A close with unread bytes would reset the connection and could take the answer with it: read on for a
  // moment.
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  idle_ = true;
  set_deadline(kLingerMs);
  for (std::size_t dropped = 0; dropped < kLingerBytes && !core_->stopping.load();) {
    dropped += unread().size();
    consume(unread().size());
    if (!co_await read_some(kReadBytes)) break;
  }
  co_return false;
}

asio::awaitable<bool> HttpConnection::send(const HttpResponse& response, ResponseFraming framing,
                                           bool head_only) {
  const std::string_view body =
      response.shared_body ? std::string_view(*response.shared_body) : std::string_view(response.body);
  framing.body_bytes = body.size();
  const auto head = response_head(response, framing);
  const bool with_body = !head_only && !framing.is_stream && may_have_body(response.status);
  set_deadline(core_->options.limits.write_timeout_ms);
  co_return co_await write(head, with_body ? body : std::string_view());
}

void HttpConnection::become_stream(std::shared_ptr<EventStream> stream) {
  auto queued = std::dynamic_pointer_cast<QueuedStream>(stream);
  CHECK(queued != nullptr);
  io_.open.erase(this);
  timer_.cancel();
  std::make_shared<StreamConnection>(io_, std::move(socket_), std::move(queued), std::move(slot_),
                                     core_->options.limits.write_timeout_ms)
      ->start();
}

asio::awaitable<bool> HttpConnection::read_some(std::size_t most_bytes) {
  if (timed_out_ || !socket_.is_open()) co_return false;
  if (in_begin_ > 0) {
    in_.erase(0, in_begin_);
    in_begin_ = 0;
  }
  const auto old = in_.size();
  in_.resize(old + most_bytes);
  boost::system::error_code ec;
  const auto n = co_await socket_.async_read_some(asio::buffer(in_.data() + old, in_.size() - old),
                                                  asio::redirect_error(asio::use_awaitable, ec));
  in_.resize(old + n);
  co_return !ec;
}

// Any progress moves the deadline: a slow reader gets its answer, a stuck one does not hold us.
asio::awaitable<bool> HttpConnection::write(std::string_view first, std::string_view second) {
  while (!first.empty() || !second.empty()) {
    if (timed_out_ || !socket_.is_open()) co_return false;
    const std::array<asio::const_buffer, 2> parts = {asio::buffer(first.data(), first.size()),
                                                     asio::buffer(second.data(), second.size())};
    boost::system::error_code ec;
    auto n = co_await socket_.async_write_some(parts, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return false;
    const auto of_first = std::min(n, first.size());
    first.remove_prefix(of_first);
    second.remove_prefix(n - of_first);
    if (!first.empty() || !second.empty()) set_deadline(core_->options.limits.write_timeout_ms);
  }
  co_return true;
}

void HttpConnection::consume(std::size_t bytes) {
  in_begin_ += bytes;
  if (in_begin_ < in_.size()) return;
  in_begin_ = 0;
  in_.clear();
  if (in_.capacity() > kKeptBufferBytes) in_ = {};
}

void HttpConnection::set_deadline(std::int64_t from_now_ms) {
  timed_out_ = false;
  deadline_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(from_now_ms);
  // A timer that rings too early looks again; only an earlier deadline needs a new one.
  if (deadline_ < armed_until_) arm_timer();
}

void HttpConnection::arm_timer() {
  armed_until_ = deadline_;
  timer_.expires_at(deadline_);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
    if (ec) return;
    self->armed_until_ = Time::max();
    if (self->deadline_ == Time::max()) return;
    if (std::chrono::steady_clock::now() < self->deadline_) return self->arm_timer();
    self->timed_out_ = true;
    boost::system::error_code ignored;
    self->socket_.cancel(ignored);
  });
}

}  // namespace kiki::net
