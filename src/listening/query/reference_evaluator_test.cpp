#include "listening/query/reference_evaluator.hpp"

#include <gtest/gtest.h>

#include "listening/query/parse.hpp"

namespace kiki::listening::query {
namespace {

Query read(std::string_view text) {
  Parsed parsed = parse(text);
  EXPECT_TRUE(parsed.query) << text << ": " << (parsed.mistakes.empty() ? "" : parsed.mistakes[0].code);
  return parsed.query ? std::move(*parsed.query) : Query{};
}

bool hit(std::string_view query, const Post& post, const text::SearchFold& fold = {}) {
  return matches(read(query), post, fold);
}
bool hit(std::string_view query, std::string_view text, const text::SearchFold& fold = {}) {
  return hit(query, Post{.text = text}, fold);
}

// The text with its marks in square brackets.
std::string marked(std::string_view query, std::string_view text) {
  std::string out;
  std::size_t at = 0;
  for (const auto& mark : evaluate(read(query), Post{.text = text}).marks) {
    out += text.substr(at, mark.begin - at);
    (out += '[') += text.substr(mark.begin, mark.end - mark.begin);
    out += ']';
    at = mark.end;
  }
  return out += text.substr(at);
}

TEST(ReferenceEvaluator, MatchesLatinWordsWhole) {
  EXPECT_TRUE(hit("iphone", "iPhoneの電池"));
  EXPECT_FALSE(hit("iphone", "two iphones"));
  EXPECT_FALSE(hit("iphone", "iphone15"));
  EXPECT_FALSE(hit("phone", "iphone"));
  EXPECT_TRUE(hit("iphone", "(ＩＰＨＯＮＥ)"));
  EXPECT_TRUE(hit("iphone", "my_iphone!"));
  EXPECT_TRUE(hit("c++", "I like C++11"));
  EXPECT_FALSE(hit("c++", "I like C"));
  EXPECT_TRUE(hit("AT&T", "at&tの回線"));
  EXPECT_FALSE(hit("1.5", "11.5"));
  EXPECT_TRUE(hit("1.5", "v1.5.2 1.5"));
  EXPECT_TRUE(hit("cafe", "Un CAFÉ"));
  EXPECT_TRUE(hit("café", "cafe"));
  EXPECT_TRUE(hit("don't", "I don’t"));
  EXPECT_TRUE(hit("Москва", "в москва!"));
}

TEST(ReferenceEvaluator, MatchesUnspacedTermsAnywhere) {
  EXPECT_TRUE(hit("ロン", "メロン"));
  EXPECT_TRUE(hit("word:ロン", "「ロン」"));
  EXPECT_FALSE(hit("word:ロン", "メロン"));
  EXPECT_TRUE(hit("word:ロン", "ロンが好き"));
  EXPECT_TRUE(hit("word:ロン", "ロン2"));
  EXPECT_FALSE(hit("word:ロン", "ロンー"));
  EXPECT_TRUE(hit("word:ロン", "ロン〜"));
  EXPECT_FALSE(hit("word:ロン", "ろんと"));
  EXPECT_TRUE(hit("word:*ロン", "メロン"));
  EXPECT_FALSE(hit("word:*ロン", "ロング"));
  EXPECT_TRUE(hit("iPhoneケース", "aiphoneケースb"));
  EXPECT_TRUE(hit("한국", "한국어"));
  EXPECT_TRUE(hit("😡", "最悪😡😡😡"));
}

TEST(ReferenceEvaluator, OpensEndsAndAnyCharacter) {
  EXPECT_TRUE(hit("batter*", "batteries"));
  EXPECT_FALSE(hit("batter*", "a rebattery"));
  EXPECT_TRUE(hit("*phone", "smartphone"));
  EXPECT_FALSE(hit("*phone", "smartphones"));
  EXPECT_TRUE(hit("*phone*", "smartphones"));
  EXPECT_TRUE(hit("wom?n", "women woman"));
  EXPECT_FALSE(hit("wom?n", "womn wom n woooomn"));
  EXPECT_TRUE(hit("電?切れ", "電池切れ"));
  EXPECT_EQ(marked("batter*", "my Batteries!"), "my [Batteries]!");
}

TEST(ReferenceEvaluator, FoldsByTheTopicsWish) {
  EXPECT_TRUE(hit("すごーい", "すごーーーい"));
  EXPECT_TRUE(hit("すごい", "スゴイ"));
  EXPECT_FALSE(hit("すごい", "スゴイ", {.kana = false}));
  EXPECT_TRUE(hit("cool", "coooool"));
  EXPECT_FALSE(hit("cool", "coooool", {.runs = false}));
  EXPECT_TRUE(hit("らーめん", "ラ〜メン"));
  EXPECT_TRUE(hit("キャッチ", "キヤツチ"));
  EXPECT_TRUE(hit("プリンタ", "ﾌﾟﾘﾝﾀ"));
  EXPECT_EQ(marked("cool", "soooo coooool!"), "soooo [coooool]!");
  EXPECT_EQ(marked("㈱", "㈱東京"), "[㈱]東京");
}

TEST(ReferenceEvaluator, ComparesRawExactly) {
  EXPECT_TRUE(hit("raw:au", "auの回線"));
  EXPECT_FALSE(hit("raw:au", "AUの回線"));
  EXPECT_FALSE(hit("raw:au", "because"));
  EXPECT_TRUE(hit("raw:\"すごーーい\"", "すごーーい"));
  EXPECT_FALSE(hit("raw:\"すごーーい\"", "すごーい"));
  EXPECT_TRUE(hit("raw:\"!!!\"", "what!!!!"));
  EXPECT_FALSE(hit("raw:\"1000\"", "10000円"));
  EXPECT_TRUE(hit("raw:\"1000\"", "1000円"));
  EXPECT_FALSE(hit("raw:e", "e\u0301"));
  EXPECT_EQ(marked("raw:\"oo\"", "oo coool"), "[oo] coool");
}

TEST(ReferenceEvaluator, MatchesPhrases) {
  EXPECT_TRUE(hit("\"battery life\"", "Battery  life"));
  EXPECT_TRUE(hit("\"battery life\"", "battery, \n life!"));
  EXPECT_FALSE(hit("\"battery life\"", "battery of life"));
  EXPECT_FALSE(hit("\"battery life\"", "battery の life"));
  EXPECT_FALSE(hit("\"battery life\"", "batterylife"));
  EXPECT_TRUE(hit("\"Hello, world!\"", "hello world"));
  EXPECT_TRUE(hit("\"c++ code\"", "c++ code"));
  EXPECT_FALSE(hit("\"c++ code\"", "c code"));
  EXPECT_TRUE(hit("\"電池 切れ\"", "電池　切れ"));
  EXPECT_FALSE(hit("\"電池 切れ\"", "電池切れ"));
  EXPECT_TRUE(hit("\"a - b\"", "a b"));
  EXPECT_EQ(marked("\"battery life\"", "the battery - life."), "the [battery - life].");
}

TEST(ReferenceEvaluator, CountsWordsOrCharactersForNear) {
  EXPECT_TRUE(hit("battery NEAR/2 bad", "battery is very bad"));
  EXPECT_FALSE(hit("battery NEAR/1 bad", "battery is very bad"));
  EXPECT_TRUE(hit("bad NEAR/2 battery", "battery is very bad"));
  EXPECT_FALSE(hit("bad ONEAR/2 battery", "battery is very bad"));
  EXPECT_TRUE(hit("電池 NEAR/3 切れ", "電池がすぐ切れ"));
  EXPECT_FALSE(hit("電池 NEAR/2 切れ", "電池がすぐ切れ"));
  EXPECT_TRUE(hit("iphone NEAR/1 電池", "iPhoneの電池"));
  EXPECT_FALSE(hit("iphone NEAR/1 電池", "iPhone の電池"));
  EXPECT_FALSE(hit("東京 NEAR/4 京都", "東京都"));
  EXPECT_FALSE(hit("東京 NEAR/4 東京", "東京"));
  EXPECT_TRUE(hit("東京 NEAR/4 東京", "東京と東京"));
  EXPECT_TRUE(hit("batter* NEAR/0 bad", "batteries bad"));
  EXPECT_TRUE(hit("hot NEAR/1 day", "hot の day"));
  EXPECT_FALSE(hit("hot NEAR/1 day", "hot のの day"));
  EXPECT_EQ(marked("bad NEAR/1 battery", "bad bad battery and then one bad"),
            "[bad] [bad] [battery] and then one bad");
}

TEST(ReferenceEvaluator, MarksWhatMadeItMatch) {
  EXPECT_EQ(marked("a (b OR c) -d", "a b c b"), "[a] [b] [c] [b]");
  EXPECT_EQ(marked("a OR (b x)", "a b"), "[a] b");
  EXPECT_EQ(marked("東京都 OR 京都府", "東京都府"), "[東京都府]");
  EXPECT_EQ(marked("a -b", "a b"), "a b");
  const Evaluation found = evaluate(read("電池 OR x"), Post{.text = "😡電池"});
  ASSERT_EQ(found.findings.size(), 1U);
  EXPECT_EQ(found.findings[0].leaf, (SourceRange{0, 6}));
  EXPECT_EQ(to_utf16("😡電池", found.marks), (std::vector<model::Mark>{{2, 4}}));
}

TEST(ReferenceEvaluator, AsksForTagsMentionsAndPeople) {
  EXPECT_TRUE(hit("#新商品", "今日は＃新商品 です"));
  EXPECT_FALSE(hit("#新商品", "#新商品発表"));
  EXPECT_TRUE(hit("#新商品*", "#新商品発表"));
  EXPECT_FALSE(hit("#tag", "a#tag 新商品tag"));
  EXPECT_TRUE(hit("#tag", Post{.text = "x", .hashtags = {"TAG"}}));
  EXPECT_EQ(marked("#tag", "x #Tag!"), "x [#Tag]!");
  EXPECT_TRUE(hit("@shop", "聞いて@Shop.bsky.social さん"));
  EXPECT_FALSE(hit("@shop", "mail me@shop.com or @shopper"));
  EXPECT_TRUE(hit("@shop", Post{.text = "x", .mentions = {"shop"}}));
  EXPECT_EQ(marked("@shop", "hi @shop."), "hi [@shop].");
  EXPECT_TRUE(hit("from:brand", Post{.text = "x", .author = "Brand.bsky.social"}));
  EXPECT_FALSE(hit("from:brand.com", Post{.text = "x", .author = "brand.com.jp"}));
  EXPECT_TRUE(hit("to:brand", Post{.text = "x", .reply_to = "brand"}));
}

TEST(ReferenceEvaluator, AsksForFacts) {
  EXPECT_TRUE(hit("lang:pt", Post{.text = "x", .language = "pt-BR"}));
  EXPECT_FALSE(hit("lang:pt-br", Post{.text = "x", .language = "pt"}));
  EXPECT_FALSE(hit("lang:ja", Post{.text = "x"}));
  EXPECT_TRUE(hit("network:bluesky", Post{.text = "x", .network = "bluesky"}));
  EXPECT_TRUE(hit("url:example.com", "see https://www.Example.com/help?a=b。"));
  EXPECT_TRUE(hit("url:help", Post{.text = "x", .links = {"https://example.com/help/1"}}));
  EXPECT_FALSE(hit("url:exam", "https://example.com"));
  EXPECT_TRUE(hit("url:exam*", "https://example.com"));
  EXPECT_TRUE(hit("url:聞き耳", Post{.text = "x", .links = {"https://a.jp/%E8%81%9E%E3%81%8D%E8%80%B3"}}));
  EXPECT_TRUE(hit("has:link", "http://a.jp"));
  EXPECT_FALSE(hit("has:link", "http の話"));
  EXPECT_TRUE(hit("has:image -has:video", Post{.text = "x", .has_image = true}));
  EXPECT_TRUE(hit("has:question", "使えますか。"));
  EXPECT_TRUE(hit("has:question", "本当？"));
  EXPECT_FALSE(hit("has:question", "見て https://a.jp/?q=1"));
  EXPECT_TRUE(hit("is:reply", Post{.text = "x", .reply_to = "a"}));
  EXPECT_TRUE(hit("followers:>=10", Post{.text = "x", .followers = 10}));
  EXPECT_FALSE(hit("followers:>=10", Post{.text = "x"}));
  const Post ours{.text = "a", .own_account = "shop.jp"};
  EXPECT_FALSE(hit("a", ours));
  EXPECT_FALSE(hit("-b", ours));
  EXPECT_TRUE(hit("a account:any", ours));
  EXPECT_TRUE(hit("a account:own", ours));
  EXPECT_TRUE(hit("account:shop", ours));
  EXPECT_FALSE(hit("a account:others", ours));
}

}  // namespace
}  // namespace kiki::listening::query
