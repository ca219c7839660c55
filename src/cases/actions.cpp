// What people do to a case: assign, snooze, resolve, dismiss, open, tag, name.

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "cases/case_state.hpp"
#include "cases/cases.hpp"
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

Result<CaseRow> apply(store::Database& db, events::EventLog& log, const Change& change,
                      const Mutation& mutation) {
  return db.writer().write_result([&](store::Transaction& tx) -> Result<CaseRow> {
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
      if (said->kind == "case.status")
        said->data["undo"] = {{"before", before}, {"after", status_part(*state)}};
      events::Event event;
      event.seq = event_seq = tx.next_event_seq();
      event.workspace_id = change.workspace_id;
      event.kind = std::move(said->kind);
      event.case_id = change.case_id;
      event.actor_id = change.actor_id;
      event.data = boost::json::serialize(said->data);
      TRY(log.append(tx, std::move(event)));
    }
    auto row = TRY(read_row(tx.db(), change.workspace_id, change.case_id));
    row.event_seq = event_seq;
    return row;
  });
}

Said status_changed(CaseStatus from, const CaseState& state) {
  return {"case.status", {{"from", model::name(from)}, {"to", model::name(state.status)}}};
}

}  // namespace

Result<CaseRow> Cases::assign(const Change& change, std::optional<Id> assignee_id) {
  return apply(
      db_, log_, change, [&](store::Transaction& tx, CaseState& state) -> Result<std::optional<Said>> {
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
  const auto now_ms = clock_.now_ms();
  if (until <= now_ms) return invalid("must be in the future", "/until");
  if (until > now_ms + kYearMs) return invalid("must be within a year", "/until");
  return apply(db_, log_, change, [&](store::Transaction&, CaseState& state) -> Result<std::optional<Said>> {
    const auto from = state.status;
    if (from == CaseStatus::kSnoozed && state.snoozed_until == until) return std::optional<Said>();
    state.status = CaseStatus::kSnoozed;
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
  return apply(db_, log_, change, [&](store::Transaction&, CaseState& state) -> Result<std::optional<Said>> {
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
  const auto reason = trimmed(reason_in);
  if (reason.empty()) return invalid("must not be empty", "/reason");
  if (reason.size() > kReasonLimitBytes) return invalid("is too long", "/reason");
  return apply(db_, log_, change, [&](store::Transaction&, CaseState& state) -> Result<std::optional<Said>> {
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

Result<CaseRow> Cases::open(const Change& change) {
  return apply(db_, log_, change,
               [&](store::Transaction& tx, CaseState& state) -> Result<std::optional<Said>> {
                 const auto from = state.status;
                 if (from == CaseStatus::kOpen) return std::optional<Said>();
                 TRY(recompute_waiting(tx.db(), state));
                 open_now(state, clock_.now_ms());
                 return std::optional(status_changed(from, state));
               });
}

Result<CaseRow> Cases::set_title(const Change& change, std::string_view title_in) {
  const auto title = trimmed(title_in);
  if (title.size() > kTitleLimitBytes) return invalid("is too long", "/title");
  return apply(db_, log_, change,
               [&](store::Transaction& tx, CaseState& state) -> Result<std::optional<Said>> {
                 if (state.title == title) return std::optional<Said>();
                 boost::json::object undo{
                     {"before", {{"title", state.title}, {"by_hand", state.title_set}}},
                     {"after", {{"title", title}}}};
                 if (state.title_set) TRY(search::remove_case(tx, state.workspace_id, state.id, state.title));
                 state.title = title;
                 state.title_set = true;
                 TRY(search::index_case(tx, state.workspace_id, state.id, state.title));
                 // A name may quote a post that is deleted later: then both are forgotten (empty_post.cpp).
                 return std::optional(Said{"case.tagged", {{"title", true}, {"undo", std::move(undo)}}});
               });
}

Result<CaseRow> Cases::set_tags(const Change& change, std::vector<std::string> tags) {
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
  return apply(
      db_, log_, change, [&](store::Transaction& tx, CaseState& state) -> Result<std::optional<Said>> {
        const auto present = TRY(
            tx.db().all("SELECT tag FROM case_tags WHERE workspace_id = $1 AND case_id = $2",
                        {state.workspace_id, state.id}, [](const store::Row& row) { return row.string(0); }));
        boost::json::array added;
        boost::json::array removed;
        for (const auto& tag : present) {
          if (wanted.contains(tag)) continue;
          TRY(tx.db().run("DELETE FROM case_tags WHERE workspace_id = $1 AND case_id = $2 AND tag = $3",
                          {state.workspace_id, state.id, tag}));
          removed.emplace_back(tag);
        }
        for (const auto& tag : wanted) {
          if (std::find(present.begin(), present.end(), tag) != present.end()) continue;
          TRY(tx.db().run(
              "INSERT INTO case_tags (workspace_id, case_id, tag, created_at) VALUES ($1, $2, $3, $4)",
              {state.workspace_id, state.id, tag, clock_.now_ms()}));
          added.emplace_back(tag);
        }
        if (added.empty() && removed.empty()) return std::optional<Said>();
        return std::optional(
            Said{"case.tagged", {{"added", std::move(added)}, {"removed", std::move(removed)}}});
      });
}

Result<CaseRow> Cases::set_priority(const Change& change, std::string_view priority) {
  if (!promises::is_priority(priority)) return invalid("expected low, normal, high or urgent", "/priority");
  return apply(db_, log_, change, [&](store::Transaction&, CaseState& state) -> Result<std::optional<Said>> {
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
  for (auto& state : states) {
    TRY(plan_promises(tx.db(), state, books, true));
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
        open_now(state, now_ms);
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
