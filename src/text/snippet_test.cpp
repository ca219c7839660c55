#include "text/snippet.hpp"

#include <gtest/gtest.h>

#include "text/graphemes.hpp"
#include "text/utf8.hpp"

namespace kiki::text {
namespace {

// The marked parts of a snippet, cut out as the console does.
std::vector<std::string> marked(const Snippet& snippet) {
  std::vector<std::string> parts;
  for (const auto& [begin, end] : snippet.marks) {
    const std::size_t first = byte_offset(snippet.text, begin).value();
    const std::size_t last = byte_offset(snippet.text, end).value();
    parts.push_back(snippet.text.substr(first, last - first));
  }
  return parts;
}

using Parts = std::vector<std::string>;

TEST(Snippet, MarksEveryHitInTheOriginalText) {
  const Snippet snippet = make_snippet("👍 ﾌﾟﾘﾝﾀとプリンタ、Printer", "プリンタ print");
  EXPECT_EQ(snippet.text, "👍 ﾌﾟﾘﾝﾀとプリンタ、Printer");
  EXPECT_EQ(marked(snippet), (Parts{"ﾌﾟﾘﾝﾀ", "プリンタ", "Print"}));
  EXPECT_EQ(snippet.marks.front(), (std::pair<std::size_t, std::size_t>{3, 8}));
  EXPECT_FALSE(snippet.cut_before);
  EXPECT_FALSE(snippet.cut_after);
}

TEST(Snippet, CutsAroundTheFirstHit) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "前";
  text += "東京";
  for (int i = 0; i < 200; ++i) text += "後";
  const Snippet snippet = make_snippet(text, "東京", 30);
  EXPECT_EQ(count_code_points(snippet.text), 30u);
  EXPECT_EQ(marked(snippet), Parts{"東京"});
  EXPECT_EQ(snippet.marks.front().first, 10u);
  EXPECT_TRUE(snippet.cut_before);
  EXPECT_TRUE(snippet.cut_after);
}

TEST(Snippet, FillsItsRoomNearTheEnd) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "前";
  text += "東京";
  const Snippet snippet = make_snippet(text, "東京", 30);
  EXPECT_EQ(count_code_points(snippet.text), 30u);
  EXPECT_TRUE(snippet.text.ends_with("東京"));
  EXPECT_FALSE(snippet.cut_after);
}

TEST(Snippet, ShowsTheStartWithoutAHit) {
  const Snippet snippet = make_snippet("one two three", "四", 7);
  EXPECT_EQ(snippet.text, "one two");
  EXPECT_TRUE(snippet.marks.empty());
  EXPECT_FALSE(snippet.cut_before);
  EXPECT_TRUE(snippet.cut_after);
  EXPECT_EQ(make_snippet("", "x").text, "");
  EXPECT_EQ(make_snippet("abc", "").text, "abc");
}

TEST(Snippet, NeverTearsAGrapheme) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "👨‍👩‍👧🇯🇵";
  text += "東京";
  for (int i = 0; i < 30; ++i) text += "👨‍👩‍👧🇯🇵";
  for (std::size_t characters = 3; characters < 40; ++characters) {
    const Snippet snippet = make_snippet(text, "東京", characters);
    const std::size_t at = text.find(snippet.text);
    ASSERT_NE(at, std::string::npos);
    EXPECT_EQ(grapheme_floor(text, at), at);
    EXPECT_EQ(grapheme_floor(text, at + snippet.text.size()), at + snippet.text.size());
    EXPECT_EQ(marked(snippet), Parts{"東京"});
  }
}

TEST(Snippet, MergesHitsThatTouch) {
  EXPECT_EQ(marked(make_snippet("東京都庁", "東京 京都 庁")), (Parts{"東京都庁"}));
  EXPECT_EQ(marked(make_snippet("aa aa", "a")), (Parts{"a", "a"}));
}

TEST(Snippet, CleansHostileBytesAndHoldsItsLimits) {
  const Snippet snippet = make_snippet("\xFF\xFE東京\xC0", "東京");
  EXPECT_EQ(snippet.text, "\uFFFD\uFFFD東京\uFFFD");
  EXPECT_EQ(marked(snippet), Parts{"東京"});
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "a ";
  EXPECT_EQ(make_snippet(many, "a", 5000).marks.size(), kMaxSnippetMarks);
}

}  // namespace
}  // namespace kiki::text
