#pragma once
// Takes posts, deletions and profiles into cases, many in one transaction. What the same batch asks for again
// is kept in memory; each case it touched is written once, by finish(). The rules of the life cycle for what
// comes in are here, those for what people do in cases.hpp.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "cases/case_state.hpp"
#include "cases/private_links.hpp"
#include "events/event_log.hpp"
#include "model/direction.hpp"
#include "model/mark.hpp"
#include "people/people.hpp"
#include "store/database.hpp"
#include "triage/triage.hpp"

namespace kiki::cases {

// A file of a post that only our account can fetch (accounts/post_files.hpp does).
struct FileFacts {
  std::int64_t number = 0;  // among the post's attachments, from 0
  std::string_view reference;
  std::string_view name;
  std::string_view content_type;
  std::int64_t size_bytes = 0;
};

// Views must live until the call returns.
struct PostFacts {
  Id workspace_id = 0;
  Id account_id = 0;
  model::Direction direction = model::Direction::kIn;
  bool is_private = false;
  std::string_view reason;  // "found": nobody addressed us
  std::string_view network;
  std::string_view external_id;
  std::string_view revision;
  std::string_view parent_external_id;
  std::string_view thread_external_id;
  std::string_view continues;  // the word of a link into this private place (private_links.hpp); "": none
  people::IdentityFacts author;
  std::string_view text;
  std::string_view language;
  std::string_view url;
  std::span<const model::Mark> marks;
  std::span<const Id> topic_ids;
  const triage::Verdict* verdict = nullptr;  // of a customer's post; null: not judged
  std::string_view extra = "{}";             // JSON: attachments, reply reference
  std::optional<std::string_view>
      search_document;  // search::post_document() of the text, when made beforehand
  TimeMs posted_at = 0;
  TimeMs received_at = 0;
  std::int64_t journal_seq = 0;
  bool needs_topic = false;  // heard on a public stream: without a topic that wants it, nobody does
  bool watched_only =
      false;  // found by topics of competitors alone: kept and counted, but asks nobody to act
  std::vector<FileFacts> files;
  bool is_whole_item = true;           // the journal entry holds nothing but this post
  std::string_view title;              // of the case it opens; "": its first line
  std::span<const std::string> joins;  // private threads whose case its author may join (joining_place)
};

enum class Outcome : std::uint8_t {
  kNew,
  kDuplicate,  // known in this revision, or a newer one is
  kEdited,
  kAddressed,  // known as found; now we know that it is addressed to us
  kDeleted,    // its deletion came earlier, or this was the deletion
  kUnplaced,   // of us or context, in no conversation we hold
  kUnwanted,   // no topic wants it (any more)
};

// The reason of a case that nobody dismissed: only topics of competitors found it.
inline constexpr std::string_view kWatchedOnly = "competitor";

struct Applied {
  Outcome outcome = Outcome::kNew;
  Id post_id = 0;
  Id case_id = 0;
  bool parent_is_missing = false;  // a customer's answer to a post we do not hold
  bool author_is_unread = false;   // of a customer's new post: nobody has read the author's page yet
};

class Intake {
 public:
  Intake(store::Transaction& tx, events::EventLog& log, IdGenerator& ids, TimeMs now_ms)
      : tx_(tx), log_(log), ids_(ids), now_ms_(now_ms) {}

  Result<Applied> post(const PostFacts& facts);
  Result<Applied> deletion(Id workspace_id, std::string_view external_id, TimeMs deleted_at);
  // Empties every post of a customer whose account is no more; with `posts_prefix` (IncomingAuthorGone) also
  // what they said in other people's cases.
  Result<void> author_gone(Id workspace_id, std::string_view network, std::string_view external_id,
                           std::string_view posts_prefix, TimeMs gone_at);
  Result<void> profile(Id workspace_id, const people::IdentityFacts& facts);
  // "following" or "blocked", of somebody we know; an older one than what is known is nothing.
  Result<void> relation(Id workspace_id, const people::IdentityFacts& facts, std::string_view relation,
                        TimeMs changed_at);
  // What became of a reply of ours: delivered, read, failed. Never a step backwards; a failed one brings its
  // case back.
  struct Receipt {
    std::string_view external_id;  // of our post
    std::string_view kind;
    std::string_view detail;
    TimeMs at = 0;
  };
  Result<void> receipt(Id workspace_id, const Receipt& receipt);
  // Journal entries of our own posts whose parent has come meanwhile: to be applied again in this
  // transaction.
  std::vector<std::int64_t> take_early_answers();
  // Writes what was kept. Nothing may be added afterwards.
  Result<void> finish();

 private:
  struct Workspace {
    std::optional<std::int64_t> next_number;
    std::optional<bool> has_tombstones;
    std::optional<bool> has_early_answers;
  };
  struct Stored;  // a post's row, as far as it is asked for
  struct Place {
    Id conversation_id = 0;
    Id case_id = 0;
  };

  store::Connection& db() { return tx_.db(); }
  Result<std::optional<Stored>> find_post(Id workspace_id, std::string_view external_id);
  Result<Applied> new_customer_post(const PostFacts& facts);
  Result<Applied> new_other_post(const PostFacts& facts);
  Result<Applied> known_post(const PostFacts& facts, Stored& stored);
  Result<void> edit(const PostFacts& facts, const Stored& stored);
  Result<void> address(const PostFacts& facts, const Stored& stored);
  Result<bool> take_tombstone(const PostFacts& facts);
  Result<void> remember_early_answer(const PostFacts& facts);
  Result<void> look_for_early_answers(const PostFacts& facts);

  Result<people::Known> identity(Id workspace_id, const people::IdentityFacts& facts);
  Result<std::optional<Place>> customer_place(const PostFacts& facts, Id identity_id);
  Result<std::optional<Place>> thread_place(const PostFacts& facts);
  // Somebody who was a receiver of what was written in one of facts.joins writes there too.
  Result<std::optional<Place>> joining_place(const PostFacts& facts, Id identity_id);
  // They came by a link: their conversation belongs to the link's case from now on.
  Result<std::optional<Place>> continued_place(const PostFacts& facts, const people::Known& author,
                                               std::optional<Place> place, TakenLink& taken);
  Result<Place> add_conversation(const PostFacts& facts, Id identity_id, Id case_id);
  Result<Place> open_case(const PostFacts& facts, const people::Known& author);
  Result<CaseState*> case_state(Id workspace_id, Id case_id);
  Result<std::optional<Applied>> found_elsewhere(const PostFacts& facts, const Place& place);
  Result<void> want_files(const PostFacts& facts, Id post_id);
  Result<void> insert_post(const PostFacts& facts, Id post_id, const Place& place,
                           std::optional<Id> identity_id);
  Result<void> index_text(const PostFacts& facts, Id post_id);
  Result<void> count_topics(const PostFacts& facts, Id case_id);
  Result<std::int64_t> next_number(Id workspace_id);

  void customer_wrote(CaseState& state, const PostFacts& facts);
  Result<void> we_wrote(CaseState& state, const PostFacts& facts);
  Result<void> tell(std::string_view kind, const CaseState& state, Id post_id, std::string data);

  store::Transaction& tx_;
  events::EventLog& log_;
  IdGenerator& ids_;
  TimeMs now_ms_;
  std::unordered_map<Id, Workspace> workspaces_;
  std::unordered_map<std::string, people::Known> identities_;  // by workspace, network, external id
  std::unordered_map<std::string, Place> conversations_;       // by workspace, thread, identity
  std::unordered_map<Id, CaseState> cases_;
  std::map<std::tuple<Id, Id, std::int64_t, TimeMs>, std::int64_t> topic_posts_;  // … topic, minutes, start
  std::vector<std::int64_t> early_answers_;
};

// Empties a post and everything that quotes it: text, attachments, search index, the raw item in the journal,
// title and preview of its case. Appends post.deleted. `state` is the post's case; the caller writes it.
Result<void> empty_post(store::Transaction& tx, events::EventLog& log, CaseState& state, Id post_id,
                        TimeMs deleted_at);

// Where the ids behind all that begin with `prefix` (not empty) begin, so that an index finds those between.
std::string behind_prefix(std::string_view prefix);

// Title and preview from the posts that are left, after `old_text` was edited or deleted.
Result<void> refresh_quotes(store::Connection& db, CaseState& state, std::string_view old_text);

// Is a customer's post, coming in now, still unanswered? Answers and posts cross on their way: a post that
// was written up to two minutes before our answer, and that nobody could see when it was written, counts as
// unanswered.
inline constexpr TimeMs kCrossingMs = 120'000;
inline bool is_unanswered(TimeMs posted_at, std::optional<TimeMs> last_out_at) {
  return !last_out_at || posted_at > *last_out_at - kCrossingMs;
}

}  // namespace kiki::cases
