#include "channels/bluesky/incoming_facets.hpp"

#include "channels/bluesky/utf8.hpp"

namespace kiki::channels::bluesky {

namespace {
constexpr std::size_t kValueLimitBytes = 2'048;
}

std::vector<IncomingFacet> read_facets(JsonView facets, std::string_view text) {
  std::vector<IncomingFacet> out;
  const auto read = [&](JsonView facet) -> Result<void> {
    const auto start = facet["index"]["byteStart"].integer();
    const auto end = facet["index"]["byteEnd"].integer();
    if (!start.ok() || !end.ok() || *start < 0 || *end <= *start) return {};
    const auto from = static_cast<std::size_t>(*start), to = static_cast<std::size_t>(*end);
    if (to > text.size() || !char_border(text, from) || !char_border(text, to)) return {};
    return facet["features"].each([&](JsonView feature) -> Result<void> {
      const auto type = feature["$type"].text();
      IncomingFacet one{IncomingFacet::Kind::kLink, from, to, {}};
      std::string_view value;
      if (type == "app.bsky.richtext.facet#link") {
        value = feature["uri"].text();
      } else if (type == "app.bsky.richtext.facet#mention") {
        one.kind = IncomingFacet::Kind::kMention;
        value = feature["did"].text();
      } else if (type == "app.bsky.richtext.facet#tag") {
        one.kind = IncomingFacet::Kind::kTag;
        value = feature["tag"].text();
      }
      if (value.empty() || value.size() > kValueLimitBytes || out.size() >= IncomingFacet::kLimit) return {};
      one.value = clean(value, kValueLimitBytes);
      out.push_back(std::move(one));
      return {};
    });
  };
  // A malformed list ends here; what was read before it stands.
  if (facets.is_array()) (void)facets.each(read).ok();
  return out;
}

}  // namespace kiki::channels::bluesky
