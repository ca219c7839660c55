#include "text/search_fold.hpp"

#include <gtest/gtest.h>

#include "text/utf8.hpp"

namespace kiki::text {
namespace {

std::string folded(std::string_view text, const SearchFold& options = {}) {
  std::string out;
  for (const char32_t c : fold_for_search(text, options).code_points) append_utf8(out, c);
  return out;
}

TEST(SearchFold, FoldsAccentsOfLatinOnly) {
  EXPECT_EQ(folded("Café CRÈME Ångström"), "cafe creme angstrom");
  EXPECT_EQ(folded("e\u0301\u0323x"), "ex");
  EXPECT_EQ(folded("İstanbul"), "istanbul");
  EXPECT_EQ(folded("がぎ"), "がぎ");
  EXPECT_EQ(folded("й"), "й");
}

TEST(SearchFold, FoldsWhatATopicMaySwitchOff) {
  EXPECT_EQ(folded("サーバー"), "さーばー");
  EXPECT_EQ(folded("サーバー", {.kana = false}), "サーバー");
  EXPECT_EQ(folded("ヴァ"), "ゔあ");
  EXPECT_EQ(folded("ラ〜メン ラ-メン ラ—メン ラ～メン ﾗｰﾒﾝ"), "らーめん らーめん らーめん らーめん らーめん");
  EXPECT_EQ(folded("ラ〜メン", {.dashes = false}), "ら〜めん");
  EXPECT_EQ(folded("キャッチ ｷｬｯﾁ"), "きやつち きやつち");
  EXPECT_EQ(folded("キャッチ", {.small_kana = false}), "きゃっち");
  EXPECT_EQ(folded("キャッヶ", {.kana = false}), "キヤツケ");
  EXPECT_EQ(folded("すごーーーい coooool ああああ"), "すごーい cool ああ");
  EXPECT_EQ(folded("すごー〜ーい"), "すごーい");
  EXPECT_EQ(folded("coooool", {.runs = false}), "coooool");
  EXPECT_EQ(folded("a\u3000 \n\tb"), "a  b");
  EXPECT_EQ(folded("don’t"), "don't");
}

TEST(SearchFold, KnowsWhatACharacterWas) {
  const SearchText text = fold_for_search("ロンが2らーー〜!");
  ASSERT_EQ(text.size(), 7U);
  EXPECT_EQ(text.kinds[0], CharKind::kKatakana);
  EXPECT_EQ(text.kinds[1], CharKind::kKatakana);
  EXPECT_EQ(text.kinds[2], CharKind::kHiragana);
  EXPECT_EQ(text.kinds[3], CharKind::kWord);
  EXPECT_EQ(text.kinds[4], CharKind::kHiragana);
  EXPECT_EQ(text.kinds[5], CharKind::kHiragana);  // ー after hiragana; the rest of the run is in it
  EXPECT_EQ(text.kinds[6], CharKind::kSeparator);
  const SearchText dash = fold_for_search("ロン〜");
  EXPECT_EQ(dash.code_points[2], U'ー');
  EXPECT_EQ(dash.kinds[2], CharKind::kSeparator);
  EXPECT_EQ(fold_for_search("😡").kinds[0], CharKind::kPictograph);
  EXPECT_EQ(fold_for_search("ไ").kinds[0], CharKind::kOtherUnspaced);
}

TEST(SearchFold, KnowsWhereItCameFrom) {
  const std::string original = "Ｃoooooool é\u0301 ﾌﾟ";
  const SearchText text = fold_for_search(original);
  const auto source = [&](std::size_t begin, std::size_t end) {
    const ByteRange range = text.original(begin, end);
    return original.substr(range.begin, range.end - range.begin);
  };
  ASSERT_EQ(text.size(), 8U);
  EXPECT_EQ(source(0, 4), "Ｃoooooool");
  EXPECT_EQ(source(2, 3), "oooooo");
  EXPECT_EQ(source(5, 6), "é\u0301");
  EXPECT_EQ(source(7, 8), "ﾌﾟ");
}

TEST(SearchFold, MoreOptionsNeverPartWhatFewerJoin) {
  // What the engine rests on: it looks for everything in the most folded form first.
  const std::string_view texts[] = {"アッーーっｯﾂつツ~〜ー-aaaa", "ｶﾞがガｧぁァアあ", "ヶヵゕか",
                                    "1000 100 10"};
  for (const auto text : texts) {
    const SearchText all = fold_for_search(text);
    for (unsigned bits = 0; bits < 16; ++bits) {
      const SearchFold some{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
      std::string partly;
      for (const char32_t c : fold_for_search(text, some).code_points) append_utf8(partly, c);
      EXPECT_EQ(fold_for_search(partly).code_points, all.code_points) << text << bits;
    }
  }
}

}  // namespace
}  // namespace kiki::text
