#pragma once
// Secrets and cursors of one account, for its channel: secrets are sealed before they reach the store.

#include <memory>

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

}  // namespace kiki::ingest
