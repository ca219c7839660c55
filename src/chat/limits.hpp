#pragma once
// How much one visitor and one address may ask of the chat. In memory: a restart forgives.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/token_bucket.hpp"

namespace kiki::chat {

struct Rate {
  std::string_view what;
  double per_minute = 0;
  double at_once = 0;
};
inline constexpr Rate kRequestsOfAddress{"requests", 600, 300};
inline constexpr Rate kVisitorsOfAddress{"visitors", 10, 30};  // an office may share one
inline constexpr Rate kMessagesOfVisitor{"messages", 20, 10};
inline constexpr Rate kMessagesOfAddress{"messages", 60, 60};
inline constexpr Rate kFilesOfVisitor{"files", 6, 8};
inline constexpr Rate kFilesOfAddress{"files", 20, 30};
inline constexpr Rate kTypingOfVisitor{"typing", 60, 20};

class Limits {  // thread-safe
 public:
  explicit Limits(const Clock& clock) : clock_(clock) {}
  // kRateLimited with the time until the next one.
  Result<void> take(const Rate& rate, std::string_view who);

 private:
  static constexpr std::size_t kBucketsMost = 100'000;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<TokenBucket>, std::less<>> buckets_;
};

}  // namespace kiki::chat
