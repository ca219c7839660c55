#pragma once
// Reward codes from uploaded lists: each goes out once, and nobody gets two of one list. A code is reserved
// while the reply is written and becomes the customer's in the transaction that makes the reply; taken back,
// it is free again.

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "events/event_log.hpp"
#include "store/database.hpp"

namespace kiki::reply {

inline constexpr std::size_t kRewardListsLimit = 200;
inline constexpr std::size_t kCodesPerUpload = 100'000;
inline constexpr std::size_t kCodeLimitBytes = 200;
inline constexpr TimeMs kReservedMs = 24 * 3'600'000;  // then somebody else may have it

struct RewardList {
  Id id = 0;
  std::string key;  // folded; {{reward:KEY}}
  std::string name;
  std::int64_t warn_below = 20;
  TimeMs created_at = 0;
  std::int64_t free = 0;
  std::int64_t reserved = 0;
  std::int64_t given = 0;
  bool is_low() const { return free <= warn_below; }
};

struct GivenCode {
  std::string code;
  Id case_id = 0;
  std::int64_t case_number = 0;
  std::string customer_name;
  std::string given_by;
  TimeMs given_at = 0;
};

struct Upload {
  std::int64_t added = 0;
  std::int64_t known = 0;  // were in the list already, or twice in the upload
};

// For whom: the case, and who wrote the post that is answered.
struct Receiver {
  Id workspace_id = 0;
  Id case_id = 0;
  Id identity_id = 0;
  Id user_id = 0;  // of us
};

class Rewards {
 public:
  Rewards(store::Database& db, events::EventLog& log, IdGenerator& ids, const Clock& clock)
      : db_(db), log_(log), ids_(ids), clock_(clock) {}

  Result<std::vector<RewardList>> lists(Id workspace_id);
  Result<RewardList> list(Id workspace_id, Id list_id);
  Result<RewardList> add(Id workspace_id, Id actor_id, const RewardList& list);  // kConflict "key_taken"
  Result<RewardList> change(Id workspace_id, Id actor_id, const RewardList& list);
  Result<void> remove(Id workspace_id, Id actor_id, Id list_id);  // what was given stays on record
  // One code a line, or the first column of CSV; a heading is left out.
  Result<Upload> upload(Id workspace_id, Id actor_id, Id list_id, std::string_view text);
  Result<std::vector<GivenCode>> given(Id workspace_id, Id list_id, int limit);  // the newest first

  // The same person again keeps the code they have. kConflict "no_codes" or "already_given".
  Result<RewardList> reserve(const Receiver& receiver, Id list_id);
  Result<void> release(const Receiver& receiver, Id list_id);

 private:
  Result<void> tell(store::Transaction& tx, Id workspace_id, Id actor_id, Id list_id,
                    std::string_view change);

  store::Database& db_;
  events::EventLog& log_;
  IdGenerator& ids_;
  const Clock& clock_;
};

Result<RewardList> read_reward_list(JsonView value, const RewardList& before);
json::object to_json(const RewardList& list);
json::object to_json(const GivenCode& code);
// The codes of an upload, each once. kInvalid with the line for one that is too long.
Result<std::vector<std::string>> codes_of(std::string_view text);

// In the transaction of sending: every {{reward:KEY}} becomes the receiver's code. kConflict as above,
// kUnprocessable "no_reward_list"; also when one reply asks for two codes of one list.
Result<std::string> bind_rewards(store::Transaction& tx, events::EventLog& log, const Receiver& receiver,
                                 Id outbox_id, std::string_view text, TimeMs now_ms);
// The reply was taken back.
Result<void> unbind_rewards(store::Transaction& tx, events::EventLog& log, Id workspace_id, Id outbox_id,
                            Id actor_id);

}  // namespace kiki::reply
