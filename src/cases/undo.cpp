#include "cases/undo.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "base/json.hpp"
#include "cases/cases.hpp"
#include "cases/opinions.hpp"
#include "promises/book.hpp"
#include "search/search_index.hpp"

namespace kiki::cases {

namespace {

boost::json::value maybe(std::optional<std::int64_t> number) {
  if (!number) return nullptr;
  return boost::json::value(*number);
}

Result<std::optional<std::int64_t>> maybe_number(const boost::json::object& part, std::string_view name) {
  const auto* value = part.if_contains(name);
  if (value != nullptr && value->is_int64()) return std::optional(value->get_int64());
  if (value != nullptr && value->is_null()) return std::optional<std::int64_t>();
  return Error{ErrorKind::kCorrupt, "an event without what was before it", std::string(name), {}, 0};
}

std::string text_of(const boost::json::object& part, std::string_view name) {
  const auto* value = part.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<Id> id_of(const boost::json::object& part, std::string_view name) {
  return parse_id(text_of(part, name));
}

Error moved_on() {
  return conflict("The case has moved on since.", "changed");
}

Error not_undoable() {
  return conflict("This cannot be undone.", "not_undoable");
}

const boost::json::object* object_in(const boost::json::object& data, std::string_view name) {
  const auto* value = data.if_contains(name);
  return value != nullptr && value->is_object() ? &value->get_object() : nullptr;
}

Result<void> restore_assignee(store::Connection& db, CaseState& state, const boost::json::object& data) {
  if (state.assignee_id != id_of(data, "to")) return moved_on();
  const auto before = id_of(data, "from");
  if (before) {
    const auto member = TRY(db.one("SELECT 1 FROM memberships WHERE workspace_id = $1 AND user_id = $2",
                                   {state.workspace_id, *before}, [](const store::Row&) { return true; }));
    if (!member) return moved_on();
  }
  state.assignee_id = before;
  return {};
}

Result<void> restore_tags(store::Connection& db, const CaseState& state, const boost::json::object& data,
                          TimeMs now_ms) {
  const auto tags = [&](std::string_view name) {
    std::set<std::string> list;
    if (const auto* value = data.if_contains(name); value != nullptr && value->is_array()) {
      for (const auto& tag : value->get_array()) {
        if (tag.is_string()) list.emplace(tag.get_string());
      }
    }
    return list;
  };
  const auto added = tags("added");
  const auto removed = tags("removed");
  const auto rows =
      TRY(db.all("SELECT tag FROM case_tags WHERE workspace_id = $1 AND case_id = $2",
                 {state.workspace_id, state.id}, [](const store::Row& row) { return row.string(0); }));
  const std::set<std::string> present(rows.begin(), rows.end());
  if (!std::ranges::includes(present, added)) return moved_on();
  for (const auto& tag : removed) {
    if (present.contains(tag)) return moved_on();
  }
  for (const auto& tag : added) {
    TRY(db.run("DELETE FROM case_tags WHERE workspace_id = $1 AND case_id = $2 AND tag = $3",
               {state.workspace_id, state.id, tag}));
  }
  for (const auto& tag : removed) {
    TRY(db.run("INSERT INTO case_tags (workspace_id, case_id, tag, created_at) VALUES ($1, $2, $3, $4)",
               {state.workspace_id, state.id, tag, now_ms}));
  }
  return {};
}

Result<void> restore_team(store::Connection& db, const CaseState& state, const boost::json::object& data) {
  const auto before = id_of(data, "from");
  if (before) {
    const auto team =
        TRY(db.one("SELECT 1 FROM teams WHERE workspace_id = $1 AND id = $2 AND archived_at IS NULL",
                   {state.workspace_id, *before}, [](const store::Row&) { return true; }));
    if (!team) return moved_on();
  }
  const auto written = TRY(db.run(
      "UPDATE cases SET team_id = $3 WHERE workspace_id = $1 AND id = $2 AND COALESCE(team_id, 0) = $4",
      {state.workspace_id, state.id, before, id_of(data, "to").value_or(0)}));
  if (written == 0) return moved_on();
  return {};
}

Result<void> restore_title(store::Transaction& tx, CaseState& state, const boost::json::object& undo) {
  const auto* before = object_in(undo, "before");
  const auto* after = object_in(undo, "after");
  // The names are gone when a post was deleted since: they may have quoted it.
  if (before == nullptr || after == nullptr || !before->contains("title")) return not_undoable();
  if (!state.title_set || state.title != text_of(*after, "title")) return moved_on();
  TRY(search::remove_case(tx, state.workspace_id, state.id, state.title));
  state.title = text_of(*before, "title");
  const auto* by_hand = before->if_contains("by_hand");
  state.title_set = by_hand != nullptr && by_hand->is_bool() && by_hand->get_bool();
  if (state.title_set) TRY(search::index_case(tx, state.workspace_id, state.id, state.title));
  return {};
}

}  // namespace

boost::json::object status_part(const CaseState& state) {
  return {{"status", model::name(state.status)},         {"promised_from", maybe(state.promised_from)},
          {"waiting_since", maybe(state.waiting_since)}, {"snoozed_until", maybe(state.snoozed_until)},
          {"resolved_at", maybe(state.resolved_at)},     {"dismiss_reason", state.dismiss_reason},
          {"last_in_at", maybe(state.last_in_at)},       {"last_out_at", maybe(state.last_out_at)}};
}

bool is_as(const CaseState& state, const boost::json::object& part) {
  return status_part(state) == part;
}

Result<void> restore_status(CaseState& state, const boost::json::object& part) {
  const auto status = model::parse_case_status(text_of(part, "status"));
  if (!status) return Error{ErrorKind::kCorrupt, "an event without what was before it", "status", {}, 0};
  state.pause_ended_at = pause_end(state);  // as the change that is taken back had it
  state.promised_from = TRY(maybe_number(part, "promised_from"));
  state.waiting_since = TRY(maybe_number(part, "waiting_since"));
  state.snoozed_until = TRY(maybe_number(part, "snoozed_until"));
  state.resolved_at = TRY(maybe_number(part, "resolved_at"));
  state.dismiss_reason = text_of(part, "dismiss_reason");
  state.status = *status;
  return {};
}

Result<CaseRow> Cases::undo(const Change& change, std::int64_t event_seq) {
  return db_.writer().write_result([&](store::Transaction& tx) { return undo(tx, change, event_seq); });
}

Result<CaseRow> Cases::undo(store::Transaction& tx, const Change& change, std::int64_t event_seq) {
  auto state = TRY(load_state(tx.db(), change.workspace_id, change.case_id));
  if (!state) return not_found("There is no such case.");
  const auto done =
      TRY(tx.db().one("SELECT kind, data FROM events WHERE workspace_id = $1 AND seq = $2 AND case_id = $3",
                      {change.workspace_id, event_seq, change.case_id},
                      [](const store::Row& row) { return std::pair(row.string(0), row.string(1)); }));
  if (!done) return not_found("This case has no such event.");
  const auto& [kind, text] = *done;
  boost::system::error_code bad;
  const auto parsed = boost::json::parse(text, bad);
  if (bad || !parsed.is_object()) return not_undoable();
  const auto& data = parsed.get_object();
  const auto* undo = object_in(data, "undo");

  boost::json::object said{{"undone", std::to_string(event_seq)}};
  if (kind == "case.assigned") {
    TRY(restore_assignee(tx.db(), *state, data));
    said["from"] = data.at("to");
    said["to"] = data.at("from");
  } else if (kind == "case.status") {
    const auto* before = undo == nullptr ? nullptr : object_in(*undo, "before");
    const auto* after = undo == nullptr ? nullptr : object_in(*undo, "after");
    if (before == nullptr || after == nullptr) return not_undoable();
    if (!is_as(*state, *after)) return moved_on();
    said["from"] = model::name(state->status);
    TRY(restore_status(*state, *before));
    if (const auto* opinion = object_in(*undo, "opinion"); opinion != nullptr)
      TRY(restore_opinion(tx.db(), change.workspace_id, change.case_id, *opinion));
    said["to"] = model::name(state->status);
    if (state->snoozed_until) said["until"] = to_rfc3339(*state->snoozed_until);
    if (!state->dismiss_reason.empty()) said["reason"] = state->dismiss_reason;
  } else if (kind == "case.tagged" && data.contains("title")) {
    if (undo == nullptr) return not_undoable();
    TRY(restore_title(tx, *state, *undo));
    said["title"] = true;
  } else if (kind == "case.tagged") {
    TRY(restore_tags(tx.db(), *state, data, clock_.now_ms()));
    if (data.contains("removed")) said["added"] = data.at("removed");
    if (data.contains("added")) said["removed"] = data.at("added");
  } else if (kind == "case.priority") {
    if (state->priority != text_of(data, "to") || !promises::is_priority(text_of(data, "from")))
      return moved_on();
    state->priority = text_of(data, "from");
    said["from"] = data.at("to");
    said["to"] = data.at("from");
  } else if (kind == "case.team") {
    TRY(restore_team(tx.db(), *state, data));
    said["from"] = data.at("to");
    said["to"] = data.at("from");
  } else {
    return not_undoable();
  }
  CountChanges counts;
  TRY(write_state(tx.db(), *state, counts));
  TRY(counts.write(tx.db()));
  events::Event event;
  event.workspace_id = change.workspace_id;
  event.kind = kind;
  event.case_id = change.case_id;
  event.actor_id = change.actor_id;
  if (!change.by.empty()) said["by"] = change.by;
  event.data = boost::json::serialize(said);
  TRY(log_.append(tx, std::move(event)));
  return read_row(tx.db(), change.workspace_id, change.case_id);
}

}  // namespace kiki::cases
