#include "chat/limits.hpp"

namespace kiki::chat {

Result<void> Limits::take(const Rate& rate, std::string_view who) {
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= kBucketsMost) {
    // A full bucket says nothing: whoever it belongs to has been quiet.
    std::erase_if(buckets_, [](const auto& entry) { return entry.second->wait_ms(1) == 0; });
    if (buckets_.size() >= kBucketsMost) buckets_.clear();
  }
  auto& bucket = buckets_[std::string(rate.what) + ' ' + std::string(who)];
  if (!bucket) bucket = std::make_unique<TokenBucket>(clock_, rate.per_minute / 60, rate.at_once);
  if (bucket->take()) return {};
  return Error{ErrorKind::kRateLimited,
               "Too many in a short time.",
               {},
               "too_fast",
               std::max<std::int64_t>(bucket->wait_ms(), 1'000)};
}

}  // namespace kiki::chat
