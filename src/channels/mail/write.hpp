#pragma once
// Sending by SMTP, and the copy in the folder of sent mail.

#include "channels/contract/channel.hpp"

namespace kiki::channels::mail {

std::string choose_message_id(const Tools& tools, const Account& account, const Outgoing& outgoing);
Result<Sent> send_reply(const Tools& tools, const Account& account, AccountState& state,
                        const Outgoing& outgoing, std::stop_token stop);
Result<std::optional<Sent>> look_up_reply(const Tools& tools, const Account& account, AccountState& state,
                                          const Outgoing& outgoing, std::stop_token stop);

}  // namespace kiki::channels::mail
