// Two statements over the table meta.

#include "store/meta.hpp"

namespace kiki::store {

Result<std::optional<std::string>> get_meta(Connection& connection, std::string_view key) {
  return connection.one("SELECT value FROM meta WHERE key = $1", {key},
                        [](const Row& row) { return row.string(0); });
}

Result<void> set_meta(Transaction& tx, std::string_view key, std::string_view value) {
  TRY(tx.db().run(
      "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      {key, value}));
  return {};
}

}  // namespace kiki::store
