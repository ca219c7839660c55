#pragma once
// The two halves of an event stream. QueuedStream is what everybody holds: a bounded queue behind a mutex.
// StreamConnection is the socket on its io thread. A stream at rest is one small object of each, no buffers.

#include <sys/uio.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <mutex>
#include <span>
#include <vector>

#include "net/event_stream.hpp"
#include "net/io_thread.hpp"

namespace kiki::net {

class QueuedStream final : public EventStream {
 public:
  explicit QueuedStream(EventStreamLimits limits);
  ~QueuedStream() override;

  bool push(std::shared_ptr<const std::string> frame) override;
  void close() override;
  bool closed() const override;
  void on_close(std::function<void()> f) override;

  // --- for the connection, on its io thread
  // `wake` is called (once until rest() was true) when there is something to write or to close.
  void attach(std::function<void()> wake);
  // Points into the first queued frames; they stay queued until pop(). The number of entries filled.
  std::size_t peek(std::span<iovec> out);
  void pop(std::size_t frames);
  enum class Next : std::uint8_t { kRest, kWrite, kFlushAndEnd, kEnd };
  // What to do now; kRest promises a wake for the next change.
  Next next();
  // The connection has gone: no more wakes, on_close is called.
  void finish();
  std::int64_t heartbeat_ms() const { return limits_.heartbeat_ms; }

 private:
  void wake_locked();

  const EventStreamLimits limits_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const std::string>> frames_;  // from head_ on
  std::size_t head_ = 0;
  std::size_t bytes_ = 0;
  bool closed_ = false;
  bool overflowed_ = false;
  bool finished_ = false;
  bool awake_ = false;
  std::function<void()> wake_;
  std::vector<std::function<void()>> on_close_;
};

// A response that will never reach its client: closes its stream, if it has one.
void abandon(const std::shared_ptr<EventStream>& stream);

class StreamConnection final : public Stoppable, public std::enable_shared_from_this<StreamConnection> {
 public:
  // `slot` is released when the connection has gone (it counts connections).
  StreamConnection(IoThread& io, boost::asio::ip::tcp::socket socket, std::shared_ptr<QueuedStream> stream,
                   std::shared_ptr<void> slot, std::int64_t write_timeout_ms);
  void start();
  void pump();
  void on_stop() override;

 private:
  using Time = std::chrono::steady_clock::time_point;

  bool write_some();  // false: the socket is full, or gone
  void wait_writable();
  void wait_readable();
  void on_readable();
  void arm_timer();
  void on_timer();
  void end();

  IoThread& io_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<QueuedStream> stream_;
  std::shared_ptr<void> slot_;
  std::chrono::milliseconds write_timeout_;
  Time last_progress_;
  std::size_t sent_of_first_ = 0;
  std::size_t discarded_bytes_ = 0;
  bool waiting_writable_ = false;
  bool ended_ = false;
};

}  // namespace kiki::net
