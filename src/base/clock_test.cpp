#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace kiki {
namespace {

constexpr TimeMs kTime = 1'795'338'720'123;  // 2026-11-22T09:12:00.123Z

TEST(Clock, WritesRfc3339) {
  EXPECT_EQ(to_rfc3339(kTime), "2026-11-22T09:12:00.123Z");
  EXPECT_EQ(to_rfc3339(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_rfc3339(951'782'400'000), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(INT64_MAX), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(to_rfc3339(INT64_MIN), "0000-01-01T00:00:00.000Z");
}

TEST(Clock, ReadsWhatRfc3339Allows) {
  EXPECT_EQ(parse_rfc3339("2026-11-22T09:12:00.123Z"), kTime);
  EXPECT_EQ(parse_rfc3339("2026-11-22t09:12:00.123456789z"), kTime);
  EXPECT_EQ(parse_rfc3339("2026-11-22T18:12:00.123+09:00"), kTime);
  EXPECT_EQ(parse_rfc3339("2026-11-22T04:42:00.123-04:30"), kTime);
  EXPECT_EQ(parse_rfc3339("2026-11-22T09:12:00Z"), kTime - 123);
  EXPECT_EQ(parse_rfc3339("2026-11-22T09:12:00.1Z"), kTime - 23);
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), parse_rfc3339("2017-01-01T00:00:00Z"));
}

TEST(Clock, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "2026", "2026-11-22", "2026-11-22T09:12:00", "2026-11-22 09:12:00Z", "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T09:60:00Z", "2026-11-22T09:12:61Z",
        "2026-11-22T09:12:00.Z", "2026-11-22T09:12:00.1234567890Z", "2026-11-22T09:12:00+0900",
        "2026-11-22T09:12:00+24:00", "2026-11-22T09:12:00Z ", "+026-11-22T09:12:00Z",
        "2026-1-22T09:12:00Z"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

TEST(Clock, ReadsBackWhatItWrote) {
  for (TimeMs time_ms = -5'000'000'000'000; time_ms < 5'000'000'000'000; time_ms += 86'400'001'017) {
    EXPECT_EQ(parse_rfc3339(to_rfc3339(time_ms)), time_ms);
  }
}

TEST(Clock, AManualClockMovesOnlyWhenTold) {
  ManualClock clock(1000);
  EXPECT_EQ(clock.now_ms(), 1000);
  clock.advance_ms(5);
  EXPECT_EQ(clock.now_ms(), 1005);
  EXPECT_EQ(clock.monotonic_ms(), 1005);
}

}  // namespace
}  // namespace kiki
