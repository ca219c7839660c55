#include "listening/rise/alarms.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>

#include "base/log.hpp"
#include "listening/counts.hpp"

namespace kiki::listening::rise {

namespace {

constexpr TimeMs kMinuteMs = 60'000;
constexpr TimeMs kBucketMs = 10 * kMinuteMs;
constexpr TimeMs kHourMs = 60 * kMinuteMs;
constexpr TimeMs kHistoryMs = 28 * 24 * kHourMs;
constexpr std::int64_t kRoundMs = 20'000;      // quiet is news as well: an alarm ends without a post
constexpr std::int64_t kBreathMs = 1'000;      // at most one round a second, however fast posts come
constexpr std::size_t kCoursesLimit = 20'000;  // detectors kept in memory
constexpr int kGreaterSeverity = 3;            // so much more is told inside of again_ms: twice the distance

constexpr std::string_view kFields =
    "a.workspace_id, a.id, a.topic_id, t.name, a.rule, a.started_at, a.ended_at, a.last_high_at, a.minutes, "
    "a.posts, "
    "a.usual, a.peak_posts, a.severity";

Alarm read_alarm(const store::Row& row) {
  Alarm alarm;
  alarm.workspace_id = row.integer(0);
  alarm.id = row.integer(1);
  alarm.topic_id = row.integer(2);
  alarm.topic_name = row.string(3);
  alarm.rule = row.string(4);
  alarm.started_at = row.integer(5);
  alarm.ended_at = row.maybe_integer(6);
  alarm.last_high_at = row.integer(7);
  alarm.minutes = row.integer(8);
  alarm.posts = row.integer(9);
  alarm.usual = row.real(10);
  alarm.peak_posts = row.integer(11);
  alarm.severity = static_cast<int>(row.integer(12));
  return alarm;
}

Result<std::int64_t> posts_in(store::Connection& db, Id workspace_id, Id topic_id, std::int64_t minutes,
                              TimeMs now_ms) {
  const auto from = (now_ms / kMinuteMs - minutes + 1) * kMinuteMs;
  std::int64_t sum = 0;
  for (const auto& bucket : TRY(read_counts(db, workspace_id, topic_id, 1, from, now_ms + 1)))
    sum += bucket.posts;
  return sum;
}

Result<AlarmRules> read_rules(store::Connection& db, Id workspace_id, Id topic_id) {
  const auto found =
      TRY(db.one("SELECT learnt, posts, minutes FROM alarm_rules WHERE workspace_id = $1 AND topic_id = $2",
                 {workspace_id, topic_id}, [](const store::Row& row) {
                   return AlarmRules{row.boolean(0), row.integer(1), row.integer(2)};
                 }));
  return found.value_or(AlarmRules());
}

Result<void> check_topic(store::Connection& db, Id workspace_id, Id topic_id) {
  const auto found =
      TRY(db.one("SELECT 1 FROM topics WHERE workspace_id = $1 AND id = $2 AND archived_at IS NULL",
                 {workspace_id, topic_id}, [](const store::Row&) { return true; }));
  if (!found) return not_found("There is no such topic.");
  return {};
}

}  // namespace

int severity_of_rule(std::int64_t posts, std::int64_t limit) {
  const auto ratio = static_cast<double>(posts) / static_cast<double>(std::max<std::int64_t>(1, limit));
  return std::clamp(5 + static_cast<int>(std::floor(3 * std::log2(std::max(1.0, ratio)))), 5, 10);
}

void Alarms::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void Alarms::look() {
  {
    const std::lock_guard lock(mutex_);
    look_ = true;
  }
  changed_.notify_all();
}

void Alarms::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Alarms::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (auto done = run_once(); !done.ok()) log::warning("alarms not judged", done.error());
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, std::chrono::milliseconds(kBreathMs), [] { return false; });
    changed_.wait_for(lock, stop, std::chrono::milliseconds(kRoundMs), [&] { return look_; });
    look_ = false;
  }
}

Result<void> Alarms::run_once() {
  const auto now_ms = clock_.now_ms();
  std::vector<std::pair<Id, Id>> topics;
  {
    auto reader = TRY(db_.reader());
    topics = TRY(reader->all(
        "SELECT c.workspace_id, c.topic_id FROM topic_counts c JOIN topics t ON t.workspace_id = "
        "c.workspace_id AND "
        "t.id = c.topic_id WHERE c.minutes = 1 AND c.start > $1 AND t.archived_at IS NULL AND t.enabled = 1 "
        "UNION SELECT workspace_id, topic_id FROM alarms WHERE ended_at IS NULL",
        {now_ms - kBucketMs},
        [](const store::Row& row) { return std::pair(row.integer(0), row.integer(1)); }));
  }
  for (const auto& [workspace_id, topic_id] : topics) TRY(judge(workspace_id, topic_id, now_ms));
  return forget_old(now_ms);
}

Result<void> Alarms::judge(Id workspace_id, Id topic_id, TimeMs now_ms) {
  std::vector<Reading> readings;
  {
    auto reader = TRY(db_.reader());
    const bool listens = check_topic(*reader, workspace_id, topic_id).ok();
    const auto rules = TRY(read_rules(*reader, workspace_id, topic_id));
    Reading learnt{.rule = "learnt"};  // neither begins nor goes on: what is open ends
    if (listens && rules.learnt) learnt = TRY(read_learnt(*reader, workspace_id, topic_id, now_ms));
    readings.push_back(learnt);
    Reading set{.rule = "set"};
    if (listens && rules.minutes > 0) {
      set.minutes = rules.minutes;
      set.posts = TRY(posts_in(*reader, workspace_id, topic_id, rules.minutes, now_ms));
      set.usual = static_cast<double>(rules.posts);
      set.begins = set.goes_on = set.posts >= rules.posts;
      set.severity = severity_of_rule(set.posts, rules.posts);
      set.fade_ms = std::max<TimeMs>(kBucketMs, rules.minutes * kMinuteMs);
    }
    readings.push_back(set);
  }
  for (const auto& reading : readings) TRY(apply(workspace_id, topic_id, reading, now_ms));
  return {};
}

// The detector knows all ten minutes that are over; the last ten minutes until now are held against them.
Result<Alarms::Reading> Alarms::read_learnt(store::Connection& db, Id workspace_id, Id topic_id,
                                            TimeMs now_ms) {
  if (courses_.size() > kCoursesLimit) courses_.clear();  // read again from the counts, a few at a time
  auto& course = courses_[{workspace_id, topic_id}];
  const auto until = now_ms / kBucketMs * kBucketMs;
  if (course.fed_until_ms == 0) {
    const auto created =
        TRY(db.one("SELECT created_at FROM topics WHERE workspace_id = $1 AND id = $2",
                   {workspace_id, topic_id}, [](const store::Row& row) { return row.integer(0); }));
    const auto from = std::max(created.value_or(now_ms), now_ms - kHistoryMs);
    course.fed_until_ms = (from + kBucketMs - 1) / kBucketMs * kBucketMs;
  }
  if (course.fed_until_ms < until) {
    const auto buckets = TRY(read_counts(db, workspace_id, topic_id, 10, course.fed_until_ms, until));
    auto next = buckets.begin();
    for (; course.fed_until_ms < until; course.fed_until_ms += kBucketMs) {
      const bool here = next != buckets.end() && next->start == course.fed_until_ms;
      course.detector.add(course.fed_until_ms, here ? static_cast<double>((next++)->posts) : 0.0);
    }
  }
  const auto options = default_options();
  Reading reading{.rule = "learnt"};
  reading.minutes = 10;
  reading.posts = TRY(posts_in(db, workspace_id, topic_id, 10, now_ms));
  const auto verdict = course.detector.look(now_ms, static_cast<double>(reading.posts));
  reading.usual = verdict.expected;
  reading.severity = verdict.severity;
  reading.begins = verdict.severity > 0;
  reading.goes_on = verdict.distance >= options.end_below;
  reading.fade_ms = options.fade_ms;
  return reading;
}

Result<void> Alarms::apply(Id workspace_id, Id topic_id, const Reading& reading, TimeMs now_ms) {
  static const std::string newest_sql =
      "SELECT " + std::string(kFields) +
      " FROM alarms a JOIN topics t ON t.workspace_id = a.workspace_id AND t.id = "
      "a.topic_id WHERE a.workspace_id = $1 AND a.topic_id = $2 AND a.rule = $3 "
      "ORDER BY a.id DESC LIMIT 1";
  std::optional<Alarm> newest;
  {
    auto reader = TRY(db_.reader());
    newest = TRY(reader->one(newest_sql, {workspace_id, topic_id, reading.rule}, read_alarm));
  }
  const bool open = newest && !newest->ended_at;
  const bool over = open && !reading.goes_on && now_ms - newest->last_high_at >= reading.fade_ms;
  const bool told = newest && !open && reading.rule == "learnt" &&
                    now_ms - newest->started_at < default_options().again_ms &&
                    reading.severity < newest->severity + kGreaterSeverity;
  const bool raise = !open && reading.begins && !told;
  const bool keep = open && reading.goes_on &&
                    (now_ms - newest->last_high_at >= kMinuteMs || reading.posts > newest->peak_posts ||
                     reading.severity > newest->severity);
  if (!raise && !over && !keep) return {};
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    events::Event event;
    event.workspace_id = workspace_id;
    event.at = now_ms;
    if (raise) {
      const auto id = ids_.next();
      const auto made =
          TRY(tx.db().run("INSERT INTO alarms (workspace_id, id, topic_id, rule, started_at, last_high_at, "
                          "minutes, posts, usual, "
                          "peak_posts, severity) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON "
                          "CONFLICT DO NOTHING",
                          {workspace_id, id, topic_id, reading.rule, now_ms, now_ms, reading.minutes,
                           reading.posts, reading.usual, reading.posts, reading.severity}));
      if (made == 0) return {};
      event.kind = "alarm.raised";
      event.data = R"({"alarm_id":")" + to_string(id) + R"(","topic_id":")" + to_string(topic_id) + "\"}";
      return log_.append(tx, std::move(event));
    }
    if (over) {
      const auto changed = TRY(tx.db().run(
          "UPDATE alarms SET ended_at = $3 WHERE workspace_id = $1 AND id = $2 AND ended_at IS NULL",
          {workspace_id, newest->id, now_ms}));
      if (changed == 0) return {};
      event.kind = "alarm.ended";
      event.data =
          R"({"alarm_id":")" + to_string(newest->id) + R"(","topic_id":")" + to_string(topic_id) + "\"}";
      return log_.append(tx, std::move(event));
    }
    TRY(
        tx.db().run("UPDATE alarms SET last_high_at = $3, peak_posts = $4, severity = $5 WHERE workspace_id "
                    "= $1 AND id = $2",
                    {workspace_id, newest->id, now_ms, std::max(newest->peak_posts, reading.posts),
                     std::max(newest->severity, reading.severity)}));
    return {};
  });
}

Result<void> Alarms::forget_old(TimeMs now_ms) {
  if (now_ms - forgot_at_ms_ < kHourMs) return {};
  TRY(db_.writer().write([&](store::Transaction& tx) { return forget_old_counts(tx, now_ms); }));
  forgot_at_ms_ = now_ms;
  return {};
}

Result<AlarmRules> Alarms::rules(Id workspace_id, Id topic_id) {
  auto reader = TRY(db_.reader());
  TRY(check_topic(*reader, workspace_id, topic_id));
  return read_rules(*reader, workspace_id, topic_id);
}

Result<AlarmRules> Alarms::set_rules(Id workspace_id, Id topic_id, Id actor_id, const AlarmRules& rules) {
  if (rules.posts < 0 || rules.posts > kRulePostsLimit) return invalid("expected 0 to 1,000,000", "/posts");
  if (rules.minutes < 0 || rules.minutes > kRuleMinutesLimit)
    return invalid("expected 0 to 1,440", "/minutes");
  if ((rules.posts == 0) != (rules.minutes == 0))
    return invalid("a rule needs both a number of posts and of minutes",
                   rules.posts == 0 ? "/posts" : "/minutes");
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(check_topic(tx.db(), workspace_id, topic_id));
    TRY(
        tx.db().run("INSERT INTO alarm_rules (workspace_id, topic_id, learnt, posts, minutes) VALUES ($1, "
                    "$2, $3, $4, $5) ON "
                    "CONFLICT (workspace_id, topic_id) DO UPDATE SET learnt = excluded.learnt, posts = "
                    "excluded.posts, minutes = "
                    "excluded.minutes",
                    {workspace_id, topic_id, rules.learnt, rules.posts, rules.minutes}));
    events::Event event;
    event.workspace_id = workspace_id;
    event.kind = "topic.changed";
    event.actor_id = actor_id;
    event.data = R"({"topic_id":")" + to_string(topic_id) + "\"}";
    return log_.append(tx, std::move(event));
  }));
  look();
  return rules;
}

Result<std::vector<Alarm>> Alarms::list(Id workspace_id, Id topic_id, Id before, int limit) {
  auto reader = TRY(db_.reader());
  static const std::string sql =
      "SELECT " + std::string(kFields) +
      " FROM alarms a JOIN topics t ON t.workspace_id = a.workspace_id AND t.id = "
      "a.topic_id WHERE a.workspace_id = $1 AND ($2 = 0 OR a.topic_id = $3) AND a.id < $4 "
      "ORDER BY a.id DESC LIMIT $5";
  return reader->all(sql, {workspace_id, topic_id, topic_id, before, limit}, read_alarm);
}

boost::json::object to_json(const Alarm& alarm) {
  boost::json::object body;
  body["id"] = to_string(alarm.id);
  body["topic_id"] = to_string(alarm.topic_id);
  body["topic_name"] = alarm.topic_name;
  body["rule"] = alarm.rule;
  body["started_at"] = to_rfc3339(alarm.started_at);
  if (alarm.ended_at) {
    body["ended_at"] = to_rfc3339(*alarm.ended_at);
  } else {
    body["ended_at"] = nullptr;
  }
  body["minutes"] = alarm.minutes;
  body["posts"] = alarm.posts;
  body["usual"] = static_cast<std::int64_t>(std::llround(alarm.usual));
  body["peak_posts"] = alarm.peak_posts;
  body["severity"] = alarm.severity;
  return body;
}

boost::json::object to_json(const AlarmRules& rules) {
  return {{"learnt", rules.learnt}, {"posts", rules.posts}, {"minutes", rules.minutes}};
}

}  // namespace kiki::listening::rise
