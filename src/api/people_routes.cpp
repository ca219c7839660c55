// Customers: the person card.

#include <algorithm>
#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "people/fields.hpp"
#include "people/people.hpp"
#include "store/database.hpp"

namespace kiki::api {

namespace {

Result<net::HttpResponse> patch(RequestContext& context, Services& services) {
  TRY(context.only_members({"name", "note", "customer_id", "groups", "values"}));
  const auto body = context.body();
  people::People::Patch wanted;
  if (!body["name"].is_null()) wanted.name = TRY(body["name"].string(people::kNameLimitBytes));
  if (!body["note"].is_null()) wanted.note = TRY(body["note"].string(people::kNoteLimitBytes));
  if (!body["customer_id"].is_null())
    wanted.customer_id = TRY(body["customer_id"].string(people::kCustomerIdLimitBytes));
  if (!body["groups"].is_null()) {
    if (!body["groups"].is_array()) return invalid("expected an array", "/groups");
    wanted.groups.emplace();
    TRY(body["groups"].each([&](JsonView group) -> Result<void> {
      wanted.groups->push_back(TRY(group.string(people::kGroupLimitBytes)));
      return {};
    }));
  }
  if (!body["values"].is_null()) {
    auto reader = TRY(services.database->reader());
    const auto set = TRY(people::read_fields(*reader, context.workspace_id()));
    TRY(body["values"].each_member([&](std::string_view name, JsonView value) -> Result<void> {
      const auto id = parse_id(name);
      const auto field = std::ranges::find(set.fields, id.value_or(0), &people::Field::id);
      if (field == set.fields.end()) return invalid("is no field of this desk", value.pointer());
      auto& kept = wanted.values[field->id];
      if (!value.is_null()) kept = TRY(people::checked_value(*field, value));
      return {};
    }));
  }
  const Id person_id = TRY(context.id("person_id"));
  const auto person =
      TRY(services.people->patch(context.workspace_id(), person_id, context.user_id(), wanted));
  return ok(people::to_json(person));
}

// What came is told with what did not: a network that is down hides nothing of the others.
Result<net::HttpResponse> refresh(RequestContext& context, Services& services) {
  const auto refreshed =
      TRY(services.people->refresh(context.workspace_id(), TRY(context.id("person_id")), context.user_id()));
  auto body = people::to_json(refreshed.person);
  json::array failed;
  for (const auto& one : refreshed.failed)
    failed.push_back(
        json::object{{"network", one.network}, {"code", one.error.code}, {"message", one.error.message}});
  body["not_refreshed"] = std::move(failed);
  return ok(std::move(body));
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
                return refresh(context, services);
              }});
}

}  // namespace kiki::api
