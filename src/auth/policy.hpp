#pragma once
// The one place that decides who may do what. A route names its Permission; nothing else in the program
// compares roles. The matrix is may(); the Gate finds out who asks (authenticate) and whether they may here
// (authorize).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/role.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "net/http.hpp"
#include "store/database.hpp"

namespace kiki::auth {

// One per kind of action, a closed list. Each route has exactly one; the OpenAPI document repeats it as
// x-permission.
enum class Permission : std::uint8_t {
  kUnset,  // a route that forgot: refused when it is added
  // Outside of a workspace.
  kPublic,           // anybody, signed in or not
  kOwnProfile,       // any person with a session, about themselves
  kCreateWorkspace,  // owners and administrators of any workspace
  kSeeMetrics,       // this machine itself, owners and administrators, role tokens of administrators
  kOpenChannel,      // a token bound to an open-channel account, for that account only
  // Inside a workspace.
  kReadDesk,            // cases, people, topics, accounts, members, search, attachments, the live stream
  kShowPresence,        // "is looking at this case"
  kWorkCases,           // assign, snooze, resolve, dismiss, tag, title, draft, note
  kReply,               // replies, likes, reposts, deleting our own posts, uploading attachments
  kEditPeople,          // a customer's name and note, asking the network again
  kManageTopics,        // listening topics
  kApproveReplies,      // send or send back what waits for a second person; never one's own
  kEditReplyRules,      // how replies are checked, how an account speaks
  kManageTeams,         // teams, rules, and the macros and views that all share
  kEditPromises,        // opening hours, promises, the duty roster, the order of the list
  kEditDismissReasons,  // the reasons offered when a case is dismissed
  kSeeJournal,          // what could not be read, and the delivery log
  kReplayJournal,       // read it again
  kManageAccounts,      // connect, change, pause, remove channel accounts; send again from the delivery log
  kRunSample,           // the sample day
  kEditSettings,        // the workspace's name, zone and other settings
  kManageMembers,       // roles, removals, invitations
  kManageTokens,        // tokens for programs
  kManageOwners,        // everything that makes, changes or removes an owner
};
inline constexpr int kPermissions = static_cast<int>(Permission::kManageOwners) + 1;

std::string_view name(Permission permission);  // "read_desk", as in x-permission
bool is_inside_workspace(Permission permission);
// The matrix, for permissions inside a workspace; false for all others.
bool may(Role role, Permission permission);

// Who asks.
struct Principal {
  enum class Kind : std::uint8_t { kAnonymous, kUser, kRoleToken, kAccountToken };
  Kind kind = Kind::kAnonymous;
  Id user_id = 0;    // the person; for a token the person who made it, in whose name it acts
  std::string name;  // kUser only: name, language, e-mail as stored
  std::string language;
  std::string email;
  std::string csrf_token;      // kUser only
  std::string session_hash;    // kUser only: key of the session's row
  Id workspace_id = 0;         // tokens only: where they are valid
  Id account_id = 0;           // kAccountToken only
  Id token_id = 0;             // tokens only
  Role role = Role::kViewer;   // kRoleToken only
  bool from_loopback = false;  // the request came from this machine, through no proxy

  bool is_user() const { return kind == Kind::kUser; }
};

// What was decided: where, and as what.
struct Access {
  Id workspace_id = 0;        // 0 outside of a workspace
  Id account_id = 0;          // kOpenChannel: the token's account
  Id user_id = 0;             // who stands as actor in the event log; 0 = nobody
  Role role = Role::kViewer;  // meaningful inside a workspace
};

class Sessions;

struct GateOptions {
  std::string public_url;  // "https://desk.example.jp"; empty: whatever Host says
};

class Gate {
 public:
  Gate(store::Database& database, const Clock& clock, Sessions& sessions, GateOptions options);

  // Anonymous when the request carries no credentials. kUnauthenticated for a cookie or token that is wrong,
  // expired, revoked, or of somebody disabled. A session's unsafe request (not GET, HEAD) also needs its
  // X-CSRF-Token and must come from our own pages: else kForbidden with code "csrf".
  Result<Principal> authenticate(const net::HttpRequest& request);

  // Inside a workspace: kNotFound for whoever does not belong to it (its existence is not told), kForbidden
  // with code "role" when the role is too small. Outside (workspace_id 0): kUnauthenticated or kForbidden.
  Result<Access> authorize(const Principal& principal, Id workspace_id, Permission permission);

  // For what lasts longer than a request (a live stream): are the session or token, and the access, still
  // good? True when that cannot be found out just now.
  bool is_still_allowed(const Principal& principal, Id workspace_id, Permission permission);

  // Was an unsafe request made by a page of another origin? For public routes, which have no CSRF token yet.
  bool is_cross_site(const net::HttpRequest& request) const;

 private:
  Result<Principal> authenticate_token(std::string_view token);
  Result<bool> is_alive(const Principal& principal);

  store::Database& database_;
  const Clock& clock_;
  Sessions& sessions_;
  GateOptions options_;
};

}  // namespace kiki::auth
