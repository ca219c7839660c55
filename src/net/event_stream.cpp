// Server-sent events: the thread-safe queue of one stream, and the frame format
// (https://html.spec.whatwg.org/multipage/server-sent-events.html).

#include "net/event_stream.hpp"

#include <utility>

#include "base/check.hpp"
#include "net/queued_stream.hpp"

namespace kiki::net {

QueuedStream::QueuedStream(EventStreamLimits limits) : limits_(limits) {
  CHECK(limits.heartbeat_ms > 0);
}

QueuedStream::~QueuedStream() {
  finish();
}

void QueuedStream::wake_locked() {
  if (awake_ || !wake_) return;
  awake_ = true;
  wake_();
}

bool QueuedStream::push(std::shared_ptr<const std::string> frame) {
  if (!frame || frame->empty()) return !closed();
  const std::scoped_lock lock(mutex_);
  if (closed_) return false;
  if (frames_.size() - head_ >= limits_.queued_frames || bytes_ + frame->size() > limits_.queued_bytes) {
    closed_ = true;
    overflowed_ = true;
    wake_locked();
    return false;
  }
  bytes_ += frame->size();
  frames_.push_back(std::move(frame));
  wake_locked();
  return true;
}

void QueuedStream::close() {
  const std::scoped_lock lock(mutex_);
  if (closed_) return;
  closed_ = true;
  wake_locked();
}

bool QueuedStream::closed() const {
  const std::scoped_lock lock(mutex_);
  return closed_;
}

void QueuedStream::on_close(std::function<void()> f) {
  {
    const std::scoped_lock lock(mutex_);
    if (!finished_) {
      on_close_.push_back(std::move(f));
      return;
    }
  }
  f();
}

void QueuedStream::attach(std::function<void()> wake) {
  const std::scoped_lock lock(mutex_);
  wake_ = std::move(wake);
  awake_ = true;  // the connection begins with a look at the queue
}

std::size_t QueuedStream::peek(std::span<iovec> out) {
  const std::scoped_lock lock(mutex_);
  std::size_t n = 0;
  for (; n < out.size() && head_ + n < frames_.size(); ++n) {
    const auto& frame = *frames_[head_ + n];
    out[n] = {const_cast<char*>(frame.data()), frame.size()};  // writev's type is not const; it only reads
  }
  return n;
}

void QueuedStream::pop(std::size_t frames) {
  const std::scoped_lock lock(mutex_);
  for (; frames > 0; --frames) {
    bytes_ -= frames_[head_]->size();
    frames_[head_++].reset();
  }
  if (head_ < frames_.size()) {
    if (head_ >= 64) {
      frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    return;
  }
  head_ = 0;
  frames_.clear();
  if (frames_.capacity() > 16) frames_ = {};  // a burst is over: an idle stream keeps next to nothing
}

QueuedStream::Next QueuedStream::next() {
  const std::scoped_lock lock(mutex_);
  if (overflowed_) return Next::kEnd;
  if (head_ < frames_.size()) return closed_ ? Next::kFlushAndEnd : Next::kWrite;
  if (closed_) return Next::kEnd;
  awake_ = false;
  return Next::kRest;
}

void QueuedStream::finish() {
  std::vector<std::function<void()>> callbacks;
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    finished_ = true;
    wake_ = nullptr;
    frames_ = {};
    head_ = 0;
    bytes_ = 0;
    callbacks.swap(on_close_);
  }
  for (const auto& f : callbacks) f();
}

void abandon(const std::shared_ptr<EventStream>& stream) {
  if (auto* queued = dynamic_cast<QueuedStream*>(stream.get())) queued->finish();
}

std::shared_ptr<EventStream> make_event_stream(EventStreamLimits limits) {
  return std::make_shared<QueuedStream>(limits);
}

std::string event_frame(std::string_view id, std::string_view event, std::string_view data) {
  const auto add_line = [](std::string& out, std::string_view field, std::string_view value) {
    out += field;
    for (const char c : value) {
      if (c != '\r' && c != '\n' && c != '\0') out += c;
    }
    out += '\n';
  };
  std::string out;
  out.reserve(id.size() + event.size() + data.size() + 32);
  if (!id.empty()) add_line(out, "id: ", id);
  if (!event.empty()) add_line(out, "event: ", event);
  while (true) {
    const auto end = data.find_first_of("\r\n");
    add_line(out, "data: ", data.substr(0, end));
    if (end == std::string_view::npos) break;
    const bool pair = data[end] == '\r' && end + 1 < data.size() && data[end + 1] == '\n';
    data.remove_prefix(end + (pair ? 2 : 1));
  }
  out += '\n';
  return out;
}

}  // namespace kiki::net
