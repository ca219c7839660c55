#include "auth/login_throttle.hpp"

#include <gtest/gtest.h>

namespace kiki::auth {
namespace {

TEST(LoginThrottle, AnAddressHasTenTriesThenOneAMinute) {
  ManualClock clock;
  LoginThrottle throttle(clock);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(throttle.take("a@example.com", std::to_string(i)).ok());
  const auto refused = throttle.take("a@example.com", "other");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kRateLimited);
  EXPECT_EQ(refused.error().retry_after_ms, 60'000);
  EXPECT_TRUE(throttle.take("b@example.com", "other").ok());
  clock.advance_ms(60'000);
  EXPECT_TRUE(throttle.take("a@example.com", "other").ok());
  EXPECT_FALSE(throttle.take("a@example.com", "other").ok());
}

TEST(LoginThrottle, AnIpHasItsOwnBucketWhateverItTries) {
  ManualClock clock;
  LoginThrottle throttle(clock);
  int passed = 0;
  for (int i = 0; i < 200; ++i)
    passed += throttle.take(std::to_string(i) + "@example.com", "203.0.113.7").ok();
  EXPECT_EQ(passed, 60);
  EXPECT_TRUE(throttle.take("new@example.com", "203.0.113.8").ok());
}

TEST(LoginThrottle, TheRightPasswordCostsNothing) {
  ManualClock clock;
  LoginThrottle throttle(clock);
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(throttle.take("a@example.com", "ip").ok());
    throttle.give_back("a@example.com", "ip");
  }
}

TEST(LoginThrottle, RemembersABoundedNumber) {
  ManualClock clock;
  ThrottleLimits limits;
  limits.keys = 100;
  LoginThrottle throttle(clock, limits);
  for (int i = 0; i < 10; ++i) (void)throttle.take("guessed@example.com", "ip");
  for (int i = 0; i < 5'000; ++i) (void)throttle.take(std::to_string(i), std::to_string(i));
  EXPECT_FALSE(throttle.take("guessed@example.com", "other").ok()) << "the emptiest bucket is kept longest";
}

}  // namespace
}  // namespace kiki::auth
