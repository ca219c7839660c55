#include "channels/bluesky/wait.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace kiki::channels::bluesky {

bool wait_ms(std::stop_token stop, std::int64_t time_ms) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, std::chrono::milliseconds(time_ms), [] { return false; });
  return !stop.stop_requested();
}

std::int64_t Backoff::next_ms() {
  const std::int64_t whole = next_ms_;
  next_ms_ = std::min(next_ms_ * 2, most_ms_);
  return whole / 2 + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(whole / 2 + 1)));
}

}  // namespace kiki::channels::bluesky
