// Cases: lists, one in full, its timeline, and what people do to it.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/case_change.hpp"
#include "api/case_json.hpp"
#include "api/desk_routes.hpp"
#include "api/router.hpp"
#include "api/saved_views.hpp"
#include "api/services.hpp"
#include "cases/cases.hpp"
#include "cases/done_requests.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kDraftBodyBytes = 128 * 1024;

Result<net::HttpResponse> list(RequestContext& context, Services& services) {
  cases::ListQuery query;
  query.workspace_id = context.workspace_id();
  query.user_id = context.user_id();
  const auto view = context.query("view");
  if (view.find(':') != std::string_view::npos) return list_saved_view(context, services);
  const auto parsed = cases::parse_view(view.empty() ? "now" : view);
  if (!parsed) return invalid("There is no such view.", "view");
  query.view = *parsed;
  query.topic_id = TRY(context.query_id("topic_id")).value_or(0);
  query.limit = TRY(context.limit());
  if (auto cursor = TRY(context.cursor())) {
    query.after = cases::Position{TRY(cursor->root()["t"].integer()), TRY(cursor->root()["id"].integer())};
  }
  auto reader = TRY(services.database->reader());
  const auto found = TRY(cases::list_cases(*reader, query));
  json::array rows;
  rows.reserve(found.rows.size());
  for (const auto& row : found.rows) rows.push_back(cases::to_json(row));
  std::optional<std::string> next;
  if (found.next) next = encode_cursor({{"t", found.next->time}, {"id", found.next->id}});
  return page(std::move(rows), std::move(next));
}

Result<net::HttpResponse> counts(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  return ok(cases::to_json(
      TRY(cases::read_counts(*reader, context.workspace_id(), context.user_id(), services.clock->now_ms()))));
}

Result<std::optional<cases::TimelinePlace>> place(RequestContext& context, std::string_view name) {
  const auto text = context.query(name);
  if (text.empty()) return std::optional<cases::TimelinePlace>();
  const auto document = TRY(decode_cursor(text));
  std::vector<std::int64_t> numbers;
  TRY(document.root().each([&](JsonView value) -> Result<void> {
    numbers.push_back(TRY(value.integer()));
    return {};
  }));
  if (numbers.size() != 3)
    return invalid("This cursor did not come from an earlier page.", std::string(name));
  return std::optional(cases::TimelinePlace{numbers[0], static_cast<int>(numbers[1]), numbers[2]});
}

Result<net::HttpResponse> timeline(RequestContext& context, Services& services) {
  cases::TimelineQuery query;
  query.workspace_id = context.workspace_id();
  query.case_id = TRY(context.id("case_id"));
  query.before = TRY(place(context, "before"));
  query.after = TRY(place(context, "after"));
  query.limit = TRY(context.limit());
  return ok(TRY(timeline_json(services, query)));
}

Result<net::HttpResponse> assign(RequestContext& context, Services& services) {
  TRY(context.only_members({"user_id", "version"}));
  const auto user = context.body()["user_id"];
  if (!user.exists()) return invalid("is required", "/user_id");
  std::optional<Id> assignee;
  if (!user.is_null()) {
    assignee = parse_id(TRY(user.string(32)));
    if (!assignee) return invalid("expected an id", "/user_id");
  }
  return ok(cases::to_json(TRY(services.cases->assign(TRY(change_of(context)), assignee))));
}

Result<net::HttpResponse> snooze(RequestContext& context, Services& services) {
  TRY(context.only_members({"until", "version"}));
  const auto until = parse_rfc3339(TRY(context.body()["until"].string(64)));
  if (!until) return invalid("expected a time such as 2026-11-22T09:00:00Z", "/until");
  return ok(cases::to_json(TRY(services.cases->snooze(TRY(change_of(context)), *until))));
}

Result<net::HttpResponse> dismiss(RequestContext& context, Services& services) {
  TRY(context.only_members({"reason", "version"}));
  const auto reason = TRY(context.body()["reason"].string(cases::kReasonLimitBytes));
  return ok(cases::to_json(TRY(services.cases->dismiss(TRY(change_of(context)), reason))));
}

Result<net::HttpResponse> undo(RequestContext& context, Services& services) {
  TRY(context.only_members({"event_seq"}));
  const auto seq = parse_id(TRY(context.body()["event_seq"].string(32)));
  if (!seq) return invalid("expected the event_seq that the change was answered with", "/event_seq");
  return ok(cases::to_json(TRY(services.cases->undo(TRY(change_of(context)), *seq))));
}

Result<std::vector<std::string>> read_tags(JsonView list) {
  std::vector<std::string> tags;
  if (list.is_null()) return tags;
  if (!list.is_array()) return invalid("expected an array", list.pointer());
  TRY(list.each([&](JsonView value) -> Result<void> {
    tags.push_back(TRY(value.string(cases::kTagLimitBytes)));
    return {};
  }));
  return tags;
}

// All tags as they shall be; or what is added and taken away, which leaves alone what others did meanwhile.
Result<net::HttpResponse> set_tags(RequestContext& context, Services& services) {
  TRY(context.only_members({"tags", "add", "remove", "version"}));
  const auto body = context.body();
  const auto change = TRY(change_of(context));
  if (body["add"].exists() || body["remove"].exists()) {
    if (body["tags"].exists()) return invalid("goes with neither add nor remove", "/tags");
    const auto add = TRY(read_tags(body["add"]));
    const auto remove = TRY(read_tags(body["remove"]));
    return ok(cases::to_json(TRY(services.database->writer().write_result(
        [&](store::Transaction& tx) { return services.cases->change_tags(tx, change, add, remove); }))));
  }
  if (!body["tags"].is_array()) return invalid("expected an array", "/tags");
  return ok(cases::to_json(TRY(services.cases->set_tags(change, TRY(read_tags(body["tags"]))))));
}

Result<net::HttpResponse> add_note(RequestContext& context, Services& services) {
  TRY(context.only_members({"text", "request_id"}));
  const auto text = TRY(context.body()["text"].string(cases::kNoteLimitBytes));
  const auto request_id = TRY(context.body()["request_id"].string_or("", cases::kRequestIdLimitBytes));
  const auto change = TRY(change_of(context));
  const auto note =
      TRY(services.database->writer().write_result([&](store::Transaction& tx) -> Result<cases::Note> {
        const cases::DoneRequest request{change.workspace_id, change.actor_id, request_id};
        if (const auto before = TRY(cases::find_done(tx, request)))
          return cases::Note{*before,           change.case_id,           change.actor_id,
                             std::string(text), services.clock->now_ms(), {}};
        auto made = TRY(services.cases->add_note(tx, change, text));
        TRY(cases::keep_done(tx, request, made.id, made.created_at));
        return made;
      }));
  cases::TimelineNote shown;
  shown.id = note.id;
  shown.at = note.created_at;
  shown.author.user_id = note.user_id;
  shown.author.name = context.principal.name;
  shown.text = note.text;
  return created(note_json(shown));
}

Result<net::HttpResponse> delete_note(RequestContext& context, Services& services) {
  // Others' notes: whoever may also remove their authors.
  const bool others = auth::may(context.role(), auth::Permission::kManageMembers);
  TRY(services.cases->delete_note(context.workspace_id(), TRY(context.id("note_id")), context.user_id(),
                                  others));
  return no_content();
}

Result<net::HttpResponse> save_draft(RequestContext& context, Services& services) {
  TRY(context.only_members({"kind", "text", "attachment_ids"}));
  const auto body = context.body();
  const auto kind = TRY(body["kind"].string(32));
  const auto text = TRY(body["text"].string(cases::kDraftLimitBytes));
  std::vector<Id> attachments;
  if (!body["attachment_ids"].is_null()) {
    if (!body["attachment_ids"].is_array()) return invalid("expected an array", "/attachment_ids");
    TRY(body["attachment_ids"].each([&](JsonView value) -> Result<void> {
      const auto id = parse_id(TRY(value.string(32)));
      if (!id) return invalid("expected an id", value.pointer());
      attachments.push_back(*id);
      return {};
    }));
  }
  TRY(services.cases->save_draft(TRY(change_of(context)), kind, text, attachments));
  return no_content();
}

Result<net::HttpResponse> delete_draft(RequestContext& context, Services& services) {
  const auto kind = context.query("kind");
  TRY(services.cases->delete_draft(TRY(change_of(context)), kind.empty() ? "reply" : kind));
  return no_content();
}

}  // namespace

void add_cases_routes(Router& router, Services& services) {
  using auth::Permission;
  const DeskRoutes add(router, services);
  add("GET", "/cases", Permission::kReadDesk, BodyRule::none(), list);
  add("GET", "/cases/counts", Permission::kReadDesk, BodyRule::none(), counts);
  add("GET", "/cases/{case_id}", Permission::kReadDesk, BodyRule::none(),
      [](RequestContext& context, Services& s) -> Result<net::HttpResponse> {
        return ok(TRY(case_detail_json(s, context.workspace_id(), TRY(context.id("case_id")))));
      });
  add("PATCH", "/cases/{case_id}", Permission::kWorkCases, BodyRule::json(),
      [](RequestContext& context, Services& s) -> Result<net::HttpResponse> {
        TRY(context.only_members({"title", "priority", "version"}));
        const auto body = context.body();
        if (body["title"].exists() == body["priority"].exists())
          return invalid("expected either title or priority");
        if (body["priority"].exists()) {
          const auto priority = TRY(body["priority"].string(20));
          return ok(cases::to_json(TRY(s.cases->set_priority(TRY(change_of(context)), priority))));
        }
        const auto title = TRY(body["title"].string(cases::kTitleLimitBytes));
        return ok(cases::to_json(TRY(s.cases->set_title(TRY(change_of(context)), title))));
      });
  add("GET", "/cases/{case_id}/timeline", Permission::kReadDesk, BodyRule::none(), timeline);
  add("POST", "/cases/{case_id}/assign", Permission::kWorkCases, BodyRule::json(), assign);
  add("POST", "/cases/{case_id}/snooze", Permission::kWorkCases, BodyRule::json(), snooze);
  add("POST", "/cases/{case_id}/resolve", Permission::kWorkCases, BodyRule::optional_json(),
      [](RequestContext& context, Services& s) -> Result<net::HttpResponse> {
        TRY(context.only_members({"version"}));
        return ok(cases::to_json(TRY(s.cases->resolve(TRY(change_of(context))))));
      });
  add("POST", "/cases/{case_id}/dismiss", Permission::kWorkCases, BodyRule::json(), dismiss);
  add("POST", "/cases/{case_id}/open", Permission::kWorkCases, BodyRule::optional_json(),
      [](RequestContext& context, Services& s) -> Result<net::HttpResponse> {
        TRY(context.only_members({"version"}));
        return ok(cases::to_json(TRY(s.cases->open(TRY(change_of(context))))));
      });
  add("POST", "/cases/{case_id}/undo", Permission::kWorkCases, BodyRule::json(), undo);
  add("PUT", "/cases/{case_id}/tags", Permission::kWorkCases, BodyRule::json(), set_tags);
  add("POST", "/cases/{case_id}/notes", Permission::kWorkCases, BodyRule::json(kDraftBodyBytes), add_note);
  add("DELETE", "/notes/{note_id}", Permission::kWorkCases, BodyRule::none(), delete_note);
  add("PUT", "/cases/{case_id}/draft", Permission::kWorkCases, BodyRule::json(kDraftBodyBytes), save_draft);
  add("DELETE", "/cases/{case_id}/draft", Permission::kWorkCases, BodyRule::none(), delete_draft);
}

}  // namespace kiki::api
