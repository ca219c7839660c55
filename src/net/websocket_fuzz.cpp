// A hostile WebSocket server: frames in any order and size, with and without compression, whole or in pieces.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "net/websocket_frames.hpp"

namespace {

std::string decode(std::string_view bytes, bool deflate, bool keep, std::size_t step) {
  using namespace kiki;
  std::string seen;
  net::FrameDecoder decoder(4'096, deflate, keep);
  net::FrameDecoder::Events events;
  events.message = [&](std::string_view message, bool binary) -> Result<void> {
    CHECK(message.size() <= 4'096);
    seen += binary ? "B" : "T";
    seen += message;
    return {};
  };
  events.ping = [&](std::string_view payload) -> Result<void> {
    CHECK(payload.size() <= 125);
    seen += "P";
    return {};
  };
  events.close = [&](std::uint16_t, std::string_view) -> Result<void> { return unavailable("closed"); };
  for (std::size_t i = 0; i < bytes.size(); i += step) {
    const auto fed = decoder.feed(bytes.substr(i, step), events);
    if (!fed.ok()) return seen + "|" + std::string(name(fed.error().kind));
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool deflate = (data[0] & 1U) != 0;
  const bool keep = (data[0] & 2U) != 0;
  CHECK(decode(bytes, deflate, keep, size) == decode(bytes, deflate, keep, 1));
  return 0;
}
