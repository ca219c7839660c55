#include "delivery/rates.hpp"

#include <algorithm>

namespace kiki::delivery {

Result<std::optional<TimeMs>> count_or_wait(store::Transaction& tx, IdGenerator& ids,
                                            const std::vector<channels::Capabilities::Rate>& rates,
                                            const SendToCount& send, TimeMs now_ms) {
  if (rates.empty()) return std::optional<TimeMs>();
  std::optional<TimeMs> until;
  std::int64_t longest_ms = 0;
  for (const auto& rate : rates) {
    longest_ms = std::max(longest_ms, rate.window_ms);
    if (rate.count <= 0 || (!rate.action.empty() && rate.action != send.action)) continue;
    // The one that must have left the window before another one fits.
    const auto oldest = TRY(tx.db().one(
        "SELECT at FROM sends WHERE workspace_id = $1 AND account_id = $2 AND at > $3 AND (action = $4 OR $4 "
        "= '') ORDER BY at DESC, id DESC LIMIT 1 OFFSET $5",
        {send.workspace_id, send.account_id, now_ms - rate.window_ms, rate.action, rate.count - 1},
        [](const store::Row& row) { return row.integer(0); }));
    if (oldest) until = std::max(until.value_or(0), *oldest + rate.window_ms);
  }
  if (until) return until;
  TRY(tx.db().run("INSERT INTO sends (workspace_id, account_id, at, id, action) VALUES ($1, $2, $3, $4, $5)",
                  {send.workspace_id, send.account_id, now_ms, ids.next(), send.action}));
  TRY(tx.db().run("DELETE FROM sends WHERE workspace_id = $1 AND account_id = $2 AND at <= $3",
                  {send.workspace_id, send.account_id, now_ms - longest_ms}));
  return std::optional<TimeMs>();
}

}  // namespace kiki::delivery
