// Promises and hours, holidays, the duty roster, and why an answer is due when it is.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/desk_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "cases/case_promises.hpp"
#include "promises/books.hpp"
#include "promises/holidays.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kBookBodyBytes = 1 << 20;
constexpr int kVersionsShown = 50;
constexpr int kTraitsMost = 200;

Result<net::HttpResponse> show_book(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  const auto book = TRY(promises::read_book(*reader, context.workspace_id()));
  auto body = promises::to_json(*book);
  body["version"] = book->version;
  return ok(body);
}

Result<net::HttpResponse> save_book(RequestContext& context, Services& services) {
  TRY(context.only_members({"version", "calendars", "policies"}));
  const auto version = TRY(context.body()["version"].integer());
  const auto book = TRY(promises::parse_book(context.body()));
  TRY(services.books->save({context.workspace_id(), context.user_id(), version}, book));
  return show_book(context, services);
}

Result<net::HttpResponse> history(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  json::array versions;
  for (const auto& one : TRY(promises::read_history(*reader, context.workspace_id(), kVersionsShown))) {
    json::object body;
    body["version"] = one.version;
    body["changed_at"] = time_json(one.changed_at);
    body["changed_by"] = id_json(one.changed_by);
    const auto document = parsed_json(one.body);
    body["calendars"] = document.at("calendars");
    body["policies"] = document.at("policies");
    versions.push_back(std::move(body));
  }
  return items(std::move(versions));
}

template <class T, class F>
Result<std::vector<T>> read_list(JsonView value, F read) {
  std::vector<T> list;
  if (value.is_null()) return list;
  if (!value.is_array()) return invalid("expected an array", value.pointer());
  if (value.size() > kTraitsMost) return invalid("is too long", value.pointer());
  TRY(value.each([&](JsonView item) -> Result<void> {
    list.push_back(TRY(read(item)));
    return {};
  }));
  return list;
}

Result<Id> read_id(JsonView value) {
  const auto id = parse_id(TRY(value.string(32)));
  if (!id) return invalid("expected an id", value.pointer());
  return *id;
}

// What would be due by a book that need not be saved.
Result<net::HttpResponse> preview(RequestContext& context, Services& services) {
  TRY(context.only_members({"calendars", "policies", "at", "account_id", "topic_ids", "priority", "groups"}));
  const auto body = context.body();
  const auto book = TRY(promises::parse_book(body));
  auto at = services.clock->now_ms();
  if (!body["at"].is_null()) {
    const auto wanted = parse_rfc3339(TRY(body["at"].string(64)));
    if (!wanted) return invalid("expected a time such as 2026-11-22T09:00:00Z", "/at");
    at = *wanted;
  }
  promises::CaseTraits traits;
  if (!body["account_id"].is_null()) traits.account_id = TRY(read_id(body["account_id"]));
  traits.topic_ids = TRY(read_list<Id>(body["topic_ids"], read_id));
  traits.priority = TRY(body["priority"].string_or("normal", 20));
  if (!promises::is_priority(traits.priority))
    return invalid("expected low, normal, high or urgent", "/priority");
  traits.groups = TRY(read_list<std::string>(
      body["groups"], [](JsonView item) { return item.string(promises::kNameMostBytes); }));
  const auto& policy = promises::choose(book, traits);
  json::array plans;
  for (const auto kind : promises::kAllKinds) {
    if (kind == promises::Kind::kResolution && !policy.terms.resolution) continue;
    plans.push_back(promises::to_json(
        promises::plan(kind, at, {}, policy.terms, book.calendar_of(policy), promises::Detail::kWithSteps)));
  }
  json::object answer;
  answer["policy"] = policy.key;
  answer["time_zone"] = book.calendar_of(policy).zone.name();
  answer["promises"] = std::move(plans);
  return ok(answer);
}

Result<net::HttpResponse> holidays(RequestContext& context, Services& services) {
  const auto this_year =
      promises::to_date(TRY(promises::TimeZone::find("Asia/Tokyo")).day_of(services.clock->now_ms())).year;
  const auto year = TRY(context.query_integer("year", this_year, 2007, 2099));
  json::array days;
  for (const auto& holiday : promises::japans_holidays(static_cast<int>(year))) {
    days.push_back(json::object{{"day", promises::to_text(holiday.day)}, {"holiday", holiday.name}});
  }
  return items(std::move(days));
}

Result<net::HttpResponse> show_roster(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  const auto read = TRY(promises::read_roster(*reader, context.workspace_id()));
  auto body = promises::to_json(read.roster);
  body["version"] = read.version;
  json::array now;
  for (const auto& duty : promises::on_duty(read.roster, services.clock->now_ms()))
    now.push_back(promises::to_json(duty));
  body["on_duty"] = std::move(now);
  return ok(body);
}

Result<net::HttpResponse> save_roster(RequestContext& context, Services& services) {
  TRY(context.only_members({"version", "time_zone", "shifts", "leaves"}));
  const auto version = TRY(context.body()["version"].integer());
  const auto roster = TRY(promises::parse_roster(context.body()));
  TRY(services.books->save({context.workspace_id(), context.user_id(), version}, roster));
  return show_roster(context, services);
}

}  // namespace

void add_promise_routes(Router& router, Services& services) {
  using auth::Permission;
  const DeskRoutes add(router, services);
  add("GET", "/promises", Permission::kReadDesk, BodyRule::none(), show_book);
  add("PUT", "/promises", Permission::kEditPromises, BodyRule::json(kBookBodyBytes), save_book);
  add("GET", "/promises/history", Permission::kReadDesk, BodyRule::none(), history);
  add("POST", "/promises/preview", Permission::kReadDesk, BodyRule::json(kBookBodyBytes), preview);
  add("GET", "/promises/holidays", Permission::kReadDesk, BodyRule::none(), holidays);
  add("GET", "/roster", Permission::kReadDesk, BodyRule::none(), show_roster);
  add("PUT", "/roster", Permission::kEditPromises, BodyRule::json(kBookBodyBytes), save_roster);
  add("GET", "/cases/{case_id}/promises", Permission::kReadDesk, BodyRule::none(),
      [](RequestContext& context, Services& s) -> Result<net::HttpResponse> {
        auto reader = TRY(s.database->reader());
        return ok(TRY(cases::explain_promises(*reader, context.workspace_id(), TRY(context.id("case_id")))));
      });
}

}  // namespace kiki::api
