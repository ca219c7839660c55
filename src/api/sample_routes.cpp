// The sample day.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "sample/sample_day.hpp"

namespace kiki::api {

namespace {

Result<net::HttpResponse> play(RequestContext& context, Services& services) {
  TRY(context.only_members({"speed"}));
  double speed = 0;
  if (!context.body()["speed"].is_null()) speed = TRY(context.body()["speed"].number());
  const auto account_id = TRY(services.sample->play(context.workspace_id(), context.user_id(), speed));
  return accepted(json::object{{"account_id", to_string(account_id)}});
}

Result<net::HttpResponse> end(RequestContext& context, Services& services) {
  TRY(services.sample->end(context.workspace_id(), context.user_id()));
  return no_content();
}

Result<net::HttpResponse> state(RequestContext& context, Services& services) {
  const auto state = TRY(services.sample->state(context.workspace_id()));
  return ok(json::object{{"running", state.running}, {"played", state.played}, {"total", state.total}});
}

}  // namespace

void add_sample_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", in_workspace("/sample"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return state(context, services); }});
  router.add({"POST", in_workspace("/sample"), Permission::kRunSample, BodyRule::optional_json(),
              [&](RequestContext& context) { return play(context, services); }});
  router.add({"DELETE", in_workspace("/sample"), Permission::kRunSample, BodyRule::none(),
              [&](RequestContext& context) { return end(context, services); }});
}

}  // namespace kiki::api
