// Where networks call us. Anybody may knock: the channel proves who it is before anything else.

#include "accounts/webhook_door.hpp"
#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"

namespace kiki::api {

namespace {
constexpr std::size_t kBodyLimitBytes = 1 << 20;
}

void add_hook_routes(Router& router, Services& services) {
  using auth::Permission;
  const auto call = [&](RequestContext& context) -> Result<net::HttpResponse> {
    return services.hooks->call(TRY(context.id("account_id")), context.request);
  };
  router.add({"GET", "/hooks/{account_id}", Permission::kPublic, BodyRule::none(), call});
  router.add({"POST", "/hooks/{account_id}", Permission::kPublic, BodyRule::bytes(kBodyLimitBytes), call});
}

}  // namespace kiki::api
