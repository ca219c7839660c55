// The socket half of an event stream, without a coroutine: an idle stream costs two waits in the reactor and
// no buffer. Frames that wait together leave in one sendmsg. Pushes from other threads only put the
// connection on its thread's ready list; the first of them posts one wake-up for all.

#include <sys/socket.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "net/queued_stream.hpp"

namespace kiki::net {
namespace {

constexpr std::size_t kFramesPerWrite = 64;
constexpr int kWritesPerTurn = 8;  // then the others of this thread get their turn
constexpr std::size_t kDiscardBytes = 64 * 1024;
constexpr std::string_view kHeartbeat = ": \n\n";

void drain_ready(IoThread& io) {
  std::vector<std::shared_ptr<StreamConnection>> ready;
  {
    const std::scoped_lock lock(io.ready_mutex);
    ready.swap(io.ready);
  }
  for (const auto& connection : ready) connection->pump();
}

void enqueue(IoThread& io, std::shared_ptr<StreamConnection> connection) {
  bool first = false;
  {
    const std::scoped_lock lock(io.ready_mutex);
    first = io.ready.empty();
    io.ready.push_back(std::move(connection));
  }
  if (first) boost::asio::post(io.context, [&io] { drain_ready(io); });
}

}  // namespace

StreamConnection::StreamConnection(IoThread& io, boost::asio::ip::tcp::socket socket,
                                   std::shared_ptr<QueuedStream> stream, std::shared_ptr<void> slot,
                                   std::int64_t write_timeout_ms)
    : io_(io),
      socket_(std::move(socket)),
      timer_(io.context),
      stream_(std::move(stream)),
      slot_(std::move(slot)),
      write_timeout_(write_timeout_ms),
      last_progress_(std::chrono::steady_clock::now()) {}

void StreamConnection::start() {
  boost::system::error_code ec;
  socket_.native_non_blocking(true, ec);
  io_.open.insert(this);
  // A weak pointer: the queue may outlive the connection and must not keep it.
  stream_->attach([weak = weak_from_this(), &io = io_] {
    if (auto self = weak.lock()) enqueue(io, std::move(self));
  });
  if (ec || io_.stopping) return end();
  wait_readable();
  arm_timer();
  pump();
}

void StreamConnection::pump() {
  if (ended_ || waiting_writable_) return;
  for (int turn = 0; turn < kWritesPerTurn; ++turn) {
    switch (stream_->next()) {
      case QueuedStream::Next::kRest:
        return;
      case QueuedStream::Next::kEnd:
        return end();
      case QueuedStream::Next::kWrite:
        if (!write_some()) return ended_ ? void() : wait_writable();
        break;
      case QueuedStream::Next::kFlushAndEnd:
        if (!write_some()) return end();
        break;
    }
  }
  enqueue(io_, shared_from_this());
}

bool StreamConnection::write_some() {
  std::array<iovec, kFramesPerWrite> parts;
  const auto count = stream_->peek(parts);
  parts[0].iov_base = static_cast<char*>(parts[0].iov_base) + sent_of_first_;
  parts[0].iov_len -= sent_of_first_;
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  const auto sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) end();
    return false;
  }
  last_progress_ = std::chrono::steady_clock::now();
  auto left = static_cast<std::size_t>(sent);
  std::size_t whole = 0;
  while (whole < count && left >= parts[whole].iov_len) left -= parts[whole++].iov_len;
  sent_of_first_ = whole == 0 ? sent_of_first_ + left : left;
  stream_->pop(whole);
  return whole == count;
}

void StreamConnection::wait_writable() {
  waiting_writable_ = true;
  socket_.async_wait(boost::asio::ip::tcp::socket::wait_write,
                     [self = shared_from_this()](boost::system::error_code ec) {
                       self->waiting_writable_ = false;
                       if (self->ended_) return;
                       if (ec) return self->end();
                       self->pump();
                     });
}

void StreamConnection::wait_readable() {
  socket_.async_wait(boost::asio::ip::tcp::socket::wait_read,
                     [self = shared_from_this()](boost::system::error_code ec) {
                       if (self->ended_) return;
                       if (ec) return self->end();
                       self->on_readable();
                     });
}

// A browser sends nothing on an event stream: what comes is the end, or noise.
void StreamConnection::on_readable() {
  std::array<char, 512> noise;
  const auto n = ::recv(socket_.native_handle(), noise.data(), noise.size(), MSG_DONTWAIT);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) return end();
  if (n > 0) discarded_bytes_ += static_cast<std::size_t>(n);
  if (discarded_bytes_ > kDiscardBytes) return end();
  wait_readable();
}

void StreamConnection::arm_timer() {
  const auto heartbeat = std::chrono::milliseconds(stream_->heartbeat_ms());
  const auto now = std::chrono::steady_clock::now();
  auto at = last_progress_ + (waiting_writable_ ? write_timeout_ : heartbeat);
  if (at <= now) at = now + heartbeat;
  timer_.expires_at(std::min(at, now + heartbeat));
  timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
    if (!ec && !self->ended_) self->on_timer();
  });
}

void StreamConnection::on_timer() {
  const auto quiet = std::chrono::steady_clock::now() - last_progress_;
  if (waiting_writable_) {
    if (quiet >= write_timeout_) return end();
  } else if (quiet >= std::chrono::milliseconds(stream_->heartbeat_ms()) && sent_of_first_ == 0) {
    // Straight to the socket: four bytes fit, or the connection is as good as stuck and the next frame will
    // tell.
    const auto n =
        ::send(socket_.native_handle(), kHeartbeat.data(), kHeartbeat.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    const bool full = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    if (n != static_cast<ssize_t>(kHeartbeat.size()) && !full) return end();
    if (!full) last_progress_ = std::chrono::steady_clock::now();
  }
  arm_timer();
}

void StreamConnection::on_stop() {
  stream_->close();
  pump();
  end();
}

void StreamConnection::end() {
  if (ended_) return;
  ended_ = true;
  const auto self = shared_from_this();  // the last reference may be in what is cleared here
  io_.open.erase(this);
  timer_.cancel();
  boost::system::error_code ignored;
  socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  slot_.reset();
  stream_->finish();
}

}  // namespace kiki::net
