#pragma once
// Takes rows of the outbox to the network, one at a time for each account, until the network confirmed them.
//
//   held ─(undo time over)▶ queued ─▶ sending ─▶ sent ─(seen by everybody)▶ confirmed
//                             ▲  passing fault │ └▶ unclear ─(look it up)▶ sent, or queued again
//                             └────────────────┘ └▶ failed (a person decides)
//
// The row says "sending" durably before the network hears anything; whatever a crash leaves there is unclear,
// and is looked up before it is sent again. So nothing goes out twice where the network lets us look, and
// nothing is lost.

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "accounts/accounts.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/worker_pool.hpp"
#include "cases/cases.hpp"
#include "channels/contract/channel.hpp"
#include "delivery/public_links.hpp"
#include "events/event_log.hpp"
#include "reply/outbox.hpp"
#include "store/database.hpp"

namespace kiki::delivery {

struct SenderParts {
  store::Database& db;
  events::EventLog& log;
  IdGenerator& ids;
  const Clock& clock;
  Random& random;
  cases::Cases& cases;
  accounts::Accounts& accounts;
  accounts::ChannelByNetwork channel;
  accounts::StateOf state;
  const PublicLinks* links = nullptr;  // for networks that fetch what we send
};

struct SenderOptions {
  std::size_t workers = 4;
  std::int64_t tries = 14;                   // passing faults, about a day; then it fails visibly
  std::int64_t visible_within_ms = 600'000;  // how long we look whether everybody sees it
};

// Wait before try n (1, 2, …) after a passing fault: 1 s, 3 s, 10 s … 4 h, with up to a fifth more by chance.
std::int64_t backoff_ms(std::int64_t attempt, Random& random);

// One try of an outgoing webhook in the delivery log: of a reply through an account, or of a notice
// (notify/).
Result<void> record_try(store::Transaction& tx, IdGenerator& ids, Id workspace_id, Id receiver_id, Id item_id,
                        const channels::Delivery& attempt, bool delivered, TimeMs now_ms);

class Sender {
 public:
  Sender(SenderParts parts, SenderOptions options);
  ~Sender();

  // Turns what a crash left in "sending" into "unclear", then works until stop().
  Result<void> start();
  void wake();  // thread-safe; something may be due
  void stop();  // running sends are asked to stop and end as unclear

  // One round without threads, for tests and simulation: does everything that is due at clock.now_ms().
  Result<int> run_due();
  Result<void> recover();

 private:
  void loop(std::stop_token stop);
  void handle(reply::OutboxRow row, std::stop_token stop);
  // The account and its channel; nothing when there is none any more, which is then recorded as a fault.
  struct Way {
    channels::Account account;
    channels::Channel* channel = nullptr;
  };
  Result<std::optional<Way>> find_way(const reply::OutboxRow& row);
  Result<void> send(const reply::OutboxRow& row, std::stop_token stop);
  Result<void> look_up(const reply::OutboxRow& row, std::stop_token stop);
  Result<void> stay_in_doubt(const reply::OutboxRow& row, const Error& error);
  Result<void> send_again(const reply::OutboxRow& row);
  Result<void> confirm(const reply::OutboxRow& row, std::stop_token stop);
  Result<void> record_sent(const reply::OutboxRow& row, const channels::Sent& sent);
  Result<void> record_fault(const reply::OutboxRow& row, const Error& error);
  Result<void> record_log(const reply::OutboxRow& row, const std::vector<channels::Delivery>& tries,
                          bool delivered);

  SenderParts parts_;
  SenderOptions options_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool woken_ = false;
  std::set<std::pair<Id, Id>> busy_accounts_;        // (workspace, account): one at a time, in order
  std::map<std::pair<Id, Id>, TimeMs> quiet_until_;  // rate limits
  std::set<std::pair<Id, Id>> looked_in_vain_;       // their last act: something else is due first, once
  std::unique_ptr<WorkerPool> workers_;
  std::stop_source stop_source_;
  std::jthread thread_;
};

}  // namespace kiki::delivery
