#pragma once
// RFC 6455 from the client's side, as pure functions over bytes: what a server sends (frames,
// permessage-deflate of RFC 7692), and the few frames that we send. Strict: what a server may not do ends the
// connection.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace kiki::net {

class FrameDecoder {
 public:
  struct Events {
    std::function<Result<void>(std::string_view message, bool binary)> message;
    std::function<Result<void>(std::string_view payload)> ping;
    std::function<Result<void>(std::uint16_t code, std::string_view reason)> close;  // 1005: no code was sent
  };
  // `deflate`: the extension was agreed on; `keep_context`: its window goes on from message to message.
  FrameDecoder(std::size_t message_limit_bytes, bool deflate, bool keep_context);
  ~FrameDecoder();
  FrameDecoder(const FrameDecoder&) = delete;
  FrameDecoder& operator=(const FrameDecoder&) = delete;

  // Takes all of `bytes`. kCorrupt: the server broke the protocol; kTooLarge: a message over the limit; or
  // the error of an event function.
  Result<void> feed(std::string_view bytes, const Events& events);

 private:
  struct Inflater;
  Result<bool> one_frame(const Events& events);  // false: more bytes are needed
  Result<void> data_frame(std::string_view payload, bool final, const Events& events);
  Result<void> close_frame(std::string_view payload, const Events& events);

  const std::size_t limit_bytes_;
  const bool keep_context_;
  std::unique_ptr<Inflater> inflater_;  // none: no extension
  std::string in_;
  std::size_t in_begin_ = 0;
  std::string message_;
  std::string inflated_;
  int opcode_ = 0;  // of the message that is being put together; 0 = none
  bool compressed_ = false;
};

constexpr int kPingFrame = 9;
constexpr int kPongFrame = 10;
constexpr int kCloseFrame = 8;
// A control frame (payload of at most 125 bytes), masked as a client must.
std::string control_frame(int opcode, std::string_view payload, std::uint32_t mask);

}  // namespace kiki::net
