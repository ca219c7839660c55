#include "channels/bluesky/rate_gate.hpp"

#include <algorithm>
#include <charconv>

#include "channels/bluesky/wait.hpp"

namespace kiki::channels::bluesky {

namespace {

constexpr std::int64_t kUntoldWaitMs = 60'000;
constexpr std::int64_t kLongestWaitMs = 24LL * 3'600'000;

std::int64_t number(std::string_view text, std::int64_t otherwise) {
  std::int64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() && !text.empty() ? value : otherwise;
}

}  // namespace

Result<void> RateGate::enter(const std::string& budget, std::stop_token stop) {
  std::int64_t left_ms = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = closed_until_.find(budget);
    if (found == closed_until_.end()) return {};
    left_ms = found->second - clock_.now_ms();
    if (left_ms <= 0) {
      closed_until_.erase(found);
      return {};
    }
  }
  if (left_ms > kWaitLimitMs) {
    return Error{ErrorKind::kRateLimited, "the network's rate limit is used up", {}, "rate_limited", left_ms};
  }
  if (!wait_ms(stop, left_ms)) return Error{ErrorKind::kCancelled, "stopping", {}, {}, 0};
  return {};
}

std::int64_t RateGate::note(const std::string& budget, const net::HttpAnswer& answer) {
  const auto remaining = number(answer.headers.get("ratelimit-remaining"), -1);
  if (answer.status != 429 && remaining != 0) return 0;
  const TimeMs now_ms = clock_.now_ms();
  std::int64_t wait = 0;
  if (const auto reset_s = number(answer.headers.get("ratelimit-reset"), 0); reset_s > 0) {
    wait = reset_s * 1'000 - now_ms;
  }
  if (const auto after_s = number(answer.headers.get("retry-after"), -1); after_s >= 0) {
    wait = std::max(wait, after_s * 1'000);
  }
  if (answer.status == 429 && wait <= 0) wait = kUntoldWaitMs;
  wait = std::clamp<std::int64_t>(wait, answer.status == 429 ? 1'000 : 0, kLongestWaitMs);
  if (wait > 0) {
    const std::lock_guard lock(mutex_);
    if (closed_until_.size() >= kBudgetsLimit) closed_until_.clear();
    closed_until_[budget] = now_ms + wait;
  }
  return answer.status == 429 ? wait : 0;
}

}  // namespace kiki::channels::bluesky
