// Two statements over the table cursors.

#include "store/cursors.hpp"

namespace kiki::store {

Result<std::optional<std::string>> get_cursor(Connection& connection, const CursorKey& key) {
  return connection.one("SELECT value FROM cursors WHERE workspace_id = $1 AND account_id = $2 AND name = $3",
                        {key.workspace_id, key.account_id, key.name},
                        [](const Row& row) { return row.string(0); });
}

Result<void> set_cursor(Transaction& tx, const CursorKey& key, std::string_view value, TimeMs now_ms) {
  TRY(tx.db().run(
      "INSERT INTO cursors (workspace_id, account_id, name, value, updated_at) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (workspace_id, account_id, name) "
      "DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
      {key.workspace_id, key.account_id, key.name, value, now_ms}));
  return {};
}

}  // namespace kiki::store
