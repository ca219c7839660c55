#include "cases/waiting.hpp"

#include "base/json.hpp"
#include "cases/intake.hpp"

namespace kiki::cases {

using model::CaseStatus;

namespace {

constexpr int kStatusEventsMost = 50;

// Until when a person said that nothing is left to answer: the last resolution or dismissal, unless somebody
// took the case back since. What the customer wrote after it opens the case again without bringing that back.
Result<TimeMs> settled_until(store::Connection& db, const CaseState& state) {
  struct Decision {
    TimeMs at = 0;
    std::string data;
  };
  const auto decisions = TRY(
      db.all("SELECT at, data FROM events WHERE workspace_id = $1 AND case_id = $2 AND kind = 'case.status' "
             "ORDER BY seq DESC LIMIT $3",
             {state.workspace_id, state.id, kStatusEventsMost},
             [](const store::Row& row) { return Decision{row.integer(0), row.string(1)}; }));
  for (const auto& decision : decisions) {
    const auto document = TRY(JsonDocument::parse(decision.data));
    const auto to = document.root()["to"].text();
    const auto from = document.root()["from"].text();
    if (to == "resolved" || to == "dismissed") return decision.at;
    if (to != "snoozed" || from == "resolved" || from == "dismissed") return TimeMs{-1};
  }
  return TimeMs{-1};
}

}  // namespace

Result<void> recompute_waiting(store::Connection& db, CaseState& state, TimeMs settled_until_ms) {
  struct Answers {
    std::optional<TimeMs> first_at;
    std::optional<TimeMs> last_at;
    TimeMs last_received_at = 0;
  };
  const auto answers = TRY(db.one(
      "SELECT MIN(p.posted_at), MAX(p.posted_at), MAX(p.received_at) FROM posts p WHERE p.workspace_id = $1 "
      "AND "
      "p.case_id = $2 AND p.direction = 'out' AND p.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM outbox "
      "o WHERE "
      "o.workspace_id = p.workspace_id AND o.post_id = p.id AND o.action = 'reply' AND (o.state IN "
      "('failed', 'cancelled') OR (o.state = 'unclear' AND o.next_at IS NULL)))",
      {state.workspace_id, state.id}, [](const store::Row& row) {
        return Answers{row.maybe_integer(0), row.maybe_integer(1), row.integer(2)};
      }));
  state.first_reply_at = answers ? answers->first_at : std::nullopt;
  state.last_out_at = answers ? answers->last_at : std::nullopt;
  const TimeMs answered_until = state.last_out_at.value_or(-1);
  const TimeMs answered_at = state.last_out_at ? answers->last_received_at : -1;
  struct Questions {
    std::optional<TimeMs> last_at;
    std::optional<TimeMs> waiting_since;
  };
  const auto questions = TRY(db.one(
      "SELECT MAX(posted_at), MIN(CASE WHEN deleted_at IS NULL AND (posted_at > $3 OR (posted_at > $4 AND "
      "received_at > "
      "$5)) AND received_at > $6 THEN posted_at END) FROM posts WHERE workspace_id = $1 AND case_id = $2 AND "
      "direction "
      "= 'in'",
      {state.workspace_id, state.id, answered_until, answered_until - kCrossingMs, answered_at,
       settled_until_ms},
      [](const store::Row& row) { return Questions{row.maybe_integer(0), row.maybe_integer(1)}; }));
  state.last_in_at = questions ? questions->last_at : std::nullopt;
  state.waiting_since = questions ? questions->waiting_since : std::nullopt;
  state.changed = true;
  return {};
}

void open_now(CaseState& state, TimeMs now_ms) {
  state.status = CaseStatus::kOpen;
  state.snoozed_until.reset();
  state.resolved_at.reset();
  state.dismiss_reason.clear();
  state.promised_from = state.waiting_since.value_or(now_ms);
  state.changed = true;
}

void come_back(CaseState& state, TimeMs now_ms) {
  if (!state.is_found || state.first_reply_at) return open_now(state, now_ms);
  state.status = CaseStatus::kFound;
  state.snoozed_until.reset();
  state.resolved_at.reset();
  state.dismiss_reason.clear();
  state.promised_from.reset();
  state.changed = true;
}

Result<void> settle_waiting(store::Connection& db, CaseState& state, TimeMs now_ms) {
  TRY(recompute_waiting(db, state, TRY(settled_until(db, state))));
  if (state.status != CaseStatus::kOpen && state.status != CaseStatus::kWaiting) return {};
  if (state.waiting_since || (state.status == CaseStatus::kWaiting && !state.last_out_at)) {
    open_now(state, now_ms);
  } else if (state.status == CaseStatus::kOpen && state.last_out_at) {
    state.status = CaseStatus::kWaiting;
    state.promised_from.reset();
  }
  return {};
}

}  // namespace kiki::cases
