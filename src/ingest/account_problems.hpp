#pragma once
// What is wrong with an account and waits for a person. A problem stands until it is mended; people are told
// when it begins, not each time it is seen again.

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "events/event_log.hpp"
#include "store/database.hpp"

namespace kiki::ingest {

// Kinds: the words are i18n "account.problem.KIND" and "account.mend.KIND", the notice "account_KIND".
inline constexpr std::string_view kCredentials = "credentials";
inline constexpr std::string_view kWebhook = "webhook";
inline constexpr std::string_view kSubscription = "subscription";

struct AccountProblem {
  Id workspace_id = 0;
  Id account_id = 0;
  std::string_view kind;
  std::string_view detail;  // English, without secrets
};

// Event "account.problem" when it is new; another detail of the same kind is only stored.
Result<void> set_problem(store::Transaction& tx, events::EventLog& log, const AccountProblem& problem,
                         TimeMs now_ms);
// Nothing when there is none. `kind` "": all of the account.
Result<void> clear_problem(store::Transaction& tx, events::EventLog& log, Id workspace_id, Id account_id,
                           std::string_view kind);
// After an account's status was stored: a dead token is a problem until the account works again.
Result<void> note_status(store::Transaction& tx, events::EventLog& log, Id workspace_id, Id account_id,
                         std::string_view status, std::string_view detail, TimeMs now_ms);

}  // namespace kiki::ingest
