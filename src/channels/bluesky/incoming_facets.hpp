#pragma once
// Facets: where in a post's text a link, a mention or a tag stands, in UTF-8 bytes. Others write them, so a
// range may lie outside the text or inside a character (atproto issue 2823): such a facet is left out, the
// text is always kept. https://docs.bsky.app/docs/advanced-guides/post-richtext

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace kiki::channels::bluesky {

struct IncomingFacet {
  enum class Kind : std::uint8_t { kLink, kMention, kTag };
  static constexpr std::size_t kLimit = 100;

  Kind kind = Kind::kLink;
  std::size_t byte_start = 0;
  std::size_t byte_end = 0;
  std::string value;  // URL, DID, tag
};

// `text` must be the record's text as it came, before anything was cut or cleaned.
std::vector<IncomingFacet> read_facets(JsonView facets, std::string_view text);

}  // namespace kiki::channels::bluesky
