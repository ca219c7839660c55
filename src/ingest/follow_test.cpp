// What follows from a find, on both stores: counters that a deletion takes back, decisions that are learnt
// and unlearnt.

#include "listening/follow.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "ingest/test_desk.hpp"
#include "listening/preview.hpp"
#include "listening/report.hpp"

namespace kiki::ingest {
namespace {

using listening::BehindQuery;
using listening::Follower;
using listening::Hours;

class FollowTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    desk_ = std::make_unique<TestDesk>(*store_);
    follower_ = std::make_unique<Follower>(desk_->db(), desk_->log(),
                                           [this](Id topic_id, const listening::query::Post& post) {
                                             return desk_->listening->facts()->themes(topic_id, post);
                                           });
  }
  void follow() {
    while (TestDesk::must(follower_->step())) {
    }
  }
  Hours today() const {
    const auto hour = desk_->clock.now_ms() / 3'600'000;
    return {hour - 23, hour + 1};
  }
  boost::json::object report(Id topic_id) {
    auto reader = TestDesk::must(desk_->db().reader());
    return TestDesk::must(listening::topic_report(*reader, TestDesk::kWorkspace, topic_id, today()));
  }
  static std::int64_t posts_of(const boost::json::object& report, std::string_view list,
                               std::string_view value) {
    for (const auto& one : report.at(list).as_array()) {
      if (one.at("value").as_string() == value) return one.at("posts").as_int64();
    }
    return 0;
  }
  std::size_t behind(Id topic_id, std::string kind, std::string value) {
    BehindQuery query;
    query.workspace_id = TestDesk::kWorkspace;
    query.topic_id = topic_id;
    query.hours = today();
    query.kind = std::move(kind);
    query.value = std::move(value);
    auto reader = TestDesk::must(desk_->db().reader());
    return TestDesk::must(listening::posts_behind(*reader, query)).size();
  }
  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<TestDesk> desk_;
  std::unique_ptr<Follower> follower_;
};
INSTANTIATE_TEST_SUITE_P(Stores, FollowTest, store::test_dialects(), store::test_dialect_name);

TEST_P(FollowTest, CountsWhatATopicFindsAndOpensThePostsBehindEachNumber) {
  const auto topic = TestDesk::must(desk_->listening->create(
      TestDesk::kWorkspace, TestDesk::kUser,
      {.name = "炊飯器", .query = "炊飯器", .themes = std::vector<listening::Theme>{{"", "電源", "電源"}}}));
  const auto rival = TestDesk::must(desk_->listening->create(
      TestDesk::kWorkspace, TestDesk::kUser, {.name = "Rival", .query = "ライバル", .is_competitor = true}));
  desk_->take(
      R"({"id":"p1","author":"anna","text":"炊飯器の電源が入らない https://example.com/a_b%","reason":"found"})");
  desk_->take(R"({"id":"p2","author":"anna","text":"炊飯器の電源ボタン","reason":"found"})");
  desk_->take(R"({"id":"p3","author":"ken","text":"炊飯器おいしい","reason":"found"})");
  desk_->take(R"({"id":"p4","author":"ken","text":"ライバルの鍋","reason":"found"})");
  follow();
  follow();  // nothing is counted twice
  auto shown = report(topic.id);
  EXPECT_EQ(shown.at("posts").as_int64(), 3);
  EXPECT_EQ(shown.at("previous_posts").as_int64(), 0);
  EXPECT_EQ(shown.at("volume").as_array().size(), 24U);
  EXPECT_EQ(shown.at("volume").as_array().back().as_int64(), 3);
  EXPECT_EQ(posts_of(shown, "words", "電源"), 2);
  EXPECT_EQ(posts_of(shown, "links", "https://example.com/a_b%"), 1);
  EXPECT_EQ(posts_of(shown, "networks", "paper"), 3);
  ASSERT_EQ(shown.at("themes").as_array().size(), 1U);
  EXPECT_EQ(shown.at("themes").as_array()[0].at("posts").as_int64(), 2);
  EXPECT_EQ(shown.at("authors").as_array()[0].at("posts").as_int64(), 2);
  ASSERT_EQ(shown.at("share").as_array().size(), 2U);
  EXPECT_EQ(shown.at("share").as_array()[1].at("topic_id").as_string(), to_string(rival.id));
  EXPECT_EQ(shown.at("share").as_array()[1].at("posts").as_int64(), 1);

  const auto author = std::string(shown.at("authors").as_array()[0].at("value").as_string());
  const auto theme = std::string(shown.at("themes").as_array()[0].at("value").as_string());
  EXPECT_EQ(behind(topic.id, "", ""), 3U);
  EXPECT_EQ(behind(topic.id, "word", "電源"), 2U);
  EXPECT_EQ(behind(topic.id, "word", "電"), 0U);
  EXPECT_EQ(behind(topic.id, "link", "https://example.com/a_b%"), 1U);
  EXPECT_EQ(behind(topic.id, "network", "paper"), 3U);
  EXPECT_EQ(behind(topic.id, "author", author), 2U);
  EXPECT_EQ(behind(topic.id, "theme", theme), 2U);

  // What is deleted or edited away is in no number any more.
  desk_->take(R"({"delete":"p1","at":1790000001000})");
  desk_->take(R"({"id":"p2","rev":"2","author":"anna","text":"炊飯器の匂い","reason":"found"})");
  follow();
  shown = report(topic.id);
  EXPECT_EQ(shown.at("posts").as_int64(), 2);
  EXPECT_EQ(posts_of(shown, "words", "電源"), 0);
  EXPECT_EQ(posts_of(shown, "links", "https://example.com/a_b%"), 0);
  EXPECT_EQ(shown.at("themes").as_array()[0].at("posts").as_int64(), 0);
  EXPECT_EQ(behind(topic.id, "", ""), 2U);
}

TEST_P(FollowTest, LearnsFromDecisionsFoldsAndForgets) {
  TestDesk::must(
      desk_->listening->create(TestDesk::kWorkspace, TestDesk::kUser, {.name = "Bread", .query = "bread"}));
  const auto find = [&](const std::string& id, const std::string& text) {
    desk_->take(R"({"id":")" + id + R"(","author":")" + id + R"(","text":")" + text +
                R"(","reason":"found"})");
  };
  for (int i = 0; i < 10; ++i) {
    const auto n = std::to_string(i);
    find("good" + n, "bread arrived mouldy, number " + n);
    find("bad" + n, "cheap bread coupons at the market " + n);
    TestDesk::must(desk_->cases->open(desk_->change(desk_->case_of("good" + n))));
    TestDesk::must(desk_->cases->dismiss(desk_->change(desk_->case_of("bad" + n)), "spam"));
  }
  follow();
  find("good", "my bread arrived mouldy again");
  find("bad", "bread coupons, cheap, market");
  follow();
  EXPECT_FALSE(desk_->case_of("good").folded);
  EXPECT_TRUE(desk_->case_of("bad").folded);
  EXPECT_EQ(desk_->case_of("bad").status, model::CaseStatus::kFound);  // folded away, nothing more
  auto reader = TestDesk::must(desk_->db().reader());
  cases::ListQuery query;
  query.workspace_id = TestDesk::kWorkspace;
  query.view = cases::View::kFound;
  EXPECT_EQ(TestDesk::must(cases::list_cases(*reader, query)).rows.size(), 1U);
  query.view = cases::View::kFolded;
  EXPECT_EQ(TestDesk::must(cases::list_cases(*reader, query)).rows.size(), 1U);
  const auto counts = TestDesk::must(cases::read_counts(*reader, TestDesk::kWorkspace, 0, 0));
  EXPECT_EQ(counts.found, 1);
  EXPECT_EQ(counts.folded, 1);

  // A decision that is taken back teaches the other thing, once.
  const auto skipped = [&](std::string_view word) {
    return desk_->number("SELECT skipped FROM topic_lessons WHERE topic_id = 0 AND word = $1", {word});
  };
  EXPECT_EQ(skipped("coupons"), 10);
  TestDesk::must(desk_->cases->open(desk_->change(desk_->case_of("bad0"))));
  follow();
  EXPECT_EQ(skipped("coupons"), 9);
  EXPECT_EQ(skipped(""), 9);
  EXPECT_EQ(desk_->number("SELECT wanted FROM topic_lessons WHERE topic_id = 0 AND word = ''"), 11);
  // A deleted post has taught nothing.
  desk_->take(R"({"delete":"bad1","at":1790000001000})");
  follow();
  EXPECT_EQ(skipped("coupons"), 8);
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM topic_decisions"), 19);
}

TEST_P(FollowTest, PreviewFindsWhatIsStoredAndSaysWhy) {
  desk_->take(R"({"id":"p1","text":"プリンターの調子がわるい","reason":"mention"})");
  desk_->take(R"({"id":"p2","text":"ぷりんたー買った。Café is nice","reason":"mention"})");
  desk_->take(R"({"id":"p3","text":"something else","reason":"mention"})");
  auto reader = TestDesk::must(desk_->db().reader());
  const auto look = [&](const char* text) {
    listening::Topic topic;
    topic.workspace_id = TestDesk::kWorkspace;
    topic.query = text;
    return TestDesk::must(listening::preview(*reader, desk_->clock, topic));
  };
  const auto found = look("プリンター -調子");
  EXPECT_EQ(found.posts, 1);
  EXPECT_EQ(found.looked_at, 2);  // the index left the third one out
  ASSERT_EQ(found.shown.size(), 1U);
  EXPECT_EQ(found.shown[0].marks, (std::vector<model::Mark>{{0, 5}}));
  EXPECT_EQ(look("-プリンター").posts, 1);
  EXPECT_EQ(look("-プリンター").looked_at, 3);
  EXPECT_EQ(look("nice OR else").posts, 2);
  EXPECT_EQ(look("network:paper").posts, 3);
  EXPECT_EQ(look("word:何もない").posts, 0);

  const auto topic = TestDesk::must(desk_->listening->create(
      TestDesk::kWorkspace, TestDesk::kUser, {.name = "P", .query = "プリンター (調子 OR 紙)"}));
  const auto id = desk_->number("SELECT id FROM posts WHERE external_id = 'p1'");
  const auto reasons = TestDesk::must(listening::why(*reader, TestDesk::kWorkspace, id, {topic}));
  ASSERT_EQ(reasons.size(), 1U);
  ASSERT_EQ(reasons[0].terms.size(), 2U);
  EXPECT_EQ(reasons[0].terms[1].text, "調子");
  EXPECT_EQ(reasons[0].terms[1].from, 7);
  EXPECT_EQ(reasons[0].terms[1].marks, (std::vector<model::Mark>{{6, 8}}));
}

}  // namespace
}  // namespace kiki::ingest
