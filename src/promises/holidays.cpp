#include "promises/holidays.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace kiki::promises {

namespace {

constexpr int kFirstYear = 2007;
constexpr int kLastYear = 2099;

// The National Astronomical Observatory's days, 1980 to 2099. (The Cabinet announces each a year ahead.)
int equinox(int year, double at_1980) {
  return static_cast<int>(std::floor(at_1980 + 0.242194 * (year - 1980))) - (year - 1980) / 4;
}

Day monday(int year, int month, int which) {
  const Day first = to_day({year, month, 1});
  return first + (8 - weekday_of(first)) % 7 + 7 * (which - 1);
}

std::vector<Holiday> compute(int year) {
  std::map<Day, std::string_view> days;
  const auto add = [&](int month, int day, std::string_view name) {
    days[to_day({year, month, day})] = name;
  };
  add(1, 1, "jp.new_year");
  days[monday(year, 1, 2)] = "jp.coming_of_age";
  add(2, 11, "jp.foundation");
  if (year >= 2020) add(2, 23, "jp.emperor");
  add(3, equinox(year, 20.8431), "jp.vernal_equinox");
  add(4, 29, "jp.showa");
  add(5, 3, "jp.constitution");
  add(5, 4, "jp.greenery");
  add(5, 5, "jp.children");
  if (year == 2020) {
    add(7, 23, "jp.marine");
    add(7, 24, "jp.sports");
    add(8, 10, "jp.mountain");
  } else if (year == 2021) {
    add(7, 22, "jp.marine");
    add(7, 23, "jp.sports");
    add(8, 8, "jp.mountain");
  } else {
    days[monday(year, 7, 3)] = "jp.marine";
    if (year >= 2016) add(8, 11, "jp.mountain");
    days[monday(year, 10, 2)] = year < 2020 ? "jp.health_and_sports" : "jp.sports";
  }
  days[monday(year, 9, 3)] = "jp.respect_for_the_aged";
  add(9, equinox(year, 23.2488), "jp.autumnal_equinox");
  add(11, 3, "jp.culture");
  add(11, 23, "jp.labour");
  if (year <= 2018) add(12, 23, "jp.emperor");
  if (year == 2019) {
    add(5, 1, "jp.enthronement");
    add(10, 22, "jp.enthronement_ceremony");
  }
  const auto national = days;
  for (const auto& [day, name] : national) {
    if (weekday_of(day) != 0) continue;
    Day next = day + 1;
    while (national.contains(next)) ++next;
    days.emplace(next, "jp.substitute");
  }
  for (const auto& [day, name] : national) {
    const Day between = day + 1;
    if (national.contains(day + 2) && !days.contains(between)) days.emplace(between, "jp.citizens");
  }
  std::vector<Holiday> list;
  list.reserve(days.size());
  for (const auto& [day, name] : days) list.push_back({day, name});
  return list;
}

const std::vector<Holiday>& of_year(int year) {
  static const auto years = [] {
    std::array<std::vector<Holiday>, kLastYear - kFirstYear + 1> all;
    for (int y = kFirstYear; y <= kLastYear; ++y) all[static_cast<std::size_t>(y - kFirstYear)] = compute(y);
    return all;
  }();
  static const std::vector<Holiday> none;
  if (year < kFirstYear || year > kLastYear) return none;
  return years[static_cast<std::size_t>(year - kFirstYear)];
}

}  // namespace

std::vector<Holiday> japans_holidays(int year) {
  return of_year(year);
}

std::optional<std::string_view> japans_holiday(Day day) {
  const auto& list = of_year(to_date(day).year);
  const auto found = std::lower_bound(
      list.begin(), list.end(), day, [](const Holiday& holiday, Day wanted) { return holiday.day < wanted; });
  if (found == list.end() || found->day != day) return std::nullopt;
  return found->name;
}

}  // namespace kiki::promises
