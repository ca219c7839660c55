// For machines that watch: is the process alive, can it work, and its numbers.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "base/metrics.hpp"
#include "live/hub.hpp"
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

// What only the store and the hub know is asked for when somebody looks. Each count is served by an index.
void measure(Services& services) {
  Metrics& metrics = *services.metrics;
  metrics.gauge("kikimimi_info", "The running version.", {{"version", KIKI_VERSION}}).set(1);
  if (services.live) {
    metrics.gauge("kikimimi_live_consoles", "Consoles with an open live stream.")
        .set(static_cast<double>(services.live->consoles()));
  }
  const auto count = [&](std::string_view name, std::string_view help, std::string_view sql) {
    auto reader = services.database->reader();
    if (!reader.ok()) return;
    const auto rows = (*reader)->one(sql, {}, [](const store::Row& row) { return row.integer(0); });
    if (rows.ok() && *rows) metrics.gauge(name, help).set(static_cast<double>(**rows));
  };
  count("kikimimi_outbox_waiting", "Replies that are on their way.",
        "SELECT COUNT(*) FROM outbox WHERE next_at IS NOT NULL");
  count("kikimimi_outbox_failed", "Replies that failed and wait for a person.",
        "SELECT COUNT(*) FROM outbox WHERE state = 'failed'");
  count("kikimimi_journal_failures", "Items that came in and could not be read.",
        "SELECT COUNT(*) FROM journal_failures");
  count("kikimimi_accounts_action_needed", "Channel accounts that wait for a person.",
        "SELECT COUNT(*) FROM accounts WHERE status = 'action_needed' AND removed_at IS NULL");
  count("kikimimi_sessions", "People's sessions.", "SELECT COUNT(*) FROM sessions");
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
                measure(services);
                net::HttpResponse response;
                response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                response.body = services.metrics->render();
                return response;
              }});
}

}  // namespace kiki::api
