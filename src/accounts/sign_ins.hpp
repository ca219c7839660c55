#pragma once
// Connecting on the network's own page: somebody goes there from the console, agrees, and comes back with a
// state that only the two know. Ten minutes, one use, for the browser that went.

#include <string>
#include <string_view>
#include <vector>

#include "accounts/accounts.hpp"
#include "store/seal.hpp"

namespace kiki::accounts {

class SignIns {
 public:
  SignIns(Parts parts, Accounts& accounts, const store::Sealer& sealer)
      : parts_(std::move(parts)), accounts_(accounts), sealer_(sealer) {}

  struct Begin {
    Id workspace_id = 0;
    Id user_id = 0;
    std::string session_hash;  // of the person's session: only it may finish
    std::string network;
    Fields fields;
    Id account_id = 0;  // to connect again; 0: a new one
    std::string redirect_url;
  };
  // The network's page to go to.
  Result<std::string> begin(const Begin& wanted, std::stop_token stop = {});

  struct Pending {
    Id workspace_id = 0;
    Id account_id = 0;
    Id user_id = 0;
    std::string network;
    std::string redirect_url;
    Fields keep;
  };
  // What the answer belongs to; nobody can take it a second time. kNotFound "sign_in_unknown" for a state
  // that we did not make, that was used, that has expired or that another browser began.
  Result<Pending> take(const Fields& answer, Id user_id, std::string_view session_hash);
  // Asks the channel and stores the account: a new one, or the same one with new credentials. kConflict
  // "other_account" when another one was to be connected again.
  struct Done {
    Id account_id = 0;
    bool is_new = false;
  };
  Result<Done> finish(const Pending& pending, const Fields& answer, std::stop_token stop = {});

 private:
  Parts parts_;
  Accounts& accounts_;
  const store::Sealer& sealer_;
};

// The network says that its owner did not agree.
bool was_denied(const Fields& answer);

}  // namespace kiki::accounts
