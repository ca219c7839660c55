#pragma once
// Rules: what the desk does by itself, when something happens to a case or when time has passed. One thread
// reads the event log behind a cursor; what a rule did is an act, written once for each case and trigger in
// the transaction of its work, so a crash between any two lines repeats nothing.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "events/event_log.hpp"
#include "teamwork/acts.hpp"
#include "teamwork/documents.hpp"
#include "teamwork/waiting_rules.hpp"

namespace kiki::teamwork {

inline constexpr std::size_t kRuleDepthMost = 4;  // rules that follow from each other
inline constexpr int kDryRunDaysMost = 30;

struct Touched {
  Id case_id = 0;
  std::int64_t number = 0;
  std::string name;
  std::string title;
  TimeMs at = 0;  // of the newest trigger
};
struct DryRun {
  std::vector<Touched> cases;  // newest first, at most kDryRunShown
  std::int64_t count = 0;      // of cases
  std::int64_t looked_at = 0;  // events
  bool complete = true;        // all days were looked at
};
inline constexpr std::size_t kDryRunShown = 200;

class Rules {
 public:
  Rules(store::Database& db, Acts& acts) : db_(db), acts_(acts), waiting_(db) {}
  ~Rules() { stop(); }
  Result<void> start();
  void stop();
  void look();  // something happened. Thread-safe, never waits.

  // One round without the thread, for tests.
  Result<void> run_once();
  // Which cases it would have touched in the last days, as they are now. Changes nothing.
  Result<DryRun> dry_run(Id workspace_id, const Body& rule, int days);

 private:
  void run(std::stop_token stop);
  Result<bool> read_events();  // true: there may be more
  Result<void> answer(const events::Event& event, const std::vector<Document>& rules);
  Result<void> look_at_clock(const std::vector<Document>& rules);
  Result<void> apply(const Document& rule, const std::string& key, Id case_id, Id post_id,
                     const std::string& chain);

  store::Database& db_;
  Acts& acts_;
  WaitingRules waiting_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool look_ = true;
  TimeMs clock_looked_at_ = 0;
  // Further than the stored cursor, which moves now and then: reading again does nothing twice.
  std::int64_t read_to_ = 0;
  TimeMs stored_at_ = 0;
  std::jthread thread_;
};

json::object to_json(const DryRun& run);

}  // namespace kiki::teamwork
