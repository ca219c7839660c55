#include "http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

namespace kiki::bench {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

// The value of a header in a head that ends with an empty line.
std::string_view header(std::string_view head, std::string_view name) {
  for (auto line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line)) {
    line += 2;
    const auto end = head.find("\r\n", line);
    if (end == std::string_view::npos) break;
    const auto text = head.substr(line, end - line);
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || !same_name(text.substr(0, colon), name)) continue;
    auto value = text.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    return value;
  }
  return {};
}

std::optional<std::size_t> to_number(std::string_view text) {
  std::size_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || parsed.ec != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

Result<int> connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return unavailable(std::string("no socket: ") + std::strerror(errno));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const std::string why = std::strerror(errno);
    ::close(socket);
    return unavailable("no connection to the server: " + why);
  }
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

std::string request_head(std::string_view method, std::string_view path, const HttpClient::Headers& headers,
                         std::size_t body_bytes) {
  std::string head(method);
  head += ' ';
  head += path;
  head += " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  for (const auto& [name, value] : headers) head.append(name).append(": ").append(value).append("\r\n");
  if (body_bytes > 0) {
    head += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body_bytes) + "\r\n";
  } else if (method != "GET") {
    head += "Content-Length: 0\r\n";
  }
  return head += "\r\n";
}

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

void HttpClient::set_header(std::string_view name, std::string value) {
  for (auto& [known, old] : headers_) {
    if (!same_name(known, name)) continue;
    old = std::move(value);
    return;
  }
  headers_.emplace_back(name, std::move(value));
}

HttpClient::~HttpClient() {
  if (socket_ >= 0) ::close(socket_);
}

Result<Answer> HttpClient::request(std::string_view method, std::string_view path, std::string_view json) {
  // A kept connection may have been closed meanwhile; a fresh one is not tried twice.
  const bool kept = socket_ >= 0;
  for (int attempt = 0;; ++attempt) {
    auto sent = send(method, path, json);
    auto answer = sent.ok() ? receive() : Result<Answer>(sent.error());
    if (answer.ok()) return answer;
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
    unread_.clear();
    if (!kept || attempt > 0) return answer;
  }
}

Result<Answer> HttpClient::good(std::string_view method, std::string_view path, std::string_view json) {
  auto answer = TRY(request(method, path, json));
  if (answer.status / 100 == 2) return answer;
  return internal_error(std::string(method) + " " + std::string(path) + " was answered with " +
                        std::to_string(answer.status) + ": " + answer.body.substr(0, 500));
}

Result<void> HttpClient::send(std::string_view method, std::string_view path, std::string_view json) {
  if (socket_ < 0) socket_ = TRY(connect_to(port_));
  auto bytes = request_head(method, path, headers_, json.size());
  bytes += json;
  for (std::string_view left = bytes; !left.empty();) {
    const auto n = ::send(socket_, left.data(), left.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return unavailable(std::string("not sent: ") + std::strerror(errno));
    left.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<bool> HttpClient::read_more() {
  std::array<char, 65'536> buffer;
  while (true) {
    const auto n = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unavailable(std::string("not received: ") + std::strerror(errno));
    unread_.append(buffer.data(), static_cast<std::size_t>(n));
    return n > 0;
  }
}

Result<Answer> HttpClient::receive() {
  auto end = unread_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!TRY(read_more())) return unavailable("the server closed the connection");
    end = unread_.find("\r\n\r\n");
  }
  const auto head = unread_.substr(0, end + 4);
  unread_.erase(0, end + 4);
  Answer answer;
  answer.status = static_cast<int>(to_number(std::string_view(head).substr(9, 3)).value_or(0));
  const auto cookie = header(head, "Set-Cookie");
  answer.cookie = cookie.substr(0, cookie.find(';'));
  const auto length = to_number(header(head, "Content-Length")).value_or(0);
  while (unread_.size() < length) {
    if (!TRY(read_more())) return unavailable("the server closed the connection inside an answer");
  }
  answer.body = unread_.substr(0, length);
  unread_.erase(0, length);
  if (same_name(header(head, "Connection"), "close")) {
    ::close(socket_);
    socket_ = -1;
  }
  return answer;
}

}  // namespace kiki::bench
