#pragma once
// Time is passed in. Wall time is Unix milliseconds (UTC); monotonic time is for measuring spans only.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kiki {

using TimeMs = std::int64_t;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimeMs now_ms() const = 0;
  virtual TimeMs monotonic_ms() const = 0;
};

class SystemClock final : public Clock {
 public:
  TimeMs now_ms() const override;
  TimeMs monotonic_ms() const override;
};

// A clock that moves only when told to, for tests and simulation.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimeMs start_ms = 1'700'000'000'000) : now_ms_(start_ms) {}
  TimeMs now_ms() const override { return now_ms_.load(); }
  TimeMs monotonic_ms() const override { return now_ms_.load(); }
  void advance_ms(TimeMs by_ms) { now_ms_ += by_ms; }

 private:
  std::atomic<TimeMs> now_ms_;
};

// RFC 3339 in UTC with milliseconds: "2026-11-22T09:12:00.000Z".
std::string to_rfc3339(TimeMs time_ms);
// Any offset, 0 to 9 fraction digits (cut to milliseconds); nothing for what is no such time.
std::optional<TimeMs> parse_rfc3339(std::string_view text);

}  // namespace kiki
