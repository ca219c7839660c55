// Each change of a membership checks, changes and tells of it in one transaction.

#include "auth/workspaces.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "base/json.hpp"

namespace kiki::auth {

namespace {

constexpr std::size_t kNameMostBytes = 200;
constexpr std::size_t kZoneMostBytes = 64;

Result<void> check_name(std::string_view name) {
  if (name.find_first_not_of(' ') == std::string_view::npos) return invalid("The name is empty.", "/name");
  if (name.size() > kNameMostBytes) return invalid("The name is too long.", "/name");
  return {};
}

// The shape of an IANA name ("Asia/Tokyo", "UTC"); whether it exists is for the browser's list to say.
Result<void> check_zone(std::string_view zone) {
  const bool is_zone = !zone.empty() && zone.size() <= kZoneMostBytes && zone.front() != '/' &&
                       zone.back() != '/' && std::all_of(zone.begin(), zone.end(), [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                c == '/' || c == '_' || c == '-' || c == '+';
                       });
  if (!is_zone) return invalid("Expected a time zone like \"Asia/Tokyo\".", "/time_zone");
  return {};
}

Result<void> check_language(std::string_view language) {
  if (language == "ja" || language == "en") return {};
  return invalid("Expected \"ja\" or \"en\".", "/language");
}

}  // namespace

WorkspaceSettings parse_settings(std::string_view stored) {
  WorkspaceSettings settings;
  const auto document = JsonDocument::parse(stored);
  if (!document.ok()) return settings;
  const JsonView root = document->root();
  if (const auto n = root["undo_send_seconds"].integer(); n.ok()) settings.undo_send_seconds = *n;
  if (root["dismiss_reasons"].is_array()) {
    settings.dismiss_reasons.clear();
    (void)root["dismiss_reasons"].each([&](JsonView item) -> Result<void> {
      settings.dismiss_reasons.emplace_back(item.text());
      return {};
    });
  }
  if (root["snooze_presets_minutes"].is_array()) {
    settings.snooze_presets_minutes.clear();
    (void)root["snooze_presets_minutes"].each([&](JsonView item) -> Result<void> {
      settings.snooze_presets_minutes.push_back(item.number_or_zero());
      return {};
    });
  }
  return settings;
}

std::string settings_text(const WorkspaceSettings& settings) {
  json::array reasons(settings.dismiss_reasons.begin(), settings.dismiss_reasons.end());
  json::array presets(settings.snooze_presets_minutes.begin(), settings.snooze_presets_minutes.end());
  json::object body;
  body["undo_send_seconds"] = settings.undo_send_seconds;
  body["dismiss_reasons"] = std::move(reasons);
  body["snooze_presets_minutes"] = std::move(presets);
  return json::serialize(body);
}

Result<void> Workspaces::check(const NewWorkspace& wanted) {
  TRY(check_name(wanted.name));
  TRY(check_zone(wanted.time_zone));
  return check_language(wanted.language);
}

Result<Id> Workspaces::create(store::Transaction& tx, const NewWorkspace& wanted, Id owner_id) {
  TRY(check(wanted));
  const Id id = ids_.next();
  TRY(
      tx.db().run("INSERT INTO workspaces (id, name, time_zone, language, settings, created_at) VALUES ($1, "
                  "$2, $3, $4, $5, $6)",
                  {id, wanted.name, wanted.time_zone, wanted.language, "{}", clock_.now_ms()}));
  TRY(add_member(tx, id, owner_id, Role::kOwner, owner_id));
  return id;
}

Result<Id> Workspaces::create(const NewWorkspace& wanted, Id owner_id) {
  return database_.writer().write_result(
      [&](store::Transaction& tx) -> Result<Id> { return create(tx, wanted, owner_id); });
}

Result<std::optional<Workspace>> Workspaces::find(Id workspace_id) {
  auto reader = TRY(database_.reader());
  return reader->one(
      "SELECT id, name, time_zone, language, settings, created_at FROM workspaces "
      "WHERE id = $1 AND archived_at IS NULL",
      {workspace_id}, [](const store::Row& row) {
        return Workspace{
            row.integer(0), row.string(1), row.string(2), row.string(3), parse_settings(row.text(4)),
            row.integer(5)};
      });
}

Result<void> Workspaces::update(Id workspace_id, const WorkspaceChanges& changes) {
  if (changes.name) TRY(check_name(*changes.name));
  if (changes.time_zone) TRY(check_zone(*changes.time_zone));
  if (changes.language) TRY(check_language(*changes.language));
  std::optional<std::string> settings;
  if (changes.settings) settings = settings_text(*changes.settings);
  return database_.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(
        tx.db().run("UPDATE workspaces SET name = COALESCE($1, name), time_zone = COALESCE($2, time_zone), "
                    "language = COALESCE($3, language), settings = COALESCE($4, settings) WHERE id = $5",
                    {changes.name, changes.time_zone, changes.language, settings, workspace_id}));
    return {};
  });
}

Result<std::vector<Membership>> Workspaces::of_user(Id user_id) {
  auto reader = TRY(database_.reader());
  return reader->all(
      "SELECT w.id, w.name, m.role FROM memberships m JOIN workspaces w ON w.id = m.workspace_id "
      "WHERE m.user_id = $1 AND w.archived_at IS NULL ORDER BY w.name, w.id",
      {user_id}, [](const store::Row& row) {
        return Membership{row.integer(0), row.string(1), parse_role(row.text(2)).value_or(Role::kViewer)};
      });
}

namespace {

constexpr std::string_view kMemberColumns =
    "SELECT m.user_id, u.name, u.email, u.initials, m.role, m.created_at FROM memberships m "
    "JOIN users u ON u.id = m.user_id WHERE m.workspace_id = $1 ";

Member read_member(const store::Row& row) {
  return Member{row.integer(0),
                row.string(1),
                row.string(2),
                row.string(3),
                parse_role(row.text(4)).value_or(Role::kViewer),
                row.integer(5)};
}

}  // namespace

Result<std::vector<Member>> Workspaces::members(Id workspace_id, Id after_user_id, int limit) {
  auto reader = TRY(database_.reader());
  return reader->all(std::string(kMemberColumns) + "AND m.user_id > $2 ORDER BY m.user_id LIMIT $3",
                     {workspace_id, after_user_id, limit}, read_member);
}

Result<std::optional<Member>> Workspaces::member(Id workspace_id, Id user_id) {
  auto reader = TRY(database_.reader());
  return reader->one(std::string(kMemberColumns) + "AND m.user_id = $2", {workspace_id, user_id},
                     read_member);
}

Result<bool> Workspaces::anyone_else_may(Id workspace_id, Id user_id, Permission permission) {
  auto reader = TRY(database_.reader());
  const auto roles = TRY(reader->all(
      "SELECT DISTINCT m.role FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = $1 "
      "AND m.user_id <> $2 AND u.disabled_at IS NULL",
      {workspace_id, user_id},
      [](const store::Row& row) { return parse_role(row.text(0)).value_or(Role::kViewer); }));
  return std::any_of(roles.begin(), roles.end(), [&](Role role) { return may(role, permission); });
}

Result<void> Workspaces::add_member(store::Transaction& tx, Id workspace_id, Id user_id, Role role,
                                    Id actor_id) {
  const auto added = TRY(
      tx.db().run("INSERT INTO memberships (workspace_id, user_id, role, created_at) VALUES ($1, $2, $3, $4) "
                  "ON CONFLICT (workspace_id, user_id) DO NOTHING",
                  {workspace_id, user_id, name(role), clock_.now_ms()}));
  if (added == 0) return conflict("This person belongs to the workspace already.", "already_member");
  return tell(tx, workspace_id, user_id, "joined", role, actor_id);
}

Result<Role> Workspaces::role_in(store::Connection& db, Id workspace_id, Id user_id) {
  const auto role =
      TRY(db.one("SELECT role FROM memberships WHERE workspace_id = $1 AND user_id = $2",
                 {workspace_id, user_id}, [](const store::Row& row) { return parse_role(row.text(0)); }));
  if (!role || !*role) return not_found("There is no such member.");
  return **role;
}

Result<void> Workspaces::keep_an_owner(store::Connection& db, Id workspace_id, Id user_id) {
  const auto other = TRY(db.one(
      "SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id "
      "WHERE m.workspace_id = $1 AND m.role = 'owner' AND m.user_id <> $2 AND u.disabled_at IS NULL LIMIT 1",
      {workspace_id, user_id}, [](const store::Row&) { return true; }));
  if (!other) return conflict("The workspace would be left without an owner.", "last_owner");
  return {};
}

Result<void> Workspaces::set_role(Id workspace_id, Id user_id, Role role, Id actor_id) {
  return database_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const Role before = TRY(role_in(tx.db(), workspace_id, user_id));
    if (before == role) return {};
    if (before == Role::kOwner) TRY(keep_an_owner(tx.db(), workspace_id, user_id));
    TRY(tx.db().run("UPDATE memberships SET role = $1 WHERE workspace_id = $2 AND user_id = $3",
                    {name(role), workspace_id, user_id}));
    return tell(tx, workspace_id, user_id, "role", role, actor_id);
  });
}

Result<void> Workspaces::remove_member(Id workspace_id, Id user_id, Id actor_id) {
  return database_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const Role before = TRY(role_in(tx.db(), workspace_id, user_id));
    if (before == Role::kOwner) TRY(keep_an_owner(tx.db(), workspace_id, user_id));
    TRY(tx.db().run("DELETE FROM memberships WHERE workspace_id = $1 AND user_id = $2",
                    {workspace_id, user_id}));
    // A link that somebody made must not let them back in, and a token that acts in their name ends with
    // them.
    TRY(tx.db().run("DELETE FROM invitations WHERE workspace_id = $1 AND created_by = $2 AND used_at IS NULL",
                    {workspace_id, user_id}));
    TRY(
        tx.db().run("UPDATE api_tokens SET revoked_at = $1 WHERE workspace_id = $2 AND created_by = $3 AND "
                    "account_id IS NULL "
                    "AND revoked_at IS NULL",
                    {clock_.now_ms(), workspace_id, user_id}));
    return tell(tx, workspace_id, user_id, "removed", before, actor_id);
  });
}

Result<void> Workspaces::tell(store::Transaction& tx, Id workspace_id, Id user_id, std::string_view change,
                              Role role, Id actor_id) {
  events::Event event;
  event.workspace_id = workspace_id;
  event.kind = "member.changed";
  event.actor_id = actor_id;
  json::object data;
  data["user_id"] = to_string(user_id);
  data["change"] = change;
  data["role"] = name(role);
  event.data = json::serialize(data);
  return events_.append(tx, std::move(event));
}

}  // namespace kiki::auth
