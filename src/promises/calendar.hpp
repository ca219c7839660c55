#pragma once
// The opening hours of a desk: spans of each weekday on the clocks of one zone, holidays, and own days that
// are closed or open otherwise.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "promises/time_zone.hpp"

namespace kiki::promises {

// Minutes since the local midnight of the day the span belongs to; an end after 1440 is on the next day. A
// span belongs to the day it begins on: one that began before a holiday goes on into it.
struct Span {
  int begin = 0;
  int end = 0;
  friend bool operator==(const Span&, const Span&) = default;
};
inline constexpr int kSpanEndMost = 2 * 1440;

struct OwnDay {
  std::string name;
  std::vector<Span> spans;  // empty: closed
};

struct Calendar {
  std::string key;
  std::string name;
  TimeZone zone;
  bool always_open = false;
  std::array<std::vector<Span>, 7> week;  // from Sunday; in order, not overlapping
  bool japans_holidays = false;
  std::map<Day, OwnDay> own;  // goes before the holidays: may open one of them
};

struct HolidayName {
  std::string_view key;  // of japans_holiday(); "" when the desk gave a name of its own
  std::string_view own;
};
// Why the day's usual spans do not count; nothing for a usual day.
std::optional<HolidayName> holiday_of(const Calendar& calendar, Day day);
const std::vector<Span>& spans_of(const Calendar& calendar, Day day);

struct Interval {
  TimeMs from = 0;
  TimeMs to = 0;  // exclusive
  Day day = 0;    // the span's day
};

// Open intervals from a moment on, one after the other, without overlaps.
class OpenTime {
 public:
  OpenTime(const Calendar& calendar, TimeMs from);
  // The next one, or nothing when none comes within kHorizonDays.
  std::optional<Interval> next();
  static constexpr int kHorizonDays = 2'000;

 private:
  const Calendar& calendar_;
  TimeMs reached_;
  Day day_ = 0;
  Day last_day_ = 0;
  std::size_t span_ = 0;
};

bool is_open(const Calendar& calendar, TimeMs at);
TimeMs open_between(const Calendar& calendar, TimeMs from, TimeMs to);
// When the desk opens next; `at` itself when it is open. Nothing when it does not open within the horizon.
std::optional<TimeMs> next_opening(const Calendar& calendar, TimeMs at);

}  // namespace kiki::promises
