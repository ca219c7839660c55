// Listening topics.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "channels/contract/channel.hpp"
#include "ingest/ingest.hpp"
#include "listening/listening.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kTopicBodyBytes = 1 << 20;

Result<std::optional<std::vector<std::string>>> words(JsonView value) {
  if (value.is_null()) return std::optional<std::vector<std::string>>();
  if (!value.is_array()) return invalid("expected an array", value.pointer());
  std::vector<std::string> list;
  TRY(value.each([&](JsonView word) -> Result<void> {
    list.push_back(TRY(word.string(listening::kKeywordLimitBytes)));
    return {};
  }));
  return std::optional(std::move(list));
}

Result<listening::Listening::Change> change_of(RequestContext& context) {
  TRY(context.only_members({"name", "keywords", "excluded", "enabled"}));
  const auto body = context.body();
  listening::Listening::Change change;
  if (!body["name"].is_null()) change.name = TRY(body["name"].string(listening::kTopicNameLimitBytes));
  change.keywords = TRY(words(body["keywords"]));
  change.excluded = TRY(words(body["excluded"]));
  if (!body["enabled"].is_null()) change.enabled = TRY(body["enabled"].boolean());
  return change;
}

Result<net::HttpResponse> list(RequestContext& context, Services& services) {
  json::array topics;
  for (const auto& topic : TRY(services.listening->list(context.workspace_id()))) {
    topics.push_back(listening::to_json(topic));
  }
  return items(std::move(topics));
}

Result<net::HttpResponse> create(RequestContext& context, Services& services) {
  const auto topic =
      TRY(services.listening->create(context.workspace_id(), context.user_id(), TRY(change_of(context))));
  // A workspace that listens has a listener on every network that can be listened to, so that its page shows
  // how it is.
  for (const auto* channel : services.channels) {
    const auto& about = channel->descriptor();
    if (about.capabilities.listens)
      TRY(services.ingest->ensure_listener(context.workspace_id(), about.network));
  }
  if (services.listen) services.listen();
  return created(listening::to_json(topic));
}

}  // namespace

void add_topics_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", in_workspace("/topics"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return list(context, services); }});
  router.add({"POST", in_workspace("/topics"), Permission::kManageTopics, BodyRule::json(kTopicBodyBytes),
              [&](RequestContext& context) { return create(context, services); }});
  router.add({"PATCH", in_workspace("/topics/{topic_id}"), Permission::kManageTopics,
              BodyRule::json(kTopicBodyBytes), [&](RequestContext& context) -> Result<net::HttpResponse> {
                return ok(listening::to_json(
                    TRY(services.listening->change(context.workspace_id(), TRY(context.id("topic_id")),
                                                   context.user_id(), TRY(change_of(context))))));
              }});
  router.add({"DELETE", in_workspace("/topics/{topic_id}"), Permission::kManageTopics, BodyRule::none(),
              [&](RequestContext& context) -> Result<net::HttpResponse> {
                TRY(services.listening->archive(context.workspace_id(), TRY(context.id("topic_id")),
                                                context.user_id()));
                return no_content();
              }});
}

}  // namespace kiki::api
