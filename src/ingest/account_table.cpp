#include "ingest/account_table.hpp"

namespace kiki::ingest {
namespace {

std::string own_key(std::string_view network, std::string_view external_id) {
  std::string key(network);
  key += '\n';
  return key += external_id;
}

}  // namespace

Result<std::shared_ptr<const AccountTable>> AccountTable::load(store::Connection& db) {
  auto table = std::make_shared<AccountTable>();
  TRY(
      db.query("SELECT workspace_id, id, network, kind, external_id, handle, name, settings, status, "
               "removed_at FROM accounts",
               {}, [&](const store::Row& row) {
                 auto account = std::make_shared<channels::Account>();
                 account->workspace_id = row.integer(0);
                 account->id = row.integer(1);
                 account->network = row.string(2);
                 account->kind = row.string(3);
                 account->external_id = row.string(4);
                 account->handle = row.string(5);
                 account->name = row.string(6);
                 account->settings = row.string(7);
                 table->by_id_[{account->workspace_id, account->id}] = account;
                 if (!row.null(9)) return;
                 if (account->kind == "listener") {
                   table->listeners_[{account->workspace_id, account->network}] = account->id;
                 } else if (row.text(8) != "paused") {
                   table->own_[own_key(account->network, account->external_id)].push_back(account);
                 }
               }));
  return std::shared_ptr<const AccountTable>(std::move(table));
}

AccountPtr AccountTable::find(Id workspace_id, Id account_id) const {
  const auto found = by_id_.find({workspace_id, account_id});
  return found == by_id_.end() ? nullptr : found->second;
}

const std::vector<AccountPtr>& AccountTable::own(std::string_view network,
                                                 std::string_view external_id) const {
  static const std::vector<AccountPtr> none;
  const auto found = own_.find(own_key(network, external_id));
  return found == own_.end() ? none : found->second;
}

bool AccountTable::is_own(Id workspace_id, std::string_view network, std::string_view external_id) const {
  for (const auto& account : own(network, external_id)) {
    if (account->workspace_id == workspace_id) return true;
  }
  return false;
}

Id AccountTable::listener(Id workspace_id, std::string_view network) const {
  const auto found = listeners_.find({workspace_id, std::string(network)});
  return found == listeners_.end() ? 0 : found->second;
}

}  // namespace kiki::ingest
