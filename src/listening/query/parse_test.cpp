#include "listening/query/parse.hpp"

#include <gtest/gtest.h>

#include "text/utf8.hpp"

namespace kiki::listening::query {
namespace {

std::string form(std::string_view text) {
  const Parsed parsed = parse(text);
  if (!parsed.query) return "mistake: " + parsed.mistakes.front().code;
  const std::string printed = print(*parsed.query);
  const Parsed again = parse(printed);
  EXPECT_TRUE(again.query) << printed;
  if (again.query) {
    EXPECT_EQ(*again.query, *parsed.query) << printed;
  }
  if (again.query) {
    EXPECT_EQ(print(*again.query), printed);
  }
  return printed;
}

// "code@what it points at", for each mistake.
std::string mistakes(std::string_view text) {
  std::string out;
  for (const Mistake& each : parse(text).mistakes) {
    if (!out.empty()) out += ' ';
    out += each.code + '@' + std::string(text.substr(each.bytes.begin, each.bytes.end - each.bytes.begin));
  }
  return out;
}

std::string instead(std::string_view text) {
  const Parsed parsed = parse(text);
  return parsed.mistakes.empty() ? "" : parsed.mistakes.front().instead.value_or("");
}

TEST(QueryParse, BindsNotBeforeAndBeforeOr) {
  EXPECT_EQ(form("a b"), "a b");
  EXPECT_EQ(form("a AND b"), "a b");
  EXPECT_EQ(form("a OR b c"), "a OR (b c)");
  EXPECT_EQ(form("a OR b -c"), "a OR (b -c)");
  EXPECT_EQ(form("(a OR b) -c"), "(a OR b) -c");
  EXPECT_EQ(form("NOT a b"), "-a b");
  EXPECT_EQ(form("NOT (a b)"), "-(a b)");
  EXPECT_EQ(form("a AND NOT b OR c"), "(a -b) OR c");
  EXPECT_EQ(form("a AND (b AND c)"), "a b c");
  EXPECT_EQ(form("a OR (b OR c)"), "a OR b OR c");
  EXPECT_EQ(form("((a))"), "a");
  EXPECT_EQ(form("NOT NOT a"), "--a");
  EXPECT_EQ(form("a and b or c not"), "a and b or c not");  // words, in small letters
  EXPECT_EQ(form("foo(bar)baz\"x y\""), "foo bar baz \"x y\"");
}

TEST(QueryParse, ReadsFullWidthForms) {
  EXPECT_EQ(form("（電池　ＯＲ　発熱）　－中古"), "(電池 OR 発熱) -中古");
  EXPECT_EQ(form("“battery life” OR „電池〟"), "\"battery life\" OR \"電池\"");
  EXPECT_EQ(form("ｆｒｏｍ：brand ＃電池 ＠shop"), "from:brand #電池 @shop");
  EXPECT_EQ(form("電池　ＮＥＡＲ／５　切れ"), "電池 NEAR/5 切れ");
  EXPECT_EQ(form("スマホ＊ wom？n"), "スマホ* wom?n");
  EXPECT_EQ(form("followers：＞１０００"), "followers:>1000");
  EXPECT_EQ(form("−a –b"), "-a -b");
  EXPECT_EQ(form("ーっす"), "ーっす");
}

TEST(QueryParse, ReadsNear) {
  EXPECT_EQ(form("a NEAR b"), "a NEAR/4 b");
  EXPECT_EQ(form("x a ONEAR/2 b"), "x (a ONEAR/2 b)");
  EXPECT_EQ(form("-a NEAR/0 b"), "-(a NEAR/0 b)");
  EXPECT_EQ(form("(a OR \"b c\") NEAR/3 (d OR word:ロン)"), "(a OR \"b c\") NEAR/3 (d OR word:ロン)");
  EXPECT_EQ(form("NEARBY"), "NEARBY");
  EXPECT_EQ(mistakes("a NEAR/3 (b c)"), "near_side@(b c)");
  EXPECT_EQ(mistakes("a NEAR/3 -b"), "near_side@-b");
  EXPECT_EQ(mistakes("from:a NEAR b"), "near_side@from:a");
  EXPECT_EQ(mistakes("a NEAR b NEAR c"), "near_chain@NEAR");
  EXPECT_EQ(mistakes("a NEAR/x b"), "bad_distance@NEAR/x");
  EXPECT_EQ(mistakes("a NEAR/1001 b"), "bad_distance@NEAR/1001");
  EXPECT_EQ(mistakes("a NEAR3 b"), "bad_distance@NEAR3");
  EXPECT_EQ(mistakes("NEAR b"), "missing_left@NEAR");
  EXPECT_EQ(mistakes("a NEAR"), "missing_right@NEAR");
}

TEST(QueryParse, ReadsTermsAndFields) {
  EXPECT_EQ(form("c++ AT&T 1.5 don't"), "c++ AT&T 1.5 don't");
  EXPECT_EQ(form("Re:ゼロ 12:30 a:b"), "Re:ゼロ 12:30 a:b");
  EXPECT_EQ(form("batter* *phone *mart*"), "batter* *phone *mart*");
  EXPECT_EQ(form("word:ロン word:\"ロン\" word:*ロン"), "word:ロン word:ロン word:*ロン");
  EXPECT_EQ(form("raw:iPhone raw:\"a (b) *?\""), "raw:\"iPhone\" raw:\"a (b) *?\"");
  EXPECT_EQ(form("\"really? *\""), "\"really? *\"");
  EXPECT_EQ(form("author:@Brand to:\"a b\" from:bra*"), "from:Brand to:\"a b\" from:bra*");
  EXPECT_EQ(form("lang:JA language:pt_BR network:Bluesky"), "lang:ja lang:pt-br network:bluesky");
  EXPECT_EQ(form("site:https://example.com/help?x=1"), "url:https://example.com/help?x=1");
  EXPECT_EQ(form("has:links has:photo has:video has:question"), "has:link has:image has:video has:question");
  EXPECT_EQ(form("is:reply is:retweet is:quote"), "is:reply is:repost is:quote");
  EXPECT_EQ(form("followers:>=1,000 followers:<5"), "followers:>=1000 followers:<5");
  EXPECT_EQ(form("account:ours account:others account:any account:@shop"),
            "account:own account:others account:any account:shop");
  EXPECT_EQ(form("#新商品* hashtag:sale"), "#新商品* #sale");
}

TEST(QueryParse, PointsAtEveryMistake) {
  EXPECT_EQ(mistakes(""), "empty@");
  EXPECT_EQ(mistakes(" 　"), "empty@ 　");
  EXPECT_EQ(mistakes("()"), "empty_brackets@()");
  EXPECT_EQ(mistakes("a \"b c"), "unclosed_quote@\"");
  EXPECT_EQ(mistakes("a “b c"), "unclosed_quote@“");
  EXPECT_EQ(mistakes("raw:\"b"), "unclosed_quote@\"");
  EXPECT_EQ(mistakes("\"\" b"), "empty_quotes@\"\"");
  EXPECT_EQ(mistakes("(a OR b"), "unclosed_bracket@(");
  EXPECT_EQ(mistakes("a) b)"), "unopened_bracket@) unopened_bracket@)");
  EXPECT_EQ(mistakes("OR a"), "missing_left@OR");
  EXPECT_EQ(mistakes("a OR"), "missing_right@OR");
  EXPECT_EQ(mistakes("(a OR) b"), "missing_right@OR");
  EXPECT_EQ(mistakes("AND a"), "missing_left@AND");
  EXPECT_EQ(mistakes("a AND OR b"), "two_operators@AND OR");
  EXPECT_EQ(mistakes("a OR OR b"), "two_operators@OR OR");
  EXPECT_EQ(mistakes("a NOT"), "missing_right@NOT");
  EXPECT_EQ(mistakes("a - b"), "stray_minus@-");
  EXPECT_EQ(mistakes("a -"), "stray_minus@-");
  EXPECT_EQ(mistakes("*"), "wildcard_alone@*");
  EXPECT_EQ(mistakes("??"), "wildcard_alone@??");
  EXPECT_EQ(mistakes("a* 東?"), "wildcard_too_short@a* wildcard_too_short@東?");
  EXPECT_EQ(mistakes("bat*ry"), "star_inside@bat*ry");
  EXPECT_EQ(mistakes("!!! a"), "nothing_to_find@!!!");
  EXPECT_EQ(mistakes("a | b && c"), "foreign_operator@| foreign_operator@&&");
  EXPECT_EQ(mistakes("a 、 b"), "separator@、");
  EXPECT_EQ(mistakes("since:2024 a"), "unknown_field@since:2024");
  EXPECT_EQ(mistakes("form:brand netwrok:x"), "misspelt_field@form:brand misspelt_field@netwrok:x");
  EXPECT_EQ(mistakes("https://example.com"), "link_as_term@https://example.com");
  EXPECT_EQ(mistakes("from: brand"), "field_without_value@from:");
  EXPECT_EQ(mistakes("from:(a OR b)"), "field_before_bracket@from:");
  EXPECT_EQ(mistakes("word:\"new york\""), "word_with_spaces@word:\"new york\"");
  EXPECT_EQ(mistakes("#a-b"), "bad_tag@#a-b");
  EXPECT_EQ(mistakes("@a/b"), "bad_handle@@a/b");
  EXPECT_EQ(mistakes("lang:japanese"), "bad_language@lang:japanese");
  EXPECT_EQ(mistakes("network:a.b"), "bad_network@network:a.b");
  EXPECT_EQ(mistakes("url:https://"), "bad_url@url:https://");
  EXPECT_EQ(mistakes("has:cat is:new"), "bad_value@has:cat bad_value@is:new");
  EXPECT_EQ(mistakes("followers:1000"), "bad_followers@followers:1000");
  EXPECT_EQ(mistakes("from:*brand"), "star_in_front@from:*brand");
  EXPECT_EQ(mistakes("a\xFF"), "not_utf8@\xFF");
  EXPECT_EQ(mistakes("(a OR \"\") AND (b -) OR"), "empty_quotes@\"\" stray_minus@- missing_right@OR");
}

TEST(QueryParse, PointsIntoTheText) {
  // A part that is itself wrong still has a place.
  EXPECT_EQ(mistakes("(a NEAR \"\") NEAR b"), "near_side@(a NEAR \"\") empty_quotes@\"\"");
  EXPECT_EQ(mistakes("(a *) NEAR b"), "near_side@(a *) wildcard_alone@*");
  EXPECT_EQ(mistakes("* NEAR b"), "wildcard_alone@*");
}

TEST(QueryParse, CountsPlacesInUtf16Too) {
  const Parsed parsed = parse("😡電池 (a");
  ASSERT_EQ(parsed.mistakes.size(), 1U);
  EXPECT_EQ(parsed.mistakes[0].utf16, (SourceRange{5, 6}));
  EXPECT_EQ(parsed.mistakes[0].bytes, (SourceRange{11, 12}));
}

TEST(QueryParse, OffersWhatWouldBeRight) {
  EXPECT_EQ(instead("a | b"), "OR");
  EXPECT_EQ(instead("form:brand"), "from:brand");
  EXPECT_EQ(instead("https://example.com/a"), "url:example.com/a");
  EXPECT_EQ(instead("lang:jp"), "lang:ja");
  EXPECT_EQ(instead("followers:1000"), "followers:>=1000");
  EXPECT_EQ(instead("word:\"new york\""), "\"new york\"");
  EXPECT_EQ(instead("a NEAR~3 b"), "NEAR/4");
}

TEST(QueryParse, SaysItInWords) {
  EXPECT_EQ(message_of(parse("has:cat").mistakes.at(0)),
            "has: does not know “cat”. Use one of: link, image, video, question.");
  // Each mistake there is has words, and none of their places stays open.
  const std::string queries[] = {"",
                                 "()",
                                 "a \"b",
                                 "\"\"",
                                 "(a",
                                 "a)",
                                 "OR a",
                                 "a OR",
                                 "a AND OR b",
                                 "a - b",
                                 "*",
                                 "a*",
                                 "b*r",
                                 "!!",
                                 "a | b",
                                 "a 、 b",
                                 "since:1",
                                 "form:b",
                                 "http://a.jp",
                                 "from:",
                                 "from:(a)",
                                 "word:\"a b\"",
                                 "#a-b",
                                 "@a/b",
                                 "lang:jp",
                                 "network:a.b",
                                 "url:/",
                                 "has:cat",
                                 "followers:1",
                                 "from:*b",
                                 "a\xFF",
                                 "a NEAR b NEAR c",
                                 "a NEAR (b c)",
                                 "a NEAR/x b",
                                 std::string(301, 'a'),
                                 std::string(20'001, 'a'),
                                 std::string(101, '('),
                                 "ab" + std::string(21, '?')};
  for (const auto& query : queries) {
    const Parsed parsed = parse(query);
    ASSERT_FALSE(parsed.mistakes.empty()) << query;
    const std::string message = message_of(parsed.mistakes.front());
    EXPECT_EQ(message.find("query."), std::string::npos) << message;
    EXPECT_EQ(message.find("“”"), std::string::npos) << message;
  }
}

TEST(QueryParse, HoldsItsLimits) {
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "w" + std::to_string(i) + ' ';
  EXPECT_TRUE(parse(many).query);
  EXPECT_EQ(mistakes(many + "one"), "too_many_terms@one");
  EXPECT_EQ(parse(std::string(20'001, 'a')).mistakes[0].code, "too_long");
  EXPECT_EQ(parse(std::string(301, 'a')).mistakes[0].code, "term_too_long");
  std::string deep(100, '(');
  EXPECT_TRUE(parse(deep + "a" + std::string(100, ')')).query);
  EXPECT_EQ(mistakes("(" + deep + "a" + std::string(101, ')')), "too_deep@(");
  EXPECT_EQ(parse(std::string(10'000, '(')).mistakes.size(), 1U);
  EXPECT_EQ(parse(std::string(10'000, '-') + "a").mistakes[0].code, "too_deep");
  EXPECT_LE(parse(std::string(10'000, ')')).mistakes.size(), kMistakesLimit);
}

TEST(QueryParse, KnowsWhatAQueryHangsOn) {
  EXPECT_TRUE(parse("a lang:ja").query->anchored);
  EXPECT_TRUE(parse("a OR from:b OR #c").query->anchored);
  EXPECT_FALSE(parse("-a").query->anchored);
  EXPECT_FALSE(parse("a OR -b").query->anchored);
  EXPECT_FALSE(parse("lang:ja has:question").query->anchored);
  EXPECT_TRUE(parse("account:own").query->anchored);
  EXPECT_TRUE(parse("a account:any").query->asks_for_account);
  EXPECT_FALSE(parse("a").query->asks_for_account);
  EXPECT_EQ(parse("a (b OR c) -d").query->terms, 4U);
}

}  // namespace
}  // namespace kiki::listening::query
