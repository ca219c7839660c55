// Me is put together from several tables here, so that every way of coming in answers the same.

#include "api/sign_in.hpp"

#include <boost/json.hpp>

#include "api/answer.hpp"
#include "api/services.hpp"
#include "auth/users.hpp"
#include "auth/workspaces.hpp"
#include "events/event_log.hpp"
#include "store/database.hpp"

namespace kiki::api {

std::string session_cookie(std::string_view token, bool secure) {
  std::string cookie =
      std::string(auth::kSessionCookie) + "=" + std::string(token) + "; Path=/; HttpOnly; SameSite=Lax";
  cookie += "; Max-Age=" + std::to_string(token.empty() ? 0 : auth::kSessionLifeMs / 1'000);
  if (secure) cookie += "; Secure";
  return cookie;
}

Result<json::value> me_json(Services& services, Id user_id, std::string_view csrf_token) {
  // Before all else: a live stream that begins here misses nothing of what is read after this answer.
  const auto last_event = TRY(events::last_seq(*TRY(services.database->reader())));
  const auto user = TRY(services.users->find(user_id));
  if (!user) return not_found("There is no such person.");
  json::array workspaces;
  for (const auto& membership : TRY(services.workspaces->of_user(user_id))) {
    json::object item;
    item["id"] = id_json(membership.workspace_id);
    item["name"] = membership.workspace_name;
    item["role"] = auth::name(membership.role);
    workspaces.push_back(std::move(item));
  }
  json::value preferences = parsed_json(user->preferences);
  if (!preferences.is_object()) preferences = json::object();
  json::object body;
  body["id"] = id_json(user->id);
  body["name"] = user->name;
  body["email"] = user->email;
  body["initials"] = user->initials;
  body["language"] = user->language;
  body["preferences"] = std::move(preferences);
  body["csrf_token"] = csrf_token;
  body["workspaces"] = std::move(workspaces);
  body["last_event_id"] = to_string(last_event);
  body["version"] = KIKI_VERSION;
  return json::value(std::move(body));
}

Result<net::HttpResponse> signed_in(Services& services, Id user_id, const auth::NewSession& session) {
  auto response = ok(TRY(me_json(services, user_id, session.csrf_token)));
  response.headers.add("Set-Cookie", session_cookie(session.token, services.secure_cookies));
  return response;
}

std::string origin_of(const Services& services, const net::HttpRequest& request) {
  if (!services.public_url.empty()) {
    std::string origin = services.public_url;
    while (origin.ends_with('/')) origin.pop_back();
    return origin;
  }
  return (services.secure_cookies ? "https://" : "http://") + std::string(request.headers.get("Host"));
}

}  // namespace kiki::api
