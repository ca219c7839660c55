#include "base/error.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace kiki {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return invalid("odd", "/value");
  return value / 2;
}
Result<int> quarter(int value) {
  const int once = TRY(half(value));
  return TRY(half(once));
}
Result<void> only_even(int value) {
  TRY(half(value));
  return {};
}

TEST(Error, TryGivesTheValueOrReturnsTheError) {
  EXPECT_EQ(quarter(12).value(), 3);
  EXPECT_EQ(quarter(6).error().message, "odd");
  EXPECT_EQ(quarter(6).error().where, "/value");
  EXPECT_TRUE(only_even(2).ok());
  EXPECT_EQ(only_even(3).error().kind, ErrorKind::kInvalid);
}

TEST(Error, AResultMovesItsValueOut) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  std::unique_ptr<int> value = std::move(result).value();
  EXPECT_EQ(*value, 7);
}

TEST(Error, EachKindHasAStatusANameAndARetryDecision) {
  EXPECT_EQ(http_status(ErrorKind::kTooLarge), 413);
  EXPECT_EQ(http_status(ErrorKind::kUnclear), 504);
  EXPECT_EQ(name(ErrorKind::kRateLimited), "rate_limited");
  EXPECT_TRUE(is_retryable(ErrorKind::kUnavailable));
  EXPECT_FALSE(is_retryable(ErrorKind::kUnclear));
  EXPECT_FALSE(is_retryable(ErrorKind::kInvalid));
}

TEST(ErrorDeathTest, TakingTheValueOfAnErrorEndsTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)half(1).value(), "CHECK failed: ok\\(\\)");
}

}  // namespace
}  // namespace kiki
