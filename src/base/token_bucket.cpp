// The bucket is filled when it is looked at; no thread ticks.

#include "base/token_bucket.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"

namespace kiki {

namespace {
// Sums of fractions such as 0.1 miss a whole token by rounding; a millionth of a token is forgiven.
constexpr double kForgiven = 1e-6;
}  // namespace

TokenBucket::TokenBucket(const Clock& clock, double tokens_per_second, double capacity_tokens)
    : clock_(clock),
      tokens_per_second_(tokens_per_second),
      capacity_tokens_(capacity_tokens),
      tokens_(capacity_tokens),
      refilled_at_ms_(clock.monotonic_ms()) {
  CHECK(tokens_per_second > 0);
  CHECK(capacity_tokens > 0);
}

void TokenBucket::refill() const {
  const TimeMs now_ms = clock_.monotonic_ms();
  if (now_ms > refilled_at_ms_) {
    const double gained = static_cast<double>(now_ms - refilled_at_ms_) * tokens_per_second_ / 1000;
    tokens_ = std::min(capacity_tokens_, tokens_ + gained);
  }
  refilled_at_ms_ = now_ms;
}

bool TokenBucket::take(double tokens) {
  const std::lock_guard lock(mutex_);
  refill();
  if (tokens_ + kForgiven < tokens) return false;
  tokens_ = std::max(0.0, tokens_ - tokens);
  return true;
}

std::int64_t TokenBucket::wait_ms(double tokens) const {
  CHECK(tokens <= capacity_tokens_);
  const std::lock_guard lock(mutex_);
  refill();
  const double missing = tokens - tokens_ - kForgiven;
  if (missing <= 0) return 0;
  return static_cast<std::int64_t>(std::ceil(missing * 1000 / tokens_per_second_));
}

void TokenBucket::set_tokens(double tokens) {
  const std::lock_guard lock(mutex_);
  refill();
  tokens_ = std::clamp(tokens, 0.0, capacity_tokens_);
}

double TokenBucket::tokens() const {
  const std::lock_guard lock(mutex_);
  refill();
  return tokens_;
}

}  // namespace kiki
