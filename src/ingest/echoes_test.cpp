// What comes back of what we did, on both stores: receipts, posts written on the network's page, relations.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/test_desk.hpp"

namespace kiki::ingest {
namespace {

using model::CaseStatus;
using testing::Contains;
using testing::Not;

class EchoesTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    desk_ = std::make_unique<TestDesk>(*store_);
    desk_->take(R"({"id":"p1","text":"It broke"})");
  }
  // Our answer with its row of the outbox.
  void answer(const std::string& state, const std::string& external_id) {
    post_id_ = desk_->reply(desk_->case_of("p1"), "p1", external_id);
    add_row(state, post_id_);
  }
  void add_row(const std::string& state, Id post_id) {
    const auto case_id = desk_->case_of("p1").id;
    TestDesk::must(desk_->write([&](store::Transaction& tx) -> Result<void> {
      const auto post = post_id == 0 ? store::Param(nullptr) : store::Param(post_id);
      TRY(
          tx.db().run("INSERT INTO outbox (workspace_id, id, case_id, account_id, post_id, action, "
                      "target_external_id, request_id, state, created_by, created_at) VALUES ($1, 900, $2, "
                      "$3, $4, 'reply', 'p1', 'r', $5, $6, 0)",
                      {TestDesk::kWorkspace, case_id, TestDesk::kAccount, post, state, TestDesk::kUser}));
      return {};
    }));
  }
  void receipt(const std::string& kind) {
    desk_->take(R"({"receipt":"ours","kind":")" + kind + R"(","detail":"550 no such user"})");
  }
  std::string column(const std::string& name) { return desk_->text("SELECT " + name + " FROM outbox"); }

  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<TestDesk> desk_;
  Id post_id_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Stores, EchoesTest, store::test_dialects(), store::test_dialect_name);

TEST_P(EchoesTest, AReplyThatCameBackOpensItsCaseAgain) {
  answer("confirmed", "ours");
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kWaiting);
  desk_->forget_events();
  receipt("failed");
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kOpen);
  EXPECT_TRUE(desk_->case_of("p1").waiting_since.has_value());
  EXPECT_EQ(column("state"), "failed");
  EXPECT_EQ(column("error_code"), "not_arrived");
  EXPECT_EQ(column("error"), "550 no such user");
  EXPECT_THAT(desk_->event_kinds(), Contains("reply.returned"));
  desk_->expect_counts_are_right();
  desk_->forget_events();
  receipt("failed");
  EXPECT_THAT(desk_->event_kinds(), Not(Contains("reply.returned"))) << "told once";
}

TEST_P(EchoesTest, AClosedCaseComesBackToo) {
  answer("confirmed", "ours");
  TestDesk::must(desk_->cases->resolve(desk_->change(desk_->case_of("p1"))));
  receipt("failed");
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kOpen);
  EXPECT_THAT(desk_->event_kinds(), Contains("case.reopened"));
  desk_->expect_counts_are_right();
}

TEST_P(EchoesTest, ReceiptsNeverGoBackwards) {
  answer("confirmed", "ours");
  receipt("delivered");
  EXPECT_EQ(column("receipt"), "delivered");
  receipt("read");
  receipt("delivered");
  EXPECT_EQ(column("receipt"), "read");
  receipt("failed");
  EXPECT_EQ(column("receipt"), "read") << "who read it has it";
  EXPECT_EQ(column("state"), "confirmed");
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kWaiting);
}

TEST_P(EchoesTest, ACopyThatCameBackIsToldAndTheCustomerStaysAnswered) {
  answer("confirmed", "ours");
  desk_->forget_events();
  receipt("copy_failed");
  EXPECT_EQ(column("state"), "confirmed");
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kWaiting);
  EXPECT_THAT(desk_->event_kinds(), Contains("reply.copy_failed"));
  desk_->forget_events();
  receipt("copy_failed");
  EXPECT_THAT(desk_->event_kinds(), Not(Contains("reply.copy_failed"))) << "told once";
}

TEST_P(EchoesTest, ReceiptsOfWhatWeDoNotKnowAreNothing) {
  desk_->take(R"({"receipt":"nobody","kind":"failed"})");
  answer("confirmed", "ours");
  receipt("applauded");
  EXPECT_EQ(column("receipt"), "");
}

TEST_P(EchoesTest, WhatWasOpenedElsewhereIsFoundWhenItAppears) {
  add_row("elsewhere", 0);
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kOpen) << "opened is not answered";
  desk_->take(R"({"id":"x9","parent":"p1","author":"did:us","dir":"out","text":"Sorry!"})");
  EXPECT_EQ(column("state"), "confirmed");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts WHERE direction = 'out'"), 1);
  EXPECT_EQ(desk_->number("SELECT author_user_id FROM posts WHERE external_id = 'x9'"), TestDesk::kUser);
  EXPECT_EQ(desk_->number("SELECT post_id FROM outbox"),
            desk_->number("SELECT id FROM posts WHERE external_id = 'x9'"));
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kWaiting);
  EXPECT_EQ(desk_->case_of("p1").post_count, 2);
  desk_->expect_counts_are_right();
  // A second one is a post of its own.
  desk_->take(R"({"id":"x10","parent":"p1","author":"did:us","dir":"out","text":"And thanks"})");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts WHERE direction = 'out'"), 2);
}

TEST_P(EchoesTest, AnAnswerByHandIsAwaitedUntilItAppearsOrTwoDaysHavePassed) {
  channels::Account account;
  account.workspace_id = TestDesk::kWorkspace;
  account.id = TestDesk::kAccount;
  const auto inlet = desk_->ingest->inlet(account);
  const auto awaited = [&] { return TestDesk::must(inlet->awaits_own_post()); };
  EXPECT_EQ(awaited(), 0);
  add_row("elsewhere", 0);
  const auto opened_at = desk_->clock.now_ms();
  TestDesk::must(desk_->write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("UPDATE outbox SET created_at = $1", {opened_at}));
    return {};
  }));
  EXPECT_EQ(awaited(), opened_at);
  desk_->clock.advance_ms(TimeMs{48} * 3'600'000);
  EXPECT_EQ(awaited(), 0) << "it never came";
  desk_->clock.advance_ms(-TimeMs{24} * 3'600'000);
  EXPECT_EQ(awaited(), opened_at);
  desk_->take(R"({"id":"x9","parent":"p1","author":"did:us","dir":"out","text":"Sorry!"})");
  EXPECT_EQ(awaited(), 0);
}

TEST_P(EchoesTest, WhatTheAgentSaidIsDoneBecomesThatPostAndNoSecondOne) {
  answer("done_there", "");
  desk_->take(R"({"id":"x9","parent":"p1","author":"did:us","dir":"out","text":"Sorry, really"})");
  EXPECT_EQ(column("state"), "confirmed");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts WHERE direction = 'out'"), 1);
  EXPECT_EQ(desk_->text("SELECT text FROM posts WHERE external_id = 'x9'"), "Sorry, really");
  EXPECT_EQ(desk_->case_of("p1").post_count, 2);
  // The network tells it again.
  desk_->take(R"({"id":"x9","parent":"p1","author":"did:us","dir":"out","text":"Sorry, really"})");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts WHERE direction = 'out'"), 1);
  desk_->expect_counts_are_right();
}

TEST_P(EchoesTest, HowACustomerStandsToUsIsKnownAndTheNewestCounts) {
  const auto relation = [&] { return desk_->text("SELECT relation FROM identities"); };
  const auto now = desk_->clock.now_ms();
  const auto told = [&](const std::string& word, TimeMs at) {
    desk_->take(R"({"relation":"anna","is":")" + word + R"(","at":)" + std::to_string(at) + "}");
  };
  EXPECT_EQ(relation(), "");
  told("following", now - 10);
  EXPECT_EQ(relation(), "following");
  told("blocked", now - 5);
  told("following", now - 8);
  EXPECT_EQ(relation(), "blocked");
  EXPECT_EQ(desk_->text("SELECT name FROM identities"), "anna");
  desk_->take(R"({"relation":"stranger","is":"following"})");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM identities"), 1) << "nobody is kept who never wrote";
  desk_->take(R"({"id":"s1","author":"stranger","thread":"s","text":"Hello"})");
  EXPECT_EQ(desk_->text("SELECT relation FROM identities WHERE external_id = 'stranger'"), "following");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM stranger_relations"), 0);
}

}  // namespace
}  // namespace kiki::ingest
