#pragma once
// Tells X what to tell us, and by which door: a webhook of the app where X can call this desk, the app's
// stream otherwise. Subscriptions of the X Activity API; one with a webhook comes by it and by an open
// stream.

#include "channels/contract/channel.hpp"
#include "channels/x/api.hpp"

namespace kiki::channels::x {

inline constexpr std::string_view kWebhookId = "webhook_id";  // cursor: X's id of the webhook
// Cursors: what X agreed to call of, and to stream, as " post.mention.create dm.received ". The rest is
// polled still.
inline constexpr std::string_view kWebhookEvents = "webhook_events";
inline constexpr std::string_view kStreamEvents = "stream_events";

// Setting "door": auto (a webhook, else the stream), both, ask (neither: polling, at a fifth of the price).
std::string door_of(const Account& account);

// Keeps which door is open (channels::kDoor), as X agreed.
Result<void> note_door(AccountState& state);

Result<void> subscribe_account(Api& api, const Account& account, AccountState& state,
                               std::string_view webhook_url, std::stop_token stop);

}  // namespace kiki::channels::x
