#include "text/length.hpp"

#include <gtest/gtest.h>

namespace kiki::text {
namespace {

TEST(Length, InEveryUnit) {
  EXPECT_EQ(length_in("grapheme", "👨‍👩‍👧‍👦あ"), 2u);
  EXPECT_EQ(length_in("bytes", "ミナト"), 9u);
  EXPECT_EQ(length_in("utf16", "👍"), 2u);
  EXPECT_EQ(length_in("weighted", "abc"), 3u);
  EXPECT_EQ(length_in("weighted", "ミナト"), 6u);
  EXPECT_EQ(length_in("weighted", "👨‍👩‍👧‍👦"), 2u);
  EXPECT_EQ(length_in("weighted", "see https://example.com/a/very/long/path?with=much"), 27u);
  EXPECT_EQ(length_in("", ""), 0u);
  EXPECT_EQ(length_in("weighted", "\xff\xfe"), 4u);
}

// Numbers of npm twitter-text 3.1.0 (parseTweet().weightedLength).
TEST(Length, WeightedAsXCounts) {
  const std::pair<const char*, std::size_t> cases[] = {
      {"abc", 3},
      {"日本語", 6},
      {"see <url>", 9},
      {"🇯🇵", 2},
      {"1️⃣", 2},
      {"©", 1},
      {"©️", 2},
      {"™", 2},
      {"❤️", 2},
      {"☎", 2},
      {"☎️", 2},
      {"👍🏽", 2},
      {"e\u0301", 1},
      {"か\u3099", 2},
      {"ｶﾞ", 4},
      {"—…“”‘’", 7},
      {"\u200b", 1},
      {"한국", 4},
      {"①②", 4},
      {"→", 2},
      {"€", 2},
      {"\n\n", 2},
      {"example.com", 23},
      {"see example.com.", 28},
      {"minato.co.jp へ", 26},
      {"https://minato.co.jp/。次", 27},
      {"https://例え.jp/", 23},
      {"a@example.com", 13},
      {"@user hello", 11},
      {"https://x.com/a, b", 26},
      {"日本語https://x.com/aです", 33},
      {"#タグ テスト", 12},
      {"x.y", 3},
      {"v1.2", 4},
      {"foo.jpg", 7},
      {"https://", 8},
      {"ftp://example.com/a", 19},
      {"www.example.com", 23},
      {"see https://example.com/a/very/long/path?with=much", 27}};
  for (const auto& [text, weight] : cases) EXPECT_EQ(length_in("weighted", text), weight) << text;
}

}  // namespace
}  // namespace kiki::text
