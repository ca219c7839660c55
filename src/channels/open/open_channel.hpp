#pragma once
// The open channel: anything that can speak HTTP. Posts come in by our API (see docs/use/open-channel.md);
// replies go out as webhooks signed after Standard Webhooks, or wait until the other side fetches them.

#include <memory>
#include <string_view>

#include "base/json.hpp"
#include "channels/contract/channel.hpp"

namespace kiki::channels::open {

// Limits of one post, the same for every door it may come through.
inline constexpr std::size_t kPostTextBytes = 20'000;
inline constexpr std::size_t kIdBytes = 200;
inline constexpr std::size_t kUrlBytes = 2'000;
inline constexpr std::size_t kNameBytes = 500;
inline constexpr std::size_t kAttachments = 20;

struct OpenOptions {
  std::string public_url;  // base of links to attachments in webhooks
};

std::unique_ptr<Channel> make_open_channel(Tools tools, OpenOptions options);

// Checks one post as it comes over the API; the error's `where` is a JSON pointer below `pointer`.
// What passes here is what parse() accepts later.
Result<void> check_open_post(std::string_view json_text);
Result<void> check_open_post(JsonView post);

// The body of a webhook and of an item of GET /open/replies.
std::string reply_body(const Account& account, const Outgoing& outgoing, std::string_view public_url);

}  // namespace kiki::channels::open
