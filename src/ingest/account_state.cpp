#include "ingest/account_state.hpp"

#include "store/cursors.hpp"

namespace kiki::ingest {
namespace {

class StoredState final : public channels::AccountState {
 public:
  StoredState(store::Database& db, const store::Sealer& sealer, const Clock& clock, Id workspace_id,
              Id account_id)
      : db_(db), sealer_(sealer), clock_(clock), workspace_id_(workspace_id), account_id_(account_id) {}

  Result<std::string> secret(std::string_view name) override {
    std::optional<std::string> sealed;
    {
      auto reader = TRY(db_.reader());
      sealed = TRY(reader->one(
          "SELECT sealed FROM account_secrets WHERE workspace_id = $1 AND account_id = $2 AND name = $3",
          {workspace_id_, account_id_, name},
          [](const store::Row& row) { return std::string(row.blob(0)); }));
    }
    if (!sealed) return std::string();
    return sealer_.unseal(*sealed, {workspace_id_, account_id_, name});
  }

  Result<void> set_secrets(const std::vector<std::pair<std::string, std::string>>& secrets) override {
    return db_.writer().write([&](store::Transaction& tx) {
      return store_secrets(tx, sealer_, clock_.now_ms(), workspace_id_, account_id_, secrets);
    });
  }

  Result<std::string> cursor(std::string_view name) override {
    auto reader = TRY(db_.reader());
    return TRY(store::get_cursor(*reader, {workspace_id_, account_id_, name})).value_or(std::string());
  }

  Result<void> set_cursor(std::string_view name, std::string_view value) override {
    return db_.writer().write([&](store::Transaction& tx) {
      return store::set_cursor(tx, {workspace_id_, account_id_, name}, value, clock_.now_ms());
    });
  }

  Result<std::int64_t> add(std::string_view counter, std::int64_t amount, std::int64_t limit) override {
    const store::CursorKey key{workspace_id_, account_id_, counter};
    return db_.writer().write_result([&](store::Transaction& tx) -> Result<std::int64_t> {
      const auto counted = TRY(store::get_cursor(tx.db(), key)).value_or(std::string());
      const auto sum = TRY(channels::sum_within(counted, amount, limit));
      TRY(store::set_cursor(tx, key, std::to_string(sum), clock_.now_ms()));
      return sum;
    });
  }

 private:
  store::Database& db_;
  const store::Sealer& sealer_;
  const Clock& clock_;
  const Id workspace_id_;
  const Id account_id_;
};

}  // namespace

Result<void> store_secrets(store::Transaction& tx, const store::Sealer& sealer, TimeMs now_ms,
                           Id workspace_id, Id account_id,
                           const std::vector<std::pair<std::string, std::string>>& secrets) {
  for (const auto& [name, value] : secrets) {
    const auto sealed = sealer.seal(value, {workspace_id, account_id, name});
    TRY(tx.db().run(
        "INSERT INTO account_secrets (workspace_id, account_id, name, sealed, updated_at) VALUES ($1, "
        "$2, $3, $4, $5) ON CONFLICT (workspace_id, account_id, name) DO UPDATE SET "
        "sealed = excluded.sealed, updated_at = excluded.updated_at",
        {workspace_id, account_id, name, store::Blob{sealed}, now_ms}));
  }
  return {};
}

std::unique_ptr<channels::AccountState> make_account_state(store::Database& db, const store::Sealer& sealer,
                                                           const Clock& clock, Id workspace_id,
                                                           Id account_id) {
  return std::make_unique<StoredState>(db, sealer, clock, workspace_id, account_id);
}

}  // namespace kiki::ingest
