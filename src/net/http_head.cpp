#include "net/http_head.hpp"

#include <algorithm>

#include "net/http_target.hpp"

namespace kiki::net {
namespace {

constexpr std::size_t kFields = 100;
constexpr std::size_t kMethodBytes = 20;
constexpr std::size_t kChunkLineBytes = 256;
constexpr std::size_t kTrailerBytes = 8 * 1024;

bool is_token_char(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

bool is_value_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(std::string_view a, std::string_view lower_b) {
  return a.size() == lower_b.size() &&
         std::equal(a.begin(), a.end(), lower_b.begin(), [](char x, char y) { return lower(x) == y; });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool has_list_item(std::string_view list, std::string_view item) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (same(trim(list.substr(0, comma)), item)) return true;
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

HttpFault refusal(int status, std::string detail, std::string where = {}) {
  return {status, std::move(detail), std::move(where)};
}

std::optional<HttpFault> parse_request_line(std::string_view line, HttpHead& head) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return refusal(400, "the request line is malformed");
  const auto method = line.substr(0, first);
  const auto target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (!is_token(method) || method.size() > kMethodBytes) return refusal(400, "the method is malformed");
  if (version.size() != 8 || version.substr(0, 5) != "HTTP/" || version[6] != '.') {
    return refusal(400, "the request line does not end with an HTTP version");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return refusal(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  if (method == "CONNECT" || method == "TRACE") return refusal(501, "this method is not implemented");
  head.http_1_0 = version == "HTTP/1.0";
  head.keep_alive = !head.http_1_0;
  for (const char c : target) {
    if (!is_value_char(c) || c == ' ' || c == '\t') return refusal(400, "the request target is malformed");
  }
  auto parsed = parse_target(target);
  if (!parsed.ok()) return refusal(400, std::move(parsed.error().message), "target:" + parsed.error().where);
  head.request.method = std::string(method);
  head.request.target = std::string(target);
  head.request.path = std::move(parsed->path);
  head.request.query = std::move(parsed->query);
  return std::nullopt;
}

bool is_host(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f &&
           std::string_view("/\\?#@<>\"{}|^`,").find(c) == std::string_view::npos;
  });
}

// What the header fields say about framing and about the connection.
struct Framing {
  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  bool close = false;
  bool keep = false;

  std::optional<HttpFault> note(std::string_view name, std::string_view value, HttpHead& head) {
    if (same(name, "content-length")) {
      ++lengths;
      if (value.empty() || value.size() > 18 ||
          !std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        return refusal(400, "Content-Length is not a number", "Content-Length");
      }
      head.content_length = 0;
      for (const char c : value)
        head.content_length = head.content_length * 10 + static_cast<unsigned>(c - '0');
    } else if (same(name, "transfer-encoding")) {
      ++codings;
      if (!same(value, "chunked")) {
        return refusal(501, "the only transfer coding understood is \"chunked\"", "Transfer-Encoding");
      }
      head.chunked = true;
    } else if (same(name, "host")) {
      ++hosts;
      if (!is_host(value)) return refusal(400, "Host is malformed", "Host");
    } else if (same(name, "connection")) {
      close = close || has_list_item(value, "close");
      keep = keep || has_list_item(value, "keep-alive");
    } else if (same(name, "expect")) {
      if (!same(value, "100-continue"))
        return refusal(417, "the only expectation met is 100-continue", "Expect");
      head.expect_continue = !head.http_1_0;
    }
    return std::nullopt;
  }

  std::optional<HttpFault> settle(HttpHead& head) const {
    if (lengths > 1) return refusal(400, "Content-Length is there more than once", "Content-Length");
    if (codings > 1) return refusal(400, "Transfer-Encoding is there more than once", "Transfer-Encoding");
    if (lengths > 0 && codings > 0) {
      return refusal(400, "Content-Length and Transfer-Encoding exclude each other", "Transfer-Encoding");
    }
    if (codings > 0 && head.http_1_0) {
      return refusal(400, "HTTP/1.0 has no Transfer-Encoding", "Transfer-Encoding");
    }
    if (hosts > 1 || (hosts == 0 && !head.http_1_0))
      return refusal(400, "exactly one Host is needed", "Host");
    if (head.http_1_0) head.keep_alive = keep;
    if (close) head.keep_alive = false;
    return std::nullopt;
  }
};

}  // namespace

std::size_t HeadScanner::scan(std::string_view bytes, std::size_t limit_bytes) {
  if (fault_) return 0;
  if (seen_ == 0 && !bytes.empty() && !is_token_char(bytes[0])) {
    fault_ = refusal(400, "this is not HTTP");
    return 0;
  }
  for (; seen_ < bytes.size() && seen_ < limit_bytes; ++seen_) {
    const char c = bytes[seen_];
    const bool after_cr = seen_ > 0 && bytes[seen_ - 1] == '\r';
    if (c == '\n') {
      if (!after_cr) {
        fault_ = refusal(400, "a line ends without a carriage return");
        return 0;
      }
      if (seen_ == line_begin_ + 1) return seen_ + 1;
      ++lines_;
      line_begin_ = seen_ + 1;
    } else if (after_cr || c == '\0') {
      fault_ =
          refusal(400, c == '\0' ? "the request head holds a NUL" : "a carriage return stands inside a line");
      return 0;
    }
  }
  if (seen_ >= limit_bytes) {
    fault_ = lines_ == 0 ? refusal(414, "the request line is too long")
                         : refusal(431, "the request head is too large");
  }
  return 0;
}

std::optional<HttpFault> parse_head(std::string_view bytes, HttpHead& head) {
  Framing framing;
  std::size_t fields = 0;
  bool first = true;
  while (true) {
    const auto end = bytes.find("\r\n");
    if (end == std::string_view::npos) return refusal(400, "the request head is incomplete");
    const auto line = bytes.substr(0, end);
    bytes.remove_prefix(end + 2);
    if (first) {
      if (auto wrong = parse_request_line(line, head)) return wrong;
      first = false;
      continue;
    }
    if (line.empty()) break;
    if (++fields > kFields) return refusal(431, "the request has too many header fields");
    if (line[0] == ' ' || line[0] == '\t') return refusal(400, "a header field is folded over two lines");
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      return refusal(400, "a header field is malformed");
    }
    const auto name = line.substr(0, colon);
    const auto value = trim(line.substr(colon + 1));
    if (!std::all_of(value.begin(), value.end(), is_value_char)) {
      return refusal(400, "a header field holds a control character", std::string(name));
    }
    if (auto wrong = framing.note(name, value, head)) return wrong;
    head.request.headers.add(std::string(name), std::string(value));
  }
  return framing.settle(head);
}

void ChunkDecoder::refuse(int status, std::string detail) {
  fault_ = refusal(status, std::move(detail));
}

std::size_t ChunkDecoder::feed(std::string_view bytes, std::string& body) {
  std::size_t i = 0;
  while (i < bytes.size() && !done() && !fault_) {
    if (state_ == State::kData) {
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - i));
      body.append(bytes.substr(i, take));
      i += take;
      left_ -= take;
      if (left_ == 0) state_ = State::kDataCr;
      continue;
    }
    const char c = bytes[i++];
    switch (state_) {
      case State::kSize: {
        const char digit = lower(c);
        if ((digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f')) {
          if (++digits_ > 15) return refuse(400, "a chunk size is too long"), i;
          left_ = left_ * 16 + static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
          break;
        }
        if (digits_ == 0) return refuse(400, "a chunk has no size"), i;
        if (left_ > limit_bytes_ || body.size() > limit_bytes_ - left_) {
          return refuse(413, "the body is larger than this address takes"), i;
        }
        if (c == '\r') {
          state_ = State::kSizeEnd;
        } else if (c == ';') {
          state_ = State::kExtension;
        } else {
          return refuse(400, "a chunk size is malformed"), i;
        }
        break;
      }
      case State::kExtension:
        if (++line_bytes_ > kChunkLineBytes) return refuse(400, "a chunk extension is too long"), i;
        if (c == '\r') {
          state_ = State::kSizeEnd;
        } else if (!is_value_char(c)) {
          return refuse(400, "a chunk extension is malformed"), i;
        }
        break;
      case State::kSizeEnd:
        if (c != '\n') return refuse(400, "a chunk size line is malformed"), i;
        state_ = left_ == 0 ? State::kTrailer : State::kData;
        line_bytes_ = 0;
        digits_ = 0;
        break;
      case State::kDataCr:
        if (c != '\r') return refuse(400, "a chunk is longer than its size"), i;
        state_ = State::kDataLf;
        break;
      case State::kDataLf:
        if (c != '\n') return refuse(400, "a chunk is longer than its size"), i;
        state_ = State::kSize;
        break;
      case State::kTrailer:
        if (++line_bytes_ > kTrailerBytes) return refuse(431, "the trailers are too large"), i;
        if (cr_ != (c == '\n')) return refuse(400, "a trailer line is malformed"), i;
        if (c == '\n') {
          if (trailer_line_ == 0) state_ = State::kDone;
          trailer_line_ = 0;
          cr_ = false;
        } else if (c == '\r') {
          cr_ = true;
        } else if (!is_value_char(c)) {
          return refuse(400, "a trailer line is malformed"), i;
        } else {
          ++trailer_line_;
        }
        break;
      case State::kData:
      case State::kDone:
        break;
    }
  }
  return i;
}

}  // namespace kiki::net
