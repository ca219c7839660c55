#pragma once
// Tells X where to call, and of what: a webhook of the app and subscriptions of the X Activity API.

#include "channels/contract/channel.hpp"
#include "channels/x/api.hpp"

namespace kiki::channels::x {

inline constexpr std::string_view kWebhookId = "webhook_id";  // cursor: X's id of the webhook
// Cursor: what X agreed to call of, as " post.mention.create dm.received ". The rest is polled still.
inline constexpr std::string_view kWebhookEvents = "webhook_events";

Result<void> subscribe_account(Api& api, const Account& account, AccountState& state,
                               std::string_view webhook_url, std::stop_token stop);

}  // namespace kiki::channels::x
