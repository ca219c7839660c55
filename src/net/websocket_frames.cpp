#include "net/websocket_frames.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

#include "net/http_target.hpp"

namespace kiki::net {
namespace {

constexpr std::size_t kControlBytes = 125;
constexpr std::size_t kKeptBytes = 64 * 1024;

Error corrupt(std::string message) {
  return {ErrorKind::kCorrupt, std::move(message), {}, {}, 0};
}
Error too_large() {
  return {ErrorKind::kTooLarge, "a WebSocket message is larger than its limit", {}, {}, 0};
}

bool is_close_code(std::uint16_t code) {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

void release(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > kKeptBytes) buffer = {};
}

}  // namespace

struct FrameDecoder::Inflater {
  z_stream stream{};

  Inflater() { CHECK(inflateInit2(&stream, -15) == Z_OK); }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  Result<void> run(std::string_view in, std::string& out, std::size_t limit_bytes) {
    std::array<char, 16 * 1024> piece;
    // zlib's type is not const; it only reads.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream.avail_in = static_cast<uInt>(in.size());
    while (true) {
      stream.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_out = static_cast<uInt>(piece.size());
      const int code = inflate(&stream, Z_SYNC_FLUSH);
      const auto made = piece.size() - stream.avail_out;
      if (made > limit_bytes - out.size()) return too_large();
      out.append(piece.data(), made);
      if (code == Z_STREAM_END) {
        // A final block inside a message: legal (RFC 7692, 7.2.3.5); what follows is a new stream.
        if (inflateReset(&stream) != Z_OK) return corrupt("a compressed WebSocket message is malformed");
        if (stream.avail_in == 0) return {};
        continue;
      }
      if (code != Z_OK && code != Z_BUF_ERROR) return corrupt("a compressed WebSocket message is malformed");
      if (stream.avail_out > 0) {
        if (stream.avail_in > 0) return corrupt("a compressed WebSocket message is malformed");
        return {};
      }
    }
  }
};

FrameDecoder::FrameDecoder(std::size_t message_limit_bytes, bool deflate, bool keep_context)
    : limit_bytes_(std::min<std::size_t>(message_limit_bytes, std::numeric_limits<uInt>::max())),
      keep_context_(keep_context),
      inflater_(deflate ? std::make_unique<Inflater>() : nullptr) {}

FrameDecoder::~FrameDecoder() = default;

Result<void> FrameDecoder::feed(std::string_view bytes, const Events& events) {
  in_.append(bytes);
  while (TRY(one_frame(events))) {
  }
  in_.erase(0, in_begin_);
  in_begin_ = 0;
  if (in_.empty()) release(in_);
  return {};
}

Result<bool> FrameDecoder::one_frame(const Events& events) {
  const auto bytes = std::string_view(in_).substr(in_begin_);
  if (bytes.size() < 2) return false;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  const bool final = (first & 0x80U) != 0;
  const bool rsv1 = (first & 0x40U) != 0;
  const int opcode = first & 0x0f;
  const bool control = opcode >= 8;
  if ((first & 0x30U) != 0) return corrupt("a WebSocket frame uses reserved bits");
  if (opcode != 0 && opcode != 1 && opcode != 2 && (opcode < kCloseFrame || opcode > kPongFrame)) {
    return corrupt("a WebSocket frame has an unknown opcode");
  }
  if ((second & 0x80U) != 0) return corrupt("a WebSocket server masks its frames");
  if (rsv1 && (!inflater_ || control || opcode == 0))
    return corrupt("a WebSocket frame is compressed without agreement");
  if (control && !final) return corrupt("a WebSocket control frame is fragmented");
  if (!control && (opcode == 0) != (opcode_ != 0)) return corrupt("WebSocket fragments are out of order");

  std::uint64_t length = second & 0x7fU;
  std::size_t head = 2;
  if (control && length > kControlBytes) return corrupt("a WebSocket control frame is too long");
  if (length >= 126) {
    const std::size_t more = length == 126 ? 2 : 8;
    if (bytes.size() < head + more) return false;
    length = 0;
    for (std::size_t i = 0; i < more; ++i)
      length = length << 8U | static_cast<unsigned char>(bytes[head + i]);
    if (length < (more == 2 ? 126U : 65'536U) || length >> 63U != 0)
      return corrupt("a WebSocket frame length is malformed");
    head += more;
  }
  if (!control && length > limit_bytes_ - message_.size()) return too_large();
  if (bytes.size() - head < length) return false;
  const auto payload = bytes.substr(head, static_cast<std::size_t>(length));
  in_begin_ += head + payload.size();

  if (opcode == kPingFrame) {
    TRY(events.ping(payload));
  } else if (opcode == kCloseFrame) {
    TRY(close_frame(payload, events));
  } else if (!control) {
    if (opcode != 0) {
      opcode_ = opcode;
      compressed_ = rsv1;
    }
    TRY(data_frame(payload, final, events));
  }
  return true;
}

Result<void> FrameDecoder::data_frame(std::string_view payload, bool final, const Events& events) {
  std::string_view whole = payload;
  if (!final || !message_.empty() || compressed_) {
    message_.append(payload);
    if (!final) return {};
    whole = message_;
  }
  const bool binary = opcode_ == 2;
  if (compressed_) {
    message_.append(std::string_view("\x00\x00\xff\xff", 4));  // what the sender cut off (RFC 7692, 7.2.2)
    TRY(inflater_->run(message_, inflated_, limit_bytes_));
    if (!keep_context_ && inflateReset(&inflater_->stream) != Z_OK) return corrupt("zlib failed");
    whole = inflated_;
  }
  opcode_ = 0;
  compressed_ = false;
  if (!binary && !is_utf8(whole)) return corrupt("a WebSocket text message is not UTF-8");
  TRY(events.message(whole, binary));
  release(message_);
  release(inflated_);
  return {};
}

Result<void> FrameDecoder::close_frame(std::string_view payload, const Events& events) {
  if (payload.empty()) return events.close(1005, {});
  if (payload.size() == 1) return corrupt("a WebSocket close frame is malformed");
  const auto code = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8U |
                                               static_cast<unsigned char>(payload[1]));
  if (!is_close_code(code) || !is_utf8(payload.substr(2)))
    return corrupt("a WebSocket close frame is malformed");
  return events.close(code, payload.substr(2));
}

std::string control_frame(int opcode, std::string_view payload, std::uint32_t mask) {
  payload = payload.substr(0, kControlBytes);
  std::string out;
  out += static_cast<char>(0x80 | opcode);
  out += static_cast<char>(0x80 | static_cast<int>(payload.size()));
  std::array<unsigned char, 4> key{};
  for (std::size_t i = 0; i < 4; ++i) {
    key[i] = static_cast<unsigned char>(mask >> (24 - 8 * i));
    out += static_cast<char>(key[i]);
  }
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ key[i % 4]);
  }
  return out;
}

}  // namespace kiki::net
