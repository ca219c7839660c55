#include "base/ids.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

namespace kiki {
namespace {

TEST(Ids, GrowWithTimeAndTellIt) {
  ManualClock clock(1'795'338'720'123);
  IdGenerator ids(clock);
  const Id first = ids.next();
  EXPECT_EQ(time_of(first), clock.now_ms());
  EXPECT_EQ(ids.next(), first + 1);
  clock.advance_ms(1);
  EXPECT_EQ(time_of(ids.next()), clock.now_ms());
}

TEST(Ids, StayGreaterWhenTheClockGoesBack) {
  ManualClock clock;
  IdGenerator ids(clock);
  const Id first = ids.next();
  clock.advance_ms(-10'000);
  EXPECT_GT(ids.next(), first);
  ids.stay_above(first + 1000);
  EXPECT_EQ(ids.next(), first + 1001);
  ids.stay_above(5);  // less than what was given out already
  EXPECT_EQ(ids.next(), first + 1002);
}

TEST(Ids, ArePositiveWhenTheClockIsWrong) {
  ManualClock clock(0);
  EXPECT_GT(IdGenerator(clock).next(), 0);
}

TEST(Ids, AreUniqueOverThreads) {
  ManualClock clock;
  IdGenerator ids(clock);
  std::vector<std::vector<Id>> taken(4);
  std::vector<std::thread> threads;
  for (auto& mine : taken) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) mine.push_back(ids.next());
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<Id> all;
  for (const auto& mine : taken) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), 20'000u);
}

TEST(Ids, HaveOneSpelling) {
  EXPECT_EQ(to_string(Id{42}), "42");
  EXPECT_EQ(parse_id("42"), 42);
  EXPECT_EQ(parse_id("9223372036854775807"), INT64_MAX);
  for (const char* text : {"", "0", "-1", "+1", "007", " 1", "1 ", "1.0", "9223372036854775808", "x", "１"}) {
    EXPECT_EQ(parse_id(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace kiki
