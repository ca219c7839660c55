#pragma once
// Keeps to what a network lets one account send, before the network has to say so: sliding windows, counted
// from the tries themselves, which a restart does not forget.

#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "channels/contract/channel.hpp"
#include "store/database.hpp"

namespace kiki::delivery {

struct SendToCount {
  Id workspace_id = 0;
  Id account_id = 0;
  std::string_view action;  // reply, message (a reply in private), like …
};

// Nothing: it may go now, and is counted. Else the time from which it may. In the transaction that claims the
// row, so that what is counted is what is tried.
Result<std::optional<TimeMs>> count_or_wait(store::Transaction& tx, IdGenerator& ids,
                                            const std::vector<channels::Capabilities::Rate>& rates,
                                            const SendToCount& send, TimeMs now_ms);

}  // namespace kiki::delivery
