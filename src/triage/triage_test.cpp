#include "triage/triage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <map>
#include <sstream>

#include "triage/lexicon.hpp"

namespace kiki::triage {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Verdict judge(std::string_view text) {
  return rules().judge({.text = text});
}
Verdict judge_to_us(std::string_view text) {
  return rules().judge({.text = text, .to_us = true});
}

std::string file(const std::string& name) {
  std::ifstream in(std::string(KIKI_SOURCE_DIR) + "/src/" + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Kinds, InBothLanguages) {
  EXPECT_EQ(judge("買ったばかりの炊飯器、電源が入らない").kind, Kind::kComplaint);
  EXPECT_EQ(judge("My new rice cooker stopped working after two days").kind, Kind::kComplaint);
  EXPECT_EQ(judge("食洗機で洗えますか？").kind, Kind::kQuestion);
  EXPECT_EQ(judge("Is the lid dishwasher safe?").kind, Kind::kQuestion);
  EXPECT_EQ(judge("静かで最高。買ってよかった").kind, Kind::kPraise);
  EXPECT_EQ(judge("absolutely love this kettle, thank you").kind, Kind::kPraise);
  EXPECT_EQ(judge("温度を60度も選べるようにしてほしい").kind, Kind::kWish);
  EXPECT_EQ(judge("feature idea: let me rename the timers").kind, Kind::kWish);
  EXPECT_EQ(judge("A社と迷ってる。どっちがいいか").kind, Kind::kPurchase);
  EXPECT_EQ(judge("thinking of buying one for the office").kind, Kind::kPurchase);
  EXPECT_EQ(judge("【拡散希望】抽選で10名様に炊飯器").kind, Kind::kNoise);
  EXPECT_EQ(judge("GIVEAWAY! follow and retweet to win a kettle").kind, Kind::kNoise);
  EXPECT_EQ(judge("今日は駅前を歩いた").kind, Kind::kChatter);
}

TEST(Kinds, LongerWordsShieldWhatLiesInside) {
  EXPECT_EQ(judge("今日の最高気温は三十度").kind, Kind::kChatter);
  EXPECT_EQ(judge("おこげが香ばしい").harms.size(), 0U);
  EXPECT_THAT(judge("Watching it on the Fire TV").harms, IsEmpty());
  EXPECT_THAT(judge("The kettle is on fire").harms, ElementsAre(Harm::kSafety));
}

TEST(Kinds, ThanksForAnAnswerIsNoPraise) {
  EXPECT_NE(judge_to_us("ありがとうございます。版は 4.2.0 です。").kind, Kind::kPraise);
  EXPECT_NE(judge_to_us("Thank you for your reply. It is version 4.2.0.").kind, Kind::kPraise);
  EXPECT_EQ(judge_to_us("Third time I ask: where is my refund?").kind, Kind::kComplaint);
}

TEST(Kinds, AQuestionMarkInALinkAsksNothing) {
  EXPECT_EQ(judge("https://example.com/?q=1").kind, Kind::kChatter);
  EXPECT_EQ(judge("https://example.com/?q=1 本当？").kind, Kind::kQuestion);
}

TEST(Harm, OutranksAdvertisingAndIsUrgent) {
  const auto verdict = judge("【拡散希望】ケトルから煙が出ました。危ない");
  EXPECT_EQ(verdict.kind, Kind::kComplaint);
  EXPECT_THAT(verdict.harms, ElementsAre(Harm::kSafety));
  EXPECT_GE(verdict.urgency, 2);
  EXPECT_THAT(judge("二重請求されています。消費者センターに相談します").harms,
              ElementsAre(Harm::kLegal, Harm::kMoney));
  EXPECT_THAT(judge("You charged my card twice, my lawyer will call").harms, Contains(Harm::kLegal));
  EXPECT_THAT(judge("子どもにアレルギーが出た").harms, ElementsAre(Harm::kHealth));
}

TEST(Urgency, GrowsWithWhatIsSaid) {
  EXPECT_EQ(judge_to_us("説明書はありますか").urgency, 0);
  EXPECT_GE(judge_to_us("まだ来ません。今日の午前のはずです").urgency, 1);
  EXPECT_EQ(judge_to_us("至急。煙が出て止まらない").urgency, 3);
}

TEST(Feeling, IsBounded) {
  EXPECT_LE(judge("最悪。最低。ふざけるな。二度と買わない。許せない").feeling, -5);
  EXPECT_GE(judge("最高！大好き！ありがとう！完璧！😍").feeling, 5);
  EXPECT_EQ(judge("届きました").feeling, 0);
}

TEST(Contact, PeopleWhoWouldRatherBeLeftAlone) {
  EXPECT_TRUE(judge("ミナトのケトルうるさい（公式は来ないで）").no_contact);
  EXPECT_TRUE(judge("Just venting, please don't reply, brands").no_contact);
  EXPECT_FALSE(judge("返信がない").no_contact);
  const Post other{.text = "でしょ？いいよね", .answers_other_user = true};
  EXPECT_TRUE(rules().judge(other).among_users);
  const Post ours{.text = "でしょ？いいよね", .to_us = true, .answers_other_user = true};
  EXPECT_FALSE(rules().judge(ours).among_users);
}

TEST(Reach, FollowsTheAuthor) {
  EXPECT_EQ(rules().judge({.text = "x", .followers = -1}).reach, 0);
  EXPECT_EQ(rules().judge({.text = "x", .followers = 9'999}).reach, 0);
  EXPECT_EQ(rules().judge({.text = "x", .followers = 10'000}).reach, 1);
  EXPECT_EQ(rules().judge({.text = "x", .followers = 2'000'000}).reach, 3);
}

TEST(Language, ByScriptAndSmallWords) {
  EXPECT_EQ(language_of("ケトルが壊れた"), "ja");
  EXPECT_EQ(language_of("MR-310の電源 ok"), "ja");
  EXPECT_EQ(language_of("the lid is stuck"), "en");
  EXPECT_EQ(language_of("der Deckel ist kaputt und ich"), "de");
  EXPECT_EQ(language_of("주전자가 고장"), "ko");
  EXPECT_EQ(language_of("返品希望"), "");
  EXPECT_EQ(language_of("12345 !!"), "");
  EXPECT_EQ(rules().judge({.text = "ok", .language = "sv"}).language, "sv");
}

TEST(Reasons, PointIntoTheOriginalText) {
  const std::string text = "ＢＲＯＫＥＮ ﾌﾟﾘﾝﾀが壊れた";
  const auto verdict = judge(text);
  std::vector<std::string> seen;
  for (const auto& reason : verdict.reasons) {
    seen.push_back(std::string(reason.signal) + ":" +
                   text.substr(reason.range.begin, reason.range.end - reason.range.begin));
  }
  EXPECT_THAT(seen, Contains("complaint:ＢＲＯＫＥＮ"));
  EXPECT_THAT(seen, Contains("complaint:壊れた"));
}

TEST(Reasons, AreFewEvenForALongText) {
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += "壊れた 最悪 smoke ";
  EXPECT_LE(judge(text).reasons.size(), kReasonsLimit);
}

TEST(Lexicon, TellsTheLineThatIsWrong) {
  EXPECT_EQ(Lexicon::read("praise 2: good\nnonsense").error().where, "line 2");
  EXPECT_EQ(Lexicon::read("praise x: good").error().where, "line 1");
  EXPECT_EQ(Lexicon::read("praise 2: good |  | bad").error().where, "line 1");
}

TEST(Lexicon, EverySignalOfTheWordListsIsKnown) {
  const auto lexicon = Lexicon::read(file("triage/words_ja.txt") + "\n" + file("triage/words_en.txt"));
  ASSERT_TRUE(lexicon.ok()) << lexicon.error().where;
  EXPECT_GT(lexicon->words(), 700U);
  const std::vector<std::string_view> known = {"question",   "complaint",    "praise",      "wish",
                                               "purchase",   "noise",        "harm_safety", "harm_health",
                                               "harm_legal", "harm_money",   "urgent",      "no_contact",
                                               "feeling_up", "feeling_down", "shield"};
  for (std::uint16_t i = 0; i < lexicon->signals(); ++i) EXPECT_THAT(known, Contains(lexicon->signal(i)));
}

// The words were written with this day in mind, so this guards against getting worse; it is no measure of how
// well strange posts are told apart.
TEST(SampleDay, MostPostsAreCalledWhatAPersonCallsThem) {
  std::map<std::string, std::string> wanted;
  std::istringstream lines(file("triage/sample_kinds.tsv"));
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line[0] != '#') wanted[line.substr(0, 4)] = line.substr(5);
  }
  const auto day = boost::json::parse(file("sample/sample_day.json"));
  int right = 0;
  int help = 0;        // questions and complaints
  int help_found = 0;  // called one of the two
  std::map<std::string, int> mistakes;
  for (const auto& entry : day.at("posts").as_array()) {
    const auto& post = entry.at("post").as_object();
    const std::string id(post.at("external_id").as_string());
    const auto reason = post.at("reason").as_string();
    const bool to_us = reason == "message" || reason == "mention";
    const std::string text(post.at("text").as_string());
    const auto verdict =
        rules().judge({.text = text, .to_us = to_us, .answers_other_user = reason == "context"});
    const std::string got(name(verdict.kind));
    const auto& want = wanted.at(id);
    right += got == want ? 1 : 0;
    if (got != want) {
      ++mistakes[want + " called " + got];
      RecordProperty(id, want + " called " + got);
      if (std::getenv("KIKI_SHOW_MISTAKES") != nullptr) {
        std::printf("%s %s called %s: %s\n", id.c_str(), want.c_str(), got.c_str(), text.c_str());
      }
    }
    if (want == "question" || want == "complaint") {
      ++help;
      help_found += got == "question" || got == "complaint" ? 1 : 0;
    }
  }
  std::printf("%d of %zu right; of %d who need help %d found\n", right, wanted.size(), help, help_found);
  for (const auto& [what, count] : mistakes) std::printf("  %s: %d\n", what.c_str(), count);
  EXPECT_GE(right * 100, static_cast<int>(wanted.size()) * 75);
  EXPECT_GE(help_found * 100, help * 90);
}

}  // namespace
}  // namespace kiki::triage
