#pragma once
// The thread around a post, from app.bsky.feed.getPostThread: a tree upwards (parents) and downwards
// (replies).

#include <string_view>
#include <vector>

#include "channels/bluesky/xrpc.hpp"

namespace kiki::channels::bluesky {

constexpr std::size_t kThreadPostsLimit = 200;

XrpcCall thread_call(std::string_view uri);
// bluesky.post_view items, root first, then downwards, depth first. Deleted and blocked posts are left out.
Result<std::vector<RawItem>> read_thread(std::string_view answer);

}  // namespace kiki::channels::bluesky
