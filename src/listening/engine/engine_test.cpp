#include <gtest/gtest.h>

#include <algorithm>

#include <cstdlib>
#include <map>
#include <random>

#include "listening/engine/live_set.hpp"
#include "listening/engine/random_rules_test.hpp"
#include "listening/engine/rule_set.hpp"
#include "listening/query/parse.hpp"
#include "listening/query/reference_evaluator.hpp"
#include "text/utf8.hpp"

namespace kiki::listening::engine {
namespace {

struct Numbers {
  std::mt19937_64 random;
  std::size_t operator()(std::size_t bound) { return static_cast<std::size_t>(random() % bound); }
};

std::size_t checks_wanted(std::size_t otherwise) {
  const char* text = std::getenv("KIKI_CHECKS");
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// The table's folding is that of fold_for_search, in units.
::testing::AssertionResult folds_right(std::string_view text, const text::SearchFold& options,
                                       FoldedText& folded) {
  FoldTable::of(options).fold(text, folded);
  const auto wanted = text::fold_for_search(text, options);
  std::u16string units;
  std::vector<text::CharKind> kinds;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    units += to_units(std::u32string(1, wanted.code_points[i]));
    kinds.resize(units.size(), wanted.kinds[i]);
  }
  const std::u16string got(folded.units.data(), folded.size);
  if (got == units && std::equal(kinds.begin(), kinds.end(), folded.kinds.begin()))
    return ::testing::AssertionSuccess();
  auto failure = ::testing::AssertionFailure() << '"' << text << "\":";
  for (const auto unit : got) failure << ' ' << std::hex << static_cast<int>(unit);
  failure << " instead of";
  for (const auto unit : units) failure << ' ' << std::hex << static_cast<int>(unit);
  failure << "; kinds";
  for (std::size_t i = 0; i < folded.size; ++i) failure << ' ' << static_cast<int>(folded.kinds[i]);
  failure << " instead of";
  for (const auto kind : kinds) failure << ' ' << static_cast<int>(kind);
  return failure;
}

TEST(FoldTable, FoldsEveryCodePointAsFoldForSearch) {
  FoldedText folded;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c == 0xD800) c = 0xE000;
    if (c == 0x31000) c = 0xE0000;  // nothing there
    if (c == 0xE2000) c = 0xFFFF0;
    std::string text;
    text::append_utf8(text, c);
    const bool plain = c >= 0x3400 && c < 0xD7A0 && c % 16 != 0;
    ASSERT_TRUE(folds_right(text, {}, folded)) << std::hex << static_cast<std::uint32_t>(c);
    if (plain) continue;
    ASSERT_TRUE(folds_right("xあ" + text + "b" + text, {}, folded))
        << std::hex << static_cast<std::uint32_t>(c);
    ASSERT_TRUE(folds_right("é" + text + "ー", {}, folded)) << std::hex << static_cast<std::uint32_t>(c);
  }
}

TEST(FoldTable, FoldsEveryCodePointInEveryForm) {
  FoldedText folded;
  for (std::size_t form = 0; form < kForms; ++form) {
    for (char32_t c = 0; c < 0x20000; ++c) {
      if (c == 0xD800) c = 0xE000;
      if (c > 0x3400 && c < 0xD7A0 && c % 64 != 0) continue;
      std::string text;
      text::append_utf8(text, c);
      ASSERT_TRUE(folds_right(text, form_of(form), folded)) << std::hex << static_cast<std::uint32_t>(c);
    }
  }
}

TEST(FoldTable, FoldsTextsAsFoldForSearch) {
  Numbers numbers{std::mt19937_64(7)};
  RandomRules<Numbers> rules(numbers);
  FoldedText folded;
  const auto wanted = checks_wanted(300'000) / 15;
  for (std::size_t i = 0; i < wanted; ++i) {
    const auto form = numbers(3) == 0 ? numbers(kForms) : kStrongForm;
    ASSERT_TRUE(folds_right(rules.text(1 + numbers(20)), form_of(form), folded));
  }
}

TEST(FoldTable, KeepsTextsOfAnyLengthApart) {
  FoldedText folded;
  std::string text;
  for (std::size_t i = 0; i < 300; ++i) {
    ASSERT_TRUE(folds_right(text, {}, folded));
    text += i % 7 == 0 ? "\ufdfa" : i % 3 == 0 ? "漢" : "aB";
  }
}

std::string shown(const query::Post& post) {
  std::string out = "text: " + std::string(post.text) + "\nbytes:";
  char hex[4];
  for (const unsigned char c : post.text) {
    std::snprintf(hex, sizeof hex, " %02x", c);
    out += hex;
  }
  return out + "\nauthor: " + std::string(post.author) + "\nown: " + std::string(post.own_account);
}

// Sets of queries against posts, each pair also asked of the reference.
void compare(std::uint64_t seed, std::size_t wanted) {
  Numbers numbers{std::mt19937_64(seed)};
  RandomRules<Numbers> rules(numbers);
  Scratch scratch;
  std::size_t checks = 0;
  std::size_t matched = 0;
  std::vector<std::string> kept;
  std::vector<std::uint64_t> ids;
  while (checks < wanted) {
    const std::size_t size = numbers(10) == 0 ? 1 + numbers(400) : 1 + numbers(30);
    std::vector<query::Query> queries;
    std::vector<text::SearchFold> folds;
    RuleSetBuilder builder;
    for (std::size_t i = 0; i < size; ++i) {
      queries.push_back(rules.query());
      folds.push_back(form_of(numbers(4) == 0 ? numbers(kForms) : kStrongForm));
      builder.add(i, queries.back(), folds.back());
    }
    const auto set = builder.build();
    for (std::size_t i = 0; i < 20; ++i) {
      const auto post = rules.post(kept);
      scratch.read(post, set->needs());
      set->match(scratch, ids);
      matched += ids.size();
      std::vector<std::uint64_t> right;
      for (std::size_t k = 0; k < queries.size(); ++k) {
        if (query::matches(queries[k], post, folds[k])) right.push_back(k);
      }
      checks += queries.size();
      if (ids == right) {
        ASSERT_EQ(set->matches_any(scratch), !right.empty());
        continue;
      }
      for (std::size_t k = 0; k < queries.size(); ++k) {
        const bool got = std::find(ids.begin(), ids.end(), k) != ids.end();
        const bool should = std::find(right.begin(), right.end(), k) != right.end();
        ASSERT_EQ(got, should) << "seed " << seed << ", query: " << query::print(queries[k]) << "\nform "
                               << form_number(folds[k]) << "\n"
                               << shown(post);
      }
    }
  }
  std::printf("%zu checks, %zu of them matches\n", checks, matched);
  EXPECT_GT(matched, checks / 100);
}

TEST(Engine, AgreesWithTheReference) {
  const char* seed = std::getenv("KIKI_SEED");
  compare(seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10), checks_wanted(100'000));
}

// --- by hand
// -----------------------------------------------------------------------------------------------------

std::vector<std::uint64_t> match(const std::vector<std::string>& queries, const query::Post& post) {
  RuleSetBuilder builder;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto parsed = query::parse(queries[i]);
    EXPECT_TRUE(parsed.query) << queries[i];
    if (parsed.query) builder.add(i, *parsed.query);
  }
  const auto set = builder.build();
  Scratch scratch;
  scratch.read(post, set->needs());
  std::vector<std::uint64_t> ids;
  set->match(scratch, ids);
  return ids;
}

std::vector<std::uint64_t> match(const std::vector<std::string>& queries, std::string_view text) {
  query::Post post;
  post.text = text;
  return match(queries, post);
}

using Ids = std::vector<std::uint64_t>;

TEST(Engine, FindsWordsAndStrings) {
  const std::vector<std::string> queries = {
      "iphone", "電池", "word:ロン", "iphone 電池 -修理", "iphone NEAR/2 電池", "バッテリー*"};
  EXPECT_EQ(match(queries, "iPhoneの電池がすごーーい"), (Ids{0, 1, 3, 4}));
  EXPECT_EQ(match(queries, "iphones 電池の修理"), (Ids{1}));
  EXPECT_EQ(match(queries, "メロンと「ロン」"), (Ids{2}));
  EXPECT_EQ(match(queries, ""), Ids{});
}

TEST(Engine, SameProgramsAreOneRule) {
  RuleSetBuilder builder;
  for (std::uint64_t id : {7, 3, 9}) builder.add(id, *query::parse("東京 -大阪").query);
  const auto set = builder.build();
  EXPECT_EQ(set->rules(), 1U);
  EXPECT_EQ(set->queries(), 3U);
  Scratch scratch;
  query::Post post;
  post.text = "東京";
  scratch.read(post, set->needs());
  Ids ids;
  set->match(scratch, ids);
  EXPECT_EQ(ids, (Ids{3, 7, 9}));
}

TEST(Engine, AnEmptySetMatchesNothing) {
  EXPECT_EQ(match({}, "東京"), Ids{});
}

// Thousands of terms that begin alike, contain each other, or are all there.
TEST(Engine, IsRightForHostileSets) {
  std::vector<std::string> queries;
  for (int i = 0; i < 2'000; ++i) queries.push_back("東京" + std::to_string(i));
  for (int i = 2; i < 50; ++i) {
    std::string mixed;
    for (int k = 0; k < i; ++k) mixed += (i * k) % 3 == 0 ? "ア" : "イ";
    queries.push_back(mixed);
  }
  for (int i = 0; i < 500; ++i) queries.push_back("東京 -x" + std::to_string(i));
  std::vector<query::Query> parsed;
  for (const auto& one : queries) parsed.push_back(*query::parse(one).query);
  for (const std::string text :
       {"東京東京東京1999東京", "アイアイアイアイアイアアイイアイアイアイアアイイアイ", "東京 x3 x400",
        "東京"}) {
    query::Post post;
    post.text = text;
    Ids right;
    for (std::size_t i = 0; i < parsed.size(); ++i) {
      if (query::matches(parsed[i], post)) right.push_back(i);
    }
    EXPECT_EQ(match(queries, text), right);
  }
}

// A post of many thousand places for each side of NEAR: measured, not compared pair by pair.
TEST(Engine, LongTextsStayCheap) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "アイ";
  text += "東";
  EXPECT_EQ(
      match({"アイ ONEAR/3 東京", "アイ NEAR/0 東", "(アイ OR イア) NEAR/1 東", "東 ONEAR/9 アイ"}, text),
      (Ids{1, 2}));
}

std::shared_ptr<const query::Query> parsed(const std::string& text) {
  return std::make_shared<query::Query>(*query::parse(text).query);
}

// Edits, removals and merges in the background, against a plain map of what there should be.
TEST(LiveSet, EveryChangeIsLiveAtOnce) {
  const std::vector<std::string> queries = {"東京",   "京都",           "東京 -京都",
                                            "iphone", "東京 OR iphone", "-iphone"};
  const std::vector<std::string> texts = {"東京", "京都と東京", "iPhone", "", "東京のiphone"};
  Numbers numbers{std::mt19937_64(3)};
  LiveSet live(5);
  std::map<std::uint64_t, std::string> wanted;
  std::vector<LiveSet::Change> all;
  for (std::uint64_t id = 0; id < 30; ++id) {
    wanted[id] = queries[numbers(queries.size())];
    all.push_back({id, parsed(wanted[id]), {}});
  }
  live.load(all);
  Scratch scratch;
  Ids ids;
  for (int i = 0; i < 300; ++i) {
    const std::uint64_t id = numbers(40);
    if (numbers(4) == 0) {
      wanted.erase(id);
      live.remove(id);
    } else {
      wanted[id] = queries[numbers(queries.size())];
      live.put({id, parsed(wanted[id]), {}});
    }
    if (i % 50 == 0) live.settle();
    const auto set = live.set();
    ASSERT_EQ(set->queries(), wanted.size());
    for (const auto& text : texts) {
      query::Post post;
      post.text = text;
      Ids right;
      for (const auto& [number, one] : wanted) {
        if (query::matches(*query::parse(one).query, post)) right.push_back(number);
      }
      set->match(post, scratch, ids);
      ASSERT_EQ(ids, right) << i << ": " << text;
      ASSERT_EQ(set->matches_any(post, scratch), !right.empty());
    }
  }
}

}  // namespace
}  // namespace kiki::listening::engine
