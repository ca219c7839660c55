#include "listening/query/lint.hpp"

#include <gtest/gtest.h>

#include "listening/query/message.hpp"
#include "listening/query/parse.hpp"

namespace kiki::listening::query {
namespace {

std::string advice(std::string_view text, const Seen& seen = {}) {
  const Parsed parsed = parse(text);
  EXPECT_TRUE(parsed.query) << text;
  std::string out;
  for (const Advice& each : lint(*parsed.query, text, seen)) {
    if (!out.empty()) out += ' ';
    out += each.code + '@' + std::string(text.substr(each.bytes.begin, each.bytes.end - each.bytes.begin));
    const std::string words = english("query.lint." + each.code, each.values);
    EXPECT_NE(words.find(' '), std::string::npos) << words;
    if (each.instead) {
      std::string mended(text);
      mended.replace(each.bytes.begin, each.bytes.end - each.bytes.begin, *each.instead);
      EXPECT_TRUE(parse(mended).query) << mended;
    }
  }
  return out;
}

std::string instead(std::string_view text) {
  const Parsed parsed = parse(text);
  const auto all = lint(*parsed.query, text);
  return all.empty() ? "" : all.front().instead.value_or("");
}

TEST(QueryLint, IsSilentAboutGoodQueries) {
  EXPECT_EQ(advice("(iphone OR スマートフォン) (電池 OR battery) -中古"), "");
  EXPECT_EQ(advice("\"battery life\" NEAR/5 bad"), "");
  EXPECT_EQ(advice("iphone OR (galaxy battery)"), "");
  EXPECT_EQ(advice("1,234円 お得"), "");
}

TEST(QueryLint, WarnsOfMixedOperators) {
  EXPECT_EQ(advice("foo OR bar -baz"), "mixed_or_not@foo OR bar -baz");
  EXPECT_EQ(instead("foo OR bar -baz"), "(foo OR bar) -baz");
  EXPECT_EQ(advice("foo bar OR baz"), "mixed_or_and@foo bar OR baz");
  EXPECT_EQ(instead("foo bar OR baz"), "(foo bar) OR baz");
  EXPECT_EQ(advice("(foo OR bar) baz OR one"), "mixed_or_and@(foo OR bar) baz OR one");
  EXPECT_EQ(advice("(foo bar) OR ((one) baz)"), "");
  EXPECT_EQ(advice("foo or bar"), "small_operator@or");
  EXPECT_EQ(instead("foo near/3 bar"), "NEAR/3");
  EXPECT_EQ(advice("foo OR -bar"), "anchorless@foo OR -bar or_not@-bar");
}

TEST(QueryLint, WarnsOfWordsThatFindTooMuchOrNothing) {
  EXPECT_EQ(advice("ロン"), "short_kana@ロン");
  EXPECT_EQ(instead("ロン"), "word:ロン");
  EXPECT_EQ(advice("a 電池"), "short@a");
  EXPECT_EQ(advice("電池* foo"), "star_has_no_use@電池*");
  EXPECT_EQ(advice("本当？"), "question_mark@本当？");
  EXPECT_EQ(advice("\"what?\""), "quoted_wildcard@\"what?\"");
  EXPECT_EQ(advice("「電池切れ」"), "corner_brackets@「電池切れ」");
  EXPECT_EQ(advice("電池、充電"), "separator_inside@電池、充電");
  EXPECT_EQ(advice("10000円"), "repeated@10000円");
  EXPECT_EQ(advice("foo bar foo"), "duplicate@foo");
  EXPECT_EQ(advice("foo -foo"), "contradiction@-foo");
  EXPECT_EQ(advice("foo --bar"), "double_not@--bar");
  EXPECT_EQ(advice("lang:ja"), "anchorless@lang:ja");
}

TEST(QueryLint, JudgesByTheStoredPosts) {
  Seen seen{.posts = 1000, .matched = 0, .leaves = {{{0, 3}, 300}, {{4, 7}, 3}}};
  EXPECT_EQ(advice("foo bar", seen), "matches_nothing@foo bar common_word@foo");
  seen.matched = 400;
  EXPECT_EQ(advice("foo bar", seen), "matches_much@foo bar common_word@foo");
  seen.posts = 100;  // too few to say
  EXPECT_EQ(advice("foo bar", seen), "");
}

}  // namespace
}  // namespace kiki::listening::query
