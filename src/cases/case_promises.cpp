#include "cases/case_promises.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.hpp"
#include "cases/case_state.hpp"
#include "promises/books.hpp"

namespace kiki::cases {

using model::CaseStatus;
using promises::Kind;

namespace {

constexpr int kPausesMost = 1'000;  // of a case; older ones are left out
constexpr int kResultsShown = 50;

PlannedFrom planned_from(const CaseState& state) {
  return {state.status,         state.promised_from, state.waiting_since,
          state.first_reply_at, state.account_id,    state.priority};
}

Result<std::shared_ptr<const promises::Book>> book_of(store::Connection& db, Id workspace_id,
                                                      BookMemo& books) {
  auto& book = books[workspace_id];
  if (!book) book = TRY(promises::read_book(db, workspace_id));
  return book;
}

Result<promises::CaseTraits> traits_of(store::Connection& db, const CaseState& state,
                                       const promises::Book& book) {
  promises::CaseTraits traits{state.account_id, state.priority, {}, {}};
  if (book.asks_for_topics()) {
    traits.topic_ids =
        TRY(db.all("SELECT topic_id FROM case_topics WHERE case_id = $2 AND workspace_id = $1",
                   {state.workspace_id, state.id}, [](const store::Row& row) { return row.integer(0); }));
  }
  if (book.asks_for_groups()) {
    traits.groups = TRY(db.all("SELECT name FROM person_groups WHERE workspace_id = $1 AND person_id = $2",
                               {state.workspace_id, state.person_id},
                               [](const store::Row& row) { return row.string(0); }));
  }
  return traits;
}

Result<std::vector<promises::Pause>> pauses_of(store::Connection& db, const CaseState& state) {
  auto pauses =
      TRY(db.all("SELECT from_at, to_at FROM case_pauses WHERE workspace_id = $1 AND case_id = $2 ORDER BY "
                 "from_at DESC LIMIT $3",
                 {state.workspace_id, state.id, kPausesMost}, [](const store::Row& row) {
                   return promises::Pause{row.integer(0), row.maybe_integer(1)};
                 }));
  std::reverse(pauses.begin(), pauses.end());
  return pauses;
}

bool waits_for_customer(CaseStatus status, std::optional<TimeMs> waiting_since) {
  return status == CaseStatus::kWaiting || (status == CaseStatus::kSnoozed && !waiting_since);
}

bool is_ours(CaseStatus status) {
  return status == CaseStatus::kOpen || status == CaseStatus::kWaiting || status == CaseStatus::kSnoozed;
}

std::optional<TimeMs> reply_from(const CaseState& state) {
  if (state.status == CaseStatus::kOpen) {
    return state.promised_from.value_or(state.waiting_since.value_or(state.last_post_at));
  }
  if (state.status == CaseStatus::kSnoozed) return state.waiting_since;
  return std::nullopt;
}

Kind reply_kind(std::optional<TimeMs> first_reply_at) {
  return first_reply_at ? Kind::kNextReply : Kind::kFirstReply;
}

Result<void> keep_result(store::Connection& db, const CaseState& state, Kind kind, TimeMs from, TimeMs due_at,
                         TimeMs ended_at, Noticed noticed) {
  const bool broken = ended_at >= due_at;  // as the keeper tells it
  TRY(
      db.run("INSERT INTO promise_results (workspace_id, case_id, kind, from_at, due_at, ended_at, broken, "
             "noticed, policy) "
             "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (workspace_id, case_id, kind, from_at) "
             "DO UPDATE SET "
             "due_at = excluded.due_at, ended_at = excluded.ended_at, broken = excluded.broken, policy = "
             "excluded.policy",
             {state.workspace_id, state.id, name(kind), from, due_at, ended_at, broken ? 1 : 0,
              broken && noticed == Noticed::kBroken ? 1 : 0, state.promise.policy}));
  return {};
}

// True when a breach was to be told by way of this result, and was not yet.
Result<bool> take_back(store::Connection& db, const CaseState& state, TimeMs from, std::string_view kind,
                       std::string_view other_kind) {
  bool untold = false;
  TRY(db.query(
      "DELETE FROM promise_results WHERE workspace_id = $1 AND case_id = $2 AND from_at = $3 AND kind IN "
      "($4, $5) RETURNING broken, noticed",
      std::initializer_list<store::Param>{state.workspace_id, state.id, from, kind, other_kind},
      [&](const store::Row& row) { untold = row.boolean(0) && !row.boolean(1); }));
  return untold;
}

// A customer who comes back after the end begins a new one.
bool comes_back(const CaseState& state) {
  const auto from = reply_from(state);
  return !is_ours(state.planned_from.status) && from && from != state.promise.reply_from;
}

// Until when it was to be resolved: while it stood still, because we waited for the customer, no time was
// known.
Result<std::optional<TimeMs>> resolution_due(store::Connection& db, const CaseState& state, BookMemo& books) {
  if (state.promise.resolve_due_at) return state.promise.resolve_due_at;
  if (!is_ours(state.planned_from.status)) return std::optional<TimeMs>();
  const auto book = TRY(book_of(db, state.workspace_id, books));
  const auto& policy = promises::choose(*book, TRY(traits_of(db, state, *book)));
  if (!policy.terms.resolution) return std::optional<TimeMs>();
  return promises::plan(Kind::kResolution, *state.promise.resolve_from, TRY(pauses_of(db, state)),
                        policy.terms, book->calendar_of(policy))
      .due_at;
}

// What the change ended: an answer came, the case was resolved; and what it brought back.
Result<void> keep_results(store::Connection& db, CaseState& state, BookMemo& books) {
  auto& before = state.promise;  // not planned anew yet
  const auto from = reply_from(state);
  const bool resolved = state.status == CaseStatus::kResolved && state.resolved_at;
  if (before.reply_due_at && before.reply_from && from != before.reply_from &&
      !(from && *from < *before.reply_from) && state.status != CaseStatus::kDismissed &&
      state.status != CaseStatus::kWatched) {
    const auto ended_at = resolved ? state.resolved_at : state.last_out_at;
    if (ended_at && *ended_at >= *before.reply_from) {
      TRY(keep_result(db, state, reply_kind(state.planned_from.first_reply_at), *before.reply_from,
                      *before.reply_due_at, *ended_at, before.reply_noticed));
      // Told by way of the result.
      if (*ended_at >= *before.reply_due_at) before.reply_noticed = Noticed::kBroken;
    }
  }
  if (resolved && before.resolve_from) {
    if (const auto due_at = TRY(resolution_due(db, state, books))) {
      TRY(keep_result(db, state, Kind::kResolution, *before.resolve_from, *due_at, *state.resolved_at,
                      before.resolve_noticed));
      if (*state.resolved_at >= *due_at) before.resolve_noticed = Noticed::kBroken;
    }
  }
  // It goes on after all: the answer failed, or the change was taken back.
  if (from && from == before.reply_from && !before.reply_due_at) {
    if (TRY(take_back(db, state, *from, "first_reply", "next_reply")))
      before.reply_noticed = Noticed::kWarned;
  }
  if (state.planned_from.status == CaseStatus::kResolved && is_ours(state.status) && before.resolve_from &&
      !comes_back(state)) {
    if (TRY(take_back(db, state, *before.resolve_from, "resolution", "resolution")))
      before.resolve_noticed = Noticed::kWarned;
  }
  return {};
}

Result<void> keep_pause(store::Connection& db, const CaseState& state) {
  const bool before =
      !state.is_new && waits_for_customer(state.planned_from.status, state.planned_from.waiting_since);
  const bool now = waits_for_customer(state.status, state.waiting_since);
  if (before == now) return {};
  if (now && state.pause_ended_at) {
    const auto reopened =
        TRY(db.run("UPDATE case_pauses SET to_at = NULL WHERE workspace_id = $1 AND case_id = $2 AND to_at = "
                   "CASE WHEN from_at > $3 THEN from_at ELSE $3 END AND from_at = (SELECT MAX(from_at) FROM "
                   "case_pauses WHERE workspace_id = $1 AND case_id = $2)",
                   {state.workspace_id, state.id, *state.pause_ended_at}));
    if (reopened != 0) return {};
  }
  if (now) {
    TRY(
        db.run("INSERT INTO case_pauses (workspace_id, case_id, from_at) VALUES ($1, $2, $3) "
               "ON CONFLICT (workspace_id, case_id, from_at) DO UPDATE SET to_at = NULL",
               {state.workspace_id, state.id,
                state.put_off_at.value_or(state.last_out_at.value_or(state.last_post_at))}));
    return {};
  }
  TRY(
      db.run("UPDATE case_pauses SET to_at = CASE WHEN from_at > $3 THEN from_at ELSE $3 END "
             "WHERE workspace_id = $1 AND case_id = $2 AND to_at IS NULL",
             {state.workspace_id, state.id, pause_end(state)}));
  return {};
}

// The same promise is told once, also when it stood still meanwhile; one that was given more time may be told
// again.
Noticed still_noticed(Noticed noticed, std::optional<TimeMs> from_before, std::optional<TimeMs> due_before,
                      TimeMs from, const promises::Plan& plan) {
  if (from_before != from) return Noticed::kNothing;
  return due_before && plan.due_at && *plan.due_at > *due_before ? Noticed::kNothing : noticed;
}

std::optional<TimeMs> next_look(Noticed noticed, const promises::Plan& plan) {
  if (!plan.due_at || noticed == Noticed::kBroken) return std::nullopt;
  return noticed == Noticed::kNothing && plan.warn_at ? plan.warn_at : plan.due_at;
}

std::optional<TimeMs> earlier(std::optional<TimeMs> a, std::optional<TimeMs> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace

TimeMs pause_end(const CaseState& state) {
  return state.waiting_since.value_or(
      state.promised_from.value_or(state.resolved_at.value_or(state.last_post_at)));
}

void read_promise_columns(const store::Row& row, int at, CaseState& state) {
  auto& promise = state.promise;
  state.priority = row.string(at);
  state.promised_from = row.maybe_integer(at + 1);
  promise.reply_from = row.maybe_integer(at + 2);
  promise.reply_due_at = row.maybe_integer(at + 3);
  promise.reply_noticed = static_cast<Noticed>(row.integer(at + 4));
  promise.resolve_from = row.maybe_integer(at + 5);
  promise.resolve_due_at = row.maybe_integer(at + 6);
  promise.resolve_noticed = static_cast<Noticed>(row.integer(at + 7));
  promise.look_at = row.maybe_integer(at + 8);
  promise.policy = row.string(at + 9);
  promise.book = row.integer(at + 10);
  state.planned_from = planned_from(state);
}

Result<void> plan_promises(store::Connection& db, CaseState& state, BookMemo& books, bool anew) {
  const auto facts = planned_from(state);
  if (!anew && !state.is_new && facts == state.planned_from) return {};
  TRY(keep_pause(db, state));
  TRY(keep_results(db, state, books));
  const bool begins_anew = comes_back(state);
  auto& promise = state.promise;
  const auto before = promise;
  promise.reply_due_at.reset();
  promise.resolve_due_at.reset();
  promise.look_at.reset();
  state.due_at.reset();
  if (is_ours(state.status)) {
    const auto book = TRY(book_of(db, state.workspace_id, books));
    const auto& policy = promises::choose(*book, TRY(traits_of(db, state, *book)));
    const auto& calendar = book->calendar_of(policy);
    promise.policy = policy.key;
    promise.book = book->version;
    const auto from = reply_from(state);
    if (from) {
      const auto plan = promises::plan(reply_kind(state.first_reply_at), *from, {}, policy.terms, calendar);
      promise.reply_from = from;
      promise.reply_due_at = plan.due_at;
      promise.reply_noticed =
          still_noticed(before.reply_noticed, before.reply_from, before.reply_due_at, *from, plan);
      promise.look_at = next_look(promise.reply_noticed, plan);
      if (state.status == CaseStatus::kOpen) state.due_at = plan.due_at;
    }
    if (!promise.resolve_from || begins_anew) {
      promise.resolve_from =
          state.is_new ? earlier(from, state.opened_at) : from.value_or(state.last_post_at);
    }
    if (policy.terms.resolution) {
      const auto pauses = TRY(pauses_of(db, state));
      const auto plan =
          promises::plan(Kind::kResolution, *promise.resolve_from, pauses, policy.terms, calendar);
      promise.resolve_due_at = plan.due_at;
      promise.resolve_noticed = still_noticed(before.resolve_noticed, before.resolve_from,
                                              before.resolve_due_at, *promise.resolve_from, plan);
      promise.look_at = earlier(promise.look_at, next_look(promise.resolve_noticed, plan));
    }
  }
  state.planned_from = facts;
  return {};
}

Result<bool> write_promises(store::Connection& db, const CaseState& state) {
  const auto& promise = state.promise;
  const auto written = TRY(db.run(
      "UPDATE cases SET due_at = $4, reply_from = $5, reply_due_at = $6, reply_noticed = $7, resolve_from = "
      "$8, "
      "resolve_due_at = $9, resolve_noticed = $10, promise_look_at = $11, promise_policy = $12, "
      "promise_book = $13, rank_at = $14, lane = $15, rank_why = $16, rank_order = $17, earlier_complaints = "
      "$18 "
      "WHERE workspace_id = $1 AND id = $2 AND version = $3",
      {state.workspace_id, state.id, state.version, state.due_at, promise.reply_from, promise.reply_due_at,
       static_cast<int>(promise.reply_noticed), promise.resolve_from, promise.resolve_due_at,
       static_cast<int>(promise.resolve_noticed), promise.look_at, promise.policy, promise.book,
       state.rank.at, state.rank.lane, state.rank.why, state.rank.order, state.rank.complaints}));
  return written == 1;
}

Result<boost::json::object> explain_promises(store::Connection& db, Id workspace_id, Id case_id) {
  const auto state = TRY(load_state(db, workspace_id, case_id));
  if (!state) return not_found("There is no such case.");
  BookMemo books;
  const auto book = TRY(book_of(db, workspace_id, books));
  const auto& policy = promises::choose(*book, TRY(traits_of(db, *state, *book)));
  const auto& calendar = book->calendar_of(policy);
  json::array plans;
  const auto add = [&](Kind kind, TimeMs from, const std::vector<promises::Pause>& pauses, Noticed noticed) {
    auto made = promises::to_json(
        promises::plan(kind, from, pauses, policy.terms, calendar, promises::Detail::kWithSteps));
    made["warned"] = noticed != Noticed::kNothing;
    made["broken"] = noticed == Noticed::kBroken;
    plans.push_back(std::move(made));
  };
  if (state->promise.reply_due_at) {
    add(reply_kind(state->first_reply_at), *state->promise.reply_from, {}, state->promise.reply_noticed);
  }
  if (is_ours(state->status) && policy.terms.resolution && state->promise.resolve_from) {
    add(Kind::kResolution, *state->promise.resolve_from, TRY(pauses_of(db, *state)),
        state->promise.resolve_noticed);
  }
  json::array results;
  TRY(db.query(
      "SELECT kind, from_at, due_at, ended_at, broken FROM promise_results WHERE workspace_id = $1 AND "
      "case_id = $2 ORDER BY ended_at DESC LIMIT $3",
      std::initializer_list<store::Param>{workspace_id, case_id, kResultsShown}, [&](const store::Row& row) {
        results.push_back(json::object{{"kind", row.text(0)},
                                       {"from", to_rfc3339(row.integer(1))},
                                       {"due_at", to_rfc3339(row.integer(2))},
                                       {"ended_at", to_rfc3339(row.integer(3))},
                                       {"kept", !row.boolean(4)}});
      }));
  json::object body;
  body["policy"] = {{"key", policy.key}, {"name", policy.name}};
  body["calendar"] = {{"key", calendar.key}, {"name", calendar.name}, {"time_zone", calendar.zone.name()}};
  body["planned"] = state->promise.book == book->version;
  body["promises"] = std::move(plans);
  body["results"] = std::move(results);
  return body;
}

}  // namespace kiki::cases
