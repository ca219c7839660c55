#include "cases/next_case.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "cases/case_rank.hpp"

namespace kiki::cases {

namespace {

constexpr int kLookedAtOnce = 50;

using Place = std::pair<TimeMs, Id>;
constexpr Place kTop = {std::numeric_limits<TimeMs>::min(), 0};

// Of both lists: given to nobody else, not passed over by this person.
const std::string kRules =
    " AND c.status = 'open' AND c.lane = $4 AND (c.rank_at, c.id) > ($5, $6) AND NOT EXISTS (SELECT 1 FROM "
    "case_leases l WHERE l.workspace_id = c.workspace_id AND l.case_id = c.id AND l.user_id <> $2 AND "
    "l.until > $3) AND NOT EXISTS (SELECT 1 FROM case_passes p WHERE p.workspace_id = c.workspace_id AND "
    "p.user_id = $2 AND p.case_id = c.id AND p.until > $3) ORDER BY c.rank_at, c.id LIMIT $7";

Place read_place(const store::Row& row) {
  return {row.integer(0), row.integer(1)};
}

// The first place in a list that is good for this person and that nobody is at.
template <class List>
Result<std::optional<Place>> first_of(const NextQuery& query, Place after, List list) {
  while (true) {
    const auto places = TRY(list(after));
    for (const auto& place : places) {
      if (std::ranges::find(query.busy, place.second) == query.busy.end()) return std::optional(place);
    }
    if (places.size() < static_cast<std::size_t>(kLookedAtOnce)) return std::optional<Place>();
    after = places.back();
  }
}

}  // namespace

Result<std::optional<CaseRow>> NextCase::take(const NextQuery& query) {
  const auto taken = TRY(db_.writer().write_result([&](store::Transaction& tx) -> Result<std::optional<Id>> {
    auto& db = tx.db();
    const auto now_ms = clock_.now_ms();
    const auto lane = query.purchases ? kPurchaseLane : kDeskLane;
    TRY(db.run("DELETE FROM case_leases WHERE workspace_id = $1 AND (user_id = $2 OR until <= $3)",
               {query.workspace_id, query.user_id, now_ms}));
    TRY(db.run("DELETE FROM case_passes WHERE workspace_id = $1 AND user_id = $2 AND until <= $3",
               {query.workspace_id, query.user_id, now_ms}));
    if (query.leave) {
      TRY(db.run(
          "INSERT INTO case_passes (workspace_id, user_id, case_id, until) SELECT $1, $2, id, $4 FROM cases "
          "WHERE workspace_id = $1 AND id = $3 ON CONFLICT (workspace_id, user_id, case_id) DO UPDATE SET "
          "until = excluded.until",
          {query.workspace_id, query.user_id, *query.leave, now_ms + kPassedMs}));
    }
    static const std::string in_mine =
        "SELECT c.rank_at, c.id FROM cases c WHERE c.workspace_id = $1 AND c.assignee_id = $2" + kRules;
    static const std::string in_free =
        "SELECT c.rank_at, c.id FROM cases c WHERE c.workspace_id = $1 AND c.assignee_id IS NULL" + kRules;
    const auto list = [&](const std::string& sql) {
      return [&](Place after) {
        return db.all(
            sql, {query.workspace_id, query.user_id, now_ms, lane, after.first, after.second, kLookedAtOnce},
            read_place);
      };
    };
    const auto mine = list(in_mine);
    const auto free = list(in_free);
    auto own = TRY(first_of(query, kTop, mine));
    auto other = TRY(first_of(query, kTop, free));
    while (own || other) {
      const bool is_own = own && (!other || *own <= *other);
      const auto place = is_own ? *own : *other;
      // Another node of the desk may have given it away between our looking and now.
      const auto held = TRY(db.run(
          "INSERT INTO case_leases (workspace_id, case_id, user_id, until) VALUES ($1, $2, $3, $4) ON "
          "CONFLICT "
          "(workspace_id, case_id) DO UPDATE SET user_id = excluded.user_id, until = excluded.until WHERE "
          "case_leases.user_id = excluded.user_id OR case_leases.until <= $5",
          {query.workspace_id, place.second, query.user_id, now_ms + kLeaseMs, now_ms}));
      if (held == 1) return std::optional(place.second);
      if (is_own) {
        own = TRY(first_of(query, place, mine));
      } else {
        other = TRY(first_of(query, place, free));
      }
    }
    return std::optional<Id>();
  }));
  if (!taken) return std::optional<CaseRow>();
  auto reader = TRY(db_.reader());  // its row is read by the side: others wait for the writer
  return std::optional(TRY(read_row(*reader, query.workspace_id, *taken)));
}

}  // namespace kiki::cases
