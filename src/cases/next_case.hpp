#pragma once
// The next best case, a different one for each agent: held for them for a short time, and given to nobody
// else meanwhile. Like presence, this is kept in memory: it is asked for all day, nothing is lost with it,
// and after a restart whoever is at a case is seen there.

#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "cases/case_row.hpp"
#include "store/database.hpp"

namespace kiki::cases {

inline constexpr TimeMs kLeaseMs = 5 * 60'000;  // whoever works on it is seen by presence from then on
// What somebody left comes to them again after that, or as soon as the customer writes.
inline constexpr TimeMs kPassedMs = 10 * 60'000;

struct NextQuery {
  Id workspace_id = 0;
  Id user_id = 0;
  bool purchases = false;   // of the queue of those who want to buy
  std::optional<Id> leave;  // the one they have now: given back, and passed over for a while
  std::vector<Id> busy;     // others are at these
  std::vector<Id> away;     // people who are not here: what waits with them waits for everybody
};

// Thread-safe.
class NextCase {
 public:
  NextCase(store::Database& db, const Clock& clock) : db_(db), clock_(clock) {}

  // The case on top that is open, nobody else's who is here, and given to nobody else; held for this person
  // from now on. What they held before is given back. Nothing: nothing waits for them.
  Result<std::optional<CaseRow>> take(const NextQuery& query);

 private:
  struct Lease {
    Id user_id = 0;
    TimeMs until = 0;
  };
  struct Pass {
    TimeMs until = 0;
    std::int64_t posts = 0;  // of the case then
  };
  void give_back(const NextQuery& query, std::optional<std::int64_t> posts, TimeMs now_ms);
  // True when it is nobody else's from now on.
  bool hold(const NextQuery& query, Id case_id, std::int64_t posts, TimeMs now_ms);
  void keep_only(const NextQuery& query, Id case_id);  // gives all others of theirs back

  store::Database& db_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::pair<Id, Id>, Lease> leases_;               // of (workspace, case)
  std::map<std::pair<Id, Id>, std::map<Id, Pass>> passed_;  // of (workspace, person): cases, until when
};

}  // namespace kiki::cases
