#pragma once
// Japan's national holidays, computed from the Act on National Holidays (国民の祝日に関する法律, 1948 No.
// 178): fixed days, Happy Mondays, equinoxes, substitute holidays (art. 3-2), citizens' holidays (art. 3-3),
// and the days that special acts moved in 2019 to 2021.

#include <optional>
#include <string_view>
#include <vector>

#include "promises/time_zone.hpp"

namespace kiki::promises {

struct Holiday {
  Day day = 0;
  std::string_view name;  // a key: "jp.new_year"; the words are in i18n
};

// In the order of the calendar. From 2007 to 2099; empty for other years: earlier law was different, and the
// equinoxes' formula ends there.
std::vector<Holiday> japans_holidays(int year);
std::optional<std::string_view> japans_holiday(Day day);

}  // namespace kiki::promises
