#include "base/token_bucket.hpp"

#include <gtest/gtest.h>

namespace kiki {
namespace {

TEST(TokenBucket, GivesItsCapacityAndThenTheRate) {
  ManualClock clock;
  TokenBucket bucket(clock, 2, 3);
  EXPECT_TRUE(bucket.take());
  EXPECT_TRUE(bucket.take(2));
  EXPECT_FALSE(bucket.take());
  EXPECT_EQ(bucket.wait_ms(), 500);
  clock.advance_ms(499);
  EXPECT_FALSE(bucket.take());
  EXPECT_EQ(bucket.wait_ms(), 1);
  clock.advance_ms(1);
  EXPECT_EQ(bucket.wait_ms(), 0);
  EXPECT_TRUE(bucket.take());
}

TEST(TokenBucket, HoldsNoMoreThanItsCapacity) {
  ManualClock clock;
  TokenBucket bucket(clock, 1000, 5);
  clock.advance_ms(3'600'000);
  EXPECT_EQ(bucket.tokens(), 5);
  EXPECT_FALSE(bucket.take(6));
  EXPECT_EQ(bucket.tokens(), 5);
}

TEST(TokenBucket, BelievesWhatTheOtherSideSaysIsLeft) {
  ManualClock clock;
  TokenBucket bucket(clock, 1, 100);
  bucket.set_tokens(1);
  EXPECT_TRUE(bucket.take());
  EXPECT_FALSE(bucket.take());
  bucket.set_tokens(1e9);
  EXPECT_EQ(bucket.tokens(), 100);
  bucket.set_tokens(-5);
  EXPECT_EQ(bucket.tokens(), 0);
}

TEST(TokenBucket, DoesNotDriftOverManySmallSteps) {
  ManualClock clock;
  TokenBucket bucket(clock, 10, 1);
  int taken = 0;
  for (int i = 0; i < 100'000; ++i) {
    taken += bucket.take();
    clock.advance_ms(1);
  }
  EXPECT_EQ(taken, 1000);  // 100 s at 10 a second
}

TEST(TokenBucket, AClockGoingBackGivesNothing) {
  ManualClock clock;
  TokenBucket bucket(clock, 1, 1);
  EXPECT_TRUE(bucket.take());
  clock.advance_ms(-60'000);
  EXPECT_FALSE(bucket.take());
  clock.advance_ms(1000);
  EXPECT_TRUE(bucket.take());
}

}  // namespace
}  // namespace kiki
