// Checks of a draft while it is written, and replies that wait for a second person.

#include "reply/approvals.hpp"

#include <array>
#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/reply_body.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "api/sign_in.hpp"

namespace kiki::api {

namespace {

constexpr std::array<std::string_view, 4> kStates = {"waiting", "approved", "returned", "withdrawn"};

Result<net::HttpResponse> check(RequestContext& context, Services& services) {
  TRY(context.only_members({"account_id", "target_post_id", "text", "links"}));
  const auto wanted = TRY(read_new_reply(context, services));
  using Links = reply::CheckRequest::Links;
  const bool look = TRY(context.body()["links"].boolean_or(false));
  const auto answer = TRY(services.replies->check(wanted, look ? Links::kLook : Links::kKnown));
  json::object body;
  body["findings"] = reply::checks::to_json(answer.findings, wanted.text);
  body["severity"] = reply::checks::name(reply::checks::worst(answer.findings));
  body["looking_at_links"] = answer.looking_at_links;
  body["has_second_person"] = wanted.has_second_person;
  if (answer.learn) {
    body["learn"] = reply::checks::to_json(*answer.learn);
  } else {
    body["learn"] = nullptr;
  }
  return ok(body);
}

Result<net::HttpResponse> ask(RequestContext& context, Services& services) {
  TRY(context.only_members({"account_id", "target_post_id", "text", "attachment_ids", "request_id",
                            "language", "note", "saved_reply_id", "in_public", "seen_post_id", "copy_to"}));
  const auto wanted = TRY(read_new_reply(context, services));
  const auto note = TRY(context.body()["note"].string_or("", reply::kApprovalNoteLimitBytes));
  if (!wanted.has_second_person) {
    return Error{
        ErrorKind::kUnprocessable, "There is nobody else here who may approve.", {}, "nobody_else", 0};
  }
  std::vector<reply::checks::Finding> findings;
  auto done = services.approvals->ask(wanted, note, &findings);
  if (!done.ok()) return refused(context, done.error(), findings, wanted.text);
  json::object body{{"approval", nullptr}, {"reply", nullptr}};
  if (const auto* approval = std::get_if<reply::Approval>(&*done)) {
    body["approval"] = reply::to_json(*approval);
  } else {
    body["reply"] = reply::to_json(std::get<reply::OutboxRow>(*done));
  }
  return accepted(body);
}

Result<net::HttpResponse> list(RequestContext& context, Services& services) {
  auto state = context.query("state");
  if (state.empty()) state = "waiting";
  if (std::find(kStates.begin(), kStates.end(), state) == kStates.end()) {
    return invalid("Expected waiting, approved, returned or withdrawn.", "state");
  }
  auto reader = TRY(services.database->reader());
  json::array rows;
  for (const auto& one :
       TRY(reply::list_approvals(*reader, context.workspace_id(), state, TRY(context.limit())))) {
    rows.push_back(reply::to_json(one));
  }
  return items(std::move(rows));
}

Result<reply::Decision> decision(RequestContext& context) {
  return reply::Decision{context.workspace_id(), TRY(context.id("approval_id")), context.user_id(), {}};
}

Result<net::HttpResponse> read(RequestContext& context, Services& services) {
  return ok(
      reply::to_json(TRY(services.approvals->read(context.workspace_id(), TRY(context.id("approval_id"))))));
}

Result<net::HttpResponse> approve(RequestContext& context, Services& services) {
  TRY(context.only_members({"text", "seen_post_id"}));
  const auto body = context.body();
  std::optional<std::string> text;
  if (!body["text"].is_null()) text = TRY(body["text"].string(reply::kTextLimitBytes));
  const Id seen = body["seen_post_id"].is_null() ? 0 : TRY(body_id(body["seen_post_id"]));
  std::vector<reply::checks::Finding> findings;
  auto decided = TRY(decision(context));
  decided.base_url = origin_of(services, context.request);
  auto row = services.approvals->approve(decided, text, seen,
                                         TRY(undo_send_ms(services, context.workspace_id())), &findings);
  if (!row.ok()) return refused(context, row.error(), findings, text.value_or(""));
  return accepted(reply::to_json(*row));
}

Result<net::HttpResponse> send_back(RequestContext& context, Services& services) {
  TRY(context.only_members({"note"}));
  const auto note = TRY(context.body()["note"].string(reply::kApprovalNoteLimitBytes));
  return ok(reply::to_json(TRY(services.approvals->send_back(TRY(decision(context)), note))));
}

Result<net::HttpResponse> withdraw(RequestContext& context, Services& services) {
  return ok(reply::to_json(TRY(services.approvals->withdraw(TRY(decision(context))))));
}

}  // namespace

void add_approval_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"POST", in_workspace("/cases/{case_id}/reply-checks"), Permission::kReply,
              BodyRule::json(256 * 1024), [&](RequestContext& context) { return check(context, services); }});
  router.add({"POST", in_workspace("/cases/{case_id}/approvals"), Permission::kReply,
              BodyRule::json(256 * 1024), [&](RequestContext& context) { return ask(context, services); }});
  router.add({"GET", in_workspace("/approvals"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return list(context, services); }});
  router.add({"GET", in_workspace("/approvals/{approval_id}"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return read(context, services); }});
  router.add({"POST", in_workspace("/approvals/{approval_id}/approve"), Permission::kApproveReplies,
              BodyRule::json(256 * 1024),
              [&](RequestContext& context) { return approve(context, services); }});
  router.add({"POST", in_workspace("/approvals/{approval_id}/send-back"), Permission::kApproveReplies,
              BodyRule::json(), [&](RequestContext& context) { return send_back(context, services); }});
  router.add({"POST", in_workspace("/approvals/{approval_id}/withdraw"), Permission::kReply,
              BodyRule::optional_json(),
              [&](RequestContext& context) { return withdraw(context, services); }});
}

}  // namespace kiki::api
