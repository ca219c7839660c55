#pragma once
// Tokens for programs: bound to one channel account (the open channel), or acting as a role in one workspace.
// The secret is shown once and stored as SHA-256.

#include <optional>
#include <string>
#include <vector>

#include "auth/role.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "store/database.hpp"

namespace kiki::auth {

struct ApiToken {
  Id id = 0;
  Id workspace_id = 0;
  Id account_id = 0;         // 0: a role token
  std::optional<Role> role;  // nothing: an account token
  std::string name;
  TimeMs created_at = 0;
  std::optional<TimeMs> last_used_at;
  std::optional<TimeMs> revoked_at;
};

struct NewToken {
  Id workspace_id = 0;
  Id account_id = 0;
  std::optional<Role> role;
  std::string name;
  Id created_by = 0;
};

struct MadeToken {
  ApiToken token;
  std::string secret;  // "kiki_…"
};

class Tokens {
 public:
  Tokens(store::Database& database, const Clock& clock, Random& random, IdGenerator& ids)
      : database_(database), clock_(clock), random_(random), ids_(ids) {}

  // Oldest first; also revoked ones.
  Result<std::vector<ApiToken>> list(Id workspace_id, Id after_id, int limit);
  // kNotFound when the account is not of this workspace.
  Result<MadeToken> create(const NewToken& wanted);
  // For whoever makes an account and its token in one transaction (connecting an open channel).
  Result<MadeToken> create(store::Transaction& tx, const NewToken& wanted);
  Result<void> revoke(Id workspace_id, Id token_id);  // kNotFound; again is no error

 private:
  store::Database& database_;
  const Clock& clock_;
  Random& random_;
  IdGenerator& ids_;
};

}  // namespace kiki::auth
