#pragma once
// One connection: requests one after the other, as coroutines on its io thread.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "net/http_head.hpp"
#include "net/http_response.hpp"
#include "net/io_thread.hpp"
#include "net/server_core.hpp"

namespace kiki::net {

class HttpConnection final : public Stoppable, public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(std::shared_ptr<ServerCore> core, const std::shared_ptr<IoThread>& io,
                 boost::asio::ip::tcp::socket socket, std::shared_ptr<void> slot);
  ~HttpConnection() override;

  // On the io thread. The connection keeps itself alive until it ends.
  void start();
  void on_stop() override;

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Exchange;

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<bool> serve_one();  // false: the connection is over
  boost::asio::awaitable<bool> read_head(HttpHead& head);
  boost::asio::awaitable<bool> read_body(HttpHead& head, std::size_t limit_bytes);
  boost::asio::awaitable<bool> refuse();  // sends fault_, lets the client read it; always false
  boost::asio::awaitable<bool> send(const HttpResponse& response, ResponseFraming framing, bool head_only);
  boost::asio::awaitable<bool> read_some(std::size_t most_bytes);
  boost::asio::awaitable<bool> write(std::string_view first, std::string_view second);

  void identify(HttpHead& head);
  void become_stream(std::shared_ptr<EventStream> stream);
  std::string_view unread() const { return std::string_view(in_).substr(in_begin_); }
  void consume(std::size_t bytes);

  void set_deadline(std::int64_t from_now_ms);
  void clear_deadline() { deadline_ = Time::max(); }
  void arm_timer();

  std::shared_ptr<ServerCore> core_;
  IoThread& io_;
  std::weak_ptr<IoThread> home_;
  boost::asio::ip::tcp::socket socket_;
  std::shared_ptr<void> slot_;
  std::string in_;
  std::size_t in_begin_ = 0;
  std::optional<HttpFault> fault_;
  std::string request_id_;
  bool http_1_0_ = false;
  bool idle_ = true;   // between requests, nothing read
  bool first_ = true;  // no request yet on this connection

  boost::asio::steady_timer timer_;
  Time deadline_ = Time::max();
  Time armed_until_ = Time::max();
  bool timed_out_ = false;
};

}  // namespace kiki::net
