#pragma once
// How many posts a topic found, in buckets of time; counted by cases/intake.cpp in the transaction of the
// post.

#include <cstdint>
#include <map>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "store/database.hpp"

namespace kiki::listening {

struct Bucket {
  TimeMs start = 0;
  std::int64_t posts = 0;
};

// Buckets of 1, 10 or 60 minutes that begin in [from, until), oldest first; empty ones are left out.
Result<std::vector<Bucket>> read_counts(store::Connection& db, Id workspace_id, Id topic_id, int minutes,
                                        TimeMs from, TimeMs until);
// Sums by topic of the hours that begin in [from, until).
Result<std::map<Id, std::int64_t>> sum_counts(store::Connection& db, Id workspace_id, TimeMs from,
                                              TimeMs until);
// Removes minutes older than 2 days and ten minutes older than 60.
Result<void> forget_old_counts(store::Transaction& tx, TimeMs now_ms);

}  // namespace kiki::listening
