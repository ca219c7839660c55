// Customers: the person card.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "people/people.hpp"

namespace kiki::api {

namespace {

Result<net::HttpResponse> patch(RequestContext& context, Services& services) {
  TRY(context.only_members({"name", "note"}));
  const auto body = context.body();
  people::People::Patch wanted;
  if (!body["name"].is_null()) wanted.name = TRY(body["name"].string(people::kNameLimitBytes));
  if (!body["note"].is_null()) wanted.note = TRY(body["note"].string(people::kNoteLimitBytes));
  return ok(people::to_json(TRY(services.people->patch(context.workspace_id(), TRY(context.id("person_id")),
                                                       context.user_id(), wanted))));
}

}  // namespace

void add_people_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", in_workspace("/people/{person_id}"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) -> Result<net::HttpResponse> {
                return ok(people::to_json(
                    TRY(services.people->read(context.workspace_id(), TRY(context.id("person_id"))))));
              }});
  router.add({"PATCH", in_workspace("/people/{person_id}"), Permission::kEditPeople, BodyRule::json(),
              [&](RequestContext& context) { return patch(context, services); }});
  router.add({"POST", in_workspace("/people/{person_id}/refresh"), Permission::kEditPeople,
              BodyRule::optional_json(), [&](RequestContext& context) -> Result<net::HttpResponse> {
                return ok(people::to_json(TRY(services.people->refresh(
                    context.workspace_id(), TRY(context.id("person_id")), context.user_id()))));
              }});
}

}  // namespace kiki::api
