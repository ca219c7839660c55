#pragma once
// Connecting a mailbox: both servers are signed in to, and the folders looked at, before anything is stored.

#include "channels/contract/channel.hpp"

namespace kiki::channels::mail {

std::vector<SettingField> connect_fields();
Result<Connected> connect_mailbox(const Tools& tools,
                                  const std::vector<std::pair<std::string, std::string>>& fields,
                                  std::stop_token stop);

}  // namespace kiki::channels::mail
