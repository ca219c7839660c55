#pragma once
// Links that work once: the set-up link of a fresh desk, and signed-in links for `serve --sample` and the
// command line. Their hashes stand in the meta table.

#include <optional>
#include <string>
#include <string_view>

#include "auth/sessions.hpp"
#include "auth/users.hpp"
#include "auth/workspaces.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "store/database.hpp"

namespace kiki::auth {

inline constexpr TimeMs kLoginLinkLifeMs = 60LL * 60 * 1'000;

struct SetUp {
  Id user_id = 0;
  Id workspace_id = 0;
  NewSession session;
};

struct SignedIn {
  Id user_id = 0;
  NewSession session;
};

class OneTimeLinks {
 public:
  OneTimeLinks(store::Database& database, const Clock& clock, Random& random, Users& users,
               Workspaces& workspaces, Sessions& sessions)
      : database_(database),
        clock_(clock),
        random_(random),
        users_(users),
        workspaces_(workspaces),
        sessions_(sessions) {}

  // At start: a new token for /setup#TOKEN while nobody works here yet (an older one ends); nothing
  // otherwise.
  Result<std::optional<std::string>> make_setup_token();
  // Makes the owner, the workspace and a session. kConflict "already_set_up"; kForbidden "wrong_token".
  Result<SetUp> set_up(std::string_view token, const NewUser& owner, const NewWorkspace& workspace,
                       std::string_view remote_ip, std::string_view user_agent);
  // The same from the command line, without a link: for `serve --sample` and tests. No session.
  Result<SetUp> set_up_locally(const NewUser& owner, const NewWorkspace& workspace);

  // A token for /login#TOKEN that signs this person in once, within an hour.
  Result<std::string> make_login_token(Id user_id);
  // kUnauthenticated "wrong_token".
  Result<SignedIn> sign_in(std::string_view token, std::string_view remote_ip, std::string_view user_agent);

 private:
  Result<SetUp> make_first(store::Transaction& tx, const Users::Prepared& owner,
                           const NewWorkspace& workspace);

  store::Database& database_;
  const Clock& clock_;
  Random& random_;
  Users& users_;
  Workspaces& workspaces_;
  Sessions& sessions_;
};

}  // namespace kiki::auth
