#pragma once
// The library of saved replies and assets: kept, found for a post, filled for a case, and how they do. A
// starting point, never a form letter: what asks for a word of one's own is not sent without one.

#include <boost/json/fwd.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "events/event_log.hpp"
#include "reply/case_values.hpp"
#include "reply/saved/saved_reply.hpp"
#include "reply/saved/similarity.hpp"
#include "store/database.hpp"

namespace kiki::reply {

inline constexpr int kPostsLearntFrom = 20;  // of those a saved reply answered, the newest
inline constexpr int kUsesCounted = 5'000;   // the newest, of a workspace, in results()

// What a saved reply would be for one post.
struct Offer {
  saved::SavedReply reply;
  FilledReply filled;
  int percent = 0;  // how much it is about what the post is about
};

struct SavedResult {
  Id saved_reply_id = 0;
  std::int64_t uses = 0;
  std::int64_t edited = 0;
  std::int64_t settled = 0;  // resolved, and the customer asked nothing more
  std::int64_t reopened = 0;
};

struct ImportAnswer {
  std::int64_t added = 0;
  std::int64_t changed = 0;
  std::int64_t same = 0;
};

class SavedReplies {
 public:
  SavedReplies(store::Database& db, events::EventLog& log, IdGenerator& ids, const Clock& clock)
      : db_(db), log_(log), ids_(ids), clock_(clock) {}

  Result<std::vector<saved::SavedReply>> list(Id workspace_id);  // by folder and name
  Result<saved::SavedReply> read(Id workspace_id, Id id);
  // kConflict "code_taken"; kInvalid "no_asset" when a text points to an asset that is not there; kTooLarge.
  Result<saved::SavedReply> add(Id workspace_id, Id actor_id, const saved::SavedReply& reply);
  // kConflict "version" when somebody changed it since.
  Result<saved::SavedReply> change(Id workspace_id, Id actor_id, const saved::SavedReply& reply);
  Result<void> remove(Id workspace_id, Id actor_id, Id id);

  Result<std::vector<saved::Asset>> assets(Id workspace_id);
  Result<saved::Asset> asset(Id workspace_id, Id id);
  // kConflict "key_taken"; "in_use" when its key changes, or it goes, while replies point to it.
  Result<saved::Asset> add_asset(Id workspace_id, Id actor_id, const saved::Asset& asset);
  Result<saved::Asset> change_asset(Id workspace_id, Id actor_id, const saved::Asset& asset);
  Result<void> remove_asset(Id workspace_id, Id actor_id, Id id);

  // All, filled for the case, the best fitting first; `query` narrows by words in name, folder, code or text.
  Result<std::vector<Offer>> offers(const ValuesOf& of, std::string_view query, std::size_t limit);
  // The one to thank with, in the post's language; of several the one that rested longest.
  Result<std::optional<Offer>> thanks(const ValuesOf& of);
  // The saved reply, filled for the case, that asks for a word of one's own and that most of this text is
  // taken from; "" when there is none.
  Result<std::string> text_that_needs_a_word(store::Connection& db, const ValuesOf& of,
                                             std::string_view text);
  // In the transaction of sending.
  static Result<void> record_use(store::Transaction& tx, const ValuesOf& of, Id saved_reply_id, Id outbox_id,
                                 std::string_view sent_text, TimeMs now_ms);
  static Result<void> forget_use(store::Transaction& tx, Id workspace_id, Id outbox_id);

  Result<std::vector<SavedResult>> results(Id workspace_id);

  Result<json::object> export_all(Id workspace_id);
  // All or nothing: found again by code, else by folder and name; assets by key.
  Result<ImportAnswer> import(Id workspace_id, Id actor_id, JsonView value, bool dry_run);

 private:
  struct Profile {
    std::int64_t version = 0;
    std::int64_t uses = 0;
    std::vector<saved::Gram> own;                 // of name and texts
    std::vector<std::vector<saved::Gram>> plain;  // of each text without its variables
    std::vector<std::vector<saved::Gram>> posts;  // that it answered
  };
  using Profiles = std::map<Id, std::shared_ptr<const Profile>>;
  // Brings the workspace's profiles up to date with `replies`.
  Result<Profiles> profiles(store::Connection& db, Id workspace_id,
                            const std::vector<saved::SavedReply>& replies);
  Result<void> check_assets(store::Connection& db, Id workspace_id, const saved::SavedReply& reply);
  Result<void> store(store::Transaction& tx, Id workspace_id, Id actor_id, const saved::SavedReply& reply,
                     bool is_new);
  Result<void> store(store::Transaction& tx, Id workspace_id, Id actor_id, const saved::Asset& asset,
                     bool is_new);
  Result<void> tell(store::Transaction& tx, Id workspace_id, Id actor_id, std::string_view what, Id id,
                    std::string_view change);

  store::Database& db_;
  events::EventLog& log_;
  IdGenerator& ids_;
  const Clock& clock_;
  std::mutex mutex_;  // guards profiles_
  std::map<Id, Profiles> profiles_;
};

}  // namespace kiki::reply
