// The customer card beyond name and note: their posts and cases, the same person elsewhere, fields of the
// desk's own, and what the company's system says.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "cases/person_history.hpp"
#include "people/company_facts.hpp"
#include "people/fields.hpp"
#include "people/joining.hpp"
#include "people/suggestions.hpp"
#include "search/search_index.hpp"
#include "store/database.hpp"
#include "text/utf8.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kUrlBytes = 4'000;

// --- posts, cases, tags

Result<cases::HistoryPlace> place_of(RequestContext& context) {
  cases::HistoryPlace place;
  if (auto cursor = TRY(context.cursor())) {
    place.at = TRY(cursor->root()["at"].integer());
    place.id = TRY(cursor->root()["id"].integer());
  }
  return place;
}

// A page of what was read one longer than asked for.
template <class T, class At>
net::HttpResponse history_page(const std::vector<T>& rows, int limit, At at) {
  json::array list;
  std::optional<std::string> next;
  for (const auto& row : rows) {
    if (static_cast<int>(list.size()) == limit) {
      const auto& last = rows[static_cast<std::size_t>(limit) - 1];
      next = encode_cursor({{"at", at(last)}, {"id", last.id}});
      break;
    }
    list.push_back(cases::to_json(row));
  }
  return page(std::move(list), std::move(next));
}

Result<net::HttpResponse> list_posts(RequestContext& context, Services& services) {
  const int limit = TRY(context.limit());
  const auto place = TRY(place_of(context));
  auto reader = TRY(services.database->reader());
  const Id person_id =
      TRY(people::current_person(*reader, context.workspace_id(), TRY(context.id("person_id"))));
  const auto rows = TRY(cases::person_posts(*reader, context.workspace_id(), person_id, place, limit + 1));
  return history_page(rows, limit, [](const cases::PersonPost& post) { return post.at; });
}

Result<net::HttpResponse> list_cases(RequestContext& context, Services& services) {
  const int limit = TRY(context.limit());
  const auto place = TRY(place_of(context));
  auto reader = TRY(services.database->reader());
  const Id person_id =
      TRY(people::current_person(*reader, context.workspace_id(), TRY(context.id("person_id"))));
  const auto rows = TRY(cases::person_cases(*reader, context.workspace_id(), person_id, place, limit + 1,
                                            context.query("tag")));
  return history_page(rows, limit, [](const cases::PersonCase& row) { return row.last_post_at; });
}

Result<net::HttpResponse> list_tags(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  const Id person_id =
      TRY(people::current_person(*reader, context.workspace_id(), TRY(context.id("person_id"))));
  json::array list;
  for (const auto& tag : TRY(cases::person_tags(*reader, context.workspace_id(), person_id)))
    list.push_back(json::object{{"tag", tag.tag}, {"cases", tag.cases}});
  return items(std::move(list));
}

Result<net::HttpResponse> find(RequestContext& context, Services& services) {
  const auto query = context.query("q");
  if (query.empty()) return invalid("Say whom to search for.", "q");
  if (text::find_invalid_utf8(query)) return invalid("is not valid UTF-8", "q");
  if (query.size() > search::kQueryLimitBytes) return invalid("is too long", "q");
  const auto limit = static_cast<std::size_t>(TRY(context.limit(20, 50)));
  auto reader = TRY(services.database->reader());
  json::array list;
  for (const auto& person : TRY(people::find_people(*reader, context.workspace_id(), query, limit)))
    list.push_back(people::to_json(person));
  return items(std::move(list));
}

// --- one customer that was two, and the other way round

net::HttpResponse joined(const people::Joined& done) {
  return ok(json::object{{"change_id", to_string(done.change_id)}, {"person", people::to_json(done.person)}});
}

Result<Id> id_in(JsonView value) {
  const auto id = parse_id(TRY(value.view()));
  if (!id) return invalid("is no id", value.pointer());
  return *id;
}

Result<net::HttpResponse> merge(RequestContext& context, Services& services) {
  TRY(context.only_members({"person_id"}));
  return joined(TRY(services.joining->merge(context.workspace_id(), TRY(context.id("person_id")),
                                            TRY(id_in(context.body()["person_id"])), context.user_id())));
}

Result<net::HttpResponse> split(RequestContext& context, Services& services) {
  TRY(context.only_members({"identity_ids"}));
  const auto list = context.body()["identity_ids"];
  if (!list.is_array()) return invalid("expected an array", "/identity_ids");
  if (list.size() > people::kIdentitiesLimit) return invalid("too many", "/identity_ids");
  std::vector<Id> ids;
  TRY(list.each([&](JsonView one) -> Result<void> {
    ids.push_back(TRY(id_in(one)));
    return {};
  }));
  return joined(TRY(
      services.joining->split(context.workspace_id(), TRY(context.id("person_id")), ids, context.user_id())));
}

Result<net::HttpResponse> list_changes(RequestContext& context, Services& services) {
  json::array list;
  for (const auto& change :
       TRY(services.joining->changes(context.workspace_id(), TRY(context.id("person_id")))))
    list.push_back(people::to_json(change));
  return items(std::move(list));
}

Result<net::HttpResponse> list_suggestions(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  json::array list;
  for (const auto& one :
       TRY(people::suggest_same(*reader, context.workspace_id(), TRY(context.id("person_id")))))
    list.push_back(people::to_json(one));
  return items(std::move(list));
}

Result<net::HttpResponse> keep_apart(RequestContext& context, Services& services, bool apart) {
  TRY(services.joining->keep_apart(context.workspace_id(), TRY(context.id("person_id")),
                                   TRY(context.id("other_id")), context.user_id(), apart));
  return no_content();
}

// --- fields

Result<net::HttpResponse> read_fields(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  return ok(people::to_json(TRY(people::read_fields(*reader, context.workspace_id()))));
}

Result<net::HttpResponse> save_fields(RequestContext& context, Services& services) {
  TRY(context.only_members({"version", "fields"}));
  return ok(people::to_json(
      TRY(services.database->writer().write_result([&](store::Transaction& tx) -> Result<people::FieldSet> {
        return people::save_fields(tx, *services.ids, context.workspace_id(), context.user_id(),
                                   services.clock->now_ms(), context.body());
      }))));
}

// --- the company's own system

Result<net::HttpResponse> read_source(RequestContext& context, Services& services) {
  const auto source = TRY(services.company_facts->source(context.workspace_id()));
  json::object body{{"source", nullptr}};
  if (source) body["source"] = people::to_json(*source);
  return ok(body);
}

Result<net::HttpResponse> save_source(RequestContext& context, Services& services) {
  TRY(context.only_members({"url", "enabled", "keep_minutes", "new_secret"}));
  const auto body = context.body();
  people::CompanyFacts::Wanted wanted;
  if (!body["url"].is_null()) wanted.url = TRY(body["url"].string(kUrlBytes));
  if (!body["enabled"].is_null()) wanted.enabled = TRY(body["enabled"].boolean());
  if (!body["keep_minutes"].is_null()) wanted.keep_minutes = TRY(body["keep_minutes"].integer());
  wanted.new_secret = TRY(body["new_secret"].boolean_or(false));
  const auto source =
      TRY(services.company_facts->set_source(context.workspace_id(), context.user_id(), wanted));
  return ok(json::object{{"source", people::to_json(source)}});
}

Result<net::HttpResponse> facts(RequestContext& context, Services& services, bool again) {
  return ok(people::to_json(
      TRY(services.company_facts->facts(context.workspace_id(), TRY(context.id("person_id")), again))));
}

}  // namespace

void add_person_card_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", in_workspace("/people"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return find(context, services); }});
  router.add({"GET", in_workspace("/people/{person_id}/posts"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return list_posts(context, services); }});
  router.add({"GET", in_workspace("/people/{person_id}/cases"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return list_cases(context, services); }});
  router.add({"GET", in_workspace("/people/{person_id}/tags"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return list_tags(context, services); }});
  router.add({"POST", in_workspace("/people/{person_id}/merge"), Permission::kEditPeople, BodyRule::json(),
              [&](RequestContext& context) { return merge(context, services); }});
  router.add({"POST", in_workspace("/people/{person_id}/split"), Permission::kEditPeople, BodyRule::json(),
              [&](RequestContext& context) { return split(context, services); }});
  router.add({"GET", in_workspace("/people/{person_id}/changes"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return list_changes(context, services); }});
  router.add({"POST", in_workspace("/person_changes/{change_id}/undo"), Permission::kEditPeople,
              BodyRule::optional_json(), [&](RequestContext& context) -> Result<net::HttpResponse> {
                return joined(TRY(services.joining->undo(context.workspace_id(), TRY(context.id("change_id")),
                                                         context.user_id())));
              }});
  router.add({"GET", in_workspace("/people/{person_id}/suggestions"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return list_suggestions(context, services); }});
  router.add({"PUT", in_workspace("/people/{person_id}/apart/{other_id}"), Permission::kEditPeople,
              BodyRule::optional_json(),
              [&](RequestContext& context) { return keep_apart(context, services, true); }});
  router.add({"DELETE", in_workspace("/people/{person_id}/apart/{other_id}"), Permission::kEditPeople,
              BodyRule::none(),
              [&](RequestContext& context) { return keep_apart(context, services, false); }});
  router.add({"GET", in_workspace("/people/{person_id}/facts"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return facts(context, services, false); }});
  router.add({"POST", in_workspace("/people/{person_id}/facts/refresh"), Permission::kEditPeople,
              BodyRule::optional_json(),
              [&](RequestContext& context) { return facts(context, services, true); }});
  router.add({"GET", in_workspace("/person_fields"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return read_fields(context, services); }});
  router.add({"PUT", in_workspace("/person_fields"), Permission::kEditSettings, BodyRule::json(),
              [&](RequestContext& context) { return save_fields(context, services); }});
  router.add({"GET", in_workspace("/customer_source"), Permission::kEditSettings, BodyRule::none(),
              [&](RequestContext& context) { return read_source(context, services); }});
  router.add({"PUT", in_workspace("/customer_source"), Permission::kEditSettings, BodyRule::json(),
              [&](RequestContext& context) { return save_source(context, services); }});
  router.add({"DELETE", in_workspace("/customer_source"), Permission::kEditSettings, BodyRule::none(),
              [&](RequestContext& context) -> Result<net::HttpResponse> {
                TRY(services.company_facts->remove_source(context.workspace_id()));
                return no_content();
              }});
}

}  // namespace kiki::api
