// The matrix once more, cell by cell and by hand: whoever changes the policy changes it here too, and sees
// what it means.

#include "auth/policy.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace kiki::auth {
namespace {

struct Line {
  Permission permission;
  std::string_view name;
  bool viewer, agent, lead, administrator, owner;
};

constexpr Line kMatrix[] = {
    {Permission::kUnset, "", 0, 0, 0, 0, 0},
    {Permission::kPublic, "public", 0, 0, 0, 0, 0},
    {Permission::kOwnProfile, "own_profile", 0, 0, 0, 0, 0},
    {Permission::kCreateWorkspace, "create_workspace", 0, 0, 0, 0, 0},
    {Permission::kSeeMetrics, "see_metrics", 0, 0, 0, 0, 0},
    {Permission::kOpenChannel, "open_channel", 0, 0, 0, 0, 0},
    {Permission::kReadDesk, "read_desk", 1, 1, 1, 1, 1},
    {Permission::kShowPresence, "show_presence", 1, 1, 1, 1, 1},
    {Permission::kWorkCases, "work_cases", 0, 1, 1, 1, 1},
    {Permission::kReply, "reply", 0, 1, 1, 1, 1},
    {Permission::kEditPeople, "edit_people", 0, 1, 1, 1, 1},
    {Permission::kManageTopics, "manage_topics", 0, 0, 1, 1, 1},
    {Permission::kApproveReplies, "approve_replies", 0, 0, 1, 1, 1},
    {Permission::kEditReplyRules, "edit_reply_rules", 0, 0, 1, 1, 1},
    {Permission::kManageTeams, "manage_teams", 0, 0, 1, 1, 1},
    {Permission::kEditPromises, "edit_promises", 0, 0, 1, 1, 1},
    {Permission::kEditDismissReasons, "edit_dismiss_reasons", 0, 0, 1, 1, 1},
    {Permission::kSeeJournal, "see_journal", 0, 0, 1, 1, 1},
    {Permission::kReplayJournal, "replay_journal", 0, 0, 0, 1, 1},
    {Permission::kManageAccounts, "manage_accounts", 0, 0, 0, 1, 1},
    {Permission::kRunSample, "run_sample", 0, 0, 0, 1, 1},
    {Permission::kEditSettings, "edit_settings", 0, 0, 0, 1, 1},
    {Permission::kManageMembers, "manage_members", 0, 0, 0, 1, 1},
    {Permission::kManageTokens, "manage_tokens", 0, 0, 0, 1, 1},
    {Permission::kManageOwners, "manage_owners", 0, 0, 0, 0, 1},
};

TEST(Policy, TheMatrixIsWhatIsWrittenHere) {
  ASSERT_EQ(std::size(kMatrix), static_cast<std::size_t>(kPermissions))
      << "a permission is missing in this table";
  std::set<std::string_view> names;
  for (int i = 0; i < kPermissions; ++i) {
    const Line& line = kMatrix[i];
    ASSERT_EQ(static_cast<int>(line.permission), i);
    EXPECT_EQ(name(line.permission), line.name);
    EXPECT_TRUE(names.insert(line.name).second) << line.name << " twice";
    EXPECT_EQ(may(Role::kViewer, line.permission), line.viewer) << line.name;
    EXPECT_EQ(may(Role::kAgent, line.permission), line.agent) << line.name;
    EXPECT_EQ(may(Role::kLead, line.permission), line.lead) << line.name;
    EXPECT_EQ(may(Role::kAdministrator, line.permission), line.administrator) << line.name;
    EXPECT_EQ(may(Role::kOwner, line.permission), line.owner) << line.name;
    EXPECT_EQ(is_inside_workspace(line.permission), line.owner) << line.name;
  }
}

TEST(Role, NamesGoBothWays) {
  for (const Role role : kAllRoles) EXPECT_EQ(parse_role(name(role)), role);
  EXPECT_EQ(parse_role("Owner"), std::nullopt);
  EXPECT_EQ(parse_role(""), std::nullopt);
}

}  // namespace
}  // namespace kiki::auth
