// The door at which networks call: durable before the answer, and nothing told to whoever has no business.

#include "accounts/webhook_door.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accounts/try_account.hpp"
#include "ingest/account_state.hpp"
#include "ingest/test_desk.hpp"

namespace kiki::accounts {
namespace {

using ingest::TestDesk;
using testing::ElementsAre;
using testing::SizeIs;

constexpr TimeMs kHourMs = 3'600'000;

// A network that is called with "key: good" and brings its body as one item.
class CalledChannel final : public ingest::ScriptedChannel {
 public:
  CalledChannel() { descriptor_.capabilities.webhooks = true; }
  Result<channels::WebhookAnswer> webhook(const channels::Account& account, channels::AccountState&,
                                          const net::HttpRequest& request) override {
    if (request.headers.get("key") == "away") return unavailable("the store is away");
    if (request.headers.get("key") == "elsewhere") return channels::WebhookAnswer{.status = 302, .note = "x"};
    if (request.headers.get("key") != "good")
      return channels::WebhookAnswer{.status = 401, .note = "wrong signature"};
    if (request.method == "GET")
      return channels::WebhookAnswer{.body = "hello " + account.handle, .note = "challenge"};
    channels::WebhookAnswer answer{.body = "ok", .note = "1 event"};
    const std::string source = request.headers.get("again").empty() ? "paper" : "paper+again";
    if (!request.body.empty()) answer.items.push_back({source, request.body});
    return answer;
  }
  Result<void> subscribe(const channels::Account&, channels::AccountState&, std::string_view url,
                         std::stop_token) override {
    told.emplace_back(url);
    if (refuses) return Error{ErrorKind::kForbidden, "the app may not", {}, {}, 0};
    return {};
  }
  Result<std::optional<channels::Author>> profile(const channels::Account&, channels::AccountState&,
                                                  std::string_view, std::stop_token) override {
    if (profile_away) return unavailable("no answer");
    return std::optional<channels::Author>();
  }
  std::vector<std::string> told;
  bool refuses = false;
  bool profile_away = false;
};

class WebhookDoorTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    desk_ = std::make_unique<TestDesk>(*store_);
    sealer_ = TestDesk::must(store::Sealer::open(keys_.path()));
    const auto by_network = [this](std::string_view) { return &channel_; };
    const auto state_of = [this](Id workspace_id, Id account_id) {
      return ingest::make_account_state(desk_->db(), *sealer_, desk_->clock, workspace_id, account_id);
    };
    accounts_ = std::make_unique<Accounts>(
        Parts{desk_->db(), desk_->log(), ids_, desk_->clock, by_network, state_of,
              [](store::Transaction&, Id, Id, const Fields&) { return Result<void>(); }});
    accounts_->on_change([this](Id, Id) { ++changes_; });
    open_door();
  }
  void open_door() {
    door_ = std::make_unique<WebhookDoor>(WebhookDoor::Parts{
        *accounts_, *desk_->ingest, desk_->db(), desk_->log(), desk_->clock,
        [this](std::string_view) { return &channel_; },
        [this](Id workspace_id, Id account_id) {
          return ingest::make_account_state(desk_->db(), *sealer_, desk_->clock, workspace_id, account_id);
        },
        public_url_});
    TestDesk::must(door_->reload());
  }
  net::HttpResponse call(const std::string& body, const std::string& key = "good",
                         const std::string& method = "POST") {
    net::HttpRequest request;
    request.method = method;
    request.body = body;
    request.headers.set("key", key);
    return TestDesk::must(door_->call(TestDesk::kAccount, request));
  }
  // "Test", pressed by a person.
  std::string test() {
    auto state = ingest::make_account_state(desk_->db(), *sealer_, desk_->clock, TestDesk::kWorkspace,
                                            TestDesk::kAccount);
    const auto row = TestDesk::must(accounts_->read(TestDesk::kWorkspace, TestDesk::kAccount));
    return TestDesk::must(try_account(*accounts_, *door_, channel_, *state, row));
  }
  std::string status() { return desk_->text("SELECT status FROM accounts"); }
  std::string problem() { return desk_->text("SELECT detail FROM account_problems WHERE kind = 'webhook'"); }

  std::unique_ptr<store::TestStore> store_;
  store::TemporaryDirectory keys_;
  std::unique_ptr<store::Sealer> sealer_;
  std::unique_ptr<TestDesk> desk_;
  CalledChannel channel_;
  IdGenerator ids_{desk_clock_};
  ManualClock desk_clock_;
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<WebhookDoor> door_;
  int changes_ = 0;
  std::string public_url_ = "https://desk.example";
};
INSTANTIATE_TEST_SUITE_P(Stores, WebhookDoorTest, store::test_dialects(), store::test_dialect_name);

TEST_P(WebhookDoorTest, WhatItBringsIsDurableBeforeTheAnswerAndBecomesACase) {
  const auto answer = call(R"({"id":"p1","text":"It broke"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "ok");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM journal"), 1);
  desk_->settle();
  EXPECT_EQ(desk_->case_of("p1").preview, "It broke");
  call(R"({"id":"p1","text":"It broke"})");  // the network calls again
  desk_->settle();
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts"), 1);
  const auto state = door_->state(TestDesk::kAccount);
  ASSERT_THAT(state.calls, SizeIs(2));
  EXPECT_EQ(state.calls.front().note, "1 event");
  EXPECT_EQ(state.calls.front().items, 1);
  EXPECT_EQ(state.last_success_at, desk_->clock.now_ms());
}

TEST_P(WebhookDoorTest, AChallengeIsAnsweredAndAWrongSignatureLeavesNothing) {
  EXPECT_EQ(call("", "good", "GET").body, "hello us.example");
  const auto refused = call(R"({"id":"p1","text":"forged"})", "bad");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.body, "");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM journal"), 0);
  EXPECT_EQ(door_->state(TestDesk::kAccount).refused_in_row, 1);
}

TEST_P(WebhookDoorTest, WhatCannotBeStoredIsNotAcknowledgedAndTheNetworkIsAskedToCallAgain) {
  call("");  // what it remembers of the traffic is stored with the next call only
  desk_->db().close();
  const auto answer = call(R"({"id":"p1","text":"It broke"})");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.get("Retry-After"), "5");
  EXPECT_EQ(door_->state(TestDesk::kAccount).refused_in_row, 0);
}

TEST_P(WebhookDoorTest, NobodyElseIsThere) {
  const auto answer = door_->call(4711, {});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().kind, ErrorKind::kNotFound);
  TestDesk::must(accounts_->remove(TestDesk::kWorkspace, TestDesk::kUser, TestDesk::kAccount));
  TestDesk::must(door_->reload());
  EXPECT_FALSE(door_->call(TestDesk::kAccount, {}).ok());
}

TEST_P(WebhookDoorTest, AnAnswerThatLeadsElsewhereIsNotGiven) {
  EXPECT_EQ(call("", "elsewhere").status, 500);
}

TEST_P(WebhookDoorTest, APausedAccountLosesNothing) {
  TestDesk::must(desk_->write([](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("UPDATE accounts SET status = 'paused'"));
    return {};
  }));
  TestDesk::must(door_->reload());
  EXPECT_EQ(call(R"({"id":"p1","text":"Still here"})").status, 200);
  desk_->settle();
  EXPECT_EQ(desk_->case_of("p1").preview, "Still here");
}

TEST_P(WebhookDoorTest, RefusedAgainAndAgainIsToldOnceAndMendedByTheNextGoodCall) {
  for (int i = 0; i < 9; ++i) call("", "bad");
  EXPECT_EQ(problem(), "(none)");
  desk_->forget_events();
  for (int i = 0; i < 5; ++i) call("", "bad");
  EXPECT_EQ(problem(), "calls_refused: wrong signature");
  EXPECT_THAT(desk_->event_kinds(), ElementsAre("account.problem"));
  open_door();  // the program starts again
  for (int i = 0; i < 12; ++i) call("", "bad");
  EXPECT_THAT(desk_->event_kinds(), ElementsAre("account.problem"));
  EXPECT_EQ(call("").status, 200);
  EXPECT_EQ(problem(), "(none)");
}

TEST_P(WebhookDoorTest, AFaultOfOurOwnIsNoRefusal) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(call("", "away").status, 503);
  EXPECT_EQ(problem(), "(none)");
  EXPECT_EQ(door_->state(TestDesk::kAccount).refused_in_row, 0);
}

TEST_P(WebhookDoorTest, OnlyTheLastFiftyCallsAreKept) {
  for (int i = 0; i < 60; ++i) call("");
  EXPECT_THAT(door_->state(TestDesk::kAccount).calls, SizeIs(50));
}

TEST_P(WebhookDoorTest, SilenceWhereTrafficWasUsualIsToldAlsoAfterARestart) {
  for (int hour = 0; hour < 4 * 24; ++hour) {
    call("");
    desk_->clock.advance_ms(kHourMs);
  }
  TestDesk::must(door_->look_for_silence());
  EXPECT_EQ(problem(), "(none)");
  open_door();
  EXPECT_GT(door_->state(TestDesk::kAccount).last_success_at, 0);
  desk_->clock.advance_ms(12 * kHourMs);
  TestDesk::must(door_->look_for_silence());
  EXPECT_NE(problem(), "(none)");
  call("");
  EXPECT_EQ(problem(), "(none)");
}

TEST_P(WebhookDoorTest, TheNetworkIsToldOnceWhereToCallAndAgainAfterAnotherAddressOrConnecting) {
  EXPECT_TRUE(TestDesk::must(door_->subscribe_all()));
  TestDesk::must(door_->subscribe_all());
  open_door();
  TestDesk::must(door_->subscribe_all());
  const auto url = "https://desk.example/hooks/" + to_string(TestDesk::kAccount);
  EXPECT_THAT(channel_.told, ElementsAre(url));
  public_url_ = "https://other.example";
  open_door();
  TestDesk::must(door_->subscribe_all());
  EXPECT_THAT(channel_.told, SizeIs(2));
  channels::Connected connected;
  connected.external_id = "did:us";
  connected.settings = "{}";
  TestDesk::must(
      accounts_->reconnect_as(TestDesk::kWorkspace, TestDesk::kUser, TestDesk::kAccount, connected));
  TestDesk::must(door_->subscribe_all());
  EXPECT_THAT(channel_.told, SizeIs(3));
}

TEST_P(WebhookDoorTest, WhatTheNetworkRefusesIsAProblemUntilItIsMended) {
  channel_.refuses = true;
  EXPECT_FALSE(TestDesk::must(door_->subscribe_all()));
  EXPECT_EQ(desk_->text("SELECT detail FROM account_problems WHERE kind = 'subscription'"),
            "not_allowed: the app may not");
  TestDesk::must(door_->subscribe_all());
  EXPECT_THAT(channel_.told, SizeIs(1)) << "not at once again";
  channel_.refuses = false;
  desk_->clock.advance_ms(kHourMs);
  EXPECT_TRUE(TestDesk::must(door_->subscribe_all()));
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM account_problems"), 0);
}

TEST_P(WebhookDoorTest, WhatTheNetworkBringsAgainClosesAGapAndIsCountedOnce) {
  const auto again = [&](const std::string& id, TimeMs posted_at) {
    net::HttpRequest request;
    request.method = "POST";
    request.body = R"({"id":")" + id + R"(","text":"It broke","at":)" + std::to_string(posted_at) + "}";
    request.headers.set("key", "good");
    request.headers.set("again", "yes");
    EXPECT_EQ(TestDesk::must(door_->call(TestDesk::kAccount, request)).status, 200);
  };
  const auto gap = [&] {
    return desk_->text("SELECT posts || ' since ' || away_since || ' until ' || closed_at FROM account_gaps");
  };
  call(R"({"id":"p1","text":"It broke"})");
  desk_->settle();
  const auto away = desk_->clock.now_ms();
  desk_->clock.advance_ms(kHourMs);
  again("p1", away);  // the network had not heard that we took it
  desk_->settle();
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM account_gaps"), 0);
  desk_->ingest->stop();  // what comes now lies in the journal, as after a crash
  again("p3", away + 2'000);
  again("p3", away + 2'000);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM account_gaps"), 0);
  TestDesk::must(desk_->ingest->start());
  desk_->settle();
  const auto closed = desk_->clock.now_ms();
  EXPECT_EQ(gap(), "1 since " + std::to_string(away + 2'000) + " until " + std::to_string(closed));
  // The rest of the same hour comes bit by bit.
  desk_->clock.advance_ms(60'000);
  again("p2", away + 1'000);
  desk_->settle();
  EXPECT_EQ(gap(), "2 since " + std::to_string(away + 1'000) + " until " + std::to_string(closed + 60'000));
  // Another time away is another gap.
  desk_->clock.advance_ms(kHourMs);
  again("p4", desk_->clock.now_ms() - 60'000);
  desk_->settle();
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM account_gaps"), 2);
}

TEST_P(WebhookDoorTest, WhoTestsTellsTheNetworkAgain) {
  TestDesk::must(door_->subscribe_all());
  TestDesk::must(door_->tell_again(TestDesk::kAccount));
  EXPECT_THAT(channel_.told, SizeIs(2));
  channel_.refuses = true;
  EXPECT_FALSE(door_->tell_again(TestDesk::kAccount).ok());
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM account_problems WHERE kind = 'subscription'"), 1);
  channel_.refuses = false;
  TestDesk::must(door_->tell_again(TestDesk::kAccount));
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM account_problems"), 0);
  TestDesk::must(door_->tell_again(4711));
  EXPECT_THAT(channel_.told, SizeIs(4));
}

TEST_P(WebhookDoorTest, WhatATestFoundRefusedIsTriedAgainByItself) {
  EXPECT_TRUE(TestDesk::must(door_->subscribe_all()));
  channel_.refuses = true;
  EXPECT_FALSE(door_->tell_again(TestDesk::kAccount).ok());
  EXPECT_FALSE(TestDesk::must(door_->subscribe_all())) << "not at once, but it is left to tell";
  EXPECT_THAT(channel_.told, SizeIs(2));
  channel_.refuses = false;
  desk_->clock.advance_ms(kHourMs);
  EXPECT_TRUE(TestDesk::must(door_->subscribe_all()));
  EXPECT_THAT(channel_.told, SizeIs(3));
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM account_problems"), 0);
}

TEST_P(WebhookDoorTest, ATestSaysThatItWorksWhenAllDoes) {
  TestDesk::must(accounts_->set_status(TestDesk::kWorkspace, TestDesk::kAccount, "ok", ""));
  EXPECT_EQ(test(), "");
  channel_.refuses = true;
  EXPECT_EQ(test(), "not_allowed: the app may not");
  EXPECT_EQ(status(), "ok") << "its own page is read still";
  channel_.refuses = false;
  EXPECT_EQ(test(), "");
}

TEST_P(WebhookDoorTest, AnAccountThatNeedsAPersonIsNotToldOverAgainByTestingIt) {
  TestDesk::must(
      accounts_->set_status(TestDesk::kWorkspace, TestDesk::kAccount, "action_needed", "refused: no"));
  channel_.refuses = true;
  test();
  desk_->forget_events();
  const int changes = changes_;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(test(), "not_allowed: the app may not");
  EXPECT_THAT(desk_->event_kinds(), testing::IsEmpty());
  EXPECT_EQ(status(), "action_needed");
  EXPECT_EQ(changes_, changes) << "a reader that begins anew would say it once more";
  channel_.refuses = false;
  EXPECT_EQ(test(), "");
  EXPECT_EQ(status(), "ok");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM account_problems"), 0);
}

TEST_P(WebhookDoorTest, AfterATestThatFailedTheReaderBeginsAnewAndSaysWhenItWorks) {
  TestDesk::must(accounts_->set_status(TestDesk::kWorkspace, TestDesk::kAccount, "ok", ""));
  channel_.profile_away = true;
  EXPECT_EQ(test(), "away: no answer");
  EXPECT_EQ(status(), "waiting");
  EXPECT_EQ(changes_, 1);
  EXPECT_THAT(channel_.told, SizeIs(0));
}

TEST(UsualTraffic, AQuietNightIsUsualAndSoIsAnAccountThatHardlyHearsAnything) {
  UsualTraffic traffic;
  EXPECT_FALSE(traffic.is_silent(1'700'000'000'000));
  TimeMs now = 1'700'000'000'000;
  traffic.heard(now);
  EXPECT_FALSE(traffic.is_silent(now + 1'000 * kHourMs)) << "one call is no habit";
  for (int day = 0; day < 6; ++day) {
    for (int hour = 0; hour < 8; ++hour) traffic.heard(now += kHourMs);
    now += 16 * kHourMs;
  }
  EXPECT_FALSE(traffic.is_silent(now + 10 * kHourMs));
  const auto again = UsualTraffic::parse(traffic.to_text());
  EXPECT_EQ(again.to_text(), traffic.to_text());
  EXPECT_TRUE(again.is_silent(now + 30 * kHourMs));
  EXPECT_EQ(UsualTraffic::parse("{").last_ms(), 0);
}

}  // namespace
}  // namespace kiki::accounts
