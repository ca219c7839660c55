// How a workspace's replies are checked, and how its accounts speak.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "reply/reply_checks.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kBodyBytes = 512 * 1024;
constexpr std::string_view kShared = "shared";  // the guide of all accounts without one of their own

Result<net::HttpResponse> show_rules(RequestContext& context, Services& services) {
  return ok(reply::checks::to_json(TRY(services.reply_checks->rules(context.workspace_id()))));
}

Result<net::HttpResponse> change_rules(RequestContext& context, Services& services) {
  const auto before = TRY(services.reply_checks->rules(context.workspace_id()));
  const auto rules = TRY(reply::checks::read_rules(context.body(), before));
  TRY(services.reply_checks->set_rules(context.workspace_id(), context.user_id(), rules));
  return show_rules(context, services);
}

Result<net::HttpResponse> show_voices(RequestContext& context, Services& services) {
  const auto voices = TRY(services.reply_checks->voices(context.workspace_id()));
  json::array list;
  for (const auto& [account_id, voice] : voices) {
    if (account_id == 0) continue;
    list.push_back(
        json::object{{"account_id", id_json(account_id)}, {"voice", reply::checks::to_json(voice)}});
  }
  const auto shared = voices.find(0);
  json::object body;
  body["shared"] = reply::checks::to_json(shared == voices.end() ? reply::checks::Voice() : shared->second);
  body["accounts"] = std::move(list);
  return ok(body);
}

Result<Id> account_of(RequestContext& context) {
  if (context.param("account_id") == kShared) return Id{0};
  return context.id("account_id");
}

Result<net::HttpResponse> change_voice(RequestContext& context, Services& services) {
  const auto account_id = TRY(account_of(context));
  const auto before = TRY(services.reply_checks->voice(context.workspace_id(), account_id));
  const auto voice = TRY(reply::checks::read_voice(context.body(), before));
  TRY(services.reply_checks->set_voice(context.workspace_id(), account_id, context.user_id(), voice));
  return ok(reply::checks::to_json(voice));
}

Result<net::HttpResponse> remove_voice(RequestContext& context, Services& services) {
  TRY(services.reply_checks->remove_voice(context.workspace_id(), TRY(account_of(context)),
                                          context.user_id()));
  return no_content();
}

}  // namespace

void add_reply_rule_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", in_workspace("/reply-rules"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return show_rules(context, services); }});
  router.add({"PATCH", in_workspace("/reply-rules"), Permission::kEditReplyRules, BodyRule::json(kBodyBytes),
              [&](RequestContext& context) { return change_rules(context, services); }});
  router.add({"GET", in_workspace("/voice-guides"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return show_voices(context, services); }});
  router.add({"PUT", in_workspace("/voice-guides/{account_id}"), Permission::kEditReplyRules,
              BodyRule::json(kBodyBytes),
              [&](RequestContext& context) { return change_voice(context, services); }});
  router.add({"DELETE", in_workspace("/voice-guides/{account_id}"), Permission::kEditReplyRules,
              BodyRule::none(), [&](RequestContext& context) { return remove_voice(context, services); }});
}

}  // namespace kiki::api
