#include "cases/waker.hpp"

#include <algorithm>
#include <chrono>

#include "base/log.hpp"

namespace kiki::cases {

namespace {
constexpr std::int64_t kLongestWaitMs = 60'000;  // the wall clock may be set while we wait
}

void Waker::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void Waker::look() {
  {
    const std::lock_guard lock(mutex_);
    look_ = true;
  }
  changed_.notify_all();
}

void Waker::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Waker::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::int64_t wait_ms = kLongestWaitMs;
    auto woken = cases_.wake_snoozed(clock_.now_ms());
    if (!woken.ok()) {
      log::error("snoozed cases not opened", woken.error());
      wait_ms = 1'000;
    } else if (auto next = cases_.next_wake(); next.ok() && *next) {
      wait_ms = std::clamp<std::int64_t>(**next - clock_.now_ms(), 1, kLongestWaitMs);
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, std::chrono::milliseconds(wait_ms), [&] { return look_; });
    look_ = false;
  }
}

}  // namespace kiki::cases
