#pragma once
// HTTP messages as plain values, shared by server and client.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiki::net {

// Header names compare without case; order and repeats are kept.
class Headers {
 public:
  void add(std::string name, std::string value) { items_.emplace_back(std::move(name), std::move(value)); }
  void set(std::string_view name, std::string value);
  std::string_view get(std::string_view name) const;  // first value, or ""
  bool has(std::string_view name) const;
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  std::size_t size() const { return items_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> items_;
};

struct HttpRequest {
  std::string method;  // "GET"
  std::string target;  // as sent: "/api/v1/cases?limit=50"
  std::string path;    // decoded and normalised: "/api/v1/cases"; no dot segments, no NUL
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
  Headers headers;
  std::string body;
  std::string remote_ip;   // peer, or what a trusted proxy reported
  std::string request_id;  // ours, or a well-formed X-Request-Id / traceparent id from the client

  std::string_view query_value(std::string_view name) const;  // first, or ""
  std::string_view cookie(std::string_view name) const;       // or ""
};

// A stream of server-sent events that the hub takes over after the response head.
class EventStream;

struct HttpResponse {
  int status = 200;
  Headers headers;
  std::string body;
  std::shared_ptr<const std::string> shared_body;  // instead of body: not copied per request
  std::shared_ptr<EventStream> stream;  // instead of a body: text/event-stream until either side closes
};

}  // namespace kiki::net
