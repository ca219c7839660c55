#include "text/normalize.hpp"

#include <gtest/gtest.h>

#include "text/utf8.hpp"

namespace kiki::text {
namespace {

TEST(Normalize, FoldsWidthCaseAndCompatibility) {
  EXPECT_EQ(fold("ＡＢＣ ａｂｃ ABC"), "abc abc abc");
  EXPECT_EQ(fold("１２３①"), "1231");
  EXPECT_EQ(fold("㈱東京"), "(株)東京");
  EXPECT_EQ(fold("Straße"), "strasse");
  EXPECT_EQ(fold("İ"), "i\u0307");
  EXPECT_EQ(fold("　"), " ");
  EXPECT_EQ(fold("㍿"), "株式会社");
  EXPECT_EQ(fold(""), "");
}

TEST(Normalize, JoinsHalfWidthKanaWithTheirMarks) {
  EXPECT_EQ(fold("ﾌﾟﾘﾝﾀ"), "プリンタ");
  EXPECT_EQ(fold("ｶﾞｷﾞｸﾞ"), "ガギグ");
  EXPECT_EQ(fold("ｳﾞ"), "ヴ");
  EXPECT_EQ(fold("は\u3099"), "ば");
  EXPECT_EQ(fold("か\u3099"), fold("が"));
}

TEST(Normalize, KeepsWhatDiffersForReaders) {
  EXPECT_NE(fold("ひらがな"), fold("ヒラガナ"));
  EXPECT_EQ(fold("サーバー"), "サーバー");
  EXPECT_NE(fold("か"), fold("が"));
}

TEST(Normalize, DropsWhatIsInvisible) {
  EXPECT_EQ(fold("東\u200B京\uFEFF\u00AD"), "東京");
  EXPECT_EQ(fold("👨‍👩‍👧"), "👨👩👧");
  EXPECT_EQ(fold("❤️"), "❤");
}

TEST(Normalize, TakesHostileBytes) {
  EXPECT_EQ(fold("Ａ\xFF\xC0Ｂ"), "a\uFFFD\uFFFDb");
  std::string zalgo = "a";
  for (int i = 0; i < 5000; ++i) zalgo += "\u0301\u0323";
  EXPECT_EQ(find_invalid_utf8(fold(zalgo)), std::nullopt);
}

TEST(Normalize, KnowsWhereFoldedBytesCameFrom) {
  const std::string original = "Ｘ ﾌﾟﾘﾝﾀ㈱ end";
  const FoldedText folded = fold_with_origins(original);
  ASSERT_EQ(folded.text(), "x プリンタ(株) end");
  const auto source = [&](std::string_view part) {
    const std::size_t at = folded.text().find(part);
    const ByteRange range = folded.original({at, at + part.size()});
    return original.substr(range.begin, range.end - range.begin);
  };
  EXPECT_EQ(source("x"), "Ｘ");
  EXPECT_EQ(source("プ"), "ﾌﾟ");
  EXPECT_EQ(source("リン"), "ﾘﾝ");
  EXPECT_EQ(source("プリンタ"), "ﾌﾟﾘﾝﾀ");
  EXPECT_EQ(source("株"), "㈱");  // a part of what one character became is that character
  EXPECT_EQ(source("end"), "end");
  EXPECT_EQ(source("nd"), "nd");
  EXPECT_EQ(folded.original({0, folded.text().size()}), (ByteRange{0, original.size()}));
  EXPECT_EQ(folded.original({folded.text().size(), folded.text().size()}),
            (ByteRange{original.size(), original.size()}));
}

TEST(Normalize, OriginsSkipDroppedAndBrokenBytes) {
  const std::string original = "東\u200B京\xFF\xFE都";
  const FoldedText folded = fold_with_origins(original);
  ASSERT_EQ(folded.text(), "東京\uFFFD\uFFFD都");
  EXPECT_EQ(folded.original({0, 6}), (ByteRange{0, 9}));
  EXPECT_EQ(folded.original({3, 6}), (ByteRange{6, 9}));
  EXPECT_EQ(folded.original({6, 9}), (ByteRange{9, 10}));
  EXPECT_EQ(folded.original({12, 15}), (ByteRange{11, 14}));
  const FoldedText nothing = fold_with_origins("");
  EXPECT_EQ(nothing.original({0, 0}), (ByteRange{0, 0}));
  const FoldedText dropped = fold_with_origins("\u200B");
  EXPECT_EQ(dropped.text(), "");
  EXPECT_EQ(dropped.original({0, 0}).begin, dropped.original({0, 0}).end);
}

}  // namespace
}  // namespace kiki::text
