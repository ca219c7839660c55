#pragma once
// Channel accounts of a workspace: connected once, read from until paused or removed. History stays when one
// goes.

#include <boost/json/fwd.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "channels/contract/channel.hpp"
#include "events/event_log.hpp"
#include "store/database.hpp"

namespace kiki::accounts {

// A row of `accounts`: what channels know of it, and how it is.
struct AccountRow {
  channels::Account account;
  std::string avatar_url;
  std::string status;  // starting, ok, waiting, action_needed, paused
  std::string status_detail;
  TimeMs status_at = 0;
  TimeMs created_at = 0;
};

using ChannelByNetwork = std::function<channels::Channel*(std::string_view network)>;
using StateOf = std::function<std::unique_ptr<channels::AccountState>(Id workspace_id, Id account_id)>;
using Fields = std::vector<std::pair<std::string, std::string>>;
// Seals an account's secrets and stores them, in the caller's transaction.
using StoreSecrets = std::function<Result<void>(store::Transaction& tx, Id workspace_id, Id account_id,
                                                const Fields& secrets)>;

// References outlive the object.
struct Parts {
  store::Database& db;
  events::EventLog& log;
  IdGenerator& ids;
  const Clock& clock;
  ChannelByNetwork channel;
  StateOf state;
  StoreSecrets store_secrets;
};

// Cursor of an account: the address that its network was told to call.
inline constexpr std::string_view kSubscribed = "webhook.subscribed";

class Accounts {
 public:
  explicit Accounts(Parts parts) : parts_(std::move(parts)) {}

  Result<std::vector<AccountRow>> list(Id workspace_id);
  Result<std::vector<AccountRow>> list_all();               // of all workspaces, not removed
  Result<AccountRow> read(Id workspace_id, Id account_id);  // kNotFound also when removed

  // Asks the network first; nothing is stored when it refuses. The account, its sealed secrets and whatever
  // `also` writes (the open channel's token) are stored together or not at all. An account that was removed
  // comes back with its history. kConflict "already_connected" when it is there already.
  struct NewAccount {
    AccountRow row;
    Fields secrets;  // what the channel made, for showing once
  };
  using Also = std::function<Result<void>(store::Transaction& tx, Id account_id,
                                          const channels::Connected& connected)>;
  Result<NewAccount> connect(Id workspace_id, Id actor_id, std::string_view network, const Fields& fields,
                             const Also& also = {}, std::stop_token stop = {});
  // The same with what the network has said already, as after signing in on its page.
  Result<NewAccount> connect_as(Id workspace_id, Id actor_id, std::string_view network,
                                channels::Connected connected, const Also& also = {});
  // New credentials for the same account: kConflict "other_account" when they belong to another one.
  Result<AccountRow> reconnect(Id workspace_id, Id actor_id, Id account_id, const Fields& fields,
                               std::stop_token stop = {});

  Result<AccountRow> reconnect_as(Id workspace_id, Id actor_id, Id account_id,
                                  const channels::Connected& connected);

  struct Patch {
    std::optional<std::string> name;
    std::optional<bool> paused;
    std::optional<std::string> settings;  // a whole JSON object
  };
  Result<AccountRow> patch(Id workspace_id, Id actor_id, Id account_id, const Patch& patch);
  Result<void> remove(Id workspace_id, Id actor_id, Id account_id);
  // Stored and told to screens when it is another one than before.
  Result<void> set_status(Id workspace_id, Id account_id, std::string_view status, std::string_view detail);
  // A person tried it, and it works or does not. Its reader begins anew: it says only what is new to it, and
  // may have ended.
  Result<void> tried(Id workspace_id, Id account_id, std::string_view status, std::string_view detail);

  // Called after every change of the rows above (not of a status), outside of any transaction. At start-up
  // only.
  void on_change(std::function<void(Id workspace_id, Id account_id)> f) {
    on_change_.push_back(std::move(f));
  }

 private:
  void changed(Id workspace_id, Id account_id);
  Result<void> store(store::Transaction& tx, Id workspace_id, Id account_id, Id actor_id,
                     const channels::Connected& connected, std::string_view network);

  Parts parts_;
  std::vector<std::function<void(Id, Id)>> on_change_;
};

json::object capabilities_json(const channels::Capabilities& capabilities);
// `Account` of types.ts. Settings never hold secrets.
json::object to_json(const AccountRow& row, const channels::Capabilities& capabilities);
json::object to_json(const channels::Descriptor& descriptor);

}  // namespace kiki::accounts
