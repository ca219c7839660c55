#pragma once
// A copy of the channel accounts, for those who ask for every post of a stream. Immutable; swapped as a
// whole.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "channels/contract/channel.hpp"
#include "store/database.hpp"

namespace kiki::ingest {

using AccountPtr = std::shared_ptr<const channels::Account>;

class AccountTable {
 public:
  // Also removed accounts: what they heard before may still be in the journal.
  static Result<std::shared_ptr<const AccountTable>> load(store::Connection& db);

  AccountPtr find(Id workspace_id, Id account_id) const;  // nullptr: none
  // Accounts of any workspace that are this author and read their own posts; not paused, not removed.
  const std::vector<AccountPtr>& own(std::string_view network, std::string_view external_id) const;
  bool is_own(Id workspace_id, std::string_view network, std::string_view external_id) const;
  Id listener(Id workspace_id, std::string_view network) const;  // 0: none yet

 private:
  std::map<std::pair<Id, Id>, AccountPtr> by_id_;
  std::unordered_map<std::string, std::vector<AccountPtr>> own_;  // by network and external id
  std::map<std::pair<Id, std::string>, Id> listeners_;
};

}  // namespace kiki::ingest
