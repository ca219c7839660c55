// Rates on a clock of our own: never more than the network allows in any window, and nearly all of it used.

#include "delivery/rates.hpp"

#include <gtest/gtest.h>

#include "store/test_store.hpp"

namespace kiki::delivery {
namespace {

using Rate = channels::Capabilities::Rate;

class RatesTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override { KIKI_MAKE_TEST_STORE(store_, GetParam()); }
  std::optional<TimeMs> ask(std::string_view action) {
    auto answer =
        store_->db().writer().write_result([&](store::Transaction& tx) -> Result<std::optional<TimeMs>> {
          return count_or_wait(tx, ids_, rates_, {1, 2, action}, clock_.now_ms());
        });
    EXPECT_TRUE(answer.ok());
    return answer.ok() ? *answer : std::nullopt;
  }

  std::unique_ptr<store::TestStore> store_;
  ManualClock clock_;
  IdGenerator ids_{clock_};
  std::vector<Rate> rates_;
};
INSTANTIATE_TEST_SUITE_P(Stores, RatesTest, store::test_dialects(), store::test_dialect_name);

TEST_P(RatesTest, NeverMoreThanAllowedInAnyWindowAndAtLeastNineTenthsOfIt) {
  rates_ = {{"", 20, 60'000}, {"message", 5, 60'000}};
  const auto begin = clock_.now_ms();
  std::vector<TimeMs> sent;
  std::vector<TimeMs> messages;
  constexpr TimeMs kEnd = 10 * 60'000;
  // More wants to go than may, at every moment, as after a storm.
  for (int i = 0; clock_.now_ms() - begin < kEnd; ++i) {
    const bool is_message = i % 3 == 0;
    const auto wait = ask(is_message ? "message" : "reply");
    if (!wait) {
      sent.push_back(clock_.now_ms());
      if (is_message) messages.push_back(clock_.now_ms());
      continue;
    }
    EXPECT_GT(*wait, clock_.now_ms());
    if (i % 3 != 0) clock_.advance_ms(std::min<TimeMs>(*wait - clock_.now_ms(), 700));
  }
  const auto most = [](const std::vector<TimeMs>& times) {
    std::size_t worst = 0;
    for (std::size_t i = 0; i < times.size(); ++i) {
      std::size_t in_window = 0;
      for (std::size_t j = i; j < times.size() && times[j] < times[i] + 60'000; ++j) ++in_window;
      worst = std::max(worst, in_window);
    }
    return worst;
  };
  EXPECT_EQ(most(sent), 20u);
  EXPECT_LE(most(messages), 5u);
  EXPECT_GE(sent.size(), 180u) << "of 200 that were allowed";
}

TEST_P(RatesTest, OneActionDoesNotHoldUpAnother) {
  rates_ = {{"like", 1, 60'000}};
  EXPECT_FALSE(ask("like"));
  EXPECT_EQ(ask("like"), clock_.now_ms() + 60'000);
  EXPECT_FALSE(ask("reply"));
  clock_.advance_ms(59'999);
  EXPECT_TRUE(ask("like"));
  clock_.advance_ms(1);
  EXPECT_FALSE(ask("like"));
}

TEST_P(RatesTest, WhatIsOlderThanEveryWindowIsForgotten) {
  rates_ = {{"", 3, 1'000}};
  for (int i = 0; i < 50; ++i) {
    ask("reply");
    clock_.advance_ms(400);
  }
  auto reader = store_->db().reader();
  const auto left =
      (*reader)->one("SELECT COUNT(*) FROM sends", {}, [](const store::Row& row) { return row.integer(0); });
  EXPECT_LE(**left, 3);
}

}  // namespace
}  // namespace kiki::delivery
