#pragma once
// Links, mentions and tags in what we write. The server finds none of them: without a facet a link is plain
// words and a mention tells nobody. Ranges count UTF-8 bytes.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kiki::channels::bluesky {

struct OutgoingFacet {
  enum class Kind : std::uint8_t { kLink, kMention, kTag };
  Kind kind = Kind::kLink;
  std::size_t byte_start = 0;
  std::size_t byte_end = 0;
  std::string value;  // URL, handle (lower case, without @), tag (without #)
};

// In the order of the text, never overlapping. An address ends at the first character that is not ASCII, so
// that Japanese may follow it without a space; a full stop or a bracket after it does not belong to it.
std::vector<OutgoingFacet> detect_facets(std::string_view text);

}  // namespace kiki::channels::bluesky
