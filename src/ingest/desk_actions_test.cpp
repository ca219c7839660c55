// What people do to cases that came in the real way: decisions, notes, drafts, answers and their fates, lists
// and timelines.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "cases/timeline.hpp"
#include "ingest/test_desk.hpp"

namespace kiki::ingest {
namespace {

using model::CaseStatus;
using testing::ElementsAre;

constexpr TimeMs kHourMs = 3'600'000;

class DeskActionsTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    desk_ = std::make_unique<TestDesk>(*store_);
  }
  cases::CaseRow take_one() {
    desk_->take(R"({"id":"p1","thread":"t","text":"Help"})");
    return desk_->case_of("p1");
  }
  std::vector<std::string> timeline(Id case_id, std::optional<cases::TimelinePlace> before, int limit,
                                    std::optional<cases::TimelinePlace>* older = nullptr) {
    auto reader = TestDesk::must(desk_->db().reader());
    const auto page =
        TestDesk::must(cases::read_timeline(*reader, {TestDesk::kWorkspace, case_id, before, {}, limit}));
    if (older != nullptr) *older = page.before;
    std::vector<std::string> shown;
    for (const auto& item : page.items) {
      if (const auto* post = std::get_if<cases::TimelinePost>(&item)) {
        shown.push_back(std::string(model::name(post->direction)) + ":" + post->text);
      } else if (const auto* note = std::get_if<cases::TimelineNote>(&item)) {
        shown.push_back("note:" + note->text);
      } else {
        shown.push_back(std::get<cases::TimelineFact>(item).kind);
      }
    }
    return shown;
  }
  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<TestDesk> desk_;
};
INSTANTIATE_TEST_SUITE_P(Stores, DeskActionsTest, store::test_dialects(), store::test_dialect_name);

TEST_P(DeskActionsTest, AChangeOfWhatHasMovedOnIsRefused) {
  const auto row = take_one();
  const auto taken = TestDesk::must(desk_->cases->assign(desk_->change(row), TestDesk::kUser));
  EXPECT_EQ(taken.assignee_id, TestDesk::kUser);
  EXPECT_EQ(taken.version, row.version + 1);
  const auto late = desk_->cases->resolve(desk_->change(row));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, "changed");
  EXPECT_FALSE(desk_->cases->assign(desk_->change(taken), TestDesk::kViewer).ok());
  EXPECT_FALSE(desk_->cases->assign(desk_->change(taken), Id{999}).ok());
  EXPECT_EQ(desk_->cases->resolve({TestDesk::kWorkspace + 1, row.id, TestDesk::kUser, {}}).error().kind,
            ErrorKind::kNotFound);
  // The same again is no change and no event.
  desk_->forget_events();
  EXPECT_EQ(TestDesk::must(desk_->cases->assign(desk_->change(taken), TestDesk::kUser)).version,
            taken.version);
  EXPECT_TRUE(desk_->event_kinds().empty());
  desk_->expect_counts_are_right();
}

TEST_P(DeskActionsTest, EveryChangeIsTakenBackExactly) {
  const auto as_stored = [&](Id case_id) {
    return desk_->text(
        "SELECT status || '|' || COALESCE(assignee_id, 0) || '|' || COALESCE(due_at, 0) || '|' || "
        "COALESCE(waiting_since, 0) || '|' || COALESCE(snoozed_until, 0) || '|' || dismiss_reason || '|' || "
        "COALESCE(resolved_at, 0) || '|' || title || '|' || title_set || '|' || (SELECT COUNT(*) FROM "
        "case_tags t "
        "WHERE t.workspace_id = c.workspace_id AND t.case_id = c.id AND t.tag = 'tap') || '|' || (SELECT "
        "COUNT(*) FROM case_tags t WHERE t.workspace_id = c.workspace_id AND t.case_id = c.id) FROM cases c "
        "WHERE c.id = $1",
        {case_id});
  };
  desk_->take(R"({"id":"f1","text":"I like it","reason":"found"})");
  desk_->take(R"({"id":"p1","thread":"t","author":"ben","text":"Help"})");
  using Action = std::function<Result<cases::CaseRow>(const cases::Change&)>;
  auto& cases = *desk_->cases;
  const auto later = desk_->clock.now_ms() + kHourMs;
  const std::vector<Action> actions = {
      [&](const auto& change) { return cases.assign(change, TestDesk::kUser); },
      [&](const auto& change) { return cases.snooze(change, later); },
      [&](const auto& change) { return cases.snooze(change, later + kHourMs); },
      [&](const auto& change) { return cases.resolve(change); },
      [&](const auto& change) { return cases.dismiss(change, "praise"); },
      [&](const auto& change) { return cases.dismiss(change, "spam"); },
      [&](const auto& change) { return cases.open(change); },
      [&](const auto& change) { return cases.set_tags(change, {"tap"}); },
      [&](const auto& change) { return cases.set_tags(change, {"oven", "door"}); },
      [&](const auto& change) { return cases.set_title(change, "The oven"); },
      [&](const auto& change) { return cases.assign(change, std::nullopt); },
  };
  // From every state that the actions leave, through every action and back.
  for (const auto* post : {"f1", "p1"}) {
    const auto id = desk_->case_of(post).id;
    const cases::Change change{TestDesk::kWorkspace, id, TestDesk::kUser, {}};
    for (std::size_t stage = 0; stage <= actions.size(); ++stage) {
      for (std::size_t n = 0; n < actions.size(); ++n) {
        desk_->clock.advance_ms(1'000);
        const auto before = as_stored(id);
        const auto done = TestDesk::must(actions[n](change));
        if (done.event_seq == 0) continue;  // it was so already
        EXPECT_NE(as_stored(id), before);
        desk_->clock.advance_ms(1'000);
        TestDesk::must(cases.undo(change, done.event_seq));
        EXPECT_EQ(as_stored(id), before) << post << " stage " << stage << " action " << n;
        const auto again = cases.undo(change, done.event_seq);
        EXPECT_FALSE(again.ok()) << "taken back twice";
        desk_->expect_counts_are_right();
      }
      if (stage < actions.size()) TestDesk::must(actions[stage](change));
    }
  }
}

TEST_P(DeskActionsTest, WhatMovedOnIsNotTakenBack) {
  const auto row = take_one();
  const cases::Change change{TestDesk::kWorkspace, row.id, TestDesk::kUser, {}};
  auto& cases = *desk_->cases;
  const auto code = [&](std::int64_t seq) {
    const auto undone = cases.undo(change, seq);
    return undone.ok() ? std::string("ok") : undone.error().code;
  };
  const auto resolved = TestDesk::must(cases.resolve(change));
  desk_->clock.advance_ms(1'000);
  desk_->take(R"({"id":"p2","parent":"p1","thread":"t","text":"Still broken"})");
  EXPECT_EQ(code(resolved.event_seq), "changed");
  // A new post does not stand in the way of giving the case back.
  const auto taken = TestDesk::must(cases.assign(change, TestDesk::kUser));
  desk_->take(R"({"id":"p3","parent":"p2","thread":"t","text":"Hello?"})");
  EXPECT_EQ(code(taken.event_seq), "ok");
  EXPECT_EQ(desk_->case_of("p1").assignee_id, std::nullopt);

  const auto tagged = TestDesk::must(cases.set_tags(change, {"tap"}));
  TestDesk::must(cases.set_tags(change, {}));
  EXPECT_EQ(code(tagged.event_seq), "changed");
  // What came in by itself is no change of a person; and an event belongs to its case and workspace.
  EXPECT_EQ(code(desk_->number("SELECT MIN(seq) FROM events WHERE kind = 'post.received'")), "not_undoable");
  EXPECT_EQ(
      cases.undo({TestDesk::kWorkspace, row.id + 1, TestDesk::kUser, {}}, tagged.event_seq).error().kind,
      ErrorKind::kNotFound);
  EXPECT_EQ(
      cases.undo({TestDesk::kWorkspace + 1, row.id, TestDesk::kUser, {}}, tagged.event_seq).error().kind,
      ErrorKind::kNotFound);
  EXPECT_EQ(cases.undo(change, 999'999).error().kind, ErrorKind::kNotFound);
  // A former name may quote what was deleted since.
  const auto renamed = TestDesk::must(cases.set_title(change, "The tap"));
  desk_->take(R"({"delete":"p1"})");
  EXPECT_EQ(code(renamed.event_seq), "not_undoable");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM events WHERE data LIKE '%Help%' OR data LIKE '%The tap%'"),
            0);
}

TEST_P(DeskActionsTest, WhatIsSnoozedWakesAtItsTime) {
  const auto row = take_one();
  const auto until = desk_->clock.now_ms() + kHourMs;
  EXPECT_FALSE(desk_->cases->snooze(desk_->change(row), desk_->clock.now_ms()).ok());
  EXPECT_EQ(TestDesk::must(desk_->cases->snooze(desk_->change(row), until)).snoozed_until, until);
  EXPECT_EQ(TestDesk::must(desk_->cases->next_wake()), until);
  EXPECT_EQ(TestDesk::must(desk_->cases->wake_snoozed(until - 1)), 0);
  EXPECT_EQ(TestDesk::must(desk_->cases->wake_snoozed(until)), 1);
  const auto woken = desk_->case_of("p1");
  EXPECT_EQ(woken.status, CaseStatus::kOpen);
  EXPECT_EQ(woken.due_at, row.due_at);  // the customer has been waiting all the time
  EXPECT_FALSE(TestDesk::must(desk_->cases->next_wake()));
  desk_->expect_counts_are_right();
}

TEST_P(DeskActionsTest, TakingBackARepliedCaseAndDeciding) {
  desk_->take(R"({"id":"f1","text":"I like it","reason":"found"})");
  const auto found = desk_->case_of("f1");
  EXPECT_FALSE(desk_->cases->dismiss(desk_->change(found), "  ").ok());
  const auto dismissed = TestDesk::must(desk_->cases->dismiss(desk_->change(found), "praise"));
  EXPECT_EQ(dismissed.dismiss_reason, "praise");
  const auto opened = TestDesk::must(desk_->cases->open(desk_->change(dismissed)));
  EXPECT_EQ(opened.status, CaseStatus::kOpen);
  EXPECT_TRUE(opened.due_at);
  EXPECT_EQ(opened.dismiss_reason, "");
  const auto resolved = TestDesk::must(desk_->cases->resolve(desk_->change(opened)));
  EXPECT_FALSE(resolved.due_at);
  EXPECT_EQ(TestDesk::must(desk_->cases->open(desk_->change(resolved))).waiting_since, opened.waiting_since);
  desk_->expect_counts_are_right();
}

TEST_P(DeskActionsTest, AnAnswerThatFailedLeavesTheCustomerWaiting) {
  const auto row = take_one();
  desk_->clock.advance_ms(kHourMs);
  const auto post_id = desk_->reply(row, "p1");
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kWaiting);
  const auto set_state = [&](const char* state) {
    TestDesk::must(desk_->write([&](store::Transaction& tx) -> Result<void> {
      TRY(tx.db().run(
          "INSERT INTO outbox (workspace_id, id, case_id, account_id, post_id, action, target_external_id, "
          "request_id, state, created_by, created_at) VALUES (1, 900, $1, 11, $2, 'reply', 'p1', 'r1', $3, "
          "21, 0) ON CONFLICT (workspace_id, id) DO UPDATE SET state = excluded.state",
          {row.id, post_id, state}));
      return desk_->cases->refresh_waiting(tx, TestDesk::kWorkspace, row.id);
    }));
  };
  set_state("failed");
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kOpen);
  EXPECT_EQ(desk_->case_of("p1").due_at, row.due_at);
  set_state("sent");
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kWaiting);
  TestDesk::must(desk_->write(
      [&](store::Transaction& tx) { return desk_->cases->remove_reply(tx, TestDesk::kWorkspace, post_id); }));
  EXPECT_EQ(desk_->case_of("p1").status, CaseStatus::kOpen);
  EXPECT_EQ(desk_->case_of("p1").post_count, 1);
  desk_->expect_counts_are_right();
}

TEST_P(DeskActionsTest, OurPostThatTheNetworkShowedFirstIsThereOnce) {
  const auto row = take_one();
  const auto post_id = desk_->reply(row, "p1");
  desk_->take(R"({"id":"n1","parent":"p1","thread":"t","author":"did:us","dir":"out","text":"Thank you"})");
  TestDesk::must(desk_->write([&](store::Transaction& tx) {
    return desk_->cases->reply_sent(tx, TestDesk::kWorkspace, post_id, "n1", "r1", "https://example.jp/n1");
  }));
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts WHERE direction = 'out'"), 1);
  EXPECT_EQ(desk_->number("SELECT id FROM posts WHERE external_id = 'n1'"), post_id);
  EXPECT_EQ(desk_->case_of("n1").post_count, 2);
  // And when it comes once more, it is known.
  desk_->take(
      R"({"id":"n1","rev":"r1","parent":"p1","thread":"t","author":"did:us","dir":"out","text":"Thank you"})");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM posts"), 2);
}

TEST_P(DeskActionsTest, NotesDraftsTagsAndTitle) {
  const auto row = take_one();
  const cases::Change change{TestDesk::kWorkspace, row.id, TestDesk::kUser, {}};
  TestDesk::must(desk_->cases->save_draft(change, "reply", "Dear", {5, 6}));
  TestDesk::must(desk_->cases->save_draft(change, "reply", "Dear Anna", {}));
  {
    auto reader = TestDesk::must(desk_->db().reader());
    const auto drafts = TestDesk::must(cases::read_drafts(*reader, TestDesk::kWorkspace, row.id));
    ASSERT_EQ(drafts.size(), 1U);
    EXPECT_EQ(drafts[0].text, "Dear Anna");
  }
  const auto note = TestDesk::must(desk_->cases->add_note(change, "asks every week"));
  EXPECT_FALSE(desk_->cases->delete_note(TestDesk::kWorkspace, note.id, TestDesk::kViewer, false).ok());
  TestDesk::must(desk_->cases->delete_note(TestDesk::kWorkspace, note.id, TestDesk::kUser, false));
  EXPECT_EQ(desk_->text("SELECT text FROM notes"), "");
  EXPECT_THAT(TestDesk::must(desk_->cases->set_tags(change, {" oven ", "bread", "oven"})).tags,
              ElementsAre("bread", "oven"));
  EXPECT_THAT(TestDesk::must(desk_->cases->set_tags(change, {"oven"})).tags, ElementsAre("oven"));
  EXPECT_FALSE(desk_->cases->set_tags(change, {" "}).ok());
  TestDesk::must(desk_->cases->set_title(change, "Oven question"));
  TestDesk::must(desk_->cases->set_title(change, "Oven"));
  desk_->take(R"({"delete":"p1"})");
  EXPECT_EQ(desk_->case_of("p1").title, "Oven");  // given by hand, quotes nobody
}

TEST_P(DeskActionsTest, ListsArePagedWithoutGapOrRepeat) {
  std::vector<std::string> bodies;
  for (int i = 0; i < 47; ++i) {
    const auto at = desk_->clock.now_ms() - 1'000 * (i % 7);  // many share a time
    bodies.push_back(R"({"id":"p)" + std::to_string(i) + R"(","text":"x","reason":")" +
                     (i % 3 == 0 ? "found" : "mention") + R"(","at":)" + std::to_string(at) + "}");
  }
  desk_->offer_all(bodies);
  desk_->settle();
  auto reader = TestDesk::must(desk_->db().reader());
  const auto read_all = [&](cases::View view) {
    cases::ListQuery query;
    query.workspace_id = TestDesk::kWorkspace;
    query.user_id = TestDesk::kUser;
    query.view = view;
    query.limit = 5;
    std::vector<cases::CaseRow> rows;
    while (true) {
      auto page = TestDesk::must(cases::list_cases(*reader, query));
      EXPECT_LE(page.rows.size(), 5U);
      rows.insert(rows.end(), page.rows.begin(), page.rows.end());
      if (!page.next) return rows;
      query.after = page.next;
    }
  };
  for (const auto& [view, size] :
       {std::pair(cases::View::kNow, 31U), {cases::View::kFound, 16U}, {cases::View::kAll, 47U}}) {
    const auto rows = read_all(view);
    std::set<Id> ids;
    for (const auto& row : rows) ids.insert(row.id);
    EXPECT_EQ(rows.size(), size);
    EXPECT_EQ(ids.size(), size);
    EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
      return view == cases::View::kNow ? a.due_at < b.due_at : a.last_post_at > b.last_post_at;
    }));
  }
  EXPECT_TRUE(read_all(cases::View::kMine).empty());
  const auto counts = TestDesk::must(cases::read_counts(*reader, TestDesk::kWorkspace, TestDesk::kUser,
                                                        desk_->clock.now_ms() + 2 * kHourMs));
  EXPECT_EQ(counts.now, 31);
  EXPECT_EQ(counts.found, 16);
  EXPECT_EQ(counts.overdue, 31);
}

TEST_P(DeskActionsTest, TheTimelineHasPostsNotesAndFactsInOrderAndPages) {
  desk_->take(R"({"id":"p1","thread":"t","author":"anna","text":"one"})");
  const auto row = desk_->case_of("p1");
  const cases::Change change{TestDesk::kWorkspace, row.id, TestDesk::kUser, {}};
  desk_->clock.advance_ms(1'000);
  TestDesk::must(desk_->cases->add_note(change, "look"));
  desk_->clock.advance_ms(1'000);
  TestDesk::must(desk_->cases->assign(change, TestDesk::kUser));
  desk_->clock.advance_ms(1'000);
  desk_->take(R"({"id":"q1","thread":"t","parent":"p1","author":"ben","text":"me too"})");
  desk_->clock.advance_ms(1'000);
  desk_->reply(row, "p1");
  EXPECT_THAT(timeline(row.id, {}, 50),
              ElementsAre("in:one", "note:look", "case.assigned", "context:me too", "out:Thank you"));
  std::optional<cases::TimelinePlace> before;
  EXPECT_THAT(timeline(row.id, before, 2, &before), ElementsAre("context:me too", "out:Thank you"));
  EXPECT_THAT(timeline(row.id, before, 2, &before), ElementsAre("note:look", "case.assigned"));
  EXPECT_THAT(timeline(row.id, before, 2, &before), ElementsAre("in:one"));
  EXPECT_FALSE(before);
  auto reader = TestDesk::must(desk_->db().reader());
  EXPECT_EQ(TestDesk::must(cases::count_participants(*reader, TestDesk::kWorkspace, row.id)), 2);
  EXPECT_FALSE(cases::read_timeline(*reader, {TestDesk::kWorkspace + 1, row.id, {}, {}, 50}).ok());
}

}  // namespace
}  // namespace kiki::ingest
