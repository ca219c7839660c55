#pragma once
// Alarms of topics: raised once when a rule says so, ended when it is over, kept. Two rules stand beside each
// other: the learnt one (detector.hpp) on the last ten minutes, and a hand-set one, N posts in M minutes.
// Every beginning and every end is an event (alarm.raised, alarm.ended) in the alarm's own transaction;
// whoever tells people reads those.

#include <boost/json/fwd.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "events/event_log.hpp"
#include "listening/rise/detector.hpp"
#include "store/database.hpp"

namespace kiki::listening::rise {

inline constexpr std::int64_t kRulePostsLimit = 1'000'000;
inline constexpr std::int64_t kRuleMinutesLimit = 1'440;

struct AlarmRules {
  bool learnt = true;
  std::int64_t posts = 0;    // hand-set: so many posts …
  std::int64_t minutes = 0;  // … in so many minutes; both 0: off
};

struct Alarm {
  Id workspace_id = 0;
  Id id = 0;
  Id topic_id = 0;
  std::string topic_name;
  std::string rule;  // learnt, set
  TimeMs started_at = 0;
  std::optional<TimeMs> ended_at;
  TimeMs last_high_at = 0;
  std::int64_t minutes = 0;
  std::int64_t posts = 0;
  double usual = 0;
  std::int64_t peak_posts = 0;
  int severity = 0;
};

// Severity of a hand-set rule: 5 at its number, three steps more for twice as many.
int severity_of_rule(std::int64_t posts, std::int64_t limit);

class Alarms {
 public:
  Alarms(store::Database& db, events::EventLog& log, IdGenerator& ids, const Clock& clock)
      : db_(db), log_(log), ids_(ids), clock_(clock) {}
  ~Alarms() { stop(); }

  void start();
  void look();  // a post came in: something may rise. Thread-safe, never waits.
  void stop();
  // One round without the thread, for tests: judges every topic that found something lately or has an open
  // alarm.
  Result<void> run_once();

  Result<AlarmRules> rules(Id workspace_id, Id topic_id);
  Result<AlarmRules> set_rules(Id workspace_id, Id topic_id, Id actor_id, const AlarmRules& rules);
  // Newest first, before an id; of one topic, or (0) of all.
  Result<std::vector<Alarm>> list(Id workspace_id, Id topic_id, Id before, int limit);

 private:
  struct Course {
    Detector detector;
    TimeMs fed_until_ms = 0;
  };
  struct Reading {
    std::string rule;
    bool begins = false;   // high enough for an alarm
    bool goes_on = false;  // not low enough to end one
    std::int64_t minutes = 0;
    std::int64_t posts = 0;
    double usual = 0;
    int severity = 0;
    TimeMs fade_ms = 0;
  };
  void run(std::stop_token stop);
  Result<void> judge(Id workspace_id, Id topic_id, TimeMs now_ms);
  Result<Reading> read_learnt(store::Connection& db, Id workspace_id, Id topic_id, TimeMs now_ms);
  Result<void> apply(Id workspace_id, Id topic_id, const Reading& reading, TimeMs now_ms);
  Result<void> forget_old(TimeMs now_ms);

  store::Database& db_;
  events::EventLog& log_;
  IdGenerator& ids_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool look_ = false;
  std::map<std::pair<Id, Id>, Course> courses_;  // by workspace and topic; of the round's thread alone
  TimeMs forgot_at_ms_ = 0;
  std::jthread thread_;
};

boost::json::object to_json(const Alarm& alarm);
boost::json::object to_json(const AlarmRules& rules);

}  // namespace kiki::listening::rise
