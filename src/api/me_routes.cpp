// Oneself: name, language, preferences, password.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "api/sign_in.hpp"
#include "auth/login_throttle.hpp"
#include "auth/users.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kFieldBytes = 1'024;

Result<net::HttpResponse> show(RequestContext& context, Services& services) {
  auto response = ok(TRY(me_json(services, context.user_id(), context.principal.csrf_token)));
  // The session's end moves with its use, so the cookie's must move too; every console starts with this
  // request.
  response.headers.add("Set-Cookie",
                       session_cookie(context.request.cookie(auth::kSessionCookie), services.secure_cookies));
  return response;
}

Result<void> merge_preference(json::object& preferences, std::string_view key, JsonView value) {
  if (key == "theme" || key == "density") {
    const std::string text = TRY(value.string(16));
    const bool is_known = key == "theme" ? text == "system" || text == "light" || text == "dark"
                                         : text == "comfortable" || text == "compact";
    if (!is_known) return invalid("There is no such choice.", value.pointer());
    preferences[key] = text;
    return {};
  }
  if (key == "enter_sends" || key == "list_card_open") {
    preferences[key] = TRY(value.boolean());
    return {};
  }
  return invalid("There is no preference of this name.", value.pointer());
}

Result<net::HttpResponse> change(RequestContext& context, Services& services) {
  TRY(context.only_members({"name", "initials", "language", "preferences"}));
  const JsonView body = context.body();
  auth::UserChanges changes;
  if (body["name"].exists()) changes.name = TRY(body["name"].string(kFieldBytes));
  if (body["initials"].exists()) changes.initials = TRY(body["initials"].string(kFieldBytes));
  if (body["language"].exists()) changes.language = TRY(body["language"].string(kFieldBytes));
  if (body["preferences"].exists()) {
    if (!body["preferences"].is_object()) return invalid("Expected an object.", "/preferences");
    const auto user = TRY(services.users->find(context.user_id()));
    json::value stored = parsed_json(user ? user->preferences : "{}");
    json::object preferences = stored.is_object() ? stored.as_object() : json::object();
    TRY(body["preferences"].each_member(
        [&](std::string_view key, JsonView value) { return merge_preference(preferences, key, value); }));
    changes.preferences = json::serialize(preferences);
  }
  TRY(services.users->update(context.user_id(), changes));
  return ok(TRY(me_json(services, context.user_id(), context.principal.csrf_token)));
}

Result<net::HttpResponse> change_password(RequestContext& context, Services& services) {
  TRY(context.only_members({"current", "new"}));
  // A session left open must not be a way to guess the password.
  const std::string& email = context.principal.email;
  const std::string& ip = context.request.remote_ip;
  TRY(services.login_throttle->take(email, ip));
  TRY(services.users->change_password(context.user_id(), TRY(context.body()["current"].string(kFieldBytes)),
                                      TRY(context.body()["new"].string(kFieldBytes)),
                                      context.principal.session_hash));
  services.login_throttle->give_back(email, ip);
  return no_content();
}

}  // namespace

void add_me_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", in_api("/me"), Permission::kOwnProfile, BodyRule::none(),
              [&](RequestContext& context) { return show(context, services); }});
  router.add({"PATCH", in_api("/me"), Permission::kOwnProfile, BodyRule::json(),
              [&](RequestContext& context) { return change(context, services); }});
  router.add({"POST", in_api("/me/password"), Permission::kOwnProfile, BodyRule::json(),
              [&](RequestContext& context) { return change_password(context, services); }});
}

}  // namespace kiki::api
