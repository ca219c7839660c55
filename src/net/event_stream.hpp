#pragma once
// Server-sent events to one browser. Anyone may push at any time from any thread; the stream writes in order
// on its io thread. A slow reader is cut off at the queue limit (it comes back with Last-Event-ID and loses
// nothing).

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace kiki::net {

class EventStream {
 public:
  virtual ~EventStream() = default;
  // A whole frame ("id: 7\nevent: case\ndata: {…}\n\n"), shared between streams, not copied. False when
  // closed or full.
  virtual bool push(std::shared_ptr<const std::string> frame) = 0;
  virtual void close() = 0;
  virtual bool closed() const = 0;
  // Called once, on any thread, when the connection has gone.
  virtual void on_close(std::function<void()> f) = 0;
};

struct EventStreamLimits {
  std::size_t queued_frames = 1'024;
  std::size_t queued_bytes = 1 << 20;
  std::int64_t heartbeat_ms = 15'000;  // ": \n\n"
};
std::shared_ptr<EventStream> make_event_stream(EventStreamLimits limits = {});

// One frame. data may hold newlines (becomes several data: lines). id and event may be empty.
std::string event_frame(std::string_view id, std::string_view event, std::string_view data);

}  // namespace kiki::net
