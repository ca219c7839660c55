#pragma once
// What several route files share about signing in: the cookie, the Me answer, addresses of links.

#include <string>
#include <string_view>

#include "auth/sessions.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "net/http.hpp"

namespace kiki::api {

class RequestContext;
struct Services;

// The Set-Cookie value of a session; an empty token removes the cookie.
std::string session_cookie(std::string_view token, bool secure);
// Me, as in types.ts.
Result<json::value> me_json(Services& services, Id user_id, std::string_view csrf_token);
// 200 Me with the cookie.
Result<net::HttpResponse> signed_in(Services& services, Id user_id, const auth::NewSession& session);
// "https://desk.example.jp": public_url, or what the request was sent to.
std::string origin_of(const Services& services, const net::HttpRequest& request);

}  // namespace kiki::api
