#pragma once
// LINE calls: proves that it is LINE, and takes the events apart, one raw item each, so that one which cannot
// be read hides no other.

#include "channels/contract/channel.hpp"

namespace kiki::channels::line {

// `signature` is X-Line-Signature: base64 of the HMAC-SHA256 of the body's bytes with the channel secret.
bool is_signed(std::string_view channel_secret, std::string_view body, std::string_view signature);

// `member` hears who wrote in which group or room: only by that LINE tells the name of somebody who is not a
// friend.
WebhookAnswer take_webhook(
    const Account& account, std::string_view channel_secret, const net::HttpRequest& request,
    const std::function<void(std::string_view user_id, std::string_view chat_path)>& member);

}  // namespace kiki::channels::line
