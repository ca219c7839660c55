// Promises of cases, as posts, people and the clock move them; on both stores.

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "cases/case_promises.hpp"
#include "cases/promise_keeper.hpp"
#include "ingest/test_desk.hpp"
#include "promises/books.hpp"

namespace kiki::ingest {
namespace {

constexpr TimeMs kMinute = 60'000;

class DeskPromises : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    desk_ = std::make_unique<TestDesk>(*store_);
    log_ = std::make_unique<events::EventLog>(bus_, desk_->clock);
    keeper_ = std::make_unique<cases::PromiseKeeper>(desk_->db(), *log_, desk_->clock);
    books_ = std::make_unique<promises::Books>(desk_->db(), *log_, desk_->clock);
    now_ = desk_->clock.now_ms();
  }

  void save(const std::string& policies, std::int64_t version = 0) {
    const auto document = TestDesk::must(JsonDocument::parse(
        R"({"calendars":[{"key":"always","time_zone":"Asia/Tokyo","always_open":true}],"policies":)" +
        policies + "}"));
    const auto book = TestDesk::must(promises::parse_book(document.root()));
    EXPECT_EQ(TestDesk::must(books_->save({TestDesk::kWorkspace, TestDesk::kUser, version}, book)),
              version + 1);
  }
  static std::string policy(int minutes, const std::string& more = "") {
    return R"([{"key":"default","calendar":"always","first_reply":{"inside_minutes":)" +
           std::to_string(minutes) + R"(,"outside_minutes":5})" + more + "}]";
  }
  std::int64_t events(std::string_view kind) {
    return desk_->number("SELECT COUNT(*) FROM events WHERE kind = $1", {kind});
  }
  // Nobody posts in the future: the clock goes along.
  void post(const std::string& id, TimeMs at, const std::string& more = "") {
    desk_->clock.advance_ms(std::max<TimeMs>(0, at - desk_->clock.now_ms()));
    desk_->take(R"({"id":")" + id + R"(","thread":"t","at":)" + std::to_string(at) + R"(,"text":"Help")" +
                more + "}");
  }
  cases::Change change() { return {TestDesk::kWorkspace, desk_->case_of("p1").id, TestDesk::kUser, {}}; }

  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<TestDesk> desk_;
  events::EventBus bus_;
  std::unique_ptr<events::EventLog> log_;
  std::unique_ptr<cases::PromiseKeeper> keeper_;
  std::unique_ptr<promises::Books> books_;
  TimeMs now_ = 0;
};

TEST_P(DeskPromises, AreWarnedOfAndBreakOnceEach) {
  post("p1", now_);
  EXPECT_EQ(TestDesk::must(keeper_->notice(now_ + 44 * kMinute)), 0);
  EXPECT_EQ(TestDesk::must(keeper_->notice(now_ + 45 * kMinute)), 1);
  EXPECT_EQ(TestDesk::must(keeper_->notice(now_ + 59 * kMinute)), 0);
  EXPECT_EQ(events("promise.warned"), 1);
  post("p2", now_ + kMinute);  // waits already: nothing new is promised
  EXPECT_EQ(desk_->case_of("p1").due_at, now_ + 60 * kMinute);
  EXPECT_EQ(TestDesk::must(keeper_->notice(now_ + 60 * kMinute)), 1);
  EXPECT_EQ(TestDesk::must(keeper_->notice(now_ + 600 * kMinute)), 0);
  EXPECT_EQ(events("promise.warned"), 1);
  EXPECT_EQ(events("promise.broken"), 1);
  post("a1", now_ + 70 * kMinute, R"(,"dir":"out","parent":"p1")");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM promise_results WHERE broken = 1 AND kind = 'first_reply'"),
            1);
  EXPECT_EQ(TestDesk::must(keeper_->notice(now_ + 600 * kMinute)), 0);
  EXPECT_EQ(events("promise.broken"), 1);
}

TEST_P(DeskPromises, KeptAndLateAnswersAreRemembered) {
  post("p1", now_);
  post("a1", now_ + 10 * kMinute, R"(,"dir":"out","parent":"p1")");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM promise_results WHERE broken = 0 AND kind = 'first_reply'"),
            1);
  post("p2", now_ + 20 * kMinute);
  EXPECT_EQ(desk_->case_of("p1").due_at, now_ + 80 * kMinute);
  post("a2", now_ + 90 * kMinute, R"(,"dir":"out","parent":"p2")");  // late, and nobody had noticed
  EXPECT_EQ(TestDesk::must(keeper_->notice(now_ + 91 * kMinute)), 1);
  EXPECT_EQ(TestDesk::must(keeper_->notice(now_ + 92 * kMinute)), 0);
  EXPECT_EQ(events("promise.broken"), 1);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM promise_results WHERE kind = 'next_reply' AND broken = 1"),
            1);
  auto reader = TestDesk::must(desk_->db().reader());
  const auto told = TestDesk::must(cases::explain_promises(*reader, TestDesk::kWorkspace, change().case_id));
  EXPECT_TRUE(told.at("promises").as_array().empty());
  EXPECT_EQ(told.at("results").as_array().size(), 2U);
}

TEST_P(DeskPromises, GoOnWhileSnoozed) {
  post("p1", now_);
  TestDesk::must(desk_->cases->snooze(change(), now_ + 300 * kMinute));
  EXPECT_FALSE(desk_->case_of("p1").due_at);
  EXPECT_EQ(TestDesk::must(keeper_->notice(now_ + 61 * kMinute)), 1);
  EXPECT_EQ(events("promise.broken"), 1);
  TestDesk::must(desk_->cases->open(change()));
  EXPECT_EQ(desk_->case_of("p1").due_at, now_ + 60 * kMinute);
  EXPECT_EQ(TestDesk::must(keeper_->notice(now_ + 400 * kMinute)), 0);  // told already
  TestDesk::must(desk_->cases->resolve(change()));
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM cases WHERE promise_look_at IS NOT NULL"), 0);
}

TEST_P(DeskPromises, ChangedBookPlansOpenCasesAnew) {
  for (int i = 0; i < 250; ++i) {
    desk_->offer(R"({"id":"p)" + std::to_string(i) + R"(","author":"a)" + std::to_string(i) + R"(","at":)" +
                 std::to_string(now_) + R"(,"text":"Help"})");
  }
  desk_->settle();
  TestDesk::must(keeper_->notice(now_ + 50 * kMinute));
  EXPECT_EQ(events("promise.warned"), 250);
  save(policy(120));
  EXPECT_EQ(TestDesk::must(keeper_->plan_anew(TestDesk::kWorkspace)), 250);
  EXPECT_EQ(TestDesk::must(keeper_->plan_anew(TestDesk::kWorkspace)), 0);
  EXPECT_EQ(events("promises.planned"), 1);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM cases WHERE due_at = $1", {now_ + 120 * kMinute}), 250);
  EXPECT_EQ(desk_->case_of("p1").version, 1);
  TestDesk::must(keeper_->notice(now_ + 106 * kMinute));  // later than told before: told again
  EXPECT_EQ(events("promise.warned"), 500);
  const auto document = TestDesk::must(
      JsonDocument::parse(R"({"calendars":[{"key":"always","time_zone":"UTC","always_open":true}],)"
                          R"("policies":[{"key":"d","calendar":"always"}]})"));
  const auto stale =
      books_->save({TestDesk::kWorkspace, 0, 0}, TestDesk::must(promises::parse_book(document.root())));
  EXPECT_EQ(stale.ok() ? "" : stale.error().code, "changed");
  auto reader = TestDesk::must(desk_->db().reader());
  EXPECT_EQ(TestDesk::must(promises::read_history(*reader, TestDesk::kWorkspace, 10)).size(), 1U);
}

TEST_P(DeskPromises, FirstPolicyThatFitsCounts) {
  save(R"([{"key":"urgent","calendar":"always","priorities":["urgent"],"first_reply":{"inside_minutes":10}},
           {"key":"vip","calendar":"always","groups":["VIP"],"first_reply":{"inside_minutes":20}},
           {"key":"here","calendar":"always","accounts":["12"],"first_reply":{"inside_minutes":5}},
           {"key":"default","calendar":"always","first_reply":{"inside_minutes":30}}])");
  post("p1", now_);
  EXPECT_EQ(desk_->case_of("p1").due_at, now_ + 30 * kMinute);
  TestDesk::must(desk_->db().writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("INSERT INTO person_groups (workspace_id, person_id, name) VALUES ($1, $2, 'VIP')",
                    {TestDesk::kWorkspace, desk_->case_of("p1").person_id}));
    return {};
  }));
  TestDesk::must(desk_->cases->set_priority(change(), "high"));
  EXPECT_EQ(desk_->case_of("p1").due_at, now_ + 20 * kMinute);
  TestDesk::must(desk_->cases->set_priority(change(), "urgent"));
  EXPECT_EQ(desk_->case_of("p1").due_at, now_ + 10 * kMinute);
  EXPECT_FALSE(desk_->cases->set_priority(change(), "burning").ok());
}

TEST_P(DeskPromises, ResolutionStandsWhileTheCustomerIsAsked) {
  save(policy(60, R"(,"resolution":{"inside_minutes":100})"));
  post("p1", now_);
  const auto due = [&] { return desk_->number("SELECT COALESCE(resolve_due_at, 0) FROM cases"); };
  EXPECT_EQ(due(), now_ + 100 * kMinute);
  post("a1", now_ + 30 * kMinute, R"(,"dir":"out","parent":"p1")");
  EXPECT_EQ(due(), 0);
  post("p2", now_ + 130 * kMinute);
  EXPECT_EQ(due(), now_ + 200 * kMinute);
  TestDesk::must(keeper_->notice(now_ + 201 * kMinute));
  EXPECT_EQ(events("promise.broken"), 2);  // the reply, and the resolution
  auto reader = TestDesk::must(desk_->db().reader());
  const auto told = TestDesk::must(cases::explain_promises(*reader, TestDesk::kWorkspace, change().case_id));
  EXPECT_EQ(told.at("promises").as_array().size(), 2U);
}

TEST_P(DeskPromises, ResolutionIsKeptWhileWeWaitForTheCustomer) {
  save(policy(60, R"(,"resolution":{"inside_minutes":100})"));
  post("p1", now_);
  post("a1", now_ + 30 * kMinute, R"(,"dir":"out","parent":"p1")");
  desk_->clock.advance_ms(300 * kMinute);
  const auto resolved_at = desk_->clock.now_ms();
  const auto done = TestDesk::must(desk_->cases->resolve(change()));
  const auto results = [&] {
    return desk_->text(
        "SELECT MIN(broken) || ' ' || MAX(from_at) || ' ' || MAX(due_at) || ' ' || COUNT(*) FROM "
        "promise_results WHERE kind = 'resolution'");
  };
  // 30 of 100 minutes were used when the clock stopped: 70 were left.
  const auto kept = "0 " + std::to_string(now_) + " " + std::to_string(resolved_at + 70 * kMinute) + " 1";
  EXPECT_EQ(results(), kept);
  TestDesk::must(desk_->cases->undo(change(), done.event_seq));
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM promise_results WHERE kind = 'resolution'"), 0);
  TestDesk::must(desk_->cases->resolve(change()));
  EXPECT_EQ(results(), kept);
  // The customer comes back: that is a new one, and the ended one stays counted.
  post("p2", resolved_at + 20 * kMinute);
  EXPECT_EQ(results(), kept);
  EXPECT_EQ(desk_->number("SELECT resolve_due_at FROM cases"), resolved_at + 120 * kMinute);
}

TEST_P(DeskPromises, ResolutionRunsUntilItIsPutOffAgain) {
  save(policy(60, R"(,"resolution":{"inside_minutes":100})"));
  post("p1", now_);
  post("a1", now_ + 30 * kMinute, R"(,"dir":"out","parent":"p1")");
  TestDesk::must(desk_->cases->snooze(change(), now_ + 40 * kMinute));
  desk_->clock.advance_ms(10 * kMinute);
  EXPECT_EQ(TestDesk::must(desk_->cases->wake_snoozed(now_ + 40 * kMinute)), 1);
  desk_->clock.advance_ms(25 * kMinute);  // ours meanwhile
  TestDesk::must(desk_->cases->snooze(change(), now_ + 200 * kMinute));
  desk_->clock.advance_ms(135 * kMinute);
  EXPECT_EQ(TestDesk::must(desk_->cases->wake_snoozed(now_ + 200 * kMinute)), 1);
  EXPECT_EQ(desk_->number("SELECT resolve_due_at FROM cases"), now_ + 245 * kMinute);
}

// What stands of the pauses, in minutes after the first post: "30-40 65-".
class DeskPauses : public DeskPromises {
 protected:
  void SetUp() override {
    DeskPromises::SetUp();
    save(policy(60, R"(,"resolution":{"inside_minutes":100})"));
    post("p1", now_);
    post("a1", now_ + 30 * kMinute, R"(,"dir":"out","parent":"p1")");
  }
  std::string pauses() {
    auto reader = TestDesk::must(desk_->db().reader());
    std::string text;
    TestDesk::must(reader->query(
        "SELECT from_at, to_at FROM case_pauses ORDER BY from_at", {}, [&](const store::Row& row) {
          const auto to = row.maybe_integer(1);
          if (to == row.integer(0)) return;  // of no length
          text += (text.empty() ? "" : " ") + std::to_string(minutes(row.integer(0))) + "-";
          if (to) text += std::to_string(minutes(*to));
        }));
    return text;
  }
  std::int64_t due() {
    const auto due = desk_->number("SELECT COALESCE(resolve_due_at, 0) FROM cases");
    return due == 0 ? 0 : minutes(due);
  }
  void at(int minute) { desk_->clock.advance_ms(now_ + minute * kMinute - desk_->clock.now_ms()); }
  void wake(int minute) {
    at(minute);
    EXPECT_EQ(TestDesk::must(desk_->cases->wake_snoozed(now_ + minute * kMinute)), 1);
  }
  cases::CaseRow snooze(int until_minute) {
    return TestDesk::must(desk_->cases->snooze(change(), now_ + until_minute * kMinute));
  }
  cases::CaseRow resolve() { return TestDesk::must(desk_->cases->resolve(change())); }
  void undo(const cases::CaseRow& done) { TestDesk::must(desk_->cases->undo(change(), done.event_seq)); }

 private:
  std::int64_t minutes(TimeMs at_ms) const { return (at_ms - now_) / kMinute; }
};

TEST_P(DeskPauses, UndoneResolveLeavesOnePause) {
  at(35);
  TestDesk::must(desk_->cases->open(change()));  // ours again: the pause from 30 ends
  at(40);
  snooze(500);
  EXPECT_EQ(pauses(), "30-35 40-");
  at(60);
  const auto done = resolve();
  EXPECT_EQ(pauses(), "30-35 40-60");
  at(70);
  undo(done);
  EXPECT_EQ(pauses(), "30-35 40-");
  wake(500);
  EXPECT_EQ(pauses(), "30-35 40-500");
  EXPECT_EQ(due(), 100 + 5 + 460);
}

TEST_P(DeskPauses, UndoneResolveOfWhatRanLeavesThePausesBefore) {
  at(31);
  snooze(40);
  wake(40);
  at(60);
  const auto done = resolve();
  EXPECT_EQ(pauses(), "30-40");
  at(70);
  undo(done);
  EXPECT_EQ(pauses(), "30-40");
  EXPECT_EQ(due(), 110);
}

TEST_P(DeskPauses, UndoneResolveOfWhatNeverStoodStillLeavesNone) {
  desk_->take(R"({"id":"q1","author":"ben","thread":"u","at":)" + std::to_string(now_ + 30 * kMinute) +
              R"(,"text":"Help"})");
  const cases::Change of_ben{TestDesk::kWorkspace, desk_->case_of("q1").id, TestDesk::kUser, {}};
  const auto count = [&] {
    return desk_->number("SELECT COUNT(*) FROM case_pauses WHERE case_id = $1", {of_ben.case_id});
  };
  at(50);
  const auto done = TestDesk::must(desk_->cases->resolve(of_ben));
  at(60);
  TestDesk::must(desk_->cases->undo(of_ben, done.event_seq));
  EXPECT_EQ(count(), 0);
  EXPECT_EQ(desk_->number("SELECT resolve_due_at FROM cases WHERE id = $1", {of_ben.case_id}),
            now_ + 130 * kMinute);
}

TEST_P(DeskPauses, EverySnoozeIsAPauseOfItsOwn) {
  snooze(40);
  wake(40);
  at(65);
  const auto second = snooze(200);
  EXPECT_EQ(pauses(), "30-40 65-");
  at(70);
  snooze(300);  // put off for longer: the same pause
  EXPECT_EQ(pauses(), "30-40 65-");
  const auto done = resolve();
  undo(done);
  wake(300);
  EXPECT_EQ(pauses(), "30-40 65-300");
  EXPECT_EQ(due(), 345);
  at(310);
  const auto third = snooze(400);
  at(320);
  undo(third);
  EXPECT_EQ(pauses(), "30-40 65-300");
  EXPECT_EQ(due(), 345);
  EXPECT_FALSE(desk_->cases->undo(change(), second.event_seq).ok());
}

TEST_P(DeskPauses, ResolvedCaseThatIsSnoozedStandsStillSinceItWasResolved) {
  snooze(40);
  wake(40);
  at(60);
  resolve();
  at(90);
  const auto put_off = snooze(200);
  EXPECT_EQ(pauses(), "30-40 60-");
  at(95);
  undo(put_off);
  EXPECT_EQ(pauses(), "30-40");
  snooze(200);
  EXPECT_EQ(pauses(), "30-40 60-");
  wake(200);
  EXPECT_EQ(pauses(), "30-40 60-200");
  EXPECT_EQ(due(), 250);
}

TEST_P(DeskPauses, DismissedCaseThatIsSnoozedStandsStillFromThenOn) {
  post("p2", now_ + 35 * kMinute);
  at(60);
  TestDesk::must(desk_->cases->dismiss(change(), "spam"));
  at(90);
  snooze(200);
  EXPECT_EQ(pauses(), "30-35 90-");
  wake(200);
  EXPECT_EQ(pauses(), "30-35 90-200");
}

TEST_P(DeskPauses, WhatIsOpenedByHandAndTakenBackStandsStillAsBefore) {
  at(35);
  const auto opened = TestDesk::must(desk_->cases->open(change()));
  EXPECT_EQ(pauses(), "30-35");
  at(38);
  undo(opened);
  EXPECT_EQ(pauses(), "30-");
  at(50);
  const auto dismissed = TestDesk::must(desk_->cases->dismiss(change(), "spam"));
  at(52);
  undo(dismissed);
  EXPECT_EQ(pauses(), "30-");
}

TEST_P(DeskPromises, RosterIsOfMembers) {
  promises::Roster roster{promises::TimeZone::find("Asia/Tokyo").value(), {{99, 1, {}, {540, 1080}}}, {}};
  const auto wrong = books_->save({TestDesk::kWorkspace, 0, 0}, roster);
  EXPECT_EQ(wrong.ok() ? "" : wrong.error().where, "/shifts/0/user_id");
  for (auto weekday = 0; weekday < 7; ++weekday)
    roster.shifts.push_back({TestDesk::kUser, weekday, {}, {0, 1440}});
  roster.shifts.erase(roster.shifts.begin());
  TestDesk::must(books_->save({TestDesk::kWorkspace, 0, 0}, roster));
  post("p1", now_);
  TestDesk::must(keeper_->notice(now_ + 61 * kMinute));
  EXPECT_EQ(
      desk_->number(
          "SELECT COUNT(*) FROM events WHERE kind = 'promise.broken' AND data LIKE '%\"on_duty\":[\"21\"]%'"),
      1);
}

INSTANTIATE_TEST_SUITE_P(Stores, DeskPromises, store::test_dialects(), store::test_dialect_name);
INSTANTIATE_TEST_SUITE_P(Stores, DeskPauses, store::test_dialects(), store::test_dialect_name);

}  // namespace
}  // namespace kiki::ingest
