#pragma once
// Tells people. One mechanism for everything: a notice is a row with a key that makes it one, and a telling
// is a row for each person and way (console, mail) and each webhook, so that each is told once. What must
// leave the desk waits in its row until it has left; a crash between any two lines repeats a telling at most
// under the same id, never loses one.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "events/event_log.hpp"
#include "net/http_client.hpp"
#include "net/mail_client.hpp"
#include "notify/settings.hpp"
#include "store/database.hpp"
#include "store/seal.hpp"

namespace kiki::notify {

inline constexpr std::size_t kWebhooksLimit = 20;  // per workspace

struct Notice {
  Id workspace_id = 0;
  std::string dedupe_key;
  std::string kind;  // the words are "notice.KIND.title" and "notice.KIND.text" of i18n
  int severity = 5;  // 1 to 10
  std::string data;  // JSON object: what the words need, and where it leads ("path", below the workspace)
  std::vector<Id> users;     // who is told; nobody named: every member of the workspace
  bool to_webhooks = false;  // although people are named
};

struct Shown {  // one notice as one person sees it
  Id id = 0;
  std::string kind;
  int severity = 0;
  std::string data;
  TimeMs created_at = 0;
  bool read = false;
};

struct WebhookRow {
  Id workspace_id = 0;
  Id id = 0;
  std::string name;
  std::string url;
  bool enabled = true;
  TimeMs created_at = 0;
  std::string secret;  // only when it is made
};

struct Parts {
  store::Database& db;
  events::EventLog& log;
  IdGenerator& ids;
  const Clock& clock;
  Random& random;
  store::Sealer& sealer;
  net::HttpClient& http;
  net::SsrfPolicy ssrf;
  net::MailClient& mail;
  std::string public_url;  // base of links in mails; empty: no links
};

class Notify {
 public:
  explicit Notify(Parts parts) : parts_(std::move(parts)) {}
  ~Notify() { stop(); }

  Result<void> start();
  void wake();  // something may be due. Thread-safe, never waits.
  void stop();
  // One round without the thread, for tests: events become notices, and what is due is told.
  Result<void> run_once(std::stop_token stop = {});

  // In the transaction of what it tells of. The same key again is nothing.
  Result<void> tell(store::Transaction& tx, const Notice& notice);

  Result<std::vector<Shown>> list(Id workspace_id, Id user_id, Id before, int limit);
  Result<std::int64_t> unread(Id workspace_id, Id user_id);
  Result<void> mark_read(Id workspace_id, Id user_id, Id up_to);  // this one and all before it

  Result<std::vector<WebhookRow>> webhooks(Id workspace_id);
  Result<WebhookRow> make_webhook(Id workspace_id, Id user_id, const std::string& name,
                                  const std::string& url);
  Result<void> change_webhook(Id workspace_id, Id id, std::optional<std::string> name,
                              std::optional<std::string> url, std::optional<bool> enabled);
  Result<void> remove_webhook(Id workspace_id, Id id);
  // Sends a notice once more, whatever became of it, under the same id.
  Result<void> resend(Id workspace_id, Id webhook_id, Id notice_id);

 private:
  struct Telling {
    Id workspace_id = 0;
    Id notice_id = 0;
    std::string way;
    Id receiver_id = 0;
    std::int64_t attempts = 0;
    TimeMs next_at = 0;
    std::string kind;
    int severity = 0;
    std::string data;
    TimeMs created_at = 0;
  };
  void run(std::stop_token stop);
  Result<void> read_events();
  Result<void> notice_of(store::Transaction& tx, const events::Event& event);
  Result<std::optional<Notice>> alarm_notice(store::Transaction& tx, const events::Event& event);
  Result<void> send(const Telling& telling, std::stop_token stop);
  Result<void> send_mail(const Telling& telling, std::stop_token stop);
  Result<void> send_webhook(const Telling& telling, std::stop_token stop);
  Result<void> check_webhook(const std::string& name, const std::string& url) const;

  Parts parts_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool woken_ = false;
  std::jthread thread_;
};

json::object to_json(const Shown& notice);
json::object to_json(const WebhookRow& webhook);

}  // namespace kiki::notify
