#include "api/reply_body.hpp"

#include <boost/json.hpp>

#include "api/sign_in.hpp"
#include "auth/workspaces.hpp"
#include "reply/copies.hpp"

namespace kiki::api {

Result<Id> body_id(JsonView value) {
  const auto id = parse_id(TRY(value.string(32)));
  if (!id) return invalid("expected an id", value.pointer());
  return *id;
}

Result<std::int64_t> undo_send_ms(Services& services, Id workspace_id) {
  auto reader = TRY(services.database->reader());
  auto settings = TRY(reader->one("SELECT settings FROM workspaces WHERE id = $1", {workspace_id},
                                  [](const store::Row& row) { return row.string(0); }));
  auto document = JsonDocument::parse(settings.value_or("{}"));
  if (!document.ok() || document->root()["undo_send_seconds"].is_null()) return services.undo_send_ms;
  return document->root()["undo_send_seconds"].number_or_zero() * 1'000;
}

Result<reply::NewReply> read_new_reply(RequestContext& context, Services& services) {
  const auto body = context.body();
  reply::NewReply wanted;
  wanted.workspace_id = context.workspace_id();
  wanted.case_id = TRY(context.id("case_id"));
  wanted.user_id = context.user_id();
  wanted.account_id = TRY(body_id(body["account_id"]));
  wanted.target_post_id = TRY(body_id(body["target_post_id"]));
  wanted.text = TRY(body["text"].string_or("", reply::kTextLimitBytes));
  wanted.language = TRY(body["language"].string_or("", 35));
  wanted.request_id = TRY(body["request_id"].string_or("", reply::kRequestIdLimitBytes));
  if (!body["attachment_ids"].is_null()) {
    if (!body["attachment_ids"].is_array()) return invalid("expected an array", "/attachment_ids");
    TRY(body["attachment_ids"].each([&](JsonView value) -> Result<void> {
      wanted.attachment_ids.push_back(TRY(body_id(value)));
      return {};
    }));
  }
  wanted.undo_send_ms = TRY(undo_send_ms(services, context.workspace_id()));
  if (!body["saved_reply_id"].is_null()) wanted.saved_reply_id = TRY(body_id(body["saved_reply_id"]));
  if (!body["seen_post_id"].is_null()) wanted.seen_post_id = TRY(body_id(body["seen_post_id"]));
  wanted.public_chosen = TRY(body["in_public"].boolean_or(false));
  if (!body["copy_to"].is_null()) {
    if (!body["copy_to"].is_array()) return invalid("expected an array", "/copy_to");
    TRY(body["copy_to"].each([&](JsonView value) -> Result<void> {
      if (wanted.copy_to.size() >= reply::kCopiesLimit) return invalid("too many", value.pointer());
      wanted.copy_to.push_back(TRY(value.string(320)));
      return {};
    }));
  }
  wanted.base_url = origin_of(services, context.request);
  wanted.has_second_person = TRY(second_person(context, services));
  return wanted;
}

Result<bool> second_person(RequestContext& context, Services& services) {
  return services.workspaces->anyone_else_may(context.workspace_id(), context.user_id(),
                                              auth::Permission::kApproveReplies);
}

Result<net::HttpResponse> refused(RequestContext& context, const Error& error,
                                  const std::vector<reply::checks::Finding>& findings,
                                  std::string_view text) {
  if (error.code != "blocked" && error.code != "needs_second_person") return error;
  auto body = problem_object(error, context.request.request_id);
  body["findings"] = reply::checks::to_json(findings, text);
  auto response = json_text(http_status(error.kind), json::serialize(body));
  response.headers.set("Content-Type", "application/problem+json");
  return response;
}

}  // namespace kiki::api
