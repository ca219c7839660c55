// Workspaces and their settings.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "auth/workspaces.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kFieldBytes = 1'024;
constexpr std::size_t kReasonsMost = 30;
constexpr std::size_t kReasonMostBytes = 100;
constexpr std::size_t kPresetsMost = 10;
constexpr std::int64_t kUndoMostSeconds = 30;
constexpr std::int64_t kSnoozeMostMinutes = 365 * 24 * 60;

Result<net::HttpResponse> show(Services& services, Id workspace_id, auth::Role role, int status) {
  const auto workspace = TRY(services.workspaces->find(workspace_id));
  if (!workspace) return not_found("There is no such workspace.");
  json::object body;
  body["id"] = id_json(workspace->id);
  body["name"] = workspace->name;
  body["time_zone"] = workspace->time_zone;
  body["language"] = workspace->language;
  body["settings"] = parsed_json(auth::settings_text(workspace->settings));
  body["role"] = auth::name(role);
  body["created_at"] = time_json(workspace->created_at);
  return status == 201 ? created(body) : ok(body);
}

Result<net::HttpResponse> create(RequestContext& context, Services& services) {
  TRY(context.only_members({"name", "time_zone", "language"}));
  auth::NewWorkspace wanted;
  wanted.name = TRY(context.body()["name"].string(kFieldBytes));
  wanted.time_zone = TRY(context.body()["time_zone"].string(kFieldBytes));
  wanted.language = TRY(context.body()["language"].string(kFieldBytes));
  const Id id = TRY(services.workspaces->create(wanted, context.user_id()));
  return show(services, id, auth::Role::kOwner, 201);
}

Result<std::int64_t> integer_between(JsonView value, std::int64_t least, std::int64_t most) {
  const std::int64_t number = TRY(value.integer());
  if (number >= least && number <= most) return number;
  return invalid("Expected a number from " + std::to_string(least) + " to " + std::to_string(most) + ".",
                 value.pointer());
}

Result<std::vector<std::string>> read_reasons(JsonView value) {
  if (!value.is_array()) return invalid("Expected an array.", value.pointer());
  if (value.size() > kReasonsMost) return invalid("At most 30 reasons.", value.pointer());
  std::vector<std::string> reasons;
  TRY(value.each([&](JsonView item) -> Result<void> {
    reasons.push_back(TRY(item.string(kReasonMostBytes)));
    if (reasons.back().find_first_not_of(' ') == std::string::npos) {
      return invalid("The reason is empty.", item.pointer());
    }
    return {};
  }));
  return reasons;
}

Result<std::vector<std::int64_t>> read_presets(JsonView value) {
  if (!value.is_array()) return invalid("Expected an array.", value.pointer());
  if (value.size() > kPresetsMost) return invalid("At most 10 presets.", value.pointer());
  std::vector<std::int64_t> presets;
  TRY(value.each([&](JsonView item) -> Result<void> {
    presets.push_back(TRY(integer_between(item, 1, kSnoozeMostMinutes)));
    return {};
  }));
  return presets;
}

// Leads keep the list of reasons; everything else is the administrators'.
Result<void> read_setting(const RequestContext& context, auth::WorkspaceSettings& settings,
                          std::string_view key, JsonView value) {
  if (key == "dismiss_reasons") {
    settings.dismiss_reasons = TRY(read_reasons(value));
    return {};
  }
  TRY(context.require(auth::Permission::kEditSettings));
  if (key == "undo_send_seconds") {
    settings.undo_send_seconds = TRY(integer_between(value, 0, kUndoMostSeconds));
  } else if (key == "snooze_presets_minutes") {
    settings.snooze_presets_minutes = TRY(read_presets(value));
  } else {
    return invalid("There is no setting of this name.", value.pointer());
  }
  return {};
}

Result<net::HttpResponse> change(RequestContext& context, Services& services) {
  TRY(context.only_members({"name", "time_zone", "language", "settings"}));
  const JsonView body = context.body();
  auth::WorkspaceChanges changes;
  if (body["name"].exists()) changes.name = TRY(body["name"].string(kFieldBytes));
  if (body["time_zone"].exists()) changes.time_zone = TRY(body["time_zone"].string(kFieldBytes));
  if (body["language"].exists()) changes.language = TRY(body["language"].string(kFieldBytes));
  if (changes.name || changes.time_zone || changes.language)
    TRY(context.require(auth::Permission::kEditSettings));
  if (body["settings"].exists()) {
    if (!body["settings"].is_object()) return invalid("Expected an object.", "/settings");
    const auto workspace = TRY(services.workspaces->find(context.workspace_id()));
    auth::WorkspaceSettings settings = workspace ? workspace->settings : auth::WorkspaceSettings{};
    TRY(body["settings"].each_member(
        [&](std::string_view key, JsonView value) { return read_setting(context, settings, key, value); }));
    changes.settings = std::move(settings);
  }
  TRY(services.workspaces->update(context.workspace_id(), changes));
  return show(services, context.workspace_id(), context.role(), 200);
}

}  // namespace

void add_workspace_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"POST", in_api("/workspaces"), Permission::kCreateWorkspace, BodyRule::json(),
              [&](RequestContext& context) { return create(context, services); }});
  router.add({"GET", in_workspace(""), Permission::kReadDesk, BodyRule::none(), [&](RequestContext& context) {
                return show(services, context.workspace_id(), context.role(), 200);
              }});
  router.add({"PATCH", in_workspace(""), Permission::kEditDismissReasons, BodyRule::json(),
              [&](RequestContext& context) { return change(context, services); }});
}

}  // namespace kiki::api
