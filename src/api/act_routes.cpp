// Macros, saved views, rules, and the acts of many changes at once.

#include <boost/json.hpp>
#include <limits>

#include "api/all_routes.hpp"
#include "api/desk_routes.hpp"
#include "api/router.hpp"
#include "api/saved_views.hpp"
#include "api/services.hpp"
#include "cases/cases.hpp"
#include "cases/done_requests.hpp"
#include "teamwork/act_cases.hpp"
#include "teamwork/acts.hpp"
#include "teamwork/documents.hpp"
#include "teamwork/rules.hpp"
#include "teamwork/views.hpp"

namespace kiki::api {

namespace {

using teamwork::Kind;

constexpr std::size_t kDocumentBytes = 256 * 1024;
constexpr std::size_t kNameBytes = 1'000;
constexpr int kDryRunDays = 7;
constexpr int kRowsAtOnce = 500;

bool may_share(const RequestContext& context) {
  return auth::may(context.access.role, auth::Permission::kManageTeams);
}

teamwork::Asker asker_of(RequestContext& context, Services& services) {
  return {context.workspace_id(), context.user_id(), services.clock->now_ms()};
}

template <Kind kind>
Result<teamwork::DocumentChange> read_change(RequestContext& context) {
  TRY(context.only_members(
      {"name", "shared", "enabled", "place", "version", "trigger", "conditions", "actions"}));
  const auto body = context.body();
  teamwork::DocumentChange change;
  if (!body["name"].is_null()) change.name = TRY(body["name"].string(kNameBytes));
  if (!body["shared"].is_null()) change.shared = TRY(body["shared"].boolean());
  if (!body["enabled"].is_null()) change.enabled = TRY(body["enabled"].boolean());
  if (!body["place"].is_null()) change.place = TRY(body["place"].integer());
  if (!body["version"].is_null()) change.version = TRY(body["version"].integer());
  if (body["conditions"].exists() || body["actions"].exists() || body["trigger"].exists())
    change.body = TRY(teamwork::parse_body(kind, body));
  return change;
}

template <Kind kind>
Result<net::HttpResponse> list_documents(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  json::array list;
  for (const auto& one :
       TRY(teamwork::read_documents(*reader, context.workspace_id(), kind, context.user_id())))
    list.push_back(to_json(kind, one));
  return items(std::move(list));
}

template <Kind kind>
Result<net::HttpResponse> make_document(RequestContext& context, Services& services) {
  return created(
      to_json(kind, TRY(services.documents->make(context.workspace_id(), context.user_id(), kind,
                                                 may_share(context), TRY(read_change<kind>(context))))));
}

template <Kind kind>
Result<net::HttpResponse> change_document(RequestContext& context, Services& services) {
  return ok(to_json(kind, TRY(services.documents->change(context.workspace_id(), context.user_id(), kind,
                                                         TRY(context.id("id")), may_share(context),
                                                         TRY(read_change<kind>(context))))));
}

template <Kind kind>
Result<net::HttpResponse> remove_document(RequestContext& context, Services& services) {
  TRY(services.documents->remove(context.workspace_id(), context.user_id(), kind, TRY(context.id("id")),
                                 may_share(context)));
  return no_content();
}

// What "saved:ID", "team:ID", "member:ID", "due:overdue" and "due:failed" mean.
Result<teamwork::Conditions> conditions_of(RequestContext& context, store::Connection& db,
                                           std::string_view view) {
  const auto value = view.substr(view.find(':') + 1);
  if (view.starts_with("due:") && (value == "overdue" || value == "soon"))
    return teamwork::Conditions{{"due", false, {std::string(value)}}};
  if (view == "due:failed")
    return teamwork::Conditions{
        {"status", false, {"found", "open", "waiting", "snoozed", "resolved", "dismissed", "watched"}},
        {"reply", false, {"failed"}}};
  const auto id = parse_id(value);
  if (!id || !(view.starts_with("saved:") || view.starts_with("team:") || view.starts_with("member:")))
    return invalid("There is no such view.", "view");
  if (view.starts_with("team:")) return teamwork::Conditions{{"team", false, {to_string(*id)}}};
  if (view.starts_with("member:")) return teamwork::Conditions{{"assignee", false, {to_string(*id)}}};
  auto found = teamwork::read_document(db, context.workspace_id(), Kind::kView, *id, context.user_id());
  if (!found.ok()) return std::move(found).error();
  return std::move(found->body.conditions);
}

Result<net::HttpResponse> count_views(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  const auto asker = asker_of(context, services);
  json::array list;
  for (const auto& view :
       TRY(teamwork::read_documents(*reader, context.workspace_id(), Kind::kView, context.user_id()))) {
    const auto count = TRY(services.documents->count(*reader, view, asker));
    list.push_back(json::object{{"id", to_string(view.id)}, {"cases", count.cases}, {"more", count.more}});
  }
  return items(std::move(list));
}

Result<net::HttpResponse> dry_run(RequestContext& context, Services& services) {
  TRY(context.only_members({"trigger", "conditions", "actions", "days"}));
  const auto body = TRY(teamwork::parse_body(Kind::kRule, context.body()));
  const auto days = TRY(context.body()["days"].integer_or(kDryRunDays));
  if (days < 1 || days > teamwork::kDryRunDaysMost) return invalid("must be 1 to 30", "/days");
  return ok(to_json(TRY(services.rules->dry_run(context.workspace_id(), body, static_cast<int>(days)))));
}

// The cases of a list of the console, in its order, at most `limit`.
Result<std::vector<Id>> cases_of_list(RequestContext& context, Services& services, store::Connection& db,
                                      std::string_view view, Id topic_id, std::size_t limit) {
  if (view.find(':') != std::string_view::npos) {
    const auto conditions = TRY(conditions_of(context, db, view));
    return teamwork::cases_in_view(db, conditions, asker_of(context, services), static_cast<int>(limit));
  }
  const auto known = cases::parse_view(view);
  if (!known) return invalid("There is no such view.", "/view");
  cases::ListQuery query;
  query.workspace_id = context.workspace_id();
  query.user_id = context.user_id();
  query.view = *known;
  query.topic_id = topic_id;
  query.limit = kRowsAtOnce;
  std::vector<Id> ids;
  while (ids.size() < limit) {
    const auto page = TRY(cases::list_cases(db, query));
    for (const auto& row : page.rows) ids.push_back(row.id);
    if (!page.next) break;
    query.after = page.next;
  }
  if (ids.size() > limit) ids.resize(limit);
  return ids;
}

// {actions | macro_id, case_ids | view and topic_id}
Result<teamwork::NewAct> read_act(RequestContext& context, Services& services) {
  TRY(context.only_members({"actions", "macro_id", "case_ids", "view", "topic_id", "seen", "request_id"}));
  const auto body = context.body();
  teamwork::NewAct act;
  act.workspace_id = context.workspace_id();
  act.actor_id = context.user_id();
  act.source = "bulk";
  act.request_id = TRY(body["request_id"].string_or("", cases::kRequestIdLimitBytes));
  if (!body["seen"].is_null()) {
    const auto seen = parse_id(TRY(body["seen"].string(32)));
    if (!seen) return invalid("expected what a preview was answered with", "/seen");
    act.seen_id = *seen;
  }
  auto reader = TRY(services.database->reader());
  if (!body["macro_id"].is_null()) {
    const auto id = parse_id(TRY(body["macro_id"].string(32)));
    if (!id) return invalid("expected an id", "/macro_id");
    const auto macro =
        TRY(teamwork::read_document(*reader, context.workspace_id(), Kind::kMacro, *id, context.user_id()));
    act.source = "macro";
    act.source_id = macro.id;
    act.name = macro.name;
    act.actions = macro.body.actions;
  } else {
    act.actions = TRY(teamwork::parse_actions(body["actions"], teamwork::For::kPeople));
  }
  if (!body["view"].is_null()) {
    const auto view = TRY(body["view"].string(64));
    Id topic_id = 0;
    if (!body["topic_id"].is_null()) {
      const auto topic = parse_id(TRY(body["topic_id"].string(32)));
      if (!topic) return invalid("expected an id", "/topic_id");
      topic_id = *topic;
    }
    act.case_ids =
        TRY(cases_of_list(context, services, *reader, view, topic_id, teamwork::kActCasesMost + 1));
    return act;
  }
  if (!body["case_ids"].is_array()) return invalid("expected an array", "/case_ids");
  if (body["case_ids"].size() > teamwork::kActCasesMost)
    return invalid("too many cases at once", "/case_ids");
  TRY(body["case_ids"].each([&](JsonView one) -> Result<void> {
    const auto id = parse_id(TRY(one.string(32)));
    if (!id) return invalid("expected an id", one.pointer());
    act.case_ids.push_back(*id);
    return {};
  }));
  return act;
}

Result<net::HttpResponse> preview(RequestContext& context, Services& services) {
  const Id seen = services.acts->hands().ids.next();  // before it looks
  auto act = TRY(read_act(context, services));
  const bool more = act.case_ids.size() > teamwork::kActCasesMost;
  if (more) act.case_ids.resize(teamwork::kActCasesMost);
  json::array list;
  json::array ids;
  for (const Id id : act.case_ids) ids.emplace_back(to_string(id));
  std::int64_t changed = 0;
  std::int64_t refused = 0;
  for (const auto& one : TRY(services.acts->preview(act))) {
    if (!one.code.empty()) ++refused;
    if (one.code.empty() && one.anything) ++changed;
    list.push_back(to_json(one));
  }
  return ok(json::object{{"items", std::move(list)},
                         {"cases", static_cast<std::int64_t>(act.case_ids.size())},
                         {"case_ids", std::move(ids)},
                         {"more", more},
                         {"seen", to_string(seen)},
                         {"will_change", changed},
                         {"will_refuse", refused}});
}

Result<net::HttpResponse> make_act(RequestContext& context, Services& services) {
  auto act = TRY(read_act(context, services));
  if (!context.body()["view"].is_null() && act.case_ids.size() > teamwork::kActCasesMost)
    act.case_ids.resize(teamwork::kActCasesMost);
  return created(to_json(TRY(services.acts->make(act))));
}

Result<net::HttpResponse> list_acts(RequestContext& context, Services& services) {
  const int limit = TRY(context.limit());
  Id before = std::numeric_limits<Id>::max();
  if (auto cursor = TRY(context.cursor())) before = TRY(cursor->root()["id"].integer());
  const auto rule = TRY(context.query_id("rule_id"));
  const auto macro = TRY(context.query_id("macro_id"));
  const auto source = rule ? "rule" : macro ? "macro" : context.query("source");
  if (!rule && !macro && !source.empty() && source != "bulk")
    return invalid("There are no such acts.", "source");
  const auto rows = TRY(services.acts->list(context.workspace_id(), source, rule.value_or(macro.value_or(0)),
                                            before, limit + 1));
  json::array list;
  std::optional<std::string> next;
  for (const auto& row : rows) {
    if (static_cast<int>(list.size()) == limit) {
      next = encode_cursor({{"id", rows[static_cast<std::size_t>(limit) - 1].id}});
      break;
    }
    list.push_back(to_json(row));
  }
  return page(std::move(list), std::move(next));
}

Result<net::HttpResponse> list_act_cases(RequestContext& context, Services& services) {
  const int limit = TRY(context.limit());
  std::int64_t after = -1;
  if (auto cursor = TRY(context.cursor())) after = TRY(cursor->root()["place"].integer());
  auto reader = TRY(services.database->reader());
  auto rows = TRY(
      teamwork::read_act_cases(*reader, context.workspace_id(), TRY(context.id("act_id")), after, limit + 1));
  std::optional<std::string> next;
  if (static_cast<int>(rows.size()) > limit) {
    rows.pop_back();
    next = encode_cursor({{"place", rows.back().place}});
  }
  json::array list;
  for (const auto& row : rows) list.push_back(to_json(row));
  return page(std::move(list), std::move(next));
}

}  // namespace

Result<net::HttpResponse> list_saved_view(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  const auto conditions = TRY(conditions_of(context, *reader, context.query("view")));
  const int limit = TRY(context.limit());
  std::optional<cases::Position> after;
  if (auto cursor = TRY(context.cursor()))
    after = cases::Position{TRY(cursor->root()["t"].integer()), TRY(cursor->root()["id"].integer())};
  const auto found = TRY(teamwork::list_view(*reader, conditions, asker_of(context, services), after, limit));
  json::array rows;
  for (const auto& row : found.rows) rows.push_back(cases::to_json(row));
  std::optional<std::string> next;
  if (found.next) next = encode_cursor({{"t", found.next->time}, {"id", found.next->id}});
  return page(std::move(rows), std::move(next));
}

void add_act_routes(Router& router, Services& services) {
  using auth::Permission;
  const DeskRoutes add(router, services);
  const auto body = BodyRule::json(kDocumentBytes);
  add("GET", "/macros", Permission::kReadDesk, BodyRule::none(), list_documents<Kind::kMacro>);
  add("POST", "/macros", Permission::kWorkCases, body, make_document<Kind::kMacro>);
  add("PATCH", "/macros/{id}", Permission::kWorkCases, body, change_document<Kind::kMacro>);
  add("DELETE", "/macros/{id}", Permission::kWorkCases, BodyRule::none(), remove_document<Kind::kMacro>);
  add("GET", "/views", Permission::kReadDesk, BodyRule::none(), list_documents<Kind::kView>);
  add("GET", "/views/counts", Permission::kReadDesk, BodyRule::none(), count_views);
  add("POST", "/views", Permission::kReadDesk, body, make_document<Kind::kView>);
  add("PATCH", "/views/{id}", Permission::kReadDesk, body, change_document<Kind::kView>);
  add("DELETE", "/views/{id}", Permission::kReadDesk, BodyRule::none(), remove_document<Kind::kView>);
  add("GET", "/rules", Permission::kReadDesk, BodyRule::none(), list_documents<Kind::kRule>);
  add("POST", "/rules", Permission::kManageTeams, body, make_document<Kind::kRule>);
  add("POST", "/rules/dry-run", Permission::kManageTeams, body, dry_run);
  add("PATCH", "/rules/{id}", Permission::kManageTeams, body, change_document<Kind::kRule>);
  add("DELETE", "/rules/{id}", Permission::kManageTeams, BodyRule::none(), remove_document<Kind::kRule>);
  add("GET", "/acts", Permission::kReadDesk, BodyRule::none(), list_acts);
  add("POST", "/acts", Permission::kWorkCases, body, make_act);
  add("POST", "/acts/preview", Permission::kWorkCases, body, preview);
  add("GET", "/acts/{act_id}", Permission::kReadDesk, BodyRule::none(),
      [](RequestContext& context, Services& s) -> Result<net::HttpResponse> {
        return ok(to_json(TRY(s.acts->read(context.workspace_id(), TRY(context.id("act_id"))))));
      });
  add("GET", "/acts/{act_id}/cases", Permission::kReadDesk, BodyRule::none(), list_act_cases);
  add("POST", "/acts/{act_id}/cancel", Permission::kWorkCases, BodyRule::optional_json(),
      [](RequestContext& context, Services& s) -> Result<net::HttpResponse> {
        return ok(to_json(TRY(s.acts->cancel(context.workspace_id(), TRY(context.id("act_id"))))));
      });
  add("POST", "/acts/{act_id}/undo", Permission::kWorkCases, BodyRule::optional_json(),
      [](RequestContext& context, Services& s) -> Result<net::HttpResponse> {
        return ok(
            to_json(TRY(s.acts->undo(context.workspace_id(), TRY(context.id("act_id")), context.user_id()))));
      });
}

}  // namespace kiki::api
