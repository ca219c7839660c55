#pragma once
// The Bluesky channel: notifications of connected accounts, the public stream for topics, replies, likes,
// reposts, deletions. Everything else in this folder is behind this header.

#include <cstdint>
#include <memory>
#include <string>

#include "channels/contract/channel.hpp"

namespace kiki::channels {

struct BlueskyOptions {
  // The public stream. Jetstream (JSON; legacy /subscribe or /xrpc/network.bsky.jetstream.subscribeEvents) or
  // the raw firehose (/xrpc/com.atproto.sync.subscribeRepos of a relay or of one data server).
  std::string stream_url = "wss://jetstream2.us-east.bsky.network/subscribe";
  std::string stream_kind = "auto";                         // auto (told by the path), jetstream, firehose
  std::string plc_url = "https://plc.directory";            // where did:plc documents are
  std::string entryway_url = "https://bsky.social";         // resolves handles
  std::string appview_url = "https://public.api.bsky.app";  // the public view, asked without an account
  std::int64_t poll_interval_ms = 2'000;                    // notifications
  std::int64_t recheck_interval_ms = 300'000;               // are the posts we hold still there?
};

std::unique_ptr<Channel> make_bluesky_channel(Tools tools, BlueskyOptions options = {});

}  // namespace kiki::channels
