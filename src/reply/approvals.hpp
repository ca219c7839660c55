#pragma once
// Replies that wait for a second person. Who asks gives the whole reply; who may approve sends it (as it is
// or with other words) or sends it back with a note. Nobody approves their own; when the customer wrote again
// meanwhile, whoever approves must have seen that. Every step is an event "approval.state".

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "reply/replies.hpp"

namespace kiki::reply {

inline constexpr std::size_t kApprovalNoteLimitBytes = 4'000;

struct Approval {
  Id workspace_id = 0;
  Id id = 0;
  Id case_id = 0;
  Id account_id = 0;
  Id target_post_id = 0;
  std::string text;
  std::string language;
  std::string attachment_ids = "[]";  // JSON array of decimal strings
  std::string request_id;
  std::string state;            // waiting, approved, returned, withdrawn
  std::string findings = "[]";  // JSON, as checks::to_json
  std::string note;
  std::string answer;
  bool edited = false;
  Id seen_post_id = 0;
  Id asked_by = 0;
  TimeMs asked_at = 0;
  Id decided_by = 0;
  std::optional<TimeMs> decided_at;
  Id reply_id = 0;
  // read beside it
  std::string asked_by_name, decided_by_name;
  std::int64_t case_number = 0;
  std::string customer_name;
  std::string title;
  std::optional<TimeMs> due_at;  // of the case
  std::string account_network, account_handle, visibility;
  std::string target_text;
  Id saved_reply_id = 0;
  std::string copy_to = "[]";  // JSON array of addresses
  Id newest_post_id = 0;       // the customer's newest post now
  std::string newest_text;
  bool customer_wrote_again() const { return newest_post_id != seen_post_id; }
};

struct Decision {
  Id workspace_id = 0;
  Id approval_id = 0;
  Id user_id = 0;
  std::string base_url;  // as in NewReply, for approving
};

class Approvals {
 public:
  Approvals(Parts parts, Replies& replies) : parts_(std::move(parts)), replies_(replies) {}

  // The same request again is the same approval; one that was sent already is that reply.
  // kUnprocessable "blocked" (with findings) for what no second person could allow.
  Result<std::variant<Approval, OutboxRow>> ask(const NewReply& reply, std::string_view note,
                                                std::vector<checks::Finding>* findings);
  // Sends it. Asked again after it was done by the same person, it is the same reply. kForbidden "own_reply";
  // kConflict "decided", or "customer_wrote" when `seen_post_id` is not the customer's newest post;
  // kUnprocessable "blocked".
  Result<OutboxRow> approve(const Decision& decision, std::optional<std::string> text, Id seen_post_id,
                            std::int64_t undo_send_ms, std::vector<checks::Finding>* findings);
  // Returns the words to their author's draft, unless they began another one.
  Result<Approval> send_back(const Decision& decision, std::string_view note);
  // By who asked.
  Result<Approval> withdraw(const Decision& decision);

  Result<Approval> read(Id workspace_id, Id approval_id);

 private:
  Parts parts_;
  Replies& replies_;
};

// Waiting ones by what is due first (then the oldest), others the newest first.
Result<std::vector<Approval>> list_approvals(store::Connection& db, Id workspace_id, std::string_view state,
                                             int limit);
Result<std::vector<Approval>> approvals_of_case(store::Connection& db, Id workspace_id, Id case_id);
Result<std::optional<Approval>> find_approval_by_request(store::Connection& db, Id workspace_id,
                                                         std::string_view request_id);
// A reply that came from an approval was taken back: it waits for approval again.
Result<void> reopen_after_undo(store::Transaction& tx, events::EventLog& log, const OutboxRow& row,
                               Id actor_id);

json::object to_json(const Approval& approval);

}  // namespace kiki::reply
