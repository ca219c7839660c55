#include "ingest/account_problems.hpp"

#include <boost/json.hpp>

namespace kiki::ingest {

namespace {

Result<void> tell(store::Transaction& tx, events::EventLog& log, Id workspace_id, boost::json::object data) {
  events::Event event;
  event.workspace_id = workspace_id;
  event.kind = "account.problem";
  event.data = boost::json::serialize(data);
  return log.append(tx, std::move(event));
}

}  // namespace

Result<void> set_problem(store::Transaction& tx, events::EventLog& log, const AccountProblem& problem,
                         TimeMs now_ms) {
  const auto detail = problem.detail.substr(0, 500);
  const auto known = TRY(tx.db().one(
      "SELECT since FROM account_problems WHERE workspace_id = $1 AND account_id = $2 AND kind = $3",
      {problem.workspace_id, problem.account_id, problem.kind},
      [](const store::Row& row) { return row.integer(0); }));
  TRY(tx.db().run(
      "INSERT INTO account_problems (workspace_id, account_id, kind, detail, since) VALUES ($1, $2, $3, $4, "
      "$5) ON CONFLICT (workspace_id, account_id, kind) DO UPDATE SET detail = excluded.detail",
      {problem.workspace_id, problem.account_id, problem.kind, detail, now_ms}));
  if (known) return {};
  return tell(
      tx, log, problem.workspace_id,
      {{"account_id", to_string(problem.account_id)}, {"kind", problem.kind}, {"since", to_rfc3339(now_ms)}});
}

Result<void> clear_problem(store::Transaction& tx, events::EventLog& log, Id workspace_id, Id account_id,
                           std::string_view kind) {
  const auto cleared = TRY(tx.db().run(
      "DELETE FROM account_problems WHERE workspace_id = $1 AND account_id = $2 AND (kind = $3 OR $3 = '')",
      {workspace_id, account_id, kind}));
  if (cleared == 0) return {};
  return tell(tx, log, workspace_id,
              {{"account_id", to_string(account_id)}, {"kind", kind}, {"mended", true}});
}

Result<void> note_status(store::Transaction& tx, events::EventLog& log, Id workspace_id, Id account_id,
                         std::string_view status, std::string_view detail, TimeMs now_ms) {
  if (status == "action_needed")
    return set_problem(tx, log, {workspace_id, account_id, kCredentials, detail}, now_ms);
  if (status == "ok") return clear_problem(tx, log, workspace_id, account_id, kCredentials);
  return {};
}

}  // namespace kiki::ingest
