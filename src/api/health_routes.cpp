// For machines that watch: is the process alive, can it work, and its numbers.

#include <boost/json.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <optional>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "live/hub.hpp"
#include "store/database.hpp"
#include "store/meta.hpp"

namespace kiki::api {

namespace {

constexpr TimeMs kProbeEachMs = 5'000;
constexpr TimeMs kProbeAgainMs = 1'000;  // after a failure
constexpr std::chrono::seconds kProbePatience{2};

// Can something be stored? Asked of the disk itself, and since anybody may knock at this door, at most every
// five seconds (every second while it fails); between two probes the last answer stands.
class WriterProbe {
 public:
  explicit WriterProbe(Services& services) : services_(services) {}

  Result<void> ask() {
    const std::lock_guard lock(mutex_);
    const auto now_ms = services_.clock->monotonic_ms();
    if (asked_at_ms_ && now_ms - *asked_at_ms_ < (last_.ok() ? kProbeEachMs : kProbeAgainMs)) return last_;
    last_ = write(services_.clock->now_ms());
    asked_at_ms_ = services_.clock->monotonic_ms();  // whoever waited here meanwhile gets this answer
    return last_;
  }

 private:
  Result<void> write(TimeMs now_ms) {
    const auto answer =
        std::make_shared<std::promise<Result<void>>>();  // outlives us when the writer is late
    auto written = answer->get_future();
    services_.database->writer().write_async(
        [now_ms](store::Transaction& tx) { return store::set_meta(tx, "ready_probe_at", to_string(now_ms)); },
        [answer](Result<void> result) { answer->set_value(std::move(result)); });
    if (written.wait_for(kProbePatience) != std::future_status::ready)
      return unavailable("The store is slow: nothing could be written for two seconds.");
    auto result = written.get();
    if (result.ok()) return {};
    log::warning("the store takes no writes", result.error());
    return unavailable("Nothing can be stored. Look at the disk and the database.");
  }

  Services& services_;
  std::mutex mutex_;
  std::optional<TimeMs> asked_at_ms_;
  Result<void> last_;
};

// Ready: the store answers, and what is written stays.
Result<net::HttpResponse> ready(Services& services, WriterProbe& probe) {
  auto reader = TRY(services.database->reader());
  TRY(reader->run("SELECT 1"));
  TRY(probe.ask());
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
  const auto probe = std::make_shared<WriterProbe>(services);
  router.add({"GET", "/readyz", Permission::kPublic, BodyRule::none(),
              [&, probe](RequestContext&) { return ready(services, *probe); }});
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
