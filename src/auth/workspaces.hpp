#pragma once
// Workspaces and who belongs to them. Every change of a membership is an event (member.changed) in the
// workspace's log.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/policy.hpp"
#include "auth/role.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "events/event_log.hpp"
#include "store/database.hpp"

namespace kiki::auth {

struct WorkspaceSettings {
  std::int64_t undo_send_seconds = 5;
  // Names of the console's own reasons (i18n "dismiss_reason.<name>"); whatever a workspace adds is shown as
  // it is.
  std::vector<std::string> dismiss_reasons = {"not_about_us", "between_users", "rather_left_alone", "noise",
                                              "duplicate"};
  std::vector<std::int64_t> snooze_presets_minutes = {60, 240, 1'440, 4'320};
};
// The settings column; what is missing there has its default.
WorkspaceSettings parse_settings(std::string_view stored);
std::string settings_text(const WorkspaceSettings& settings);

struct Workspace {
  Id id = 0;
  std::string name;
  std::string time_zone;
  std::string language;
  WorkspaceSettings settings;
  TimeMs created_at = 0;
};

struct NewWorkspace {
  std::string name;
  std::string time_zone;
  std::string language;
};

struct WorkspaceChanges {
  std::optional<std::string> name;
  std::optional<std::string> time_zone;
  std::optional<std::string> language;
  std::optional<WorkspaceSettings> settings;
};

struct Membership {
  Id workspace_id = 0;
  std::string workspace_name;
  Role role = Role::kViewer;
};

struct Member {
  Id user_id = 0;
  std::string name;
  std::string email;
  std::string initials;
  Role role = Role::kViewer;
  TimeMs created_at = 0;
};

class Workspaces {
 public:
  Workspaces(store::Database& database, const Clock& clock, IdGenerator& ids, events::EventLog& events)
      : database_(database), clock_(clock), ids_(ids), events_(events) {}

  // kInvalid for an empty name, an unknown zone or language.
  static Result<void> check(const NewWorkspace& wanted);
  Result<Id> create(store::Transaction& tx, const NewWorkspace& wanted, Id owner_id);
  Result<Id> create(const NewWorkspace& wanted, Id owner_id);
  Result<std::optional<Workspace>> find(Id workspace_id);
  Result<void> update(Id workspace_id, const WorkspaceChanges& changes);

  Result<std::vector<Membership>> of_user(Id user_id);  // by name
  Result<std::vector<Member>> members(Id workspace_id, Id after_user_id, int limit);
  Result<std::optional<Member>> member(Id workspace_id, Id user_id);
  // Is there somebody besides `user_id`, not disabled, whose role may do that?
  Result<bool> anyone_else_may(Id workspace_id, Id user_id, Permission permission);
  // kConflict "already_member".
  Result<void> add_member(store::Transaction& tx, Id workspace_id, Id user_id, Role role, Id actor_id);
  // kNotFound; kConflict "last_owner" when nobody would own the workspace. The caller has asked the policy.
  Result<void> set_role(Id workspace_id, Id user_id, Role role, Id actor_id);
  Result<void> remove_member(Id workspace_id, Id user_id, Id actor_id);

 private:
  Result<Role> role_in(store::Connection& db, Id workspace_id, Id user_id);
  Result<void> keep_an_owner(store::Connection& db, Id workspace_id, Id user_id);
  Result<void> tell(store::Transaction& tx, Id workspace_id, Id user_id, std::string_view change, Role role,
                    Id actor_id);

  store::Database& database_;
  const Clock& clock_;
  IdGenerator& ids_;
  events::EventLog& events_;
};

}  // namespace kiki::auth
