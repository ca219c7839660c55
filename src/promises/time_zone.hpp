#pragma once
// A time zone with its daylight-saving changes, from ICU's tables. Immutable: may be shared between threads.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace kiki::promises {

// Days since 1970-01-01, of a calendar date with no zone.
using Day = std::int32_t;

inline constexpr TimeMs kMinuteMs = 60'000;
inline constexpr TimeMs kDayMs = 86'400'000;

struct Date {
  int year = 0;
  int month = 0;  // 1 … 12
  int day = 0;
  friend bool operator==(const Date&, const Date&) = default;
};
Day to_day(const Date& date);
Date to_date(Day day);
int weekday_of(Day day);                  // 0 = Sunday … 6 = Saturday
std::string to_text(Day day);             // "2026-11-23"
Result<Day> parse_day(std::string_view);  // kInvalid for what is no date from 1970 to 2199

class TimeZone {
 public:
  // kInvalid when there is no such zone. IANA names: "Asia/Tokyo".
  static Result<TimeZone> find(const std::string& name);

  const std::string& name() const { return name_; }
  TimeMs offset_ms(TimeMs utc) const;  // what local clocks are ahead of UTC
  Day day_of(TimeMs utc) const;
  // The moments of a local time, given as milliseconds since 1970-01-01T00:00 on the local clock. One that is
  // skipped is the moment of the change; of one that comes twice it is the first or the last.
  TimeMs first_utc(TimeMs local) const;
  TimeMs last_utc(TimeMs local) const;

 private:
  struct Impl;
  TimeMs change_between(TimeMs from, TimeMs to) const;
  std::string name_;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace kiki::promises
