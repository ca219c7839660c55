// The Gate: from the bytes of a request to who asks and what they are here. The order matters: credentials
// first, then where the request came from, then membership. Whoever has no business in a workspace is told
// that it does not exist.

#include <array>

#include "auth/policy.hpp"
#include "auth/secrets.hpp"
#include "auth/sessions.hpp"
#include "net/hmac.hpp"

namespace kiki::auth {

namespace {

constexpr TimeMs kTokenSeenEveryMs = 60'000;

Error not_signed_in() {
  return {ErrorKind::kUnauthenticated, "Sign in, or send a token.", {}, "not_signed_in", 0};
}
Error no_such_workspace() {
  return not_found("There is no such workspace.");
}
Error role_too_small() {
  return {ErrorKind::kForbidden, "Your role here does not allow this.", {}, "role", 0};
}
Error wrong_origin(std::string_view what) {
  return {ErrorKind::kForbidden, std::string(what), {}, "csrf", 0};
}

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

bool came_from_loopback(const net::HttpRequest& request) {
  // Behind a proxy on this machine everybody seems local; a proxy that says so gives itself away.
  for (const std::string_view header : {"X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via"}) {
    if (request.headers.has(header)) return false;
  }
  return request.remote_ip.starts_with("127.") || request.remote_ip == "::1" ||
         request.remote_ip.starts_with("::ffff:127.");
}

// "https://desk.example.jp/x" -> "desk.example.jp"; keeps the port.
std::string_view authority_of(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return {};
  url.remove_prefix(scheme_end + 3);
  return url.substr(0, url.find('/'));
}

}  // namespace

Gate::Gate(store::Database& database, const Clock& clock, Sessions& sessions, GateOptions options)
    : database_(database), clock_(clock), sessions_(sessions), options_(std::move(options)) {}

bool Gate::is_cross_site(const net::HttpRequest& request) const {
  // Browsers of today say it themselves; "none" is a person typing an address, not a page.
  const std::string_view site = request.headers.get("Sec-Fetch-Site");
  if (!site.empty()) return site != "same-origin" && site != "none";
  const std::string_view origin = request.headers.get("Origin");
  if (origin.empty()) return false;  // no browser, or one so old that only the token protects it
  const std::string_view authority = authority_of(origin);
  if (authority.empty()) return true;  // "null": a sandbox, a file
  return authority != request.headers.get("Host") && authority != authority_of(options_.public_url);
}

Result<Principal> Gate::authenticate(const net::HttpRequest& request) {
  Principal principal;
  const std::string_view authorization = request.headers.get("Authorization");
  constexpr std::string_view kBearer = "Bearer ";
  if (authorization.size() > kBearer.size() &&
      (authorization.starts_with(kBearer) || authorization.starts_with("bearer "))) {
    principal = TRY(authenticate_token(authorization.substr(kBearer.size())));
  } else if (!authorization.empty()) {
    return not_signed_in();
  } else if (const std::string_view cookie = request.cookie(kSessionCookie); !cookie.empty()) {
    const auto session = TRY(sessions_.find(cookie));
    if (!session) {
      return Error{
          ErrorKind::kUnauthenticated, "The session has ended. Sign in again.", {}, "session_ended", 0};
    }
    if (!is_safe(request.method)) {
      if (is_cross_site(request)) return wrong_origin("The request came from a page of another site.");
      if (!net::equal_constant_time(request.headers.get("X-CSRF-Token"), session->csrf_token)) {
        return wrong_origin("The X-CSRF-Token header is missing or wrong.");
      }
    }
    principal.kind = Principal::Kind::kUser;
    principal.user_id = session->user_id;
    principal.name = session->name;
    principal.email = session->email;
    principal.language = session->language;
    principal.csrf_token = session->csrf_token;
    principal.session_hash = session->token_hash;
  }
  principal.from_loopback = came_from_loopback(request);
  return principal;
}

Result<Principal> Gate::authenticate_token(std::string_view token) {
  struct Found {
    Principal principal;
    std::optional<Role> role;
    TimeMs last_used_at = 0;
  };
  const std::string hash = secret_hash(token);
  auto reader = TRY(database_.reader());
  const auto found = TRY(reader->one(
      "SELECT t.workspace_id, t.id, t.account_id, t.role, t.created_by, t.last_used_at FROM api_tokens t "
      "JOIN workspaces w ON w.id = t.workspace_id "
      "WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND w.archived_at IS NULL",
      {hash}, [](const store::Row& row) {
        Found f;
        f.principal.workspace_id = row.integer(0);
        f.principal.token_id = row.integer(1);
        f.principal.account_id = row.integer(2);
        f.role = parse_role(row.text(3));
        f.principal.user_id = row.integer(4);
        f.last_used_at = row.integer(5);
        return f;
      }));
  if (!found || (found->principal.account_id == 0 && !found->role)) {
    return Error{ErrorKind::kUnauthenticated, "The token is not valid.", {}, "wrong_token", 0};
  }
  Principal principal = found->principal;
  principal.kind = principal.account_id != 0 ? Principal::Kind::kAccountToken : Principal::Kind::kRoleToken;
  if (found->role) principal.role = *found->role;
  const TimeMs now = clock_.now_ms();
  if (now - found->last_used_at >= kTokenSeenEveryMs) {
    database_.writer().write_async(
        [now, principal](store::Transaction& tx) -> Result<void> {
          TRY(tx.db().run("UPDATE api_tokens SET last_used_at = $1 WHERE workspace_id = $2 AND id = $3",
                          {now, principal.workspace_id, principal.token_id}));
          return {};
        },
        [](const Result<void>&) {});
  }
  return principal;
}

Result<Access> Gate::authorize(const Principal& principal, Id workspace_id, Permission permission) {
  using Kind = Principal::Kind;
  Access access;
  access.user_id = principal.user_id;
  if (permission == Permission::kPublic) return access;
  if (permission == Permission::kSeeMetrics && principal.from_loopback) return access;
  if (principal.kind == Kind::kAnonymous) return not_signed_in();

  if (is_inside_workspace(permission)) {
    if (principal.is_user()) {
      auto reader = TRY(database_.reader());
      const auto role = TRY(reader->one(
          "SELECT m.role FROM memberships m JOIN workspaces w ON w.id = m.workspace_id "
          "WHERE m.workspace_id = $1 AND m.user_id = $2 AND w.archived_at IS NULL",
          {workspace_id, principal.user_id}, [](const store::Row& row) { return parse_role(row.text(0)); }));
      if (!role || !*role) return no_such_workspace();
      access.role = **role;
    } else {
      if (principal.workspace_id != workspace_id) return no_such_workspace();
      if (principal.kind != Kind::kRoleToken) {
        return Error{
            ErrorKind::kForbidden, "This token is for the open channel of its account only.", {}, "role", 0};
      }
      access.role = principal.role;
    }
    access.workspace_id = workspace_id;
    if (!may(access.role, permission)) return role_too_small();
    return access;
  }

  switch (permission) {
    case Permission::kOwnProfile:
      if (principal.is_user()) return access;
      return Error{ErrorKind::kForbidden, "This is for people, not for tokens.", {}, "role", 0};
    case Permission::kOpenChannel:
      if (principal.kind != Kind::kAccountToken) {
        return Error{ErrorKind::kForbidden, "Use a token of an open-channel account.", {}, "role", 0};
      }
      access.workspace_id = principal.workspace_id;
      access.account_id = principal.account_id;
      return access;
    case Permission::kSeeMetrics:
      if (principal.kind == Kind::kRoleToken && principal.role >= Role::kAdministrator) return access;
      [[fallthrough]];
    case Permission::kCreateWorkspace: {
      if (!principal.is_user()) return role_too_small();
      auto reader = TRY(database_.reader());
      const auto somewhere = TRY(reader->one(
          "SELECT 1 FROM memberships m JOIN workspaces w ON w.id = m.workspace_id "
          "WHERE m.user_id = $1 AND m.role IN ('owner', 'administrator') AND w.archived_at IS NULL LIMIT 1",
          {principal.user_id}, [](const store::Row&) { return true; }));
      if (!somewhere) return role_too_small();
      return access;
    }
    default:
      break;
  }
  return internal_error("a route without a usable permission");
}

Result<bool> Gate::is_alive(const Principal& principal) {
  if (principal.is_user()) return sessions_.is_alive(principal.session_hash);
  auto reader = TRY(database_.reader());
  return TRY(reader->one(
                 "SELECT 1 FROM api_tokens WHERE workspace_id = $1 AND id = $2 AND revoked_at IS NULL",
                 {principal.workspace_id, principal.token_id}, [](const store::Row&) { return true; }))
      .has_value();
}

bool Gate::is_still_allowed(const Principal& principal, Id workspace_id, Permission permission) {
  const auto alive = is_alive(principal);
  if (!alive.ok()) return is_retryable(alive.error().kind);
  if (!*alive) return false;
  const auto access = authorize(principal, workspace_id, permission);
  return access.ok() || is_retryable(access.error().kind);
}

}  // namespace kiki::auth
