// The matrix. A greater role may everything a smaller one may, so each permission names the least role; a
// test writes the whole table out again, cell by cell.

#include "auth/policy.hpp"

#include "base/check.hpp"

namespace kiki::auth {

namespace {

// Nothing: not a permission inside a workspace.
std::optional<Role> least_role(Permission permission) {
  switch (permission) {
    case Permission::kUnset:
    case Permission::kPublic:
    case Permission::kOwnProfile:
    case Permission::kCreateWorkspace:
    case Permission::kSeeMetrics:
    case Permission::kOpenChannel:
      return std::nullopt;
    case Permission::kReadDesk:
    case Permission::kShowPresence:
      return Role::kViewer;
    case Permission::kWorkCases:
    case Permission::kReply:
    case Permission::kEditPeople:
      return Role::kAgent;
    case Permission::kManageTopics:
    case Permission::kApproveReplies:
    case Permission::kEditReplyRules:
    case Permission::kManageTeams:
    case Permission::kEditPromises:
    case Permission::kEditDismissReasons:
    case Permission::kSeeJournal:
      return Role::kLead;
    case Permission::kReplayJournal:
    case Permission::kManageAccounts:
    case Permission::kRunSample:
    case Permission::kEditSettings:
    case Permission::kManageMembers:
    case Permission::kManageTokens:
      return Role::kAdministrator;
    case Permission::kManageOwners:
      return Role::kOwner;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(Permission permission) {
  switch (permission) {
    case Permission::kUnset:
      return "";
    case Permission::kPublic:
      return "public";
    case Permission::kOwnProfile:
      return "own_profile";
    case Permission::kCreateWorkspace:
      return "create_workspace";
    case Permission::kSeeMetrics:
      return "see_metrics";
    case Permission::kOpenChannel:
      return "open_channel";
    case Permission::kReadDesk:
      return "read_desk";
    case Permission::kShowPresence:
      return "show_presence";
    case Permission::kWorkCases:
      return "work_cases";
    case Permission::kReply:
      return "reply";
    case Permission::kEditPeople:
      return "edit_people";
    case Permission::kManageTopics:
      return "manage_topics";
    case Permission::kApproveReplies:
      return "approve_replies";
    case Permission::kEditReplyRules:
      return "edit_reply_rules";
    case Permission::kManageTeams:
      return "manage_teams";
    case Permission::kEditPromises:
      return "edit_promises";
    case Permission::kEditDismissReasons:
      return "edit_dismiss_reasons";
    case Permission::kSeeJournal:
      return "see_journal";
    case Permission::kReplayJournal:
      return "replay_journal";
    case Permission::kManageAccounts:
      return "manage_accounts";
    case Permission::kRunSample:
      return "run_sample";
    case Permission::kEditSettings:
      return "edit_settings";
    case Permission::kManageMembers:
      return "manage_members";
    case Permission::kManageTokens:
      return "manage_tokens";
    case Permission::kManageOwners:
      return "manage_owners";
  }
  return "";
}

bool is_inside_workspace(Permission permission) {
  return least_role(permission).has_value();
}

bool may(Role role, Permission permission) {
  const auto least = least_role(permission);
  return least && role >= *least;
}

}  // namespace kiki::auth
