#pragma once
// What hangs on a post: pictures, videos, link cards, quoted posts; from a raw record (no addresses of
// pictures, but their descriptions) or from an AppView's view of it (with addresses). Lexicons
// app.bsky.embed.*

#include <string>
#include <vector>

#include "base/json.hpp"
#include "channels/contract/incoming.hpp"

namespace kiki::channels::bluesky {

struct IncomingEmbeds {
  static constexpr std::size_t kLimit = 24;
  std::vector<Attachment> attachments;
  std::string quoted_uri;  // of the quoted post; empty when it quotes none
};

// `embed` is the record's embed or the view's; whatever is not understood is left out.
IncomingEmbeds read_embeds(JsonView embed);

// An http(s) address, or nothing: markup and scripts have no place in a link.
std::string web_url(std::string_view text);

}  // namespace kiki::channels::bluesky
