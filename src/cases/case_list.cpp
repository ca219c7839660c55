// Pages of cases. Each page is one range of an index, found by its first row's place (keyset), so that page
// one thousand costs what page one does; names and tags are read for the page only.

#include <algorithm>
#include <functional>
#include <limits>

#include "cases/case_row_sql.hpp"

namespace kiki::cases {
namespace {

constexpr Id kLastId = std::numeric_limits<Id>::max();
constexpr TimeMs kLastTime = std::numeric_limits<TimeMs>::max();
constexpr int kTopicScanLimitCases = 2'000;  // looked at for one page of a list by topic

// An open case always has a rank (write_state sees to it).
Result<std::vector<CaseRow>> by_rank(store::Connection& db, const ListQuery& query, int limit) {
  const auto after = query.after.value_or(Position{std::numeric_limits<TimeMs>::min(), 0});
  if (query.view == View::kMine) {
    static const std::string mine =
        "SELECT " + kRowFields + kRowTables +
        "WHERE c.workspace_id = $1 AND c.assignee_id = $2 AND c.status = 'open' AND "
        "(c.rank_at, c.id) > ($3, $4) ORDER BY c.rank_at, c.id LIMIT $5";
    return db.all(mine, {query.workspace_id, query.user_id, after.time, after.id, limit}, read_case_row);
  }
  static const std::string now =
      "SELECT " + kRowFields + kRowTables +
      "WHERE c.workspace_id = $1 AND c.status = 'open' AND c.lane = 0 AND c.rank_at IS NOT NULL AND "
      "(c.rank_at, c.id) > ($2, $3) ORDER BY c.rank_at, c.id LIMIT $4";
  return db.all(now, {query.workspace_id, after.time, after.id, limit}, read_case_row);
}

Result<std::vector<CaseRow>> by_last_post(store::Connection& db, const ListQuery& query,
                                          model::CaseStatus status, int limit) {
  static const std::string sql =
      "SELECT " + kRowFields + kRowTables +
      "WHERE c.workspace_id = $1 AND c.status = $2 AND (c.last_post_at, c.id) < ($3, $4) "
      "ORDER BY c.last_post_at DESC, c.id DESC LIMIT $5";
  const auto after = query.after.value_or(Position{kLastTime, kLastId});
  return db.all(sql, {query.workspace_id, model::name(status), after.time, after.id, limit}, read_case_row);
}

// What the team hardly wants, by its decisions so far, stands by itself.
Result<std::vector<CaseRow>> found(store::Connection& db, const ListQuery& query, int limit) {
  static const std::string likely = "SELECT " + kRowFields + kRowTables +
                                    "WHERE c.workspace_id = $1 AND c.status = 'found' AND c.lane = 0 AND "
                                    "COALESCE(r.folded, 0) = 0 AND (c.last_post_at, c.id) < ($2, $3) "
                                    "ORDER BY c.last_post_at DESC, c.id DESC LIMIT $4";
  static const std::string folded = "SELECT " + kRowFields + kRowTables +
                                    "WHERE c.workspace_id = $1 AND c.status = 'found' AND c.lane = 0 AND "
                                    "r.folded = 1 AND "
                                    "(c.last_post_at, c.id) < ($2, $3) "
                                    "ORDER BY c.last_post_at DESC, c.id DESC LIMIT $4";
  const auto after = query.after.value_or(Position{kLastTime, kLastId});
  return db.all(query.view == View::kFolded ? folded : likely,
                {query.workspace_id, after.time, after.id, limit}, read_case_row);
}

// No index holds all states together, and one would cost every post that comes in: the six ranges are merged,
// and rows are read only for what is left.
Result<std::vector<CaseRow>> all_states(store::Connection& db, const ListQuery& query, int limit) {
  const auto after = query.after.value_or(Position{kLastTime, kLastId});
  std::vector<std::pair<TimeMs, Id>> places;
  for (const auto status : model::kAllCaseStatuses) {
    const auto part =
        TRY(db.all("SELECT last_post_at, id FROM cases WHERE workspace_id = $1 AND status = $2 AND "
                   "(last_post_at, id) < ($3, $4) ORDER BY last_post_at DESC, id DESC LIMIT $5",
                   {query.workspace_id, model::name(status), after.time, after.id, limit},
                   [](const store::Row& row) { return std::pair(row.integer(0), row.integer(1)); }));
    places.insert(places.end(), part.begin(), part.end());
  }
  std::sort(places.begin(), places.end(), std::greater<>());
  if (places.size() > static_cast<std::size_t>(limit)) places.resize(static_cast<std::size_t>(limit));
  std::vector<Id> ids;
  ids.reserve(places.size());
  for (const auto& [last_post_at, id] : places) ids.push_back(id);
  return read_rows(db, query.workspace_id, ids);
}

// Open and found ones together, each a range of the same index.
Result<std::vector<CaseRow>> purchases(store::Connection& db, const ListQuery& query, int limit) {
  const auto after = query.after.value_or(Position{std::numeric_limits<TimeMs>::min(), 0});
  std::vector<std::pair<TimeMs, Id>> places;
  for (const std::string_view status : {"open", "found"}) {
    const auto part = TRY(db.all(
        "SELECT rank_at, id FROM cases WHERE workspace_id = $1 AND status = $2 AND lane = 1 AND rank_at IS "
        "NOT NULL AND (rank_at, id) > ($3, $4) ORDER BY rank_at, id LIMIT $5",
        {query.workspace_id, status, after.time, after.id, limit},
        [](const store::Row& row) { return std::pair(row.integer(0), row.integer(1)); }));
    places.insert(places.end(), part.begin(), part.end());
  }
  std::sort(places.begin(), places.end());
  if (places.size() > static_cast<std::size_t>(limit)) places.resize(static_cast<std::size_t>(limit));
  std::vector<Id> ids;
  ids.reserve(places.size());
  for (const auto& [rank_at, id] : places) ids.push_back(id);
  return read_rows(db, query.workspace_id, ids);
}

Result<RowPage> opinions(store::Connection& db, const ListQuery& query) {
  const auto after = query.after.value_or(Position{});
  auto places =
      TRY(db.all("SELECT asked_at, case_id FROM case_opinions WHERE workspace_id = $1 AND (asked_at, "
                 "case_id) > ($2, $3) "
                 "ORDER BY asked_at, case_id LIMIT $4",
                 {query.workspace_id, after.time, after.id, query.limit + 1},
                 [](const store::Row& row) { return Position{row.integer(0), row.integer(1)}; }));
  RowPage page;
  if (places.size() > static_cast<std::size_t>(query.limit)) {
    places.pop_back();
    page.next = places.back();
  }
  std::vector<Id> ids;
  ids.reserve(places.size());
  for (const auto& one : places) ids.push_back(one.id);
  page.rows = TRY(read_rows(db, query.workspace_id, ids));
  return page;
}

bool is_in_view(const CaseRow& row, const ListQuery& query) {
  switch (query.view) {
    case View::kNow:
      return row.status == model::CaseStatus::kOpen && row.lane == 0;
    case View::kMine:
      return row.status == model::CaseStatus::kOpen && row.assignee_id == query.user_id;
    case View::kFound:
      return row.status == model::CaseStatus::kFound && row.lane == 0 && !row.folded;
    case View::kFolded:
      return row.lane == 0 && row.folded;
    case View::kWaiting:
      return row.status == model::CaseStatus::kWaiting;
    case View::kSnoozed:
      return row.status == model::CaseStatus::kSnoozed;
    case View::kWatched:
      return row.status == model::CaseStatus::kWatched;
    case View::kPurchase:
      return row.lane == 1 &&
             (row.status == model::CaseStatus::kOpen || row.status == model::CaseStatus::kFound);
    case View::kOpinions:
      return row.opinion_by.has_value();
    case View::kResolved:
      return row.status == model::CaseStatus::kResolved;
    case View::kDismissed:
      return row.status == model::CaseStatus::kDismissed;
    case View::kAll:
      return true;
  }
  return false;
}

Result<RowPage> by_topic(store::Connection& db, const ListQuery& query) {
  RowPage page;
  Id before = query.after ? query.after->id : kLastId;
  for (int scanned = 0; scanned < kTopicScanLimitCases;) {
    const auto ids = TRY(db.all(
        "SELECT case_id FROM case_topics WHERE workspace_id = $1 AND topic_id = $2 AND case_id < $3 "
        "ORDER BY case_id DESC LIMIT 200",
        {query.workspace_id, query.topic_id, before}, [](const store::Row& row) { return row.integer(0); }));
    if (ids.empty()) return page;
    for (auto& row : TRY(read_rows(db, query.workspace_id, ids))) {
      if (!is_in_view(row, query)) continue;
      if (page.rows.size() == static_cast<std::size_t>(query.limit)) {
        page.next = Position{0, page.rows.back().id};
        return page;
      }
      page.rows.push_back(std::move(row));
    }
    before = ids.back();
    scanned += static_cast<int>(ids.size());
  }
  page.next = Position{0, before};
  return page;
}

}  // namespace

std::optional<View> parse_view(std::string_view name) {
  constexpr std::pair<std::string_view, View> kViews[] = {
      {"now", View::kNow},           {"mine", View::kMine},           {"found", View::kFound},
      {"folded", View::kFolded},     {"waiting", View::kWaiting},     {"snoozed", View::kSnoozed},
      {"watched", View::kWatched},   {"purchase", View::kPurchase},   {"opinions", View::kOpinions},
      {"resolved", View::kResolved}, {"dismissed", View::kDismissed}, {"all", View::kAll}};
  for (const auto& [text, view] : kViews) {
    if (text == name) return view;
  }
  return std::nullopt;
}

Result<RowPage> list_cases(store::Connection& db, const ListQuery& query) {
  if (query.topic_id != 0) return by_topic(db, query);
  if (query.view == View::kOpinions) return opinions(db, query);
  const int wanted = query.limit + 1;  // one more tells whether there is a next page
  const bool is_by_rank =
      query.view == View::kNow || query.view == View::kMine || query.view == View::kPurchase;
  RowPage page;
  switch (query.view) {
    case View::kNow:
    case View::kMine:
      page.rows = TRY(by_rank(db, query, wanted));
      break;
    case View::kFound:
    case View::kFolded:
      page.rows = TRY(found(db, query, wanted));
      break;
    case View::kWaiting:
      page.rows = TRY(by_last_post(db, query, model::CaseStatus::kWaiting, wanted));
      break;
    case View::kSnoozed:
      page.rows = TRY(by_last_post(db, query, model::CaseStatus::kSnoozed, wanted));
      break;
    case View::kWatched:
      page.rows = TRY(by_last_post(db, query, model::CaseStatus::kWatched, wanted));
      break;
    case View::kPurchase:
      page.rows = TRY(purchases(db, query, wanted));
      break;
    case View::kOpinions:  // above
      break;
    case View::kResolved:
      page.rows = TRY(by_last_post(db, query, model::CaseStatus::kResolved, wanted));
      break;
    case View::kDismissed:
      page.rows = TRY(by_last_post(db, query, model::CaseStatus::kDismissed, wanted));
      break;
    case View::kAll:
      page.rows = TRY(all_states(db, query, wanted));
      break;
  }
  if (page.rows.size() == static_cast<std::size_t>(wanted)) {
    page.rows.pop_back();
    const auto& last = page.rows.back();
    page.next = Position{is_by_rank ? last.rank_at.value_or(0) : last.last_post_at, last.id};
  }
  TRY(load_labels(db, query.workspace_id, page.rows));
  return page;
}

}  // namespace kiki::cases
