#pragma once
// Rows of the outbox: one reply (or like, repost, deletion) on its way, from the click to the network's
// confirmation. What leaves is complete in the row, so that sending needs nothing else and can be repeated
// after a crash.

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

// held → queued → sending → sent → confirmed. From sending also unclear (look first, then again), queued
// (passing fault) or failed; from held cancelled. By hand on the network's page: elsewhere (opened there) →
// done_there (the agent says so) → confirmed (we saw it there); from both cancelled.
struct OutboxRow {
  Id workspace_id = 0;
  Id id = 0;
  Id case_id = 0;
  Id account_id = 0;
  Id post_id = 0;  // our post, for replies; the post that is liked, reposted or deleted otherwise
  std::string action;
  std::string target_external_id;
  std::string network_key;
  std::string request_id;
  std::string body;  // JSON: text, language, attachment_ids, reply_reference …
  std::string state;
  std::int64_t attempts = 0;
  std::optional<TimeMs> next_at;
  std::string error;
  std::string error_code;
  Id created_by = 0;
  TimeMs created_at = 0;
  std::optional<TimeMs> sent_at;
  std::optional<TimeMs> confirmed_at;
  std::string receipt;  // delivered, read, failed; "" = nothing told
  std::optional<TimeMs> receipt_at;
};

// error_code of an unclear row that was looked for in vain, so that a person must say: one that may be sent
// again then, and one the network takes no second try of.
inline constexpr std::string_view kMaybeSent = "maybe_sent";
inline constexpr std::string_view kReplyInDoubt = "reply_in_doubt";
// error_code of an unclear row of which a person said that it did not arrive: it is looked for once more, and
// sent only when there is still no trace.
inline constexpr std::string_view kSendAgain = "send_again";

Result<void> insert(store::Connection& db, const OutboxRow& row);
Result<std::optional<OutboxRow>> find(store::Connection& db, Id workspace_id, Id id);
Result<std::optional<OutboxRow>> find_by_request(store::Connection& db, Id workspace_id,
                                                 std::string_view request_id);
Result<std::optional<OutboxRow>> find_by_post(store::Connection& db, Id workspace_id, Id post_id,
                                              std::string_view action);
// Whether what the network knows must be looked up before anything else happens to it.
bool is_in_doubt(const OutboxRow& row);
// Rows something must be done about now: those in doubt (half of `limit` at most), then the others; of each
// account the eight oldest, in their order. A channel remembers a bounded number of what a server took: later
// sends must not push that out before it is looked up.
Result<std::vector<OutboxRow>> due(store::Connection& db, TimeMs now_ms, int limit);
// When the next row becomes due; nothing when none waits.
Result<std::optional<TimeMs>> next_due(store::Connection& db);
// Replies of a pulled account that wait to be fetched, after an id.
Result<std::vector<OutboxRow>> waiting_to_be_fetched(store::Connection& db, Id workspace_id, Id account_id,
                                                     Id after, int limit);

// Moves a row to another state if it still is in `from`; appends the event "reply.state". False when it had
// moved on.
struct Change {
  std::string state;
  std::optional<TimeMs> next_at;
  std::string error;
  std::string error_code;
  bool count_attempt = false;
  bool reset_attempts = false;
};
Result<bool> move(store::Transaction& tx, events::EventLog& log, const OutboxRow& row, const Change& change,
                  TimeMs now_ms, Id actor_id = 0);

// An event about this row in its case; its id stands before `data`.
Result<void> tell(store::Transaction& tx, events::EventLog& log, const OutboxRow& row, std::string_view kind,
                  Id actor_id, const json::object& data);

// The shape `Reply` of the API.
json::object to_json(const OutboxRow& row, std::string_view post_url = {});

}  // namespace kiki::reply
