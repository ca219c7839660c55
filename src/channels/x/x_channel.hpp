#pragma once
// The X channel: mentions, replies and direct messages of connected accounts, the filtered stream for topics,
// replies, likes, reposts, messages. Everything else in this folder is behind this header.

#include <cstdint>
#include <memory>
#include <string>

#include "channels/contract/channel.hpp"

namespace kiki::channels {

struct XOptions {
  std::string api_url = "https://api.x.com";
  std::string upload_url;  // media; empty: api_url
  std::string authorize_url = "https://x.com/i/oauth2/authorize";
  std::string web_url = "https://x.com";  // pages for people: posts, the composer, messages
  std::string bearer_token;               // app-only, for the filtered stream of the topics
  std::int64_t poll_interval_ms = 60'000;
  std::int64_t messages_interval_ms = 65'000;  // X: 15 looks at the messages in 15 minutes
  std::int64_t stale_ms = 25'000;              // a stream that is silent for so long is dead; X: 20 s
  std::int64_t backoff_unit_ms = 250;          // of the reconnect schedules; tests make it short
};

std::unique_ptr<Channel> make_x_channel(Tools tools, XOptions options = {});

}  // namespace kiki::channels
