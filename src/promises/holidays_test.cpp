#include "promises/holidays.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kiki::promises {
namespace {

std::string days_of(int year) {
  std::string text;
  for (const auto& holiday : japans_holidays(year)) {
    if (!text.empty()) text += ' ';
    text += to_text(holiday.day).substr(5);
  }
  return text;
}

// The Cabinet Office's list (国民の祝日について), year by year.
TEST(Holidays, AreThoseOfTheCabinetOffice) {
  EXPECT_EQ(days_of(2009),
            "01-01 01-12 02-11 03-20 04-29 05-03 05-04 05-05 05-06 07-20 09-21 09-22 09-23 10-12 11-03 11-23 "
            "12-23");
  EXPECT_EQ(days_of(2015),
            "01-01 01-12 02-11 03-21 04-29 05-03 05-04 05-05 05-06 07-20 09-21 09-22 09-23 10-12 11-03 11-23 "
            "12-23");
  EXPECT_EQ(days_of(2019),
            "01-01 01-14 02-11 03-21 04-29 04-30 05-01 05-02 05-03 05-04 05-05 05-06 07-15 08-11 08-12 09-16 "
            "09-23 10-14 10-22 11-03 11-04 11-23");
  EXPECT_EQ(days_of(2020),
            "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-23 07-24 08-10 09-21 09-22 "
            "11-03 11-23");
  EXPECT_EQ(days_of(2021),
            "01-01 01-11 02-11 02-23 03-20 04-29 05-03 05-04 05-05 07-22 07-23 08-08 08-09 09-20 09-23 11-03 "
            "11-23");
  EXPECT_EQ(days_of(2023),
            "01-01 01-02 01-09 02-11 02-23 03-21 04-29 05-03 05-04 05-05 07-17 08-11 09-18 09-23 10-09 11-03 "
            "11-23");
  EXPECT_EQ(days_of(2024),
            "01-01 01-08 02-11 02-12 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-15 08-11 08-12 09-16 09-22 "
            "09-23 10-14 11-03 11-04 11-23");
  EXPECT_EQ(days_of(2025),
            "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-21 08-11 09-15 09-23 10-13 "
            "11-03 11-23 11-24");
  EXPECT_EQ(days_of(2026),
            "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 "
            "11-03 11-23");
}

TEST(Holidays, SaySubstitutesAndDaysBetween) {
  EXPECT_EQ(japans_holiday(to_day({2026, 9, 22})), "jp.citizens");
  EXPECT_EQ(japans_holiday(to_day({2026, 5, 6})), "jp.substitute");
  EXPECT_EQ(japans_holiday(to_day({2019, 4, 30})), "jp.citizens");
  EXPECT_EQ(japans_holiday(to_day({2032, 9, 21})), "jp.citizens");
  EXPECT_FALSE(japans_holiday(to_day({2026, 12, 23})));
  EXPECT_FALSE(japans_holiday(to_day({2006, 1, 1})));
}

TEST(Holidays, EquinoxesMoveWithTheYears) {
  const auto has = [](Date date, std::string_view name) { return japans_holiday(to_day(date)) == name; };
  for (const int year : {2012, 2016, 2017, 2020, 2021, 2024, 2025, 2026, 2028}) {
    EXPECT_TRUE(has({year, 3, 20}, "jp.vernal_equinox")) << year;
  }
  for (const int year : {2011, 2014, 2015, 2018, 2019, 2022, 2023, 2027}) {
    EXPECT_TRUE(has({year, 3, 21}, "jp.vernal_equinox")) << year;
  }
  for (const int year : {2012, 2016, 2020, 2024, 2028}) {
    EXPECT_TRUE(has({year, 9, 22}, "jp.autumnal_equinox")) << year;
  }
}

TEST(Dates, ComeBackAsTheyWent) {
  for (Day day = 0; day < 80'000; day += 13) EXPECT_EQ(parse_day(to_text(day)).value(), day);
  for (const auto* wrong :
       {"2026-02-30", "2026-13-01", "2026-1-1", "26-01-01", "", "2026-01-01x", "1969-12-31"}) {
    EXPECT_FALSE(parse_day(wrong).ok()) << wrong;
  }
  EXPECT_EQ(weekday_of(to_day({2026, 11, 30})), 1);
}

}  // namespace
}  // namespace kiki::promises
