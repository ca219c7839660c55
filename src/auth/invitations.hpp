#pragma once
// Invitations: a link that makes whoever opens it a member, once, within a week.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/role.hpp"
#include "auth/users.hpp"
#include "auth/workspaces.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "store/database.hpp"

namespace kiki::auth {

inline constexpr TimeMs kInvitationLifeMs = 7LL * 24 * 60 * 60 * 1'000;

struct Invitation {
  Id id = 0;
  Id workspace_id = 0;
  Role role = Role::kViewer;
  std::string email;  // "" = whoever has the link; else only this address
  TimeMs created_at = 0;
  TimeMs expires_at = 0;
  std::optional<TimeMs> used_at;
};

struct InvitationPreview {
  Invitation invitation;
  std::string workspace_name;
  std::string invited_by;
};

struct MadeInvitation {
  Invitation invitation;
  std::string secret;  // for the link, shown once
};

class Invitations {
 public:
  Invitations(store::Database& database, const Clock& clock, Random& random, IdGenerator& ids, Users& users,
              Workspaces& workspaces, Sessions& sessions)
      : database_(database),
        clock_(clock),
        random_(random),
        ids_(ids),
        users_(users),
        workspaces_(workspaces),
        sessions_(sessions) {}

  Result<std::vector<Invitation>> list(Id workspace_id, Id after_id, int limit);
  Result<std::optional<Invitation>> find(Id workspace_id, Id invitation_id);
  Result<MadeInvitation> create(Id workspace_id, Role role, std::string_view email, Id created_by);
  Result<void> remove(Id workspace_id, Id invitation_id);

  // kNotFound for an unknown link; kGone with code "invitation_used" or "invitation_expired".
  Result<InvitationPreview> preview(std::string_view secret);
  // Somebody new: makes the person, the membership and a session in one transaction.
  struct Accepted {
    Id user_id = 0;
    NewSession session;
  };
  Result<Accepted> accept_as_new(std::string_view secret, NewUser wanted, std::string_view remote_ip,
                                 std::string_view user_agent);
  // Somebody signed in. kForbidden "other_email" when the invitation names another address.
  Result<void> accept(std::string_view secret, Id user_id, std::string_view email);

 private:
  Result<InvitationPreview> read(store::Connection& db, std::string_view secret);
  Result<void> use(store::Transaction& tx, std::string_view secret, Id user_id, std::string_view email);

  store::Database& database_;
  const Clock& clock_;
  Random& random_;
  IdGenerator& ids_;
  Users& users_;
  Workspaces& workspaces_;
  Sessions& sessions_;
};

}  // namespace kiki::auth
