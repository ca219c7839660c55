#include "ingest/account_gaps.hpp"

#include <algorithm>
#include <utility>

namespace kiki::ingest {
namespace {

constexpr std::int64_t kGapsKept = 20;

}  // namespace

Result<void> note_gap(store::Transaction& tx, const ClosedGap& gap, TimeMs now_ms) {
  TRY(
      tx.db().run("INSERT INTO account_gaps (workspace_id, account_id, closed_at, away_since, posts) VALUES "
                  "($1, $2, $3, $4, $5) "
                  "ON CONFLICT (workspace_id, account_id, closed_at) DO UPDATE SET posts = "
                  "account_gaps.posts + excluded.posts",
                  {gap.workspace_id, gap.account_id, now_ms, gap.away_since, gap.posts}));
  TRY(tx.db().run(
      "DELETE FROM account_gaps WHERE workspace_id = $1 AND account_id = $2 AND closed_at <= (SELECT "
      "closed_at FROM "
      "account_gaps WHERE workspace_id = $1 AND account_id = $2 ORDER BY closed_at DESC LIMIT 1 OFFSET $3)",
      {gap.workspace_id, gap.account_id, kGapsKept}));
  return {};
}

Result<void> add_to_gap(store::Transaction& tx, const ClosedGap& gap, TimeMs now_ms) {
  const auto last = TRY(tx.db().one(
      "SELECT closed_at, away_since, posts FROM account_gaps WHERE workspace_id = $1 AND account_id = $2 AND "
      "closed_at >= $3 ORDER BY closed_at DESC LIMIT 1",
      {gap.workspace_id, gap.account_id, gap.away_since}, [&](const store::Row& row) {
        return std::pair(row.integer(0),
                         ClosedGap{gap.workspace_id, gap.account_id, row.integer(1), row.integer(2)});
      }));
  auto whole = gap;
  auto closed_at = now_ms;
  if (last) {
    whole.away_since = std::min(gap.away_since, last->second.away_since);
    whole.posts += last->second.posts;
    closed_at = std::max(closed_at, last->first);
    TRY(tx.db().run("DELETE FROM account_gaps WHERE workspace_id = $1 AND account_id = $2 AND closed_at = $3",
                    {gap.workspace_id, gap.account_id, last->first}));
  }
  return note_gap(tx, whole, closed_at);
}

}  // namespace kiki::ingest
