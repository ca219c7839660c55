#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.hpp"
#include "listening/listening.hpp"
#include "text/normalize.hpp"
#include "text/utf8.hpp"

namespace kiki::listening {
namespace {

using model::Mark;
using testing::ElementsAre;
using testing::IsEmpty;

Topic topic(Id workspace_id, Id id, std::vector<std::string> keywords,
            std::vector<std::string> excluded = {}) {
  Topic made;
  made.workspace_id = workspace_id;
  made.id = id;
  made.keywords = std::move(keywords);
  made.excluded = std::move(excluded);
  return made;
}

std::vector<Mark> marks(const TopicSet& set, std::string_view text) {
  const auto matches = set.match(text);
  EXPECT_EQ(set.matches(text), !matches.empty()) << text;
  return matches.empty() ? std::vector<Mark>() : matches.front().marks;
}

TEST(TopicSet, LatinKeywordsAreWholeWordsAndJapaneseStandAnywhere) {
  const auto set = build_topic_set({topic(1, 1, {"bread", "パン", "#キキ", "iPhone 14", "茶"})});
  EXPECT_THAT(marks(*set, "Bread, please"), ElementsAre(Mark{0, 5}));
  EXPECT_THAT(marks(*set, "breadcrumbs gingerbread"), IsEmpty());
  EXPECT_THAT(marks(*set, "breadが硬い"), ElementsAre(Mark{0, 5}));
  EXPECT_THAT(marks(*set, "カレーパンだ"), ElementsAre(Mark{3, 5}));
  EXPECT_THAT(marks(*set, "見て #キキ です"), ElementsAre(Mark{3, 6}));
  EXPECT_THAT(marks(*set, "my iphone 14!"), ElementsAre(Mark{3, 12}));
  EXPECT_THAT(marks(*set, "my iphone 144"), IsEmpty());
  EXPECT_THAT(marks(*set, "お茶と茶"), ElementsAre(Mark{1, 2}, Mark{3, 4}));
  EXPECT_THAT(marks(*set, ""), IsEmpty());
}

TEST(TopicSet, WidthCaseAndCompositionDoNotMatter) {
  const auto set = build_topic_set({topic(1, 1, {"プリンタ", "ＡＢＣ"})});
  EXPECT_THAT(marks(*set, "ﾌﾟﾘﾝﾀが"), ElementsAre(Mark{0, 5}));
  EXPECT_THAT(marks(*set, "Abc"), ElementsAre(Mark{0, 3}));
  EXPECT_THAT(marks(*set, "😀プリンタ"), ElementsAre(Mark{2, 6}));  // a pair of surrogates in front
  EXPECT_THAT(marks(*set, "ぷりんた"), IsEmpty());
}

TEST(TopicSet, AnExcludedWordSilencesItsTopicOnly) {
  const auto set =
      build_topic_set({topic(1, 1, {"bread"}, {"recipe"}), topic(1, 2, {"bread"}), topic(2, 3, {"recipe"})});
  const auto matches = set->match("bread recipe");
  ASSERT_EQ(matches.size(), 2U);
  EXPECT_EQ(matches[0].topic_id, 2);
  EXPECT_EQ(matches[1].workspace_id, 2);
}

TEST(TopicSet, OverlappingKeywordsGiveOneMark) {
  const auto set = build_topic_set({topic(1, 1, {"東京", "京都", "東京都"})});
  EXPECT_THAT(marks(*set, "東京都へ"), ElementsAre(Mark{0, 3}));
}

TEST(TopicSet, DisabledTopicsAreSilentAndBrokenTextIsNoProblem) {
  auto off = topic(1, 1, {"bread"});
  off.enabled = false;
  const auto set = build_topic_set({off, topic(1, 2, {"\xff\xfe", "ab"})});
  EXPECT_EQ(set->topics(), 1U);
  EXPECT_THAT(marks(*set, "bread"), IsEmpty());
  EXPECT_THAT(marks(*set, "\xf0\x9f ab \xc3"), ElementsAre(Mark{2, 4}));
}

// Against looking for every keyword by itself.
TEST(TopicSet, FindsWhatSearchingOneByOneFinds) {
  SeededRandom random(7);
  const std::vector<std::string> letters = {"東", "京", "都", "パ", "ン", "ー", "は", "が"};
  const auto word = [&](std::uint64_t longest) {
    std::string made;
    for (auto n = 1 + random.below(longest); n > 0; --n) made += letters[random.below(letters.size())];
    return made;
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<Topic> topics;
    for (Id id = 1; id <= 1 + static_cast<Id>(random.below(40)); ++id)
      topics.push_back(topic(1, id, {word(4)}));
    const auto set = build_topic_set(topics);
    for (int i = 0; i < 20; ++i) {
      const auto text = word(30);
      std::vector<Id> found;
      for (const auto& match : set->match(text)) found.push_back(match.topic_id);
      std::vector<Id> expected;
      for (const auto& one : topics) {
        if (text::fold(text).find(text::fold(one.keywords[0])) != std::string::npos)
          expected.push_back(one.id);
      }
      ASSERT_EQ(found, expected) << text;
    }
  }
}

}  // namespace
}  // namespace kiki::listening
