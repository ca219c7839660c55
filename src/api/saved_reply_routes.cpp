// The library replies begin with: saved replies, assets, and both as one document.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "reply/saved_replies.hpp"
#include "reply/saved_uses.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kBodyBytes = 256 * 1024;
constexpr std::size_t kImportBytes = 8 << 20;

Result<net::HttpResponse> list(RequestContext& context, Services& services) {
  json::array rows;
  for (const auto& one : TRY(services.saved_replies->list(context.workspace_id())))
    rows.push_back(reply::saved::to_json(one));
  return items(std::move(rows));
}

Result<void> only_reply_members(RequestContext& context) {
  return context.only_members({"folder", "name", "code", "variants", "needs_word", "is_thanks", "version"});
}

Result<net::HttpResponse> add(RequestContext& context, Services& services) {
  TRY(only_reply_members(context));
  const auto wanted = TRY(reply::saved::read_saved_reply(context.body(), {}));
  return created(reply::saved::to_json(
      TRY(services.saved_replies->add(context.workspace_id(), context.user_id(), wanted))));
}

Result<net::HttpResponse> change(RequestContext& context, Services& services) {
  TRY(only_reply_members(context));
  const auto before =
      TRY(services.saved_replies->read(context.workspace_id(), TRY(context.id("saved_reply_id"))));
  auto wanted = TRY(reply::saved::read_saved_reply(context.body(), before));
  wanted.version = TRY(context.body()["version"].integer_or(before.version));
  return ok(reply::saved::to_json(
      TRY(services.saved_replies->change(context.workspace_id(), context.user_id(), wanted))));
}

Result<net::HttpResponse> remove(RequestContext& context, Services& services) {
  TRY(services.saved_replies->remove(context.workspace_id(), context.user_id(),
                                     TRY(context.id("saved_reply_id"))));
  return no_content();
}

Result<net::HttpResponse> results(RequestContext& context, Services& services) {
  json::array rows;
  auto reader = TRY(services.database->reader());
  auto uses = TRY(reply::read_saved_uses(*reader, context.workspace_id()));
  for (const auto& one : TRY(services.saved_replies->results(context.workspace_id()))) {
    json::object row{{"saved_reply_id", id_json(one.saved_reply_id)},
                     {"uses", one.uses},
                     {"edited", one.edited},
                     {"settled", one.settled},
                     {"reopened", one.reopened}};
    for (auto& [key, value] : reply::to_json(uses[one.saved_reply_id])) row[key] = std::move(value);
    rows.push_back(std::move(row));
  }
  return items(std::move(rows));
}

Result<net::HttpResponse> give_out(RequestContext& context, Services& services) {
  auto response = ok(TRY(services.saved_replies->export_all(context.workspace_id())));
  response.headers.set("Content-Disposition", "attachment; filename=\"saved-replies.json\"");
  return response;
}

Result<net::HttpResponse> take_in(RequestContext& context, Services& services) {
  TRY(context.only_members({"form", "version", "saved_replies", "assets"}));
  const auto dry = context.query("dry_run");
  if (!dry.empty() && dry != "true" && dry != "false") return invalid("expected true or false", "dry_run");
  const auto answer = TRY(services.saved_replies->import(context.workspace_id(), context.user_id(),
                                                         context.body(), dry == "true"));
  return ok(json::object{{"added", answer.added}, {"changed", answer.changed}, {"same", answer.same}});
}

Result<net::HttpResponse> list_assets(RequestContext& context, Services& services) {
  json::array rows;
  for (const auto& one : TRY(services.saved_replies->assets(context.workspace_id())))
    rows.push_back(reply::saved::to_json(one));
  return items(std::move(rows));
}

Result<void> only_asset_members(RequestContext& context) {
  return context.only_members({"key", "name", "kind", "variants", "attachment_id", "version"});
}

Result<net::HttpResponse> add_asset(RequestContext& context, Services& services) {
  TRY(only_asset_members(context));
  const auto wanted = TRY(reply::saved::read_asset(context.body(), {}));
  return created(reply::saved::to_json(
      TRY(services.saved_replies->add_asset(context.workspace_id(), context.user_id(), wanted))));
}

Result<net::HttpResponse> change_asset(RequestContext& context, Services& services) {
  TRY(only_asset_members(context));
  const auto before = TRY(services.saved_replies->asset(context.workspace_id(), TRY(context.id("asset_id"))));
  auto wanted = TRY(reply::saved::read_asset(context.body(), before));
  wanted.version = TRY(context.body()["version"].integer_or(before.version));
  return ok(reply::saved::to_json(
      TRY(services.saved_replies->change_asset(context.workspace_id(), context.user_id(), wanted))));
}

Result<net::HttpResponse> remove_asset(RequestContext& context, Services& services) {
  TRY(services.saved_replies->remove_asset(context.workspace_id(), context.user_id(),
                                           TRY(context.id("asset_id"))));
  return no_content();
}

}  // namespace

void add_saved_reply_routes(Router& router, Services& services) {
  using auth::Permission;
  const auto to = [&services](auto handler) {
    return [&services, handler](RequestContext& context) { return handler(context, services); };
  };
  const auto body = BodyRule::json(kBodyBytes);
  router.add({"GET", in_workspace("/saved-replies"), Permission::kReadDesk, BodyRule::none(), to(list)});
  router.add({"POST", in_workspace("/saved-replies"), Permission::kEditReplyRules, body, to(add)});
  router.add({"PATCH", in_workspace("/saved-replies/{saved_reply_id}"), Permission::kEditReplyRules, body,
              to(change)});
  router.add({"DELETE", in_workspace("/saved-replies/{saved_reply_id}"), Permission::kEditReplyRules,
              BodyRule::none(), to(remove)});
  router.add(
      {"GET", in_workspace("/saved-replies/results"), Permission::kReadDesk, BodyRule::none(), to(results)});
  router.add(
      {"GET", in_workspace("/saved-replies/export"), Permission::kReadDesk, BodyRule::none(), to(give_out)});
  router.add({"POST", in_workspace("/saved-replies/import"), Permission::kEditReplyRules,
              BodyRule::json(kImportBytes), to(take_in)});
  router.add(
      {"GET", in_workspace("/reply-assets"), Permission::kReadDesk, BodyRule::none(), to(list_assets)});
  router.add({"POST", in_workspace("/reply-assets"), Permission::kEditReplyRules, body, to(add_asset)});
  router.add({"PATCH", in_workspace("/reply-assets/{asset_id}"), Permission::kEditReplyRules, body,
              to(change_asset)});
  router.add({"DELETE", in_workspace("/reply-assets/{asset_id}"), Permission::kEditReplyRules,
              BodyRule::none(), to(remove_asset)});
}

}  // namespace kiki::api
