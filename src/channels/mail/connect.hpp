#pragma once
// Connecting a mailbox: both servers are signed in to, and the folders looked at, before anything is stored.

#include "channels/contract/channel.hpp"
#include "channels/mail/oauth.hpp"

namespace kiki::channels::mail {

std::vector<SettingField> connect_fields();
Result<Connected> connect_mailbox(const Tools& tools,
                                  const std::vector<std::pair<std::string, std::string>>& fields,
                                  const Tokens* tokens,
                                  std::stop_token stop);  // tokens: instead of passwords
// Signs in to both servers again; the errors of both, the first one.
Result<void> test_mailbox(const Tools& tools, const Account& account, AccountState& state,
                          std::stop_token stop);

}  // namespace kiki::channels::mail
