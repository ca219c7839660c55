#include "cases/done_requests.hpp"

namespace kiki::cases {

// Longer than any browser keeps what it could not send.
constexpr TimeMs kKeptMs = TimeMs{30} * 24 * 3'600'000;

Result<std::optional<Id>> find_done(store::Transaction& tx, const DoneRequest& request) {
  if (request.request_id.empty()) return std::optional<Id>();
  return tx.db().one(
      "SELECT subject_id FROM done_requests WHERE workspace_id = $1 AND user_id = $2 AND request_id = $3",
      {request.workspace_id, request.user_id, request.request_id},
      [](const store::Row& row) { return row.integer(0); });
}

Result<void> keep_done(store::Transaction& tx, const DoneRequest& request, Id subject_id, TimeMs now_ms) {
  if (request.request_id.empty()) return {};
  TRY(tx.db().run("DELETE FROM done_requests WHERE workspace_id = $1 AND done_at < $2",
                  {request.workspace_id, now_ms - kKeptMs}));
  TRY(
      tx.db().run("INSERT INTO done_requests (workspace_id, user_id, request_id, subject_id, done_at) VALUES "
                  "($1, $2, $3, $4, $5)",
                  {request.workspace_id, request.user_id, request.request_id, subject_id, now_ms}));
  return {};
}

}  // namespace kiki::cases
