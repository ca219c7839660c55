#include "promises/roster.hpp"

#include <gtest/gtest.h>

namespace kiki::promises {
namespace {

TimeMs at(std::string_view text) {
  return parse_rfc3339(text).value();
}

Roster roster() {
  Roster made{TimeZone::find("Asia/Tokyo").value()};
  for (int weekday = 1; weekday <= 5; ++weekday) made.shifts.push_back({1, weekday, {}, {9 * 60, 18 * 60}});
  made.shifts.push_back({2, 5, {}, {22 * 60, 30 * 60}});  // Friday night
  made.shifts.push_back({3, {}, to_day({2026, 11, 21}), {10 * 60, 12 * 60}});
  return made;
}

std::vector<Id> ids(const std::vector<OnDuty>& list) {
  std::vector<Id> made;
  for (const auto& duty : list) made.push_back(duty.user_id);
  return made;
}

TEST(Roster, ShiftsOverMidnightAndSingleDays) {
  const auto made = roster();
  EXPECT_EQ(ids(on_duty(made, at("2026-11-20T09:00:00+09:00"))), std::vector<Id>{1});
  EXPECT_EQ(ids(on_duty(made, at("2026-11-20T18:00:00+09:00"))), std::vector<Id>{});
  EXPECT_EQ(ids(on_duty(made, at("2026-11-21T05:59:00+09:00"))), std::vector<Id>{2});
  EXPECT_EQ(ids(on_duty(made, at("2026-11-21T11:00:00+09:00"))), std::vector<Id>{3});
  EXPECT_EQ(ids(on_duty(made, at("2026-11-28T11:00:00+09:00"))), std::vector<Id>{});
}

TEST(Roster, LeaveIsStoodInFor) {
  auto made = roster();
  const Day friday = to_day({2026, 11, 20});
  made.leaves.push_back({1, friday, friday, 4, ""});
  auto now = on_duty(made, at("2026-11-20T10:00:00+09:00"));
  ASSERT_EQ(now.size(), 1U);
  EXPECT_EQ(now[0], (OnDuty{4, 1, at("2026-11-20T18:00:00+09:00")}));
  made.leaves.push_back({4, friday, friday, 5, ""});  // the substitute is away too
  EXPECT_EQ(ids(on_duty(made, at("2026-11-20T10:00:00+09:00"))), std::vector<Id>{5});
  made.leaves.push_back({5, friday, friday, 1, ""});  // in a circle: nobody
  EXPECT_TRUE(on_duty(made, at("2026-11-20T10:00:00+09:00")).empty());
  EXPECT_EQ(ids(on_duty(made, at("2026-11-19T10:00:00+09:00"))), std::vector<Id>{1});
}

TEST(Roster, NightOfALeaveEndsWithItsShift) {
  auto made = roster();
  const Day saturday = to_day({2026, 11, 21});
  made.leaves.push_back({2, saturday, saturday, {}, ""});
  EXPECT_EQ(ids(on_duty(made, at("2026-11-21T01:00:00+09:00"))), std::vector<Id>{2});
}

TEST(Roster, NamesEverybodyOnce) {
  auto made = roster();
  made.shifts.push_back({4, 5, {}, {9 * 60, 12 * 60}});
  const Day friday = to_day({2026, 11, 20});
  made.leaves.push_back({1, friday, friday, 4, ""});
  const auto now = on_duty(made, at("2026-11-20T10:00:00+09:00"));
  ASSERT_EQ(now.size(), 1U);
  EXPECT_EQ(now[0], (OnDuty{4, std::nullopt, at("2026-11-20T18:00:00+09:00")}));
}

}  // namespace
}  // namespace kiki::promises
