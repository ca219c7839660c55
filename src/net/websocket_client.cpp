// A blocking WebSocket client over our own sockets and OpenSSL. Every wait is one poll() on the socket and on
// an eventfd that a stop request writes to, with a deadline. Why not Beast's: docs/decisions/the-edge.md.

#include "net/websocket_client.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include "net/hmac.hpp"
#include "net/http_head.hpp"
#include "net/ssrf_guard.hpp"
#include "net/websocket_frames.hpp"

namespace kiki::net {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Deadline = SteadyClock::time_point;

constexpr std::size_t kAnswerHeadBytes = 64 * 1024;
constexpr std::size_t kRefusalBodyBytes = 64 * 1024;
constexpr std::size_t kRefusalShownBytes = 1'000;
constexpr auto kWriteTimeout = std::chrono::seconds(10);

Error fail(ErrorKind kind, std::string message) {
  return {kind, std::move(message), {}, {}, 0};
}

Deadline after_ms(std::int64_t ms) {
  return SteadyClock::now() + std::chrono::milliseconds(ms);
}

std::uint32_t random_mask() {
  std::uint32_t mask = 0;
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(&mask), sizeof mask) == 1);
  return mask;
}

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  int family = 0;

  IpAddress ip() const {
    return ip_of(reinterpret_cast<const sockaddr*>(&storage)).value_or(IpAddress{});  // one that is refused
  }
};

std::vector<Address> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  std::vector<Address> out;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list) != 0) return out;
  for (const auto* one = list; one != nullptr; one = one->ai_next) {
    if (one->ai_family != AF_INET && one->ai_family != AF_INET6) continue;
    Address address;
    std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
    address.size = one->ai_addrlen;
    address.family = one->ai_family;
    out.push_back(address);
  }
  freeaddrinfo(list);
  return out;
}

// getaddrinfo cannot be stopped: a name is resolved on a thread of its own, which is left behind when nobody
// waits.
Result<std::vector<Address>> resolve_aside(const std::string& host, std::uint16_t port, Deadline deadline,
                                           const std::stop_token& stop) {
  struct Lookup {
    std::mutex mutex;
    std::condition_variable_any changed;
    bool done = false;
    std::vector<Address> found;
  };
  const auto lookup = std::make_shared<Lookup>();
  std::thread([lookup, host, port] {
    auto found = resolve(host, port);
    const std::scoped_lock lock(lookup->mutex);
    lookup->found = std::move(found);
    lookup->done = true;
    lookup->changed.notify_all();
  }).detach();
  std::unique_lock lock(lookup->mutex);
  lookup->changed.wait_until(lock, stop, deadline, [&] { return lookup->done; });
  if (stop.stop_requested()) return fail(ErrorKind::kCancelled, "stopped while resolving " + host);
  if (lookup->found.empty()) return unavailable("cannot resolve " + host);
  return lookup->found;
}

struct FreeTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* tls) const { SSL_free(tls); }
};

std::string tls_reason() {
  const auto code = ERR_get_error();
  if (code == 0) return "the connection broke";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown error";
}

// A connection to one checked address, plain or TLS. OpenSSL works on memory; the sockets are ours alone, so
// that no write can raise SIGPIPE and every wait can be woken.
class Wire {
 public:
  Wire(const CheckedUrl& url, const SsrfPolicy& policy, const std::stop_token& stop)
      : url_(url), policy_(policy), stop_(stop), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    CHECK(wake_.get() >= 0);
  }
  // Called from any thread.
  void wake() const {
    const std::uint64_t one = 1;
    (void)!::write(wake_.get(), &one, sizeof one);
  }

  Result<void> connect(Deadline deadline) {
    auto addresses = TRY(find(deadline));
    Error last = unavailable("cannot connect to " + url_.host);
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      const auto now = SteadyClock::now();
      const auto share = (deadline - now) / static_cast<int>(addresses.size() - i);
      auto connected = connect_one(addresses[i], now + share);
      if (connected.ok()) return url_.encrypted ? begin_tls(deadline) : Result<void>();
      last = std::move(connected).error();
      if (last.kind == ErrorKind::kCancelled) break;
    }
    return last;
  }

  // Some bytes; none when the deadline has come. kUnavailable: the connection has ended.
  Result<std::size_t> read(char* to, std::size_t most, Deadline deadline) {
    while (true) {
      if (tls_) {
        ERR_clear_error();
        const int n = SSL_read(tls_.get(), to, static_cast<int>(most));
        if (n > 0) return static_cast<std::size_t>(n);
        const int why = SSL_get_error(tls_.get(), n);
        TRY(flush(after_ms(10'000)));
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
          return unavailable(why == SSL_ERROR_ZERO_RETURN ? url_.host + " closed the connection" : broken());
        }
        if (!TRY(fill(deadline))) return std::size_t{0};
        continue;
      }
      const auto n = ::recv(socket_.get(), to, most, 0);
      if (n > 0) return static_cast<std::size_t>(n);
      if (n == 0) return unavailable(url_.host + " closed the connection");
      if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return unavailable(broken());
      if (!TRY(wait(POLLIN, deadline))) return std::size_t{0};
    }
  }

  Result<void> write(std::string_view bytes, Deadline deadline) {
    if (!tls_) return send_all(bytes, deadline);
    while (!bytes.empty()) {
      ERR_clear_error();
      const int n = SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
      const int why = SSL_get_error(tls_.get(), n);
      TRY(flush(deadline));
      if (n > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(n));
      } else if (why != SSL_ERROR_WANT_READ) {
        return unavailable(broken());
      } else if (!TRY(fill(deadline))) {
        return unavailable(url_.host + " takes no more");
      }
    }
    return {};
  }

 private:
  std::string broken() const { return "the connection with " + url_.host + " broke"; }

  Result<std::vector<Address>> find(Deadline deadline) {
    auto found = TRY(resolve_aside(url_.host, url_.port, deadline, stop_));
    std::optional<Error> refused;
    std::vector<Address> allowed;
    for (const auto& address : found) {
      auto checked = check_address(address.ip(), url_, policy_);
      if (checked.ok()) {
        allowed.push_back(address);
      } else {
        refused = std::move(checked).error();
      }
    }
    if (allowed.empty()) return *refused;
    return allowed;
  }

  // False when the deadline has come.
  Result<bool> wait(short events, Deadline deadline) {
    while (true) {
      if (stop_.stop_requested())
        return fail(ErrorKind::kCancelled, "stopped while listening to " + url_.host);
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
      if (left <= 0) return false;
      std::array<pollfd, 2> both = {pollfd{socket_.get(), events, 0}, pollfd{wake_.get(), POLLIN, 0}};
      const int n =
          ::poll(both.data(), both.size(), static_cast<int>(std::min<std::int64_t>(left, 3'600'000)));
      if (n < 0 && errno != EINTR) return internal_error("poll failed");
      if (n > 0 && both[0].revents != 0) return true;
    }
  }

  Result<void> connect_one(const Address& address, Deadline deadline) {
    socket_ = Descriptor(::socket(address.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket_.get() < 0) return unavailable("no socket for " + url_.host + ": " + std::strerror(errno));
    const int one = 1;
    setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    int code = 0;
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
      code = errno;
      if (code == EINPROGRESS) {
        if (!TRY(wait(POLLOUT, deadline))) return unavailable(url_.host + " does not answer");
        socklen_t size = sizeof code;
        getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &code, &size);
      }
    }
    if (code != 0) return unavailable("cannot connect to " + url_.host + ": " + std::strerror(code));
    return {};
  }

  Result<void> begin_tls(Deadline deadline) {
    ERR_clear_error();
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (!context_) return internal_error("no TLS context");
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_set_default_verify_paths(context_.get()) != 1)
      return internal_error("no certificates of authorities");
    tls_.reset(SSL_new(context_.get()));
    if (!tls_) return internal_error("no TLS state");
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    SSL_set_bio(tls_.get(), in_, out_);  // owns both now
    BIO_set_mem_eof_return(in_, -1);
    auto* const parameters = SSL_get0_param(tls_.get());
    const bool numeric = parse_ip(url_.host).has_value();
    if (!numeric) SSL_set_tlsext_host_name(tls_.get(), url_.host.c_str());
    const int named = numeric ? X509_VERIFY_PARAM_set1_ip_asc(parameters, url_.host.c_str())
                              : X509_VERIFY_PARAM_set1_host(parameters, url_.host.c_str(), url_.host.size());
    if (named != 1) return internal_error("cannot verify the certificate of " + url_.host);
    while (true) {
      ERR_clear_error();
      const int n = SSL_connect(tls_.get());
      const int why = SSL_get_error(tls_.get(), n);
      TRY(flush(deadline));
      if (n == 1) return {};
      if (why != SSL_ERROR_WANT_READ) {
        const auto verified = SSL_get_verify_result(tls_.get());
        const std::string reason =
            verified != X509_V_OK ? X509_verify_cert_error_string(verified) : tls_reason();
        return unavailable("TLS with " + url_.host + " failed: " + reason);
      }
      if (!TRY(fill(deadline))) return unavailable(url_.host + " does not answer");
    }
  }

  // From the socket into OpenSSL; false when the deadline has come.
  Result<bool> fill(Deadline deadline) {
    std::array<char, 16 * 1024> buffer;
    while (true) {
      const auto n = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
      if (n > 0) {
        if (BIO_write(in_, buffer.data(), static_cast<int>(n)) != static_cast<int>(n))
          return internal_error("no memory");
        return true;
      }
      if (n == 0) return unavailable(url_.host + " closed the connection");
      if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return unavailable(broken());
      if (!TRY(wait(POLLIN, deadline))) return false;
    }
  }

  Result<void> flush(Deadline deadline) {
    std::array<char, 16 * 1024> buffer;
    while (true) {
      const int n = BIO_read(out_, buffer.data(), buffer.size());
      if (n <= 0) return {};
      TRY(send_all(std::string_view(buffer.data(), static_cast<std::size_t>(n)), deadline));
    }
  }

  Result<void> send_all(std::string_view bytes, Deadline deadline) {
    while (!bytes.empty()) {
      const auto n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(n));
      } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        return unavailable(broken());
      } else if (!TRY(wait(POLLOUT, deadline))) {
        return unavailable(url_.host + " takes no more");
      }
    }
    return {};
  }

  const CheckedUrl& url_;
  const SsrfPolicy& policy_;
  const std::stop_token& stop_;
  const Descriptor wake_;
  Descriptor socket_;
  std::unique_ptr<SSL_CTX, FreeTls> context_;
  std::unique_ptr<SSL, FreeTls> tls_;
  BIO* in_ = nullptr;
  BIO* out_ = nullptr;
};

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls f for each trimmed piece.
template <class F>
void split(std::string_view text, char at, F f) {
  while (true) {
    const auto end = text.find(at);
    f(trim(text.substr(0, end)));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

// The upgrade was answered by plain HTTP: the status says what to do, the body says why.
Error refusal(int status, const std::string& host, std::string_view retry_after, std::string_view body) {
  Error error;
  error.message = host + " refused the WebSocket with HTTP " + std::to_string(status);
  if (!body.empty()) error.message += ": " + std::string(body.substr(0, kRefusalShownBytes));
  switch (status) {
    case 401:
      error.kind = ErrorKind::kUnauthenticated;
      break;
    case 403:
      error.kind = ErrorKind::kForbidden;
      break;
    case 404:
      error.kind = ErrorKind::kNotFound;
      break;
    case 409:
      error.kind = ErrorKind::kConflict;
      break;
    case 410:
      error.kind = ErrorKind::kGone;
      break;
    case 422:
      error.kind = ErrorKind::kUnprocessable;
      break;
    case 429:
      error.kind = ErrorKind::kRateLimited;
      break;
    default:
      error.kind = status >= 400 && status < 500 ? ErrorKind::kInvalid : ErrorKind::kUnavailable;
      break;
  }
  std::int64_t seconds = 0;
  const auto [end, ec] =
      std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds);
  if (ec == std::errc() && end != retry_after.data() && seconds > 0 && seconds < 86'400) {
    error.retry_after_ms = seconds * 1'000;
  }
  return error;
}

struct Agreed {
  bool deflate = false;
  bool keep_context = true;
  std::string rest;  // bytes after the head: the first frames
};

class Reader {
 public:
  using OnMessage = std::function<Result<void>(std::string_view, bool)>;

  Reader(const WebSocketOptions& options, const CheckedUrl& url, const std::stop_token& stop,
         const OnMessage& f)
      : options_(options), url_(url), stop_(stop), f_(f), wire_(url_, options_.policy, stop_) {}

  Result<void> run() {
    const std::stop_callback wake(stop_, [this] { wire_.wake(); });
    const auto deadline = after_ms(options_.connect_timeout_ms);
    TRY(wire_.connect(deadline));
    const auto agreed = TRY(shake_hands(deadline));
    auto outcome = listen(agreed);
    // The server learns why, if that costs no waiting.
    if (!closed_) {
      const std::string_view code = outcome.error().kind == ErrorKind::kCorrupt    ? "\x03\xea"
                                    : outcome.error().kind == ErrorKind::kTooLarge ? "\x03\xf1"
                                                                                   : "\x03\xe9";
      (void)wire_.write(control_frame(kCloseFrame, code, random_mask()), SteadyClock::now()).ok();
    }
    return outcome;
  }

 private:
  Result<Agreed> shake_hands(Deadline deadline) {
    std::array<unsigned char, 16> nonce{};
    CHECK(RAND_bytes(nonce.data(), nonce.size()) == 1);
    const auto key = base64({reinterpret_cast<const char*>(nonce.data()), nonce.size()});
    const bool usual = url_.port == (url_.encrypted ? 443 : 80);
    const auto host = url_.host.find(':') == std::string::npos ? url_.host : "[" + url_.host + "]";
    std::string request = "GET " + url_.target + " HTTP/1.1\r\nHost: " + host;
    if (!usual) request += ":" + std::to_string(url_.port);
    request +=
        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
        key + "\r\nSec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n";
    if (!options_.headers.has("user-agent")) request += "User-Agent: Kikimimi/" KIKI_VERSION "\r\n";
    for (const auto& [name, value] : options_.headers)
      request.append(name).append(": ").append(value).append("\r\n");
    request += "\r\n";
    TRY(wire_.write(request, deadline));

    std::string in;
    std::size_t end = std::string::npos;
    while ((end = in.find("\r\n\r\n")) == std::string::npos) {
      if (in.size() > kAnswerHeadBytes) return unavailable(url_.host + " answers with too large a head");
      if (!TRY(read_into(in, deadline))) return unavailable(url_.host + " does not answer");
    }
    const auto head = in.substr(0, end);
    in.erase(0, end + 4);
    Headers headers;
    int status = 0;
    bool first = true;
    bool two_answers = false;
    split(head, '\n', [&](std::string_view line) {
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      if (first) {
        first = false;
        if (line.starts_with("HTTP/1.") && line.size() >= 12) {
          std::from_chars(line.data() + 9, line.data() + 12, status);
        }
        return;
      }
      const auto colon = line.find(':');
      if (colon == std::string_view::npos) return;
      const auto name = trim(line.substr(0, colon));
      two_answers = two_answers || (same_word(name, "sec-websocket-accept") && headers.has(name));
      headers.add(std::string(name), std::string(trim(line.substr(colon + 1))));
    });
    if (status < 100) return unavailable(url_.host + " does not speak HTTP");
    if (status != 101) {
      return refusal(status, url_.host, headers.get("retry-after"),
                     refusal_body(std::move(in), headers, deadline));
    }
    if (!same_word(headers.get("upgrade"), "websocket") || !has_word(headers.get("connection"), "upgrade") ||
        two_answers || headers.get("sec-websocket-accept") != accept_of(key)) {
      return unavailable(url_.host + " does not speak WebSocket");
    }
    Agreed agreed;
    TRY(read_extensions(headers, agreed));
    agreed.rest = std::move(in);
    return agreed;
  }

  static bool has_word(std::string_view list, std::string_view word) {
    bool found = false;
    split(list, ',', [&](std::string_view one) { found = found || same_word(one, word); });
    return found;
  }

  static std::string accept_of(std::string_view key) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned length = 0;
    const auto text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    CHECK(EVP_Digest(text.data(), text.size(), out.data(), &length, EVP_sha1(), nullptr) == 1);
    return base64({reinterpret_cast<const char*>(out.data()), length});
  }

  Result<void> read_extensions(const Headers& headers, Agreed& agreed) const {
    int extensions = 0;
    bool wrong = false;
    for (const auto& [name, value] : headers) {
      if (!same_word(name, "sec-websocket-extensions")) continue;
      split(value, ',', [&](std::string_view extension) {
        if (extension.empty()) return;
        ++extensions;
        bool first = true;
        split(extension, ';', [&](std::string_view part) {
          if (std::exchange(first, false)) {
            wrong = wrong || !same_word(part, "permessage-deflate");
          } else if (same_word(part, "server_no_context_takeover")) {
            agreed.keep_context = false;
          } else if (!same_word(part, "client_no_context_takeover")) {
            // A smaller window of the server's needs nothing of us; anything else was not offered.
            wrong = wrong || !part.starts_with("server_max_window_bits=");
          }
        });
      });
    }
    if (wrong || extensions > 1)
      return unavailable(url_.host + " uses WebSocket extensions that were not offered");
    agreed.deflate = extensions == 1;
    return {};
  }

  // As much of the body as is quickly had; it is for people.
  std::string refusal_body(std::string in, const Headers& headers, Deadline deadline) {
    if (has_word(headers.get("transfer-encoding"), "chunked")) {
      ChunkDecoder chunks(kRefusalBodyBytes);
      std::string body;
      while (true) {
        in.erase(0, chunks.feed(in, body));
        if (chunks.done() || chunks.fault() || !more(in, deadline)) return body;
      }
    }
    std::size_t length = kRefusalBodyBytes;
    if (const auto text = headers.get("content-length"); !text.empty()) {
      std::from_chars(text.data(), text.data() + text.size(), length);
      length = std::min(length, kRefusalBodyBytes);
    }
    while (in.size() < length && more(in, deadline)) {
    }
    in.resize(std::min(in.size(), length));
    return in;
  }

  bool more(std::string& in, Deadline deadline) {
    auto read = read_into(in, deadline);
    return read.ok() && *read;
  }

  Result<bool> read_into(std::string& in, Deadline deadline) {
    std::array<char, 16 * 1024> buffer;
    const auto n = TRY(wire_.read(buffer.data(), buffer.size(), deadline));
    in.append(buffer.data(), n);
    return n > 0;
  }

  // Never ok: it ends by an error.
  Result<void> listen(const Agreed& agreed) {
    FrameDecoder decoder(options_.message_limit_bytes, agreed.deflate, agreed.keep_context);
    FrameDecoder::Events events;
    events.message = [this](std::string_view message, bool binary) -> Result<void> {
      if (stop_.stop_requested())
        return fail(ErrorKind::kCancelled, "stopped while listening to " + url_.host);
      return f_(message, binary);
    };
    events.ping = [this](std::string_view payload) {
      return wire_.write(control_frame(kPongFrame, payload, random_mask()),
                         SteadyClock::now() + kWriteTimeout);
    };
    events.close = [this](std::uint16_t code, std::string_view reason) -> Result<void> {
      closed_ = true;
      (void)wire_.write(control_frame(kCloseFrame, {}, random_mask()), SteadyClock::now()).ok();
      std::string message = url_.host + " closed the WebSocket (" + std::to_string(code) + ")";
      if (!reason.empty()) message += ": " + std::string(reason);
      return unavailable(std::move(message));
    };
    TRY(named(decoder.feed(agreed.rest, events)));
    // Half of the idle time in silence: ask. All of it: gone. The time that f takes does not count.
    const auto half = std::chrono::milliseconds(std::max<std::int64_t>(1, options_.idle_timeout_ms / 2));
    std::vector<char> buffer(32 * 1024);
    bool asked = false;
    while (true) {
      auto read = wire_.read(buffer.data(), buffer.size(), SteadyClock::now() + half);
      if (!read.ok()) {
        closed_ = true;
        return std::move(read).error();
      }
      if (*read > 0) {
        asked = false;
        TRY(named(decoder.feed({buffer.data(), *read}, events)));
        continue;
      }
      if (asked) return unavailable(url_.host + " has been silent for too long");
      asked = true;
      TRY(wire_.write(control_frame(kPingFrame, {}, random_mask()), SteadyClock::now() + kWriteTimeout));
    }
  }

  Result<void> named(Result<void> result) const {
    if (!result.ok() && result.error().kind == ErrorKind::kCorrupt)
      result.error().message += " (" + url_.host + ")";
    return result;
  }

  const WebSocketOptions& options_;
  const CheckedUrl& url_;
  const std::stop_token& stop_;
  const OnMessage& f_;
  Wire wire_;
  bool closed_ = false;
};

}  // namespace

Result<void> read_websocket(const WebSocketOptions& options, std::stop_token stop,
                            const std::function<Result<void>(std::string_view message, bool binary)>& f) {
  const auto url = TRY(read_url(options.url, options.policy, "ws", "wss"));
  for (const auto& [name, value] : options.headers) {
    if (name.empty() || name.find_first_of(std::string_view(": \t\r\n\0", 6)) != std::string::npos ||
        value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return invalid("the request header \"" + name + "\" is malformed");
    }
  }
  if (stop.stop_requested()) return fail(ErrorKind::kCancelled, "stopped before connecting");
  return Reader(options, url, stop, f).run();
}

}  // namespace kiki::net
