#pragma once
// Notices promises that are about to break or broke, each once, and plans open cases anew after a book has
// changed: in small transactions, so that nobody else waits for them.

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "events/event_log.hpp"
#include "store/database.hpp"

namespace kiki::cases {

class PromiseKeeper {
 public:
  PromiseKeeper(store::Database& db, events::EventLog& log, const Clock& clock)
      : db_(db), log_(log), clock_(clock) {}
  ~PromiseKeeper() { stop(); }
  void start();
  void stop();
  // The book of this workspace has changed. Thread-safe, never waits.
  void book_changed(Id workspace_id);

  // Appends promise.warned and promise.broken for what is due by now; returns how many. Their data names the
  // promise, its end, and who is on duty: {"promise","due_at","policy","on_duty":["id",…]}.
  Result<std::int64_t> notice(TimeMs now_ms);
  // Plans every open, waiting and snoozed case that an older book planned; returns how many. Appends
  // promises.planned when there were some. May be stopped in between, and goes on at the next start.
  Result<std::int64_t> plan_anew(Id workspace_id, std::stop_token stop = {});
  Result<std::vector<Id>> workspaces_with_books();

 private:
  void run(std::stop_token stop);
  Result<std::int64_t> notice_running(TimeMs now_ms);
  Result<std::int64_t> notice_ended(TimeMs now_ms);

  store::Database& db_;
  events::EventLog& log_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Id> to_plan_;
  std::jthread thread_;
};

}  // namespace kiki::cases
