#include "promises/time_zone.hpp"

#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>

namespace kiki::promises {

struct TimeZone::Impl {
  std::unique_ptr<icu::TimeZone> zone;
};

Day to_day(const Date& date) {
  using namespace std::chrono;
  return static_cast<Day>(sys_days{year{date.year} / date.month / date.day}.time_since_epoch().count());
}

Date to_date(Day day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day()))};
}

int weekday_of(Day day) {
  return static_cast<int>(std::chrono::weekday{std::chrono::sys_days{std::chrono::days{day}}}.c_encoding());
}

std::string to_text(Day day) {
  const auto date = to_date(day);
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
  return text;
}

Result<Day> parse_day(std::string_view text) {
  const auto number = [&](std::size_t at, std::size_t length) {
    int value = -1;
    const auto* end = text.data() + at + length;
    const auto [stop, error] = std::from_chars(text.data() + at, end, value);
    return error == std::errc{} && stop == end ? value : -1;
  };
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const Date date{number(0, 4), number(5, 2), number(8, 2)};
    const std::chrono::year_month_day checked{std::chrono::year{date.year},
                                              std::chrono::month{static_cast<unsigned>(date.month)},
                                              std::chrono::day{static_cast<unsigned>(date.day)}};
    if (date.year >= 1970 && date.year < 2200 && date.month > 0 && date.day > 0 && checked.ok())
      return to_day(date);
  }
  return invalid("is not a date like 2026-11-23");
}

Result<TimeZone> TimeZone::find(const std::string& name) {
  // Reading a zone's rules takes ICU far longer than asking them.
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const Impl>> known;
  TimeZone found;
  found.name_ = name;
  const std::lock_guard lock(mutex);
  auto& impl = known[name];
  if (!impl) {
    std::unique_ptr<icu::TimeZone> zone(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(name)));
    if (!zone || *zone == icu::TimeZone::getUnknown()) {
      known.erase(name);
      return invalid("There is no such time zone.");
    }
    impl = std::make_shared<const Impl>(std::move(zone));
  }
  found.impl_ = impl;
  return found;
}

TimeMs TimeZone::offset_ms(TimeMs utc) const {
  std::int32_t raw = 0;
  std::int32_t saving = 0;
  UErrorCode error = U_ZERO_ERROR;
  impl_->zone->getOffset(static_cast<double>(utc), false, raw, saving, error);
  return U_FAILURE(error) ? 0 : TimeMs{raw} + saving;
}

Day TimeZone::day_of(TimeMs utc) const {
  const auto local = utc + offset_ms(utc);
  return static_cast<Day>((local >= 0 ? local : local - kDayMs + 1) / kDayMs);
}

// When the offset changes; no zone changes it twice within two days.
TimeMs TimeZone::change_between(TimeMs from, TimeMs to) const {
  const auto before = offset_ms(from);
  while (to - from > 1) {
    const auto middle = from + (to - from) / 2;
    (offset_ms(middle) == before ? from : to) = middle;
  }
  return to;
}

TimeMs TimeZone::first_utc(TimeMs local) const {
  const auto before = offset_ms(local - kDayMs);
  const auto after = offset_ms(local + kDayMs);
  if (before == after) return local - before;
  const auto change = change_between(local - kDayMs, local + kDayMs);
  if (local - before < change) return local - before;
  return std::max(local - after, change);
}

TimeMs TimeZone::last_utc(TimeMs local) const {
  const auto before = offset_ms(local - kDayMs);
  const auto after = offset_ms(local + kDayMs);
  if (before == after) return local - before;
  const auto change = change_between(local - kDayMs, local + kDayMs);
  if (local - after > change) return local - after;
  return std::min(local - before, change);
}

}  // namespace kiki::promises
