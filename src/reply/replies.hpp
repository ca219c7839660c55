#pragma once
// What an agent sends: replies, likes, reposts, deletions of our own posts. Everything is checked here,
// whoever asks, and becomes a row of the outbox in the same transaction as our post in the case; delivery/
// takes it from there.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/accounts.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "cases/cases.hpp"
#include "channels/contract/channel.hpp"
#include "events/event_log.hpp"
#include "reply/outbox.hpp"
#include "reply/reply_checks.hpp"
#include "store/database.hpp"

namespace kiki::reply {

inline constexpr std::size_t kTextLimitBytes = 60'000;  // whatever the network: more is no reply
inline constexpr std::size_t kRequestIdLimitBytes = 100;

// References outlive the object.
struct Parts {
  store::Database& db;
  events::EventLog& log;
  IdGenerator& ids;
  const Clock& clock;
  cases::Cases& cases;
  accounts::ChannelByNetwork channel;
  std::function<void()> wake;  // there is something to send
  ReplyChecks& checks;
};

struct NewReply {
  Id workspace_id = 0;
  Id case_id = 0;
  Id user_id = 0;
  Id account_id = 0;
  Id target_post_id = 0;
  std::string text;
  std::string language;  // of the text; empty = as the customer's
  std::vector<Id> attachment_ids;
  std::string request_id;         // the same request is one reply, however often it arrives
  std::int64_t undo_send_ms = 0;  // how long it is held back
  bool has_second_person = true;  // somebody else may approve (auth knows who)
  Id saved_reply_id = 0;          // the saved reply it began with; 0: none
  // They wrote in private last, and this answer goes out in public: only when the writer said so.
  bool public_chosen = false;
  // The newest post of the case that the writer has seen; 0: not told. A colleague's answer behind it refuses
  // this one (kConflict "answered_meanwhile").
  Id seen_post_id = 0;
  std::string base_url;  // of this desk, for {{private_link}}
  // Others who get it as well: addresses out of the answered post's receivers, never anybody else's.
  std::vector<std::string> copy_to;
};

struct Settlement {
  Id workspace_id = 0;
  Id user_id = 0;
  Id reply_id = 0;
  bool arrived = false;
  std::string_view request_id;  // the same again does nothing more
  Id seen_post_id = 0;          // as retry(); of no matter when it arrived
};

// kUnprocessable "blocked" or "needs_second_person", naming the checks.
Error blocked_error(const std::vector<checks::Finding>& findings);

struct Target;
class SavedReplies;

// What was written, before codes and links were put in: what the composer gets back.
std::string written_text(const OutboxRow& row);
// The addresses of those who were to get it as well.
Result<std::vector<std::string>> copied_to(const OutboxRow& row);

class Replies {
 public:
  explicit Replies(Parts parts) : parts_(std::move(parts)) {}

  // kInvalid with the member's pointer for what the text or the pictures break; kUnprocessable when the
  // account cannot answer there (paused, removed, another network, listens only, post deleted), and with code
  // "blocked" or "needs_second_person" for what a check holds back: then `findings` says why. kConflict
  // "approval_asked" when an approval was asked for under the same request.
  Result<OutboxRow> submit(const NewReply& reply, std::vector<checks::Finding>* findings = nullptr);

  // The way out where the network takes no answer from us: its own page, with the text filled in. The same
  // checks as for a reply; what was written is remembered as "elsewhere" until somebody says that it is done
  // there, or takes it back, or the post appears. One at a time for a post and an account: a newer one takes
  // the older one's place.
  struct Elsewhere {
    OutboxRow row;
    std::string url;
  };
  Result<Elsewhere> open_elsewhere(const NewReply& reply, std::vector<checks::Finding>* findings = nullptr);
  // "Done there": it counts as our answer from now on. Again is no error.
  Result<OutboxRow> done_there(Id workspace_id, Id user_id, Id reply_id);
  // The page of one that is open still.
  Result<std::string> page_of(store::Connection& db, const OutboxRow& row) const;

  // For the approvals, which take the same way in their own transaction.
  static Result<void> check_shape(const NewReply& reply);
  Result<CheckAnswer> check(const NewReply& reply, CheckRequest::Links links);
  Result<void> check_way(store::Transaction& tx, const NewReply& reply);
  Result<OutboxRow> create(store::Transaction& tx, const NewReply& reply);

  // like, unlike, repost, unrepost, hide, unhide (their answer in our thread). Asking twice for the same is
  // one row.
  Result<OutboxRow> react(Id workspace_id, Id user_id, Id post_id, std::string_view action, Id account_id);
  // Deletes our own post on the network, then here.
  Result<OutboxRow> delete_post(Id workspace_id, Id user_id, Id post_id);
  // One of the saved thank-yous as a reply. kUnprocessable "no_thanks" when none is saved, "unfilled" when it
  // has a variable without a value here; kConflict "answered" when the post has an answer already.
  Result<OutboxRow> thank(NewReply reply, SavedReplies& saved, std::vector<checks::Finding>* findings);
  // Only while held, or written by hand and not seen on the network yet: kConflict "not_held" afterwards.
  // Codes and links it carried are free, or gone.
  Result<OutboxRow> cancel(Id workspace_id, Id user_id, Id reply_id);
  // Failed or unclear: tries again now. kConflict "not_failed" otherwise; "answered_meanwhile" when a
  // colleague has answered since, and not within what the person has seen (0: what stood there when it was
  // written).
  Result<OutboxRow> retry(Id workspace_id, Id user_id, Id reply_id, Id seen_post_id = 0);
  // A reply that was looked for in vain (unclear, and nothing but a person can tell): it arrived, or it is
  // looked for once more and sent again when there is still no trace. kConflict "not_unclear" otherwise,
  // "write_anew" where the network takes no second try.
  Result<OutboxRow> settle(const Settlement& settled);
  // Sends a delivered or failed webhook once more, whatever its state, under the same id.
  Result<OutboxRow> resend(Id workspace_id, Id user_id, Id account_id, Id reply_id);
  // A pulled reply was taken over by the other side: it counts as confirmed. Again is no error.
  Result<void> fetched(const channels::Account& account, Id reply_id, std::string_view external_id,
                       std::string_view url);

 private:
  // How it gets there: what is answered, from which account, over which network.
  struct Way {
    std::shared_ptr<const Target> target;
    channels::Account account;
    channels::Channel* channel = nullptr;
  };
  Result<Way> way_of(store::Connection& db, const NewReply& reply, bool by_hand = false) const;
  Result<void> choose_new_key(store::Connection& db, const OutboxRow& row);
  Result<void> take_back(store::Transaction& tx, const OutboxRow& row, Id user_id);
  // The text with its codes and links.
  Result<std::string> text_for_sending(store::Transaction& tx, const NewReply& reply, Id outbox_id);

  Parts parts_;
};

}  // namespace kiki::reply
