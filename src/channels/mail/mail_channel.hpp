#pragma once
// The channel for a mailbox: read by IMAP, answered by SMTP.

#include <cstdint>
#include <memory>

#include "channels/contract/channel.hpp"

namespace kiki::channels::mail {

struct MailChannelOptions {
  std::size_t message_limit_bytes = 26'214'400;  // of larger ones only the header is read
  std::int64_t sent_interval_ms = 60'000;        // how often the folder of sent mail is looked at
};
std::unique_ptr<Channel> make_mail_channel(Tools tools, MailChannelOptions options);

}  // namespace kiki::channels::mail
