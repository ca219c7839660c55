#include "live/hub.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "events/event_log.hpp"
#include "store/test_store.hpp"

namespace kiki::live {
namespace {

// A console at the other end of a wire that never breaks.
class FakeStream final : public net::EventStream {
 public:
  bool push(std::shared_ptr<const std::string> frame) override {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    frames_.push_back(std::move(frame));
    more_.notify_all();
    return true;
  }
  void close() override {
    std::function<void()> f;
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return;
      closed_ = true;
      f = on_close_;
    }
    if (f) f();
  }
  bool closed() const override {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  void on_close(std::function<void()> f) override {
    const std::lock_guard lock(mutex_);
    on_close_ = std::move(f);
  }

  std::string text() const {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& frame : frames_) all += *frame;
    return all;
  }
  std::vector<std::shared_ptr<const std::string>> frames() const {
    const std::lock_guard lock(mutex_);
    return frames_;
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    frames_.clear();
  }
  bool wait_for(const std::string& piece) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    std::unique_lock lock(mutex_);
    return more_.wait_until(lock, until, [&] {
      for (const auto& frame : frames_) {
        if (frame->find(piece) != std::string::npos) return true;
      }
      return false;
    });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable more_;
  std::vector<std::shared_ptr<const std::string>> frames_;
  std::function<void()> on_close_;
  bool closed_ = false;
};

int count_of(const std::string& text, const std::string& piece) {
  int n = 0;
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++n;
  return n;
}

constexpr Id kBakery = 7;
constexpr Id kTea = 8;

class HubTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    (void)store_->db();
    make_hub({});
  }
  void TearDown() override {
    if (hub_) hub_->stop();
  }
  void make_hub(HubLimits limits) {
    Sources sources;
    sources.case_rows = [this](store::Connection&, Id,
                               std::span<const Id> ids) -> Result<std::map<Id, std::string>> {
      ++row_queries_;
      if (rows_fail_) return unavailable("test");
      std::map<Id, std::string> rows;
      for (const Id id : ids) rows[id] = "{\"id\":\"" + to_string(id) + "\"}";
      return rows;
    };
    sources.counts = [this](store::Connection&, Id, Id user_id) -> Result<std::string> {
      ++count_queries_;
      return "{\"user\":" + to_string(user_id) + ",\"now\":" + std::to_string(now_count_) + "}";
    };
    hub_ = std::make_unique<Hub>(store_->db(), bus_, clock_, presence_, std::move(sources), limits);
  }
  // Hubs of tests work when told to, so nothing depends on when a thread wakes up.
  void write(int events, Id workspace_id = kBakery, Id case_id = 3,
             const std::string& kind = "post.received") {
    auto done = store_->db().writer().write([&](store::Transaction& tx) -> Result<void> {
      for (int i = 0; i < events; ++i) {
        events::Event event;
        event.workspace_id = workspace_id;
        event.kind = kind;
        event.case_id = case_id;
        TRY(log_.append(tx, event));
      }
      return {};
    });
    ASSERT_TRUE(done.ok());
  }
  std::shared_ptr<FakeStream> watch(Id workspace_id, Id user_id,
                                    std::optional<std::int64_t> last = std::nullopt) {
    auto stream = std::make_shared<FakeStream>();
    Watcher watcher{workspace_id, user_id, last, [this, user_id] { return user_id != banned_; }};
    EXPECT_TRUE(hub_->watch(std::move(watcher), stream).ok());
    hub_->run_once();
    return stream;
  }

  std::unique_ptr<store::TestStore> store_;
  ManualClock clock_;
  events::EventBus bus_;
  events::EventLog log_{bus_, clock_};
  PresenceRegistry presence_{clock_};
  std::unique_ptr<Hub> hub_;
  int row_queries_ = 0;
  int count_queries_ = 0;
  int now_count_ = 0;
  Id banned_ = 0;
  bool rows_fail_ = false;
};

TEST_P(HubTest, EveryConsoleOfTheWorkspaceGetsTheSameBytes) {
  const auto one = watch(kBakery, 1);
  const auto two = watch(kBakery, 2);
  const auto other = watch(kTea, 3);
  one->clear();
  two->clear();
  other->clear();
  write(3);
  hub_->run_once();
  ASSERT_FALSE(one->frames().empty());
  EXPECT_EQ(one->frames()[0], two->frames()[0]) << "shared, not copied";
  const std::string text = one->text();
  EXPECT_EQ(count_of(text, "event: change"), 3);
  EXPECT_NE(text.find("id: 1\nevent: change\ndata: {\"seq\":1,"), std::string::npos) << text;
  EXPECT_NE(text.find("\"kind\":\"post.received\",\"case_id\":\"3\",\"post_id\":null"), std::string::npos)
      << text;
  EXPECT_NE(text.find("\"case\":{\"id\":\"3\"}"), std::string::npos);
  EXPECT_EQ(row_queries_, 1) << "one query for the whole commit";
  EXPECT_EQ(count_of(other->text(), "event: change"), 0);
}

TEST_P(HubTest, NothingIsReadForAWorkspaceNobodyWatches) {
  write(5);
  hub_->run_once();
  EXPECT_EQ(row_queries_, 0);
}

TEST_P(HubTest, AConsoleThatComesBackMissesNothingAndGetsNothingTwice) {
  const auto before = watch(kBakery, 1);
  write(2);
  hub_->run_once();
  before->close();
  hub_->run_once();
  write(3);
  write(1, kTea);
  hub_->run_once();
  // Committed, but not delivered yet when the console joins: the queue brings it, the replay must not.
  auto stream = std::make_shared<FakeStream>();
  ASSERT_TRUE(hub_->watch(Watcher{kBakery, 1, 2, nullptr}, stream).ok());
  write(1);
  hub_->run_once();
  const std::string text = stream->text();
  EXPECT_EQ(count_of(text, "event: change"), 4) << text;
  for (const char* id : {"id: 3\n", "id: 4\n", "id: 5\n", "id: 7\n"}) {
    EXPECT_EQ(count_of(text, std::string(id) + "event: change"), 1) << id;
  }
  EXPECT_EQ(count_of(text, "event: reset"), 0);
}

TEST_P(HubTest, TooFarBehindIsReset) {
  HubLimits limits;
  limits.replay_events = 3;
  hub_->stop();
  make_hub(limits);
  const auto keep = watch(kBakery, 9);
  write(4);
  hub_->run_once();
  EXPECT_EQ(count_of(watch(kBakery, 1, 0)->text(), "event: reset"), 1);
  EXPECT_EQ(count_of(watch(kBakery, 1, 1)->text(), "event: change"), 3);
  EXPECT_EQ(count_of(watch(kBakery, 1, 99)->text(), "event: reset"), 1)
      << "an id of another life of this desk";
  EXPECT_EQ(count_of(watch(kBakery, 1, -1)->text(), "event: reset"), 1);
  EXPECT_EQ(count_of(watch(kBakery, 1, 4)->text(), "event: reset"), 0);
}

TEST_P(HubTest, AConsoleThatKnowsOfMoreThanWasDeliveredWaitsForIt) {
  // Committed, and not yet told to this hub: somebody read how far the log is in between.
  events::EventBus unheard;
  events::EventLog log(unheard, clock_);
  ASSERT_TRUE(store_->db()
                  .writer()
                  .write([&](store::Transaction& tx) {
                    events::Event event;
                    event.workspace_id = kBakery;
                    event.kind = "post.received";
                    event.case_id = 3;
                    return log.append(tx, event);
                  })
                  .ok());
  EXPECT_EQ(count_of(watch(kBakery, 1, 1)->text(), "event: reset"), 0);
  EXPECT_EQ(count_of(watch(kBakery, 1, 2)->text(), "event: reset"), 1);
}

TEST_P(HubTest, ARowThatCannotBeReadIsResetNotSilence) {
  const auto stream = watch(kBakery, 1);
  rows_fail_ = true;
  write(1);
  hub_->run_once();
  EXPECT_EQ(count_of(stream->text(), "event: reset"), 1);
}

TEST_P(HubTest, CountsComePerPersonAtMostTwiceASecondAndOnlyWhenTheyChange) {
  const auto stream = watch(kBakery, 1);
  const auto twin = watch(kBakery, 1);
  EXPECT_EQ(count_of(stream->text(), "event: counts\ndata: {\"user\":1,\"now\":0}"), 1) << stream->text();
  clock_.advance_ms(500);
  hub_->run_once();
  stream->clear();
  count_queries_ = 0;
  for (int i = 0; i < 10; ++i) {
    ++now_count_;
    write(1);
    hub_->run_once();
    clock_.advance_ms(10);
  }
  const int first = count_of(stream->text(), "event: counts");
  EXPECT_LE(first, 1);
  EXPECT_LE(count_queries_, 1) << "one person, two consoles: counted once";
  clock_.advance_ms(60'000);
  hub_->run_once();
  EXPECT_NE(stream->text().find("\"now\":10}"), std::string::npos);
  const int second = count_of(stream->text(), "event: counts");
  clock_.advance_ms(60'000);
  hub_->run_once();
  EXPECT_EQ(count_of(stream->text(), "event: counts"), second) << "the same numbers are not said again";
}

TEST_P(HubTest, LosingMembershipOrSessionClosesTheStream) {
  const auto stays = watch(kBakery, 1);
  const auto goes = watch(kBakery, 2);
  EXPECT_TRUE(hub_->is_online(kBakery, 2));
  banned_ = 2;
  write(1, kBakery, 0, "member.changed");
  hub_->run_once();
  hub_->run_once();
  EXPECT_TRUE(goes->closed());
  EXPECT_FALSE(stays->closed());
  EXPECT_FALSE(hub_->is_online(kBakery, 2));
  EXPECT_EQ(hub_->consoles(), 1u);
  banned_ = 1;
  hub_->recheck_user(1);
  hub_->run_once();
  EXPECT_TRUE(stays->closed());
}

TEST_P(HubTest, AccessIsLookedAtEveryMinuteToo) {
  const auto stream = watch(kBakery, 1);
  banned_ = 1;
  clock_.advance_ms(60'000);
  hub_->run_once();
  EXPECT_TRUE(stream->closed());
}

TEST_P(HubTest, PresenceIsToldOnceAndEnds) {
  const auto stream = watch(kBakery, 1);
  Presence looking{kBakery, 3, 2, "Name", "N", PresenceState::kLooking};
  for (int i = 0; i < 3; ++i) {
    if (presence_.set(looking)) hub_->tell_presence(looking);
    hub_->run_once();
    clock_.advance_ms(20'000);
  }
  EXPECT_EQ(count_of(stream->text(), "\"state\":\"looking\""), 1);
  const auto later = watch(kBakery, 4);
  EXPECT_EQ(count_of(later->text(), "\"state\":\"looking\""), 1) << "who comes later is told what is";
  clock_.advance_ms(45'000);
  hub_->run_once();
  EXPECT_EQ(count_of(stream->text(), "\"state\":\"gone\""), 1);
  EXPECT_TRUE(presence_.of_workspace(kBakery).empty());
}

TEST_P(HubTest, WithItsThreadEventsArriveByThemselves) {
  ASSERT_TRUE(hub_->start().ok());
  auto stream = std::make_shared<FakeStream>();
  ASSERT_TRUE(hub_->watch(Watcher{kBakery, 1, std::nullopt, nullptr}, stream).ok());
  ASSERT_TRUE(stream->wait_for("event: counts"));
  write(1);
  EXPECT_TRUE(stream->wait_for("id: 1\nevent: change"));
  hub_->stop();
  EXPECT_TRUE(stream->closed());
  EXPECT_FALSE(hub_->watch(Watcher{kBakery, 1, std::nullopt, nullptr}, stream).ok());
}

INSTANTIATE_TEST_SUITE_P(Stores, HubTest, store::test_dialects(), store::test_dialect_name);

}  // namespace
}  // namespace kiki::live
