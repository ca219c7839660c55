#include "chat/waiting_time.hpp"

#include <algorithm>
#include <vector>

#include "base/log.hpp"

namespace kiki::chat {

Result<std::optional<TimeMs>> read_waiting_time(store::Connection& db, Id workspace_id, Id account_id,
                                                TimeMs now_ms) {
  std::vector<TimeMs> answered;
  // Each status is a range of cases_by_last_post: whoever was answered lately has a late post.
  for (const auto* status : {"waiting", "open", "resolved", "snoozed", "watched"}) {
    auto some = TRY(db.all(
        "SELECT first_reply_at - opened_at FROM cases WHERE workspace_id = $1 AND status = $2 AND "
        "last_post_at > $3 AND account_id = $4 AND first_reply_at > $3 ORDER BY last_post_at DESC LIMIT $5",
        {workspace_id, status, now_ms - kLookedBackMs, account_id, kCasesLooked},
        [](const store::Row& row) { return std::max<TimeMs>(row.integer(0), 0); }));
    answered.insert(answered.end(), some.begin(), some.end());
  }
  if (answered.size() < kCasesLeast) return std::optional<TimeMs>();
  auto waiting =
      TRY(db.all("SELECT $3 - opened_at FROM cases WHERE workspace_id = $1 AND status = 'open' AND "
                 "last_post_at > $4 AND "
                 "account_id = $2 AND first_reply_at IS NULL ORDER BY last_post_at DESC LIMIT $5",
                 {workspace_id, account_id, now_ms, now_ms - kLookedBackMs, kCasesLooked},
                 [](const store::Row& row) { return row.integer(0); }));
  const auto median = [](std::vector<TimeMs>& times) {
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::ranges::nth_element(times, middle);
    return *middle;
  };
  const auto usual = median(answered);
  // When it has become slower, the fast answers of before must not promise what nobody keeps.
  std::erase_if(waiting, [&](TimeMs time) { return time <= usual; });
  answered.insert(answered.end(), waiting.begin(), waiting.end());
  return std::optional(median(answered));
}

std::optional<TimeMs> WaitingTime::of(Id workspace_id, Id account_id) {
  const auto now_ms = clock_.now_ms();
  {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find({workspace_id, account_id});
    if (found != kept_.end() && found->second.until > now_ms) return found->second.waiting_ms;
  }
  std::optional<TimeMs> waiting_ms;
  if (auto reader = db_.reader(); reader.ok()) {
    auto read = read_waiting_time(**reader, workspace_id, account_id, now_ms);
    if (read.ok()) {
      waiting_ms = *read;
    } else {
      log::warning("the waiting time could not be read", read.error());
    }
  }
  const std::lock_guard lock(mutex_);
  kept_[{workspace_id, account_id}] = {waiting_ms, now_ms + kWaitingKeptMs};
  return waiting_ms;
}

}  // namespace kiki::chat
