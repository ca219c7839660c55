#pragma once
// Ranks the cases that wait anew after the weights have changed: what is on top, or was, first, and in small
// transactions, so that the list is right where people look at once and nobody else waits.

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "events/event_log.hpp"
#include "store/database.hpp"

namespace kiki::cases {

class RankKeeper {
 public:
  RankKeeper(store::Database& db, events::EventLog& log) : db_(db), log_(log) {}
  ~RankKeeper() { stop(); }
  void start();
  void stop();
  // The weights of this workspace have changed. Thread-safe, never waits.
  void order_changed(Id workspace_id);
  // Ranks every case that other weights have ranked; returns how many. Appends order.planned when the top is
  // right, and again at the end. May be stopped in between, and goes on at the next start.
  Result<std::int64_t> rank_anew(Id workspace_id, std::stop_token stop = {});

 private:
  void run(std::stop_token stop);
  Result<std::vector<Id>> unfinished();

  store::Database& db_;
  events::EventLog& log_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Id> to_rank_;
  std::jthread thread_;
};

}  // namespace kiki::cases
