#include "teamwork/rules.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <limits>
#include <map>

#include "base/log.hpp"
#include "promises/book.hpp"
#include "promises/books.hpp"
#include "store/cursors.hpp"
#include "teamwork/escalations.hpp"
#include "teamwork/notices.hpp"

namespace kiki::teamwork {

namespace {

// A rule that cannot be done must not stop the others.
Result<void> passed(Result<void> done) {
  if (done.ok() || may_pass(done.error())) return done;
  log::error("a rule failed", done.error());
  return {};
}

constexpr int kEventsAtOnce = 500;
constexpr std::int64_t kStoredEveryEvents = 500;
constexpr std::int64_t kStoredEveryMs = 5'000;
constexpr std::int64_t kChainsKeptEvents = 100'000;
constexpr int kDryRunEvents = 50'000;
constexpr int kDryRunPage = 5'000;
constexpr std::int64_t kClockEveryMs = 10'000;
constexpr TimeMs kMinuteMs = 60'000;
constexpr TimeMs kDayMs = TimeMs{24} * 3'600'000;
constexpr store::CursorKey kEventsRead{0, 0, "teamwork.events"};
constexpr std::string_view kKinds =
    "('case.opened', 'case.reopened', 'case.assigned', 'case.team', 'case.status', 'case.tagged', "
    "'case.priority', "
    "'post.received', 'note.added', 'promise.warned', 'promise.broken')";

json::object object_of(std::string_view text) {
  boost::system::error_code bad;
  auto value = json::parse(text, bad);
  return bad || !value.is_object() ? json::object() : std::move(value.as_object());
}
std::string text_in(const json::object& data, std::string_view key) {
  const auto* value = data.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// What an event means to rules. A change that was taken back starts none.
bool starts(const Trigger& trigger, std::string_view kind, const json::object& data) {
  if (data.contains("undone")) return false;
  const auto& on = trigger.on;
  const auto* opened = data.if_contains("opened");
  const bool is_new = opened != nullptr && opened->is_bool() && opened->get_bool();
  const bool from_customer = kind == "post.received" && text_in(data, "direction") == "in";
  if (on == "case_opened")
    return (from_customer && is_new && text_in(data, "status") == "open") ||
           (kind == "case.status" && text_in(data, "from") == "found" && text_in(data, "to") == "open");
  if (on == "case_found") return from_customer && is_new && text_in(data, "status") == "found";
  if (on == "customer_wrote") return from_customer;
  if (on == "reopened")
    return kind == "case.reopened" ||
           (kind == "case.status" && text_in(data, "to") == "open" &&
            (text_in(data, "from") == "resolved" || text_in(data, "from") == "dismissed"));
  if (on == "assigned") return kind == "case.assigned";
  if (on == "team_changed") return kind == "case.team";
  if (on == "priority_changed") return kind == "case.priority";
  if (on == "resolved") return kind == "case.status" && text_in(data, "to") == "resolved";
  if (on == "note_added") return kind == "note.added";
  if (on == "promise_warned") return kind == "promise.warned";
  if (on == "promise_broken") return kind == "promise.broken";
  if (on == "tagged" && kind == "case.tagged") {
    const auto* added = data.if_contains("added");
    if (added == nullptr || !added->is_array() || added->get_array().empty()) return false;
    if (trigger.tags.empty()) return true;
    return std::any_of(added->get_array().begin(), added->get_array().end(), [&](const json::value& tag) {
      return tag.is_string() && std::find(trigger.tags.begin(), trigger.tags.end(),
                                          std::string_view(tag.get_string())) != trigger.tags.end();
    });
  }
  return false;
}

const promises::Policy& policy_named(const promises::Book& book, std::string_view key) {
  for (const auto& policy : book.policies) {
    if (policy.key == key) return policy;
  }
  return book.policies.back();
}

bool waited_enough(const Trigger& trigger, const promises::Book& book, std::string_view policy, TimeMs from,
                   TimeMs to) {
  const auto wanted = trigger.minutes * kMinuteMs;
  if (to - from < wanted) return false;
  return !trigger.open_time ||
         promises::open_between(book.calendar_of(policy_named(book, policy)), from, to) >= wanted;
}

std::vector<Id> ids_of(const std::string& chain) {
  std::vector<Id> ids;
  boost::system::error_code bad;
  const auto value = json::parse(chain.empty() ? "[]" : chain, bad);
  if (bad || !value.is_array()) return ids;
  for (const auto& one : value.get_array()) {
    if (one.is_string())
      if (const auto id = parse_id(one.get_string())) ids.push_back(*id);
  }
  return ids;
}

}  // namespace

Result<void> Rules::start() {
  // What happened before there were rules starts none.
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    if (TRY(store::get_cursor(tx.db(), kEventsRead))) return {};
    return store::set_cursor(tx, kEventsRead, std::to_string(TRY(events::last_seq(tx.db()))),
                             acts_.hands().clock.now_ms());
  }));
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
  return {};
}

void Rules::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Rules::look() {
  {
    const std::lock_guard lock(mutex_);
    look_ = true;
  }
  changed_.notify_all();
}

void Rules::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (auto done = run_once(); !done.ok()) {
      log::error("rules stand still", done.error());
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
      continue;
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, std::chrono::milliseconds(kClockEveryMs), [&] { return look_; });
    look_ = false;
  }
}

Result<void> Rules::run_once() {
  while (TRY(read_events())) {
  }
  const auto now_ms = acts_.hands().clock.now_ms();
  if (now_ms - clock_looked_at_ < kClockEveryMs && clock_looked_at_ != 0) return {};
  clock_looked_at_ = now_ms;
  std::vector<Document> rules;
  {
    auto reader = TRY(db_.reader());
    rules = TRY(read_all_rules(*reader));
  }
  TRY(look_at_clock(rules));
  TRY(notice_broken(db_, acts_.hands(), now_ms));
  return {};
}

Result<bool> Rules::read_events() {
  std::int64_t stored = 0;
  std::int64_t after = 0;
  std::int64_t last = 0;
  std::vector<events::Event> found;
  std::vector<Document> rules;
  {
    auto reader = TRY(db_.reader());
    const auto cursor = TRY(store::get_cursor(*reader, kEventsRead));
    stored = cursor ? std::stoll(*cursor) : 0;
    after = std::max(stored, read_to_);
    last = TRY(events::last_seq(*reader));
    if (last <= after) return false;
    static const std::string sql =
        "SELECT seq, workspace_id, at, kind, case_id, post_id, actor_id, data FROM events WHERE seq > $1 AND "
        "seq <= $2 "
        "AND kind IN " +
        std::string(kKinds) + " ORDER BY seq LIMIT $3";
    found = TRY(reader->all(sql, {after, last, kEventsAtOnce}, [](const store::Row& row) {
      return events::Event{row.integer(0), row.integer(1), row.integer(2), row.string(3),
                           row.integer(4), row.integer(5), row.integer(6), row.string(7)};
    }));
    if (!found.empty()) rules = TRY(read_all_rules(*reader));
  }
  const bool more = found.size() == static_cast<std::size_t>(kEventsAtOnce);
  NoticeMemo memo;
  for (const auto& event : found) {
    TRY(answer(event, rules));
    if (auto told = tell_of(db_, acts_.hands(), event, memo); !told.ok()) {
      if (may_pass(told.error())) return std::move(told).error();
      log::error("nobody was told of an event", told.error());
    }
    read_to_ = event.seq;
  }
  if (!more) read_to_ = last;
  const auto now_ms = acts_.hands().clock.now_ms();
  if (read_to_ - stored < kStoredEveryEvents && now_ms - stored_at_ < kStoredEveryMs) return more;
  stored_at_ = now_ms;
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto cursor = TRY(store::get_cursor(tx.db(), kEventsRead));
    if ((cursor ? std::stoll(*cursor) : 0) >= read_to_) return {};  // another node was further
    // Kept for a while, for a node that is behind.
    TRY(tx.db().run("DELETE FROM rule_events WHERE seq <= $1", {read_to_ - kChainsKeptEvents}));
    return store::set_cursor(tx, kEventsRead, std::to_string(read_to_), now_ms);
  }));
  return more;
}

Result<void> Rules::answer(const events::Event& event, const std::vector<Document>& rules) {
  std::optional<json::object> data;
  std::optional<std::string> chain;
  for (const auto& rule : rules) {
    if (rule.workspace_id != event.workspace_id || event.seq <= rule.enabled_seq) continue;
    if (!data) data = object_of(event.data);
    if (!starts(rule.body.trigger, event.kind, *data)) continue;
    if (!chain) {
      chain = "";
      if (text_in(*data, "by").starts_with("rule:")) {
        auto reader = TRY(db_.reader());
        chain = TRY(reader->one("SELECT rules FROM rule_events WHERE seq = $1", {event.seq},
                                [](const store::Row& row) { return row.string(0); }))
                    .value_or("");
      }
    }
    TRY(passed(apply(rule, "event:" + std::to_string(event.seq), event.case_id, event.post_id, *chain)));
  }
  return {};
}

Result<void> Rules::apply(const Document& rule, const std::string& key, Id case_id, Id post_id,
                          const std::string& chain) {
  auto path = ids_of(chain);
  // Its own doing, also by way of others.
  if (std::find(path.begin(), path.end(), rule.id) != path.end()) return {};
  if (path.size() >= kRuleDepthMost) {
    log::warning("rules that follow from each other were stopped",
                 {{"workspace_id", rule.workspace_id}, {"rule_id", rule.id}, {"case_id", case_id}});
    return {};
  }
  path.push_back(rule.id);
  const Asker asker{rule.workspace_id, 0, acts_.hands().clock.now_ms()};
  {
    auto reader = TRY(db_.reader());
    if (!TRY(holds(*reader, rule.body.conditions, asker, case_id, post_id))) return {};
  }
  const Acts::Once once{rule.workspace_id, rule.id, rule.name, key, case_id};
  const Doing doing{rule.workspace_id, case_id, 0, "rule:" + to_string(rule.id), rule.name, key};
  auto done = db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    if (!TRY(holds(tx.db(), rule.body.conditions, asker, case_id, post_id))) return {};
    Id act_id = 0;
    if (!TRY(acts_.begin_once(tx, once, rule.body.actions, &act_id))) return {};  // it did so already
    auto did = perform(tx, acts_.hands(), doing, rule.body.actions);
    if (!did.ok()) return std::move(did).error();
    json::array rules;
    for (const Id id : path) rules.emplace_back(to_string(id));
    const auto written = json::serialize(rules);
    for (const auto seq : did->events)
      TRY(tx.db().run("INSERT INTO rule_events (seq, rules) VALUES ($1, $2)", {seq, written}));
    return acts_.end_once(tx, once, act_id, "", did->undo);
  });
  if (done.ok()) return {};
  const auto& error = done.error();
  if (may_pass(error)) return error;
  if (error.kind == ErrorKind::kInternal || error.kind == ErrorKind::kCorrupt)
    log::error("a rule failed", error);
  const auto why = error.code.empty() ? std::string(name(error.kind)) + ":" + error.where : error.code;
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    Id act_id = 0;
    if (!TRY(acts_.begin_once(tx, once, rule.body.actions, &act_id))) return {};
    return acts_.end_once(tx, once, act_id, why, "{}");
  });
}

Result<void> Rules::look_at_clock(const std::vector<Document>& rules) {
  const auto is_on_time = [](const Document& rule) { return rule.body.trigger.on == "waiting"; };
  if (std::ranges::none_of(rules, is_on_time)) {
    waiting_.forget();
    return {};
  }
  TRY(waiting_.begin(acts_.hands().clock.now_ms()));
  for (const auto& rule : rules) {
    for (bool more = is_on_time(rule); more;) {
      for (const auto& one : TRY(waiting_.next(rule, more))) {
        if (thread_.get_stop_source().stop_requested()) return {};  // looked at again after the next start
        TRY(passed(apply(rule, waiting_key(one), one.case_id, 0, "")));
      }
      // Whoever has much to do on time keeps nobody waiting who acts on what happens.
      while (more && TRY(read_events())) {
      }
    }
  }
  waiting_.end();
  return {};
}

Result<DryRun> Rules::dry_run(Id workspace_id, const Body& rule, int days) {
  const auto now_ms = acts_.hands().clock.now_ms();
  const auto since = now_ms - days * kDayMs;
  const Asker asker{workspace_id, 0, now_ms};
  auto reader = TRY(db_.reader());
  DryRun run;
  struct Hit {
    TimeMs at;
    Id post_id;
  };
  std::map<Id, Hit> hits;  // the newest of each case
  const auto hit = [&](Id case_id, TimeMs at, Id post_id) {
    auto& known = hits[case_id];
    if (at >= known.at) known = {at, post_id};
  };
  if (rule.trigger.on == "waiting") {
    const auto book = TRY(promises::read_book(*reader, workspace_id));
    // Those that wait now, and waits that ended with our answer.
    TRY(reader->query(
        "SELECT id, waiting_since, promise_policy FROM cases WHERE workspace_id = $1 AND status = 'open' "
        "AND waiting_since IS NOT NULL",
        std::initializer_list<store::Param>{workspace_id}, [&](const store::Row& row) {
          ++run.looked_at;
          if (waited_enough(rule.trigger, *book, row.text(2), row.integer(1), now_ms))
            hit(row.integer(0), row.integer(1), 0);
        }));
    TRY(reader->query(
        "SELECT case_id, from_at, ended_at, policy FROM promise_results WHERE workspace_id = $1 AND ended_at "
        ">= $2 AND "
        "kind <> 'resolution' ORDER BY ended_at DESC LIMIT $3",
        std::initializer_list<store::Param>{workspace_id, since, kDryRunEvents}, [&](const store::Row& row) {
          ++run.looked_at;
          if (waited_enough(rule.trigger, *book, row.text(3), row.integer(1), row.integer(2)))
            hit(row.integer(0), row.integer(1), 0);
        }));
  } else {
    auto before = std::numeric_limits<std::int64_t>::max();
    for (bool more = true; more;) {
      int read = 0;
      TRY(reader->query(
          "SELECT seq, at, case_id, post_id, kind, data FROM events WHERE workspace_id = $1 AND seq < $2 "
          "ORDER BY seq "
          "DESC LIMIT $3",
          std::initializer_list<store::Param>{workspace_id, before, kDryRunPage}, [&](const store::Row& row) {
            ++read;
            before = row.integer(0);
            more = row.integer(1) >= since && run.looked_at < kDryRunEvents;
            if (!more) return;
            ++run.looked_at;
            if (!row.null(2) && starts(rule.trigger, row.text(4), object_of(row.text(5))))
              hit(row.integer(2), row.integer(1), row.integer(3));
          }));
      more = more && read == kDryRunPage;
    }
    run.complete = run.looked_at < kDryRunEvents;
  }
  std::vector<std::pair<TimeMs, Id>> touched;
  for (const auto& [case_id, one] : hits) {
    if (TRY(holds(*reader, rule.conditions, asker, case_id, one.post_id)))
      touched.emplace_back(one.at, case_id);
  }
  run.count = static_cast<std::int64_t>(touched.size());
  std::sort(touched.begin(), touched.end(), std::greater<>());
  if (touched.size() > kDryRunShown) touched.resize(kDryRunShown);
  std::vector<Id> ids;
  for (const auto& [at, id] : touched) ids.push_back(id);
  const auto rows = TRY(cases::read_rows(*reader, workspace_id, ids));
  for (const auto& row : rows)
    run.cases.push_back(
        {row.id, row.number, row.name, row.title.empty() ? row.preview : row.title, hits[row.id].at});
  return run;
}

json::object to_json(const DryRun& run) {
  json::array list;
  for (const auto& one : run.cases)
    list.push_back(json::object{{"case_id", to_string(one.case_id)},
                                {"number", one.number},
                                {"name", one.name},
                                {"title", one.title},
                                {"at", to_rfc3339(one.at)}});
  return {{"items", std::move(list)},
          {"count", run.count},
          {"looked_at", run.looked_at},
          {"complete", run.complete}};
}

}  // namespace kiki::teamwork
