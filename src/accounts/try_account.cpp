#include "accounts/try_account.hpp"

#include "channels/contract/status_detail.hpp"

namespace kiki::accounts {

Result<std::string> try_account(Accounts& accounts, WebhookDoor& door, channels::Channel& channel,
                                channels::AccountState& state, const AccountRow& row) {
  if (row.status == "paused") return std::string();
  const auto& account = row.account;
  if (const auto profile = channel.profile(account, state, account.external_id, {}); !profile.ok()) {
    const auto& error = profile.error();
    const auto* status = error.kind == ErrorKind::kUnauthenticated ? "action_needed" : "waiting";
    auto why = channels::status_detail(error);
    TRY(accounts.tried(account.workspace_id, account.id, status, why));
    return why;
  }
  // Before it is said to work: what is still wrong would be told anew at each try.
  if (const auto told = door.tell_again(account.id); !told.ok()) return channels::status_detail(told.error());
  if (row.status != "ok") TRY(accounts.tried(account.workspace_id, account.id, "ok", ""));
  return std::string();
}

}  // namespace kiki::accounts
