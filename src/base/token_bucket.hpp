#pragma once
// A rate as a bucket: it holds up to `capacity_tokens` and refills at `tokens_per_second`. It starts full.
// Used for our own limits (logins, requests) and for those a network tells us of.

#include <cstdint>
#include <mutex>

#include "base/clock.hpp"

namespace kiki {

class TokenBucket {  // thread-safe
 public:
  TokenBucket(const Clock& clock, double tokens_per_second, double capacity_tokens);

  // Takes the tokens, or takes none and says false.
  [[nodiscard]] bool take(double tokens = 1);
  // How long until take() can succeed, if nobody else takes: 0 = now. `tokens` must fit the capacity.
  std::int64_t wait_ms(double tokens = 1) const;
  // What another side says is left (a rate-limit header): never more than the capacity.
  void set_tokens(double tokens);
  double tokens() const;

 private:
  void refill() const;

  const Clock& clock_;
  const double tokens_per_second_;
  const double capacity_tokens_;
  mutable std::mutex mutex_;
  mutable double tokens_;
  mutable TimeMs refilled_at_ms_;
};

}  // namespace kiki
