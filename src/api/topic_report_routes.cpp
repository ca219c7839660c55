// What topics found: the dashboard and the posts behind each of its numbers, and why a post was found.

#include <algorithm>
#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "listening/preview.hpp"
#include "listening/report.hpp"
#include "listening/suggest.hpp"
#include "store/database.hpp"

namespace kiki::api {

namespace {

constexpr TimeMs kHourMs = 3'600'000;
constexpr std::int64_t kWeekHours = 7 * 24;
constexpr std::size_t kValueLimitBytes = 4'000;

// ?from= and ?to=, in whole hours; otherwise the last week up to the end of the running hour.
Result<listening::Hours> hours_of(RequestContext& context, Services& services) {
  const auto time = [&](std::string_view name, TimeMs otherwise) -> Result<TimeMs> {
    const auto text = context.query(name);
    if (text.empty()) return otherwise;
    const auto parsed = parse_rfc3339(text);
    if (!parsed) return invalid("expected a time such as 2026-11-22T09:00:00Z", std::string(name));
    return *parsed;
  };
  const auto end = (services.clock->now_ms() / kHourMs + 1) * kHourMs;
  const auto to = TRY(time("to", end));
  const auto from = TRY(time("from", to - kWeekHours * kHourMs));
  listening::Hours hours{from / kHourMs, (to + kHourMs - 1) / kHourMs};
  if (hours.length() <= 0) return invalid("must be before the end", "from");
  if (hours.length() > listening::kReportLimitHours)
    return invalid("is more than 400 days before the end", "from");
  if (hours.from - hours.length() < 0) return invalid("is too early", "from");
  return hours;
}

Result<net::HttpResponse> report(RequestContext& context, Services& services) {
  const auto topic_id = TRY(context.id("topic_id"));
  const auto hours = TRY(hours_of(context, services));
  auto reader = TRY(services.database->reader());
  return ok(TRY(listening::topic_report(*reader, context.workspace_id(), topic_id, hours)));
}

Result<net::HttpResponse> posts(RequestContext& context, Services& services) {
  listening::BehindQuery query;
  query.workspace_id = context.workspace_id();
  query.topic_id = TRY(context.id("topic_id"));
  query.hours = TRY(hours_of(context, services));
  query.kind = context.query("kind");
  query.value = context.query("value");
  if (query.value.size() > kValueLimitBytes) return invalid("is too long", "value");
  query.limit = TRY(context.limit()) + 1;
  if (auto cursor = TRY(context.cursor())) {
    query.before_hour = TRY(cursor->root()["h"].integer());
    query.before_post_id = TRY(cursor->root()["id"].integer());
  }
  TRY(services.listening->read(query.workspace_id, query.topic_id));
  auto reader = TRY(services.database->reader());
  auto found = TRY(listening::posts_behind(*reader, query));
  std::optional<std::string> next;
  if (found.size() == static_cast<std::size_t>(query.limit)) {
    found.pop_back();
    next = encode_cursor({{"h", found.back().hour}, {"id", found.back().post_id}});
  }
  json::array list;
  for (const auto& post : found) {
    json::object body;
    body["post_id"] = id_json(post.post_id);
    body["case_id"] = id_json(post.case_id);
    body["at"] = time_json(post.at);
    body["network"] = post.network;
    body["name"] = post.name;
    body["handle"] = post.handle;
    body["text"] = post.text;
    body["marks"] = parsed_json(post.marks);
    body["url"] = post.url;
    body["status"] = post.status;
    list.push_back(std::move(body));
  }
  return page(std::move(list), std::move(next));
}

json::array marks_json(const std::vector<model::Mark>& marks) {
  json::array list;
  for (const auto& mark : marks) list.push_back(json::array{mark.start, mark.end});
  return list;
}

Result<net::HttpResponse> why(RequestContext& context, Services& services) {
  const auto workspace_id = context.workspace_id();
  auto topics = TRY(services.listening->list(workspace_id));
  for (auto& topic : TRY(services.listening->list(workspace_id, true))) topics.push_back(std::move(topic));
  auto reader = TRY(services.database->reader());
  json::array list;
  for (const auto& reason : TRY(listening::why(*reader, workspace_id, TRY(context.id("post_id")), topics))) {
    json::array terms;
    for (const auto& term : reason.terms) {
      terms.push_back(json::object{
          {"text", term.text}, {"from", term.from}, {"to", term.to}, {"marks", marks_json(term.marks)}});
    }
    list.push_back(json::object{{"topic_id", id_json(reason.topic_id)},
                                {"name", reason.name},
                                {"query", reason.query},
                                {"matches", reason.matches},
                                {"terms", std::move(terms)}});
  }
  return items(std::move(list));
}

Result<net::HttpResponse> suggestions(RequestContext& context, Services& services) {
  const auto topic = TRY(services.listening->read(context.workspace_id(), TRY(context.id("topic_id"))));
  auto reader = TRY(services.database->reader());
  json::array list;
  for (const auto& one : TRY(listening::suggest(*reader, *services.clock, topic))) {
    list.push_back(json::object{{"kind", listening::name(one.kind)},
                                {"word", one.word},
                                {"term", one.term},
                                {"right", one.right},
                                {"wrong", one.wrong},
                                {"open", one.open},
                                {"example", one.example}});
  }
  return items(std::move(list));
}

}  // namespace

void add_topic_report_routes(Router& router, Services& services) {
  using auth::Permission;
  const auto add = [&](std::string_view path,
                       Result<net::HttpResponse> (*handler)(RequestContext&, Services&)) {
    router.add({"GET", in_workspace(path), Permission::kReadDesk, BodyRule::none(),
                [&services, handler](RequestContext& context) { return handler(context, services); }});
  };
  add("/topics/{topic_id}/report", report);
  add("/topics/{topic_id}/posts", posts);
  add("/topics/{topic_id}/suggestions", suggestions);
  add("/posts/{post_id}/why", why);
}

}  // namespace kiki::api
