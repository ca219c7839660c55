// The order of the list: its weights, tried on today's list before they are saved, and the next best case.
// The decisions beside responding and skipping: watch, and ask for a second opinion.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/case_change.hpp"
#include "api/desk_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "cases/case_rank.hpp"
#include "cases/cases.hpp"
#include "cases/next_case.hpp"
#include "cases/orders.hpp"
#include "live/presence.hpp"
#include "teamwork/teams.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kNoteLimitBytes = 2'000;

Result<net::HttpResponse> show(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  const auto weights = TRY(cases::read_weights(*reader, context.workspace_id()));
  auto body = cases::to_json(*weights);
  body["version"] = weights->version;
  body["first"] = cases::to_json(cases::Weights());
  return ok(body);
}

Result<cases::Weights> weights_of(RequestContext& context) {
  TRY(context.only_members({"version", "danger", "legal", "money", "urgency", "reach", "anger", "wrote_again",
                            "complaints", "chatter", "among_users", "low", "high", "urgent",
                            "waiting_percent", "groups"}));
  return cases::parse_weights(context.body());
}

Result<net::HttpResponse> save(RequestContext& context, Services& services) {
  auto weights = TRY(weights_of(context));
  weights.version = TRY(context.body()["version"].integer());
  TRY(services.orders->save(context.workspace_id(), context.user_id(), weights));
  return show(context, services);
}

Result<net::HttpResponse> preview(RequestContext& context, Services& services) {
  const auto seen = TRY(services.orders->preview(context.workspace_id(), TRY(weights_of(context))));
  const auto rows = [](const std::vector<cases::CaseRow>& list) {
    json::array all;
    for (const auto& row : list) all.push_back(cases::to_json(row));
    return all;
  };
  return ok(json::object{{"before", rows(seen.before)},
                         {"after", rows(seen.after)},
                         {"cases", seen.cases},
                         {"moved", seen.moved}});
}

Result<net::HttpResponse> next(RequestContext& context, Services& services) {
  TRY(context.only_members({"purchases", "leave"}));
  const auto body = context.body();
  cases::NextQuery query;
  query.workspace_id = context.workspace_id();
  query.user_id = context.user_id();
  query.purchases = TRY(body["purchases"].boolean_or(false));
  if (!body["leave"].is_null()) {
    query.leave = parse_id(TRY(body["leave"].string(32)));
    if (!query.leave) return invalid("expected an id", "/leave");
  }
  for (const auto& one : services.presence->of_workspace(query.workspace_id)) {
    if (one.user_id != query.user_id &&
        (one.state == live::PresenceState::kLooking || one.state == live::PresenceState::kWriting))
      query.busy.push_back(one.case_id);
  }
  {
    auto reader = TRY(services.database->reader());
    query.away = TRY(teamwork::away_now(*reader, query.workspace_id, services.clock->now_ms()));
    std::erase(query.away, query.user_id);
  }
  const auto row = TRY(services.next_case->take(query));
  json::object answer;
  answer["case"] = row ? json::value(cases::to_json(*row)) : json::value(nullptr);
  return ok(answer);
}

Result<net::HttpResponse> watch(RequestContext& context, Services& services) {
  TRY(context.only_members({"reason", "until", "version"}));
  const auto reason = TRY(context.body()["reason"].string(cases::kReasonLimitBytes));
  std::optional<TimeMs> until;
  if (!context.body()["until"].is_null()) {
    until = parse_rfc3339(TRY(context.body()["until"].string(64)));
    if (!until) return invalid("expected a time such as 2026-11-22T09:00:00Z", "/until");
  }
  return ok(cases::to_json(TRY(services.cases->watch(TRY(change_of(context)), reason, until))));
}

Result<net::HttpResponse> ask_opinion(RequestContext& context, Services& services) {
  TRY(context.only_members({"user_id", "note", "version"}));
  const auto user = context.body()["user_id"];
  std::optional<Id> of;
  if (!user.is_null()) {
    of = parse_id(TRY(user.string(32)));
    if (!of) return invalid("expected an id", "/user_id");
  }
  const auto note = TRY(context.body()["note"].string_or("", kNoteLimitBytes));
  return ok(cases::to_json(TRY(services.cases->ask_opinion(TRY(change_of(context)), of, note))));
}

}  // namespace

void add_order_routes(Router& router, Services& services) {
  using auth::Permission;
  const DeskRoutes add(router, services);
  add("GET", "/order", Permission::kReadDesk, BodyRule::none(), show);
  add("PUT", "/order", Permission::kEditPromises, BodyRule::json(), save);
  add("POST", "/order/preview", Permission::kReadDesk, BodyRule::json(), preview);
  add("POST", "/cases/next", Permission::kWorkCases, BodyRule::optional_json(), next);
  add("POST", "/cases/{case_id}/watch", Permission::kWorkCases, BodyRule::json(), watch);
  add("POST", "/cases/{case_id}/opinion", Permission::kWorkCases, BodyRule::optional_json(), ask_opinion);
  add("DELETE", "/cases/{case_id}/opinion", Permission::kWorkCases, BodyRule::none(),
      [](RequestContext& context, Services& s) -> Result<net::HttpResponse> {
        return ok(cases::to_json(TRY(s.cases->drop_opinion(TRY(change_of(context))))));
      });
}

}  // namespace kiki::api
