#pragma once
// "Test": asks the network for our own page, which proves network and credentials, and tells it again where
// to call. It works when both do.

#include <string>

#include "accounts/accounts.hpp"
#include "accounts/webhook_door.hpp"

namespace kiki::accounts {

// What does not work, as a status_detail; "" when all does, or when the account is paused and was not asked.
Result<std::string> try_account(Accounts& accounts, WebhookDoor& door, channels::Channel& channel,
                                channels::AccountState& state, const AccountRow& row);

}  // namespace kiki::accounts
