#include "delivery/sender.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "base/random.hpp"
#include "cases/intake.hpp"
#include "cases/private_links.hpp"
#include "ingest/test_desk.hpp"
#include "reply/replies.hpp"
#include "store/test_store.hpp"

namespace kiki::delivery {
namespace {

constexpr Id kWorkspace = 1;
constexpr Id kUser = 2;
constexpr Id kAccount = 3;

// A network that remembers what arrived, and misbehaves as told.
class FaultyNetwork final : public ingest::ScriptedChannel {
 public:
  enum class Fault { kNone, kBefore, kAfter, kLost, kRefuse, kBusy, kLogin };
  std::deque<Fault> faults;            // one a send
  std::map<std::string, int> arrived;  // network_key -> how often
  std::map<std::string, bool> visible;
  bool lookup_fails = false;
  bool nobody_knows = false;  // it can look, and finds no trace
  std::mutex mutex;
  std::vector<std::string> calls;  // "look KEY", "send KEY"
  bool everybody_sees = true;
  int sends = 0;

  FaultyNetwork() {
    descriptor_.network = "test";
    descriptor_.capabilities.public_reply = descriptor_.capabilities.like = true;
    descriptor_.capabilities.text_limit = 10;
  }
  channels::Capabilities& can() { return descriptor_.capabilities; }
  channels::Capabilities capabilities(const channels::Account&) const override {
    auto can = descriptor_.capabilities;
    can.like = can.like && !contract_without_likes;
    return can;
  }
  bool contract_without_likes = false;
  std::string compose_url(const channels::Account&, const channels::Outgoing& out) const override {
    return "https://net.example/write?to=" + out.target_external_id +
           "&text=" + std::to_string(out.text.size());
  }
  std::string choose_key(const channels::Account&, const channels::Outgoing& out) override {
    return "key" + to_string(out.outbox_id) + (keys_chosen++ == 0 ? "" : "-" + std::to_string(keys_chosen));
  }
  int keys_chosen = 0;
  std::string planned_external_id(const channels::Account&, const channels::Outgoing& out) const override {
    return "net/" + to_string(out.outbox_id);
  }
  Result<channels::Sent> send(const channels::Account&, channels::AccountState&,
                              const channels::Outgoing& out, std::vector<channels::Delivery>&,
                              std::stop_token) override {
    ++sends;
    note("send", out);
    auto fault = Fault::kNone;
    if (!faults.empty()) {
      fault = faults.front();
      faults.pop_front();
    }
    switch (fault) {
      case Fault::kBefore:
        return unavailable("away");
      case Fault::kAfter:
        ++arrived[out.network_key];
        return Error{ErrorKind::kUnclear, "the line broke", {}, {}, 0};
      case Fault::kLost:
        return Error{ErrorKind::kUnclear, "the line broke", {}, {}, 0};
      case Fault::kRefuse:
        return Error{ErrorKind::kUnprocessable, "not wanted", {}, "refused", 0};
      case Fault::kBusy:
        return Error{ErrorKind::kRateLimited, "slow down", {}, {}, 30'000};
      case Fault::kLogin:
        return Error{ErrorKind::kUnauthenticated, "password changed", {}, {}, 0};
      case Fault::kNone:
        break;
    }
    ++arrived[out.network_key];
    return channels::Sent{planned_external_id({}, out), "rev1", "https://net.example/1"};
  }
  Result<std::optional<channels::Sent>> look_up(const channels::Account&, channels::AccountState&,
                                                const channels::Outgoing& out, std::stop_token) override {
    note("look", out);
    if (lookup_fails) return unavailable("away");
    if (nobody_knows && !arrived.contains(out.network_key))
      return Error{ErrorKind::kUnclear, "no trace", {}, "maybe_sent", 0};
    if (!arrived.contains(out.network_key)) return std::optional<channels::Sent>{};
    return std::optional(channels::Sent{planned_external_id({}, out), "rev1", "https://net.example/1"});
  }
  void note(std::string what, const channels::Outgoing& out) {
    const std::lock_guard lock(mutex);
    calls.push_back(std::move(what) + " " + out.text);
  }
  std::vector<std::string> called() {
    const std::lock_guard lock(mutex);
    return calls;
  }
  Result<bool> is_visible(const channels::Account&, channels::AccountState&, const channels::Outgoing&,
                          const channels::Sent&, std::stop_token) override {
    return everybody_sees;
  }
};

class NoState final : public channels::AccountState {
 public:
  Result<std::string> secret(std::string_view) override { return std::string(); }
  Result<void> set_secrets(const std::vector<std::pair<std::string, std::string>>&) override { return {}; }
  Result<std::string> cursor(std::string_view) override { return std::string(); }
  Result<void> set_cursor(std::string_view, std::string_view) override { return {}; }
};

class SenderTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    auto& db = store_->db();
    cases_ = std::make_unique<cases::Cases>(db, log_, ids_, clock_);
    accounts_ = std::make_unique<accounts::Accounts>(
        accounts::Parts{db, log_, ids_, clock_, by_network(), state_of(), {}});
    checks_ = std::make_unique<reply::ReplyChecks>(db, log_, clock_, by_network(), nullptr);
    replies_ = std::make_unique<reply::Replies>(
        reply::Parts{db, log_, ids_, clock_, *cases_, by_network(), [] {}, *checks_});
    make_sender();
    auto made = db.writer().write([&](store::Transaction& tx) -> Result<void> {
      TRY(
          tx.db().run("INSERT INTO users (id, email, name, password_hash, created_at) VALUES ($1, "
                      "'a@example.com', 'Agent', '', 0)",
                      {kUser}));
      TRY(tx.db().run("INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'Shop', 0)", {kWorkspace}));
      TRY(tx.db().run(
          "INSERT INTO accounts (workspace_id, id, network, external_id, handle, status, created_at) "
          "VALUES ($1, $2, 'test', 'us', 'us', 'ok', 0)",
          {kWorkspace, kAccount}));
      cases::Intake intake(tx, log_, ids_, clock_.now_ms());
      cases::PostFacts facts;
      facts.workspace_id = kWorkspace;
      facts.account_id = kAccount;
      facts.reason = "mention";
      facts.network = "test";
      facts.external_id = "net/p1";
      facts.thread_external_id = "net/p1";
      facts.author.network = "test";
      facts.author.external_id = "u1";
      facts.author.handle = "haruka";
      facts.text = "電源が入らない";
      facts.posted_at = facts.received_at = clock_.now_ms();
      TRY(intake.post(facts));
      return intake.finish();
    });
    ASSERT_TRUE(made.ok()) << made.error().message;
    target_ = one("SELECT id FROM posts WHERE external_id = 'net/p1'");
    case_ = one("SELECT case_id FROM posts WHERE external_id = 'net/p1'");
  }

  accounts::ChannelByNetwork by_network() {
    return [this](std::string_view network) { return network == "test" ? &network_ : nullptr; };
  }
  accounts::StateOf state_of() {
    return [](Id, Id) { return std::make_unique<NoState>(); };
  }
  void make_sender() {
    sender_ = std::make_unique<Sender>(
        SenderParts{store_->db(), log_, ids_, clock_, random_, *cases_, *accounts_, by_network(), state_of()},
        SenderOptions{.tries = 3, .visible_within_ms = 60'000});
  }
  std::int64_t one(std::string_view sql) {
    auto reader = store_->db().reader();
    auto value = reader->operator*().one(sql, {}, [](const store::Row& row) { return row.integer(0); });
    return value.ok() && *value ? **value : -1;
  }
  std::string text(std::string_view sql) {
    auto reader = store_->db().reader();
    auto value = reader->operator*().one(sql, {}, [](const store::Row& row) { return row.string(0); });
    return value.ok() && *value ? **value : "?";
  }
  std::string state() { return text("SELECT state FROM outbox ORDER BY id DESC LIMIT 1"); }
  std::string case_status() { return text("SELECT status FROM cases"); }
  Result<reply::OutboxRow> reply(std::string said = "はい", std::string request = "r1",
                                 std::int64_t undo_ms = 0) {
    return replies_->submit({.workspace_id = kWorkspace,
                             .case_id = case_,
                             .user_id = kUser,
                             .account_id = kAccount,
                             .target_post_id = target_,
                             .text = std::move(said),
                             .language = "ja",
                             .attachment_ids = {},
                             .request_id = std::move(request),
                             .undo_send_ms = undo_ms});
  }
  Result<reply::OutboxRow> settle(bool arrived, std::string_view request = {}) {
    return replies_->settle(
        {kWorkspace, kUser, one("SELECT id FROM outbox ORDER BY id DESC LIMIT 1"), arrived, request});
  }
  void run(TimeMs later_ms = 0) {
    clock_.advance_ms(later_ms);
    auto done = sender_->run_due();
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  int arrivals() {
    int most = 0;
    for (const auto& [key, times] : network_.arrived) most = std::max(most, times);
    return most;
  }

  std::unique_ptr<store::TestStore> store_;
  ManualClock clock_;
  SeededRandom random_{1};
  IdGenerator ids_{clock_};
  events::EventBus bus_;
  events::EventLog log_{bus_, clock_};
  FaultyNetwork network_;
  std::unique_ptr<cases::Cases> cases_;
  std::unique_ptr<accounts::Accounts> accounts_;
  std::unique_ptr<reply::ReplyChecks> checks_;
  std::unique_ptr<reply::Replies> replies_;
  std::unique_ptr<Sender> sender_;
  Id target_ = 0;
  Id case_ = 0;
};

using Fault = FaultyNetwork::Fault;

TEST_P(SenderTest, GoesFromHeldToConfirmed) {
  ASSERT_TRUE(reply("はい", "r1", 5'000).ok());
  EXPECT_EQ(state(), "held");
  EXPECT_EQ(case_status(), "waiting");
  run();
  EXPECT_EQ(network_.sends, 0) << "the undo time is not over";
  run(5'000);
  EXPECT_EQ(state(), "sent");
  run(500);
  EXPECT_EQ(state(), "confirmed");
  EXPECT_EQ(text("SELECT url FROM posts WHERE direction = 'out'"), "https://net.example/1");
  EXPECT_EQ(arrivals(), 1);
}

TEST_P(SenderTest, KeepsToTheNetworksRateBeforehandAlsoAfterARestart) {
  network_.can().rates = {{"", 2, 60'000}};
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(reply("はい", "r" + std::to_string(i)).ok());
  run();
  EXPECT_EQ(network_.sends, 2);
  EXPECT_EQ(one("SELECT COUNT(*) FROM outbox WHERE state = 'queued' AND error_code = 'paced'"), 2);
  make_sender();
  run(59'999);
  EXPECT_EQ(network_.sends, 2);
  run(1);
  EXPECT_EQ(network_.sends, 4);
  EXPECT_EQ(arrivals(), 1);
}

TEST_P(SenderTest, WhatTheNetworkTakesNoAnswerToIsAnsweredByHandAndNotSent) {
  auto closed = store_->db().writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("UPDATE posts SET extra = '{\"reply_closed\":\"not_summoned\"}'"));
    return {};
  });
  ASSERT_TRUE(closed.ok());
  EXPECT_EQ(reply().error().code, "reply_closed");
  const auto by_hand = [&](const std::string& request) {
    reply::NewReply wanted;
    wanted.workspace_id = kWorkspace;
    wanted.case_id = case_;
    wanted.user_id = kUser;
    wanted.account_id = kAccount;
    wanted.target_post_id = target_;
    wanted.text = "はい";
    wanted.request_id = request;
    return replies_->open_elsewhere(wanted);
  };
  EXPECT_EQ(by_hand("h1").error().code, "no_compose_page");
  network_.can().compose_page = true;
  const auto opened = by_hand("h1");
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_EQ(opened->url, "https://net.example/write?to=net/p1&text=6");
  EXPECT_EQ(by_hand("h1")->row.id, opened->row.id) << "the same request";
  EXPECT_EQ(case_status(), "open") << "opened is not answered";
  EXPECT_EQ(one("SELECT COUNT(*) FROM posts WHERE direction = 'out'"), 0);
  // A newer one takes its place.
  const auto newer = by_hand("h2");
  ASSERT_TRUE(newer.ok());
  // A link in it has offered nobody anything before it is done there.
  const auto linked = store_->db().writer().write([&](store::Transaction& tx) -> Result<void> {
    cases::PrivateLink link;
    link.workspace_id = kWorkspace;
    link.case_id = case_;
    link.account_id = kAccount;
    link.outbox_id = newer->row.id;
    link.created_by = kUser;
    link.expires_at = clock_.now_ms() + 3'600'000;
    TRY(cases::make_private_link(tx, ids_, link, clock_.now_ms()));
    return {};
  });
  ASSERT_TRUE(linked.ok());
  EXPECT_EQ(one("SELECT COUNT(*) FROM events WHERE kind = 'private.offered'"), 0);
  EXPECT_EQ(one("SELECT COUNT(*) FROM outbox WHERE state = 'elsewhere'"), 1);
  EXPECT_EQ(replies_->done_there(kWorkspace, kUser, opened->row.id).error().code, "not_elsewhere");
  ASSERT_TRUE(replies_->done_there(kWorkspace, kUser, newer->row.id).ok());
  ASSERT_TRUE(replies_->done_there(kWorkspace, kUser, newer->row.id).ok()) << "again is no error";
  EXPECT_EQ(one("SELECT COUNT(*) FROM events WHERE kind = 'private.offered'"), 1) << "once";
  EXPECT_EQ(case_status(), "waiting");
  EXPECT_EQ(one("SELECT COUNT(*) FROM posts WHERE direction = 'out'"), 1);
  run(600'000);
  EXPECT_EQ(network_.sends, 0);
  // It was not sent after all.
  ASSERT_TRUE(replies_->cancel(kWorkspace, kUser, newer->row.id).ok());
  EXPECT_EQ(one("SELECT COUNT(*) FROM events WHERE kind = 'private.withdrawn'"), 1);
  EXPECT_EQ(one("SELECT COUNT(*) FROM private_links"), 0);
  EXPECT_EQ(case_status(), "open");
  EXPECT_EQ(one("SELECT COUNT(*) FROM posts WHERE direction = 'out'"), 0);
}

TEST_P(SenderTest, WhatCameBackIsSentAgainWithoutLookingForIt) {
  const auto row = reply();
  ASSERT_TRUE(row.ok());
  run();
  auto came_back = store_->db().writer().write([&](store::Transaction& tx) -> Result<void> {
    cases::Intake intake(tx, log_, ids_, clock_.now_ms());
    TRY(intake.receipt(kWorkspace, {"net/" + to_string(row->id), "failed", "no such user", clock_.now_ms()}));
    return intake.finish();
  });
  ASSERT_TRUE(came_back.ok());
  EXPECT_EQ(state(), "failed");
  EXPECT_EQ(case_status(), "open");
  ASSERT_TRUE(replies_->retry(kWorkspace, kUser, row->id).ok());
  EXPECT_EQ(state(), "queued");
  EXPECT_EQ(text("SELECT receipt FROM outbox"), "");
  EXPECT_NE(text("SELECT network_key FROM outbox"), row->network_key) << "known there already";
  run();
  EXPECT_EQ(network_.sends, 2);
  EXPECT_EQ(network_.arrived.size(), 2u);
}

TEST_P(SenderTest, TheSameRequestIsOneReply) {
  auto first = reply();
  auto second = reply();
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->id, second->id);
  EXPECT_EQ(one("SELECT COUNT(*) FROM posts WHERE direction = 'out'"), 1);
}

TEST_P(SenderTest, UndoTakesThePostOutAgain) {
  auto row = reply("はい", "r1", 5'000);
  ASSERT_TRUE(row.ok());
  auto cancelled = replies_->cancel(kWorkspace, kUser, row->id);
  ASSERT_TRUE(cancelled.ok()) << cancelled.error().message;
  EXPECT_EQ(cancelled->state, "cancelled");
  EXPECT_EQ(one("SELECT COUNT(*) FROM posts WHERE direction = 'out'"), 0);
  EXPECT_EQ(case_status(), "open");
  run(10'000);
  EXPECT_EQ(network_.sends, 0);
}

TEST_P(SenderTest, CannotBeTakenBackOnceOnItsWay) {
  auto row = reply();
  run();
  EXPECT_EQ(replies_->cancel(kWorkspace, kUser, row->id).error().code, "not_held");
}

TEST_P(SenderTest, LooksBeforeItSendsAgain) {
  network_.faults = {Fault::kAfter};
  ASSERT_TRUE(reply().ok());
  run();
  EXPECT_EQ(state(), "unclear");
  run(2'000);
  EXPECT_EQ(state(), "sent");
  EXPECT_EQ(arrivals(), 1) << "sent twice";
}

TEST_P(SenderTest, StaysUnclearWhileItCannotLook) {
  network_.faults = {Fault::kAfter};
  network_.lookup_fails = true;
  ASSERT_TRUE(reply().ok());
  run();
  run(2'000);
  EXPECT_EQ(state(), "unclear");
  network_.lookup_fails = false;
  run(60'000);
  EXPECT_EQ(state(), "sent");
  EXPECT_EQ(arrivals(), 1);
}

TEST_P(SenderTest, WhatNobodyKnowsAPersonSettlesOnce) {
  network_.faults = {Fault::kBefore};
  ASSERT_TRUE(reply().ok());
  run();
  EXPECT_EQ(settle(true).error().code, "not_unclear") << "it is certainly not there";
  network_.faults = {Fault::kLost, Fault::kLost};
  network_.nobody_knows = true;
  run(60'000);
  ASSERT_EQ(state(), "unclear");
  EXPECT_EQ(settle(false).error().code, "not_unclear") << "it was not looked for yet";
  run(2'000);
  ASSERT_EQ(text("SELECT error_code FROM outbox"), "maybe_sent");

  ASSERT_TRUE(settle(false, "once").ok());
  ASSERT_TRUE(settle(false, "again").ok()) << "the same said by another: nothing more";
  network_.calls.clear();
  run();
  run();
  EXPECT_THAT(network_.calls, testing::ElementsAre("look はい", "send はい"))
      << "nothing goes before one more look";
  EXPECT_EQ(network_.sends, 3);
  run(2'000);
  ASSERT_EQ(text("SELECT error_code FROM outbox"), "maybe_sent") << "lost as well: a person is asked anew";
  ASSERT_TRUE(settle(false, "once").ok());
  ASSERT_TRUE(settle(false, "again").ok()) << "also of the one that only agreed";
  run(60'000);
  EXPECT_EQ(network_.sends, 3) << "a request that comes twice is one";

  ASSERT_TRUE(settle(true, "there").ok());
  EXPECT_EQ(state(), "confirmed");
  ASSERT_TRUE(settle(true, "there").ok());
  EXPECT_EQ(settle(false, "late").error().code, "not_unclear");
  run(100'000);
  EXPECT_EQ(network_.sends, 3);
  EXPECT_EQ(text("SELECT data FROM events WHERE kind = 'reply.settled' ORDER BY seq DESC LIMIT 1")
                    .find("\"arrived\":true") != std::string::npos,
            true);
  EXPECT_EQ(one("SELECT COUNT(*) FROM events WHERE kind = 'reply.settled' AND actor_id = 2"), 2);
}

TEST_P(SenderTest, WhatIsFoundAfterAPersonSaidAgainIsNotSent) {
  network_.faults = {Fault::kLost};
  network_.nobody_knows = true;
  ASSERT_TRUE(reply().ok());
  run();
  run(2'000);
  ASSERT_TRUE(settle(false).ok());
  network_.lookup_fails = true;
  run();
  EXPECT_EQ(text("SELECT error_code FROM outbox"), "send_again") << "where it cannot look, it waits";
  EXPECT_EQ(network_.sends, 1);
  network_.lookup_fails = false;
  network_.arrived[text("SELECT network_key FROM outbox")] = 1;  // its trace came late
  run(60'000);
  EXPECT_EQ(state(), "sent");
  EXPECT_EQ(network_.sends, 1);
}

TEST_P(SenderTest, APassingFaultTakesNoQuestionFromAPerson) {
  network_.faults = {Fault::kLost};
  network_.nobody_knows = true;
  ASSERT_TRUE(reply().ok());
  run();
  run(2'000);
  ASSERT_EQ(text("SELECT error_code FROM outbox"), "maybe_sent");
  network_.lookup_fails = true;
  run(60'000);
  EXPECT_EQ(text("SELECT error_code FROM outbox"), "maybe_sent");
  EXPECT_EQ(text("SELECT error FROM outbox"), "no trace");
  EXPECT_TRUE(settle(true).ok());
}

TEST_P(SenderTest, DoubtNeverBecomesCertainByLookingOften) {
  network_.faults = {Fault::kLost};
  network_.nobody_knows = true;
  const auto row = reply();
  ASSERT_TRUE(row.ok());
  run();
  for (int i = 0; i < 6; ++i) run(86'400'000);
  const auto looks = network_.calls.size();
  EXPECT_EQ(state(), "unclear");
  EXPECT_EQ(text("SELECT error_code FROM outbox"), "maybe_sent");
  EXPECT_EQ(case_status(), "open") << "nobody looks any more: it is before people again";
  run(86'400'000);
  EXPECT_EQ(network_.calls.size(), looks);
  // They may have it looked for, say that it is not there, or that it is.
  ASSERT_TRUE(replies_->retry(kWorkspace, kUser, row->id).ok());
  EXPECT_EQ(case_status(), "waiting");
  run();
  EXPECT_EQ(network_.calls.size(), looks + 1);
  EXPECT_EQ(case_status(), "open");
  network_.lookup_fails = true;
  ASSERT_TRUE(settle(false).ok());
  EXPECT_EQ(case_status(), "waiting");
  for (int i = 0; i < 6; ++i) run(86'400'000);
  EXPECT_EQ(text("SELECT error_code FROM outbox"), "maybe_sent") << "asked anew";
  EXPECT_EQ(case_status(), "open");
  EXPECT_EQ(network_.sends, 1);
  ASSERT_TRUE(settle(true).ok());
  EXPECT_EQ(state(), "confirmed");
  EXPECT_EQ(case_status(), "waiting");
}

TEST_P(SenderTest, WhatIsInDoubtIsLookedUpBeforeAnythingNewLeaves) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(reply("new" + std::to_string(i), "n" + std::to_string(i)).ok());
  clock_.advance_ms(1'000);
  ASSERT_TRUE(reply("crashed", "c").ok());
  auto died = store_->db().writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("UPDATE outbox SET state = 'sending' WHERE request_id = 'c'", {}));
    return {};
  });
  ASSERT_TRUE(died.ok());
  ASSERT_TRUE(sender_->recover().ok());
  run();
  ASSERT_EQ(network_.calls.size(), 6u);
  EXPECT_EQ(network_.calls.front(), "look crashed");
  EXPECT_EQ(network_.calls.at(1), "send new0");

  // And never fills the list alone.
  auto lost = store_->db().writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("UPDATE outbox SET state = 'unclear', next_at = 1 WHERE request_id <> 'n4'", {}));
    TRY(tx.db().run("UPDATE outbox SET state = 'queued', next_at = 2 WHERE request_id = 'n4'", {}));
    return {};
  });
  ASSERT_TRUE(lost.ok());
  auto reader = store_->db().reader();
  const auto due = reply::due(**reader, clock_.now_ms(), 4);
  ASSERT_TRUE(due.ok());
  ASSERT_EQ(due->size(), 3u);
  EXPECT_EQ(due->back().request_id, "n4");
}

TEST_P(SenderTest, APlaceThatCannotBeAskedHoldsUpNothingNew) {
  for (const auto* said : {"a", "b", "c"}) ASSERT_TRUE(reply(said, said).ok());
  auto lost = store_->db().writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("UPDATE outbox SET state = 'sending'", {}));
    return {};
  });
  ASSERT_TRUE(lost.ok());
  ASSERT_TRUE(reply("new", "n").ok());
  network_.lookup_fails = true;
  ASSERT_TRUE(sender_->start().ok());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (network_.called().size() < 4 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  sender_->stop();
  EXPECT_THAT(network_.called(), testing::ElementsAre("look a", "send new", "look b", "look c"));
}

TEST_P(SenderTest, WhatACrashLeftIsLookedUp) {
  for (const bool had_arrived : {false, true}) {
    ASSERT_TRUE(reply("はい", had_arrived ? "r1" : "r2").ok());
    const auto key = text("SELECT network_key FROM outbox ORDER BY id DESC LIMIT 1");
    // The process died between "sending" and the answer.
    auto died = store_->db().writer().write([&](store::Transaction& tx) -> Result<void> {
      TRY(tx.db().run("UPDATE outbox SET state = 'sending', next_at = $1 WHERE network_key = $2",
                      {clock_.now_ms() + 600'000, key}));
      return {};
    });
    ASSERT_TRUE(died.ok());
    if (had_arrived) network_.arrived[key] = 1;
    make_sender();
    ASSERT_TRUE(sender_->recover().ok());
    EXPECT_EQ(state(), "unclear");
    run();
    run();
    EXPECT_EQ(state(), "sent");
    EXPECT_EQ(network_.arrived[key], 1);
    run(1'000);
  }
}

TEST_P(SenderTest, PassingFaultsAreTriedAgainUntilItGivesUp) {
  network_.faults = {Fault::kBefore, Fault::kBefore, Fault::kBefore};
  ASSERT_TRUE(reply().ok());
  run();
  EXPECT_EQ(state(), "queued");
  EXPECT_EQ(case_status(), "waiting");
  run(2'000);
  EXPECT_EQ(state(), "queued");
  run(5'000);
  EXPECT_EQ(state(), "failed");
  EXPECT_EQ(text("SELECT error_code FROM outbox"), "gave_up");
  EXPECT_EQ(case_status(), "open") << "nobody answered the customer";
}

TEST_P(SenderTest, ARefusalFailsAtOnceAndCanBeTriedAgain) {
  network_.faults = {Fault::kRefuse};
  auto row = reply();
  run();
  EXPECT_EQ(state(), "failed");
  EXPECT_EQ(case_status(), "open");
  auto again = replies_->retry(kWorkspace, kUser, row->id);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(case_status(), "waiting");
  run();
  run();
  EXPECT_EQ(state(), "sent");
  EXPECT_EQ(arrivals(), 1);
}

TEST_P(SenderTest, AFailedReplyIsNotTriedAgainOverAColleaguesAnswerUnlessThatIsMeant) {
  constexpr Id kHana = kUser + 1;
  ASSERT_TRUE(store_->db()
                  .writer()
                  .write([&](store::Transaction& tx) -> Result<void> {
                    TRY(
                        tx.db().run("INSERT INTO users (id, email, name, password_hash, created_at) VALUES "
                                    "($1, 'h@example.com', 'Hana', '', 0)",
                                    {kHana}));
                    return {};
                  })
                  .ok());
  network_.faults = {Fault::kRefuse};
  const auto failed = reply();
  run();
  ASSERT_EQ(state(), "failed");
  auto wanted = reply::NewReply{.workspace_id = kWorkspace,
                                .case_id = case_,
                                .user_id = kHana,
                                .account_id = kAccount,
                                .target_post_id = target_,
                                .text = "お試しください",
                                .language = "ja",
                                .attachment_ids = {},
                                .request_id = "hana"};
  const auto answer = replies_->submit(wanted);
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  run();
  run();
  for (const Id seen : {Id{0}, target_, failed->post_id}) {
    const auto again = replies_->retry(kWorkspace, kUser, failed->id, seen);
    EXPECT_EQ(again.ok() ? "sent" : again.error().code, "answered_meanwhile");
  }
  EXPECT_EQ(one("SELECT COUNT(*) FROM outbox WHERE state = 'failed'"), 1);
  // Who answered knows of it; and so does who has seen it.
  EXPECT_TRUE(replies_->retry(kWorkspace, kHana, failed->id).ok());
  run();
  run();
  EXPECT_EQ(one("SELECT COUNT(*) FROM outbox WHERE state = 'sent'"), 2);
  network_.faults = {Fault::kRefuse};
  const auto second = reply("もうひとつ", "r2");
  run();
  ASSERT_EQ(state(), "failed");
  wanted.request_id = "hana2";
  wanted.text = "承知しました";
  const auto newest = replies_->submit(wanted);
  ASSERT_TRUE(newest.ok()) << newest.error().message;
  EXPECT_FALSE(replies_->retry(kWorkspace, kUser, second->id).ok());
  EXPECT_TRUE(replies_->retry(kWorkspace, kUser, second->id, newest->post_id).ok());
}

TEST_P(SenderTest, AReplySentAgainAnswersFromThenOn) {
  network_.faults = {Fault::kRefuse};
  const auto row = reply();
  run();
  EXPECT_EQ(one("SELECT COUNT(*) FROM promise_results"), 0) << "nobody was answered";
  clock_.advance_ms(3 * 3'600'000);  // the hour is over
  ASSERT_TRUE(replies_->retry(kWorkspace, kUser, row->id).ok());
  EXPECT_EQ(one("SELECT broken FROM promise_results"), 1) << "three hours late is late";
  EXPECT_EQ(one("SELECT posted_at FROM posts WHERE direction = 'out'"), clock_.now_ms());
  run();
  run();
  EXPECT_EQ(arrivals(), 1);
}

TEST_P(SenderTest, AnAccountWithALongListHoldsUpNoOther) {
  constexpr Id kOther = 4;
  auto& db = store_->db();
  const auto fill = [&](Id account_id, Id first, int count, const std::string& state) {
    auto made = db.writer().write([&](store::Transaction& tx) -> Result<void> {
      for (Id id = first; id < first + count; ++id) {
        reply::OutboxRow row;
        row.workspace_id = kWorkspace;
        row.id = id;
        row.case_id = case_;
        row.account_id = account_id;
        row.action = "like";
        row.request_id = "many" + to_string(id);
        row.state = state;
        row.next_at = id;
        TRY(reply::insert(tx.db(), row));
      }
      return {};
    });
    ASSERT_TRUE(made.ok()) << made.error().message;
  };
  fill(kAccount, 1'000, 300, "unclear");
  fill(kAccount, 2'000, 300, "queued");
  fill(kOther, 5'000, 1, "unclear");
  fill(kOther, 6'000, 2, "queued");
  auto reader = db.reader();
  ASSERT_TRUE(reader.ok());
  const auto rows = reply::due(**reader, 10'000, 200);
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  std::vector<Id> others;
  std::vector<Id> first;
  for (const auto& row : *rows) (row.account_id == kOther ? others : first).push_back(row.id);
  EXPECT_THAT(others, testing::ElementsAre(5'000, 6'000, 6'001));
  ASSERT_THAT(first, testing::SizeIs(16));
  EXPECT_TRUE(std::ranges::is_sorted(first));
  EXPECT_EQ(first[7], 1'007);
  EXPECT_EQ(first[8], 2'000);
  const auto early = reply::due(**reader, 1'001, 200);
  ASSERT_TRUE(early.ok());
  EXPECT_EQ(early->size(), 2u) << "what is not due yet waits";
}

TEST_P(SenderTest, ABusyNetworkQuietsTheAccount) {
  network_.faults = {Fault::kBusy};
  ASSERT_TRUE(reply().ok());
  run();
  EXPECT_EQ(state(), "queued");
  ASSERT_TRUE(reply("もう一つ", "r2").ok());
  run(1'000);
  EXPECT_EQ(network_.sends, 1) << "the account must be quiet";
  run(30'000);
  run();
  EXPECT_EQ(network_.sends, 3);
}

TEST_P(SenderTest, ADeadLoginAsksForAPerson) {
  network_.faults = {Fault::kLogin};
  ASSERT_TRUE(reply().ok());
  run();
  EXPECT_EQ(state(), "failed");
  EXPECT_EQ(text("SELECT status FROM accounts"), "action_needed");
}

TEST_P(SenderTest, SaysWhenNobodyEverSawIt) {
  network_.everybody_sees = false;
  ASSERT_TRUE(reply().ok());
  run();
  for (int i = 0; i < 20; ++i) run(10'000);
  EXPECT_EQ(state(), "sent");
  EXPECT_EQ(text("SELECT error_code FROM outbox"), "not_seen");
}

TEST_P(SenderTest, RefusesWhatTheNetworkCannotTake) {
  EXPECT_EQ(reply("12345678901").error().code, "too_long");
  EXPECT_TRUE(reply("1234567890").ok());
  EXPECT_EQ(reply("  \n").error().code, "empty");
  EXPECT_EQ(reply("x", "").error().where, "/request_id");
  auto wrong_case = replies_->submit({.workspace_id = kWorkspace,
                                      .case_id = 99,
                                      .user_id = kUser,
                                      .account_id = kAccount,
                                      .target_post_id = target_,
                                      .text = "x",
                                      .request_id = "q"});
  EXPECT_EQ(wrong_case.error().where, "/target_post_id");
  auto wrong_workspace = replies_->submit({.workspace_id = 77,
                                           .case_id = case_,
                                           .user_id = kUser,
                                           .account_id = kAccount,
                                           .target_post_id = target_,
                                           .text = "x",
                                           .request_id = "q"});
  EXPECT_EQ(wrong_workspace.error().kind, ErrorKind::kNotFound);
}

TEST_P(SenderTest, LikesOnceAndTakesBack) {
  auto like = replies_->react(kWorkspace, kUser, target_, "like", kAccount);
  ASSERT_TRUE(like.ok()) << like.error().message;
  EXPECT_EQ(replies_->react(kWorkspace, kUser, target_, "like", kAccount)->id, like->id);
  run();
  EXPECT_EQ(state(), "confirmed");
  auto unlike = replies_->react(kWorkspace, kUser, target_, "unlike", kAccount);
  ASSERT_TRUE(unlike.ok());
  EXPECT_EQ(unlike->network_key, like->network_key);
  EXPECT_EQ(replies_->react(kWorkspace, kUser, target_, "repost", kAccount).error().code, "not_supported");
}

TEST_P(SenderTest, WhatIsWrittenInPrivateHasItsOwnLimit) {
  network_.can().private_reply = true;
  network_.can().private_text_limit = 12;
  EXPECT_EQ(reply("12345678901").error().code, "too_long");
  auto moved = store_->db().writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("UPDATE conversations SET visibility = 'private'", {}));
    return {};
  });
  ASSERT_TRUE(moved.ok());
  EXPECT_TRUE(reply("12345678901").ok());
  EXPECT_EQ(reply("1234567890123", "r2").error().code, "too_long");
}

TEST_P(SenderTest, AnAccountMayDoLessThanItsNetwork) {
  network_.contract_without_likes = true;
  EXPECT_EQ(replies_->react(kWorkspace, kUser, target_, "like", kAccount).error().code, "not_supported");
}

INSTANTIATE_TEST_SUITE_P(Stores, SenderTest, store::test_dialects(), store::test_dialect_name);

TEST(Backoff, GrowsAndStaysBounded) {
  SeededRandom random(3);
  std::int64_t last = 0;
  for (std::int64_t attempt = 1; attempt < 30; ++attempt) {
    const auto wait = backoff_ms(attempt, random);
    EXPECT_GE(wait, 1'000);
    EXPECT_LE(wait, 14'400'000 * 6 / 5);
    if (attempt <= 9) {
      EXPECT_GT(wait, last);
    }
    last = wait;
  }
}

}  // namespace
}  // namespace kiki::delivery
