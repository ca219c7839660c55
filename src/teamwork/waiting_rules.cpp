#include "teamwork/waiting_rules.hpp"

#include <algorithm>
#include <limits>

#include "events/event_log.hpp"

namespace kiki::teamwork {

namespace {

constexpr TimeMs kMinuteMs = 60'000;
constexpr TimeMs kDayMs = TimeMs{24} * 60 * kMinuteMs;
constexpr TimeMs kNobody = std::numeric_limits<TimeMs>::min();
constexpr TimeMs kWaitMostMs = 400 * kDayMs;
constexpr std::size_t kCasesAtOnce = 500;
constexpr std::string_view kWallTime;  // the one calendar of a rule that does not ask for hours

bool asks_for(const Conditions& conditions, std::string_view field) {
  return std::ranges::any_of(conditions, [&](const Condition& one) { return one.field == field; });
}

// Since when one must have waited to have waited so long in the calendar's hours: found by halving, because
// an earlier beginning never has waited less.
TimeMs border_of(const promises::Calendar& calendar, TimeMs wanted_ms, TimeMs now_ms) {
  const auto waited = [&](TimeMs since) { return promises::open_between(calendar, since, now_ms); };
  TimeMs late = now_ms - wanted_ms;
  if (waited(late) >= wanted_ms) return late;
  TimeMs early = late;
  for (TimeMs step = std::max(wanted_ms, kDayMs / 4); waited(early) < wanted_ms; step *= 2) {
    if (early < now_ms - kWaitMostMs) return kNobody;
    late = early;
    early -= step;
  }
  while (late - early > 1) {
    const auto middle = early + (late - early) / 2;
    (waited(middle) >= wanted_ms ? early : late) = middle;
  }
  return early;
}

// Which cases count in a calendar's hours; policies that the book does not know count as its last one.
std::string policies_of(const promises::Book& book, std::size_t calendar) {
  const bool has_last = book.policies.back().calendar == calendar;
  std::string keys;
  for (const auto& policy : book.policies) {
    if ((policy.calendar == calendar) == has_last) continue;
    keys += (keys.empty() ? "'" : ", '") + policy.key + "'";  // of a-z, 0-9, _ and -
  }
  if (has_last) return keys.empty() ? "" : " AND c.promise_policy NOT IN (" + keys + ")";
  keys.clear();
  for (const auto& policy : book.policies) {
    if (policy.calendar == calendar) keys += (keys.empty() ? "'" : ", '") + policy.key + "'";
  }
  return keys.empty() ? " AND 1 = 0" : " AND c.promise_policy IN (" + keys + ")";
}

}  // namespace

std::string waiting_key(const WaitingCase& one) {
  return "waiting:" + to_string(one.case_id) + ":" + std::to_string(one.since);
}

Result<void> WaitingRules::begin(TimeMs now_ms) {
  now_ms_ = now_ms;
  looks_.clear();
  changed_.clear();
  all_changed_.clear();
  regrouped_.clear();
  auto reader = TRY(db_.reader());
  last_ = TRY(events::last_seq(*reader));
  all_ = read_to_ < 0 || last_ - read_to_ > kChangesFollowedMost;
  if (all_) return {};
  TRY(reader->query("SELECT workspace_id, case_id, kind FROM events WHERE seq > $1 AND seq <= $2",
                    std::initializer_list<store::Param>{read_to_, last_}, [&](const store::Row& row) {
                      const auto workspace_id = row.integer(0);
                      const auto kind = row.text(2);
                      if (!row.null(1)) {
                        changed_[workspace_id].insert(row.integer(1));
                      } else if (kind == "promises.planned" || kind == "team.changed" ||
                                 kind == "member.changed") {
                        all_changed_.insert(workspace_id);
                      } else if (kind == "person.changed") {
                        regrouped_.insert(workspace_id);
                      }
                    }));
  return {};
}

Result<WaitingRules::Look> WaitingRules::plan(store::Connection& db, const Document& rule) {
  Look look;
  look.book = TRY(promises::read_book(db, rule.workspace_id));
  const auto wanted_ms = rule.body.trigger.minutes * kMinuteMs;
  const auto& conditions = rule.body.conditions;
  auto& now = look.seen;
  now.version = rule.version;
  now.enabled_seq = rule.enabled_seq;
  now.book = look.book->version;
  now.looked_at = now_ms_;
  if (rule.body.trigger.open_time) {
    for (const auto& calendar : look.book->calendars)
      now.borders[calendar.key] = {border_of(calendar, wanted_ms, now_ms_),
                                   promises::is_open(calendar, now_ms_)};
  } else {
    now.borders[std::string(kWallTime)] = {now_ms_ - wanted_ms, false};
    // Conditions may ask for hours nevertheless.
    for (const auto& calendar : look.book->calendars)
      now.borders[calendar.key] = {kNobody, promises::is_open(calendar, now_ms_)};
  }
  const auto known = seen_.find(rule.id);
  bool all = all_ || known == seen_.end() || all_changed_.contains(rule.workspace_id) ||
             (regrouped_.contains(rule.workspace_id) && asks_for(conditions, "group"));
  if (!all) {
    const auto& before = known->second;
    all = before.version != now.version || before.enabled_seq != now.enabled_seq || before.book != now.book;
    if (asks_for(conditions, "hours")) {
      for (const auto& [key, border] : now.borders)
        all = all || !before.borders.contains(key) || before.borders.at(key).is_open != border.is_open;
    }
  }
  const auto add_span = [&](const std::string& calendar, std::string policies) {
    const auto until = now.borders.at(calendar).at;
    const auto after = all ? kNobody : known->second.borders.at(calendar).at;
    if (until > after) look.parts.push_back({std::move(policies), after, until, {}, false});
  };
  if (rule.body.trigger.open_time) {
    for (std::size_t i = 0; i < look.book->calendars.size(); ++i)
      add_span(look.book->calendars[i].key, policies_of(*look.book, i));
  } else {
    add_span(std::string(kWallTime), "");
  }
  if (all) return look;
  if (asks_for(conditions, "due")) {
    for (const TimeMs ahead : {TimeMs{0}, kSoonMs})
      look.parts.push_back({"", known->second.looked_at + ahead, now_ms_ + ahead, {}, true});
  }
  if (const auto changed = changed_.find(rule.workspace_id); changed != changed_.end()) {
    Part part;
    for (const Id id : changed->second) {
      part.cases.push_back(id);
      if (part.cases.size() == kCasesAtOnce) look.parts.push_back(std::exchange(part, {}));
    }
    if (!part.cases.empty()) look.parts.push_back(std::move(part));
  }
  return look;
}

Result<std::vector<WaitingCase>> WaitingRules::next(const Document& rule, bool& more) {
  auto reader = TRY(db_.reader());
  auto found = looks_.find(rule.id);
  if (found == looks_.end()) found = looks_.emplace(rule.id, TRY(plan(*reader, rule))).first;
  auto& look = found->second;
  std::vector<WaitingCase> cases;
  more = look.part < look.parts.size();
  if (!more) return cases;
  const auto& part = look.parts[look.part];
  Sql sql;
  sql.text = "SELECT c.id, c.waiting_since, c.promise_policy FROM cases c WHERE c.workspace_id = " +
             sql.bind(rule.workspace_id) + " AND c.status = 'open' AND c.waiting_since IS NOT NULL";
  if (!part.cases.empty()) {
    std::string ids;
    for (const Id id : part.cases) ids += (ids.empty() ? "" : ", ") + sql.bind(id);
    sql.text += " AND c.id IN (" + ids + ")";
  } else {
    const std::string column = part.by_due ? "c.due_at" : "c.waiting_since";
    sql.text += " AND " + column + " > " + sql.bind(part.after) + " AND " + column +
                " <= " + sql.bind(part.until) + part.policies;
  }
  if (look.after)
    sql.text += " AND (c.waiting_since, c.id) > (" + sql.bind(look.after->since) + ", " +
                sql.bind(look.after->case_id) + ")";
  sql.text +=
      " AND NOT EXISTS (SELECT 1 FROM acts a WHERE a.workspace_id = c.workspace_id AND a.source = 'rule' AND "
      "a.source_id = " +
      sql.bind(rule.id) + " AND a.trigger_key = 'waiting:' || c.id || ':' || c.waiting_since)";
  sql.text += sql_of(rule.body.conditions, {rule.workspace_id, 0, now_ms_}, sql);
  sql.text += " ORDER BY c.waiting_since, c.id LIMIT " + sql.bind(kWaitingPage);
  const auto border = [&](std::string_view policy) {
    if (!rule.body.trigger.open_time) return look.seen.borders.at(std::string(kWallTime)).at;
    const auto& policies = look.book->policies;
    const auto one = std::ranges::find(policies, policy, &promises::Policy::key);
    return look.seen.borders.at(look.book->calendar_of(one == policies.end() ? policies.back() : *one).key)
        .at;
  };
  int read = 0;
  TRY(reader->query(sql.text, sql.params(), [&](const store::Row& row) {
    ++read;
    ++looked_at_;
    look.after = WaitingCase{row.integer(0), row.integer(1)};
    if (row.integer(1) <= border(row.text(2))) cases.push_back(*look.after);
  }));
  if (read < kWaitingPage) {
    look.after.reset();
    more = ++look.part < look.parts.size();
  }
  return cases;
}

void WaitingRules::end() {
  seen_.clear();
  for (auto& [rule_id, look] : looks_) seen_.emplace(rule_id, std::move(look.seen));
  looks_.clear();
  read_to_ = last_;
}

void WaitingRules::forget() {
  seen_.clear();
  looks_.clear();
  read_to_ = -1;
}

}  // namespace kiki::teamwork
