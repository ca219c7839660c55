#pragma once
// A door for commands on the same machine: a Unix socket in a directory that is ours alone, mode 0600. One
// request, one answer, both text; plain blocking code on a thread of its own.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace kiki::net {

inline constexpr std::size_t kLocalMessageLimitBytes = 64 * 1024;
inline constexpr int kLocalTimeoutMs = 30'000;

class LocalServer {
 public:
  using Handler = std::function<std::string(std::string_view request)>;

  // Takes the place of a socket that a dead process left behind: the caller holds the directory's lock.
  static Result<std::unique_ptr<LocalServer>> start(const std::string& directory, const std::string& name,
                                                    Handler handler);
  ~LocalServer();  // removes the socket; waits for a running handler
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

 private:
  struct Impl;
  explicit LocalServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// kNotFound when nobody listens there; kUnavailable when it does not answer (a handler's answer is never
// empty).
Result<std::string> ask_local(const std::string& directory, const std::string& name,
                              std::string_view request);

}  // namespace kiki::net
