#pragma once
// Many open consoles: live streams that one thread reads with epoll. Posts of a bench begin their text with
// mark(number); a console sees it in the preview of the case's row.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/error.hpp"

namespace kiki::bench {

using Time = std::chrono::steady_clock::time_point;

std::string mark(std::int64_t number);  // "k0000042 "

class Consoles {
 public:
  // Called on the reading thread for every mark, as often as consoles see it.
  using Seen = std::function<void(std::int64_t number, Time at)>;
  explicit Consoles(Seen seen);
  ~Consoles();
  Consoles(const Consoles&) = delete;
  Consoles& operator=(const Consoles&) = delete;

  // Opens a stream and waits for the head of its answer.
  Result<void> open(int port, std::string_view path,
                    const std::vector<std::pair<std::string, std::string>>& headers);
  std::size_t opened() const { return opened_; }
  std::size_t lost() const { return lost_; }  // cut off by the server
  std::size_t resets() const { return resets_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  struct Console {
    int socket = -1;
    std::string tail;  // of what was read before: a mark may be cut in two
  };
  void run();
  void read(Console& console);
  void look(std::string_view text, Time at);

  const Seen seen_;
  int epoll_ = -1;
  std::vector<std::unique_ptr<Console>> consoles_;
  std::atomic<std::size_t> opened_{0};
  std::atomic<std::size_t> lost_{0};
  std::atomic<std::size_t> resets_{0};
  std::atomic<std::int64_t> bytes_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace kiki::bench
