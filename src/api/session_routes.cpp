// Coming in: the first set-up, signing in by password or by a one-time link, signing out.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "api/sign_in.hpp"
#include "auth/login_throttle.hpp"
#include "auth/one_time_links.hpp"
#include "auth/users.hpp"
#include "store/database.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kFieldBytes = 1'024;

Result<net::HttpResponse> setup_state(Services& services) {
  json::object body;
  body["needed"] = !TRY(services.users->exist());
  return ok(body);
}

Result<net::HttpResponse> set_up(RequestContext& context, Services& services) {
  TRY(context.only_members(
      {"token", "name", "email", "password", "language", "workspace_name", "time_zone"}));
  TRY(services.login_throttle->take("", context.request.remote_ip));
  const JsonView body = context.body();
  auth::NewUser owner;
  owner.name = TRY(body["name"].string(kFieldBytes));
  owner.email = TRY(body["email"].string(kFieldBytes));
  owner.password = TRY(body["password"].string(kFieldBytes));
  owner.language = TRY(body["language"].string(kFieldBytes));
  auth::NewWorkspace workspace;
  workspace.name = TRY(body["workspace_name"].string(kFieldBytes));
  workspace.time_zone = TRY(body["time_zone"].string(kFieldBytes));
  workspace.language = owner.language;
  auto made =
      services.one_time_links->set_up(TRY(body["token"].string(kFieldBytes)), owner, workspace,
                                      context.request.remote_ip, context.request.headers.get("User-Agent"));
  if (!made.ok()) {
    // The same check, but the member has another name here.
    if (made.error().where == "/name" && workspace.name.find_first_not_of(' ') == std::string::npos) {
      made.error().where = "/workspace_name";
    }
    return std::move(made).error();
  }
  return signed_in(services, made->user_id, made->session);
}

Result<net::HttpResponse> sign_in(RequestContext& context, Services& services) {
  TRY(context.only_members({"email", "password"}));
  const std::string email = TRY(context.body()["email"].string(kFieldBytes));
  const std::string password = TRY(context.body()["password"].string(kFieldBytes));
  const std::string_view ip = context.request.remote_ip;
  const auto folded = auth::fold_email(email);
  const std::string throttle_key = folded.ok() ? *folded : std::string();
  TRY(services.login_throttle->take(throttle_key, ip));
  const auto user = TRY(services.users->check_password(email, password));
  services.login_throttle->give_back(throttle_key, ip);
  const auto session =
      TRY(services.database->writer().write_result([&](store::Transaction& tx) -> Result<auth::NewSession> {
        return services.sessions->start(tx, user.id, ip, context.request.headers.get("User-Agent"));
      }));
  return signed_in(services, user.id, session);
}

Result<net::HttpResponse> sign_in_by_link(RequestContext& context, Services& services) {
  TRY(context.only_members({"token"}));
  TRY(services.login_throttle->take("", context.request.remote_ip));
  const auto done = TRY(services.one_time_links->sign_in(TRY(context.body()["token"].string(kFieldBytes)),
                                                         context.request.remote_ip,
                                                         context.request.headers.get("User-Agent")));
  return signed_in(services, done.user_id, done.session);
}

Result<net::HttpResponse> sign_out(RequestContext& context, Services& services) {
  TRY(services.sessions->end(context.principal.session_hash));
  auto response = no_content();
  response.headers.add("Set-Cookie", session_cookie("", services.secure_cookies));
  return response;
}

}  // namespace

void add_session_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", in_api("/setup"), Permission::kPublic, BodyRule::none(),
              [&](RequestContext&) { return setup_state(services); }});
  router.add({"POST", in_api("/setup"), Permission::kPublic, BodyRule::json(),
              [&](RequestContext& context) { return set_up(context, services); }});
  router.add({"POST", in_api("/session"), Permission::kPublic, BodyRule::json(),
              [&](RequestContext& context) { return sign_in(context, services); }});
  router.add({"POST", in_api("/session/link"), Permission::kPublic, BodyRule::json(),
              [&](RequestContext& context) { return sign_in_by_link(context, services); }});
  router.add({"DELETE", in_api("/session"), Permission::kOwnProfile, BodyRule::none(),
              [&](RequestContext& context) { return sign_out(context, services); }});
}

}  // namespace kiki::api
