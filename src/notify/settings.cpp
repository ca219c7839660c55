#include "notify/settings.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "promises/time_zone.hpp"

namespace kiki::notify {

namespace {

constexpr int kDayMinutes = 1'440;
constexpr std::size_t kZoneBytes = 100;

std::optional<int> minute_of(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : -1; };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t at : {0, 1, 3, 4})
    if (digit(at) < 0) return std::nullopt;
  const int hour = digit(0) * 10 + digit(1);
  const int minute = digit(3) * 10 + digit(4);
  if (hour > 23 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

json::value time_json(int minute) {
  if (minute < 0) return nullptr;
  return json::value(fmt::format("{:02}:{:02}", minute / 60, minute % 60));
}

}  // namespace

NotificationSettings parse_settings(std::string_view stored) {
  NotificationSettings settings;
  const auto document = JsonDocument::parse(stored.empty() ? "{}" : stored);
  if (!document.ok()) return settings;
  if (auto read = changed(settings, document->root()); read.ok()) return *read;
  return settings;
}

json::object to_json(const NotificationSettings& settings) {
  return {{"mail", settings.mail},
          {"least_severity", settings.least_severity},
          {"quiet_from", time_json(settings.quiet_from_minute)},
          {"quiet_until", time_json(settings.quiet_until_minute)},
          {"time_zone", settings.time_zone}};
}

Result<NotificationSettings> changed(NotificationSettings settings, JsonView body) {
  if (!body.is_object()) return invalid("expected an object", body.pointer());
  TRY(body.each_member([&](std::string_view key, JsonView value) -> Result<void> {
    if (key == "mail") {
      settings.mail = TRY(value.boolean());
    } else if (key == "least_severity") {
      const auto least = TRY(value.integer());
      if (least < 1 || least > 10) return invalid("expected 1 to 10", value.pointer());
      settings.least_severity = static_cast<int>(least);
    } else if (key == "quiet_from" || key == "quiet_until") {
      auto& minute = key == "quiet_from" ? settings.quiet_from_minute : settings.quiet_until_minute;
      if (value.is_null()) {
        minute = -1;
        return {};
      }
      const auto read = minute_of(TRY(value.string(16)));
      if (!read) return invalid("expected a time of day, 22:00", value.pointer());
      minute = *read;
    } else if (key == "time_zone") {
      settings.time_zone = TRY(value.string(kZoneBytes));
      if (!settings.time_zone.empty() && !promises::TimeZone::find(settings.time_zone).ok())
        return invalid("there is no such time zone", value.pointer());
    } else {
      return invalid("There is no setting of this name.", value.pointer());
    }
    return {};
  }));
  if ((settings.quiet_from_minute < 0) != (settings.quiet_until_minute < 0))
    return invalid("quiet hours need a beginning and an end", "/quiet_until");
  return settings;
}

Result<NotificationSettings> read_settings(store::Connection& db, Id workspace_id, Id user_id) {
  const auto stored =
      TRY(db.one("SELECT settings FROM notification_settings WHERE workspace_id = $1 AND user_id = $2",
                 {workspace_id, user_id}, [](const store::Row& row) { return row.string(0); }));
  return parse_settings(stored.value_or(""));
}

Result<void> write_settings(store::Transaction& tx, Id workspace_id, Id user_id,
                            const NotificationSettings& settings) {
  const auto text = json::serialize(to_json(settings));
  TRY(
      tx.db().run("INSERT INTO notification_settings (workspace_id, user_id, settings) VALUES ($1, $2, $3) "
                  "ON CONFLICT (workspace_id, user_id) DO UPDATE SET settings = excluded.settings",
                  {workspace_id, user_id, text}));
  return {};
}

TimeMs mail_time(const NotificationSettings& settings, const std::string& zone_name, int severity,
                 TimeMs now_ms) {
  const int from = settings.quiet_from_minute;
  const int until = settings.quiet_until_minute;
  if (from < 0 || from == until || severity >= kLoudSeverity) return now_ms;
  auto zone = promises::TimeZone::find(settings.time_zone.empty() ? zone_name : settings.time_zone);
  if (!zone.ok()) zone = promises::TimeZone::find("UTC");
  if (!zone.ok()) return now_ms;
  const auto local = now_ms + zone->offset_ms(now_ms);
  const auto day_start = local / promises::kDayMs * promises::kDayMs;
  const auto minute = static_cast<int>((local - day_start) / promises::kMinuteMs);
  const bool quiet = from < until ? minute >= from && minute < until : minute >= from || minute < until;
  if (!quiet) return now_ms;
  const auto days = minute < until ? 0 : kDayMinutes;  // the end is tomorrow
  return zone->first_utc(day_start + (until + days) * promises::kMinuteMs);
}

}  // namespace kiki::notify
