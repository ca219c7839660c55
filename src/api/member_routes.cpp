// Who belongs to a workspace. Whatever makes, changes or removes an owner needs an owner.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "auth/workspaces.hpp"
#include "live/hub.hpp"

namespace kiki::api {

namespace {

json::object member_json(Services& services, Id workspace_id, const auth::Member& member) {
  json::object body;
  body["user_id"] = id_json(member.user_id);
  body["name"] = member.name;
  body["email"] = member.email;
  body["initials"] = member.initials;
  body["role"] = auth::name(member.role);
  body["online"] = services.live != nullptr && services.live->is_online(workspace_id, member.user_id);
  body["created_at"] = time_json(member.created_at);
  return body;
}

Result<net::HttpResponse> list(RequestContext& context, Services& services) {
  const int limit = TRY(context.limit());
  Id after = 0;
  if (auto cursor = TRY(context.cursor())) after = TRY(cursor->root()["id"].integer());
  auto members = TRY(services.workspaces->members(context.workspace_id(), after, limit + 1));
  std::optional<std::string> next;
  if (members.size() > static_cast<std::size_t>(limit)) {
    members.pop_back();
    next = encode_cursor({{"id", members.back().user_id}});
  }
  json::array items;
  for (const auto& member : members) items.push_back(member_json(services, context.workspace_id(), member));
  return page(std::move(items), std::move(next));
}

Result<auth::Member> find(const RequestContext& context, Services& services) {
  const auto member = TRY(services.workspaces->member(context.workspace_id(), TRY(context.id("user_id"))));
  if (!member) return not_found("There is no such member.");
  if (member->role == auth::Role::kOwner) TRY(context.require(auth::Permission::kManageOwners));
  return *member;
}

Result<net::HttpResponse> change(RequestContext& context, Services& services) {
  TRY(context.only_members({"role"}));
  const auto role = auth::parse_role(TRY(context.body()["role"].string(32)));
  if (!role) return invalid("There is no such role.", "/role");
  if (*role == auth::Role::kOwner) TRY(context.require(auth::Permission::kManageOwners));
  auth::Member member = TRY(find(context, services));
  TRY(services.workspaces->set_role(context.workspace_id(), member.user_id, *role, context.user_id()));
  member.role = *role;
  return ok(member_json(services, context.workspace_id(), member));
}

Result<net::HttpResponse> remove(RequestContext& context, Services& services) {
  const auth::Member member = TRY(find(context, services));
  TRY(services.workspaces->remove_member(context.workspace_id(), member.user_id, context.user_id()));
  return no_content();
}

}  // namespace

void add_member_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", in_workspace("/members"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return list(context, services); }});
  router.add({"PATCH", in_workspace("/members/{user_id}"), Permission::kManageMembers, BodyRule::json(),
              [&](RequestContext& context) { return change(context, services); }});
  router.add({"DELETE", in_workspace("/members/{user_id}"), Permission::kManageMembers, BodyRule::none(),
              [&](RequestContext& context) { return remove(context, services); }});
}

}  // namespace kiki::api
