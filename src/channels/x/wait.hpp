#pragma once
// Waiting that ends at once when somebody wants us to stop.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace kiki::channels::x {

// False when stop was requested.
inline bool wait_ms(std::stop_token stop, std::int64_t time_ms) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, std::chrono::milliseconds(std::max<std::int64_t>(0, time_ms)),
                [] { return false; });
  return !stop.stop_requested();
}

}  // namespace kiki::channels::x
