#pragma once
// Connecting an account: who is it, where does it live, do its credentials work.

#include "channels/bluesky/bluesky_channel.hpp"
#include "channels/bluesky/xrpc.hpp"

namespace kiki::channels::bluesky {

// Fields handle, app_password, service (optional: the data server or entryway to log in at).
Result<Connected> connect_account(Xrpc& xrpc, Tools& tools, const BlueskyOptions& options,
                                  const std::vector<std::pair<std::string, std::string>>& fields,
                                  std::stop_token stop);

// xxxx-xxxx-xxxx-xxxx, as Bluesky's settings make them.
bool is_app_password(std::string_view password);

}  // namespace kiki::channels::bluesky
