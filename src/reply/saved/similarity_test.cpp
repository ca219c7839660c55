#include "reply/saved/similarity.hpp"

#include <gtest/gtest.h>

#include "reply/saved/saved_reply.hpp"

namespace kiki::reply::saved {
namespace {

int covered(const char* post, const char* reply) {
  return covered_percent(grams_of(post), grams_of(reply));
}

TEST(Similarity, WhatItIsAboutCountsNotItsEndings) {
  EXPECT_GT(covered("荷物が届きません", "配送の遅れ：お荷物がまだ届いていないとのこと"), 50);
  EXPECT_LT(covered("荷物が届きません", "返品：返品したいのですがとのこと"), 10);
  EXPECT_EQ(covered("ランプ", "ﾗﾝﾌﾟがつかない"), 100) << "width does not matter";
  EXPECT_EQ(covered("らんぷ", "ランプがつかない"), 100) << "nor does kana";
  EXPECT_GT(covered("My order is late", "Late order: we are sorry"),
            covered("My order is late", "Is my bill right?"));
}

TEST(Similarity, NothingIsLikeNothing) {
  EXPECT_EQ(covered("", "x"), 0);
  EXPECT_EQ(covered("！？", "！？"), 0);
  EXPECT_EQ(alike_percent({}, {}), 0);
}

TEST(Similarity, AlikeIsTheSameBothWaysAndFullForTheSame) {
  const auto a = grams_of("電源が入らないランプ");
  const auto b = grams_of("ランプの電源コード");
  EXPECT_EQ(alike_percent(a, a), 100);
  EXPECT_EQ(alike_percent(b, b), 100);
  EXPECT_GT(alike_percent(a, b), 20);
  EXPECT_LT(alike_percent(a, b), 80);
}

TEST(SavedReply, TheVariantInTheirLanguageElseForAllElseOurs) {
  const std::vector<Variant> all = {{"en", "e"}, {"ja", "j"}};
  EXPECT_EQ(choose(all, "ja-JP", "en").text, "j");
  EXPECT_EQ(choose(all, "de", "ja").text, "j");
  EXPECT_EQ(choose(all, "", "en").text, "e");
  EXPECT_EQ(choose(all, "de", "fr").text, "e");
  EXPECT_EQ(choose({{"en", "e"}, {"", "any"}}, "ja", "en").text, "any");
}

TEST(SavedReply, RefusesWhatCouldNeverBeFilled) {
  const auto read = [](const char* text) {
    const auto document = JsonDocument::parse(text);
    return read_saved_reply(document->root(), {});
  };
  EXPECT_EQ(read(R"({"name":"a","variants":[{"text":"{{customer.nmae}}"}]})").error().code,
            "unknown_variable");
  EXPECT_EQ(read(R"({"name":"a","variants":[]})").error().where, "/variants");
  EXPECT_EQ(read(R"({"name":" ","variants":[{"text":"x"}]})").error().where, "/name");
  EXPECT_EQ(read(R"({"name":"a","code":"two words","variants":[{"text":"x"}]})").error().where, "/code");
  EXPECT_EQ(read(R"({"name":"a","variants":[{"text":"x"},{"text":"y"}]})").error().where,
            "/variants/1/language");
  const auto good =
      read(R"({"name":"a","code":"ＬＡＴＥ","variants":[{"text":"{{asset:Form}} {{reward:s}}"}]})");
  ASSERT_TRUE(good.ok()) << good.error().message;
  EXPECT_EQ(good->code, "late");
  EXPECT_EQ(assets_of(good->variants), std::vector<std::string>{"form"});
}

}  // namespace
}  // namespace kiki::reply::saved
