// Buckets that refill with time. A full one remembers nothing, so it may be forgotten.

#include "auth/login_throttle.hpp"

#include <algorithm>
#include <cmath>

namespace kiki::auth {

LoginThrottle::Bucket& LoginThrottle::bucket(Buckets& buckets, std::string_view key, double capacity,
                                             std::int64_t refill_ms) {
  const TimeMs now = clock_.monotonic_ms();
  const auto level = [&](const Bucket& b) {
    return std::min(capacity, b.tries + static_cast<double>(now - b.at_ms) / static_cast<double>(refill_ms));
  };
  auto found = buckets.find(key);
  if (found == buckets.end()) {
    if (buckets.size() >= limits_.keys) {
      // A full bucket remembers nothing. If all of them do, somebody tries many keys: the fullest goes.
      std::erase_if(buckets, [&](const auto& item) { return level(item.second) >= capacity; });
      if (buckets.size() >= limits_.keys) {
        buckets.erase(std::max_element(buckets.begin(), buckets.end(), [&](const auto& a, const auto& b) {
          return level(a.second) < level(b.second);
        }));
      }
    }
    found = buckets.emplace(std::string(key), Bucket{capacity, now}).first;
  }
  found->second.tries = level(found->second);
  found->second.at_ms = now;
  return found->second;
}

Result<void> LoginThrottle::take(std::string_view email, std::string_view remote_ip) {
  const std::lock_guard lock(mutex_);
  Bucket& ip = bucket(by_ip_, remote_ip, limits_.ip_tries, limits_.ip_refill_ms);
  Bucket* mail =
      email.empty() ? nullptr : &bucket(by_email_, email, limits_.email_tries, limits_.email_refill_ms);
  double wait_ms = 0;
  if (ip.tries < 1) wait_ms = (1 - ip.tries) * static_cast<double>(limits_.ip_refill_ms);
  if (mail && mail->tries < 1) {
    wait_ms = std::max(wait_ms, (1 - mail->tries) * static_cast<double>(limits_.email_refill_ms));
  }
  if (wait_ms > 0) {
    return Error{ErrorKind::kRateLimited,
                 "Too many tries. Wait a little.",
                 {},
                 "throttled",
                 static_cast<std::int64_t>(std::ceil(wait_ms))};
  }
  ip.tries -= 1;
  if (mail) mail->tries -= 1;
  return {};
}

void LoginThrottle::give_back(std::string_view email, std::string_view remote_ip) {
  const std::lock_guard lock(mutex_);
  Bucket& ip = bucket(by_ip_, remote_ip, limits_.ip_tries, limits_.ip_refill_ms);
  ip.tries = std::min(limits_.ip_tries, ip.tries + 1);
  if (email.empty()) return;
  Bucket& mail = bucket(by_email_, email, limits_.email_tries, limits_.email_refill_ms);
  mail.tries = std::min(limits_.email_tries, mail.tries + 1);
}

}  // namespace kiki::auth
