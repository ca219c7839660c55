// The live stream of a workspace, and presence.

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "auth/users.hpp"
#include "delivery/typing.hpp"
#include "live/hub.hpp"
#include "live/presence.hpp"
#include "store/database.hpp"

namespace kiki::api {

namespace {

Result<net::HttpResponse> watch(RequestContext& context, Services& services) {
  live::Watcher watcher;
  watcher.workspace_id = context.workspace_id();
  watcher.user_id = context.user_id();
  // Browsers send the header when they reconnect; a page that was closed in between remembers it itself.
  std::string_view last = context.request.headers.get("Last-Event-ID");
  if (last.empty()) last = context.query("last_event_id");
  if (!last.empty()) {
    std::int64_t seq = 0;
    const auto [end, failure] = std::from_chars(last.data(), last.data() + last.size(), seq);
    const bool is_number = failure == std::errc{} && end == last.data() + last.size();
    watcher.last_event_id = is_number ? seq : -1;  // -1: answered with reset
  }
  watcher.is_still_allowed = [gate = services.gate, principal = context.principal,
                              id = context.workspace_id()] {
    return gate->is_still_allowed(principal, id, auth::Permission::kReadDesk);
  };
  net::HttpResponse response;
  response.headers.set("Content-Type", "text/event-stream");
  response.headers.set("X-Accel-Buffering", "no");
  response.stream = TRY(services.live->watch(std::move(watcher)));
  return response;
}

Result<net::HttpResponse> show_presence(RequestContext& context, Services& services) {
  TRY(context.only_members({"state"}));
  live::Presence presence;
  presence.workspace_id = context.workspace_id();
  presence.case_id = TRY(context.id("case_id"));
  presence.user_id = context.user_id();
  const auto state = live::parse_presence_state(TRY(context.body()["state"].string(16)));
  if (!state) return invalid("Expected looking, writing, away or gone.", "/state");
  presence.state = *state;
  // Whoever may not reply writes nothing that a customer waits for.
  if (presence.state == live::PresenceState::kWriting &&
      !services.gate->is_still_allowed(context.principal, presence.workspace_id, auth::Permission::kReply))
    presence.state = live::PresenceState::kLooking;
  {
    auto reader = TRY(services.database->reader());
    const auto known =
        TRY(reader->one("SELECT 1 FROM cases WHERE workspace_id = $1 AND id = $2",
                        {presence.workspace_id, presence.case_id}, [](const store::Row&) { return true; }));
    if (!known) return not_found("There is no such case.");
  }
  const auto user = TRY(services.users->find(context.user_id()));
  if (!user) return not_found("There is no such person.");
  presence.name = user->name;
  presence.initials = user->initials;
  if (services.presence->set(presence)) services.live->tell_presence(presence);
  if (services.typing) {
    const auto here = services.presence->of_workspace(presence.workspace_id);
    const bool is_written = std::ranges::any_of(here, [&](const auto& one) {
      return one.case_id == presence.case_id && one.state == live::PresenceState::kWriting;
    });
    services.typing->tell(presence.workspace_id, presence.case_id, is_written);
  }
  return no_content();
}

}  // namespace

void add_live_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", in_workspace("/live"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return watch(context, services); }});
  router.add({"POST", in_workspace("/cases/{case_id}/presence"), Permission::kShowPresence, BodyRule::json(),
              [&](RequestContext& context) { return show_presence(context, services); }});
}

}  // namespace kiki::api
