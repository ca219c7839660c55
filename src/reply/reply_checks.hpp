#pragma once
// The checks with everything they must know: reads the case, the rules and the voice from the store, keeps
// the recent replies of each workspace in memory, and asks for links.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "accounts/accounts.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "events/event_log.hpp"
#include "reply/checks/checks.hpp"
#include "reply/checks/learn.hpp"
#include "reply/checks/recent_replies.hpp"
#include "store/database.hpp"

namespace kiki::reply {

class LinkLookup;
class SavedReplies;

struct CheckRequest {
  Id workspace_id = 0;
  Id case_id = 0;
  Id user_id = 0;
  Id account_id = 0;
  Id target_post_id = 0;
  std::string text;
  // Without anybody else who may approve, "needs a second person" could never be met: it becomes a hint.
  bool has_second_person = true;
  // Nobody is asked about half a link: while typing only what is known counts (kKnown); when the person
  // pauses, looking begins and the answer comes with a later question (kLook); before sending we wait
  // (kWait).
  enum class Links : std::uint8_t { kKnown, kLook, kWait };
  Links links = Links::kKnown;
};

struct CheckAnswer {
  std::vector<checks::Finding> findings;
  bool looking_at_links = false;       // ask again in a moment
  std::optional<checks::Learn> learn;  // of an answer to a complaint
  Id newest_post_id = 0;               // the customer's newest post in the case
};

inline constexpr std::size_t kWorkspacesKept = 64;  // whose recent replies stay in memory, 1.3 MB each

class ReplyChecks {
 public:
  // `links` may be null: links are not looked at then.
  ReplyChecks(store::Database& db, events::EventLog& log, const Clock& clock,
              accounts::ChannelByNetwork channel, LinkLookup* links)
      : db_(db), log_(log), clock_(clock), channel_(std::move(channel)), links_(links) {}

  // Which replies ask for a word of one's own. At start-up only; without it none do.
  void know_saved(SavedReplies& saved) { saved_ = &saved; }

  // kNotFound when the case or the post is not here, kInvalid for an account that is not.
  Result<CheckAnswer> check(const CheckRequest& request);

  Result<checks::Rules> rules(Id workspace_id);
  Result<void> set_rules(Id workspace_id, Id actor_id, const checks::Rules& rules);
  // The account's own voice, or the workspace's (account 0), or the default.
  Result<checks::Voice> voice(Id workspace_id, Id account_id);
  Result<std::map<Id, checks::Voice>> voices(Id workspace_id);  // as they are stored
  Result<void> set_voice(Id workspace_id, Id account_id, Id actor_id, const checks::Voice& voice);
  Result<void> remove_voice(Id workspace_id, Id account_id, Id actor_id);

 private:
  struct Recent {
    std::mutex mutex;  // guards replies
    checks::RecentReplies replies;
    TimeMs used_at = 0;
    std::mutex disaster_mutex;
    std::string disaster_word;
    TimeMs disaster_at = 0;
  };
  std::shared_ptr<Recent> recent_of(Id workspace_id);
  Result<std::optional<checks::SimilarReply>> find_similar(store::Connection& db, const CheckRequest& request,
                                                           const checks::Rules& rules);
  Result<std::string> disaster_word(store::Connection& db, Id workspace_id, std::int64_t hours);
  Result<void> tell(store::Transaction& tx, Id workspace_id, Id actor_id, std::string_view what,
                    Id account_id);

  store::Database& db_;
  events::EventLog& log_;
  const Clock& clock_;
  accounts::ChannelByNetwork channel_;
  LinkLookup* links_;
  SavedReplies* saved_ = nullptr;
  std::mutex mutex_;  // guards recent_
  std::map<Id, std::shared_ptr<Recent>> recent_;
};

}  // namespace kiki::reply
