#pragma once
// X calls us: the challenge (CRC) by GET, events by POST, both proved with the consumer secret.
// https://docs.x.com/x-api/webhooks/introduction

#include "channels/contract/channel.hpp"

namespace kiki::channels::x {

inline constexpr std::string_view kWebhookSeen = "webhook_at";  // cursor: when X last called, milliseconds
// How exact that is: a write for every event would cost more than it tells.
inline constexpr std::int64_t kWebhookSeenStepMs = 30'000;

// A webhook that was silent for longer may be gone: then we look ourselves.
inline constexpr std::int64_t kWebhookFreshMs = 15 * 60'000;
// Has X called lately, and is it to call of this event?
bool is_called(AccountState& state, std::string_view event, TimeMs now_ms);

Result<WebhookAnswer> answer_webhook(const Clock& clock, AccountState& state,
                                     const net::HttpRequest& request);
// "sha256=" and base64 of HMAC-SHA256: answers the challenge and signs events.
std::string webhook_proof(std::string_view consumer_secret, std::string_view message);

}  // namespace kiki::channels::x
