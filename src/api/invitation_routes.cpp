// Invitations: made and withdrawn inside a workspace, opened by whoever has the link.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "api/sign_in.hpp"
#include "auth/invitations.hpp"
#include "auth/login_throttle.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kFieldBytes = 1'024;

json::object invitation_json(const auth::Invitation& invitation) {
  json::object body;
  body["id"] = id_json(invitation.id);
  body["role"] = auth::name(invitation.role);
  body["email"] = invitation.email;
  body["created_at"] = time_json(invitation.created_at);
  body["expires_at"] = time_json(invitation.expires_at);
  body["used_at"] = maybe_time_json(invitation.used_at);
  return body;
}

Result<net::HttpResponse> list(RequestContext& context, Services& services) {
  const int limit = TRY(context.limit());
  Id after = 0;
  if (auto cursor = TRY(context.cursor())) after = TRY(cursor->root()["id"].integer());
  auto invitations = TRY(services.invitations->list(context.workspace_id(), after, limit + 1));
  std::optional<std::string> next;
  if (invitations.size() > static_cast<std::size_t>(limit)) {
    invitations.pop_back();
    next = encode_cursor({{"id", invitations.back().id}});
  }
  json::array items;
  for (const auto& invitation : invitations) items.push_back(invitation_json(invitation));
  return page(std::move(items), std::move(next));
}

Result<net::HttpResponse> create(RequestContext& context, Services& services) {
  TRY(context.only_members({"role", "email"}));
  const auto role = auth::parse_role(TRY(context.body()["role"].string(32)));
  if (!role) return invalid("There is no such role.", "/role");
  if (*role == auth::Role::kOwner) TRY(context.require(auth::Permission::kManageOwners));
  const auto made = TRY(services.invitations->create(context.workspace_id(), *role,
                                                     TRY(context.body()["email"].string_or("", kFieldBytes)),
                                                     context.user_id()));
  json::object body = invitation_json(made.invitation);
  body["link"] = origin_of(services, context.request) + "/invite/" + made.secret;
  return created(body);
}

Result<net::HttpResponse> remove(RequestContext& context, Services& services) {
  const Id id = TRY(context.id("invitation_id"));
  const auto invitation = TRY(services.invitations->find(context.workspace_id(), id));
  if (invitation && invitation->role == auth::Role::kOwner) {
    TRY(context.require(auth::Permission::kManageOwners));
  }
  TRY(services.invitations->remove(context.workspace_id(), id));
  return no_content();
}

Result<net::HttpResponse> preview(RequestContext& context, Services& services) {
  TRY(services.login_throttle->take("", context.request.remote_ip));
  const auto found = TRY(services.invitations->preview(context.param("token")));
  services.login_throttle->give_back("", context.request.remote_ip);
  json::object body;
  body["workspace_name"] = found.workspace_name;
  body["role"] = auth::name(found.invitation.role);
  body["email"] = found.invitation.email;
  body["expires_at"] = time_json(found.invitation.expires_at);
  body["invited_by"] = found.invited_by;
  return ok(body);
}

Result<net::HttpResponse> accept(RequestContext& context, Services& services) {
  TRY(context.only_members({"name", "email", "password", "language"}));
  TRY(services.login_throttle->take("", context.request.remote_ip));
  const std::string_view secret = context.param("token");
  const JsonView body = context.body();
  const bool is_new = body["email"].exists() || body["password"].exists();
  if (!is_new) {
    // The gate let a session through only with its CSRF token; without one this is nobody.
    if (!context.principal.is_user()) {
      return Error{
          ErrorKind::kUnauthenticated, "Sign in, or give name, email and password.", {}, "not_signed_in", 0};
    }
    TRY(services.invitations->accept(secret, context.user_id(), context.principal.email));
    return ok(TRY(me_json(services, context.user_id(), context.principal.csrf_token)));
  }
  auth::NewUser wanted;
  wanted.name = TRY(body["name"].string(kFieldBytes));
  wanted.email = TRY(body["email"].string(kFieldBytes));
  wanted.password = TRY(body["password"].string(kFieldBytes));
  wanted.language = TRY(body["language"].string_or(context.language(), kFieldBytes));
  const auto accepted_by = TRY(services.invitations->accept_as_new(
      secret, wanted, context.request.remote_ip, context.request.headers.get("User-Agent")));
  return signed_in(services, accepted_by.user_id, accepted_by.session);
}

}  // namespace

void add_invitation_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", in_workspace("/invitations"), Permission::kManageMembers, BodyRule::none(),
              [&](RequestContext& context) { return list(context, services); }});
  router.add({"POST", in_workspace("/invitations"), Permission::kManageMembers, BodyRule::json(),
              [&](RequestContext& context) { return create(context, services); }});
  router.add({"DELETE", in_workspace("/invitations/{invitation_id}"), Permission::kManageMembers,
              BodyRule::none(), [&](RequestContext& context) { return remove(context, services); }});
  router.add({"GET", in_api("/invitations/{token}/accept"), Permission::kPublic, BodyRule::none(),
              [&](RequestContext& context) { return preview(context, services); }});
  router.add({"POST", in_api("/invitations/{token}/accept"), Permission::kPublic, BodyRule::json(),
              [&](RequestContext& context) { return accept(context, services); }});
}

}  // namespace kiki::api
