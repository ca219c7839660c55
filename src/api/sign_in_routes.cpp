// Connecting an account on the network's own page.

#include <boost/json.hpp>

#include "accounts/accounts.hpp"
#include "accounts/sign_ins.hpp"
#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "api/sign_in.hpp"
#include "base/log.hpp"
#include "net/hmac.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kFieldLimitBytes = 2'000;
constexpr std::string_view kCallback = "/connect/callback";

Result<net::HttpResponse> begin(RequestContext& context, Services& services) {
  TRY(context.only_members({"network", "fields", "account_id"}));
  // Only somebody in a browser can go there and come back.
  if (!context.principal.is_user())
    return Error{ErrorKind::kForbidden, "Sign in with a browser.", {}, "session_needed", 0};
  accounts::SignIns::Begin wanted;
  wanted.workspace_id = context.workspace_id();
  wanted.user_id = context.user_id();
  wanted.session_hash = context.principal.session_hash;
  wanted.network = TRY(context.body()["network"].string(40));
  wanted.redirect_url = origin_of(services, context.request) + std::string(kCallback);
  const auto fields = context.body()["fields"];
  if (!fields.is_null()) {
    if (!fields.is_object()) return invalid("expected an object", "/fields");
    TRY(fields.each_member([&](std::string_view key, JsonView member) -> Result<void> {
      if (wanted.fields.size() >= 20) return invalid("too many fields", member.pointer());
      wanted.fields.emplace_back(std::string(key), TRY(member.string(kFieldLimitBytes)));
      return {};
    }));
  }
  if (!context.body()["account_id"].is_null()) {
    const auto id = parse_id(TRY(context.body()["account_id"].string(32)));
    if (!id) return invalid("expected an id", "/account_id");
    wanted.account_id = *id;
  }
  return created(json::object{{"authorize_url", TRY(services.sign_ins->begin(wanted))}});
}

net::HttpResponse to_console(const std::string& path) {
  net::HttpResponse response;
  response.status = 303;
  response.headers.set("Location", path);
  response.headers.set("Referrer-Policy", "no-referrer");  // the address carries a code
  return response;
}

std::string word_of(const Error& error) {
  return net::percent_encode(error.code.empty() ? std::string(name(error.kind)) : error.code);
}

// The network sends the browser back to us. Every way out ends in the console, which says what became of it.
Result<net::HttpResponse> finish(RequestContext& context, Services& services) {
  const accounts::Fields answer(context.request.query.begin(), context.request.query.end());
  if (!context.principal.is_user()) return to_console("/login");
  auto pending = services.sign_ins->take(answer, context.principal.user_id, context.principal.session_hash);
  if (!pending.ok()) return to_console("/?sign_in=" + word_of(pending.error()));
  const auto workspace = "/w/" + to_string(pending->workspace_id) + "/settings/accounts";
  const auto account =
      pending->account_id == 0 ? workspace : workspace + "/" + to_string(pending->account_id);
  if (accounts::was_denied(answer)) return to_console(account + "?sign_in=denied");
  // They may have lost the right meanwhile.
  auto allowed =
      services.gate->authorize(context.principal, pending->workspace_id, auth::Permission::kManageAccounts);
  if (!allowed.ok()) return to_console("/?sign_in=" + word_of(allowed.error()));
  auto done = services.sign_ins->finish(*pending, answer);
  if (!done.ok()) {
    log::warning("an account was not connected", done.error(),
                 {{"workspace_id", pending->workspace_id}, {"network", pending->network}});
    return to_console(account + "?sign_in=" + word_of(done.error()));
  }
  return to_console(workspace + "/" + to_string(done->account_id) +
                    (done->is_new ? "?sign_in=connected" : "?sign_in=connected_again"));
}

}  // namespace

void add_sign_in_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"POST", in_workspace("/accounts/sign-in"), Permission::kManageAccounts, BodyRule::json(),
              [&](RequestContext& context) { return begin(context, services); }});
  router.add({"GET", std::string(kCallback), Permission::kPublic, BodyRule::none(),
              [&](RequestContext& context) { return finish(context, services); }});
}

}  // namespace kiki::api
