#pragma once
// When to connect to one of X's streams again: a broken connection 250 ms later each time up to 16 s, a
// refusal 5 s doubled up to 320 s, too many 60 s doubled.
// https://docs.x.com/x-api/fundamentals/handling-disconnections

#include <algorithm>
#include <cstdint>

#include "channels/x/json_read.hpp"
#include "net/line_stream.hpp"

namespace kiki::channels::x {

class ReconnectSchedule {
 public:
  // X's 250 ms; tests make it short.
  explicit ReconnectSchedule(std::int64_t unit_ms) : unit_(unit_ms) {}

  void works() { broken_ = refusals_ = limits_ = 0; }

  // What was asked before connecting failed.
  std::int64_t after(const Error& error) {
    return error.kind == ErrorKind::kRateLimited ? limited(error.retry_after_ms) : refused();
  }
  std::int64_t after(const Result<net::LineStreamEnd>& end, TimeMs now_ms) {
    const auto status = end.ok() && end->why == net::LineStreamEnd::Why::kRefused ? end->status : 0;
    if (status == 429) {
      const auto reset_s = number_of(end->headers.get("x-rate-limit-reset"));
      return limited(reset_s > 0 ? reset_s * 1'000 - now_ms : 0);
    }
    if (status >= 400) return refused();
    return std::min<std::int64_t>(unit_ * ++broken_, 64 * unit_);
  }

 private:
  std::int64_t limited(std::int64_t told_ms) {
    const auto scheduled = std::min<std::int64_t>((240 * unit_) << std::min(limits_++, 4), 3'600 * unit_);
    return std::clamp<std::int64_t>(told_ms, scheduled, 3'600'000);
  }
  std::int64_t refused() {
    return std::min<std::int64_t>((20 * unit_) << std::min(refusals_++, 6), 1'280 * unit_);
  }

  std::int64_t unit_;
  int broken_ = 0, refusals_ = 0, limits_ = 0;  // failures in a row, by kind
};

}  // namespace kiki::channels::x
