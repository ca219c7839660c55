#include "ingest/ingest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/test_desk.hpp"
#include "store/journal.hpp"

namespace kiki::ingest {
namespace {

using model::CaseStatus;
using testing::ElementsAre;

class IngestTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    desk_ = std::make_unique<TestDesk>(*store_);
    now_ = desk_->clock.now_ms();
  }
  std::string at(TimeMs offset_ms) { return std::to_string(now_ + offset_ms); }

  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<TestDesk> desk_;
  TimeMs now_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Stores, IngestTest, store::test_dialects(), store::test_dialect_name);

TEST_P(IngestTest, APostBecomesACaseWithPersonConversationAndOneEvent) {
  desk_->take(R"({"id":"p1","author":"anna","text":"\n パンが硬い\nどうして","at":)" + at(-5000) + "}");
  const auto row = desk_->case_of("p1");
  EXPECT_EQ(row.number, 1);
  EXPECT_EQ(row.status, CaseStatus::kOpen);
  EXPECT_EQ(row.origin, "addressed");
  EXPECT_EQ(row.title, "パンが硬い");
  EXPECT_EQ(row.preview, "パンが硬い");
  EXPECT_EQ(row.name, "anna");
  EXPECT_EQ(row.handle, "anna.example");
  EXPECT_EQ(row.waiting_since, now_ - 5000);
  EXPECT_EQ(row.due_at, now_ - 5000 + 60 * 60'000);
  EXPECT_EQ(row.post_count, 1);
  EXPECT_THAT(desk_->event_kinds(), ElementsAre("post.received"));
  desk_->expect_counts_are_right();
}

TEST_P(IngestTest, TheSamePostAgainChangesNothing) {
  const std::string post = R"({"id":"p1","rev":"a","text":"Hello"})";
  desk_->offer_all({post, post});
  desk_->take(post);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts"), 1);
  EXPECT_EQ(desk_->case_of("p1").post_count, 1);
  EXPECT_THAT(desk_->event_kinds(), ElementsAre("post.received"));
  EXPECT_EQ(desk_->ingest->statistics().duplicates, 2);
  // No second copy of the text is left to forget about when the post is deleted.
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM journal WHERE LENGTH(body) > 0"), 1);
}

TEST_P(IngestTest, TwoCustomersInOneThreadAreTwoCases) {
  desk_->take(R"({"id":"p1","thread":"t","author":"anna","text":"Broken"})");
  desk_->take(R"({"id":"p2","thread":"t","parent":"p1","author":"ben","text":"Mine too"})");
  desk_->take(R"({"id":"p3","thread":"t","parent":"p2","author":"anna","text":"Really"})");
  EXPECT_NE(desk_->case_of("p1").id, desk_->case_of("p2").id);
  EXPECT_EQ(desk_->case_of("p1").id, desk_->case_of("p3").id);
  EXPECT_EQ(desk_->case_of("p3").preview, "Really");
  EXPECT_EQ(desk_->case_of("p3").title, "Broken");
  EXPECT_EQ(desk_->case_of("p2").number, 2);
  desk_->expect_counts_are_right();
}

TEST_P(IngestTest, AnEditChangesTextAndPreviewAndAnOldRevisionDoesNotComeBack) {
  desk_->take(R"({"id":"p1","rev":"a","text":"Brocken"})");
  desk_->take(R"({"id":"p1","rev":"b","text":"Broken"})");
  EXPECT_EQ(desk_->case_of("p1").preview, "Broken");
  EXPECT_EQ(desk_->case_of("p1").title, "Broken");
  EXPECT_GT(desk_->number("SELECT edited_at FROM posts"), 0);
  desk_->take(R"({"id":"p1","rev":"a","text":"Brocken"})");
  EXPECT_EQ(desk_->text("SELECT text FROM posts"), "Broken");
  EXPECT_THAT(desk_->event_kinds(), ElementsAre("post.received", "post.edited"));
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM journal WHERE LENGTH(body) > 0"), 1);
}

TEST_P(IngestTest, ADeletionLeavesNothingOfWhatWasSaid) {
  desk_->take(R"({"id":"p1","rev":"a","text":"Call me: 090-1234","picture":"https://example.jp/me.jpg"})");
  desk_->take(R"({"delete":"p1"})");
  EXPECT_EQ(desk_->text("SELECT text FROM posts"), "");
  EXPECT_EQ(desk_->text("SELECT extra FROM posts"), "{}");
  EXPECT_GT(desk_->number("SELECT deleted_at FROM posts"), 0);
  EXPECT_EQ(desk_->case_of("p1").title, "");
  EXPECT_EQ(desk_->case_of("p1").preview, "");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM journal WHERE LENGTH(body) > 20"),
            0);  // the deletion itself is left
  // And it does not come back.
  desk_->take(R"({"id":"p1","rev":"b","text":"Call me: 090-1234"})");
  EXPECT_EQ(desk_->text("SELECT text FROM posts"), "");
  EXPECT_THAT(desk_->event_kinds(), ElementsAre("post.received", "post.deleted"));
}

TEST_P(IngestTest, ADeletionThatComesFirstWins) {
  desk_->take(R"({"delete":"p1"})");
  desk_->take(R"({"id":"p1","text":"Never mind"})");
  desk_->take(R"({"id":"p2","text":"Other"})");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts"), 1);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM cases"), 1);
}

TEST_P(IngestTest, AfterADeletionThePreviewIsOfThePostThatIsLeft) {
  desk_->take(R"({"id":"p1","thread":"t","text":"First","at":)" + at(-3000) + "}");
  desk_->take(R"({"id":"p2","thread":"t","text":"Second","at":)" + at(-2000) + "}");
  desk_->take(R"({"delete":"p2"})");
  EXPECT_EQ(desk_->case_of("p1").preview, "First");
  EXPECT_EQ(desk_->case_of("p1").title, "First");
}

TEST_P(IngestTest, WhatCannotBeReadWaitsAndIsReplayedAfterAFix) {
  desk_->offer_all({R"({"id":"p1","text":"One"})", R"({"broken":true,"id":"p2","text":"Two"})",
                    R"({"id":"p3","text":"Three"})", "no json at all"});
  desk_->settle();
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts"), 2);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM journal_failures"), 2);
  EXPECT_EQ(desk_->text("SELECT place FROM journal_failures ORDER BY seq LIMIT 1"), "/broken");
  auto first = TestDesk::must(desk_->ingest->replay(TestDesk::kWorkspace, {}));
  EXPECT_EQ(first.replayed, 0);
  EXPECT_EQ(first.still_failing, 2);
  EXPECT_EQ(desk_->number("SELECT MAX(attempts) FROM journal_failures"), 2);
  desk_->channel.is_fixed = true;
  auto second = TestDesk::must(desk_->ingest->replay(TestDesk::kWorkspace, {}));
  EXPECT_EQ(second.replayed, 1);
  EXPECT_EQ(second.still_failing, 1);
  EXPECT_EQ(desk_->case_of("p2").preview, "Two");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM journal_failures"), 1);
  EXPECT_FALSE(desk_->ingest->replay(TestDesk::kWorkspace + 1, {}).value().replayed);
  EXPECT_FALSE(desk_->ingest->replay(TestDesk::kWorkspace, 999'999).ok());
}

TEST_P(IngestTest, AnItemThatCannotBeStoredDoesNotHoldUpTheOthers) {
  // A zero byte in an id is refused by both stores.
  desk_->offer_all({R"({"id":"p1","text":"One"})", R"({"id":"p\u0000x","text":"Two"})",
                    R"({"id":"p3","text":"Zero \u0000 byte"})"});
  desk_->settle();
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts"), 2);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM journal_failures"), 1);
  EXPECT_EQ(desk_->case_of("p3").preview, "Zero \xEF\xBF\xBD byte");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM cases"), 2);
  desk_->expect_counts_are_right();
}

TEST_P(IngestTest, ARestartGoesOnWhereItStood) {
  desk_->take(R"({"id":"p1","text":"One"})");
  desk_->end();
  // Journaled, and then the program died.
  TestDesk::must(desk_->write([&](store::Transaction& tx) -> Result<void> {
    const store::journal::RawEntry entry{TestDesk::kWorkspace, TestDesk::kAccount, now_, "paper",
                                         R"({"id":"p2","text":"Two"})"};
    TRY(store::journal::append(tx, std::span(&entry, 1)));
    return {};
  }));
  desk_->begin();
  desk_->settle();
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts"), 2);
  EXPECT_EQ(desk_->case_of("p2").preview, "Two");
}

TEST_P(IngestTest, OurOwnPostWrittenInTheAppIsAnAnswer) {
  desk_->take(R"({"id":"p1","thread":"t","author":"anna","text":"Help","at":)" + at(-5000) + "}");
  desk_->take(
      R"({"id":"o1","thread":"t","parent":"p1","author":"did:us","dir":"in","reason":"found","text":"Done","at":)" +
      at(-1000) + "}");
  const auto row = desk_->case_of("o1");
  EXPECT_EQ(row.id, desk_->case_of("p1").id);
  EXPECT_EQ(row.status, CaseStatus::kWaiting);
  EXPECT_FALSE(row.due_at);
  EXPECT_EQ(row.preview, "Help");
  EXPECT_EQ(desk_->text("SELECT direction FROM posts WHERE external_id = 'o1'"), "out");
  desk_->expect_counts_are_right();
}

TEST_P(IngestTest, OurOwnPostThatComesBeforeItsQuestionIsAnAnswerToo) {
  desk_->take(R"({"id":"o1","thread":"t","parent":"p1","author":"did:us","dir":"out","text":"Done","at":)" +
              at(-1000) + "}");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts"), 0);
  desk_->take(R"({"id":"p1","thread":"t","author":"anna","text":"Help","at":)" + at(-500'000) + "}");
  EXPECT_EQ(desk_->case_of("o1").status, CaseStatus::kWaiting);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM early_answers"), 0);
  desk_->expect_counts_are_right();
}

TEST_P(IngestTest, ANewPostReopensWhatWasAnsweredResolvedDismissedOrSnoozed) {
  desk_->take(R"({"id":"p0","thread":"t","text":"Zero"})");
  int n = 0;
  const auto writes = [&] {
    desk_->clock.advance_ms(300'000);
    desk_->take(R"({"id":"p)" + std::to_string(++n) + R"(","thread":"t","text":"More"})");
    const auto row = desk_->case_of("p0");
    EXPECT_EQ(row.status, CaseStatus::kOpen);
    EXPECT_EQ(row.due_at, *row.waiting_since + 60 * 60'000);
    EXPECT_FALSE(row.snoozed_until);
    EXPECT_EQ(row.dismiss_reason, "");
    desk_->expect_counts_are_right();
    return row;
  };
  auto row = desk_->case_of("p0");
  desk_->reply(row, "p0");
  EXPECT_EQ(desk_->case_of("p0").status, CaseStatus::kWaiting);
  row = writes();
  EXPECT_EQ(row.waiting_since, desk_->clock.now_ms());
  TestDesk::must(desk_->cases->snooze(desk_->change(row), desk_->clock.now_ms() + 86'400'000));
  row = writes();
  TestDesk::must(desk_->cases->resolve(desk_->change(row)));
  row = writes();
  TestDesk::must(desk_->cases->dismiss(desk_->change(row), "spam"));
  writes();
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM events WHERE kind = 'case.woken'"), 1);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM events WHERE kind = 'case.reopened'"), 2);
}

TEST_P(IngestTest, FoundThenMentionedIsOneCaseThatIsAddressedToUs) {
  desk_->take(R"({"id":"p1","text":"This bakery","reason":"found"})");
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kFound);
  EXPECT_FALSE(desk_->case_of("p1").due_at);
  desk_->take(R"({"id":"p1","text":"This bakery","reason":"mention"})");
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kOpen);
  EXPECT_EQ(desk_->case_of("p1").origin, "addressed");
  EXPECT_TRUE(desk_->case_of("p1").due_at);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts"), 1);
  desk_->expect_counts_are_right();
}

TEST_P(IngestTest, ContextIsShownWithTheThreadAndBecomesACaseWhenItIsAddressedToUs) {
  desk_->take(R"({"id":"p1","thread":"t","parent":"c1","author":"anna","text":"Same here @us"})");
  desk_->take(R"({"id":"c1","thread":"t","author":"carl","dir":"context","text":"The bread is hard"})");
  EXPECT_EQ(desk_->case_of("c1").id, desk_->case_of("p1").id);
  EXPECT_EQ(desk_->case_of("p1").post_count, 1);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM persons"), 1);
  desk_->take(R"({"id":"c1","thread":"t","author":"carl","text":"The bread is hard"})");
  EXPECT_NE(desk_->case_of("c1").id, desk_->case_of("p1").id);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts"), 2);
}

TEST_P(IngestTest, TopicsMarkWhatTheyWantAndCountIt) {
  listening::Listening::Change values;
  values.name = "Bread";
  values.query = "(カレーパン OR bread) -recipe";
  const auto topic = TestDesk::must(desk_->listening->create(TestDesk::kWorkspace, TestDesk::kUser, values));
  desk_->take(R"({"id":"p1","text":"今日のｶﾚｰﾊﾟﾝとBread","reason":"found"})");
  desk_->take(R"({"id":"p2","text":"bread recipe","reason":"found"})");
  EXPECT_EQ(desk_->text("SELECT marks FROM posts WHERE external_id = 'p1'"), "[[3,9],[10,15]]");
  EXPECT_EQ(desk_->case_of("p1").preview_marks, "[[3,9],[10,15]]");
  EXPECT_EQ(desk_->text("SELECT topic_ids FROM posts WHERE external_id = 'p1'"),
            "[\"" + to_string(topic.id) + "\"]");
  EXPECT_EQ(TestDesk::must(desk_->listening->read(TestDesk::kWorkspace, topic.id)).found_today, 1);
  auto reader = TestDesk::must(desk_->db().reader());
  cases::ListQuery query;
  query.workspace_id = TestDesk::kWorkspace;
  query.view = cases::View::kFound;
  query.topic_id = topic.id;
  const auto listed = TestDesk::must(cases::list_cases(*reader, query)).rows;
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_THAT(listed[0].topic_ids, ElementsAre(topic.id));
  EXPECT_THAT(desk_->case_of("p1").topic_ids, ElementsAre(topic.id));
}

// The same post, wanted three times over, is one thing to decide.
TEST_P(IngestTest, APostOfThreeTopicsIsOneItemAndOurOwnIsNone) {
  for (const auto* query : {"bread", "fresh", "bread NEAR/3 fresh"}) {
    TestDesk::must(
        desk_->listening->create(TestDesk::kWorkspace, TestDesk::kUser, {.name = query, .query = query}));
  }
  desk_->take(R"({"id":"p1","text":"Fresh bread here","reason":"found"})");
  desk_->take(R"({"id":"p1","text":"Fresh bread here","reason":"found"})");
  desk_->take(R"({"id":"o1","text":"Fresh bread, says the bakery","reason":"found","author":"did:us"})");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts WHERE direction = 'in'"), 1);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM cases"), 1);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM case_topics"), 3);
  EXPECT_EQ(desk_->case_of("p1").preview_marks, "[[0,5],[6,11]]");
  desk_->expect_counts_are_right();
}

TEST_P(IngestTest, WhatOnlyATopicOfCompetitorsFindsAsksNobodyToAct) {
  TestDesk::must(desk_->listening->create(TestDesk::kWorkspace, TestDesk::kUser,
                                          {.name = "Rival", .query = "rival", .is_competitor = true}));
  desk_->take(R"({"id":"p1","text":"rival bread","thread":"t1","reason":"found"})");
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kDismissed);
  EXPECT_EQ(desk_->case_of("p1").dismiss_reason, "competitor");
  desk_->take(R"({"id":"p2","text":"more of rival","thread":"t1","reason":"found"})");
  EXPECT_EQ(desk_->case_of("p2").status, CaseStatus::kDismissed);
  // The same person turns to us: now it is a need.
  desk_->take(R"({"id":"p3","text":"can you do better?","thread":"t1","reason":"mention"})");
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kOpen);
  desk_->expect_counts_are_right();
}

TEST_P(IngestTest, AMutedAuthorIsNotHeardOnTheStream) {
  listening::Mutes mutes;
  mutes.authors = {{"spam", ""}};
  const auto topic = TestDesk::must(desk_->listening->create(
      TestDesk::kWorkspace, TestDesk::kUser, {.name = "Bread", .query = "bread", .mutes = mutes}));
  const auto listener = TestDesk::must(desk_->ingest->ensure_listener(TestDesk::kWorkspace, "paper"));
  desk_->offer_all({R"({"id":"p1","text":"bread","reason":"found","author":"spam"})",
                    R"({"id":"p2","text":"bread","reason":"found","author":"anna"})"},
                   listener);
  desk_->settle();
  EXPECT_EQ(desk_->text("SELECT external_id FROM posts"), "p2");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts"), 1);
  // Archived, it hears nothing, and what it found stays; restored, it hears again.
  TestDesk::must(desk_->listening->archive(TestDesk::kWorkspace, topic.id, TestDesk::kUser));
  desk_->offer_all({R"({"id":"p3","text":"bread","reason":"found","author":"anna"})"}, listener);
  desk_->settle();
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts"), 1);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM case_topics"), 1);
  TestDesk::must(desk_->listening->restore(TestDesk::kWorkspace, topic.id, TestDesk::kUser));
  desk_->offer_all({R"({"id":"p4","text":"bread","reason":"found","author":"anna"})"}, listener);
  desk_->settle();
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts"), 2);
}

TEST_P(IngestTest, TopicsFromBeforeThereWereQueriesGetTheirs) {
  TestDesk::must(desk_->write([](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run(
        "INSERT INTO topics (workspace_id, id, name, keywords, excluded, created_at, updated_at) VALUES "
        "(1, 5, 'Old', '[\"iPhone 14\",\"パン\"]', '[\"粉\"]', 0, 0)"));
    return {};
  }));
  TestDesk::must(desk_->listening->load());
  EXPECT_EQ(TestDesk::must(desk_->listening->read(1, 5)).query, R"(("iPhone 14" OR パン) -粉)");
  EXPECT_EQ(desk_->listening->topic_set()->topics(), 1U);
}

TEST_P(IngestTest, TheEndOfAnAccountTakesAllItSaidAlong) {
  desk_->take(R"({"id":"p1","thread":"t1","text":"My secret"})");
  desk_->take(R"({"id":"p2","thread":"t2","text":"Another secret"})");
  desk_->take(R"({"id":"p3","thread":"t2","author":"ben","text":"Me too"})");
  // Its last post and its end may come together.
  desk_->offer_all({R"({"id":"p4","thread":"t4","text":"The last secret"})", R"({"gone":"anna"})",
                    R"({"gone":"nobody we know"})"});
  desk_->settle();
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts WHERE text LIKE '%secret%'"), 0);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts WHERE deleted_at IS NOT NULL"), 3);
  EXPECT_EQ(
      desk_->number("SELECT COUNT(*) FROM cases WHERE title LIKE '%secret%' OR preview LIKE '%secret%'"), 0);
  EXPECT_EQ(desk_->text("SELECT text FROM posts WHERE external_id = 'p3'"), "Me too");
  desk_->expect_counts_are_right();
  auto inlet = desk_->ingest->stream_inlet("paper");
  EXPECT_TRUE(inlet->knows_author("anna", ""));
  EXPECT_FALSE(inlet->knows_author("nobody we know", ""));
  TestDesk::must(inlet->offer_author("ben", "", {"paper", R"({"gone":"ben"})"}));
  TestDesk::must(inlet->checkpoint("1"));
  desk_->settle();
  EXPECT_EQ(desk_->text("SELECT text FROM posts WHERE external_id = 'p3'"), "");
}

TEST_P(IngestTest, TheEndOfAnAccountEmptiesWhatItSaidInOtherCases) {
  desk_->take(R"({"id":"at://anna/1","thread":"t1","text":"My oven is cold"})");
  desk_->take(
      R"({"id":"at://carl/1","thread":"t1","author":"carl","dir":"context","text":"Carl knows a secret"})");
  desk_->take(R"({"id":"at://carl2/1","thread":"t1","author":"carl2","dir":"context","text":"So do I"})");
  desk_->take(R"({"id":"at://carl/2","thread":"t2","author":"carl","text":"Carl needs help"})");
  desk_->take(R"({"gone":"carl","prefix":"at://carl/"})");
  desk_->settle();
  EXPECT_EQ(desk_->text("SELECT text FROM posts WHERE external_id = 'at://carl/1'"), "");
  EXPECT_EQ(desk_->text("SELECT text FROM posts WHERE external_id = 'at://carl/2'"), "");
  EXPECT_EQ(desk_->text("SELECT text FROM posts WHERE external_id = 'at://carl2/1'"), "So do I");
  EXPECT_EQ(desk_->text("SELECT text FROM posts WHERE external_id = 'at://anna/1'"), "My oven is cold");
  // Of nobody's customer as well: the stream asks by how the ids of the posts begin.
  auto inlet = desk_->ingest->stream_inlet("paper");
  EXPECT_TRUE(inlet->knows_author("carl2", "at://carl2/"));
  EXPECT_FALSE(inlet->knows_author("car", "at://car/"));
  TestDesk::must(
      inlet->offer_author("carl2", "at://carl2/", {"paper", R"({"gone":"carl2","prefix":"at://carl2/"})"}));
  TestDesk::must(inlet->checkpoint("1"));
  desk_->settle();
  EXPECT_EQ(desk_->text("SELECT text FROM posts WHERE external_id = 'at://carl2/1'"), "");
  desk_->expect_counts_are_right();
}

TEST_P(IngestTest, TheInletKeepsItemsAndCursorTogether) {
  channels::Account account;
  account.workspace_id = TestDesk::kWorkspace;
  account.id = TestDesk::kAccount;
  auto inlet = desk_->ingest->inlet(account);
  TestDesk::must(inlet->accept({{"paper", R"({"id":"p1","text":"One"})"}}, "notifications", "c1"));
  desk_->settle();
  EXPECT_EQ(desk_->text("SELECT value FROM cursors WHERE name = 'notifications'"), "c1");
  const auto held = TestDesk::must(inlet->recent_posts(10));
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0].external_id, "p1");
  inlet->health("waiting", "the network is away");
  EXPECT_EQ(desk_->text("SELECT status_detail FROM accounts WHERE id = 11"), "the network is away");
}

TEST_P(IngestTest, TheStreamIsOfferedOnlyWhatConcernsSomebody) {
  listening::Listening::Change values;
  values.name = "Bread";
  values.query = "bread";
  TestDesk::must(desk_->listening->create(TestDesk::kWorkspace, TestDesk::kUser, values));
  auto stream = desk_->ingest->stream_inlet("paper");
  EXPECT_EQ(TestDesk::must(stream->cursor()), "");
  const auto post = [](std::string_view id, std::string_view author, std::string_view text,
                       std::string_view parent) {
    channels::StreamPost p;
    p.external_id = id;
    p.author_external_id = author;
    p.text = text;
    p.parent_external_id = parent;
    return p;
  };
  EXPECT_FALSE(stream->wants(post("x1", "anna", "butter", "")));
  EXPECT_TRUE(stream->wants(post("x2", "anna", "Bread!", "")));
  EXPECT_TRUE(stream->wants(post("x3", "did:us", "we write", "")));
  EXPECT_TRUE(stream->wants(post("x4", "anna", "to you", "at://did:us/post/1")));
  EXPECT_FALSE(stream->knows("x2"));
  EXPECT_TRUE(
      TestDesk::must(stream->rules(512)).empty());  // the same for a stream that is told what to bring
  // Nobody chose to listen here yet: a topic alone hears nothing.
  TestDesk::must(stream->offer(post("x0", "anna", "Bread!", ""),
                               {"paper", R"({"id":"x0","text":"Bread!","reason":"found"})"}));
  EXPECT_FALSE(stream->knows("x0"));
  TestDesk::must(desk_->ingest->ensure_listener(TestDesk::kWorkspace, "paper"));
  EXPECT_EQ(TestDesk::must(stream->rules(512)), std::vector<std::string>{"bread"});
  TestDesk::must(stream->offer(post("x2", "anna", "Bread!", ""),
                               {"paper", R"({"id":"x2","text":"Bread!","reason":"found"})"}));
  EXPECT_TRUE(stream->knows("x2"));  // before it is applied
  TestDesk::must(stream->offer_deletion("x2", {"paper", R"({"delete":"x2"})"}));
  TestDesk::must(stream->offer(post("x5", "anna", "bread again", ""),
                               {"paper", R"({"id":"x5","text":"bread again","reason":"found"})"}));
  TestDesk::must(stream->checkpoint("42"));
  desk_->settle();
  EXPECT_EQ(TestDesk::must(stream->cursor()), "42");
  EXPECT_TRUE(stream->knows("x5"));
  EXPECT_GT(desk_->number("SELECT deleted_at FROM posts WHERE external_id = 'x2'"), 0);
  const auto row = desk_->case_of("x5");
  EXPECT_EQ(row.status, CaseStatus::kFound);
  EXPECT_EQ(desk_->text("SELECT kind FROM accounts WHERE id = $1", {row.account_id}), "listener");
}

}  // namespace
}  // namespace kiki::ingest
