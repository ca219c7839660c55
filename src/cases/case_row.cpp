#include "cases/case_row.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <unordered_map>

#include "cases/case_row_sql.hpp"

namespace kiki::cases {

const std::string kRowFields =
    "c.workspace_id, c.id, c.number, c.status, c.origin, c.network, c.account_id, c.person_id, "
    "c.identity_id, i.name, "
    "i.handle, i.avatar_url, i.followers, c.title, c.preview, c.preview_marks, c.due_at, c.waiting_since, "
    "c.last_post_at, c.snoozed_until, c.assignee_id, c.dismiss_reason, c.post_count, c.version, c.triage, "
    "c.reply_from, c.priority, COALESCE(r.folded, 0), c.lane, c.rank_at, c.rank_why, o.asked_by, o.asked_of, "
    "o.note, c.team_id";
const std::string kRowTables =
    " FROM cases c LEFT JOIN identities i ON i.workspace_id = c.workspace_id AND i.id = c.identity_id LEFT "
    "JOIN "
    "case_relevance r ON r.workspace_id = c.workspace_id AND r.case_id = c.id LEFT JOIN case_opinions o ON "
    "o.workspace_id = c.workspace_id AND o.case_id = c.id ";

CaseRow read_case_row(const store::Row& row) {
  CaseRow read;
  read.workspace_id = row.integer(0);
  read.id = row.integer(1);
  read.number = row.integer(2);
  read.status = model::parse_case_status(row.text(3)).value_or(model::CaseStatus::kOpen);
  read.origin = row.string(4);
  read.network = row.string(5);
  read.account_id = row.integer(6);
  read.person_id = row.integer(7);
  read.identity_id = row.integer(8);
  read.name = row.string(9);
  read.handle = row.string(10);
  read.avatar_url = row.string(11);
  read.followers = row.maybe_integer(12);
  read.title = row.string(13);
  read.preview = row.string(14);
  read.preview_marks = row.string(15);
  read.due_at = row.maybe_integer(16);
  read.waiting_since = row.maybe_integer(17);
  read.last_post_at = row.integer(18);
  read.snoozed_until = row.maybe_integer(19);
  read.assignee_id = row.maybe_integer(20);
  read.dismiss_reason = row.string(21);
  read.post_count = row.integer(22);
  read.version = row.integer(23);
  read.triage = row.string(24);
  if (read.due_at) read.promised_from = row.maybe_integer(25);
  read.priority = row.string(26);
  read.folded = row.boolean(27) && read.status == model::CaseStatus::kFound;
  read.lane = row.integer(28);
  read.rank_at = row.maybe_integer(29);
  read.rank_why = row.string(30);
  read.opinion_by = row.maybe_integer(31);
  read.opinion_of = row.maybe_integer(32);
  read.opinion_note = row.string(33);
  read.team_id = row.maybe_integer(34);
  if (read.name.empty()) read.name = read.handle;
  return read;
}

namespace {

// "($2, $3, …)" in a few fixed sizes, so that few statements are prepared; the last id is repeated to fill
// it.
constexpr std::size_t kListSizes[] = {1, 10, 50, 200};

std::string placeholder_list(std::size_t size) {
  std::string list = "(";
  for (std::size_t i = 0; i < size; ++i) list += (i == 0 ? "$" : ", $") + std::to_string(i + 2);
  return list + ")";
}

// Runs "… IN (list)" over the ids in as many statements as it needs. $1 is the workspace.
Result<void> for_ids(store::Connection& db, const std::string& before, Id workspace_id,
                     std::span<const Id> ids, const std::function<void(const store::Row&)>& f) {
  constexpr auto kLargest = kListSizes[std::size(kListSizes) - 1];
  while (!ids.empty()) {
    const auto part = ids.first(std::min(ids.size(), kLargest));
    ids = ids.subspan(part.size());
    const auto size = *std::find_if(std::begin(kListSizes), std::end(kListSizes),
                                    [&](std::size_t s) { return s >= part.size(); });
    std::vector<store::Param> params;
    params.reserve(size + 1);
    params.emplace_back(workspace_id);
    for (std::size_t i = 0; i < size; ++i) params.emplace_back(part[std::min(i, part.size() - 1)]);
    TRY(db.query(before + placeholder_list(size), params, f));
  }
  return {};
}

}  // namespace

Result<void> load_labels(store::Connection& db, Id workspace_id, std::vector<CaseRow>& rows) {
  std::vector<Id> ids;
  std::unordered_map<Id, CaseRow*> by_id;
  for (auto& row : rows) {
    row.tags.clear();
    row.topic_ids.clear();
    ids.push_back(row.id);
    by_id[row.id] = &row;
  }
  static const std::string sql = "SELECT case_id, tag FROM case_tags WHERE workspace_id = $1 AND case_id IN ";
  TRY(for_ids(db, sql, workspace_id, ids,
              [&](const store::Row& row) { by_id[row.integer(0)]->tags.push_back(row.string(1)); }));
  static const std::string topics =
      "SELECT case_id, topic_id FROM case_topics WHERE workspace_id = $1 AND case_id IN ";
  TRY(for_ids(db, topics, workspace_id, ids,
              [&](const store::Row& row) { by_id[row.integer(0)]->topic_ids.push_back(row.integer(1)); }));
  for (auto& row : rows) {
    std::sort(row.tags.begin(), row.tags.end());
    std::sort(row.topic_ids.begin(), row.topic_ids.end());
  }
  return {};
}

Result<CaseRow> read_row(store::Connection& db, Id workspace_id, Id case_id) {
  auto rows = TRY(read_rows(db, workspace_id, std::span(&case_id, 1)));
  if (rows.empty()) return not_found("There is no such case.");
  return std::move(rows.front());
}

Result<std::vector<CaseRow>> read_rows(store::Connection& db, Id workspace_id, std::span<const Id> case_ids) {
  static const std::string sql =
      "SELECT " + kRowFields + kRowTables + "WHERE c.workspace_id = $1 AND c.id IN ";
  std::unordered_map<Id, CaseRow> by_id;
  TRY(for_ids(db, sql, workspace_id, case_ids, [&](const store::Row& row) {
    auto read = read_case_row(row);
    by_id.emplace(read.id, std::move(read));
  }));
  std::vector<CaseRow> rows;
  for (const Id id : case_ids) {
    const auto found = by_id.find(id);
    if (found != by_id.end()) rows.push_back(found->second);
  }
  TRY(load_labels(db, workspace_id, rows));
  return rows;
}

Result<Counts> read_counts(store::Connection& db, Id workspace_id, Id user_id, TimeMs now_ms) {
  Counts counts;
  TRY(db.query("SELECT status, assignee_id, cases FROM case_counts WHERE workspace_id = $1",
               std::initializer_list<store::Param>{workspace_id}, [&](const store::Row& row) {
                 const auto status = model::parse_case_status(row.text(0));
                 const auto cases = row.integer(2);
                 if (status == model::CaseStatus::kOpen) counts.now += cases;
                 if (status == model::CaseStatus::kOpen && user_id != 0 && row.integer(1) == user_id)
                   counts.mine += cases;
                 if (status == model::CaseStatus::kFound) counts.found += cases;
                 if (status == model::CaseStatus::kWaiting) counts.waiting += cases;
                 if (status == model::CaseStatus::kSnoozed) counts.snoozed += cases;
                 if (status == model::CaseStatus::kWatched) counts.watched += cases;
               }));
  const auto number = [](const store::Row& row) { return row.integer(0); };
  counts.folded =
      TRY(db.one("SELECT COUNT(*) FROM case_relevance r JOIN cases c ON c.workspace_id = r.workspace_id AND "
                 "c.id = r.case_id WHERE r.workspace_id = $1 AND r.folded = 1 AND c.status = 'found' AND "
                 "c.lane = 0",
                 {workspace_id}, number))
          .value_or(0);
  for (auto* from : {&counts.now, &counts.found}) {
    const auto wants_to_buy = TRY(db.one("SELECT COUNT(*) FROM cases WHERE workspace_id = $1 AND status = $2 "
                                         "AND lane = 1 AND rank_at IS NOT "
                                         "NULL",
                                         {workspace_id, from == &counts.now ? "open" : "found"}, number))
                                  .value_or(0);
    *from -= std::min(*from, wants_to_buy);
    counts.purchase += wants_to_buy;
  }
  counts.opinions =
      TRY(db.one("SELECT COUNT(*) FROM case_opinions WHERE workspace_id = $1", {workspace_id}, number))
          .value_or(0);
  counts.found -= std::min(counts.found, counts.folded);
  counts.overdue =
      TRY(db.one("SELECT COUNT(*) FROM (SELECT 1 FROM cases WHERE workspace_id = $1 AND status = 'open' "
                 "AND due_at < $2 LIMIT $3) AS overdue",
                 {workspace_id, now_ms, kOverdueLimit}, number))
          .value_or(0);
  counts.failed_replies =
      TRY(db.one("SELECT COUNT(*) FROM outbox WHERE workspace_id = $1 AND state = 'failed'", {workspace_id},
                 number))
          .value_or(0);
  counts.approvals =
      TRY(db.one("SELECT COUNT(*) FROM approvals WHERE workspace_id = $1 AND state = 'waiting'",
                 {workspace_id}, number))
          .value_or(0);
  counts.journal_failures =
      TRY(db.one("SELECT COUNT(*) FROM journal_failures WHERE workspace_id = $1", {workspace_id}, number))
          .value_or(0);
  return counts;
}

namespace {

boost::json::value maybe_time(std::optional<TimeMs> time) {
  if (!time) return nullptr;
  return boost::json::value(to_rfc3339(*time));
}

boost::json::value marks_json(const std::string& text) {
  boost::system::error_code error;
  auto value = boost::json::parse(text, error);
  return error || !value.is_array() ? boost::json::value(boost::json::array()) : value;
}

}  // namespace

boost::json::object to_json(const CaseRow& row) {
  boost::json::object body;
  body["id"] = to_string(row.id);
  body["number"] = row.number;
  body["status"] = model::name(row.status);
  body["origin"] = row.origin;
  body["network"] = row.network;
  body["account_id"] = to_string(row.account_id);
  body["person_id"] = to_string(row.person_id);
  body["name"] = row.name;
  body["handle"] = row.handle;
  body["avatar_url"] = row.avatar_url;
  if (row.followers) {
    body["followers"] = *row.followers;
  } else {
    body["followers"] = nullptr;
  }
  body["title"] = row.title;
  body["preview"] = row.preview;
  body["preview_marks"] = marks_json(row.preview_marks);
  body["due_at"] = maybe_time(row.due_at);
  body["promised_from"] = maybe_time(row.promised_from);
  body["priority"] = row.priority;
  body["waiting_since"] = maybe_time(row.waiting_since);
  body["last_post_at"] = to_rfc3339(row.last_post_at);
  body["snoozed_until"] = maybe_time(row.snoozed_until);
  if (row.assignee_id) {
    body["assignee_id"] = to_string(*row.assignee_id);
  } else {
    body["assignee_id"] = nullptr;
  }
  body["team_id"] = row.team_id ? boost::json::value(to_string(*row.team_id)) : boost::json::value();
  body["folded"] = row.folded;
  body["dismiss_reason"] = row.dismiss_reason;
  body["post_count"] = row.post_count;
  boost::json::array tags;
  for (const auto& tag : row.tags) tags.emplace_back(tag);
  body["tags"] = std::move(tags);
  boost::json::array topic_ids;
  for (const Id id : row.topic_ids) topic_ids.emplace_back(to_string(id));
  body["topic_ids"] = std::move(topic_ids);
  boost::system::error_code unread;
  auto triage = boost::json::parse(row.triage.empty() ? "null" : row.triage, unread);
  body["triage"] = unread ? boost::json::value() : std::move(triage);
  body["queue"] = row.lane == 0 ? "desk" : "purchase";
  body["rank_at"] = maybe_time(row.rank_at);
  body["rank_why"] = row.rank_at ? marks_json(row.rank_why) : boost::json::value(boost::json::array());
  if (row.opinion_by) {
    boost::json::object opinion{
        {"by", to_string(*row.opinion_by)}, {"of", nullptr}, {"note", row.opinion_note}};
    if (row.opinion_of) opinion["of"] = to_string(*row.opinion_of);
    body["opinion"] = std::move(opinion);
  } else {
    body["opinion"] = nullptr;
  }
  body["version"] = row.version;
  if (row.event_seq != 0) body["event_seq"] = std::to_string(row.event_seq);
  return body;
}

boost::json::object to_json(const Counts& counts) {
  return {{"now", counts.now},
          {"mine", counts.mine},
          {"found", counts.found},
          {"folded", counts.folded},
          {"waiting", counts.waiting},
          {"snoozed", counts.snoozed},
          {"watched", counts.watched},
          {"purchase", counts.purchase},
          {"opinions", counts.opinions},
          {"overdue", counts.overdue},
          {"failed_replies", counts.failed_replies},
          {"approvals", counts.approvals},
          {"journal_failures", counts.journal_failures}};
}

}  // namespace kiki::cases
