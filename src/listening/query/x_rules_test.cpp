#include "listening/query/x_rules.hpp"

#include <gtest/gtest.h>

#include "listening/query/message.hpp"
#include "listening/query/parse.hpp"
#include "listening/query/random_query.hpp"
#include "text/utf8.hpp"

namespace kiki::listening::query {
namespace {

// The rules, and behind them what was not said; what is lost with an exclamation mark.
std::string x(std::string_view text, std::size_t limit = kXRuleLimitCharacters) {
  const Parsed parsed = parse(text);
  EXPECT_TRUE(parsed.query) << text;
  const XRules rules = to_x_rules(*parsed.query, limit);
  std::string out;
  for (const auto& rule : rules.rules) out += (out.empty() ? "" : " ; ") + rule;
  for (const auto& unsaid : rules.unsaid) {
    out += " [" + unsaid.code + (unsaid.lost ? "!" : "") + ' ' +
           std::string(text.substr(unsaid.bytes.begin, unsaid.bytes.end - unsaid.bytes.begin)) + ']';
    EXPECT_NE(english("query.export." + unsaid.code, {}).find(' '), std::string::npos) << unsaid.code;
  }
  return out;
}

TEST(XRules, SaysWhatXCanBeAsked) {
  EXPECT_EQ(x("(電池 OR battery) -中古 lang:ja"), "(電池 OR battery) -中古 lang:ja");
  EXPECT_EQ(x("foo OR bar baz"), "foo OR (bar baz)");
  EXPECT_EQ(x("\"battery life\" c++ AT&T"), "\"battery life\" \"c++\" \"AT&T\"");
  EXPECT_EQ(x("#sale @shop.bsky.social from:a to:b url:example.com has:link -is:repost"),
            "#sale @shop from:a to:b url:\"example.com\" has:links -is:retweet");
  EXPECT_EQ(x("foo -(bar OR \"b c\")"), "foo -bar -\"b c\"");
  EXPECT_EQ(x("foo network:x"), "foo");
}

TEST(XRules, AsksForMoreAndTellsIt) {
  EXPECT_EQ(x("bad NEAR/3 battery"), "bad battery [distance bad NEAR/3 battery]");
  EXPECT_EQ(x("foo batter*"), "foo [any_character batter*]");
  EXPECT_EQ(x("電池* foo"), "電池 foo");
  EXPECT_EQ(x("word:ロン foo"), "ロン foo [exact word:ロン]");
  EXPECT_EQ(x("foo followers:>10 has:question"), "foo [followers followers:>10] [question has:question]");
  EXPECT_EQ(x("foo -(bar baz)"), "foo [not -(bar baz)]");
  EXPECT_EQ(x("foo -raw:Bar"), "foo [not -raw:Bar]");
  EXPECT_EQ(x("foo (bar OR batter*)"), "foo [any_character batter*]");
}

TEST(XRules, TellsWhatXCannotBring) {
  EXPECT_EQ(x("foo OR batter*"), "foo [any_character batter*] [anchorless! batter*]");
  EXPECT_EQ(x("lang:ja"), " [anchorless! lang:ja]");
  EXPECT_EQ(x("foo network:bluesky"), " [network! foo network:bluesky]");
  EXPECT_EQ(x("foo OR -bar"), "foo [anchorless! -bar]");
}

TEST(XRules, CutsIntoPiecesThatFit) {
  EXPECT_EQ(x("aaaa OR bbbb OR cccc", 12), "aaaa OR bbbb ; cccc");
  EXPECT_EQ(x("(aaaa OR bbbb) cccc", 12), "aaaa cccc ; bbbb cccc");
  EXPECT_EQ(x("aaaa bbbb cccc", 12), " [too_long! aaaa bbbb cccc]");
  std::string many = "w0";
  for (int i = 1; i < 1000; ++i) many += " OR w" + std::to_string(i);
  const XRules rules = to_x_rules(*parse('(' + many + ") (電池 OR battery) -中古").query);
  EXPECT_GT(rules.rules.size(), 5U);
  EXPECT_TRUE(rules.unsaid.empty());
  std::size_t words = 0;
  for (const auto& rule : rules.rules) {
    EXPECT_LE(text::count_code_points(rule), kXRuleLimitCharacters);
    EXPECT_TRUE(rule.ends_with(" (電池 OR battery) -中古")) << rule;
    for (std::size_t at = rule.find('w'); at != std::string::npos; at = rule.find('w', at + 1)) ++words;
  }
  EXPECT_EQ(words, 1000U);
}

TEST(XRules, TakesAnyQuery) {
  RandomQueries random(21);
  for (int i = 0; i < 1'000; ++i) {
    const Query query = random.query(12);
    const XRules rules = to_x_rules(query, 60);
    for (const auto& rule : rules.rules) {
      ASSERT_FALSE(rule.empty());
      ASSERT_LE(text::count_code_points(rule), 60U) << print(query);
      ASSERT_EQ(rule.find(" --"), std::string::npos) << rule;
      ASSERT_EQ(rule.find("-("), std::string::npos) << rule;
    }
    if (rules.rules.empty()) {
      ASSERT_FALSE(rules.unsaid.empty()) << print(query);
    }
  }
}

}  // namespace
}  // namespace kiki::listening::query
