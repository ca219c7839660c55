#include "listening/counts.hpp"

namespace kiki::listening {

namespace {
constexpr TimeMs kDayMs = 86'400'000;
}

Result<std::vector<Bucket>> read_counts(store::Connection& db, Id workspace_id, Id topic_id, int minutes,
                                        TimeMs from, TimeMs until) {
  return db.all(
      "SELECT start, posts FROM topic_counts WHERE workspace_id = $1 AND topic_id = $2 AND minutes = $3 AND "
      "start >= "
      "$4 AND start < $5 ORDER BY start",
      {workspace_id, topic_id, minutes, from, until},
      [](const store::Row& row) { return Bucket{row.integer(0), row.integer(1)}; });
}

Result<std::map<Id, std::int64_t>> sum_counts(store::Connection& db, Id workspace_id, TimeMs from,
                                              TimeMs until) {
  std::map<Id, std::int64_t> sums;
  // From the topics, so that the key's columns lead to the hours asked for.
  TRY(db.query(
      "SELECT t.id, SUM(c.posts) FROM topics t JOIN topic_counts c ON c.workspace_id = t.workspace_id AND "
      "c.topic_id = t.id WHERE t.workspace_id = $1 AND c.minutes = 60 AND c.start >= $2 AND c.start < $3 "
      "GROUP BY t.id",
      std::initializer_list<store::Param>{workspace_id, from, until},
      [&](const store::Row& row) { sums[row.integer(0)] = row.integer(1); }));
  return sums;
}

Result<void> forget_old_counts(store::Transaction& tx, TimeMs now_ms) {
  TRY(tx.db().run("DELETE FROM topic_counts WHERE minutes = 1 AND start < $1", {now_ms - 2 * kDayMs}));
  TRY(tx.db().run("DELETE FROM topic_counts WHERE minutes = 10 AND start < $1", {now_ms - 60 * kDayMs}));
  return {};
}

}  // namespace kiki::listening
