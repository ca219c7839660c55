// Listening, accepting, stopping. Connections are dealt to the io threads in turn.

#include "net/http_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>

#include "base/log.hpp"
#include "base/random.hpp"
#include "net/http_connection.hpp"
#include "net/http_response.hpp"
#include "net/io_thread.hpp"
#include "net/server_core.hpp"

namespace kiki::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr int kBacklog = 4096;

Result<tcp::endpoint> parse_listen(const std::string& text) {
  const auto colon = text.rfind(':');
  const auto wrong = [&] {
    return invalid("\"" + text +
                   "\" is no address to listen on; write ADDRESS:PORT, for example 127.0.0.1:8080");
  };
  if (colon == std::string::npos) return wrong();
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    return wrong();
  }
  if (host == "localhost") host = "127.0.0.1";
  boost::system::error_code ec;
  const auto address = asio::ip::make_address(host, ec);
  unsigned port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, number] = std::from_chars(text.data() + colon + 1, end, port);
  if (ec || number != std::errc() || stop != end || port > 65'535) return wrong();
  return tcp::endpoint(address, static_cast<unsigned short>(port));
}

class HttpServerImpl final : public HttpServer {
 public:
  explicit HttpServerImpl(std::shared_ptr<ServerCore> core) : core_(std::move(core)) {}
  ~HttpServerImpl() override { stop(5'000); }

  Result<void> start(const tcp::endpoint& endpoint) {
    for (std::size_t i = 0; i < std::max<std::size_t>(1, core_->options.io_threads); ++i) {
      threads_.push_back(std::make_shared<IoThread>());
    }
    acceptor_ = std::make_shared<tcp::acceptor>(threads_[0]->context);
    boost::system::error_code ec;
    acceptor_->open(endpoint.protocol(), ec);
    if (!ec) acceptor_->set_option(asio::socket_base::reuse_address(true), ec);
    if (!ec) acceptor_->bind(endpoint, ec);
    if (!ec) acceptor_->listen(kBacklog, ec);
    if (ec) {
      Error error = unavailable("cannot listen on " + core_->options.listen + ": " + ec.message());
      if (ec == asio::error::address_in_use) error.code = "address_in_use";
      return error;
    }
    endpoint_ = acceptor_->local_endpoint();
    std::vector<std::weak_ptr<IoThread>> targets(threads_.begin(), threads_.end());
    asio::co_spawn(threads_[0]->context, accept(core_, std::move(targets), acceptor_),
                   [](std::exception_ptr) {});
    for (const auto& io : threads_) {
      io->thread = std::thread([context = &io->context] { context->run(); });
    }
    return {};
  }

  std::string address() const override {
    const auto host = endpoint_.address().to_string();
    return (endpoint_.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(port());
  }
  int port() const override { return endpoint_.port(); }
  std::size_t connections() const override {
    const std::scoped_lock lock(core_->mutex);
    return core_->connections;
  }

  void stop(std::int64_t grace_ms) override {
    const std::scoped_lock only_one(stop_mutex_);
    if (threads_.empty()) return;
    core_->stopping = true;
    asio::post(threads_[0]->context, [acceptor = acceptor_] {
      boost::system::error_code ignored;
      acceptor->close(ignored);
    });
    for (const auto& io : threads_) {
      asio::post(io->context, [io = io.get()] { end_all(*io); });
    }
    {
      std::unique_lock lock(core_->mutex);
      core_->changed.wait_for(lock, std::chrono::milliseconds(grace_ms),
                              [&] { return core_->connections == 0; });
    }
    core_->stopped = true;
    for (const auto& io : threads_) io->context.stop();
    for (const auto& io : threads_) {
      if (io->thread.joinable()) io->thread.join();
    }
    // Only this thread is left. What the grace was too short for ends here, while its io context still lives.
    for (const auto& io : threads_) {
      end_all(*io);
      io->ready.clear();
    }
    acceptor_.reset();
    threads_.clear();
  }

 private:
  // Weak, because what waits inside an io context must not keep that context.
  using Targets = std::vector<std::weak_ptr<IoThread>>;

  static asio::awaitable<void> accept(std::shared_ptr<ServerCore> core, Targets targets,
                                      std::shared_ptr<tcp::acceptor> acceptor);
  static void turn_away(tcp::socket socket);
  static void end_all(IoThread& io);

  std::shared_ptr<ServerCore> core_;
  std::vector<std::shared_ptr<IoThread>> threads_;
  std::shared_ptr<tcp::acceptor> acceptor_;
  tcp::endpoint endpoint_;
  std::mutex stop_mutex_;
};

asio::awaitable<void> HttpServerImpl::accept(std::shared_ptr<ServerCore> core, Targets targets,
                                             std::shared_ptr<tcp::acceptor> acceptor) {
  std::size_t turn = 0;
  while (!core->stopping.load()) {
    const auto& target = targets[turn++ % targets.size()];
    auto* const io = target.lock().get();  // lives as long as the thread that runs this
    tcp::socket socket(io->context);
    boost::system::error_code ec;
    co_await acceptor->async_accept(socket, asio::redirect_error(asio::use_awaitable, ec));
    if (core->stopping.load() || !acceptor->is_open()) co_return;
    if (ec) {
      if (ec == asio::error::connection_aborted) continue;
      log::error("cannot accept a connection",
                 {{"reason", ec.message()}});  // no descriptors left, most likely
      asio::steady_timer pause(acceptor->get_executor());
      pause.expires_after(std::chrono::milliseconds(200));
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
      continue;
    }
    auto slot = core->take_slot();
    if (!slot) {
      turn_away(std::move(socket));
      continue;
    }
    asio::post(io->context, [core, target, slot = std::move(slot), socket = std::move(socket)]() mutable {
      const auto home = target.lock();
      if (!home) return;
      std::make_shared<HttpConnection>(std::move(core), home, std::move(socket), std::move(slot))->start();
    });
  }
}

void HttpServerImpl::end_all(IoThread& io) {
  io.stopping = true;
  const std::vector<Stoppable*> open(io.open.begin(), io.open.end());
  for (auto* one : open) {
    if (io.open.contains(one)) one->on_stop();
  }
}

// Full: one short answer if it fits into the socket's buffer, without a coroutine and without waiting.
void HttpServerImpl::turn_away(tcp::socket socket) {
  HttpFault fault;
  fault.status = 503;
  fault.detail = "too many connections";
  const auto response = problem_response(fault, {});
  ResponseFraming framing;
  framing.keep_alive = false;
  framing.body_bytes = response.body.size();
  const auto bytes = response_head(response, framing) + response.body;
  std::array<char, 4096> request;
  (void)::recv(socket.native_handle(), request.data(), request.size(), MSG_DONTWAIT);
  (void)::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  boost::system::error_code ignored;
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace

std::string ServerCore::next_request_id() {
  // splitmix64: ids that do not show how many requests there were, and do not meet those of another start.
  auto x = request_seed + (request_counter.fetch_add(1) + 1) * 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  x ^= x >> 31U;
  std::string out(16, '0');
  for (int i = 15; i >= 0; --i, x >>= 4U) out[i] = "0123456789abcdef"[x & 15U];
  return out;
}

std::shared_ptr<void> ServerCore::take_slot() {
  {
    const std::scoped_lock lock(mutex);
    if (connections >= options.limits.connections) return nullptr;
    ++connections;
  }
  return std::shared_ptr<void>(this, [core = shared_from_this()](void*) {
    const std::scoped_lock lock(core->mutex);
    --core->connections;
    core->changed.notify_all();
  });
}

Result<std::unique_ptr<HttpServer>> start_http_server(ServerOptions options, WorkerPool& workers,
                                                      Handler handler) {
  const auto endpoint = TRY(parse_listen(options.listen));
  std::vector<IpRange> trusted;
  for (const auto& text : options.trusted_proxies) {
    const auto range = parse_ip_range(text);
    if (!range) return invalid("\"" + text + "\" is no address or range of a trusted proxy");
    trusted.push_back(*range);
  }
  auto core = std::make_shared<ServerCore>(std::move(options), workers, std::move(handler));
  core->trusted_proxies = std::move(trusted);
  core->request_seed = SystemRandom().next();
  auto server = std::make_unique<HttpServerImpl>(std::move(core));
  TRY(server->start(endpoint));
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace kiki::net
