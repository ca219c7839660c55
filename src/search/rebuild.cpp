#include "search/rebuild.hpp"

namespace kiki::search {

Result<void> forget_all_identities(store::Transaction& tx) {
  TRY(tx.db().run(tx.db().dialect() == store::Dialect::kSqlite
                      ? "INSERT INTO identity_index (identity_index) VALUES ('delete-all')"
                      : "DELETE FROM identity_index"));
  return {};
}

}  // namespace kiki::search
