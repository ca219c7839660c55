#include "teamwork/views.hpp"

#include <algorithm>
#include <functional>
#include <limits>

namespace kiki::teamwork {

namespace {

constexpr int kScanLimitCases = 2'000;   // read for one page when words or hours must be looked at one by one
constexpr int kCountLimit = 1'000;       // counted further than that says nobody more
constexpr int kCountScanCases = 20'000;  // of each state, the newest
constexpr TimeMs kFirst = std::numeric_limits<TimeMs>::min();
constexpr TimeMs kLast = std::numeric_limits<TimeMs>::max();

using Places = std::vector<cases::Position>;

bool is_by_rank(const std::vector<model::CaseStatus>& statuses) {
  return statuses.size() == 1 && statuses.front() == model::CaseStatus::kOpen;
}

// The next places of the list in its order.
Result<Places> next_places(store::Connection& db, const Conditions& conditions, const Asker& asker,
                           const std::vector<model::CaseStatus>& statuses,
                           std::optional<cases::Position> after_in, int limit) {
  const bool by_rank = is_by_rank(statuses);
  const auto after = after_in.value_or(by_rank ? cases::Position{kFirst, 0}
                                               : cases::Position{kLast, std::numeric_limits<Id>::max()});
  const bool by_reply =
      std::ranges::any_of(conditions, [](const auto& one) { return one.field == "reply" && !one.negated; });
  Places places;
  for (const auto status : statuses) {
    Sql sql;
    const std::string time = by_rank ? "c.rank_at" : "c.last_post_at";
    sql.text = "SELECT " + time + ", c.id FROM ";
    // Few cases have one: they are looked up, not looked for in the order of the list.
    if (by_reply)
      sql.text +=
          "(SELECT DISTINCT o.case_id FROM outbox o WHERE o.workspace_id = " + sql.bind(asker.workspace_id) +
          " AND o.state = 'failed') f CROSS JOIN ";
    sql.text += "cases c WHERE c.workspace_id = " + sql.bind(asker.workspace_id);
    if (by_reply) sql.text += " AND c.id = f.case_id";
    sql.text += " AND c.status = " + sql.bind(std::string(model::name(status)));
    sql.text += " AND (" + time + (by_rank ? ", c.id) > (" : ", c.id) < (") + sql.bind(after.time);
    sql.text += ", " + sql.bind(after.id) + ")";
    sql.text += sql_of(conditions, asker, sql);
    sql.text += by_rank ? " ORDER BY c.rank_at, c.id" : " ORDER BY c.last_post_at DESC, c.id DESC";
    sql.text += " LIMIT " + sql.bind(limit);
    TRY(db.query(sql.text, sql.params(),
                 [&](const store::Row& row) { places.push_back({row.integer(0), row.integer(1)}); }));
  }
  std::sort(places.begin(), places.end(), [&](const auto& a, const auto& b) {
    return by_rank ? std::pair(a.time, a.id) < std::pair(b.time, b.id)
                   : std::pair(a.time, a.id) > std::pair(b.time, b.id);
  });
  if (places.size() > static_cast<std::size_t>(limit)) places.resize(static_cast<std::size_t>(limit));
  return places;
}

}  // namespace

Result<cases::RowPage> list_view(store::Connection& db, const Conditions& conditions, const Asker& asker,
                                 std::optional<cases::Position> after, int limit) {
  const auto statuses = statuses_of(conditions);
  const bool exact = is_exact(conditions);
  cases::RowPage page;
  Places shown;
  int scanned = 0;
  bool at_end = false;
  const auto wanted = static_cast<std::size_t>(limit) + 1;  // one more tells whether there is a next page
  while (shown.size() < wanted && !at_end && scanned < kScanLimitCases) {
    const auto places = TRY(next_places(db, conditions, asker, statuses, after, limit + 1));
    at_end = places.size() < wanted;
    scanned += static_cast<int>(places.size());
    for (const auto& place : places) {
      after = place;
      if (!exact && !TRY(rest_holds(db, conditions, asker, place.id))) continue;
      shown.push_back(place);
      if (shown.size() == wanted) break;
    }
    if (exact) break;
  }
  if (shown.size() == wanted) {
    shown.pop_back();
    page.next = shown.back();
  } else if (!at_end && after) {
    page.next = after;  // enough was looked at; it goes on from here
  }
  std::vector<Id> ids;
  for (const auto& place : shown) ids.push_back(place.id);
  page.rows = TRY(cases::read_rows(db, asker.workspace_id, ids));
  return page;
}

Result<std::vector<Id>> cases_in_view(store::Connection& db, const Conditions& conditions, const Asker& asker,
                                      int limit) {
  constexpr int kAtOnce = 500;
  const auto statuses = statuses_of(conditions);
  const bool exact = is_exact(conditions);
  std::vector<Id> ids;
  std::optional<cases::Position> after;
  for (int scanned = 0; scanned < kCountScanCases;) {
    const auto places = TRY(next_places(db, conditions, asker, statuses, after, kAtOnce));
    for (const auto& place : places) {
      if (!exact && !TRY(rest_holds(db, conditions, asker, place.id))) continue;
      ids.push_back(place.id);
      if (ids.size() == static_cast<std::size_t>(limit)) return ids;
    }
    if (places.size() < kAtOnce) break;
    after = places.back();
    scanned += kAtOnce;
  }
  return ids;
}

Result<ViewCount> count_view(store::Connection& db, const Conditions& conditions, const Asker& asker) {
  ViewCount count;
  const bool exact = is_exact(conditions);
  for (const auto status : statuses_of(conditions)) {
    Sql sql;
    sql.text = "SELECT c.id FROM (SELECT * FROM cases WHERE workspace_id = " + sql.bind(asker.workspace_id);
    sql.text += " AND status = " + sql.bind(std::string(model::name(status)));
    sql.text += " ORDER BY last_post_at DESC, id DESC LIMIT " + sql.bind(kCountScanCases);
    sql.text += ") c WHERE 1 = 1" + sql_of(conditions, asker, sql);
    sql.text += " LIMIT " + sql.bind(kCountLimit);
    std::vector<Id> ids;
    TRY(db.query(sql.text, sql.params(), [&](const store::Row& row) { ids.push_back(row.integer(0)); }));
    if (ids.size() == kCountLimit) count.more = true;
    for (const Id id : ids) {
      if (exact || TRY(rest_holds(db, conditions, asker, id))) ++count.cases;
    }
  }
  return count;
}

}  // namespace kiki::teamwork
