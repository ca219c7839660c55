// How the web chat is set up, and the visitor of a case as an agent sees them.

#include <boost/json.hpp>

#include "accounts/accounts.hpp"
#include "api/all_routes.hpp"
#include "api/desk_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "api/sign_in.hpp"
#include "chat/chat.hpp"
#include "chat/settings.hpp"

namespace kiki::api {

namespace {

Result<accounts::AccountRow> chat_account(RequestContext& context, Services& services) {
  auto row = TRY(services.accounts->read(context.workspace_id(), TRY(context.id("account_id"))));
  if (row.account.network != channels::chat::kNetwork) return not_found("There is no such chat.");
  return row;
}

net::HttpResponse shown(RequestContext& context, Services& services, const accounts::AccountRow& row) {
  const auto base = origin_of(services, context.request);
  const auto& key = row.account.external_id;
  json::object body;
  body["settings"] = chat::to_json(chat::settings_of(row.account.settings));
  body["key"] = key;
  body["page_url"] = channels::chat::hosted_page(row.account, base);
  body["snippet"] = "<script src=\"" + base + "/chat/widget.js\" data-chat=\"" + key + "\" async></script>";
  body["mail_works"] = services.mail_works;
  return ok(body);
}

Result<net::HttpResponse> show(RequestContext& context, Services& services) {
  return shown(context, services, TRY(chat_account(context, services)));
}

Result<net::HttpResponse> save(RequestContext& context, Services& services) {
  const auto row = TRY(chat_account(context, services));
  const auto settings = TRY(chat::read_settings(context.body()));
  accounts::Accounts::Patch patch;
  patch.settings = json::serialize(chat::to_json(settings));
  return shown(
      context, services,
      TRY(services.accounts->patch(context.workspace_id(), context.user_id(), row.account.id, patch)));
}

// Whoever has the old one cannot sign any more. Shown this once.
Result<net::HttpResponse> new_secret(RequestContext& context, Services& services) {
  const auto row = TRY(chat_account(context, services));
  const auto secret = services.random->token();
  auto state = services.account_state(context.workspace_id(), row.account.id);
  TRY(state->set_secrets({{std::string(channels::chat::kIdentitySecret), secret}}));
  return created(json::object{{"secret", secret}});
}

Result<net::HttpResponse> visitor(RequestContext& context, Services& services) {
  const auto state = TRY(services.chat->visitor_of_case(context.workspace_id(), TRY(context.id("case_id"))));
  if (!state) return ok(json::object{{"visitor", nullptr}});
  return ok(json::object{{"visitor", json::object{{"here", state->here},
                                                  {"email", state->email},
                                                  {"proven", state->proven},
                                                  {"page", state->page}}}});
}

}  // namespace

void add_chat_settings_routes(Router& router, Services& services) {
  using auth::Permission;
  const DeskRoutes add(router, services);
  add("GET", "/accounts/{account_id}/chat", Permission::kReadDesk, BodyRule::none(), show);
  add("PUT", "/accounts/{account_id}/chat", Permission::kManageAccounts, BodyRule::json(), save);
  add("POST", "/accounts/{account_id}/chat/secret", Permission::kManageAccounts, BodyRule::optional_json(),
      new_secret);
  add("GET", "/cases/{case_id}/visitor", Permission::kReadDesk, BodyRule::none(), visitor);
}

}  // namespace kiki::api
