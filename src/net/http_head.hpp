#pragma once
// The head of an HTTP/1.1 request and the framing of its body, read strictly (RFC 9112): one reading only, so
// that no proxy before us can see another request in the same bytes. Pure functions over bytes; the sockets
// are elsewhere.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace kiki::net {

// Why a request is refused; becomes problem+json.
struct HttpFault {
  int status = 400;
  std::string detail;
  std::string where;
};

struct HttpHead {
  HttpRequest request;  // method, target, path, query, headers
  bool http_1_0 = false;
  bool keep_alive = true;
  bool expect_continue = false;
  bool chunked = false;
  std::uint64_t content_length = 0;

  bool has_body() const { return chunked || content_length > 0; }
};

// Finds the end of a head in bytes that arrive piece by piece. Refuses at once what can never become a
// request (TLS on a plain port, bare line feeds), instead of waiting for the time-out.
class HeadScanner {
 public:
  // `bytes` is everything since the start of the request. The length of the head when it is complete, 0 when
  // not yet.
  std::size_t scan(std::string_view bytes, std::size_t limit_bytes);
  const std::optional<HttpFault>& fault() const { return fault_; }

 private:
  std::size_t seen_ = 0;
  std::size_t lines_ = 0;
  std::size_t line_begin_ = 0;
  std::optional<HttpFault> fault_;
};

// `bytes` ends with the empty line. Fills `head` or says what is wrong.
std::optional<HttpFault> parse_head(std::string_view bytes, HttpHead& head);

// The chunked coding, incrementally. Extensions and trailers are read over (bounded) and dropped.
class ChunkDecoder {
 public:
  explicit ChunkDecoder(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}
  // Takes what it can from `bytes`, appends data to `body`, returns how many bytes it took.
  std::size_t feed(std::string_view bytes, std::string& body);
  bool done() const { return state_ == State::kDone; }
  const std::optional<HttpFault>& fault() const { return fault_; }

 private:
  enum class State : std::uint8_t { kSize, kExtension, kSizeEnd, kData, kDataCr, kDataLf, kTrailer, kDone };
  void refuse(int status, std::string detail);

  std::size_t limit_bytes_;
  State state_ = State::kSize;
  std::uint64_t left_ = 0;
  std::size_t line_bytes_ = 0;  // of the current size line, or of all trailers
  std::size_t digits_ = 0;
  std::size_t trailer_line_ = 0;  // bytes in the current trailer line without CR
  bool cr_ = false;
  std::optional<HttpFault> fault_;
};

}  // namespace kiki::net
