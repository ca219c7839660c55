// Listening topics: kept, archived, restored. Trying one out is topic_builder_routes.cpp, what it found
// topic_report_routes.cpp.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/query_json.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "channels/contract/channel.hpp"
#include "ingest/ingest.hpp"
#include "listening/listening.hpp"
#include "listening/topic_query.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kTopicBodyBytes = 2 << 20;

using Change = listening::Listening::Change;

Result<std::vector<std::string>> words(JsonView value) {
  std::vector<std::string> list;
  if (value.is_null()) return list;
  if (!value.is_array()) return invalid("expected an array", value.pointer());
  if (value.size() > listening::kKeywordsLimit) return invalid("too many words", value.pointer());
  TRY(value.each([&](JsonView word) -> Result<void> {
    list.push_back(TRY(word.string(listening::kKeywordLimitBytes)));
    return {};
  }));
  return list;
}

// A query, or plain words for whoever wants no more than that.
Result<std::optional<std::string>> query_of(JsonView body) {
  if (!body["query"].is_null()) {
    if (!body["keywords"].is_null()) return invalid("either a query or keywords", "/keywords");
    return std::optional(TRY(body["query"].string(listening::kQueryLimitBytes)));
  }
  if (body["keywords"].is_null()) return std::optional<std::string>();
  const auto query = listening::query_of_words(TRY(words(body["keywords"])), TRY(words(body["excluded"])));
  if (query.empty()) return invalid("has nothing in it that can be searched for", "/keywords");
  return std::optional(query);
}

Result<Change> change_of(RequestContext& context) {
  TRY(context.only_members(
      {"name", "query", "keywords", "excluded", "folding", "themes", "mutes", "is_competitor", "enabled"}));
  const auto body = context.body();
  Change change;
  if (!body["name"].is_null()) change.name = TRY(body["name"].string(listening::kTopicNameLimitBytes));
  change.query = TRY(query_of(body));
  if (!body["folding"].is_null()) change.folding = TRY(listening::read_folding(body["folding"]));
  if (!body["themes"].is_null()) change.themes = TRY(listening::read_themes(body["themes"]));
  if (!body["mutes"].is_null()) change.mutes = TRY(listening::read_mutes(body["mutes"]));
  if (!body["is_competitor"].is_null()) change.is_competitor = TRY(body["is_competitor"].boolean());
  if (!body["enabled"].is_null()) change.enabled = TRY(body["enabled"].boolean());
  return change;
}

// The first query of the change that is none, told with all its mistakes and their places.
std::optional<net::HttpResponse> query_mistakes(const Change& change) {
  if (change.query) {
    if (auto answer = query_problem(*change.query, "/query")) return answer;
  }
  if (!change.themes) return std::nullopt;
  for (std::size_t i = 0; i < change.themes->size(); ++i) {
    if (auto answer = query_problem((*change.themes)[i].query, "/themes/" + std::to_string(i) + "/query"))
      return answer;
  }
  return std::nullopt;
}

Result<net::HttpResponse> list(RequestContext& context, Services& services) {
  const auto asked = context.query("archived");
  if (!asked.empty() && asked != "true" && asked != "false")
    return invalid("expected true or false", "archived");
  json::array topics;
  for (const auto& topic : TRY(services.listening->list(context.workspace_id(), asked == "true"))) {
    topics.push_back(listening::to_json(topic));
  }
  return items(std::move(topics));
}

// A workspace that listens has a listener on every network that can be listened to, so that its page shows
// how it is.
Result<void> listen(RequestContext& context, Services& services) {
  for (const auto* channel : services.channels) {
    const auto& about = channel->descriptor();
    if (about.capabilities.listens)
      TRY(services.ingest->ensure_listener(context.workspace_id(), about.network));
  }
  if (services.listen) services.listen();
  return {};
}

Result<net::HttpResponse> create(RequestContext& context, Services& services) {
  const auto change = TRY(change_of(context));
  if (auto problem = query_mistakes(change)) return std::move(*problem);
  const auto topic = TRY(services.listening->create(context.workspace_id(), context.user_id(), change));
  TRY(listen(context, services));
  return created(listening::to_json(topic));
}

Result<net::HttpResponse> change(RequestContext& context, Services& services) {
  const auto topic_id = TRY(context.id("topic_id"));
  const auto values = TRY(change_of(context));
  if (auto problem = query_mistakes(values)) return std::move(*problem);
  return ok(listening::to_json(
      TRY(services.listening->change(context.workspace_id(), topic_id, context.user_id(), values))));
}

Result<net::HttpResponse> restore(RequestContext& context, Services& services) {
  const auto topic = TRY(
      services.listening->restore(context.workspace_id(), TRY(context.id("topic_id")), context.user_id()));
  TRY(listen(context, services));
  return ok(listening::to_json(topic));
}

}  // namespace

void add_topics_routes(Router& router, Services& services) {
  using auth::Permission;
  const auto with = [&](Result<net::HttpResponse> (*handler)(RequestContext&, Services&)) {
    return [&services, handler](RequestContext& context) { return handler(context, services); };
  };
  router.add({"GET", in_workspace("/topics"), Permission::kReadDesk, BodyRule::none(), with(list)});
  router.add({"POST", in_workspace("/topics"), Permission::kManageTopics, BodyRule::json(kTopicBodyBytes),
              with(create)});
  router.add({"GET", in_workspace("/topics/{topic_id}"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) -> Result<net::HttpResponse> {
                return ok(listening::to_json(
                    TRY(services.listening->read(context.workspace_id(), TRY(context.id("topic_id"))))));
              }});
  router.add({"PATCH", in_workspace("/topics/{topic_id}"), Permission::kManageTopics,
              BodyRule::json(kTopicBodyBytes), with(change)});
  router.add({"DELETE", in_workspace("/topics/{topic_id}"), Permission::kManageTopics, BodyRule::none(),
              [&](RequestContext& context) -> Result<net::HttpResponse> {
                TRY(services.listening->archive(context.workspace_id(), TRY(context.id("topic_id")),
                                                context.user_id()));
                return no_content();
              }});
  router.add({"POST", in_workspace("/topics/{topic_id}/restore"), Permission::kManageTopics,
              BodyRule::optional_json(), with(restore)});
}

}  // namespace kiki::api
