// What people do to a case: assign, snooze, resolve, dismiss, open, tag, name.

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "cases/case_state.hpp"
#include "cases/cases.hpp"
#include "cases/opinions.hpp"
#include "cases/undo.hpp"
#include "cases/waiting.hpp"
#include "promises/book.hpp"
#include "search/search_index.hpp"

namespace kiki::cases {

using model::CaseStatus;

namespace {

constexpr TimeMs kYearMs = TimeMs{366} * 24 * 3'600'000;
constexpr int kWakeLimitCases = 200;  // in one transaction

boost::json::value maybe_id(std::optional<Id> id) {
  if (!id) return nullptr;
  return boost::json::value(to_string(*id));
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// One change of one case: the event's kind and data, or nothing when everything was so already.
struct Said {
  std::string kind;
  boost::json::object data;
};
using Mutation = std::function<Result<std::optional<Said>>(store::Transaction&, CaseState&)>;

Result<CaseRow> apply(store::Transaction& tx, events::EventLog& log, const Change& change,
                      const Mutation& mutation) {
  auto state = TRY(load_state(tx.db(), change.workspace_id, change.case_id));
  if (!state) return not_found("There is no such case.");
  if (change.version && *change.version != state->version) {
    return conflict("The case has changed since you saw it.", "changed");
  }
  const auto before = status_part(*state);
  auto said = TRY(mutation(tx, *state));
  std::int64_t event_seq = 0;
  if (said) {
    CountChanges counts;
    TRY(write_state(tx.db(), *state, counts));
    TRY(counts.write(tx.db()));
    std::optional<Opinion> opinion;
    if (said->kind == "case.status") {
      said->data["undo"] = {{"before", before}, {"after", status_part(*state)}};
      opinion = TRY(take_opinion(tx.db(), change.workspace_id, change.case_id));
      if (opinion) said->data["undo"].as_object()["opinion"] = opinion_part(*opinion);
    }
    if (!change.by.empty()) said->data["by"] = change.by;
    events::Event event;
    event.seq = event_seq = tx.next_event_seq();
    event.workspace_id = change.workspace_id;
    event.kind = std::move(said->kind);
    event.case_id = change.case_id;
    event.actor_id = change.actor_id;
    event.data = boost::json::serialize(said->data);
    TRY(log.append(tx, std::move(event)));
    if (opinion) TRY(tell_opinion_answered(tx, log, change, *opinion, state->status));
  }
  auto row = TRY(read_row(tx.db(), change.workspace_id, change.case_id));
  row.event_seq = event_seq;
  return row;
}

Said status_changed(CaseStatus from, const CaseState& state) {
  return {"case.status", {{"from", model::name(from)}, {"to", model::name(state.status)}}};
}

}  // namespace

Result<CaseRow> Cases::assign(const Change& change, std::optional<Id> assignee_id) {
  return db_.writer().write_result([&](store::Transaction& tx) { return assign(tx, change, assignee_id); });
}

Result<CaseRow> Cases::assign(store::Transaction& tx, const Change& change, std::optional<Id> assignee_id) {
  return apply(tx, log_, change, [&](store::Transaction&, CaseState& state) -> Result<std::optional<Said>> {
    if (state.assignee_id == assignee_id) return std::optional<Said>();
    if (assignee_id) {
      const auto role = TRY(tx.db().one(
          "SELECT role FROM memberships WHERE workspace_id = $1 AND user_id = $2",
          {change.workspace_id, *assignee_id}, [](const store::Row& row) { return row.string(0); }));
      if (!role) return invalid("is not a member of this workspace", "/user_id");
      if (*role == "viewer") return invalid("may only look, not answer", "/user_id");
    }
    Said said{"case.assigned", {{"from", maybe_id(state.assignee_id)}, {"to", maybe_id(assignee_id)}}};
    state.assignee_id = assignee_id;
    return std::optional(std::move(said));
  });
}

Result<CaseRow> Cases::snooze(const Change& change, TimeMs until) {
  return db_.writer().write_result([&](store::Transaction& tx) { return snooze(tx, change, until); });
}

Result<CaseRow> Cases::snooze(store::Transaction& tx, const Change& change, TimeMs until) {
  const auto now_ms = clock_.now_ms();
  if (until <= now_ms) return invalid("must be in the future", "/until");
  if (until > now_ms + kYearMs) return invalid("must be within a year", "/until");
  return apply(tx, log_, change, [&](store::Transaction&, CaseState& state) -> Result<std::optional<Said>> {
    const auto from = state.status;
    if (from == CaseStatus::kSnoozed && state.snoozed_until == until) return std::optional<Said>();
    state.status = CaseStatus::kSnoozed;
    if (from == CaseStatus::kOpen || from == CaseStatus::kDismissed || from == CaseStatus::kWatched)
      state.put_off_at = now_ms;
    if (from == CaseStatus::kResolved) state.put_off_at = state.resolved_at;  // it stood still since
    state.snoozed_until = until;
    state.promised_from.reset();
    state.resolved_at.reset();
    state.dismiss_reason.clear();
    auto said = status_changed(from, state);
    said.data["until"] = to_rfc3339(until);
    return std::optional(std::move(said));
  });
}

Result<CaseRow> Cases::resolve(const Change& change) {
  return db_.writer().write_result([&](store::Transaction& tx) { return resolve(tx, change); });
}

Result<CaseRow> Cases::resolve(store::Transaction& tx, const Change& change) {
  return apply(tx, log_, change, [&](store::Transaction&, CaseState& state) -> Result<std::optional<Said>> {
    const auto from = state.status;
    if (from == CaseStatus::kResolved) return std::optional<Said>();
    state.status = CaseStatus::kResolved;
    state.resolved_at = clock_.now_ms();
    state.promised_from.reset();
    state.waiting_since.reset();
    state.snoozed_until.reset();
    state.dismiss_reason.clear();
    return std::optional(status_changed(from, state));
  });
}

Result<CaseRow> Cases::dismiss(const Change& change, std::string_view reason_in) {
  return db_.writer().write_result([&](store::Transaction& tx) { return dismiss(tx, change, reason_in); });
}

Result<CaseRow> Cases::dismiss(store::Transaction& tx, const Change& change, std::string_view reason_in) {
  const auto reason = trimmed(reason_in);
  if (reason.empty()) return invalid("must not be empty", "/reason");
  if (reason.size() > kReasonLimitBytes) return invalid("is too long", "/reason");
  return apply(tx, log_, change, [&](store::Transaction&, CaseState& state) -> Result<std::optional<Said>> {
    const auto from = state.status;
    if (from == CaseStatus::kDismissed && state.dismiss_reason == reason) return std::optional<Said>();
    state.status = CaseStatus::kDismissed;
    state.dismiss_reason = reason;
    state.promised_from.reset();
    state.waiting_since.reset();
    state.snoozed_until.reset();
    state.resolved_at.reset();
    auto said = status_changed(from, state);
    said.data["reason"] = reason;
    return std::optional(std::move(said));
  });
}

Result<CaseRow> Cases::watch(const Change& change, std::string_view reason_in, std::optional<TimeMs> until) {
  const auto reason = trimmed(reason_in);
  if (reason.empty()) return invalid("must not be empty", "/reason");
  if (reason.size() > kReasonLimitBytes) return invalid("is too long", "/reason");
  const auto now_ms = clock_.now_ms();
  if (until && *until <= now_ms) return invalid("must be in the future", "/until");
  if (until && *until > now_ms + kYearMs) return invalid("must be within a year", "/until");
  return db_.writer().write_result([&](store::Transaction& tx) {
    return apply(tx, log_, change, [&](store::Transaction&, CaseState& state) -> Result<std::optional<Said>> {
      const auto from = state.status;
      if (from == CaseStatus::kWatched && state.dismiss_reason == reason && state.snoozed_until == until)
        return std::optional<Said>();
      state.status = CaseStatus::kWatched;
      state.dismiss_reason = reason;
      state.snoozed_until = until;
      state.promised_from.reset();
      state.waiting_since.reset();
      state.resolved_at.reset();
      auto said = status_changed(from, state);
      said.data["reason"] = reason;
      if (until) said.data["until"] = to_rfc3339(*until);
      return std::optional(std::move(said));
    });
  });
}

Result<CaseRow> Cases::open(const Change& change) {
  return db_.writer().write_result([&](store::Transaction& tx) { return open(tx, change); });
}

Result<CaseRow> Cases::open(store::Transaction& tx, const Change& change) {
  return apply(tx, log_, change, [&](store::Transaction&, CaseState& state) -> Result<std::optional<Said>> {
    const auto from = state.status;
    if (from == CaseStatus::kOpen) {
      // "Respond" is what a colleague answers, too, when the case was open already.
      const auto opinion = TRY(take_opinion(tx.db(), change.workspace_id, change.case_id));
      if (opinion) TRY(tell_opinion_answered(tx, log_, change, *opinion, from));
      return std::optional<Said>();
    }
    TRY(recompute_waiting(tx.db(), state));
    open_now(state, clock_.now_ms());
    return std::optional(status_changed(from, state));
  });
}

Result<CaseRow> Cases::set_title(const Change& change, std::string_view title_in) {
  const auto title = trimmed(title_in);
  if (title.size() > kTitleLimitBytes) return invalid("is too long", "/title");
  return db_.writer().write_result([&](store::Transaction& own) {
    return apply(
        own, log_, change, [&](store::Transaction& tx, CaseState& state) -> Result<std::optional<Said>> {
          if (state.title == title) return std::optional<Said>();
          boost::json::object undo{{"before", {{"title", state.title}, {"by_hand", state.title_set}}},
                                   {"after", {{"title", title}}}};
          if (state.title_set) TRY(search::remove_case(tx, state.workspace_id, state.id, state.title));
          state.title = title;
          state.title_set = true;
          TRY(search::index_case(tx, state.workspace_id, state.id, state.title));
          // A name may quote a post that is deleted later: then both are forgotten (empty_post.cpp).
          return std::optional(Said{"case.tagged", {{"title", true}, {"undo", std::move(undo)}}});
        });
  });
}

namespace {

Result<std::set<std::string>> checked_tags(const std::vector<std::string>& tags) {
  std::set<std::string> wanted;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const auto tag = trimmed(tags[i]);
    const auto where = "/tags/" + std::to_string(i);
    if (tag.empty()) return invalid("must not be empty", where);
    if (tag.size() > kTagLimitBytes) return invalid("is too long", where);
    wanted.emplace(tag);
  }
  if (wanted.size() > kTagsLimit)
    return invalid("more than " + std::to_string(kTagsLimit) + " tags", "/tags");
  return wanted;
}

Result<std::set<std::string>> tags_of(store::Connection& db, const CaseState& state) {
  const auto rows =
      TRY(db.all("SELECT tag FROM case_tags WHERE workspace_id = $1 AND case_id = $2",
                 {state.workspace_id, state.id}, [](const store::Row& row) { return row.string(0); }));
  return std::set<std::string>(rows.begin(), rows.end());
}

Result<std::optional<Said>> write_tags(store::Connection& db, const CaseState& state,
                                       const std::set<std::string>& present,
                                       const std::set<std::string>& wanted, TimeMs now_ms) {
  boost::json::array added;
  boost::json::array removed;
  for (const auto& tag : present) {
    if (wanted.contains(tag)) continue;
    TRY(db.run("DELETE FROM case_tags WHERE workspace_id = $1 AND case_id = $2 AND tag = $3",
               {state.workspace_id, state.id, tag}));
    removed.emplace_back(tag);
  }
  for (const auto& tag : wanted) {
    if (present.contains(tag)) continue;
    TRY(db.run("INSERT INTO case_tags (workspace_id, case_id, tag, created_at) VALUES ($1, $2, $3, $4)",
               {state.workspace_id, state.id, tag, now_ms}));
    added.emplace_back(tag);
  }
  if (added.empty() && removed.empty()) return std::optional<Said>();
  return std::optional(Said{"case.tagged", {{"added", std::move(added)}, {"removed", std::move(removed)}}});
}

}  // namespace

Result<CaseRow> Cases::set_tags(const Change& change, std::vector<std::string> tags) {
  const auto wanted = TRY(checked_tags(tags));
  return db_.writer().write_result([&](store::Transaction& own) {
    return apply(own, log_, change,
                 [&](store::Transaction& tx, CaseState& state) -> Result<std::optional<Said>> {
                   return write_tags(tx.db(), state, TRY(tags_of(tx.db(), state)), wanted, clock_.now_ms());
                 });
  });
}

Result<CaseRow> Cases::change_tags(store::Transaction& tx, const Change& change,
                                   const std::vector<std::string>& add,
                                   const std::vector<std::string>& remove) {
  const auto to_add = TRY(checked_tags(add));
  const auto to_remove = TRY(checked_tags(remove));
  return apply(tx, log_, change, [&](store::Transaction&, CaseState& state) -> Result<std::optional<Said>> {
    const auto present = TRY(tags_of(tx.db(), state));
    auto wanted = present;
    for (const auto& tag : to_remove) wanted.erase(tag);
    wanted.insert(to_add.begin(), to_add.end());
    if (wanted.size() > kTagsLimit)
      return invalid("more than " + std::to_string(kTagsLimit) + " tags", "/tags");
    return write_tags(tx.db(), state, present, wanted, clock_.now_ms());
  });
}

Result<CaseRow> Cases::set_team(const Change& change, std::optional<Id> team_id) {
  return db_.writer().write_result([&](store::Transaction& tx) { return set_team(tx, change, team_id); });
}

Result<CaseRow> Cases::set_team(store::Transaction& tx, const Change& change, std::optional<Id> team_id) {
  return apply(tx, log_, change, [&](store::Transaction&, CaseState& state) -> Result<std::optional<Said>> {
    const auto before = TRY(tx.db().one("SELECT team_id FROM cases WHERE workspace_id = $1 AND id = $2",
                                        {state.workspace_id, state.id},
                                        [](const store::Row& row) { return row.maybe_integer(0); }));
    if (*before == team_id) return std::optional<Said>();
    if (team_id) {
      const auto known =
          TRY(tx.db().one("SELECT 1 FROM teams WHERE workspace_id = $1 AND id = $2 AND archived_at IS NULL",
                          {state.workspace_id, *team_id}, [](const store::Row&) { return true; }));
      if (!known) return invalid("is no team of this workspace", "/team_id");
    }
    // Its own column, outside of CaseState: what comes in never touches it.
    TRY(tx.db().run("UPDATE cases SET team_id = $3 WHERE workspace_id = $1 AND id = $2",
                    {state.workspace_id, state.id, team_id}));
    return std::optional(Said{"case.team", {{"from", maybe_id(*before)}, {"to", maybe_id(team_id)}}});
  });
}

Result<CaseRow> Cases::set_priority(const Change& change, std::string_view priority) {
  return db_.writer().write_result(
      [&](store::Transaction& tx) { return set_priority(tx, change, priority); });
}

Result<CaseRow> Cases::set_priority(store::Transaction& tx, const Change& change, std::string_view priority) {
  if (!promises::is_priority(priority)) return invalid("expected low, normal, high or urgent", "/priority");
  return apply(tx, log_, change, [&](store::Transaction&, CaseState& state) -> Result<std::optional<Said>> {
    if (state.priority == priority) return std::optional<Said>();
    Said said{"case.priority", {{"from", state.priority}, {"to", priority}}};
    state.priority = priority;
    return std::optional(std::move(said));
  });
}

Result<void> Cases::plan_person(store::Transaction& tx, Id workspace_id, Id person_id) {
  constexpr int kMost = 500;
  static const std::string sql =
      "SELECT " + kStateFields +
      " FROM cases c WHERE c.workspace_id = $1 AND c.person_id = $2 AND c.status IN "
      "('open', 'snoozed', 'waiting') ORDER BY c.last_post_at DESC LIMIT $3";
  auto states = TRY(tx.db().all(sql, {workspace_id, person_id, kMost},
                                [](const store::Row& row) { return read_state(row); }));
  BookMemo books;
  WeightsMemo weights;
  for (auto& state : states) {
    TRY(plan_promises(tx.db(), state, books, true));
    TRY(plan_rank(tx.db(), state, weights, true));
    TRY(write_promises(tx.db(), state));
  }
  if (states.empty()) return {};
  events::Event event;
  event.workspace_id = workspace_id;
  event.kind = "promises.planned";
  event.data = R"({"cases":)" + std::to_string(states.size()) + "}";
  return log_.append(tx, std::move(event));
}

Result<std::int64_t> Cases::wake_snoozed(TimeMs now_ms) {
  std::int64_t woken = 0;
  while (true) {
    const auto count = TRY(db_.writer().write_result([&](store::Transaction& tx) -> Result<std::int64_t> {
      static const std::string sql =
          "SELECT " + kStateFields +
          " FROM cases c WHERE c.snoozed_until IS NOT NULL AND c.snoozed_until <= $1 "
          "ORDER BY c.snoozed_until LIMIT $2";
      auto due = TRY(
          tx.db().all(sql, {now_ms, kWakeLimitCases}, [](const store::Row& row) { return read_state(row); }));
      CountChanges counts;
      for (auto& state : due) {
        if (state.status == CaseStatus::kWatched) {
          TRY(recompute_waiting(tx.db(), state));
          come_back(state, now_ms);
        } else {
          open_now(state, now_ms);
        }
        TRY(write_state(tx.db(), state, counts));
        events::Event event;
        event.workspace_id = state.workspace_id;
        event.kind = "case.woken";
        event.case_id = state.id;
        event.data = R"({"by":"time"})";
        TRY(log_.append(tx, std::move(event)));
      }
      TRY(counts.write(tx.db()));
      return static_cast<std::int64_t>(due.size());
    }));
    woken += count;
    if (count < kWakeLimitCases) return woken;
  }
}

Result<std::optional<TimeMs>> Cases::next_wake() {
  auto reader = TRY(db_.reader());
  const auto next = TRY(reader->one("SELECT MIN(snoozed_until) FROM cases WHERE snoozed_until IS NOT NULL",
                                    {}, [](const store::Row& row) { return row.maybe_integer(0); }));
  return next ? *next : std::nullopt;
}

}  // namespace kiki::cases
