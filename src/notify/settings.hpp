#pragma once
// What a person wants to be told, and when not.

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "store/database.hpp"

namespace kiki::notify {

inline constexpr int kLoudSeverity = 8;  // from here on quiet hours do not hold a notice back

struct NotificationSettings {
  bool mail = true;
  int least_severity = 5;      // of mails; the console shows all
  int quiet_from_minute = -1;  // of the day, on the clocks of time_zone; -1: no quiet hours
  int quiet_until_minute = -1;
  std::string time_zone;  // empty: the workspace's
};

// Reads what was stored; what is missing or not understood is as in a new one.
NotificationSettings parse_settings(std::string_view stored);
json::object to_json(const NotificationSettings& settings);  // the shape NotificationSettings of the API
// Lays what the body names over `settings`. kInvalid with the member's pointer.
Result<NotificationSettings> changed(NotificationSettings settings, JsonView body);

Result<NotificationSettings> read_settings(store::Connection& db, Id workspace_id, Id user_id);
Result<void> write_settings(store::Transaction& tx, Id workspace_id, Id user_id,
                            const NotificationSettings& settings);

// When may a mail leave: now, or at the end of the quiet hours. `zone_name`: where settings name none.
TimeMs mail_time(const NotificationSettings& settings, const std::string& zone_name, int severity,
                 TimeMs now_ms);

}  // namespace kiki::notify
