// Tokens for programs. A good example of a route file: each row says method, path, permission, body and
// handler.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "auth/tokens.hpp"

namespace kiki::api {

namespace {

json::object token_json(const auth::ApiToken& token) {
  json::object body;
  body["id"] = id_json(token.id);
  body["name"] = token.name;
  body["role"] = token.role ? json::value(auth::name(*token.role)) : json::value(nullptr);
  body["account_id"] = id_json(token.account_id);
  body["created_at"] = time_json(token.created_at);
  body["last_used_at"] = maybe_time_json(token.last_used_at);
  body["revoked_at"] = maybe_time_json(token.revoked_at);
  return body;
}

Result<net::HttpResponse> list_tokens(RequestContext& context, Services& services) {
  const int limit = TRY(context.limit());
  Id after = 0;
  if (auto cursor = TRY(context.cursor())) after = TRY(cursor->root()["id"].integer());
  auto tokens = TRY(services.tokens->list(context.workspace_id(), after, limit + 1));
  std::optional<std::string> next;
  if (tokens.size() > static_cast<std::size_t>(limit)) {
    tokens.pop_back();
    next = encode_cursor({{"id", tokens.back().id}});
  }
  json::array list;
  for (const auto& token : tokens) list.push_back(token_json(token));
  return page(std::move(list), std::move(next));
}

Result<net::HttpResponse> create_token(RequestContext& context, Services& services) {
  TRY(context.only_members({"name", "role", "account_id"}));
  auth::NewToken wanted;
  wanted.workspace_id = context.workspace_id();
  wanted.created_by = context.user_id();
  wanted.name = TRY(context.body()["name"].string(200));
  const std::string role = TRY(context.body()["role"].string_or("", 32));
  const std::string account_id = TRY(context.body()["account_id"].string_or("", 32));
  if (role.empty() == account_id.empty()) return invalid("Give either a role or an account_id.", "/role");
  if (!role.empty()) {
    wanted.role = auth::parse_role(role);
    if (!wanted.role) return invalid("There is no such role.", "/role");
    // A token must not be a way to become more than one is.
    if (*wanted.role == auth::Role::kOwner) TRY(context.require(auth::Permission::kManageOwners));
  } else {
    wanted.account_id = parse_id(account_id).value_or(0);
    if (wanted.account_id == 0) return invalid("Expected an id.", "/account_id");
  }
  const auto made = TRY(services.tokens->create(wanted));
  json::object body = token_json(made.token);
  body["token"] = made.secret;
  return created(body);
}

Result<net::HttpResponse> revoke_token(RequestContext& context, Services& services) {
  TRY(services.tokens->revoke(context.workspace_id(), TRY(context.id("token_id"))));
  return no_content();
}

}  // namespace

void add_token_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", in_workspace("/tokens"), Permission::kManageTokens, BodyRule::none(),
              [&](RequestContext& context) { return list_tokens(context, services); }});
  router.add({"POST", in_workspace("/tokens"), Permission::kManageTokens, BodyRule::json(),
              [&](RequestContext& context) { return create_token(context, services); }});
  router.add({"DELETE", in_workspace("/tokens/{token_id}"), Permission::kManageTokens, BodyRule::none(),
              [&](RequestContext& context) { return revoke_token(context, services); }});
}

}  // namespace kiki::api
