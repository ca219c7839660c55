#pragma once
// A case's place in the order of the list, as columns of its row: worked out with every change, in its
// transaction.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "cases/rank.hpp"
#include "store/database.hpp"

namespace kiki::cases {

struct CaseState;

struct RankState {
  std::optional<TimeMs> at;
  std::string why = "[]";
  std::int64_t order = 0;  // version of the weights
  std::int64_t lane = 0;
  std::int64_t complaints = 0;
};
inline constexpr std::int64_t kDeskLane = 0;
inline constexpr std::int64_t kPurchaseLane = 1;

// The weights that count now. Reading their version costs one small statement; parsing is remembered.
Result<std::shared_ptr<const Weights>> read_weights(store::Connection& db, Id workspace_id);
// Those that one transaction has read.
using WeightsMemo = std::map<Id, std::shared_ptr<const Weights>>;

// After plan_promises, whose due_at it builds on. `anew`: the customer's groups may have changed. Called by
// write_state.
Result<void> plan_rank(store::Connection& db, CaseState& state, WeightsMemo& memo, bool anew = false);

}  // namespace kiki::cases
