#include "teamwork/escalations.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "promises/book.hpp"
#include "promises/books.hpp"
#include "teamwork/actions.hpp"

namespace kiki::teamwork {

namespace {

constexpr std::size_t kStatusMostBytes = 200;
constexpr std::size_t kUrlMostBytes = 2'000;
constexpr int kNoticedAtOnce = 100;
const std::string kColumns =
    "e.id, e.case_id, e.team_id, COALESCE(t.name, ''), e.note, e.state, e.created_by, COALESCE(u.name, ''), "
    "e.created_at, e.due_at, e.ended_at, e.tracker_status, e.tracker_url, e.plan FROM escalations e LEFT "
    "JOIN teams "
    "t ON "
    "t.workspace_id = e.workspace_id AND t.id = e.team_id LEFT JOIN users u ON u.id = e.created_by ";

Escalation read_one(const store::Row& row) {
  return {row.integer(0),        row.integer(1), row.integer(2), row.string(3),  row.string(4),
          row.string(5),         row.integer(6), row.string(7),  row.integer(8), row.integer(9),
          row.maybe_integer(10), row.string(11), row.string(12), row.string(13)};
}

Result<std::optional<Escalation>> find(store::Connection& db, Id workspace_id, Id id) {
  static const std::string sql = "SELECT " + kColumns + "WHERE e.workspace_id = $1 AND e.id = $2";
  return db.one(sql, {workspace_id, id}, read_one);
}

Result<void> append(store::Transaction& tx, const Hands& hands, const Escalating& what,
                    const Escalation& now) {
  json::object data{{"escalation_id", to_string(now.id)},
                    {"team_id", to_string(now.team_id)},
                    {"team", now.team},
                    {"state", now.state},
                    {"tracker_status", now.tracker_status}};
  if (!what.by.empty()) data["by"] = what.by;
  events::Event event;
  event.workspace_id = what.workspace_id;
  event.kind = "escalation.state";
  event.case_id = what.case_id;
  event.actor_id = what.actor_id;
  event.data = json::serialize(data);
  return hands.log.append(tx, std::move(event));
}

Result<notify::Notice> notice_of(store::Connection& db, Id workspace_id, const Escalation& one,
                                 std::string kind) {
  const auto row = TRY(cases::read_row(db, workspace_id, one.case_id));
  notify::Notice notice;
  notice.workspace_id = workspace_id;
  notice.kind = std::move(kind);
  notice.dedupe_key = notice.kind + ":" + to_string(one.id);
  notice.severity = 6;
  notice.users = TRY(db.all("SELECT user_id FROM team_members WHERE workspace_id = $1 AND team_id = $2",
                            {workspace_id, one.team_id}, [](const store::Row& r) { return r.integer(0); }));
  const auto type = "escalation." + notice.kind.substr(notice.kind.find('_') + 1);
  notice.data = json::serialize(json::object{{"type", type},
                                             {"escalation_id", to_string(one.id)},
                                             {"case_id", to_string(one.case_id)},
                                             {"number", row.number},
                                             {"of_customer", true},
                                             {"network", row.network},
                                             {"team", one.team},
                                             {"note", one.note},
                                             {"due_at", to_rfc3339(one.due_at)},
                                             {"path", "/all/case/" + to_string(one.case_id)}});
  return notice;
}

// Minutes of open time on the calendar of the case's policy, with the days as they count now: hours that
// change later move no promise that was given.
Result<promises::Plan> plan_of(store::Connection& db, Id workspace_id, Id case_id, TimeMs from,
                               std::int64_t minutes) {
  const auto book = TRY(promises::read_book(db, workspace_id));
  const auto key = TRY(db.one("SELECT promise_policy FROM cases WHERE workspace_id = $1 AND id = $2",
                              {workspace_id, case_id}, [](const store::Row& row) { return row.string(0); }));
  const auto* policy = &book->policies.back();
  for (const auto& one : book->policies) {
    if (key && one.key == *key) policy = &one;
  }
  promises::Terms terms;
  terms.first_reply = {minutes, minutes};
  terms.inside = terms.outside = promises::Counting::kOpenTime;
  terms.warn_minutes = 0;
  return promises::plan(promises::Kind::kFirstReply, from, {}, terms, book->calendar_of(*policy),
                        promises::Detail::kWithSteps);
}

}  // namespace

Result<Id> escalate(store::Transaction& tx, const Hands& hands, const Escalating& what) {
  const auto minutes = TRY(tx.db().one(
      "SELECT escalation_minutes FROM teams WHERE workspace_id = $1 AND id = $2 AND archived_at IS NULL",
      {what.workspace_id, what.team_id}, [](const store::Row& row) { return row.integer(0); }));
  if (!minutes) return invalid("is no team of this workspace", "/team_id");
  if (what.note.size() > cases::kNoteLimitBytes) return invalid("is too long", "/note");
  const auto open = TRY(
      tx.db().one("SELECT 1 FROM escalations WHERE workspace_id = $1 AND case_id = $2 AND team_id = $3 AND "
                  "state = 'open'",
                  {what.workspace_id, what.case_id, what.team_id}, [](const store::Row&) { return true; }));
  if (open) return conflict("This team has the case already.", "escalated");
  const auto now_ms = hands.clock.now_ms();
  const auto plan = TRY(plan_of(tx.db(), what.workspace_id, what.case_id, now_ms, *minutes));
  auto explained = promises::to_json(plan);
  explained["kind"] = "escalation";
  const Id id = hands.ids.next();
  const cases::Change change{what.workspace_id, what.case_id, what.actor_id, std::nullopt, what.by};
  TRY(hands.cases.set_team(tx, change, what.team_id));
  TRY(tx.db().run(
      "INSERT INTO escalations (workspace_id, id, case_id, team_id, note, state, created_by, created_at, "
      "due_at, plan) VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9)",
      {what.workspace_id, id, what.case_id, what.team_id, what.note, what.actor_id, now_ms, *plan.due_at,
       json::serialize(explained)}));
  const auto made = TRY(find(tx.db(), what.workspace_id, id));
  TRY(append(tx, hands, what, *made));
  auto notice = TRY(notice_of(tx.db(), what.workspace_id, *made, "escalation_created"));
  notice.to_webhooks = true;
  std::erase(notice.users, what.actor_id);
  TRY(hands.tell(tx, notice));
  return id;
}

Result<Escalation> change_escalation(store::Transaction& tx, const Hands& hands, Id workspace_id, Id actor_id,
                                     Id id, const EscalationChange& change) {
  const auto before = TRY(find(tx.db(), workspace_id, id));
  if (!before) return not_found("There is no such escalation.");
  auto now = *before;
  if (change.state) {
    if (*change.state != "open" && *change.state != "done" && *change.state != "withdrawn")
      return invalid("expected open, done or withdrawn", "/state");
    now.state = *change.state;
  }
  if (change.tracker_status) {
    if (change.tracker_status->size() > kStatusMostBytes) return invalid("is too long", "/tracker_status");
    now.tracker_status = *change.tracker_status;
  }
  if (change.tracker_url) {
    const auto& url = *change.tracker_url;
    if (url.size() > kUrlMostBytes) return invalid("is too long", "/tracker_url");
    if (!url.empty() && !url.starts_with("https://") && !url.starts_with("http://"))
      return invalid("expected an address that begins with https://", "/tracker_url");
    now.tracker_url = url;
  }
  if (change.comment && !change.comment->empty())
    TRY(hands.cases.add_note(
        tx, {workspace_id, now.case_id, actor_id, std::nullopt, "escalation:" + to_string(id)},
        *change.comment));
  if (now.state == before->state && now.tracker_status == before->tracker_status &&
      now.tracker_url == before->tracker_url)
    return now;
  if (now.state != before->state)
    now.ended_at = now.state == "open" ? std::nullopt : std::optional(hands.clock.now_ms());
  TRY(tx.db().run(
      "UPDATE escalations SET state = $3, tracker_status = $4, tracker_url = $5, ended_at = $6 WHERE "
      "workspace_id = $1 AND id = $2",
      {workspace_id, id, now.state, now.tracker_status, now.tracker_url, now.ended_at}));
  TRY(append(tx, hands, {workspace_id, now.case_id, actor_id, now.team_id, {}, {}}, now));
  if (now.state == "done" && before->state != "done") {
    auto notice = TRY(notice_of(tx.db(), workspace_id, now, "escalation_done"));
    notice.dedupe_key += ":" + std::to_string(*now.ended_at);
    notice.users = {now.created_by};
    if (now.created_by != 0 && now.created_by != actor_id) TRY(hands.tell(tx, notice));
  }
  return now;
}

Result<void> withdraw_by_event(store::Transaction& tx, const Hands& hands, const Escalating& what,
                               std::string_view event_data) {
  boost::system::error_code bad;
  const auto data = json::parse(event_data, bad);
  const auto* text = bad || !data.is_object() ? nullptr : data.get_object().if_contains("escalation_id");
  const auto id = text == nullptr || !text->is_string() ? std::nullopt : parse_id(text->get_string());
  if (!id) return conflict("This cannot be undone.", "not_undoable");
  const auto now = TRY(find(tx.db(), what.workspace_id, *id));
  if (!now || now->state != "open") return conflict("The case has moved on since.", "changed");
  EscalationChange change;
  change.state = "withdrawn";
  TRY(change_escalation(tx, hands, what.workspace_id, what.actor_id, *id, change));
  return {};
}

Result<std::vector<Escalation>> read_escalations(store::Connection& db, Id workspace_id, Id case_id) {
  static const std::string sql =
      "SELECT " + kColumns + "WHERE e.workspace_id = $1 AND e.case_id = $2 ORDER BY e.id DESC LIMIT 50";
  return db.all(sql, {workspace_id, case_id}, read_one);
}

Result<std::int64_t> notice_broken(store::Database& db, const Hands& hands, TimeMs now_ms) {
  std::vector<std::pair<Id, Id>> due;
  {
    auto reader = TRY(db.reader());
    due = TRY(reader->all(
        "SELECT workspace_id, id FROM escalations WHERE state = 'open' AND told_broken = 0 AND due_at "
        "<= $1 ORDER BY due_at LIMIT $2",
        {now_ms, kNoticedAtOnce},
        [](const store::Row& row) { return std::pair(row.integer(0), row.integer(1)); }));
  }
  for (const auto& [workspace_id, id] : due) {
    TRY(db.writer().write([&](store::Transaction& tx) -> Result<void> {
      const auto marked = TRY(tx.db().run(
          "UPDATE escalations SET told_broken = 1 WHERE workspace_id = $1 AND id = $2 AND state = 'open' AND "
          "told_broken = 0",
          {workspace_id, id}));
      if (marked == 0) return {};
      const auto one = TRY(find(tx.db(), workspace_id, id));
      auto notice = TRY(notice_of(tx.db(), workspace_id, *one, "escalation_broken"));
      notice.severity = 7;
      if (one->created_by != 0) notice.users.push_back(one->created_by);
      if (notice.users.empty()) return {};
      return hands.tell(tx, notice);
    }));
  }
  return static_cast<std::int64_t>(due.size());
}

json::object to_json(const Escalation& one) {
  json::object body{
      {"id", to_string(one.id)},
      {"case_id", to_string(one.case_id)},
      {"team_id", to_string(one.team_id)},
      {"team", one.team},
      {"note", one.note},
      {"state", one.state},
      {"created_by", one.created_by == 0 ? json::value() : json::value(to_string(one.created_by))},
      {"creator", one.creator},
      {"created_at", to_rfc3339(one.created_at)},
      {"due_at", to_rfc3339(one.due_at)},
      {"ended_at", nullptr},
      {"tracker_status", one.tracker_status},
      {"tracker_url", one.tracker_url}};
  if (one.ended_at) body["ended_at"] = to_rfc3339(*one.ended_at);
  body["promise"] = one.plan.empty() ? json::value() : json::parse(one.plan);
  return body;
}

}  // namespace kiki::teamwork
