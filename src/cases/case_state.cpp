#include "cases/case_state.hpp"

namespace kiki::cases {

const std::string kStateFields =
    "c.workspace_id, c.id, c.number, c.person_id, c.identity_id, c.account_id, c.network, c.status, "
    "c.origin, c.title, "
    "c.preview, c.preview_marks, c.assignee_id, c.due_at, c.waiting_since, c.snoozed_until, "
    "c.dismiss_reason, "
    "c.post_count, c.last_post_at, c.opened_at, c.resolved_at, c.first_reply_at, c.last_in_at, "
    "c.last_out_at, "
    "c.version, c.title_set, c.triage, c.lane, c.rank_at, c.rank_why, c.rank_order, c.earlier_complaints, "
    "c.priority, c.promised_from, c.reply_from, c.reply_due_at, c.reply_noticed, "
    "c.resolve_from, c.resolve_due_at, c.resolve_noticed, c.promise_look_at, c.promise_policy, "
    "c.promise_book";

CaseState read_state(const store::Row& row, int first_column) {
  const int at = first_column;
  CaseState state;
  state.workspace_id = row.integer(at + 0);
  state.id = row.integer(at + 1);
  state.number = row.integer(at + 2);
  state.person_id = row.integer(at + 3);
  state.identity_id = row.integer(at + 4);
  state.account_id = row.integer(at + 5);
  state.network = row.string(at + 6);
  state.status = model::parse_case_status(row.text(at + 7)).value_or(model::CaseStatus::kOpen);
  state.is_found = row.text(at + 8) == "found";
  state.title = row.string(at + 9);
  state.preview = row.string(at + 10);
  state.preview_marks = row.string(at + 11);
  state.assignee_id = row.maybe_integer(at + 12);
  state.due_at = row.maybe_integer(at + 13);
  state.waiting_since = row.maybe_integer(at + 14);
  state.snoozed_until = row.maybe_integer(at + 15);
  state.dismiss_reason = row.string(at + 16);
  state.post_count = row.integer(at + 17);
  state.last_post_at = row.integer(at + 18);
  state.opened_at = row.integer(at + 19);
  state.resolved_at = row.maybe_integer(at + 20);
  state.first_reply_at = row.maybe_integer(at + 21);
  state.last_in_at = row.maybe_integer(at + 22);
  state.last_out_at = row.maybe_integer(at + 23);
  state.version = row.integer(at + 24);
  state.title_set = row.boolean(at + 25);
  state.triage = row.string(at + 26);
  state.rank.lane = row.integer(at + 27);
  state.rank.at = row.maybe_integer(at + 28);
  state.rank.why = row.string(at + 29);
  state.rank.order = row.integer(at + 30);
  state.rank.complaints = row.integer(at + 31);
  read_promise_columns(row, at + 32, state);
  state.stored_status = state.status;
  state.stored_assignee_id = state.assignee_id;
  state.stored_due_at = state.due_at;
  state.stored_snoozed_until = state.snoozed_until;
  state.stored_promise_look_at = state.promise.look_at;
  state.stored_rank_at = state.rank.at;
  state.stored_lane = state.rank.lane;
  state.stored_waiting_since = state.waiting_since;
  return state;
}

Result<std::optional<CaseState>> load_state(store::Connection& db, Id workspace_id, Id case_id) {
  static const std::string sql =
      "SELECT " + kStateFields + " FROM cases c WHERE c.workspace_id = $1 AND c.id = $2";
  return db.one(sql, {workspace_id, case_id}, [](const store::Row& row) { return read_state(row); });
}

void CountChanges::add(Id workspace_id, model::CaseStatus status, std::optional<Id> assignee_id,
                       std::int64_t by) {
  changes_[{workspace_id, status, assignee_id.value_or(0)}] += by;
}

Result<void> CountChanges::write(store::Connection& db) {
  for (const auto& [key, by] : changes_) {
    const auto& [workspace_id, status, assignee_id] = key;
    if (by == 0) continue;
    TRY(
        db.run("INSERT INTO case_counts (workspace_id, status, assignee_id, cases) VALUES ($1, $2, $3, $4) "
               "ON CONFLICT (workspace_id, status, assignee_id) DO UPDATE SET cases = case_counts.cases + "
               "excluded.cases",
               {workspace_id, model::name(status), assignee_id, by}));
  }
  changes_.clear();
  return {};
}

namespace {

Result<void> insert_state(store::Connection& db, const CaseState& s) {
  const auto& p = s.promise;
  TRY(db.run(
      "INSERT INTO cases (workspace_id, id, number, person_id, identity_id, account_id, network, status, "
      "origin, title, preview, preview_marks, assignee_id, due_at, waiting_since, snoozed_until, "
      "dismiss_reason, post_count, last_post_at, opened_at, resolved_at, first_reply_at, last_in_at, "
      "last_out_at, version, priority, promised_from, reply_from, reply_due_at, reply_noticed, resolve_from, "
      "resolve_due_at, resolve_noticed, promise_look_at, promise_policy, promise_book, triage, lane, "
      "rank_at, rank_why, rank_order, earlier_complaints) VALUES ($1, $2, $3, "
      "$4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, "
      "$25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42)",
      {s.workspace_id,
       s.id,
       s.number,
       s.person_id,
       s.identity_id,
       s.account_id,
       s.network,
       model::name(s.status),
       s.is_found ? "found" : "addressed",
       s.title,
       s.preview,
       s.preview_marks,
       s.assignee_id,
       s.due_at,
       s.waiting_since,
       s.snoozed_until,
       s.dismiss_reason,
       s.post_count,
       s.last_post_at,
       s.opened_at,
       s.resolved_at,
       s.first_reply_at,
       s.last_in_at,
       s.last_out_at,
       s.version,
       s.priority,
       s.promised_from,
       p.reply_from,
       p.reply_due_at,
       static_cast<int>(p.reply_noticed),
       p.resolve_from,
       p.resolve_due_at,
       static_cast<int>(p.resolve_noticed),
       p.look_at,
       p.policy,
       p.book,
       s.triage,
       s.rank.lane,
       s.rank.at,
       s.rank.why,
       s.rank.order,
       s.rank.complaints}));
  return {};
}

// What changes with nearly every post stands in one statement, what the other indexes are made of in a second
// one: SQLite writes an index entry anew for every column that a statement names, changed or not.
Result<void> update_state(store::Connection& db, const CaseState& s) {
  const auto& p = s.promise;
  TRY(db.run(
      "UPDATE cases SET account_id = $3, network = $4, origin = $5, title = $6, preview = $7, preview_marks "
      "= $8, "
      "dismiss_reason = $9, post_count = $10, last_post_at = $11, resolved_at = $12, first_reply_at = $13, "
      "last_in_at = $14, last_out_at = $15, version = $16, title_set = $17, priority = $18, "
      "promised_from = $19, reply_from = $20, reply_due_at = $21, reply_noticed = $22, resolve_from = $23, "
      "resolve_due_at = $24, resolve_noticed = $25, promise_policy = $26, promise_book = $27, triage = $28, "
      "rank_why = $29, rank_order = $30, earlier_complaints = $31 "
      "WHERE workspace_id = $1 AND id = $2",
      {s.workspace_id,
       s.id,
       s.account_id,
       s.network,
       s.is_found ? "found" : "addressed",
       s.title,
       s.preview,
       s.preview_marks,
       s.dismiss_reason,
       s.post_count,
       s.last_post_at,
       s.resolved_at,
       s.first_reply_at,
       s.last_in_at,
       s.last_out_at,
       s.version,
       s.title_set,
       s.priority,
       s.promised_from,
       p.reply_from,
       p.reply_due_at,
       static_cast<int>(p.reply_noticed),
       p.resolve_from,
       p.resolve_due_at,
       static_cast<int>(p.resolve_noticed),
       p.policy,
       p.book,
       s.triage,
       s.rank.why,
       s.rank.order,
       s.rank.complaints}));
  if (s.status == s.stored_status && s.assignee_id == s.stored_assignee_id && s.due_at == s.stored_due_at &&
      s.snoozed_until == s.stored_snoozed_until && p.look_at == s.stored_promise_look_at &&
      s.rank.at == s.stored_rank_at && s.rank.lane == s.stored_lane &&
      s.waiting_since == s.stored_waiting_since)
    return {};
  TRY(
      db.run("UPDATE cases SET status = $3, assignee_id = $4, due_at = $5, snoozed_until = $6, "
             "promise_look_at = $7, "
             "rank_at = $8, lane = $9, waiting_since = $10 WHERE workspace_id = $1 AND id = $2",
             {s.workspace_id, s.id, model::name(s.status), s.assignee_id, s.due_at, s.snoozed_until,
              p.look_at, s.rank.at, s.rank.lane, s.waiting_since}));
  return {};
}

}  // namespace

Result<void> write_state(store::Connection& db, CaseState& state, CountChanges& counts) {
  TRY(plan_promises(db, state, counts.books));
  TRY(plan_rank(db, state, counts.weights));
  if (state.is_new) {
    TRY(insert_state(db, state));
    counts.add(state.workspace_id, state.status, state.assignee_id, 1);
  } else {
    ++state.version;
    TRY(update_state(db, state));
    counts.add(state.workspace_id, state.stored_status, state.stored_assignee_id, -1);
    counts.add(state.workspace_id, state.status, state.assignee_id, 1);
  }
  state.is_new = false;
  state.changed = false;
  state.stored_status = state.status;
  state.stored_assignee_id = state.assignee_id;
  state.stored_due_at = state.due_at;
  state.stored_snoozed_until = state.snoozed_until;
  state.stored_promise_look_at = state.promise.look_at;
  state.stored_rank_at = state.rank.at;
  state.stored_lane = state.rank.lane;
  state.stored_waiting_since = state.waiting_since;
  return {};
}

}  // namespace kiki::cases
