#pragma once
// The web chat behind its doors: what visitors write is journaled and shown, answers reach their pages, or go
// by mail when nobody is there, and both sides see each other type.

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "chat/conversations.hpp"
#include "chat/limits.hpp"
#include "chat/rooms.hpp"
#include "chat/waiting_time.hpp"
#include "events/event_log.hpp"
#include "ingest/ingest.hpp"
#include "net/mail_client.hpp"
#include "store/database.hpp"

namespace kiki::chat {

struct Parts {
  store::Database& db;
  events::EventLog& log;
  const Clock& clock;
  Random& random;
  ingest::Ingest& ingest;
  Conversations& conversations;
  net::MailClient& mail;
  std::string public_url;  // for links in mails; empty: none
  // To the consoles of a workspace: {"case_id", "here", "writing"}.
  std::function<void(Id workspace_id, const std::string& visitor_state)> tell_desk;
};

// The visitor of a case, as an agent sees them.
struct VisitorState {
  bool here = false;
  std::string email;  // where the answer goes when they are away; "": nowhere
  bool proven = false;
  std::string page;
};

class Chat {
 public:
  explicit Chat(Parts parts);
  ~Chat() { stop(); }

  Result<void> start();
  void stop();

  // Durable in the journal, then in the conversation; the same message again is one.
  Result<Message> write(const Visitor& visitor, const channels::chat::VisitorMessage& message);
  Result<void> seen(const Visitor& visitor, std::int64_t seq);
  void visitor_types(const Visitor& visitor, bool writing);
  Result<std::optional<VisitorState>> visitor_of_case(Id workspace_id, Id case_id);

  // Forgets what is older than its account keeps it, a part at a time; true when there is more.
  Result<bool> forget_old();
  // One round of the mails that are due. When the next one is.
  Result<std::optional<TimeMs>> mail_due(std::stop_token stop = {});

  Conversations& conversations() { return parts_.conversations; }
  Rooms& rooms() { return *rooms_; }
  Limits& limits() { return limits_; }
  WaitingTime& waiting_time() { return waiting_time_; }
  bool mail_works() const { return parts_.mail.configured(); }

 private:
  struct Changed {
    Id workspace_id;
    Id visitor_id;
  };
  struct Here {
    Id workspace_id;
    Id visitor_id;
    bool here;
    bool writing;
  };
  using Task = std::variant<Changed, Here>;
  struct Letter;
  void put(Task task);
  void work(std::stop_token stop);
  void post_letters(std::stop_token stop);
  void tell_state(const Here& state);
  Result<void> send(const Letter& letter, std::stop_token stop);

  Parts parts_;
  std::shared_ptr<Rooms> rooms_;
  Limits limits_;
  WaitingTime waiting_time_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Task> tasks_;
  bool mail_woken_ = false;
  TimeMs forget_at_ = 0;  // of the mail thread
  std::jthread thread_;
  std::jthread mail_thread_;
};

}  // namespace kiki::chat
