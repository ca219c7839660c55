// Teams, who can do what, and what goes from hand to hand: claims, hand-overs, followers, escalations, tags.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/desk_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "cases/cases.hpp"
#include "cases/done_requests.hpp"
#include "teamwork/acts.hpp"
#include "teamwork/escalations.hpp"
#include "teamwork/notices.hpp"
#include "teamwork/teams.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kNoteBodyBytes = 128 * 1024;
constexpr int kTagsShown = 12;

Result<std::optional<Id>> maybe_id(JsonView value) {
  if (value.is_null()) return std::optional<Id>();
  const auto id = parse_id(TRY(value.string(32)));
  if (!id) return invalid("expected an id", value.pointer());
  return id;
}

template <class F>
auto read_list(JsonView value, F read)
    -> Result<std::vector<typename std::invoke_result_t<F, JsonView>::value_type>> {
  std::vector<typename std::invoke_result_t<F, JsonView>::value_type> list;
  if (!value.is_array()) return invalid("expected an array", value.pointer());
  TRY(value.each([&](JsonView one) -> Result<void> {
    list.push_back(TRY(read(one)));
    return {};
  }));
  return list;
}

Result<net::HttpResponse> list_teams(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  const auto now_ms = services.clock->now_ms();
  json::array teams;
  for (const auto& team : TRY(teamwork::read_teams(*reader, context.workspace_id())))
    teams.push_back(to_json(team));
  json::array work;
  for (const auto& one : TRY(teamwork::read_work(*reader, context.workspace_id(), now_ms)))
    work.push_back(to_json(one));
  return ok(json::object{{"items", std::move(teams)},
                         {"work", std::move(work)},
                         {"claim_on_open", TRY(teamwork::claims_on_open(*reader, context.workspace_id()))}});
}

Result<teamwork::TeamChange> read_team(RequestContext& context) {
  TRY(context.only_members({"name", "assigning", "escalation_minutes", "member_ids"}));
  const auto body = context.body();
  teamwork::TeamChange change;
  if (!body["name"].is_null()) change.name = TRY(body["name"].string(1'000));
  if (!body["assigning"].is_null()) {
    const auto assigning = TRY(body["assigning"].string(20));
    if (assigning != "by_hand" && assigning != "by_load")
      return invalid("expected by_hand or by_load", "/assigning");
    change.by_load = assigning == "by_load";
  }
  if (!body["escalation_minutes"].is_null())
    change.escalation_minutes = TRY(body["escalation_minutes"].integer());
  if (!body["member_ids"].is_null())
    change.members = TRY(read_list(body["member_ids"], [](JsonView one) -> Result<Id> {
      const auto id = parse_id(TRY(one.string(32)));
      if (!id) return invalid("expected an id", one.pointer());
      return *id;
    }));
  return change;
}

Result<net::HttpResponse> team_answer(RequestContext& context, Services& services, Id team_id, bool is_new) {
  auto reader = TRY(services.database->reader());
  for (const auto& team : TRY(teamwork::read_teams(*reader, context.workspace_id()))) {
    if (team.id == team_id) return is_new ? created(to_json(team)) : ok(to_json(team));
  }
  return not_found("There is no such team.");
}

Result<net::HttpResponse> make_team(RequestContext& context, Services& services) {
  const auto id =
      TRY(services.teams->make(context.workspace_id(), context.user_id(), TRY(read_team(context))));
  return team_answer(context, services, id, true);
}

Result<net::HttpResponse> change_team(RequestContext& context, Services& services) {
  const auto id = TRY(context.id("team_id"));
  TRY(services.teams->change(context.workspace_id(), context.user_id(), id, TRY(read_team(context))));
  return team_answer(context, services, id, false);
}

// One's own absence is one's own; how much somebody takes and can do is the lead's.
Result<net::HttpResponse> change_work(RequestContext& context, Services& services) {
  TRY(context.only_members({"capacity", "skills", "languages", "away_until", "substitute_id"}));
  const auto body = context.body();
  const auto user_id = TRY(context.id("user_id"));
  const auto text = [](JsonView one) { return one.string(teamwork::kNameMostBytes); };
  teamwork::WorkChange change;
  if (!body["capacity"].is_null()) change.capacity = TRY(body["capacity"].integer());
  if (!body["skills"].is_null()) change.skills = TRY(read_list(body["skills"], text));
  if (!body["languages"].is_null()) change.languages = TRY(read_list(body["languages"], text));
  if (body["away_until"].exists()) {
    change.away_until = std::optional<TimeMs>();
    if (!body["away_until"].is_null()) {
      const auto until = parse_rfc3339(TRY(body["away_until"].string(64)));
      if (!until) return invalid("expected a time such as 2026-11-22T09:00:00Z", "/away_until");
      change.away_until = until;
    }
  }
  if (body["substitute_id"].exists()) change.substitute_id = TRY(maybe_id(body["substitute_id"]));
  if (user_id != context.user_id() || change.capacity || change.skills || change.languages)
    TRY(context.require(auth::Permission::kManageTeams));
  TRY(services.teams->change_work(context.workspace_id(), context.user_id(), user_id, change));
  return no_content();
}

Result<net::HttpResponse> claim(RequestContext& context, Services& services) {
  return ok(cases::to_json(TRY(teamwork::claim(
      *services.database, services.acts->hands(),
      {context.workspace_id(), TRY(context.id("case_id")), context.user_id(), std::nullopt, {}}))));
}

Result<net::HttpResponse> hand_over(RequestContext& context, Services& services) {
  TRY(context.only_members({"user_id", "team_id", "note", "request_id"}));
  const auto body = context.body();
  return ok(cases::to_json(TRY(teamwork::hand_over(
      *services.database, services.acts->hands(),
      {context.workspace_id(), TRY(context.id("case_id")), context.user_id(), TRY(maybe_id(body["user_id"])),
       TRY(maybe_id(body["team_id"])), TRY(body["note"].string_or("", cases::kNoteLimitBytes)),
       TRY(body["request_id"].string_or("", cases::kRequestIdLimitBytes))}))));
}

Result<net::HttpResponse> show_teamwork(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  const auto case_id = TRY(context.id("case_id"));
  TRY(cases::read_row(*reader, context.workspace_id(), case_id));
  json::array followers;
  for (const Id id : TRY(teamwork::followers(*reader, context.workspace_id(), case_id)))
    followers.emplace_back(to_string(id));
  json::array escalations;
  for (const auto& one : TRY(teamwork::read_escalations(*reader, context.workspace_id(), case_id)))
    escalations.push_back(to_json(one));
  return ok(json::object{{"followers", std::move(followers)}, {"escalations", std::move(escalations)}});
}

Result<net::HttpResponse> follow(RequestContext& context, Services& services) {
  TRY(context.only_members({"on"}));
  TRY(teamwork::follow(*services.database, services.acts->hands(), context.workspace_id(),
                       TRY(context.id("case_id")), context.user_id(), TRY(context.body()["on"].boolean())));
  return no_content();
}

Result<net::HttpResponse> escalate(RequestContext& context, Services& services) {
  TRY(context.only_members({"team_id", "note"}));
  const auto case_id = TRY(context.id("case_id"));
  const auto team_id = TRY(maybe_id(context.body()["team_id"]));
  if (!team_id) return invalid("is required", "/team_id");
  const auto note = TRY(context.body()["note"].string_or("", cases::kNoteLimitBytes));
  const auto made = TRY(services.database->writer().write_result([&](store::Transaction& tx) -> Result<Id> {
    TRY(cases::read_row(tx.db(), context.workspace_id(), case_id));
    return teamwork::escalate(tx, services.acts->hands(),
                              {context.workspace_id(), case_id, context.user_id(), *team_id, note, {}});
  }));
  auto reader = TRY(services.database->reader());
  for (const auto& one : TRY(teamwork::read_escalations(*reader, context.workspace_id(), case_id))) {
    if (one.id == made) return created(to_json(one));
  }
  return not_found("There is no such escalation.");
}

Result<net::HttpResponse> change_escalation(RequestContext& context, Services& services) {
  TRY(context.only_members({"state", "tracker_status", "tracker_url", "comment"}));
  const auto body = context.body();
  const auto id = TRY(context.id("escalation_id"));
  teamwork::EscalationChange change;
  if (!body["state"].is_null()) change.state = TRY(body["state"].string(20));
  if (!body["tracker_status"].is_null()) change.tracker_status = TRY(body["tracker_status"].string(1'000));
  if (!body["tracker_url"].is_null()) change.tracker_url = TRY(body["tracker_url"].string(4'000));
  if (!body["comment"].is_null()) change.comment = TRY(body["comment"].string(cases::kNoteLimitBytes));
  return ok(to_json(TRY(services.database->writer().write_result([&](store::Transaction& tx) {
    return teamwork::change_escalation(tx, services.acts->hands(), context.workspace_id(), context.user_id(),
                                       id, change);
  }))));
}

Result<net::HttpResponse> suggest_tags(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  const auto case_id = TRY(context.query_id("case_id")).value_or(0);
  const int limit = TRY(context.limit(kTagsShown, 100));
  json::array list;
  for (const auto& one :
       TRY(teamwork::suggest_tags(*reader, context.workspace_id(), case_id, context.query("prefix"), limit)))
    list.push_back(json::object{{"tag", one.tag}, {"cases", one.cases}, {"similar", one.similar}});
  return items(std::move(list));
}

}  // namespace

void add_team_routes(Router& router, Services& services) {
  using auth::Permission;
  const DeskRoutes add(router, services);
  add("GET", "/teams", Permission::kReadDesk, BodyRule::none(), list_teams);
  add("POST", "/teams", Permission::kManageTeams, BodyRule::json(), make_team);
  add("PATCH", "/teams/{team_id}", Permission::kManageTeams, BodyRule::json(), change_team);
  add("DELETE", "/teams/{team_id}", Permission::kManageTeams, BodyRule::none(),
      [](RequestContext& context, Services& s) -> Result<net::HttpResponse> {
        TRY(s.teams->archive(context.workspace_id(), context.user_id(), TRY(context.id("team_id"))));
        return no_content();
      });
  add("PATCH", "/work/{user_id}", Permission::kWorkCases, BodyRule::json(), change_work);
  add("PUT", "/team_settings", Permission::kManageTeams, BodyRule::json(),
      [](RequestContext& context, Services& s) -> Result<net::HttpResponse> {
        TRY(context.only_members({"claim_on_open"}));
        TRY(s.teams->claim_on_open(context.workspace_id(), context.user_id(),
                                   TRY(context.body()["claim_on_open"].boolean())));
        return no_content();
      });
  add("POST", "/cases/{case_id}/claim", Permission::kWorkCases, BodyRule::optional_json(), claim);
  add("POST", "/cases/{case_id}/handover", Permission::kWorkCases, BodyRule::json(kNoteBodyBytes), hand_over);
  add("GET", "/cases/{case_id}/teamwork", Permission::kReadDesk, BodyRule::none(), show_teamwork);
  add("PUT", "/cases/{case_id}/follow", Permission::kReadDesk, BodyRule::json(), follow);
  add("POST", "/cases/{case_id}/escalations", Permission::kWorkCases, BodyRule::json(kNoteBodyBytes),
      escalate);
  add("PATCH", "/escalations/{escalation_id}", Permission::kWorkCases, BodyRule::json(kNoteBodyBytes),
      change_escalation);
  add("GET", "/tags", Permission::kReadDesk, BodyRule::none(), suggest_tags);
}

}  // namespace kiki::api
