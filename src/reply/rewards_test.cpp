#include "reply/rewards.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "store/test_store.hpp"

namespace kiki::reply {
namespace {

constexpr Id kWorkspace = 1;
constexpr Id kUser = 2;
constexpr int kPeople = 40;

// Person n has the identity 100 + n and the case 1000 + n; every fourth one a second identity, 200 + n.
class RewardsTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    rewards_ = std::make_unique<Rewards>(store_->db(), log_, ids_, clock_);
    write([&](store::Transaction& tx) -> Result<void> {
      TRY(tx.db().run("INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'Shop', 0)", {kWorkspace}));
      for (int n = 0; n < kPeople; ++n) {
        TRY(identity(tx, 100 + n, n + 1));
        if (n % 4 == 0) TRY(identity(tx, 200 + n, n + 1));
        TRY(
            tx.db().run("INSERT INTO cases (workspace_id, id, number, person_id, identity_id, account_id, "
                        "network, status, "
                        "origin, last_post_at, opened_at) VALUES ($1, $2, $2, $3, $4, 1, 'open', 'open', "
                        "'addressed', 0, 0)",
                        {kWorkspace, 1000 + n, n + 1, 100 + n}));
      }
      return {};
    });
    RewardList list;
    list.key = list.name = "spring";
    list.warn_below = 2;
    list_ = must(rewards_->add(kWorkspace, kUser, list)).id;
  }
  static Result<void> identity(store::Transaction& tx, Id id, Id person) {
    TRY(
        tx.db().run("INSERT INTO identities (workspace_id, id, person_id, network, external_id, handle, "
                    "name, created_at) "
                    "VALUES ($1, $2, $3, 'open', $4, 'h', 'n', 0)",
                    {kWorkspace, id, person, to_string(id)}));
    return {};
  }
  void write(const store::Writer::Job& job) {
    const auto done = store_->db().writer().write(job);
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  template <class T>
  static T must(Result<T> result) {
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    return std::move(result).value();
  }
  void upload(int codes) {
    std::string text = "code\n";
    for (int i = 0; i < codes; ++i) text += "C" + std::to_string(i) + ",10%\r\n";
    EXPECT_EQ(must(rewards_->upload(kWorkspace, kUser, list_, text)).added, codes);
  }
  static Receiver receiver(int n, bool second_identity = false) {
    return {kWorkspace, 1000 + n, (second_identity ? 200 : 100) + n, kUser};
  }
  Result<std::string> send(const Receiver& to, Id outbox_id, std::string_view text = "{{reward:spring}}") {
    return store_->db().writer().write_result(
        [&](store::Transaction& tx) { return bind_rewards(tx, log_, to, outbox_id, text, clock_.now_ms()); });
  }
  void take_back(Id outbox_id) {
    write([&](store::Transaction& tx) { return unbind_rewards(tx, log_, kWorkspace, outbox_id, kUser); });
  }
  RewardList stock() { return must(rewards_->list(kWorkspace, list_)); }
  std::int64_t events(std::string_view kind) {
    auto reader = must(store_->db().reader());
    return must(reader->one("SELECT COUNT(*) FROM events WHERE kind = $1", {kind},
                            [](const store::Row& row) { return row.integer(0); }))
        .value_or(-1);
  }

  std::unique_ptr<store::TestStore> store_;
  ManualClock clock_{1'800'000'000'000};
  IdGenerator ids_{clock_};
  events::EventBus bus_;
  events::EventLog log_{bus_, clock_};
  std::unique_ptr<Rewards> rewards_;
  Id list_ = 0;
};

TEST_P(RewardsTest, ManyAtOnceEachCodeOnceAndNobodyTwo) {
  upload(30);  // fewer than people
  std::mutex mutex;
  std::multiset<std::string> handed;
  std::atomic<int> sent{0}, none{0}, twice{0};
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kPeople; ++i) {
        const int n = (i * 7 + t * 5) % kPeople;  // everybody meets everybody, each in another order
        if (t % 2 == 0) (void)rewards_->reserve(receiver(n), list_);
        const auto code = send(receiver(n, n % 4 == 0 && t % 3 == 0), 5'000 + t * 100 + n);
        if (code.ok()) {
          const std::lock_guard lock(mutex);
          handed.insert(*code);
          ++sent;
        } else if (code.error().code == "no_codes") {
          ++none;
        } else if (code.error().code == "already_given") {
          ++twice;
        } else {
          ADD_FAILURE() << code.error().message;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(sent, 30);
  EXPECT_EQ(std::set<std::string>(handed.begin(), handed.end()).size(), 30u) << "each code once";
  EXPECT_EQ(sent + none + twice, 8 * kPeople);
  EXPECT_EQ(stock().given, 30);
  EXPECT_EQ(stock().free, 0);
  EXPECT_EQ(events("reward.given"), 30);
  EXPECT_EQ(events("rewards.low"), 2) << "once low, once none left";
  auto reader = must(store_->db().reader());
  const auto most =
      must(reader->one("SELECT COUNT(*) FROM reward_codes c JOIN identities i ON i.workspace_id = "
                       "c.workspace_id AND i.id = c.identity_id "
                       "WHERE c.state = 'given' GROUP BY i.person_id ORDER BY 1 DESC LIMIT 1",
                       {}, [](const store::Row& row) { return row.integer(0); }));
  EXPECT_EQ(most, 1) << "one person, one code";
}

TEST_P(RewardsTest, ReservedIsKeptReleasedIsFreeTakenBackIsFree) {
  upload(2);
  must(rewards_->reserve(receiver(0), list_));
  must(rewards_->reserve(receiver(0), list_));
  EXPECT_EQ(stock().free, 1) << "the same person keeps theirs";
  EXPECT_EQ(must(send(receiver(0), 1, "Yours: {{reward:Spring}}!")), "Yours: C0!");
  EXPECT_EQ(send(receiver(0, true), 2).error().code, "already_given") << "by another identity";
  EXPECT_EQ(rewards_->reserve(receiver(0), list_).error().code, "already_given");
  take_back(1);
  EXPECT_EQ(stock().free, 2);
  EXPECT_EQ(events("reward.returned"), 1);
  EXPECT_EQ(must(send(receiver(0, true), 3)), "C0") << "and may get one then";
  must(rewards_->reserve(receiver(1), list_));
  EXPECT_EQ(send(receiver(2), 4).error().code, "no_codes");
  const auto released = rewards_->release(receiver(1), list_);
  ASSERT_TRUE(released.ok());
  EXPECT_EQ(must(send(receiver(2), 5)), "C1");
}

TEST_P(RewardsTest, WhatWasReservedAndForgottenGoesToOthersADayLater) {
  upload(1);
  must(rewards_->reserve(receiver(0), list_));
  EXPECT_EQ(rewards_->reserve(receiver(1), list_).error().code, "no_codes");
  clock_.advance_ms(kReservedMs + 1);
  EXPECT_EQ(must(send(receiver(1), 1)), "C0");
  EXPECT_EQ(send(receiver(0), 2).error().code, "no_codes");
}

TEST_P(RewardsTest, TwoCodesOfOneListInOneReplyAreRefusedWhole) {
  upload(5);
  EXPECT_EQ(send(receiver(0), 1, "{{reward:spring}} {{reward:spring}}").error().code, "already_given");
  EXPECT_EQ(stock().given, 0) << "nothing of it stays";
  EXPECT_EQ(send(receiver(0), 1, "{{reward:autumn}}").error().code, "no_reward_list");
}

TEST_P(RewardsTest, LowStockIsToldOnceForEachTimeItGetsLow) {
  upload(4);
  EXPECT_FALSE(stock().is_low());
  EXPECT_EQ(events("rewards.low"), 0) << "who fills a list sees what is in it";
  must(send(receiver(0), 1));
  EXPECT_EQ(events("rewards.low"), 0);
  must(send(receiver(1), 2));
  EXPECT_EQ(events("rewards.low"), 1);
  EXPECT_TRUE(stock().is_low());
  take_back(2);
  must(send(receiver(2), 3));
  EXPECT_EQ(events("rewards.low"), 1) << "a reply taken back makes no second time";
  must(send(receiver(3), 4));
  must(send(receiver(4), 5));
  EXPECT_EQ(events("rewards.low"), 2) << "and once when nothing is left";
  // Filled, it may get low again.
  EXPECT_EQ(must(rewards_->upload(kWorkspace, kUser, list_, "D1\nD2\nD3\nD4")).added, 4);
  must(send(receiver(5), 6));
  EXPECT_EQ(events("rewards.low"), 2);
  must(send(receiver(6), 7));
  EXPECT_EQ(events("rewards.low"), 3);
}

TEST_P(RewardsTest, AThresholdAboveWhatIsLeftIsToldAtOnceAndOneBelowIsQuiet) {
  upload(4);
  auto list = stock();
  list.warn_below = 10;
  must(rewards_->change(kWorkspace, kUser, list));
  EXPECT_EQ(events("rewards.low"), 1);
  must(rewards_->change(kWorkspace, kUser, list));
  EXPECT_EQ(events("rewards.low"), 1) << "nothing was changed";
  list.warn_below = 2;
  must(rewards_->change(kWorkspace, kUser, list));
  EXPECT_EQ(events("rewards.low"), 1);
  must(send(receiver(0), 1));
  must(send(receiver(1), 2));
  EXPECT_EQ(events("rewards.low"), 2);
}

INSTANTIATE_TEST_SUITE_P(Stores, RewardsTest, store::test_dialects(), store::test_dialect_name);

TEST(RewardCodes, OfPlainLinesAndCsv) {
  EXPECT_EQ(codes_of("A1\nB2\r\n\n  C3  \nA1").value(), (std::vector<std::string>{"A1", "B2", "C3"}));
  EXPECT_EQ(codes_of("\xEF\xBB\xBF"
                     "Code,value\n\"A,1\",5\nB2;7\nC3\t9")
                .value(),
            (std::vector<std::string>{"A,1", "B2", "C3"}));
  EXPECT_EQ(codes_of("クーポンコード\nＸ１").value(), (std::vector<std::string>{"Ｘ１"}));
  EXPECT_FALSE(codes_of("").ok());
  EXPECT_FALSE(codes_of("code\n").ok());
  EXPECT_FALSE(codes_of("\xff\xfe").ok());
  EXPECT_FALSE(codes_of("{{reward:x}}").ok()) << "a code must not be read as a variable";
  EXPECT_FALSE(codes_of(std::string(kCodeLimitBytes + 1, 'x')).ok());
}

}  // namespace
}  // namespace kiki::reply
