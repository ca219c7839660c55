#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "listening/listening.hpp"
#include "listening/topic_query.hpp"

namespace kiki::listening {
namespace {

using model::Mark;
using testing::ElementsAre;
using testing::IsEmpty;

Topic topic(Id workspace_id, Id id, std::string query) {
  Topic made;
  made.workspace_id = workspace_id;
  made.id = id;
  made.query = std::move(query);
  return made;
}

query::Post says(std::string_view text) {
  query::Post post;
  post.text = text;
  return post;
}

std::vector<Mark> marks(const TopicSet& set, std::string_view text) {
  const auto matches = set.match(says(text));
  EXPECT_EQ(set.matches(says(text)), !matches.empty()) << text;
  return matches.empty() ? std::vector<Mark>() : matches.front().marks;
}

TEST(TopicSet, LatinWordsAreWholeAndJapaneseStandsAnywhere) {
  const auto set = build_topic_set({topic(1, 1, R"(bread OR パン OR #キキ OR "iPhone 14" OR 茶)")});
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

TEST(TopicSet, AnExcludedWordSilencesItsTopicOnly) {
  const auto set =
      build_topic_set({topic(1, 1, "bread -recipe"), topic(1, 2, "bread"), topic(2, 3, "recipe")});
  const auto matches = set->match(says("bread recipe"));
  ASSERT_EQ(matches.size(), 2U);
  EXPECT_EQ(matches[0].topic_id, 2);
  EXPECT_EQ(matches[1].workspace_id, 2);
}

TEST(TopicSet, OverlappingWordsGiveOneMark) {
  const auto set = build_topic_set({topic(1, 1, "東京 OR 京都 OR 東京都")});
  EXPECT_THAT(marks(*set, "東京都へ"), ElementsAre(Mark{0, 3}));
}

TEST(TopicSet, FoldingIsTheTopicsOwn) {
  auto strict = topic(1, 2, "プリンタ");
  strict.folding.kana = false;
  const auto set = build_topic_set({topic(1, 1, "プリンタ"), strict});
  EXPECT_EQ(set->match(says("ぷりんたが")).size(), 1U);
  EXPECT_EQ(set->match(says("ﾌﾟﾘﾝﾀが")).size(), 2U);
}

TEST(TopicSet, DisabledTopicsAndBrokenQueriesAreSilent) {
  auto off = topic(1, 1, "bread");
  off.enabled = false;
  const auto set = build_topic_set({off, topic(1, 2, "(bread"), topic(1, 3, "ab")});
  EXPECT_EQ(set->topics(), 1U);
  EXPECT_THAT(marks(*set, "bread"), IsEmpty());
  EXPECT_THAT(marks(*set, "\xf0\x9f ab \xc3"), ElementsAre(Mark{2, 4}));
}

TEST(TopicSet, GiveawaysAreMutedWhereTheTopicWantsThat) {
  auto quiet = topic(1, 1, "炊飯器");
  quiet.mutes.giveaways = true;
  const auto set = build_topic_set({quiet, topic(1, 2, "炊飯器")});
  EXPECT_EQ(set->match(says("フォロー&リポストで炊飯器が抽選で5名に当たる")).size(), 1U);
  EXPECT_EQ(set->match(says("炊飯器の抽選販売に外れた")).size(), 2U);
}

TEST(TopicFacts, MutesAuthorsAndBots) {
  auto muting = topic(1, 1, "bread");
  muting.mutes.authors = {{"did:plc:spam", ""}, {"", "Deals"}};
  auto no_bots = topic(1, 2, "bread");
  no_bots.mutes.bots = true;
  const TopicFacts facts({muting, no_bots, topic(1, 3, "bread")});
  EXPECT_TRUE(facts.mutes(1, {"did:plc:spam", "", "", ""}));
  EXPECT_TRUE(facts.mutes(1, {"did:plc:other", "deals", "", ""}));
  EXPECT_FALSE(facts.mutes(1, {"did:plc:other", "anna", "", ""}));
  EXPECT_FALSE(facts.mutes(1, {"did:plc:other", "newsbot.example", "", ""}));
  EXPECT_TRUE(facts.mutes(2, {"did:plc:other", "newsbot.example", "", ""}));
  EXPECT_TRUE(facts.mutes(2, {"x", "anna", "天気ボット", ""}));
  EXPECT_FALSE(facts.mutes(2, {"x", "anna", "ロボット掃除機の人", "Talbot family"}));
  EXPECT_FALSE(facts.mutes(3, {"did:plc:spam", "newsbot", "", ""}));
}

TEST(TopicFacts, ThemesDivide) {
  auto divided = topic(1, 1, "炊飯器");
  divided.themes = {{"a", "電源", "電源 OR スイッチ"}, {"b", "味", "おいしい"}};
  const TopicFacts facts({divided});
  EXPECT_THAT(facts.themes(1, says("炊飯器の電源とスイッチ")), ElementsAre("a"));
  EXPECT_THAT(facts.themes(1, says("炊飯器のご飯がおいしい。電源も")), ElementsAre("a", "b"));
  EXPECT_THAT(facts.themes(2, says("電源")), IsEmpty());
}

TEST(TopicQuery, PlainWordsBecomeAQuery) {
  EXPECT_EQ(query_of_words({"ミナト電機", "Minato"}, {"ミナトミライ"}),
            "(ミナト電機 OR Minato) -ミナトミライ");
  EXPECT_EQ(query_of_words({"iPhone 14"}, {}), R"("iPhone 14")");
  EXPECT_EQ(query_of_words({"#キキ"}, {"tap dance"}), R"(#キキ -"tap dance")");
  EXPECT_EQ(query_of_words({"OR", "say \"hi\"", "a*"}, {}), R"("OR" OR "say  hi " OR "a*")");
  EXPECT_EQ(query_of_words({" ", "…"}, {"x"}), "");
}

// Whatever stood in a list of keywords, the topic goes on hearing it.
TEST(TopicQuery, EveryListOfWordsIsAQuery) {
  for (const auto* word : {"(", "a)b", "-x", "AND", "NEAR/3", "from:me", "\"", "a\"b", "@name", "50%", "C++",
                           "https://x.jp/a", "ﾊﾟﾝ", "*", "ab*", "?", "word:x", "　全角　", "word\nline"}) {
    const auto query = query_of_words({word, "bread"}, {word});
    EXPECT_TRUE(query::parse(query).query.has_value()) << word << " -> " << query;
  }
}

TEST(TopicQuery, MistakesNameTheirPlace) {
  const auto wrong = parse_query("(bread", "/query");
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().where, "/query");
  EXPECT_EQ(wrong.error().code, "query");
}

// Each change against a set that is made anew of the same topics.
TEST(LiveTopicSet, AnEditIsAsIfAllWereReadAgain) {
  LiveTopicSet live;
  std::vector<Topic> all = {topic(2, 1, "パン"), topic(1, 2, "bread"), topic(1, 3, "茶")};
  live.load(all);
  const auto hold = [&] {
    const auto now = live.set();
    const auto anew = build_topic_set(all);
    for (const auto* text : {"パンと茶", "bread", "紅茶とbreadとパン", "rice", ""}) {
      std::vector<std::pair<Id, std::vector<Mark>>> got;
      std::vector<std::pair<Id, std::vector<Mark>>> right;
      for (const auto& match : now->match(says(text))) got.emplace_back(match.topic_id, match.marks);
      for (const auto& match : anew->match(says(text))) right.emplace_back(match.topic_id, match.marks);
      EXPECT_EQ(got, right) << text;
      EXPECT_EQ(now->matches(says(text)), !right.empty()) << text;
    }
  };
  hold();
  all[0].query = "rice OR パン";
  live.put(all[0]);
  hold();
  all[1].enabled = false;
  live.put(all[1]);
  hold();
  all.push_back(topic(1, 4, "紅茶"));
  live.put(all.back());
  hold();
  all.erase(all.begin() + 2);
  live.remove(3);
  hold();
  all[1].enabled = true;
  live.put(all[1]);
  hold();
}

// What is heard is longer than what a person may write.
TEST(LiveTopicSet, ManyMutedAuthorsAreNoLimit) {
  auto muted = topic(1, 1, "パン");
  for (std::size_t i = 0; i < kMutedAuthorsLimit; ++i)
    muted.mutes.authors.push_back({"", "somebody-with-a-long-name-" + std::to_string(i) + ".example"});
  LiveTopicSet live;
  live.load({muted});
  live.put(muted);
  EXPECT_EQ(live.set()->topics(), 1U);
  EXPECT_TRUE(live.set()->matches(says("パン")));
}

}  // namespace
}  // namespace kiki::listening
