// What agents send: replies, likes, reposts, deletions of our own posts.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/reply_body.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "cases/done_requests.hpp"
#include "reply/replies.hpp"

namespace kiki::api {

namespace {

// The address of our post on the network, once it has one.
Result<std::string> post_url(Services& services, const reply::OutboxRow& row) {
  auto reader = TRY(services.database->reader());
  auto url = TRY(reader->one("SELECT url FROM posts WHERE workspace_id = $1 AND id = $2",
                             {row.workspace_id, row.post_id},
                             [](const store::Row& found) { return found.string(0); }));
  return url.value_or("");
}

Result<net::HttpResponse> submit(RequestContext& context, Services& services) {
  TRY(context.only_members({"account_id", "target_post_id", "text", "attachment_ids", "request_id",
                            "language", "saved_reply_id", "in_public", "seen_post_id", "copy_to"}));
  const auto wanted = TRY(read_new_reply(context, services));
  std::vector<reply::checks::Finding> findings;
  auto row = services.replies->submit(wanted, &findings);
  if (!row.ok()) return refused(context, row.error(), findings, wanted.text);
  return accepted(reply::to_json(*row));
}

Result<net::HttpResponse> cancel(RequestContext& context, Services& services) {
  const auto row =
      TRY(services.replies->cancel(context.workspace_id(), context.user_id(), TRY(context.id("reply_id"))));
  auto body = reply::to_json(row);
  // For the composer: with its variables, not with a code that is free again.
  body["text"] = reply::written_text(row);
  json::array copy_to;
  for (const auto& address : TRY(reply::copied_to(row))) copy_to.emplace_back(address);
  body["copy_to"] = std::move(copy_to);
  return ok(body);
}

Result<net::HttpResponse> retry(RequestContext& context, Services& services) {
  TRY(context.only_members({"seen_post_id"}));
  Id seen_post_id = 0;
  if (const auto seen = context.body()["seen_post_id"]; !seen.is_null()) seen_post_id = TRY(body_id(seen));
  auto row = TRY(services.replies->retry(context.workspace_id(), context.user_id(),
                                         TRY(context.id("reply_id")), seen_post_id));
  return accepted(reply::to_json(row, TRY(post_url(services, row))));
}

// Only a person can tell: it arrived, or it goes out again.
Result<net::HttpResponse> settle(RequestContext& context, Services& services) {
  TRY(context.only_members({"arrived", "request_id", "seen_post_id"}));
  reply::Settlement settled;
  settled.workspace_id = context.workspace_id();
  settled.user_id = context.user_id();
  settled.reply_id = TRY(context.id("reply_id"));
  settled.arrived = TRY(context.body()["arrived"].boolean());
  const auto request_id = TRY(context.body()["request_id"].string_or("", cases::kRequestIdLimitBytes));
  settled.request_id = request_id;
  if (const auto seen = context.body()["seen_post_id"]; !seen.is_null())
    settled.seen_post_id = TRY(body_id(seen));
  const auto row = TRY(services.replies->settle(settled));
  return accepted(reply::to_json(row, TRY(post_url(services, row))));
}

Result<net::HttpResponse> read(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  auto row = TRY(reply::find(*reader, context.workspace_id(), TRY(context.id("reply_id"))));
  if (!row) return not_found("There is no such reply.");
  return ok(reply::to_json(*row, TRY(post_url(services, *row))));
}

Result<net::HttpResponse> react(RequestContext& context, Services& services, std::string_view action) {
  TRY(context.only_members({"account_id"}));
  const auto account_id = TRY(body_id(context.body()["account_id"]));
  return accepted(reply::to_json(TRY(services.replies->react(
      context.workspace_id(), context.user_id(), TRY(context.id("post_id")), action, account_id))));
}

Result<net::HttpResponse> delete_post(RequestContext& context, Services& services) {
  return accepted(reply::to_json(TRY(
      services.replies->delete_post(context.workspace_id(), context.user_id(), TRY(context.id("post_id"))))));
}

}  // namespace

void add_reply_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"POST", in_workspace("/cases/{case_id}/replies"), Permission::kReply,
              BodyRule::json(256 * 1024),
              [&](RequestContext& context) { return submit(context, services); }});
  router.add({"GET", in_workspace("/replies/{reply_id}"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return read(context, services); }});
  router.add({"POST", in_workspace("/replies/{reply_id}/cancel"), Permission::kReply,
              BodyRule::optional_json(), [&](RequestContext& context) { return cancel(context, services); }});
  router.add({"POST", in_workspace("/replies/{reply_id}/retry"), Permission::kReply,
              BodyRule::optional_json(), [&](RequestContext& context) { return retry(context, services); }});
  router.add({"POST", in_workspace("/replies/{reply_id}/settle"), Permission::kReply, BodyRule::json(),
              [&](RequestContext& context) { return settle(context, services); }});
  for (const char* action : {"like", "unlike", "repost", "unrepost", "hide", "unhide"}) {
    router.add({"POST", in_workspace("/posts/{post_id}/") + action, Permission::kReply, BodyRule::json(),
                [&services, action](RequestContext& context) { return react(context, services, action); }});
  }
  router.add({"DELETE", in_workspace("/posts/{post_id}"), Permission::kReply, BodyRule::none(),
              [&](RequestContext& context) { return delete_post(context, services); }});
}

}  // namespace kiki::api
