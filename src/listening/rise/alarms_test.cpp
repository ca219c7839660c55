// Alarms as time passes, on both stores: raised once, ended, told apart by rule.

#include "listening/rise/alarms.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "listening/counts.hpp"
#include "store/test_store.hpp"

namespace kiki::listening::rise {
namespace {

constexpr Id kWorkspace = 1;
constexpr Id kTopic = 7;
constexpr TimeMs kMinuteMs = 60'000;
constexpr TimeMs kHourMs = 60 * kMinuteMs;

class AlarmsTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    alarms_.emplace(store_->db(), log_, ids_, clock_);
    bus_.subscribe([this](const events::Event& event) { kinds_.push_back(event.kind); });
    write([&](store::Transaction& tx) -> Result<void> {
      TRY(tx.db().run(
          "INSERT INTO topics (workspace_id, id, name, created_at, updated_at) VALUES ($1, $2, 'Rice', $3, "
          "$4)",
          {kWorkspace, kTopic, clock_.now_ms() - 5 * 24 * kHourMs, 0}));
      return {};
    });
    // Two posts in every ten minutes of the last five days.
    write([&](store::Transaction& tx) -> Result<void> {
      const auto until = clock_.now_ms() / (10 * kMinuteMs) * (10 * kMinuteMs);
      for (auto at = until - 5 * 24 * kHourMs; at < until; at += 10 * kMinuteMs) TRY(count(tx, 10, at, 2));
      return {};
    });
  }
  void write(const store::Writer::Job& job) {
    const auto done = store_->db().writer().write(job);
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  static Result<void> count(store::Transaction& tx, int minutes, TimeMs start, std::int64_t posts) {
    TRY(tx.db().run(
        "INSERT INTO topic_counts (workspace_id, topic_id, minutes, start, posts) VALUES ($1, $2, $3, $4, "
        "$5) "
        "ON CONFLICT (workspace_id, topic_id, minutes, start) DO UPDATE SET posts = topic_counts.posts + "
        "excluded.posts",
        {kWorkspace, kTopic, minutes, start, posts}));
    return {};
  }
  void posts(std::int64_t number) {
    write([&](store::Transaction& tx) -> Result<void> {
      const auto now_ms = clock_.now_ms();
      for (const int minutes : {1, 10, 60}) {
        TRY(count(tx, minutes, now_ms / (minutes * kMinuteMs) * (minutes * kMinuteMs), number));
      }
      return {};
    });
  }
  void judge() {
    const auto done = alarms_->run_once();
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  std::vector<Alarm> all() { return alarms_->list(kWorkspace, 0, INT64_MAX, 100).value(); }

  std::unique_ptr<store::TestStore> store_;
  ManualClock clock_;
  std::vector<std::string> kinds_;
  events::EventBus bus_;
  events::EventLog log_{bus_, clock_};
  IdGenerator ids_{clock_};
  std::optional<Alarms> alarms_;
};

TEST_P(AlarmsTest, ARiseIsOneAlarmWithItsSentenceAndEndsWhenItIsQuiet) {
  posts(3);
  judge();
  EXPECT_TRUE(all().empty());
  posts(12);
  for (int i = 0; i < 5; ++i) judge();
  ASSERT_EQ(all().size(), 1u);
  const auto alarm = all()[0];
  EXPECT_EQ(alarm.rule, "learnt");
  EXPECT_EQ(alarm.topic_name, "Rice");
  EXPECT_EQ(alarm.posts, 15);
  EXPECT_EQ(alarm.minutes, 10);
  EXPECT_NEAR(alarm.usual, 2, 0.5);
  EXPECT_GE(alarm.severity, 1);
  EXPECT_FALSE(alarm.ended_at);
  EXPECT_EQ(kinds_, std::vector<std::string>({"alarm.raised"}));
  // It grows: the same alarm, greater.
  posts(100);
  judge();
  ASSERT_EQ(all().size(), 1u);
  EXPECT_GT(all()[0].severity, alarm.severity);
  EXPECT_EQ(all()[0].peak_posts, 115);
  EXPECT_EQ(all()[0].posts, 15) << "what was told stays";
  // Over after two quiet hours, which are noticed without any post.
  clock_.advance_ms(kHourMs);
  judge();
  EXPECT_FALSE(all()[0].ended_at);
  clock_.advance_ms(kHourMs + 10 * kMinuteMs);
  judge();
  judge();
  EXPECT_TRUE(all()[0].ended_at);
  EXPECT_EQ(kinds_, std::vector<std::string>({"alarm.raised", "alarm.ended"}));
  // No greater one on the same day is no news.
  posts(15);
  judge();
  EXPECT_EQ(all().size(), 1u);
}

TEST_P(AlarmsTest, TwoDesksOnOneStoreRaiseItOnce) {
  Alarms other(store_->db(), log_, ids_, clock_);
  posts(30);
  judge();
  ASSERT_TRUE(other.run_once().ok());
  Alarms after_a_crash(store_->db(), log_, ids_, clock_);
  ASSERT_TRUE(after_a_crash.run_once().ok());
  EXPECT_EQ(all().size(), 1u);
}

TEST_P(AlarmsTest, AHandSetRuleStandsBesideTheLearntOne) {
  EXPECT_FALSE(alarms_->set_rules(kWorkspace, kTopic, 0, {true, 5, 0}).ok());
  EXPECT_FALSE(alarms_->set_rules(kWorkspace, kTopic, 0, {true, 5, 2'000}).ok());
  EXPECT_FALSE(alarms_->set_rules(kWorkspace, 99, 0, {true, 5, 10}).ok());
  ASSERT_TRUE(alarms_->set_rules(kWorkspace, kTopic, 0, {false, 20, 30}).ok());
  EXPECT_EQ(alarms_->rules(kWorkspace, kTopic)->posts, 20);
  posts(10);
  judge();
  clock_.advance_ms(20 * kMinuteMs);
  posts(9);
  judge();
  EXPECT_TRUE(all().empty());
  posts(1);
  judge();
  judge();
  ASSERT_EQ(all().size(), 1u) << "the learnt rule is off";
  EXPECT_EQ(all()[0].rule, "set");
  EXPECT_EQ(all()[0].posts, 20);
  EXPECT_EQ(all()[0].severity, 5);
  clock_.advance_ms(70 * kMinuteMs);
  judge();
  EXPECT_TRUE(all()[0].ended_at);
  // A rule that is taken away ends what it raised.
  posts(40);
  judge();
  ASSERT_EQ(all().size(), 2u);
  ASSERT_TRUE(alarms_->set_rules(kWorkspace, kTopic, 0, {false, 0, 0}).ok());
  judge();
  EXPECT_TRUE(all()[0].ended_at);
}

TEST_P(AlarmsTest, OldMinutesAreForgottenAndHoursStay) {
  posts(1);
  clock_.advance_ms(61 * 24 * kHourMs);
  judge();
  auto reader = store_->db().reader();
  ASSERT_TRUE(reader.ok());
  EXPECT_TRUE(read_counts(**reader, kWorkspace, kTopic, 1, 0, INT64_MAX)->empty());
  EXPECT_TRUE(read_counts(**reader, kWorkspace, kTopic, 10, 0, INT64_MAX)->empty());
  EXPECT_EQ(sum_counts(**reader, kWorkspace, 0, INT64_MAX)->at(kTopic), 1);
}

INSTANTIATE_TEST_SUITE_P(Stores, AlarmsTest, store::test_dialects(), store::test_dialect_name);

}  // namespace
}  // namespace kiki::listening::rise
