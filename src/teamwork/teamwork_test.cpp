// Many people at one desk, on both stores: who gets a case, acts and taking them back, views, rules that act
// once, notices, escalations.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "ingest/test_desk.hpp"
#include "promises/books.hpp"
#include "store/cursors.hpp"
#include "teamwork/act_cases.hpp"
#include "teamwork/acts.hpp"
#include "teamwork/documents.hpp"
#include "teamwork/escalations.hpp"
#include "teamwork/notices.hpp"
#include "teamwork/rules.hpp"
#include "teamwork/teams.hpp"
#include "teamwork/views.hpp"

namespace kiki::teamwork {
namespace {

using ingest::TestDesk;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr Id kWorkspace = TestDesk::kWorkspace;
constexpr Id kUser = TestDesk::kUser;
constexpr Id kHana = 31;
constexpr Id kKen = 32;
constexpr TimeMs kMinuteMs = 60'000;

class TeamworkTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    desk_ = std::make_unique<TestDesk>(*store_);
    for (const auto& [id, name] : {std::pair(kHana, "Hana"), std::pair(kKen, "Ken")}) {
      TestDesk::must(desk_->write([&, id = id, name = name](store::Transaction& tx) -> Result<void> {
        TRY(tx.db().run(
            "INSERT INTO users (id, email, name, password_hash, created_at) VALUES ($1, $2, $2, '', 0)",
            {id, name}));
        TRY(tx.db().run(
            "INSERT INTO memberships (workspace_id, user_id, role, created_at) VALUES ($1, $2, 'agent', 0)",
            {kWorkspace, id}));
        return {};
      }));
    }
    teams_ = std::make_unique<Teams>(desk_->db(), desk_->log(), ids_, desk_->clock);
    documents_ = std::make_unique<Documents>(desk_->db(), desk_->log(), ids_, desk_->clock);
    acts_ = std::make_unique<Acts>(desk_->db(),
                                   Hands{*desk_->cases, desk_->log(), ids_, desk_->clock,
                                         [this](store::Transaction&, const notify::Notice& notice) {
                                           // Whom it is about is read when it is shown.
                                           EXPECT_EQ(notice.data.find("anna"), std::string::npos);
                                           EXPECT_NE(notice.data.find("of_customer"), std::string::npos);
                                           notices_[notice.dedupe_key] = notice;
                                           return Result<void>();
                                         }});
    rules_ = std::make_unique<Rules>(desk_->db(), *acts_);
  }

  cases::CaseRow take(const std::string& id, const std::string& text = "Help",
                      const std::string& author = "anna") {
    desk_->take(R"({"id":")" + id + R"(","thread":")" + id + R"(","text":")" + text + R"(","author":")" +
                author + R"("})");
    return desk_->case_of(id);
  }
  cases::CaseRow row(Id case_id) {
    auto reader = TestDesk::must(desk_->db().reader());
    return TestDesk::must(cases::read_row(*reader, kWorkspace, case_id));
  }
  Body body(Kind kind, const std::string& text) {
    const auto document = TestDesk::must(JsonDocument::parse(text));
    return TestDesk::must(parse_body(kind, document.root()));
  }
  Actions actions(const std::string& text) {
    const auto document = TestDesk::must(JsonDocument::parse(text));
    return TestDesk::must(parse_actions(document.root(), For::kPeople));
  }
  Document rule(const std::string& name, const std::string& text) {
    DocumentChange change;
    change.name = name;
    change.body = body(Kind::kRule, text);
    return TestDesk::must(documents_->make(kWorkspace, kUser, Kind::kRule, true, change));
  }
  NewAct act(const std::string& text, std::vector<Id> cases) {
    return {kWorkspace, kUser, "bulk", 0, "", actions(text), std::move(cases)};
  }
  Id team(const std::string& name, std::vector<Id> members, bool by_load = false) {
    TeamChange change;
    change.name = name;
    change.members = std::move(members);
    change.by_load = by_load;
    return TestDesk::must(teams_->make(kWorkspace, kUser, change));
  }
  std::optional<Id> least(const Wanted& wanted) {
    auto reader = TestDesk::must(desk_->db().reader());
    return TestDesk::must(least_loaded(*reader, kWorkspace, wanted, desk_->clock.now_ms()));
  }
  std::vector<Id> view(const std::string& conditions, int page = 50) {
    const auto read = body(Kind::kView, R"({"conditions":)" + conditions + "}").conditions;
    const Asker asker{kWorkspace, kUser, desk_->clock.now_ms()};
    auto reader = TestDesk::must(desk_->db().reader());
    std::vector<Id> ids;
    std::optional<cases::Position> after;
    do {
      const auto found = TestDesk::must(list_view(*reader, read, asker, after, page));
      for (const auto& one : found.rows) ids.push_back(one.id);
      after = found.next;
    } while (after);
    EXPECT_EQ(TestDesk::must(count_view(*reader, read, asker)).cases, static_cast<std::int64_t>(ids.size()));
    return ids;
  }
  // All that an act may change, and its traces.
  std::string stored(Id case_id) {
    return desk_->text(
        "SELECT c.status || '|' || COALESCE(c.assignee_id, 0) || '|' || COALESCE(c.team_id, 0) || '|' || "
        "c.priority || "
        "'|' || COALESCE(c.due_at, 0) || '|' || COALESCE(c.snoozed_until, 0) || '|' || "
        "COALESCE(c.resolved_at, 0) || "
        "'|' || (SELECT COUNT(*) FROM case_tags t WHERE t.workspace_id = 1 AND t.case_id = c.id) || '|' || "
        "(SELECT "
        "COUNT(*) FROM notes n WHERE n.workspace_id = 1 AND n.case_id = c.id AND n.deleted_at IS NULL) || "
        "'|' || (SELECT "
        "COUNT(*) FROM drafts d WHERE d.workspace_id = 1 AND d.case_id = c.id AND d.text <> '') FROM cases c "
        "WHERE c.id "
        "= $1",
        {case_id});
  }

  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<TestDesk> desk_;
  IdGenerator ids_{outside_clock_};
  std::map<std::string, notify::Notice> notices_;
  std::unique_ptr<Teams> teams_;
  std::unique_ptr<Documents> documents_;
  std::unique_ptr<Acts> acts_;
  std::unique_ptr<Rules> rules_;

 private:
  static inline SystemClock outside_clock_;
};
INSTANTIATE_TEST_SUITE_P(Stores, TeamworkTest, store::test_dialects(), store::test_dialect_name);

TEST_P(TeamworkTest, ACaseGoesToTheLeastLoadedWhoCanDoItAndIsHere) {
  const auto both = team("Support", {kHana, kKen});
  const Wanted wanted{both, "", ""};
  const auto first = take("p1");
  TestDesk::must(desk_->cases->assign(desk_->change(first), kHana));
  EXPECT_EQ(least(wanted), kKen);
  // One of two is half of Ken's room, one of twenty hardly any of Hana's.
  TestDesk::must(desk_->cases->assign(desk_->change(take("p2")), kKen));
  WorkChange narrow;
  narrow.capacity = 2;
  TestDesk::must(teams_->change_work(kWorkspace, kUser, kKen, narrow));
  EXPECT_EQ(least(wanted), kHana);
  WorkChange skilled;
  skilled.skills = std::vector<std::string>{"repair"};
  skilled.languages = std::vector<std::string>{"ja"};
  TestDesk::must(teams_->change_work(kWorkspace, kUser, kKen, skilled));
  EXPECT_EQ(least({both, "repair", ""}), kKen);
  EXPECT_EQ(least({both, "repair", "en"}), std::nullopt);
  EXPECT_EQ(least({both, "", "en"}), kHana);
  WorkChange away;
  away.away_until = std::optional(desk_->clock.now_ms() + 60 * kMinuteMs);
  away.substitute_id = std::optional(kKen);
  TestDesk::must(teams_->change_work(kWorkspace, kHana, kHana, away));
  EXPECT_EQ(least(wanted), kKen);
  auto reader = TestDesk::must(desk_->db().reader());
  EXPECT_EQ(TestDesk::must(acting_for(*reader, kWorkspace, kHana, desk_->clock.now_ms())), kKen);
  narrow.capacity = 1;
  TestDesk::must(teams_->change_work(kWorkspace, kUser, kKen, narrow));
  EXPECT_EQ(least(wanted), std::nullopt);  // full, and away
  desk_->clock.advance_ms(61 * kMinuteMs);
  EXPECT_EQ(least(wanted), kHana);
  EXPECT_FALSE(
      teams_->make(kWorkspace, kUser, {.name = "Watchers", .members = std::vector<Id>{TestDesk::kViewer}})
          .ok());
}

TEST_P(TeamworkTest, AMacroIsPreviewedRunAndTakenBackExactly) {
  const auto support = team("Support", {kHana}, true);
  const auto one = take("p1");
  const auto before = stored(one.id);
  const auto macro =
      act(R"([{"do":"team","team_id":")" + to_string(support) +
              R"("},{"do":"add_tags","tags":["tap","leak"]},{"do":"priority","priority":"high"},)"
              R"({"do":"note","text":"Ask for the model."},{"do":"reply","text":"We are sorry."},)"
              R"({"do":"snooze","minutes":60}])",
          {one.id});
  const auto previews = TestDesk::must(acts_->preview(macro));
  ASSERT_EQ(previews.size(), 1u);
  EXPECT_EQ(previews[0].code, "");
  EXPECT_THAT(previews[0].changes, testing::HasSubstr(R"("case.team")"));
  EXPECT_THAT(previews[0].changes, testing::HasSubstr(R"("case.status")"));
  EXPECT_EQ(stored(one.id), before);  // nothing was done

  const auto done = TestDesk::must(acts_->make(macro));
  EXPECT_EQ(done.state, "done");
  EXPECT_EQ(done.done, 1);
  const auto now = row(one.id);
  EXPECT_EQ(now.team_id, support);
  EXPECT_EQ(now.assignee_id, kHana);
  EXPECT_EQ(now.status, model::CaseStatus::kSnoozed);
  EXPECT_EQ(desk_->text("SELECT text FROM drafts WHERE kind = 'reply'"), "We are sorry.");
  const auto back = TestDesk::must(acts_->undo(kWorkspace, done.id, kUser));
  EXPECT_EQ(back.state, "undone");
  EXPECT_EQ(stored(one.id), before);
  EXPECT_FALSE(acts_->undo(kWorkspace, done.id, kUser).ok());
  desk_->expect_counts_are_right();
}

TEST_P(TeamworkTest, BulkWorkGoesOnInTheBackgroundAndSaysWhatItLeftOut) {
  std::vector<Id> ids;
  for (int i = 0; i < 50; ++i)
    ids.push_back(take("p" + std::to_string(i), "Help", "a" + std::to_string(i)).id);
  ids.push_back(999);  // not here
  std::vector<std::string> before;
  for (int i = 0; i < 50; ++i) before.push_back(stored(ids[static_cast<std::size_t>(i)]));
  auto done =
      TestDesk::must(acts_->make(act(R"([{"do":"add_tags","tags":["storm"]},{"do":"resolve"}])", ids)));
  EXPECT_EQ(done.state, "running");
  EXPECT_EQ(done.done, 20);
  while (TestDesk::must(acts_->work(20)) > 0) {
  }
  done = TestDesk::must(acts_->read(kWorkspace, done.id));
  EXPECT_EQ(done.state, "done");
  EXPECT_EQ(done.done, 50);
  ASSERT_EQ(done.refusals.size(), 1u);
  EXPECT_EQ(done.refusals[0].code, "not_found");
  // One customer writes again: that case is not taken back, the others are.
  desk_->take(R"({"id":"again","thread":"p7","text":"Still broken","author":"a7"})");
  const auto moved = desk_->case_of("again").id;
  TestDesk::must(acts_->undo(kWorkspace, done.id, kUser));
  while (TestDesk::must(acts_->work(20)) > 0) {
  }
  const auto back = TestDesk::must(acts_->read(kWorkspace, done.id));
  EXPECT_EQ(back.state, "undone");
  EXPECT_EQ(back.not_undone, 1);
  for (std::size_t i = 0; i < 50; ++i) {
    if (ids[i] == moved) continue;
    EXPECT_EQ(stored(ids[i]), before[i]);
  }
  desk_->expect_counts_are_right();
}

TEST_P(TeamworkTest, TheSameRequestIsOneActAndOneHandOver) {
  const auto one = take("p1");
  auto wanted = act(R"([{"do":"note","text":"Known since May"}])", {one.id});
  wanted.request_id = "r1";
  const auto first = TestDesk::must(acts_->make(wanted));
  EXPECT_EQ(TestDesk::must(acts_->make(wanted)).id, first.id);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM notes"), 1);
  const auto by_load = team("Repair", {kHana}, true);
  const Handover over{kWorkspace, one.id, kUser, {}, by_load, "For you", "r2"};
  TestDesk::must(hand_over(desk_->db(), acts_->hands(), over));
  EXPECT_EQ(row(one.id).assignee_id, kHana);
  TestDesk::must(hand_over(desk_->db(), acts_->hands(), over));
  EXPECT_EQ(row(one.id).assignee_id, kHana);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM notes"), 2);
  EXPECT_EQ(notices_.size(), 1u);
  // Somebody else's request of the same name is another one.
  wanted.actor_id = kKen;
  EXPECT_NE(TestDesk::must(acts_->make(wanted)).id, first.id);
}

TEST_P(TeamworkTest, WhatCameAfterTheLookIsNotResolvedUnseen) {
  const auto quiet = take("p1", "Help", "anna");
  const auto wrote = take("p2", "Help", "ben");
  auto wanted = act(R"([{"do":"add_tags","tags":["storm"]},{"do":"resolve"}])", {quiet.id, wrote.id});
  wanted.seen_id = desk_->number("SELECT MAX(id) FROM posts");
  desk_->take(R"({"id":"p3","thread":"p2","parent":"p2","text":"And it smokes now","author":"ben"})");
  const auto done = TestDesk::must(acts_->make(wanted));
  EXPECT_EQ(done.done, 1);
  ASSERT_EQ(done.refusals.size(), 1u);
  EXPECT_EQ(done.refusals[0].case_id, wrote.id);
  EXPECT_EQ(done.refusals[0].code, "changed");
  EXPECT_EQ(row(quiet.id).status, model::CaseStatus::kResolved);
  EXPECT_EQ(row(wrote.id).status, model::CaseStatus::kOpen);
  // Its log says so as well.
  const auto listed = TestDesk::must(acts_->list(kWorkspace, "bulk", 0, std::numeric_limits<Id>::max(), 5));
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].refusals.size(), 1u);
  // What ends nothing is done all the same.
  wanted.actions = actions(R"([{"do":"add_tags","tags":["smoke"]}])");
  EXPECT_EQ(TestDesk::must(acts_->make(wanted)).done, 2);
}

TEST_P(TeamworkTest, ARefusedCaseKeepsNothingOfTheAct) {
  const auto support = team("Support", {kHana});
  const auto one = take("p1");
  const auto before = stored(one.id);
  TestDesk::must(teams_->archive(kWorkspace, kUser, support));
  const auto done = TestDesk::must(acts_->make(
      act(R"([{"do":"add_tags","tags":["tap"]},{"do":"team","team_id":")" + to_string(support) + R"("}])",
          {one.id})));
  EXPECT_EQ(done.refused, 1);
  EXPECT_EQ(done.refusals.at(0).code, "invalid:/team_id");
  EXPECT_EQ(stored(one.id), before);
}

TEST_P(TeamworkTest, AViewShowsWhatItsConditionsSay) {
  const auto support = team("Support", {kUser});
  std::vector<Id> all;
  for (int i = 0; i < 9; ++i) {
    desk_->clock.advance_ms(1'000);
    all.push_back(
        take("p" + std::to_string(i), i % 3 == 0 ? "返金してください" : "Thank you", "a" + std::to_string(i))
            .id);
  }
  TestDesk::must(desk_->cases->set_team({kWorkspace, all[1], kUser, {}}, support));
  TestDesk::must(desk_->cases->set_tags({kWorkspace, all[2], kUser, {}}, {"tap"}));
  TestDesk::must(desk_->cases->assign({kWorkspace, all[3], kUser, {}}, kUser));
  TestDesk::must(desk_->cases->set_priority({kWorkspace, all[4], kUser, {}}, "high"));
  TestDesk::must(desk_->cases->resolve({kWorkspace, all[5], kUser, {}}));
  const auto without = [&](Id left) {
    auto ids = all;
    std::erase(ids, left);
    std::erase(ids, all[5]);
    std::rotate(ids.begin(), std::find(ids.begin(), ids.end(), all[4]),
                std::find(ids.begin(), ids.end(), all[4]) + 1);
    return ids;  // by rank: the high priority first
  };
  EXPECT_EQ(view("[]", 3), without(0));
  EXPECT_THAT(view(R"([{"field":"team","values":["mine"]}])"), ElementsAre(all[1]));
  EXPECT_EQ(view(R"([{"field":"team","not":true,"values":[")" + to_string(support) + R"("]}])", 2),
            without(all[1]));
  EXPECT_THAT(view(R"([{"field":"tag","values":["tap","leak"]}])"), ElementsAre(all[2]));
  EXPECT_THAT(view(R"([{"field":"assignee","values":["me"]}])"), ElementsAre(all[3]));
  EXPECT_EQ(view(R"([{"field":"assignee","values":["nobody"]}])"), without(all[3]));
  EXPECT_THAT(view(R"([{"field":"priority","values":["high","urgent"]}])"), ElementsAre(all[4]));
  EXPECT_THAT(view(R"([{"field":"status","values":["resolved"]}])"), ElementsAre(all[5]));
  EXPECT_EQ(view(R"([{"field":"status","values":["open","resolved"]}])", 4),
            std::vector<Id>(all.rbegin(), all.rend()));  // newest first
  // Full-width letters and kana of half width are the same words.
  EXPECT_THAT(view(R"([{"field":"text","values":["返金"]}])", 1), ElementsAre(all[0], all[3], all[6]));
  EXPECT_THAT(view(R"([{"field":"text","not":true,"values":["ＴＨＡＮＫ"]}])"),
              ElementsAre(all[0], all[3], all[6]));
  EXPECT_THAT(view(R"([{"field":"kind","values":["praise"]},{"field":"tag","values":["tap"]}])").size(),
              testing::Le(1u));
  EXPECT_THAT(view(R"([{"field":"network","values":["line"]}])"), IsEmpty());
  for (const auto* wrong :
       {R"([{"field":"colour","values":["red"]}])", R"([{"field":"tag","values":[]}])",
        R"([{"field":"status","values":["nice"]}])", R"([{"field":"urgency","values":["9"]}])"}) {
    const auto document = TestDesk::must(JsonDocument::parse(wrong));
    EXPECT_FALSE(parse_conditions(document.root()).ok()) << wrong;
  }
}

TEST_P(TeamworkTest, ARuleActsOnceForEachTriggerWhateverIsReadAgain) {
  const auto made = rule("Refunds", R"({"trigger":{"on":"case_opened"},
    "conditions":[{"field":"text","values":["refund"]}],
    "actions":[{"do":"add_tags","tags":["refund"]},{"do":"assign","user_id":"31"},
               {"do":"notify","user_ids":["32"]}]})");
  const auto one = take("p1", "Refund please");
  const auto two = take("p2", "Thank you", "ben");
  TestDesk::must(rules_->run_once());
  EXPECT_THAT(row(one.id).tags, ElementsAre("refund"));
  EXPECT_EQ(row(one.id).assignee_id, kHana);
  EXPECT_THAT(row(two.id).tags, IsEmpty());
  EXPECT_EQ(notices_.size(), 1u);
  EXPECT_THAT(notices_.begin()->second.users, ElementsAre(kKen));
  // As after a crash before the cursor moved.
  const auto events = desk_->number("SELECT COUNT(*) FROM events WHERE case_id = $1", {one.id});
  TestDesk::must(desk_->write(
      [&](store::Transaction& tx) { return store::set_cursor(tx, {0, 0, "teamwork.events"}, "0", 0); }));
  TestDesk::must(desk_->cases->set_tags({kWorkspace, one.id, kUser, {}}, {}));
  rules_ = std::make_unique<Rules>(desk_->db(), *acts_);
  TestDesk::must(rules_->run_once());
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM events WHERE case_id = $1", {one.id}), events + 1);
  const auto log = TestDesk::must(acts_->list(kWorkspace, "rule", made.id, INT64_MAX, 10));
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0].case_id, one.id);
  EXPECT_EQ(log[0].done, 1);
  // What was there before the rule is not its business, and what it did can be taken back.
  const auto late =
      rule("Late", R"({"trigger":{"on":"customer_wrote"},"actions":[{"do":"priority","priority":"low"}]})");
  TestDesk::must(rules_->run_once());
  EXPECT_EQ(row(one.id).priority, "normal");
  EXPECT_THAT(TestDesk::must(acts_->list(kWorkspace, "rule", late.id, INT64_MAX, 10)), IsEmpty());
}

TEST_P(TeamworkTest, RulesThatCallEachOtherEnd) {
  rule("A",
       R"({"trigger":{"on":"tagged"},
    "actions":[{"do":"remove_tags","tags":["x"]},{"do":"priority","priority":"high"}]})");
  rule("B", R"({"trigger":{"on":"priority_changed"},"actions":[{"do":"add_tags","tags":["x"]}]})");
  rule("C", R"({"trigger":{"on":"priority_changed"},"actions":[{"do":"priority","priority":"low"}]})");
  const auto one = take("p1");
  TestDesk::must(desk_->cases->set_tags({kWorkspace, one.id, kUser, {}}, {"x"}));
  for (int i = 0; i < 20; ++i) TestDesk::must(rules_->run_once());
  // A by the person's tag, then B and C by A's priority; nobody answers what led to themselves.
  EXPECT_LE(desk_->number("SELECT COUNT(*) FROM acts WHERE source = 'rule'"), 6);
  EXPECT_GE(desk_->number("SELECT COUNT(*) FROM acts WHERE source = 'rule'"), 3);
  const auto acts = desk_->number("SELECT COUNT(*) FROM acts");
  TestDesk::must(rules_->run_once());
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM acts"), acts);
}

TEST_P(TeamworkTest, ARuleOnTimeCountsOpeningHoursAndTheDryRunSaysTheSame) {
  const auto text = R"({"trigger":{"on":"waiting","minutes":30},"conditions":[],
    "actions":[{"do":"priority","priority":"urgent"}]})";
  const auto made = rule("Waits", text);
  const auto one = take("p1");
  TestDesk::must(rules_->run_once());
  EXPECT_EQ(row(one.id).priority, "normal");
  EXPECT_EQ(TestDesk::must(rules_->dry_run(kWorkspace, body(Kind::kRule, text), 7)).count, 0);
  desk_->clock.advance_ms(31 * kMinuteMs);
  const auto dry = TestDesk::must(rules_->dry_run(kWorkspace, body(Kind::kRule, text), 7));
  EXPECT_EQ(dry.count, 1);
  EXPECT_EQ(row(one.id).priority, "normal");  // nothing was changed
  TestDesk::must(rules_->run_once());
  EXPECT_EQ(row(one.id).priority, "urgent");
  TestDesk::must(desk_->cases->set_priority({kWorkspace, one.id, kUser, {}}, "low"));
  desk_->clock.advance_ms(60 * kMinuteMs);
  TestDesk::must(rules_->run_once());
  EXPECT_EQ(row(one.id).priority, "low");  // once for each wait
  EXPECT_EQ(TestDesk::must(acts_->list(kWorkspace, "rule", made.id, INT64_MAX, 10)).size(), 1u);
}

TEST_P(TeamworkTest, ADryRunOfEventsTouchesWhatTheRuleWould) {
  const auto one = take("p1", "Refund please");
  take("p2", "Thank you", "ben");
  const auto text = R"({"trigger":{"on":"customer_wrote"},"conditions":[{"field":"text","values":["REFUND"]}],
    "actions":[{"do":"resolve"}]})";
  const auto before = stored(one.id);
  const auto dry = TestDesk::must(rules_->dry_run(kWorkspace, body(Kind::kRule, text), 7));
  EXPECT_EQ(dry.count, 1);
  ASSERT_EQ(dry.cases.size(), 1u);
  EXPECT_EQ(dry.cases[0].case_id, one.id);
  EXPECT_EQ(stored(one.id), before);
}

TEST_P(TeamworkTest, FollowersAndTheMentionedAreToldAndWhoIsAwayIsStoodInFor) {
  const auto one = take("p1");
  TestDesk::must(rules_->run_once());
  TestDesk::must(follow(desk_->db(), acts_->hands(), kWorkspace, one.id, kHana, true));
  TestDesk::must(
      desk_->cases->add_note({kWorkspace, one.id, kUser, {}}, "@ken please look, not mail@hana.example"));
  TestDesk::must(rules_->run_once());
  ASSERT_EQ(notices_.size(), 2u);
  std::map<std::string, std::vector<Id>> told;
  for (const auto& [key, notice] : notices_) told[notice.kind] = notice.users;
  EXPECT_THAT(told["mentioned"], ElementsAre(kKen));
  EXPECT_THAT(told["followed_note"], ElementsAre(kHana));
  notices_.clear();
  WorkChange away;
  away.away_until = std::optional(desk_->clock.now_ms() + 60 * kMinuteMs);
  away.substitute_id = std::optional(kKen);
  TestDesk::must(teams_->change_work(kWorkspace, kUser, kHana, away));
  TestDesk::must(desk_->cases->assign({kWorkspace, one.id, kUser, {}}, kHana));
  TestDesk::must(rules_->run_once());
  EXPECT_EQ(row(one.id).assignee_id, kHana);  // by hand: people may
  desk_->take(R"({"id":"p2","thread":"p1","parent":"p1","text":"Hello?"})");
  TestDesk::must(rules_->run_once());
  EXPECT_EQ(row(one.id).assignee_id, kKen);
}

TEST_P(TeamworkTest, AHandOverIsOneThingAndAClaimIsTheFirstOnes) {
  const auto one = take("p1");
  const auto claimed = TestDesk::must(claim(desk_->db(), acts_->hands(), {kWorkspace, one.id, kUser, {}}));
  EXPECT_EQ(claimed.assignee_id, kUser);
  EXPECT_GT(claimed.event_seq, 0);
  const auto late = claim(desk_->db(), acts_->hands(), {kWorkspace, one.id, kKen, {}});
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, "taken");
  TestDesk::must(
      hand_over(desk_->db(), acts_->hands(), {kWorkspace, one.id, kUser, kKen, {}, "You know this one."}));
  EXPECT_EQ(row(one.id).assignee_id, kKen);
  EXPECT_EQ(desk_->text("SELECT text FROM notes"), "You know this one.");
  ASSERT_EQ(notices_.size(), 1u);
  EXPECT_EQ(notices_.begin()->second.kind, "handed_over");
  const auto repair = team("Repair", {kHana});
  TestDesk::must(hand_over(desk_->db(), acts_->hands(), {kWorkspace, one.id, kKen, {}, repair, ""}));
  EXPECT_EQ(row(one.id).team_id, repair);
  EXPECT_EQ(row(one.id).assignee_id, std::nullopt);  // it left Ken's hands
  // To somebody who may only look: nothing of it stands, not even the note.
  EXPECT_FALSE(
      hand_over(desk_->db(), acts_->hands(), {kWorkspace, one.id, kKen, TestDesk::kViewer, {}, "For you"})
          .ok());
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM notes"), 1);
}

TEST_P(TeamworkTest, AnEscalationHasAPromiseOfItsOwnAndATracker) {
  const auto repair = team("Repair", {kHana});
  TestDesk::must(teams_->change(kWorkspace, kUser, repair, {.escalation_minutes = 120}));
  const auto one = take("p1");
  const auto before = stored(one.id);
  const auto act_made = TestDesk::must(acts_->make(
      act(R"([{"do":"escalate","team_id":")" + to_string(repair) + R"(","text":"Look"}])", {one.id})));
  ASSERT_EQ(act_made.done, 1);
  EXPECT_EQ(row(one.id).team_id, repair);
  auto reader = TestDesk::must(desk_->db().reader());
  auto list = TestDesk::must(read_escalations(*reader, kWorkspace, one.id));
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].due_at, desk_->clock.now_ms() + 120 * kMinuteMs);
  const auto told = to_json(list[0]).at("promise").as_object();
  EXPECT_EQ(told.at("kind"), "escalation");
  EXPECT_EQ(told.at("minutes"), 120);
  EXPECT_EQ(std::string(told.at("due_at").as_string()), to_rfc3339(list[0].due_at));
  std::int64_t counted = 0;
  for (const auto& step : told.at("steps").as_array()) counted += step.at("minutes").as_int64();
  EXPECT_EQ(counted, 120);
  EXPECT_TRUE(notices_.at("escalation_created:" + to_string(list[0].id)).to_webhooks);
  const auto again =
      acts_->make(act(R"([{"do":"escalate","team_id":")" + to_string(repair) + R"("}])", {one.id}));
  EXPECT_EQ(again->refusals.at(0).code, "escalated");
  const auto change = [&](const EscalationChange& wanted) {
    return desk_->db().writer().write_result([&](store::Transaction& tx) {
      return change_escalation(tx, acts_->hands(), kWorkspace, kKen, list[0].id, wanted);
    });
  };
  EXPECT_FALSE(change({.tracker_url = "javascript:alert(1)"}).ok());
  TestDesk::must(change({.tracker_status = "In progress",
                         .tracker_url = "https://tracker.example/7",
                         .comment = "A part is missing."}));
  EXPECT_EQ(desk_->text("SELECT text FROM notes"), "A part is missing.");
  desk_->clock.advance_ms(121 * kMinuteMs);
  EXPECT_EQ(TestDesk::must(notice_broken(desk_->db(), acts_->hands(), desk_->clock.now_ms())), 1);
  EXPECT_EQ(TestDesk::must(notice_broken(desk_->db(), acts_->hands(), desk_->clock.now_ms())), 0);
  EXPECT_TRUE(notices_.contains("escalation_broken:" + to_string(list[0].id)));
  TestDesk::must(desk_->write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("UPDATE notes SET deleted_at = 1"));
    return {};
  }));
  TestDesk::must(acts_->undo(kWorkspace, act_made.id, kUser));
  EXPECT_EQ(TestDesk::must(read_escalations(*reader, kWorkspace, one.id))[0].state, "withdrawn");
  EXPECT_EQ(stored(one.id), before);
}

TEST_P(TeamworkTest, AnEscalationIsExplainedByTheDaysThatCountedThen) {
  const auto save = [&](std::int64_t version, const std::string& hours) {
    promises::Books books(desk_->db(), acts_->hands().log, desk_->clock);
    const auto document =
        TestDesk::must(JsonDocument::parse(R"({"calendars":[{"key":"day","time_zone":"UTC","week":)" + hours +
                                           R"(}],"policies":[{"key":"default","calendar":"day"}]})"));
    TestDesk::must(
        books.save({kWorkspace, kUser, version}, TestDesk::must(promises::parse_book(document.root()))));
  };
  std::string hour;  // one each day
  for (int day = 0; day < 7; ++day)
    hour += std::string(day == 0 ? "[" : ",") + R"([{"from":"12:00","to":"13:00"}])";
  save(0, hour + "]");
  const auto repair = team("Repair", {kHana});
  TestDesk::must(teams_->change(kWorkspace, kUser, repair, {.escalation_minutes = 150}));
  const auto one = take("p1");
  TestDesk::must(
      acts_->make(act(R"([{"do":"escalate","team_id":")" + to_string(repair) + R"("}])", {one.id})));
  auto reader = TestDesk::must(desk_->db().reader());
  const auto read = [&] { return TestDesk::must(read_escalations(*reader, kWorkspace, one.id)).at(0); };
  const auto before = to_json(read());
  const auto& steps = before.at("promise").at("steps").as_array();
  std::int64_t counted = 0;
  for (const auto& step : steps) {
    EXPECT_EQ(step.at("what"), "used");
    EXPECT_LE(step.at("minutes").as_int64(), 60);
    counted += step.at("minutes").as_int64();
  }
  EXPECT_EQ(counted, 150);
  EXPECT_GE(steps.size(), 3U);
  save(1, hour + "]");  // a new book: what was given stands, and why
  TestDesk::must(teams_->change(kWorkspace, kUser, repair, {.escalation_minutes = 10}));
  EXPECT_EQ(to_json(read()), before);
  // One from before reasons were kept.
  TestDesk::must(desk_->write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("UPDATE escalations SET plan = ''"));
    return {};
  }));
  EXPECT_TRUE(to_json(read()).at("promise").is_null());
}

TEST_P(TeamworkTest, TheCasesOfAnActAreListedWithWhatBecameOfEach) {
  const auto one = take("p1");
  const auto two = take("p2");
  const auto three = take("p3");
  TestDesk::must(desk_->cases->resolve({kWorkspace, two.id, kUser, {}}));
  const auto made =
      TestDesk::must(acts_->make(act(R"([{"do":"add_tags","tags":["tap"]}])", {one.id, two.id, three.id})));
  auto reader = TestDesk::must(desk_->db().reader());
  const auto first = TestDesk::must(read_act_cases(*reader, kWorkspace, made.id, -1, 2));
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].case_id, one.id);
  EXPECT_EQ(first[0].number, row(one.id).number);
  EXPECT_EQ(first[0].state, "done");
  const auto rest = TestDesk::must(read_act_cases(*reader, kWorkspace, made.id, first[1].place, 2));
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].case_id, three.id);
  TestDesk::must(acts_->undo(kWorkspace, made.id, kUser));
  EXPECT_EQ(TestDesk::must(read_act_cases(*reader, kWorkspace, made.id, -1, 9)).at(2).state, "undone");
  EXPECT_FALSE(read_act_cases(*reader, kWorkspace, made.id + 1, -1, 2).ok());
}

TEST_P(TeamworkTest, TagsAreSuggestedFromCasesLikeThisOne) {
  const auto first = take("p1", "The tap drips");
  TestDesk::must(desk_->cases->set_tags({kWorkspace, first.id, kUser, {}}, {"tap"}));
  for (const auto* id : {"q1", "q2"}) {
    const auto other = take(id, "Hello", id);
    TestDesk::must(desk_->cases->set_tags({kWorkspace, other.id, kUser, {}}, {"Opening hours"}));
  }
  const auto again = take("p2", "It drips again");  // the same customer
  auto reader = TestDesk::must(desk_->db().reader());
  const auto names = [&](std::string_view prefix, Id case_id) {
    std::vector<std::string> tags;
    for (const auto& one : TestDesk::must(suggest_tags(*reader, kWorkspace, case_id, prefix, 10)))
      tags.push_back(one.tag);
    return tags;
  };
  EXPECT_THAT(names("", again.id), ElementsAre("tap", "Opening hours"));
  EXPECT_THAT(names("OPEN", again.id), ElementsAre("Opening hours"));
  EXPECT_THAT(names("", 0), ElementsAre("Opening hours", "tap"));
}

TEST(Mentions, TheLongestNameIsMeant) {
  const std::vector<Named> names = {{1, "田中"}, {2, "田中 花子"}, {3, "Ken"}};
  EXPECT_THAT(mentioned("@田中 花子さん、お願いします", names), ElementsAre(2));
  EXPECT_THAT(mentioned("＠田中さんと@kEN", names), ElementsAre(1, 3));
  EXPECT_THAT(mentioned("ken@ken.example", names), IsEmpty());
}

}  // namespace
}  // namespace kiki::teamwork
