#pragma once
// Reads the mailbox: what is new in the folder and in the folder of sent mail, in the order of arrival, each
// mail once. Waits by IDLE.

#include "channels/contract/channel.hpp"

namespace kiki::channels::mail {

struct ReaderOptions {
  std::size_t message_limit_bytes = 26'214'400;
  std::int64_t sent_interval_ms =
      60'000;  // how often the folder of sent mail is looked at while nothing comes
};
Result<void> read_mailbox(const Tools& tools, const ReaderOptions& options, const Account& account,
                          AccountState& state, Inlet& inlet, std::stop_token stop);

}  // namespace kiki::channels::mail
