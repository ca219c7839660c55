#pragma once
// Secrets and cursors of one account, for its channel: secrets are sealed before they reach the store.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "channels/contract/channel.hpp"
#include "store/database.hpp"
#include "store/seal.hpp"

namespace kiki::ingest {

// Thread-safe; the references outlive it.
std::unique_ptr<channels::AccountState> make_account_state(store::Database& db, const store::Sealer& sealer,
                                                           const Clock& clock, Id workspace_id,
                                                           Id account_id);
// In the caller's transaction: for an account and its secrets that come together.
Result<void> store_secrets(store::Transaction& tx, const store::Sealer& sealer, TimeMs now_ms,
                           Id workspace_id, Id account_id,
                           const std::vector<std::pair<std::string, std::string>>& secrets);

}  // namespace kiki::ingest
