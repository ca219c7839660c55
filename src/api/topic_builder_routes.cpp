// Trying a query out before it is a topic: what it says, what is wrong with it, and what it would have
// caught.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/query_json.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "listening/preview.hpp"
#include "listening/query/query_json.hpp"
#include "listening/query/x_rules.hpp"
#include "store/database.hpp"
#include "text/utf8.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kBuilderBodyBytes = 2 << 20;
constexpr std::size_t kExcerptBytes = 2'000;  // of a shown post

json::array marks_json(const std::vector<model::Mark>& marks) {
  json::array list;
  for (const auto& mark : marks) list.push_back(json::array{mark.start, mark.end});
  return list;
}

// What X would be asked, and what of the query stays with us.
json::object x_json(const listening::query::Query& query, std::string_view text) {
  const auto said = listening::query::to_x_rules(query);
  json::array rules;
  for (const auto& rule : said.rules) rules.emplace_back(rule);
  json::array unsaid;
  for (const auto& part : said.unsaid) {
    unsaid.push_back(json::object{{"code", part.code},
                                  {"start", text::utf16_offset(text, part.bytes.begin)},
                                  {"end", text::utf16_offset(text, part.bytes.end)},
                                  {"lost", part.lost}});
  }
  return {{"rules", std::move(rules)}, {"unsaid", std::move(unsaid)}};
}

Result<net::HttpResponse> parse(RequestContext& context, Services&) {
  TRY(context.only_members({"query"}));
  const auto text = TRY(context.body()["query"].string(listening::kQueryLimitBytes));
  const auto parsed = listening::query::parse(text);
  auto body = listening::query::to_json(parsed, text);
  body["x"] = nullptr;
  if (parsed.query) body["x"] = x_json(*parsed.query, text);
  return ok(body);
}

Result<net::HttpResponse> preview(RequestContext& context, Services& services) {
  TRY(context.only_members({"query", "folding", "mutes", "topic_id"}));
  const auto body = context.body();
  listening::Topic asked;
  asked.workspace_id = context.workspace_id();
  asked.query = TRY(body["query"].string(listening::kQueryLimitBytes));
  if (!body["folding"].is_null()) asked.folding = TRY(listening::read_folding(body["folding"]));
  if (!body["mutes"].is_null()) asked.mutes = TRY(listening::read_mutes(body["mutes"]));
  if (!body["topic_id"].is_null()) {
    const auto id = parse_id(TRY(body["topic_id"].string(32)));
    if (!id) return invalid("expected an id", "/topic_id");
    asked.id = *id;
  }
  if (auto problem = query_problem(asked.query, "/query")) return std::move(*problem);
  auto reader = TRY(services.database->reader());
  const auto found = TRY(listening::preview(*reader, *services.clock, asked));
  json::array shown;
  for (const auto& one : found.shown) {
    json::object post;
    post["post_id"] = id_json(one.post.id);
    post["case_id"] = id_json(one.post.case_id);
    post["at"] = time_json(one.post.posted_at);
    post["network"] = one.post.network;
    post["name"] = one.post.name.empty() ? one.post.handle : one.post.name;
    post["handle"] = one.post.handle;
    post["author_id"] = one.post.author_id;
    const auto text = text::cut_at_code_point(one.post.text, kExcerptBytes);
    post["text"] = text;
    post["marks"] = marks_json(one.marks);
    post["status"] = one.case_status;
    post["is_new"] = one.is_new;
    shown.push_back(std::move(post));
  }
  json::array advice;
  for (const auto& one : found.advice) advice.push_back(listening::query::to_json(one));
  return ok(json::object{{"posts", found.posts},
                         {"estimate", found.estimate},
                         {"looked_at", found.looked_at},
                         {"complete", found.complete},
                         {"since", time_json(found.since)},
                         {"items", std::move(shown)},
                         {"advice", std::move(advice)}});
}

}  // namespace

void add_topic_builder_routes(Router& router, Services& services) {
  using auth::Permission;
  const auto add = [&](std::string_view path,
                       Result<net::HttpResponse> (*handler)(RequestContext&, Services&)) {
    router.add({"POST", in_workspace(path), Permission::kReadDesk, BodyRule::json(kBuilderBodyBytes),
                [&services, handler](RequestContext& context) { return handler(context, services); }});
  };
  add("/topics/parse", parse);
  add("/topics/preview", preview);
}

}  // namespace kiki::api
