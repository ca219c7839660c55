#pragma once
// Times in which an account heard nothing and that were closed afterwards: how many posts came of each, for
// the account's page. The last twenty are kept.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "store/database.hpp"

namespace kiki::ingest {

struct ClosedGap {
  Id workspace_id = 0;
  Id account_id = 0;
  TimeMs away_since = 0;
  std::int64_t posts = 0;
};

Result<void> note_gap(store::Transaction& tx, const ClosedGap& gap, TimeMs now_ms);
// What a network brings again comes bit by bit: what was missed before the last gap was closed belongs to
// that one.
Result<void> add_to_gap(store::Transaction& tx, const ClosedGap& gap, TimeMs now_ms);

}  // namespace kiki::ingest
