#pragma once
// Slows down guessing: a bucket of tries per e-mail address and one per IP address, in memory.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace kiki::auth {

struct ThrottleLimits {
  double email_tries = 10;  // at once; then one every email_refill_ms
  std::int64_t email_refill_ms = 60'000;
  double ip_tries = 60;  // an office shares one address
  std::int64_t ip_refill_ms = 5'000;
  std::size_t keys = 20'000;  // remembered of each; when full, the fullest buckets are forgotten first
};

class LoginThrottle {  // thread-safe
 public:
  explicit LoginThrottle(const Clock& clock, ThrottleLimits limits = {}) : clock_(clock), limits_(limits) {}

  // Takes one try from both; kRateLimited with retry_after_ms when one is empty. email may be "" (links,
  // set-up).
  Result<void> take(std::string_view email, std::string_view remote_ip);
  // It was the right password: that try does not count.
  void give_back(std::string_view email, std::string_view remote_ip);

 private:
  struct Bucket {
    double tries = 0;
    TimeMs at_ms = 0;
  };
  using Buckets = std::map<std::string, Bucket, std::less<>>;
  Bucket& bucket(Buckets& buckets, std::string_view key, double capacity, std::int64_t refill_ms);

  const Clock& clock_;
  const ThrottleLimits limits_;
  std::mutex mutex_;
  Buckets by_email_;
  Buckets by_ip_;
};

}  // namespace kiki::auth
