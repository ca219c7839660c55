#include "promises/calendar.hpp"

#include <algorithm>
#include <limits>

#include "promises/holidays.hpp"

namespace kiki::promises {

std::optional<HolidayName> holiday_of(const Calendar& calendar, Day day) {
  const auto own = calendar.own.find(day);
  if (own != calendar.own.end()) return HolidayName{{}, own->second.name};
  if (!calendar.japans_holidays) return std::nullopt;
  const auto name = japans_holiday(day);
  if (!name) return std::nullopt;
  return HolidayName{*name, {}};
}

const std::vector<Span>& spans_of(const Calendar& calendar, Day day) {
  static const std::vector<Span> none;
  const auto own = calendar.own.find(day);
  if (own != calendar.own.end()) return own->second.spans;
  if (calendar.japans_holidays && japans_holiday(day)) return none;
  return calendar.week[static_cast<std::size_t>(weekday_of(day))];
}

OpenTime::OpenTime(const Calendar& calendar, TimeMs from)
    : calendar_(calendar),
      reached_(from),
      day_(calendar.zone.day_of(from) - 2),
      last_day_(day_ + kHorizonDays) {}

std::optional<Interval> OpenTime::next() {
  if (calendar_.always_open) {
    const auto from = std::exchange(reached_, std::numeric_limits<TimeMs>::max());
    if (from == reached_) return std::nullopt;
    return Interval{from, reached_, calendar_.zone.day_of(from)};
  }
  for (; day_ <= last_day_; ++day_, span_ = 0) {
    const auto& spans = spans_of(calendar_, day_);
    while (span_ < spans.size()) {
      const auto& span = spans[span_++];
      const auto midnight = TimeMs{day_} * kDayMs;
      const auto to = calendar_.zone.last_utc(midnight + span.end * kMinuteMs);
      if (to <= reached_) continue;
      const auto from = std::max(reached_, calendar_.zone.first_utc(midnight + span.begin * kMinuteMs));
      if (from >= to) continue;
      reached_ = to;
      return Interval{from, to, day_};
    }
  }
  return std::nullopt;
}

bool is_open(const Calendar& calendar, TimeMs at) {
  return next_opening(calendar, at) == at;
}

TimeMs open_between(const Calendar& calendar, TimeMs from, TimeMs to) {
  OpenTime open(calendar, from);
  TimeMs sum = 0;
  while (const auto interval = open.next()) {
    if (interval->from >= to) break;
    sum += std::min(interval->to, to) - interval->from;
    if (interval->to >= to) break;
  }
  return sum;
}

std::optional<TimeMs> next_opening(const Calendar& calendar, TimeMs at) {
  const auto interval = OpenTime(calendar, at).next();
  return interval ? std::optional(interval->from) : std::nullopt;
}

}  // namespace kiki::promises
