#pragma once
// For tests: a TCP client that sends exactly the bytes it is told to, and reads what comes. Every wait is
// bounded.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace kiki::net {

class RawClient {
 public:
  explicit RawClient(int port, int receive_buffer_bytes = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer_bytes > 0) {
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const int one = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  }
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_), in_(std::move(other.in_)) {}
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() { close(); }

  bool connected() const { return connected_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void end_sending() { ::shutdown(fd_, SHUT_WR); }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  // Reads until `text` has come; what came up to and with it, or everything so far when it never comes.
  std::string read_until(std::string_view text, int timeout_ms = 20'000) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    while (true) {
      if (const auto at = in_.find(text); at != std::string::npos) return take(at + text.size());
      if (!receive(end)) return take(in_.size());
    }
  }
  std::string read_bytes(std::size_t count, int timeout_ms = 20'000) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    while (in_.size() < count && receive(end)) {
    }
    return take(std::min(count, in_.size()));
  }
  // Everything until the other side closes (or the time is over; see at_end()).
  std::string read_all(int timeout_ms = 20'000) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    while (receive(end)) {
    }
    return take(in_.size());
  }
  bool at_end() const { return at_end_; }

  struct Answer {
    int status = 0;
    std::string head;
    std::string body;
  };
  // One response with Content-Length (or without a body).
  Answer read_answer(bool head_only = false) {
    Answer answer;
    answer.head = read_until("\r\n\r\n");
    if (answer.head.size() > 12 && answer.head.starts_with("HTTP/1.1 "))
      answer.status = std::stoi(answer.head.substr(9));
    const auto at = answer.head.find("Content-Length: ");
    if (at != std::string::npos && !head_only) {
      answer.body = read_bytes(std::stoul(answer.head.substr(at + 16)));
    }
    return answer;
  }

 private:
  bool receive(std::chrono::steady_clock::time_point end) {
    if (at_end_) return false;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd poll{fd_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&poll, 1, static_cast<int>(left.count())) <= 0) return false;
    char buffer[65536];
    const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) {
      at_end_ = true;
      return false;
    }
    in_.append(buffer, static_cast<std::size_t>(n));
    return true;
  }
  std::string take(std::size_t bytes) {
    std::string out = in_.substr(0, bytes);
    in_.erase(0, bytes);
    return out;
  }

  int fd_ = -1;
  bool connected_ = false;
  bool at_end_ = false;
  std::string in_;
};

}  // namespace kiki::net
