#pragma once
// A workspace's weights for the order of the list: shown on today's list before they are saved, and every
// version kept.

#include <functional>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "cases/case_row.hpp"
#include "cases/rank.hpp"
#include "events/event_log.hpp"
#include "store/database.hpp"

namespace kiki::cases {

inline constexpr std::size_t kPreviewedCases = 20;

// One open case, as far as its rank is concerned.
struct Ranked {
  Id id = 0;
  std::int64_t version = 0;
  std::int64_t lane = 0;
  TimeMs at_before = 0;
  Rank now;
};
// Every case that waits in a queue, ranked by these weights; nothing is written. With `only_others` those
// only that other weights have ranked.
Result<void> rank_all(store::Connection& db, Id workspace_id, const Weights& weights, bool only_others,
                      const std::function<void(Ranked&&)>& f);

struct OrderPreview {
  std::vector<CaseRow> before;
  std::vector<CaseRow> after;  // with the ranks and reasons they would have
  std::int64_t cases = 0;      // looked at
  std::int64_t moved = 0;      // of them, those that would stand at another time
};

class Orders {
 public:
  Orders(store::Database& db, events::EventLog& log, const Clock& clock)
      : db_(db), log_(log), clock_(clock) {}

  // The list "now", its top before and after.
  Result<OrderPreview> preview(Id workspace_id, const Weights& weights);
  // kConflict "changed" when somebody else has saved since `weights.version`. Appends order.changed, by which
  // open cases are ranked anew.
  Result<std::int64_t> save(Id workspace_id, Id actor_id, const Weights& weights);

 private:
  store::Database& db_;
  events::EventLog& log_;
  const Clock& clock_;
};

}  // namespace kiki::cases
