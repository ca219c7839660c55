// For machines that watch: is the process alive, can it work, and its numbers.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "base/metrics.hpp"
#include "store/database.hpp"

namespace kiki::api {

namespace {

// Ready: the store answers, and the writer takes work.
Result<net::HttpResponse> ready(Services& services) {
  auto reader = TRY(services.database->reader());
  TRY(reader->run("SELECT 1"));
  json::object body;
  body["status"] = "ready";
  body["version"] = KIKI_VERSION;
  return ok(body);
}

}  // namespace

void add_health_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", "/healthz", Permission::kPublic, BodyRule::none(),
              [](RequestContext&) -> Result<net::HttpResponse> { return ok({{"status", "alive"}}); }});
  router.add({"GET", "/readyz", Permission::kPublic, BodyRule::none(),
              [&](RequestContext&) { return ready(services); }});
  router.add({"GET", "/metrics", Permission::kSeeMetrics, BodyRule::none(),
              [&](RequestContext&) -> Result<net::HttpResponse> {
                if (!services.metrics) return unavailable("There are no metrics.");
                net::HttpResponse response;
                response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                response.body = services.metrics->render();
                return response;
              }});
}

}  // namespace kiki::api
