#pragma once
// An account's secrets (sealed with the data directory's key) and cursors, as channels ask for them.

#include <memory>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "channels/contract/channel.hpp"
#include "store/database.hpp"
#include "store/seal.hpp"

namespace kiki::ingest {

std::unique_ptr<channels::AccountState> make_account_state(store::Database& db, const store::Sealer& sealer,
                                                           const Clock& clock, Id workspace_id,
                                                           Id account_id);

}  // namespace kiki::ingest
