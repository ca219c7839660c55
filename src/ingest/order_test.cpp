// The order of the list, the next best case, watching and second opinions, with cases that came in the real
// way.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <mutex>
#include <set>
#include <thread>

#include "cases/case_rank.hpp"
#include "cases/next_case.hpp"
#include "cases/orders.hpp"
#include "cases/rank_keeper.hpp"
#include "ingest/test_desk.hpp"

namespace kiki::ingest {
namespace {

using model::CaseStatus;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr TimeMs kHourMs = 3'600'000;
constexpr Id kFirstAgent = 100;

class OrderTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    desk_ = std::make_unique<TestDesk>(*store_);
    next_ = std::make_unique<cases::NextCase>(desk_->db(), desk_->clock);
    orders_ = std::make_unique<cases::Orders>(desk_->db(), desk_->log(), desk_->clock);
  }
  void post(const std::string& id, const std::string& text, const std::string& more = "") {
    desk_->take(R"({"id":")" + id + R"(","author":")" + id + R"(","text":")" + text + "\"" + more + "}");
  }
  cases::RowPage list(cases::View view, int limit = 200, std::optional<cases::Position> after = {}) {
    auto reader = TestDesk::must(desk_->db().reader());
    return TestDesk::must(
        cases::list_cases(*reader, {TestDesk::kWorkspace, TestDesk::kUser, view, 0, after, limit}));
  }
  std::vector<std::string> names(cases::View view) {
    std::vector<std::string> names;
    for (const auto& row : list(view, 1'000).rows) names.push_back(row.name);
    return names;
  }
  cases::Counts counts() {
    auto reader = TestDesk::must(desk_->db().reader());
    return TestDesk::must(
        cases::read_counts(*reader, TestDesk::kWorkspace, TestDesk::kUser, desk_->clock.now_ms()));
  }
  std::optional<Id> next(Id user, std::optional<Id> leave = {}, std::vector<Id> busy = {}) {
    const auto row =
        TestDesk::must(next_->take({TestDesk::kWorkspace, user, false, leave, std::move(busy), {}}));
    return row ? std::optional(row->id) : std::nullopt;
  }
  cases::Change blind(const cases::CaseRow& row, Id user = TestDesk::kUser) {
    return {TestDesk::kWorkspace, row.id, user, {}};
  }
  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<TestDesk> desk_;
  std::unique_ptr<cases::NextCase> next_;
  std::unique_ptr<cases::Orders> orders_;
};
INSTANTIATE_TEST_SUITE_P(Stores, OrderTest, store::test_dialects(), store::test_dialect_name);

TEST_P(OrderTest, WhatIsLostByWaitingIsOnTop) {
  const auto now = std::to_string(desk_->clock.now_ms());
  post("calm", "How do I clean the tap?", R"(,"at":)" + now);
  post("harmed", "The kettle caught fire and I burned my hand, please help", R"(,"at":)" + now);
  post("late", "How do I open the lid?", R"(,"at":)" + std::to_string(desk_->clock.now_ms() - kHourMs / 2));
  EXPECT_THAT(names(cases::View::kNow), ElementsAre("harmed", "late", "calm"));
  const auto top = list(cases::View::kNow).rows.front();
  ASSERT_TRUE(top.rank_at);
  EXPECT_LT(*top.rank_at, *top.due_at);
  std::int64_t minutes = 0;
  const auto why = boost::json::parse(top.rank_why);
  ASSERT_FALSE(why.get_array().empty());
  EXPECT_EQ(why.get_array()[0].at("key").get_string(), "danger");
  for (const auto& reason : why.get_array()) minutes += reason.at("minutes").get_int64();
  EXPECT_EQ(*top.rank_at, *top.due_at - minutes * 60'000) << "what the row says is where it stands";

  // The priority a person gives, and what the customer adds, move it in the same change.
  const auto calm = desk_->case_of("calm");
  EXPECT_EQ(TestDesk::must(desk_->cases->set_priority(desk_->change(calm), "urgent")).rank_at,
            *calm.rank_at - 240 * 60'000);
  EXPECT_THAT(names(cases::View::kNow), ElementsAre("harmed", "calm", "late"));
  const auto late = desk_->case_of("late");
  desk_->clock.advance_ms(1'000);
  desk_->take(R"({"id":"late2","parent":"late","thread":"late","author":"late","text":"How do I open it?"})");
  EXPECT_LT(*desk_->case_of("late").rank_at, *late.rank_at);
  EXPECT_THAT(desk_->case_of("late").rank_why, testing::HasSubstr("wrote_again"));
  // Answered: in no queue, and back on top when it is taken back.
  TestDesk::must(desk_->cases->resolve(blind(calm)));
  EXPECT_FALSE(desk_->case_of("calm").rank_at);
  EXPECT_THAT(names(cases::View::kNow), ElementsAre("harmed", "late"));
}

TEST_P(OrderTest, EarlierComplaintsAndGroupsCount) {
  for (const auto* id : {"c1", "c2"}) {
    desk_->take(R"({"id":")" + std::string(id) +
                R"(","author":"anna","text":"Your tap is broken again, this is terrible"})");
    TestDesk::must(desk_->cases->resolve(blind(desk_->case_of(id))));
  }
  desk_->take(R"({"id":"q1","author":"anna","text":"How do I clean the tap?"})");
  EXPECT_THAT(desk_->case_of("q1").rank_why, testing::HasSubstr(R"({"key":"complaints","minutes":40})"));
  post("q2", "How do I clean the tap?");
  const auto row = desk_->case_of("q2");
  EXPECT_THAT(row.rank_why, testing::Not(testing::HasSubstr("complaints")));
  TestDesk::must(desk_->write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("INSERT INTO person_groups (workspace_id, person_id, name) VALUES ($1, $2, 'VIP')",
                    {TestDesk::kWorkspace, row.person_id}));
    return desk_->cases->plan_person(tx, TestDesk::kWorkspace, row.person_id);
  }));
  EXPECT_EQ(desk_->case_of("q2").rank_at, *row.rank_at - 60 * 60'000);
  EXPECT_THAT(desk_->case_of("q2").rank_why, testing::HasSubstr("group:VIP"));
}

TEST_P(OrderTest, PagesFollowTheOrderWithoutGapOrRepeat) {
  std::vector<std::string> bodies;
  for (int i = 0; i < 53; ++i) {
    const auto* text = i % 5 == 0   ? "It caught fire, I am hurt"
                       : i % 3 == 0 ? "This is broken"
                                    : "How does it open?";
    bodies.push_back(R"({"id":"p)" + std::to_string(i) + R"(","author":"a)" + std::to_string(i) +
                     R"(","text":")" + text + R"(","at":)" +
                     std::to_string(desk_->clock.now_ms() - 60'000 * (i % 9)) + "}");
  }
  desk_->offer_all(bodies);
  desk_->settle();
  std::set<Id> seen;
  TimeMs last = 0;
  std::optional<cases::Position> after;
  do {
    const auto page = list(cases::View::kNow, 7, after);
    for (const auto& row : page.rows) {
      EXPECT_TRUE(seen.insert(row.id).second);
      EXPECT_GE(*row.rank_at, last);
      last = *row.rank_at;
    }
    after = page.next;
  } while (after);
  EXPECT_EQ(seen.size(), 53U);
}

TEST_P(OrderTest, WhoWantsToBuyStandsInAQueueOfTheirOwn) {
  post("ask", "How do I clean the tap?");
  post("buy", "I want to buy this kettle, where can I buy one?");
  post("seen", "Where can I buy this kettle? I want to buy one", R"(,"reason":"found")");
  post("liked", "I like this kettle", R"(,"reason":"found")");
  EXPECT_THAT(names(cases::View::kNow), ElementsAre("ask"));
  EXPECT_THAT(names(cases::View::kFound), ElementsAre("liked"));
  EXPECT_THAT(names(cases::View::kPurchase), testing::UnorderedElementsAre("buy", "seen"));
  EXPECT_EQ(list(cases::View::kPurchase, 1).rows.size(), 1U);
  EXPECT_EQ(list(cases::View::kPurchase, 1, list(cases::View::kPurchase, 1).next).rows.size(), 1U);
  EXPECT_EQ(counts().now, 1);
  EXPECT_EQ(counts().found, 1);
  EXPECT_EQ(counts().purchase, 2);
  EXPECT_EQ(next(kFirstAgent), desk_->case_of("ask").id);
  EXPECT_EQ(next(kFirstAgent, desk_->case_of("ask").id), std::nullopt) << "selling is not support";
  const auto sale = TestDesk::must(next_->take({TestDesk::kWorkspace, kFirstAgent, true, {}, {}, {}}));
  EXPECT_EQ(sale->id, desk_->case_of("buy").id);
  // Something broke after all: back among the others.
  desk_->clock.advance_ms(1'000);
  desk_->take(
      R"({"id":"buy2","parent":"buy","thread":"buy","author":"buy","text":"I bought it and it is broken"})");
  EXPECT_THAT(names(cases::View::kNow), testing::UnorderedElementsAre("ask", "buy"));
  EXPECT_EQ(counts().purchase, 1);
  desk_->expect_counts_are_right();
}

TEST_P(OrderTest, ManyAgentsAtOnceNeverGetTheSame) {
  constexpr int kCases = 120;
  constexpr int kAgents = 16;
  std::vector<std::string> bodies;
  for (int i = 0; i < kCases; ++i)
    bodies.push_back(R"({"id":"p)" + std::to_string(i) + R"(","author":"a)" + std::to_string(i) +
                     R"(","text":"How does it open?","at":)" +
                     std::to_string(desk_->clock.now_ms() - i * 1'000) + "}");
  desk_->offer_all(bodies);
  desk_->settle();
  std::mutex mutex;
  std::map<Id, Id> held;  // case, by whom
  std::multiset<Id> done;
  std::vector<std::jthread> agents;
  for (int n = 0; n < kAgents; ++n) {
    agents.emplace_back([&, user = kFirstAgent + n] {
      while (true) {
        const auto row = next_->take({TestDesk::kWorkspace, user, false, {}, {}, {}});
        ASSERT_TRUE(row.ok()) << row.error().message;
        if (!*row) return;
        const auto id = (*row)->id;
        {
          const std::lock_guard lock(mutex);
          ASSERT_TRUE(held.emplace(id, user).second) << "two agents have the same";
        }
        // Asked again, it is still theirs.
        const auto again = next_->take({TestDesk::kWorkspace, user, false, {}, {}, {}});
        ASSERT_TRUE(again.ok());
        EXPECT_EQ((*again)->id, id);
        ASSERT_TRUE(desk_->cases->resolve({TestDesk::kWorkspace, id, user, {}}).ok());
        const std::lock_guard lock(mutex);
        held.erase(id);
        done.insert(id);
      }
    });
  }
  agents.clear();
  EXPECT_EQ(done.size(), static_cast<std::size_t>(kCases));
  EXPECT_EQ(std::set<Id>(done.begin(), done.end()).size(), static_cast<std::size_t>(kCases))
      << "each exactly once";
  desk_->expect_counts_are_right();
}

TEST_P(OrderTest, TheNextCaseIsNobodyElsesAndNotTheOnePassedOver) {
  for (int i = 0; i < 5; ++i) {
    post("p" + std::to_string(i), "How does it open?",
         R"(,"at":)" + std::to_string(desk_->clock.now_ms() - (10 - i) * 60'000));
  }
  const auto id = [&](int n) { return desk_->case_of("p" + std::to_string(n)).id; };
  constexpr Id kAnna = 101;
  constexpr Id kBen = 102;
  TestDesk::must(desk_->cases->assign(blind(desk_->case_of("p0")), TestDesk::kUser));
  TestDesk::must(desk_->cases->snooze(blind(desk_->case_of("p1")), desk_->clock.now_ms() + kHourMs));
  EXPECT_EQ(next(kAnna), id(2)) << "p0 is somebody's, p1 sleeps";
  EXPECT_EQ(next(TestDesk::kUser), id(0)) << "their own first";
  EXPECT_EQ(next(kBen), id(3));
  EXPECT_EQ(next(kBen, id(3), {id(4)}), std::nullopt) << "somebody is at p4";
  EXPECT_EQ(next(kAnna, id(2)), id(3)) << "given back by Ben, who left it";
  EXPECT_EQ(next(kBen), id(2));
  // What was left comes again after a while, and what was held is free when its holder vanished.
  desk_->clock.advance_ms(cases::kPassedMs + 1);
  EXPECT_EQ(next(kAnna), id(2));
  desk_->clock.advance_ms(cases::kLeaseMs + 1);
  EXPECT_EQ(next(kBen), id(2));
  EXPECT_EQ(TestDesk::must(next_->take({TestDesk::kWorkspace + 1, kBen, false, id(2), {}, {}})), std::nullopt)
      << "another workspace has none";
}

TEST_P(OrderTest, WhatWaitsWithSomebodyWhoIsAwayIsForEverybody) {
  post("p1", "How does it open?");
  const auto id = desk_->case_of("p1").id;
  TestDesk::must(desk_->cases->assign(blind(desk_->case_of("p1")), TestDesk::kUser));
  EXPECT_EQ(next(101), std::nullopt);
  const auto row = TestDesk::must(next_->take({TestDesk::kWorkspace, 101, false, {}, {}, {TestDesk::kUser}}));
  ASSERT_TRUE(row);
  EXPECT_EQ(row->id, id);
  EXPECT_EQ(next(102), std::nullopt);
}

TEST_P(OrderTest, WhoWritesAgainIsNotPassedOverAnyMore) {
  post("p1", "How does it open?");
  const auto id = desk_->case_of("p1").id;
  EXPECT_EQ(next(101), id);
  EXPECT_EQ(next(101, id), std::nullopt);
  desk_->take(R"({"id":"p1b","parent":"p1","thread":"p1","author":"p1","text":"Hello? How does it open?"})");
  ASSERT_EQ(desk_->case_of("p1b").id, id);
  EXPECT_EQ(desk_->number("SELECT post_count FROM cases"), 2);
  EXPECT_EQ(desk_->text("SELECT status FROM cases"), "open");
  EXPECT_EQ(desk_->number("SELECT lane FROM cases"), 0);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM cases WHERE rank_at IS NOT NULL AND assignee_id IS NULL"), 1);
  EXPECT_EQ(next(101), id);
}

TEST_P(OrderTest, WhoWantsToBuyIsNextInTheirOwnQueueAlsoWhenFound) {
  post("f1", "Where can I buy this kettle?", R"(,"thread":"t","reason":"found")");
  post("p1", "How do I open the lid?");
  ASSERT_THAT(names(cases::View::kPurchase), ElementsAre("f1"));
  const auto row = TestDesk::must(next_->take({TestDesk::kWorkspace, 101, true, {}, {}, {}}));
  ASSERT_TRUE(row);
  EXPECT_EQ(row->name, "f1");
  EXPECT_EQ(TestDesk::must(next_->take({TestDesk::kWorkspace, 102, true, {}, {}, {}})), std::nullopt);
  EXPECT_EQ(next(102), desk_->case_of("p1").id);
}

TEST_P(OrderTest, WatchedStaysAwayUntilSomebodyWrites) {
  post("f1", "I like it", R"(,"thread":"t","reason":"found")");
  const auto found = desk_->case_of("f1");
  EXPECT_FALSE(desk_->cases->watch(desk_->change(found), "  ", {}).ok());
  EXPECT_FALSE(desk_->cases->watch(desk_->change(found), "later", desk_->clock.now_ms()).ok());
  const auto watched = TestDesk::must(desk_->cases->watch(desk_->change(found), "among_users", {}));
  EXPECT_EQ(watched.status, CaseStatus::kWatched);
  EXPECT_EQ(watched.dismiss_reason, "among_users");
  EXPECT_FALSE(watched.due_at);
  EXPECT_THAT(names(cases::View::kFound), IsEmpty());
  EXPECT_THAT(names(cases::View::kWatched), ElementsAre("f1"));
  EXPECT_EQ(counts().watched, 1);
  // Taken back, it is as before.
  const auto back = TestDesk::must(desk_->cases->undo(blind(watched), watched.event_seq));
  EXPECT_EQ(back.status, CaseStatus::kFound);
  EXPECT_EQ(back.dismiss_reason, "");
  TestDesk::must(desk_->cases->watch(blind(found), "among_users", {}));
  // Anybody in the thread will do.
  desk_->forget_events();
  desk_->clock.advance_ms(1'000);
  desk_->take(R"({"id":"x1","thread":"t","parent":"f1","author":"ben","dir":"context","text":"me too"})");
  EXPECT_EQ(desk_->case_of("f1").status, CaseStatus::kFound);
  EXPECT_TRUE(desk_->case_of("f1").waiting_since);
  EXPECT_THAT(desk_->event_kinds(), testing::Contains("case.woken"));
  // A customer who addressed us comes back as open, with a promise.
  post("p1", "Help", R"(,"thread":"u")");
  TestDesk::must(desk_->cases->watch(blind(desk_->case_of("p1")), "later", {}));
  EXPECT_THAT(names(cases::View::kNow), IsEmpty());
  desk_->clock.advance_ms(1'000);
  desk_->take(R"({"id":"p2","thread":"u","parent":"p1","author":"p1","text":"Hello?"})");
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kOpen);
  EXPECT_TRUE(desk_->case_of("p1").due_at);
  // Or at the time that was set.
  const auto until = desk_->clock.now_ms() + kHourMs;
  TestDesk::must(desk_->cases->watch(blind(desk_->case_of("p1")), "later", until));
  TestDesk::must(desk_->cases->watch(blind(desk_->case_of("f1")), "later", until));
  EXPECT_EQ(TestDesk::must(desk_->cases->wake_snoozed(until)), 2);
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kOpen);
  EXPECT_EQ(desk_->case_of("f1").status, CaseStatus::kFound);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM promise_results WHERE broken = 0"), 0)
      << "nothing was answered";
  // Our own word in the network's app ends the watching.
  TestDesk::must(desk_->cases->watch(blind(desk_->case_of("p1")), "later", {}));
  desk_->clock.advance_ms(1'000);
  desk_->take(R"({"id":"o1","thread":"u","parent":"p2","author":"did:us","dir":"out","text":"Done"})");
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kWaiting);
  desk_->expect_counts_are_right();
}

TEST_P(OrderTest, ASecondOpinionIsAskedAndAnsweredByTheDecision) {
  post("f1", "I like it", R"(,"reason":"found")");
  const auto row = desk_->case_of("f1");
  auto& cases = *desk_->cases;
  EXPECT_FALSE(cases.ask_opinion(blind(row), TestDesk::kUser, "").ok()) << "oneself";
  EXPECT_FALSE(cases.ask_opinion(blind(row, 100), TestDesk::kViewer, "").ok()) << "who may only look";
  EXPECT_FALSE(cases.ask_opinion(blind(row), Id{999}, "").ok());
  const auto asked = TestDesk::must(cases.ask_opinion(blind(row, 100), TestDesk::kUser, "For us?"));
  EXPECT_EQ(asked.opinion_by, Id{100});
  EXPECT_EQ(asked.opinion_of, TestDesk::kUser);
  EXPECT_EQ(asked.opinion_note, "For us?");
  EXPECT_THAT(names(cases::View::kOpinions), ElementsAre("f1"));
  EXPECT_EQ(counts().opinions, 1);
  desk_->forget_events();
  const auto skipped = TestDesk::must(cases.dismiss(blind(row), "praise"));
  EXPECT_FALSE(skipped.opinion_by);
  EXPECT_THAT(desk_->event_kinds(), ElementsAre("case.status", "case.opinion"));
  EXPECT_THAT(desk_->text("SELECT data FROM events WHERE kind = 'case.opinion' ORDER BY seq DESC LIMIT 1"),
              testing::HasSubstr(R"("answer":"skip")"));
  EXPECT_EQ(cases.ask_opinion(blind(row), {}, "").error().code, "decided");
  // Taking the decision back brings the question back.
  EXPECT_EQ(TestDesk::must(cases.undo(blind(row), skipped.event_seq)).opinion_by, Id{100});
  EXPECT_FALSE(TestDesk::must(cases.drop_opinion(blind(row, 100))).opinion_by);
  // "Respond" answers for an open case, too.
  TestDesk::must(cases.open(blind(row)));
  TestDesk::must(cases.ask_opinion(blind(row, 100), {}, ""));
  EXPECT_FALSE(TestDesk::must(cases.open(blind(row))).opinion_by);
  EXPECT_THAT(desk_->text("SELECT data FROM events WHERE kind = 'case.opinion' ORDER BY seq DESC LIMIT 1"),
              testing::HasSubstr(R"("answer":"respond")"));
  TestDesk::must(cases.ask_opinion(blind(row, 100), {}, ""));
  desk_->reply(row, "f1");
  EXPECT_FALSE(desk_->case_of("f1").opinion_by);
}

TEST_P(OrderTest, NewWeightsAreSeenBeforeTheyAreSavedAndRankOpenCasesAnew) {
  post("calm", "How do I clean the tap?");
  post("harmed", "The kettle caught fire and I burned my hand");
  std::vector<std::string> bodies;
  for (int i = 0; i < 230; ++i)
    bodies.push_back(R"({"id":"p)" + std::to_string(i) + R"(","author":"a)" + std::to_string(i) +
                     R"(","text":"How does it open?"})");
  desk_->offer_all(bodies);
  desk_->settle();
  EXPECT_EQ(names(cases::View::kNow).front(), "harmed");
  cases::Weights weights;
  weights.danger = -10'000;
  weights.waiting_percent = 50;
  const auto before = desk_->text("SELECT rank_why FROM cases WHERE id = $1", {desk_->case_of("harmed").id});
  const auto preview = TestDesk::must(orders_->preview(TestDesk::kWorkspace, weights));
  EXPECT_EQ(preview.before.size(), cases::kPreviewedCases);
  EXPECT_EQ(preview.after.size(), cases::kPreviewedCases);
  EXPECT_EQ(preview.before.front().name, "harmed");
  EXPECT_NE(preview.after.front().name, "harmed");
  EXPECT_EQ(preview.cases, 232);
  EXPECT_EQ(preview.moved, 232);
  EXPECT_EQ(desk_->text("SELECT rank_why FROM cases WHERE id = $1", {desk_->case_of("harmed").id}), before)
      << "nothing was saved";

  EXPECT_EQ(TestDesk::must(orders_->save(TestDesk::kWorkspace, TestDesk::kUser, weights)), 1);
  EXPECT_EQ(orders_->save(TestDesk::kWorkspace, TestDesk::kUser, weights).error().code, "changed");
  const auto version = desk_->case_of("harmed").version;
  cases::RankKeeper keeper(desk_->db(), desk_->log());
  desk_->forget_events();
  EXPECT_EQ(TestDesk::must(keeper.rank_anew(TestDesk::kWorkspace)), 232);
  EXPECT_THAT(desk_->event_kinds(), ElementsAre("order.planned", "order.planned"));
  EXPECT_EQ(TestDesk::must(keeper.rank_anew(TestDesk::kWorkspace)), 0);
  EXPECT_EQ(names(cases::View::kNow).back(), "harmed");
  EXPECT_EQ(desk_->case_of("harmed").version, version) << "nobody's edit is disturbed";
  // What the preview said is what came.
  std::vector<std::string> promised;
  for (const auto& row : preview.after) promised.push_back(row.name);
  const auto now = names(cases::View::kNow);
  EXPECT_EQ(std::vector(now.begin(), now.begin() + static_cast<std::ptrdiff_t>(promised.size())), promised);
  // What comes in from here on is ranked by them, and the keeper finds nothing to do.
  post("late", "The kettle caught fire and I burned my hand");
  EXPECT_EQ(TestDesk::must(keeper.rank_anew(TestDesk::kWorkspace)), 0);
}

// Whatever happens to cases: where each stands is what the pure function says of its row.
TEST_P(OrderTest, RankingAnewNeverFindsAnythingElse) {
  std::uint64_t seed = 11;
  const auto any = [&](std::uint64_t most) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (seed >> 33) % most;
  };
  constexpr const char* kTexts[] = {"How does it open?", "This is broken and I am angry", "It caught fire",
                                    "I want to buy one, where can I buy it?", "Thanks, lovely"};
  for (int round = 0; round < 150; ++round) {
    desk_->clock.advance_ms(static_cast<TimeMs>(any(600'000)));
    const auto thread = std::to_string(any(12));
    const auto id = "r" + std::to_string(round);
    switch (any(6)) {
      case 0:
      case 1:
      case 2:
        desk_->take(R"({"id":")" + id + R"(","thread":"t)" + thread + R"(","author":"a)" + thread +
                    R"(","reason":")" + (any(3) == 0 ? "found" : "mention") + R"(","text":")" +
                    kTexts[any(5)] + "\"}");
        break;
      default: {
        const auto case_id = desk_->number("SELECT id FROM cases ORDER BY (number * 7919 + $1) % 13 LIMIT 1",
                                           {static_cast<std::int64_t>(any(13))});
        if (case_id < 0) break;
        const cases::Change change{TestDesk::kWorkspace, case_id, TestDesk::kUser, {}};
        switch (any(6)) {
          case 0:
            TestDesk::must(desk_->cases->resolve(change));
            break;
          case 1:
            TestDesk::must(desk_->cases->open(change));
            break;
          case 2:
            TestDesk::must(desk_->cases->watch(change, "later", {}));
            break;
          case 3:
            TestDesk::must(desk_->cases->set_priority(change, any(2) == 0 ? "urgent" : "low"));
            break;
          case 4:
            TestDesk::must(desk_->cases->dismiss(change, "spam"));
            break;
          default:
            TestDesk::must(desk_->cases->snooze(change, desk_->clock.now_ms() + kHourMs));
        }
      }
    }
    auto reader = TestDesk::must(desk_->db().reader());
    TestDesk::must(
        cases::rank_all(*reader, TestDesk::kWorkspace, cases::Weights(), false,
                        [&](cases::Ranked&& one) { EXPECT_EQ(one.now.at, one.at_before) << round; }));
  }
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM cases WHERE (status = 'open') AND rank_at IS NULL"), 0);
  EXPECT_EQ(desk_->number(
                "SELECT COUNT(*) FROM cases WHERE status NOT IN ('open', 'found') AND rank_at IS NOT NULL"),
            0);
  desk_->expect_counts_are_right();
}

}  // namespace
}  // namespace kiki::ingest
