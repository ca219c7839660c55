#include "base/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace kiki {
namespace {

TEST(Random, TokensAreUrlSafeAndOfTheAskedLength) {
  SystemRandom random;
  const std::string token = random.token(32);
  EXPECT_EQ(token.size(), 43u);  // ceil(32 * 8 / 6)
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  EXPECT_EQ(random.token(0), "");
  EXPECT_EQ(random.token(1).size(), 2u);
  EXPECT_NE(random.token(), token);
}

TEST(Random, ASeedRepeats) {
  SeededRandom a(7);
  SeededRandom b(7);
  EXPECT_EQ(a.token(), b.token());
  EXPECT_EQ(a.below(1000), b.below(1000));
  SeededRandom c(8);
  EXPECT_NE(a.token(), c.token());
}

TEST(Random, BelowReachesEveryValueEvenly) {
  SeededRandom random(1);
  std::array<int, 6> seen{};
  for (int i = 0; i < 6000; ++i) ++seen[random.below(6)];
  for (const int count : seen) {
    EXPECT_GT(count, 850);
    EXPECT_LT(count, 1150);
  }
  EXPECT_EQ(random.below(1), 0u);
}

// Three quarters of 2^64: without rejection the values under 2^62 would come twice as often.
TEST(Random, BelowIsUnbiasedForHugeBounds) {
  SeededRandom random(2);
  const std::uint64_t bound = std::uint64_t{3} << 62;
  int low = 0;
  for (int i = 0; i < 3000; ++i) low += random.below(bound) < (std::uint64_t{1} << 62);
  EXPECT_NEAR(low, 1000, 120);
}

}  // namespace
}  // namespace kiki
