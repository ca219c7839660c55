#include "text/graphemes.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kiki::text {
namespace {

TEST(Graphemes, CountsWhatPeopleCallCharacters) {
  EXPECT_EQ(count_graphemes(""), 0u);
  EXPECT_EQ(count_graphemes("hello"), 5u);
  EXPECT_EQ(count_graphemes("東京"), 2u);
  EXPECT_EQ(count_graphemes("か\u3099"), 1u);
  EXPECT_EQ(count_graphemes("e\u0301"), 1u);
  EXPECT_EQ(count_graphemes("👨‍👩‍👧‍👧"), 1u);
  EXPECT_EQ(count_graphemes("👍🏽"), 1u);
  EXPECT_EQ(count_graphemes("🇯🇵🇩🇪"), 2u);
  EXPECT_EQ(count_graphemes("❤️‍🔥"), 1u);
  EXPECT_EQ(count_graphemes("1️⃣"), 1u);
  EXPECT_EQ(count_graphemes("한국"), 2u);
  EXPECT_EQ(count_graphemes("\u1112\u1161\u11AB"), 1u);  // jamo of one syllable
  EXPECT_EQ(count_graphemes("a\r\nb"), 3u);
  EXPECT_EQ(count_graphemes("\r\n"), 1u);
}

TEST(Graphemes, CutsAtALimit) {
  const std::string_view text = "a👨‍👩‍👧🇯🇵か\u3099z";
  EXPECT_EQ(cut_at_grapheme(text, 0), "");
  EXPECT_EQ(cut_at_grapheme(text, 1), "a");
  EXPECT_EQ(cut_at_grapheme(text, 2), "a👨‍👩‍👧");
  EXPECT_EQ(cut_at_grapheme(text, 3), "a👨‍👩‍👧🇯🇵");
  EXPECT_EQ(cut_at_grapheme(text, 4), "a👨‍👩‍👧🇯🇵か\u3099");
  EXPECT_EQ(cut_at_grapheme(text, 5), text);
  EXPECT_EQ(cut_at_grapheme(text, 500), text);
  EXPECT_EQ(cut_at_grapheme("hello", 2), "he");
  EXPECT_EQ(cut_bytes_at_grapheme(text, 10), "a");
  EXPECT_EQ(cut_bytes_at_grapheme(text, 19), "a👨‍👩‍👧");
  EXPECT_EQ(cut_bytes_at_grapheme("👨‍👩‍👧", 5), "");
  EXPECT_EQ(cut_bytes_at_grapheme("abc", 3), "abc");
}

TEST(Graphemes, FindsTheBordersAround) {
  const std::string_view text = "a🇯🇵b";  // borders: 0 1 9 10
  for (std::size_t i = 1; i < 9; ++i) EXPECT_EQ(grapheme_floor(text, i), 1u) << i;
  for (std::size_t i = 2; i < 10; ++i) EXPECT_EQ(grapheme_ceiling(text, i), 9u) << i;
  EXPECT_EQ(grapheme_ceiling(text, 1), 1u);
  EXPECT_EQ(grapheme_floor(text, 9), 9u);
  EXPECT_EQ(grapheme_floor(text, 99), 10u);
  EXPECT_EQ(grapheme_ceiling(text, 99), 10u);
  EXPECT_EQ(grapheme_floor("", 0), 0u);
}

TEST(Graphemes, TakesHostileBytes) {
  EXPECT_EQ(count_graphemes("\xFF\xFF"), 2u);
  EXPECT_EQ(count_graphemes("東\xE4\xBA"), 2u);
  std::string zalgo = "a";
  for (int i = 0; i < 20'000; ++i) zalgo += "\u0301";
  EXPECT_EQ(count_graphemes(zalgo + "b"), 2u);
  EXPECT_EQ(cut_at_grapheme(zalgo + "b", 1), zalgo);
}

}  // namespace
}  // namespace kiki::text
