// Generated lives of a desk: thousands of posts, copies, edits, deletions, answers and decisions in any
// order; whatever happened, the counts are a count of the cases, nothing is there twice, and no deleted text
// is left.

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "ingest/test_desk.hpp"

namespace kiki::ingest {
namespace {

using model::CaseStatus;

class RandomDeskTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    desk_ = std::make_unique<TestDesk>(*store_);
  }
  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<TestDesk> desk_;
};
INSTANTIATE_TEST_SUITE_P(Stores, RandomDeskTest, store::test_dialects(), store::test_dialect_name);

struct World {
  explicit World(std::uint64_t seed) : random(seed) {}
  SeededRandom random;
  std::vector<std::string> posts;  // bodies that were sent
  std::vector<std::string> ids;
  int next = 0;

  std::string post(TimeMs now_ms) {
    const auto id = "p" + std::to_string(next++);
    const auto thread = "t" + std::to_string(random.below(60));
    const auto author = "a" + std::to_string(random.below(8));
    const auto* reason = random.below(3) == 0 ? "found" : "mention";
    const auto at = now_ms - static_cast<TimeMs>(random.below(600'000));
    std::string body = R"({"id":")" + id + R"(","rev":"1","thread":")" + thread + R"(","author":")" + author +
                       R"(","reason":")" + reason + R"(","text":"secret-)" + id + R"(","at":)" +
                       std::to_string(at) + "}";
    ids.push_back(id);
    posts.push_back(body);
    return body;
  }
  const std::string& any_id() { return ids[random.below(ids.size())]; }
};

TEST_P(RandomDeskTest, CountsAreRightAndNothingIsTwiceAfterManyOperations) {
  // Fewer where every question is a round trip.
  const int operations = GetParam() == store::Dialect::kSqlite ? 5'000 : 1'500;
  World world(20'261'122);
  auto& random = world.random;
  std::set<std::string> deleted;
  std::vector<std::string> pending;
  const auto flush = [&] {
    if (!pending.empty()) desk_->offer_all(std::exchange(pending, {}));
  };
  for (int i = 0; i < operations; ++i) {
    desk_->clock.advance_ms(static_cast<TimeMs>(random.below(2'000)));
    const auto what = random.below(100);
    if (what < 70 || world.ids.empty()) {
      pending.push_back(world.post(desk_->clock.now_ms()));
    } else if (what < 76) {
      pending.push_back(world.posts[random.below(world.posts.size())]);
    } else if (what < 80) {
      const auto& id = world.any_id();
      pending.push_back(R"({"id":")" + id + R"(","rev":"2","thread":"t0","text":"secret-)" + id +
                        R"(-edited"})");
    } else if (what < 84) {
      // Sometimes of a post that comes later.
      const auto id = random.below(4) == 0 ? "p" + std::to_string(world.next + 3) : world.any_id();
      deleted.insert(id);
      pending.push_back(R"({"delete":")" + id + "\"}");
    } else if (what < 86) {
      pending.push_back(R"({"id":"o)" + std::to_string(i) + R"(","dir":"out","author":"did:us","parent":")" +
                        world.any_id() + R"(","thread":"t1","text":"We answer"})");
    } else {
      flush();
      desk_->settle();
      const auto id = desk_->number("SELECT id FROM cases WHERE workspace_id = 1 AND number = $1",
                                    {1 + random.below(static_cast<std::uint64_t>(std::max<std::int64_t>(
                                             1, desk_->number("SELECT COUNT(*) FROM cases"))))});
      if (id < 0) continue;
      const cases::Change change{TestDesk::kWorkspace, id, TestDesk::kUser, {}};
      auto& cases = *desk_->cases;
      const auto now_ms = desk_->clock.now_ms();
      switch (random.below(7)) {
        case 0:
          TestDesk::must(cases.resolve(change));
          break;
        case 1:
          TestDesk::must(cases.dismiss(change, "not for us"));
          break;
        case 2:
          TestDesk::must(cases.snooze(change, now_ms + 1 + static_cast<TimeMs>(random.below(60'000))));
          break;
        case 3:
          TestDesk::must(cases.open(change));
          break;
        case 4:
          TestDesk::must(
              cases.assign(change, random.below(2) == 0 ? std::nullopt : std::optional(TestDesk::kUser)));
          break;
        case 5:
          TestDesk::must(cases.wake_snoozed(now_ms));
          break;
        default: {
          const auto target =
              desk_->text("SELECT external_id FROM posts WHERE case_id = $1 AND direction = 'in'", {id});
          if (target == "(none)") break;
          auto reader = TestDesk::must(desk_->db().reader());
          const auto row = TestDesk::must(cases::read_row(*reader, TestDesk::kWorkspace, id));
          const auto post_id = desk_->reply(row, target);
          if (random.below(3) == 0) {
            TestDesk::must(desk_->write([&](store::Transaction& tx) {
              return cases.remove_reply(tx, TestDesk::kWorkspace, post_id);
            }));
          }
        }
      }
    }
    if (pending.size() >= 40) flush();
    if (i == operations / 2) {  // and a restart in the middle
      flush();
      desk_->end();
      desk_->begin();
    }
  }
  flush();
  desk_->settle();
  desk_->expect_counts_are_right();
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM journal_failures"), 0);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM (SELECT external_id FROM posts GROUP BY external_id HAVING "
                          "COUNT(*) > 1) AS d"),
            0);
  // Every post is there once, in a case that is there, or was deleted before it came.
  std::int64_t missing = 0;
  for (const auto& id : world.ids) {
    const auto there = desk_->number(
        "SELECT COUNT(*) FROM posts p JOIN cases c ON c.id = p.case_id WHERE p.external_id = $1", {id});
    if (there != 1 && !deleted.contains(id)) ++missing;
    if (deleted.contains(id) && there == 1) {
      EXPECT_EQ(desk_->text("SELECT text FROM posts WHERE external_id = $1", {id}), "") << id;
    }
  }
  EXPECT_EQ(missing, 0);
  for (const auto& id : deleted) {
    EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM cases WHERE title = $1 OR preview = $1", {"secret-" + id}),
              0)
        << id;
  }
  EXPECT_EQ(
      desk_->number("SELECT COUNT(*) FROM cases c WHERE post_count <> (SELECT COUNT(*) FROM posts p WHERE "
                    "p.case_id = c.id AND p.direction <> 'context')"),
      0);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM cases WHERE status = 'open' AND due_at IS NULL"), 0);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM cases WHERE status <> 'open' AND due_at IS NOT NULL"), 0);
  EXPECT_EQ(desk_->number("SELECT next_case_number - 1 FROM workspaces"),
            desk_->number("SELECT MAX(number) FROM cases"));
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM cases"),
            desk_->number("SELECT COUNT(DISTINCT number) FROM cases"));
}

}  // namespace
}  // namespace kiki::ingest
