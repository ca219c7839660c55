#pragma once
// What follows from a find: the dashboard's counters, what was learnt from the team's decisions, and how
// relevant each found case is. It reads the event log behind the desk with a cursor of its own, moved in the
// transaction of its work: after a crash it goes on where it stood and counts nothing twice. Nothing of it
// stands in the way of a post.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "events/event_log.hpp"
#include "listening/stored_post.hpp"
#include "store/database.hpp"

namespace kiki::listening {

class Follower {
 public:
  // The themes of a topic that this post belongs to.
  using ThemesOf = std::function<std::vector<std::string>(Id topic_id, const query::Post& post)>;
  Follower(store::Database& db, events::EventLog& log, ThemesOf themes_of)
      : db_(db), log_(log), themes_of_(std::move(themes_of)) {}
  ~Follower() { stop(); }

  void start();
  void look();  // something was appended to the log. Thread-safe, never waits.
  void stop();
  // One batch; false when there was nothing to follow. For tests, and for the thread.
  Result<bool> step();

 private:
  void run(std::stop_token stop);

  store::Database& db_;
  events::EventLog& log_;
  const ThemesOf themes_of_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool look_ = false;
  std::jthread thread_;
};

}  // namespace kiki::listening
