#pragma once
// Obeys ratelimit-limit / -remaining / -reset (unix seconds) and Retry-After: when a budget is used up, later
// calls on it wait, or are told how long it takes, before anything is sent. A budget is one account and one
// group of methods, because servers count writes, sessions and reads apart.
// https://docs.bsky.app/docs/advanced-guides/rate-limits

#include <map>
#include <mutex>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/http_client.hpp"

namespace kiki::channels::bluesky {

class RateGate {
 public:
  static constexpr std::int64_t kWaitLimitMs = 5'000;  // longer ones are the caller's business
  static constexpr std::size_t kBudgetsLimit = 10'000;

  explicit RateGate(const Clock& clock) : clock_(clock) {}
  // Passes, waits a little, or kRateLimited with retry_after_ms; kCancelled when stopped while waiting.
  Result<void> enter(const std::string& budget, std::stop_token stop);
  // Looks at an answer's headers. Returns how long to wait when it was a 429, else 0.
  std::int64_t note(const std::string& budget, const net::HttpAnswer& answer);

 private:
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, TimeMs> closed_until_;
};

}  // namespace kiki::channels::bluesky
