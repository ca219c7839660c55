#pragma once
// What people do to a case. Every change is one transaction: the case, its counts, its event. A change may
// carry the version it was made from; it is refused with kConflict "changed" when the case has moved on
// since.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "cases/case_row.hpp"
#include "events/event_log.hpp"
#include "store/database.hpp"

namespace kiki::cases {

inline constexpr std::size_t kTitleLimitBytes = 1'000;
inline constexpr std::size_t kNoteLimitBytes = 20'000;
inline constexpr std::size_t kDraftLimitBytes = 60'000;
inline constexpr std::size_t kTagsLimit = 30;
inline constexpr std::size_t kTagLimitBytes = 200;
inline constexpr std::size_t kReasonLimitBytes = 400;
inline constexpr std::size_t kDraftAttachmentsLimit = 20;

struct Change {
  Id workspace_id = 0;
  Id case_id = 0;
  Id actor_id = 0;                      // user; 0: the desk itself
  std::optional<std::int64_t> version;  // the version the person saw
  std::string by = {};                  // what acts in the person's name, as "rule:12"; "": themselves
};

struct Note {
  Id id = 0;
  Id case_id = 0;
  Id user_id = 0;
  std::string text;
  TimeMs created_at = 0;
  std::optional<TimeMs> deleted_at;
};

struct Draft {
  Id user_id = 0;
  std::string user_name;
  std::string kind;  // reply, note
  std::string text;
  std::string attachment_ids = "[]";  // JSON array of decimal strings
  TimeMs updated_at = 0;
};

// Our post, written in the console. `post_id` is chosen by the caller.
struct OurReply {
  Id workspace_id = 0;
  Id case_id = 0;
  Id post_id = 0;
  Id account_id = 0;
  Id target_post_id = 0;  // what is answered: gives conversation and network
  Id author_user_id = 0;
  std::string external_id;  // on the network when it is known beforehand; else "": a placeholder
                            // "outbox:<post_id>" stands there
  std::string text;
  std::string language;
  std::string extra = "{}";  // JSON as in posts.extra: {"attachments":[…], "reply":…}
  TimeMs posted_at = 0;      // 0: now
};

class Cases {
 public:
  Cases(store::Database& db, events::EventLog& log, IdGenerator& ids, const Clock& clock)
      : db_(db), log_(log), ids_(ids), clock_(clock) {}

  Result<CaseRow> assign(const Change& change,
                         std::optional<Id> assignee_id);       // must be a member who may work here
  Result<CaseRow> snooze(const Change& change, TimeMs until);  // must be in the future, at most a year
  Result<CaseRow> resolve(const Change& change);
  Result<CaseRow> dismiss(const Change& change, std::string_view reason);
  // Neither answered nor skipped: comes back when somebody writes in its thread, or at `until` (at most a
  // year).
  Result<CaseRow> watch(const Change& change, std::string_view reason, std::optional<TimeMs> until);
  // Asks another member who may work here, or anybody else (nobody named), whether to respond, watch or skip.
  // Whoever decides about the case after that answers.
  Result<CaseRow> ask_opinion(const Change& change, std::optional<Id> of_user_id, std::string_view note);
  // Takes the question back, whoever asked it.
  Result<CaseRow> drop_opinion(const Change& change);
  // Takes a case back from any state; for a found one this is the decision to respond.
  Result<CaseRow> open(const Change& change);
  Result<CaseRow> set_tags(const Change& change, std::vector<std::string> tags);
  Result<CaseRow> set_title(const Change& change, std::string_view title);
  // Takes back one of the changes above, named by its event: the case is exactly as before it. kConflict
  // "changed" when what it changed has moved on since, "not_undoable" when the event is of another kind.
  Result<CaseRow> undo(const Change& change, std::int64_t event_seq);
  // low, normal, high, urgent: chooses among the policies of promises.
  Result<CaseRow> set_priority(const Change& change, std::string_view priority);
  // The team whose queue it stands in; nothing: none.
  Result<CaseRow> set_team(const Change& change, std::optional<Id> team_id);
  // The same inside the caller's transaction, for several changes that are one act. After an error of
  // kInvalid or kConflict the transaction is still good, and what came before it stands.
  Result<CaseRow> assign(store::Transaction& tx, const Change& change, std::optional<Id> assignee_id);
  Result<CaseRow> snooze(store::Transaction& tx, const Change& change, TimeMs until);
  Result<CaseRow> resolve(store::Transaction& tx, const Change& change);
  Result<CaseRow> dismiss(store::Transaction& tx, const Change& change, std::string_view reason);
  Result<CaseRow> open(store::Transaction& tx, const Change& change);
  Result<CaseRow> change_tags(store::Transaction& tx, const Change& change,
                              const std::vector<std::string>& add, const std::vector<std::string>& remove);
  Result<CaseRow> set_priority(store::Transaction& tx, const Change& change, std::string_view priority);
  Result<CaseRow> set_team(store::Transaction& tx, const Change& change, std::optional<Id> team_id);
  Result<CaseRow> undo(store::Transaction& tx, const Change& change, std::int64_t event_seq);
  Result<Note> add_note(store::Transaction& tx, const Change& change, std::string_view text);
  Result<void> delete_note(store::Transaction& tx, Id workspace_id, Id note_id, Id actor_id,
                           bool may_delete_others);
  Result<void> save_draft(store::Transaction& tx, const Change& change, std::string_view kind,
                          std::string_view text, const std::vector<Id>& attachment_ids);
  // Plans the promises of this person's open cases anew: they are in other groups now.
  Result<void> plan_person(store::Transaction& tx, Id workspace_id, Id person_id);
  Result<Note> add_note(const Change& change, std::string_view text);
  // Its author, or somebody who may delete others' notes.
  Result<void> delete_note(Id workspace_id, Id note_id, Id actor_id, bool may_delete_others);
  Result<void> save_draft(const Change& change, std::string_view kind, std::string_view text,
                          const std::vector<Id>& attachment_ids);
  Result<void> delete_draft(const Change& change, std::string_view kind);

  // Opens every snoozed case whose time has come; returns how many.
  Result<std::int64_t> wake_snoozed(TimeMs now_ms);
  // When the next snoozed case wakes; nothing = none is snoozed.
  Result<std::optional<TimeMs>> next_wake();

  // --- for the reply and delivery stages, inside their own transactions

  // Inserts our post, moves the case to waiting, clears the promise, deletes the author's reply draft.
  // kNotFound when case or target are not here; kConflict "unique" when the external id is known already.
  // Appends no event: the caller's reply.state event tells the screens.
  Result<void> record_reply(store::Transaction& tx, const OurReply& reply);
  // The network's id, revision and address of our post. When the network showed us the post before it
  // answered us, the copy that came in that way goes.
  Result<void> reply_sent(store::Transaction& tx, Id workspace_id, Id post_id, std::string_view external_id,
                          std::string_view revision, std::string_view url);
  // Takes our post out again (undo before it was sent) and counts the customer as waiting again.
  Result<void> remove_reply(store::Transaction& tx, Id workspace_id, Id post_id);
  // Works out anew from the posts whether the customer waits: after an outbox row went to failed or
  // cancelled, or came back from there. Our posts whose newest outbox row is failed or cancelled do not count
  // as answers.
  Result<void> refresh_waiting(store::Transaction& tx, Id workspace_id, Id case_id);
  // A reply that had failed is sent again by a person: it answers from now on, not from when it was first
  // tried.
  Result<void> reply_sent_again(store::Transaction& tx, Id workspace_id, Id case_id, Id post_id);
  // Our post was deleted on the network, by us: empties it here as a deletion that came in would.
  Result<void> post_deleted(store::Transaction& tx, Id workspace_id, std::string_view external_id,
                            TimeMs deleted_at);

 private:
  store::Database& db_;
  events::EventLog& log_;
  IdGenerator& ids_;
  const Clock& clock_;
};

Result<std::vector<Draft>> read_drafts(store::Connection& db, Id workspace_id, Id case_id);

boost::json::object to_json(const Draft& draft);

}  // namespace kiki::cases
