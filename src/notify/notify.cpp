#include "notify/notify.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>

#include "base/log.hpp"
#include "delivery/sender.hpp"
#include "net/webhook.hpp"
#include "notify/case_notices.hpp"
#include "notify/customer.hpp"
#include "notify/mail_words.hpp"
#include "store/cursors.hpp"

namespace kiki::notify {

namespace {

constexpr int kEventsLimit = 500;
constexpr int kDueLimit = 100;
constexpr std::int64_t kTries = 14;        // about a day, as for replies
constexpr std::int64_t kClaimMs = 60'000;  // a try that a crash cut short comes again after so long
constexpr std::int64_t kLongestWaitMs = 30'000;
constexpr std::size_t kNameBytes = 400;
constexpr std::size_t kUrlBytes = 2'000;
constexpr store::CursorKey kEventsRead{0, 0, "notify.events"};

json::object object_of(std::string_view text) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  if (error || !value.is_object()) return {};
  return std::move(value.as_object());
}

const std::string& events_sql() {
  static const std::string sql = [] {
    std::string kinds;
    for (const auto kind : kNoticeEvents) kinds += (kinds.empty() ? "'" : ", '") + std::string(kind) + "'";
    return "SELECT seq, workspace_id, at, data, kind, case_id, actor_id FROM events WHERE seq > $1 AND seq "
           "<= $2 "
           "AND kind IN (" +
           kinds + ") ORDER BY seq LIMIT $3";
  }();
  return sql;
}

Error no_webhook() {
  return not_found("There is no such webhook.");
}

}  // namespace

// --- the round

Result<void> Notify::start() {
  // What happened before there were notices is told to nobody.
  TRY(parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    if (TRY(store::get_cursor(tx.db(), kEventsRead))) return {};
    return store::set_cursor(tx, kEventsRead, std::to_string(TRY(events::last_seq(tx.db()))),
                             parts_.clock.now_ms());
  }));
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
  return {};
}

void Notify::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void Notify::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Notify::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::int64_t wait_ms = kLongestWaitMs;
    if (auto done = run_once(stop); !done.ok()) {
      log::warning("people not told", done.error());
      wait_ms = 1'000;
    } else if (auto reader = parts_.db.reader(); reader.ok()) {
      const auto next = (*reader)->one("SELECT MIN(next_at) FROM tellings WHERE next_at IS NOT NULL", {},
                                       [](const store::Row& row) { return row.maybe_integer(0); });
      if (next.ok() && *next && **next)
        wait_ms = std::clamp<std::int64_t>(***next - parts_.clock.now_ms(), 50, kLongestWaitMs);
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, std::chrono::milliseconds(wait_ms), [&] { return woken_; });
    woken_ = false;
  }
}

Result<void> Notify::run_once(std::stop_token stop) {
  TRY(read_events());
  std::vector<Telling> due;
  {
    auto reader = TRY(parts_.db.reader());
    due = TRY(reader->all(
        "SELECT t.workspace_id, t.notice_id, t.way, t.receiver_id, t.attempts, t.next_at, n.kind, "
        "n.severity, n.data, "
        "n.created_at FROM tellings t JOIN notices n ON n.workspace_id = t.workspace_id AND n.id = "
        "t.notice_id "
        "WHERE t.next_at <= $1 ORDER BY t.next_at, t.notice_id, t.way, t.receiver_id LIMIT $2",
        {parts_.clock.now_ms(), kDueLimit}, [](const store::Row& row) {
          return Telling{row.integer(0), row.integer(1), row.string(2), row.integer(3),
                         row.integer(4), row.integer(5), row.string(6), static_cast<int>(row.integer(7)),
                         row.string(8),  row.integer(9)};
        }));
  }
  for (const auto& telling : due) {
    if (stop.stop_requested()) return {};
    TRY(send(telling, stop));
  }
  if (due.size() == static_cast<std::size_t>(kDueLimit)) wake();
  return {};
}

// Events become notices in the transaction that moves the cursor: none is missed, none is read twice.
Result<void> Notify::read_events() {
  while (true) {
    std::int64_t after = 0;
    std::int64_t last = 0;
    std::vector<events::Event> found;
    {
      auto reader = TRY(parts_.db.reader());
      const auto cursor = TRY(store::get_cursor(*reader, kEventsRead));
      after = cursor ? std::stoll(*cursor) : 0;
      last = TRY(events::last_seq(*reader));
      if (last <= after) return {};
      found = TRY(reader->all(events_sql(), {after, last, kEventsLimit}, [](const store::Row& row) {
        events::Event event;
        event.seq = row.integer(0);
        event.workspace_id = row.integer(1);
        event.at = row.integer(2);
        event.data = row.string(3);
        event.kind = row.string(4);
        event.case_id = row.integer(5);
        event.actor_id = row.integer(6);
        return event;
      }));
    }
    const bool more = found.size() == static_cast<std::size_t>(kEventsLimit);
    if (found.empty() && last - after < 1'000)
      return {};  // nothing of ours; the cursor need not move each time
    TRY(parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
      const auto cursor = TRY(store::get_cursor(tx.db(), kEventsRead));
      if ((cursor ? std::stoll(*cursor) : 0) != after) return {};  // another node was first
      for (const auto& event : found) TRY(notice_of(tx, event));
      return store::set_cursor(tx, kEventsRead, std::to_string(more ? found.back().seq : last),
                               parts_.clock.now_ms());
    }));
    if (!more) return {};
  }
}

Result<void> Notify::notice_of(store::Transaction& tx, const events::Event& event) {
  const auto notice = event.kind == "alarm.raised"      ? TRY(alarm_notice(tx, event))
                      : event.kind == "account.problem" ? TRY(account_notice(tx, event))
                      : event.kind == "rewards.low"     ? TRY(reward_notice(tx, event))
                                                        : TRY(case_notice(tx, event));
  if (!notice) return {};
  return tell(tx, *notice);
}

Result<std::optional<Notice>> Notify::alarm_notice(store::Transaction& tx, const events::Event& event) {
  const auto document = JsonDocument::parse(event.data);
  if (!document.ok()) return std::optional<Notice>();
  const auto alarm_id = parse_id(document->root()["alarm_id"].text());
  if (!alarm_id) return std::optional<Notice>();
  return tx.db().one(
      "SELECT a.rule, a.posts, a.minutes, a.usual, a.severity, a.topic_id, t.name FROM alarms a JOIN topics "
      "t ON "
      "t.workspace_id = a.workspace_id AND t.id = a.topic_id WHERE a.workspace_id = $1 AND a.id = $2",
      {event.workspace_id, *alarm_id}, [&](const store::Row& row) {
        Notice made;
        made.workspace_id = event.workspace_id;
        made.dedupe_key = "alarm/" + to_string(*alarm_id);
        made.kind = "rise_" + row.string(0);
        made.severity = static_cast<int>(row.integer(4));
        made.data = json::serialize(json::object{{"alarm_id", to_string(*alarm_id)},
                                                 {"topic_id", to_string(row.integer(5))},
                                                 {"topic", row.string(6)},
                                                 {"posts", row.integer(1)},
                                                 {"minutes", row.integer(2)},
                                                 {"usual", std::llround(row.real(3))},
                                                 {"path", "/all?topic=" + to_string(row.integer(5))}});
        return made;
      });
}

Result<void> Notify::tell(store::Transaction& tx, const Notice& notice) {
  const auto now_ms = parts_.clock.now_ms();
  const auto id = TRY(tx.db().one(
      "INSERT INTO notices (workspace_id, id, dedupe_key, kind, severity, data, created_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace_id, dedupe_key) DO NOTHING RETURNING id",
      {notice.workspace_id, parts_.ids.next(), notice.dedupe_key, notice.kind, notice.severity, notice.data,
       now_ms},
      [](const store::Row& row) { return row.integer(0); }));
  if (!id) return {};
  struct Person {
    Id id;
    NotificationSettings settings;
    std::string zone;
  };
  const auto people = TRY(tx.db().all(
      "SELECT m.user_id, COALESCE(s.settings, ''), w.time_zone FROM memberships m JOIN users u ON u.id = "
      "m.user_id "
      "JOIN workspaces w ON w.id = m.workspace_id LEFT JOIN notification_settings s ON s.workspace_id = "
      "m.workspace_id "
      "AND s.user_id = m.user_id WHERE m.workspace_id = $1 AND u.disabled_at IS NULL ORDER BY m.user_id",
      {notice.workspace_id}, [](const store::Row& row) {
        return Person{row.integer(0), parse_settings(row.text(1)), row.string(2)};
      }));
  const auto add = [&](std::string_view way, Id receiver, std::string_view state,
                       std::optional<TimeMs> next_at) -> Result<void> {
    TRY(tx.db().run(
        "INSERT INTO tellings (workspace_id, notice_id, way, receiver_id, state, next_at, told_at) VALUES "
        "($1, $2, $3, $4, $5, $6, $7)",
        {notice.workspace_id, *id, way, receiver, state, next_at,
         next_at ? std::optional<TimeMs>() : std::optional<TimeMs>(now_ms)}));
    return {};
  };
  for (const auto& person : people) {
    const auto& wanted = notice.users;
    const bool is_for_all = wanted.empty() && !notice.to_webhooks;
    if (!is_for_all && std::find(wanted.begin(), wanted.end(), person.id) == wanted.end()) continue;
    TRY(add("console", person.id, "told", std::nullopt));
    if (parts_.mail.configured() && person.settings.mail && notice.severity >= person.settings.least_severity)
      TRY(add("mail", person.id, "waiting",
              mail_time(person.settings, person.zone, notice.severity, now_ms)));
  }
  if (notice.users.empty() || notice.to_webhooks) {
    const auto hooks = TRY(tx.db().all(
        "SELECT id FROM webhooks WHERE workspace_id = $1 AND removed_at IS NULL AND enabled = 1 ORDER BY id",
        {notice.workspace_id}, [](const store::Row& row) { return row.integer(0); }));
    for (const auto hook : hooks) TRY(add("webhook", hook, "waiting", now_ms));
  }
  events::Event event;
  event.workspace_id = notice.workspace_id;
  event.kind = "notice.made";
  event.data = R"({"notice_id":")" + to_string(*id) + "\"}";
  TRY(parts_.log.append(tx, std::move(event)));
  tx.after_commit([this] { wake(); });
  return {};
}

// --- what leaves the desk

Result<void> Notify::send(const Telling& telling, std::stop_token stop) {
  const auto claimed =
      TRY(parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<std::int64_t> {
        return tx.db().run(
            "UPDATE tellings SET attempts = attempts + 1, next_at = $1 WHERE workspace_id = $2 AND notice_id "
            "= $3 AND "
            "way = $4 AND receiver_id = $5 AND next_at = $6",
            {parts_.clock.now_ms() + kClaimMs, telling.workspace_id, telling.notice_id, telling.way,
             telling.receiver_id, telling.next_at});
      }));
  if (claimed == 0) return {};  // another node has it
  auto sent = telling.way == "mail" ? send_mail(telling, stop) : send_webhook(telling, stop);
  const auto now_ms = parts_.clock.now_ms();
  std::string state = "told";
  std::string why;
  std::optional<TimeMs> next_at;
  std::optional<TimeMs> told_at = now_ms;
  if (!sent.ok()) {
    const auto& error = sent.error();
    const bool again =
        is_retryable(error.kind) || error.kind == ErrorKind::kUnclear || error.kind == ErrorKind::kCancelled;
    state = again && telling.attempts + 1 < kTries ? "waiting" : "failed";
    why = error.message;
    told_at.reset();
    if (state == "waiting")
      next_at =
          now_ms + std::max(error.retry_after_ms, delivery::backoff_ms(telling.attempts + 1, parts_.random));
    log::warning(
        "a notice did not leave", error,
        {{"workspace_id", telling.workspace_id}, {"notice_id", telling.notice_id}, {"way", telling.way}});
  }
  return parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run(
        "UPDATE tellings SET state = $1, next_at = $2, error = $3, told_at = $4 WHERE workspace_id = $5 AND "
        "notice_id = $6 AND way = $7 AND receiver_id = $8",
        {state, next_at, why, told_at, telling.workspace_id, telling.notice_id, telling.way,
         telling.receiver_id}));
    return {};
  });
}

Result<void> Notify::send_mail(const Telling& telling, std::stop_token stop) {
  struct Receiver {
    std::string email, language, workspace;
  };
  std::optional<Receiver> receiver;
  auto data = object_of(telling.data);
  {
    auto reader = TRY(parts_.db.reader());
    receiver = TRY(reader->one(
        "SELECT u.email, u.language, w.name FROM users u JOIN memberships m ON m.user_id = u.id JOIN "
        "workspaces w ON "
        "w.id = m.workspace_id WHERE m.workspace_id = $1 AND u.id = $2 AND u.disabled_at IS NULL",
        {telling.workspace_id, telling.receiver_id},
        [](const store::Row& row) { return Receiver{row.string(0), row.string(1), row.string(2)}; }));
    TRY(name_customer(*reader, telling.workspace_id, data));
  }
  if (!receiver) return Error{ErrorKind::kUnprocessable, "this person is not here any more", {}, "gone", 0};
  data["severity"] = telling.severity;
  auto mail =
      mail_of({telling.kind, std::move(data), receiver->language, receiver->workspace,
               parts_.public_url.empty() ? std::string()
                                         : parts_.public_url + "/w/" + to_string(telling.workspace_id)});
  mail.to = receiver->email;
  mail.message_id =
      "notice-" + to_string(telling.notice_id) + "-" + to_string(telling.receiver_id) + "@kikimimi.invalid";
  mail.date = telling.created_at;
  return parts_.mail.send(mail, stop);
}

Result<void> Notify::send_webhook(const Telling& telling, std::stop_token stop) {
  std::optional<std::pair<std::string, std::string>> hook;
  auto data = object_of(telling.data);
  {
    auto reader = TRY(parts_.db.reader());
    hook = TRY(reader->one(
        "SELECT url, secret FROM webhooks WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL",
        {telling.workspace_id, telling.receiver_id},
        [](const store::Row& row) { return std::pair(row.string(0), std::string(row.blob(1))); }));
    TRY(name_customer(*reader, telling.workspace_id, data));
  }
  if (!hook) return Error{ErrorKind::kUnprocessable, "the webhook was removed", {}, "removed", 0};
  auto secret =
      TRY(parts_.sealer.unseal(hook->second, {telling.workspace_id, telling.receiver_id, "webhook"}));
  // What programs act upon may have a name of its own, as "escalation.created".
  const auto* type = data.if_contains("type");
  const auto body =
      json::serialize(json::object{{"type", type ? *type : json::value("notice." + telling.kind)},
                                   {"timestamp", to_rfc3339(telling.created_at)},
                                   {"workspace_id", to_string(telling.workspace_id)},
                                   {"id", to_string(telling.notice_id)},
                                   {"severity", telling.severity},
                                   {"data", data}});
  net::WebhookTry tried;
  auto answer = net::send_webhook(
      parts_.http, parts_.clock,
      {hook->first, std::move(secret),
       "notice_" + to_string(telling.notice_id) + "_" + to_string(telling.receiver_id), body},
      tried, stop);
  TRY(parts_.db.writer().write([&](store::Transaction& tx) {
    return delivery::record_try(tx, parts_.ids, telling.workspace_id, telling.receiver_id, telling.notice_id,
                                {tried.url, tried.duration_ms, tried.status, tried.excerpt}, answer.ok(),
                                parts_.clock.now_ms());
  }));
  if (!answer.ok()) return std::move(answer).error();
  return {};
}

// --- the console

Result<std::vector<Shown>> Notify::list(Id workspace_id, Id user_id, Id before, int limit) {
  auto reader = TRY(parts_.db.reader());
  auto shown = TRY(reader->all(
      "SELECT n.id, n.kind, n.severity, n.data, n.created_at, t.read_at FROM tellings t JOIN notices n ON "
      "n.workspace_id = t.workspace_id AND n.id = t.notice_id WHERE t.workspace_id = $1 AND t.way = "
      "'console' AND "
      "t.receiver_id = $2 AND t.notice_id < $3 ORDER BY t.notice_id DESC LIMIT $4",
      {workspace_id, user_id, before, limit}, [](const store::Row& row) {
        return Shown{row.integer(0), row.string(1),  static_cast<int>(row.integer(2)),
                     row.string(3),  row.integer(4), !row.null(5)};
      }));
  for (auto& one : shown) {
    auto data = object_of(one.data);
    if (!data.contains("of_customer")) continue;
    TRY(name_customer(*reader, workspace_id, data));
    one.data = json::serialize(data);
  }
  return shown;
}

Result<std::int64_t> Notify::unread(Id workspace_id, Id user_id) {
  auto reader = TRY(parts_.db.reader());
  const auto count =
      TRY(reader->one("SELECT COUNT(*) FROM tellings WHERE workspace_id = $1 AND receiver_id = $2 AND way = "
                      "'console' AND read_at "
                      "IS NULL",
                      {workspace_id, user_id}, [](const store::Row& row) { return row.integer(0); }));
  return count.value_or(0);
}

Result<void> Notify::mark_read(Id workspace_id, Id user_id, Id up_to) {
  return parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(
        tx.db().run("UPDATE tellings SET read_at = $4 WHERE workspace_id = $1 AND way = 'console' AND "
                    "receiver_id = $2 AND "
                    "notice_id <= $3 AND read_at IS NULL",
                    {workspace_id, user_id, up_to, parts_.clock.now_ms()}));
    return {};
  });
}

// --- webhooks

Result<void> Notify::check_webhook(const std::string& name, const std::string& url) const {
  if (name.empty() || name.size() > kNameBytes)
    return invalid("a name of at most 400 bytes is needed", "/name");
  if (url.size() > kUrlBytes) return invalid("longer than 2,000 bytes", "/url");
  if (auto checked = net::check_url(url, parts_.ssrf); !checked.ok())
    return invalid(checked.error().message, "/url");
  return {};
}

Result<std::vector<WebhookRow>> Notify::webhooks(Id workspace_id) {
  auto reader = TRY(parts_.db.reader());
  return reader->all(
      "SELECT id, name, url, enabled, created_at FROM webhooks WHERE workspace_id = $1 AND removed_at IS "
      "NULL ORDER "
      "BY id",
      {workspace_id}, [&](const store::Row& row) {
        return WebhookRow{
            workspace_id, row.integer(0), row.string(1), row.string(2), row.boolean(3), row.integer(4), {}};
      });
}

Result<WebhookRow> Notify::make_webhook(Id workspace_id, Id user_id, const std::string& name,
                                        const std::string& url) {
  TRY(check_webhook(name, url));
  std::string key(32, '\0');
  for (auto& byte : key) byte = static_cast<char>(parts_.random.below(256));
  WebhookRow row{workspace_id,          parts_.ids.next(),           name, url, true,
                 parts_.clock.now_ms(), net::new_webhook_secret(key)};
  const auto sealed = parts_.sealer.seal(row.secret, {workspace_id, row.id, "webhook"});
  TRY(parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto count =
        TRY(tx.db().one("SELECT COUNT(*) FROM webhooks WHERE workspace_id = $1 AND removed_at IS NULL",
                        {workspace_id}, [](const store::Row& counted) { return counted.integer(0); }));
    if (count.value_or(0) >= static_cast<std::int64_t>(kWebhooksLimit))
      return Error{ErrorKind::kUnprocessable, "There are too many webhooks.", {}, "too_many", 0};
    TRY(
        tx.db().run("INSERT INTO webhooks (workspace_id, id, name, url, secret, created_by, created_at) "
                    "VALUES ($1, $2, $3, $4, "
                    "$5, $6, $7)",
                    {workspace_id, row.id, name, url, store::Blob{sealed}, user_id, row.created_at}));
    return {};
  }));
  return row;
}

Result<void> Notify::change_webhook(Id workspace_id, Id id, std::optional<std::string> name,
                                    std::optional<std::string> url, std::optional<bool> enabled) {
  TRY(check_webhook(name.value_or("name"), url.value_or("https://example.com/")));
  std::optional<std::int64_t> on;
  if (enabled) on = *enabled ? 1 : 0;
  return parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto changed =
        TRY(tx.db().run("UPDATE webhooks SET name = COALESCE($3, name), url = COALESCE($4, url), enabled = "
                        "COALESCE($5, enabled) WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL",
                        {workspace_id, id, name, url, on}));
    if (changed == 0) return no_webhook();
    return {};
  });
}

Result<void> Notify::remove_webhook(Id workspace_id, Id id) {
  return parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto changed = TRY(tx.db().run(
        "UPDATE webhooks SET removed_at = $3 WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL",
        {workspace_id, id, parts_.clock.now_ms()}));
    if (changed == 0) return no_webhook();
    return {};
  });
}

Result<void> Notify::resend(Id workspace_id, Id webhook_id, Id notice_id) {
  TRY(parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto changed = TRY(tx.db().run(
        "UPDATE tellings SET state = 'waiting', attempts = 0, next_at = $4 WHERE workspace_id = $1 AND way = "
        "'webhook' AND receiver_id = $2 AND notice_id = $3",
        {workspace_id, webhook_id, notice_id, parts_.clock.now_ms()}));
    if (changed == 0) return not_found("There is no such delivery.");
    return {};
  }));
  wake();
  return {};
}

json::object to_json(const Shown& notice) {
  return {{"id", to_string(notice.id)},
          {"kind", notice.kind},
          {"severity", notice.severity},
          {"data", object_of(notice.data)},
          {"created_at", to_rfc3339(notice.created_at)},
          {"read", notice.read}};
}

json::object to_json(const WebhookRow& webhook) {
  json::object body{{"id", to_string(webhook.id)},
                    {"name", webhook.name},
                    {"url", webhook.url},
                    {"enabled", webhook.enabled},
                    {"created_at", to_rfc3339(webhook.created_at)}};
  if (!webhook.secret.empty()) body["secret"] = webhook.secret;
  return body;
}

}  // namespace kiki::notify
