#pragma once
// One keep-alive connection to the server on loopback. Blocking; of one thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace kiki::bench {

struct Answer {
  int status = 0;
  std::string body;
  std::string cookie;  // name=value of Set-Cookie
};

class HttpClient {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  // `headers` go along with every request.
  explicit HttpClient(int port, Headers headers = {}) : port_(port), headers_(std::move(headers)) {}
  HttpClient(HttpClient&& other) noexcept
      : port_(other.port_),
        headers_(std::move(other.headers_)),
        socket_(std::exchange(other.socket_, -1)),
        unread_(std::move(other.unread_)) {}
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  int port() const { return port_; }
  const Headers& headers() const { return headers_; }
  void set_header(std::string_view name, std::string value);  // from the next request on
  Result<Answer> request(std::string_view method, std::string_view path, std::string_view json = {});
  // Any status but 2xx is an error.
  Result<Answer> good(std::string_view method, std::string_view path, std::string_view json = {});

 private:
  Result<void> send(std::string_view method, std::string_view path, std::string_view json);
  Result<Answer> receive();
  Result<bool> read_more();

  int port_;
  Headers headers_;
  int socket_ = -1;
  std::string unread_;
};

// A connected socket to 127.0.0.1, without Nagle's delay.
Result<int> connect_to(int port);
std::string request_head(std::string_view method, std::string_view path, const HttpClient::Headers& headers,
                         std::size_t body_bytes);
std::string percent_encoded(std::string_view text);

}  // namespace kiki::bench
