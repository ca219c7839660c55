// Lists of reward codes: uploaded by leads, reserved while a reply is written.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/reply_body.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "reply/case_values.hpp"
#include "reply/rewards.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kUploadBytes = 24 << 20;

Result<net::HttpResponse> list(RequestContext& context, Services& services) {
  json::array rows;
  for (const auto& one : TRY(services.rewards->lists(context.workspace_id())))
    rows.push_back(reply::to_json(one));
  return items(std::move(rows));
}

Result<net::HttpResponse> add(RequestContext& context, Services& services) {
  TRY(context.only_members({"key", "name", "warn_below"}));
  const auto wanted = TRY(reply::read_reward_list(context.body(), {}));
  return created(
      reply::to_json(TRY(services.rewards->add(context.workspace_id(), context.user_id(), wanted))));
}

Result<net::HttpResponse> change(RequestContext& context, Services& services) {
  TRY(context.only_members({"name", "warn_below"}));
  const auto before = TRY(services.rewards->list(context.workspace_id(), TRY(context.id("list_id"))));
  const auto wanted = TRY(reply::read_reward_list(context.body(), before));
  return ok(reply::to_json(TRY(services.rewards->change(context.workspace_id(), context.user_id(), wanted))));
}

Result<net::HttpResponse> remove(RequestContext& context, Services& services) {
  TRY(services.rewards->remove(context.workspace_id(), context.user_id(), TRY(context.id("list_id"))));
  return no_content();
}

Result<net::HttpResponse> upload(RequestContext& context, Services& services) {
  TRY(context.only_members({"text"}));
  const auto text = TRY(context.body()["text"].string(kUploadBytes));
  const auto done = TRY(
      services.rewards->upload(context.workspace_id(), context.user_id(), TRY(context.id("list_id")), text));
  return ok(json::object{{"added", done.added}, {"known", done.known}});
}

Result<net::HttpResponse> given(RequestContext& context, Services& services) {
  json::array rows;
  for (const auto& one : TRY(services.rewards->given(context.workspace_id(), TRY(context.id("list_id")),
                                                     TRY(context.limit())))) {
    rows.push_back(reply::to_json(one));
  }
  return items(std::move(rows));
}

Result<reply::Receiver> receiver(RequestContext& context, Services& services) {
  TRY(context.only_members({"target_post_id"}));
  reply::ValuesOf of;
  of.workspace_id = context.workspace_id();
  of.case_id = TRY(context.id("case_id"));
  of.target_post_id = TRY(body_id(context.body()["target_post_id"]));
  auto reader = TRY(services.database->reader());
  const auto values = TRY(reply::read_values(*reader, of));
  return reply::Receiver{of.workspace_id, of.case_id, values.identity_id, context.user_id()};
}

Result<net::HttpResponse> reserve(RequestContext& context, Services& services) {
  return ok(reply::to_json(
      TRY(services.rewards->reserve(TRY(receiver(context, services)), TRY(context.id("list_id"))))));
}

Result<net::HttpResponse> release(RequestContext& context, Services& services) {
  TRY(services.rewards->release({context.workspace_id(), TRY(context.id("case_id")), 0, context.user_id()},
                                TRY(context.id("list_id"))));
  return no_content();
}

}  // namespace

void add_reward_routes(Router& router, Services& services) {
  using auth::Permission;
  const auto to = [&services](auto handler) {
    return [&services, handler](RequestContext& context) { return handler(context, services); };
  };
  router.add({"GET", in_workspace("/reward-lists"), Permission::kReadDesk, BodyRule::none(), to(list)});
  router.add({"POST", in_workspace("/reward-lists"), Permission::kEditReplyRules, BodyRule::json(), to(add)});
  router.add({"PATCH", in_workspace("/reward-lists/{list_id}"), Permission::kEditReplyRules, BodyRule::json(),
              to(change)});
  router.add({"DELETE", in_workspace("/reward-lists/{list_id}"), Permission::kEditReplyRules,
              BodyRule::none(), to(remove)});
  router.add({"POST", in_workspace("/reward-lists/{list_id}/codes"), Permission::kEditReplyRules,
              BodyRule::json(kUploadBytes), to(upload)});
  // Who got what names customers and codes that still may be worth something: for leads.
  router.add({"GET", in_workspace("/reward-lists/{list_id}/given"), Permission::kEditReplyRules,
              BodyRule::none(), to(given)});
  router.add({"POST", in_workspace("/cases/{case_id}/rewards/{list_id}"), Permission::kReply,
              BodyRule::json(), to(reserve)});
  router.add({"DELETE", in_workspace("/cases/{case_id}/rewards/{list_id}"), Permission::kReply,
              BodyRule::none(), to(release)});
}

}  // namespace kiki::api
