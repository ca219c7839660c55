// How an account's connection is: what is wrong, its webhook and the last calls, what it used of what it may,
// how old its credentials are, and which gaps were closed.

#include <boost/json.hpp>

#include "accounts/accounts.hpp"
#include "accounts/webhook_door.hpp"
#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "channels/contract/door.hpp"
#include "store/database.hpp"

namespace kiki::api {

namespace {

json::object hook_json(Services& services, Id account_id) {
  const auto state = services.hooks->state(account_id);
  json::array calls;
  for (const auto& call : state.calls) {
    calls.push_back(json::object{
        {"at", time_json(call.at)}, {"status", call.status}, {"note", call.note}, {"items", call.items}});
  }
  const auto address = services.hooks->url_of(account_id);
  const auto url = address.empty() ? json::value(nullptr) : json::value(address);
  return {{"url", url},
          {"last_success_at",
           state.last_success_at == 0 ? json::value(nullptr) : time_json(state.last_success_at)},
          {"refused_in_row", state.refused_in_row},
          {"calls", std::move(calls)}};
}

json::array meters_json(const std::vector<channels::Meter>& meters) {
  json::array list;
  for (const auto& meter : meters) {
    list.push_back(json::object{
        {"name", meter.name},
        {"unit", meter.unit},
        {"used", meter.used},
        {"limit", meter.limit},
        {"resets_at", meter.resets_at == 0 ? json::value(nullptr) : time_json(meter.resets_at)}});
  }
  return list;
}

Result<net::HttpResponse> read_connection(RequestContext& context, Services& services) {
  const auto workspace_id = context.workspace_id();
  const auto account_id = TRY(context.id("account_id"));
  const auto row = TRY(services.accounts->read(workspace_id, account_id));
  auto* channel = services.channel(row.account.network);
  json::object body{
      {"webhook", nullptr}, {"hears", ""}, {"meters", json::array{}}, {"credentials_at", nullptr}};
  if (channel != nullptr && row.account.kind == "account") {
    if (channel->descriptor().capabilities.webhooks) body["webhook"] = hook_json(services, account_id);
    auto state = services.account_state(workspace_id, account_id);
    if (auto door = state->cursor(channels::kDoor); door.ok()) body["hears"] = *door;
    // The page is there for when the network is not: it comes without its meters then.
    if (auto meters = channel->meters(row.account, *state); meters.ok())
      body["meters"] = meters_json(*meters);
  }
  auto reader = TRY(services.database->reader());
  const auto changed_at = TRY(
      reader->one("SELECT MAX(updated_at) FROM account_secrets WHERE workspace_id = $1 AND account_id = $2",
                  {workspace_id, account_id}, [](const store::Row& one) { return one.maybe_integer(0); }));
  if (changed_at && *changed_at) body["credentials_at"] = time_json(**changed_at);
  json::array problems;
  TRY(reader->query(
      "SELECT kind, detail, since FROM account_problems WHERE workspace_id = $1 AND account_id "
      "= $2 ORDER BY since, kind",
      std::initializer_list<store::Param>{workspace_id, account_id}, [&](const store::Row& one) {
        problems.push_back(json::object{
            {"kind", one.string(0)}, {"detail", one.string(1)}, {"since", time_json(one.integer(2))}});
      }));
  body["problems"] = std::move(problems);
  json::array gaps;
  TRY(reader->query(
      "SELECT closed_at, away_since, posts FROM account_gaps WHERE workspace_id = $1 AND "
      "account_id = $2 ORDER BY closed_at DESC",
      std::initializer_list<store::Param>{workspace_id, account_id}, [&](const store::Row& one) {
        gaps.push_back(json::object{{"closed_at", time_json(one.integer(0))},
                                    {"away_since", time_json(one.integer(1))},
                                    {"posts", one.integer(2)}});
      }));
  body["gaps"] = std::move(gaps);
  return ok(body);
}

}  // namespace

void add_connection_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", in_workspace("/accounts/{account_id}/connection"), Permission::kSeeJournal,
              BodyRule::none(), [&](RequestContext& context) { return read_connection(context, services); }});
}

}  // namespace kiki::api
