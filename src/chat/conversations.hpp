#pragma once
// Visitors and what they and the desk said. A visitor is known by the token of their browser, of which only
// the hash is kept, or by the brand's signed word; whoever has neither sees nothing.

#include <boost/json/fwd.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "channels/chat/chat_channel.hpp"
#include "channels/chat/visitor_message.hpp"
#include "net/identity_token.hpp"
#include "store/database.hpp"

namespace kiki::chat {

inline constexpr std::size_t kTokenBytes = 43;  // 256 bits in base64url, made by the visitor's browser
inline constexpr std::size_t kFileMostBytes = 5 << 20;
inline constexpr std::int64_t kFilesOfVisitorMost = 200;
inline constexpr int kPageMost = 200;                        // messages read at once
inline constexpr TimeMs kUnsentFileKeptMs = 24 * 3'600'000;  // uploaded, and never sent with a message
inline constexpr int kForgottenAtOnce = 50;

struct Visitor {
  Id workspace_id = 0;
  Id id = 0;
  Id account_id = 0;
  std::string user_key;  // proven by the brand; "": nobody did
  std::string name;
  std::string email;
  std::string language;
  std::string page;
  std::int64_t last_seq = 0;
  std::int64_t read_seq = 0;
  std::optional<TimeMs> known_until;  // of a proven one: when the brand's word ends
};

struct MessageFile {
  Id id = 0;
  std::string content_type;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::string alt;
};
struct Message {
  Id visitor_id = 0;
  std::int64_t seq = 0;
  std::int64_t change_seq = 0;
  std::string external_id;
  bool from_visitor = false;
  std::string text;
  std::string author;
  std::vector<MessageFile> files;
  TimeMs at = 0;
  bool deleted = false;
};
json::object to_json(const Message& message);

// One who is at the door.
struct Caller {
  channels::Account account;
  std::string token;                        // of their browser
  std::optional<net::IdentityProof> proof;  // the brand's word, verified
};

class Conversations final : public channels::chat::PostBox {
 public:
  // `mail_after_ms`: how long an answer waits for a visitor who is away, before it goes by mail.
  Conversations(store::Database& db, IdGenerator& ids, const Clock& clock, TimeMs mail_after_ms)
      : db_(db), ids_(ids), clock_(clock), mail_after_ms_(mail_after_ms) {}

  // A conversation has changed: told after it is durable. At start-up only.
  void on_change(std::function<void(Id workspace_id, Id visitor_id)> f) { on_change_ = std::move(f); }

  // Somebody of the desk writes to this visitor, or no longer. At start-up only.
  void on_typing(std::function<void(Id workspace_id, Id visitor_id, bool is_writing)> f) {
    on_typing_ = std::move(f);
  }

  // Who calls; nothing when nobody has written by this token yet. kUnauthenticated: "identity_needed" (proven
  // before, not now), "identity_used" (the signed token was brought by another browser), "identity_other"
  // (the browser belongs to another user), "wrong_chat".
  Result<std::optional<Visitor>> find(const Caller& caller);
  // The same, and makes them known.
  Result<Visitor> come(const Caller& caller);
  Result<std::optional<Visitor>> visitor(Id workspace_id, Id visitor_id);

  // What they tell of themselves with a message; empty is not told. A proven name and address stay.
  Result<Visitor> tell(const Visitor& visitor, const channels::chat::VisitorMessage& message);
  // Their message, journaled before. The same id again is the same message.
  Result<Message> add(const Visitor& visitor, const channels::chat::VisitorMessage& message,
                      const std::vector<channels::chat::VisitorFile>& files);
  Result<std::optional<Message>> message(Id workspace_id, std::string_view external_id);
  // Changed after `change_seq`, in the order of the changes.
  Result<std::vector<Message>> read(Id workspace_id, Id visitor_id, std::int64_t change_seq,
                                    int limit = kPageMost);
  // They have read up to `seq`: the answers they had not seen before, the newest last.
  Result<std::vector<std::string>> seen(const Visitor& visitor, std::int64_t seq);

  // kRateLimited "too_many_files".
  Result<channels::chat::VisitorFile> keep_file(const Visitor& visitor,
                                                const channels::chat::VisitorFile& file,
                                                std::string_view body);
  // Their own uploads; kInvalid at "/files" for one that is not.
  Result<std::vector<channels::chat::VisitorFile>> files_of(const Visitor& visitor,
                                                            const std::vector<Id>& ids);
  // One of theirs, or of an answer to them; kNotFound otherwise.
  Result<channels::Media> file_for(const Visitor& visitor, Id file_id);

  // Conversations in which nothing was said since: messages, pictures, visitor and browsers go. What the desk
  // has of them stays. A part at a time; true when there is more.
  Result<bool> forget(Id workspace_id, Id account_id, TimeMs before_ms);
  Result<bool> forget_unsent(TimeMs before_ms);

  Result<void> put(const channels::Account& account, Id visitor_id,
                   const channels::Outgoing& outgoing) override;
  Result<void> take_back(const channels::Account& account, std::string_view external_id) override;
  Result<channels::Media> file(const channels::Account& account, std::string_view reference) override;
  void show_typing(const channels::Account& account, Id visitor_id, bool is_writing) override {
    if (on_typing_) on_typing_(account.workspace_id, visitor_id, is_writing);
  }

 private:
  void changed(store::Transaction& tx, Id workspace_id, Id visitor_id);
  Result<std::int64_t> next_seq(store::Transaction& tx, Id workspace_id, Id visitor_id);

  store::Database& db_;
  IdGenerator& ids_;
  const Clock& clock_;
  const TimeMs mail_after_ms_;
  std::function<void(Id, Id)> on_change_;
  std::function<void(Id, Id, bool)> on_typing_;
};

}  // namespace kiki::chat
