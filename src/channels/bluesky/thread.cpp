#include "channels/bluesky/thread.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "channels/bluesky/parse.hpp"

namespace kiki::channels::bluesky {

namespace {

// Each level of a thread is two of JSON; 80 parents is what servers give at most.
constexpr std::size_t kDepthLimit = 400;

bool is_post(JsonView node) {
  return node["post"].is_object();
}  // else notFoundPost, blockedPost

void add(JsonView node, std::vector<RawItem>& out) {
  if (out.size() < kThreadPostsLimit) out.push_back({std::string(kPostViewSource), node["post"].raw()});
}

void add_replies(JsonView node, std::vector<RawItem>& out) {
  (void)node["replies"]
      .each([&](JsonView reply) -> Result<void> {
        if (!is_post(reply)) return {};
        add(reply, out);
        add_replies(reply, out);
        return {};
      })
      .ok();
}

}  // namespace

XrpcCall thread_call(std::string_view uri) {
  XrpcCall call;
  call.nsid = "app.bsky.feed.getPostThread";
  call.params = {{"uri", std::string(uri)}, {"depth", "6"}, {"parentHeight", "80"}};
  return call;
}

Result<std::vector<RawItem>> read_thread(std::string_view answer) {
  const auto document = TRY(JsonDocument::parse(answer, JsonLimits{16 << 20, kDepthLimit}));
  const JsonView here = document.root()["thread"];
  if (!is_post(here)) return not_found("the post is not there any more");
  std::vector<JsonView> parents;
  for (JsonView parent = here["parent"]; is_post(parent); parent = parent["parent"])
    parents.push_back(parent);
  std::vector<RawItem> out;
  for (auto parent = parents.rbegin(); parent != parents.rend(); ++parent) add(*parent, out);
  add(here, out);
  add_replies(here, out);
  return out;
}

}  // namespace kiki::channels::bluesky
