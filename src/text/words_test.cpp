#include "text/words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiki::text {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> telling(std::string_view text) {
  std::vector<std::string> words;
  for (const auto& word : words_of(text)) {
    if (word.tells) words.push_back(word.text);
  }
  return words;
}

TEST(Words, JapaneseIsCutIntoWords) {
  const auto words = telling("新しい炊飯器、電源が入らない。電源コードも確認した");
  EXPECT_THAT(words, Contains("炊飯器"));
  EXPECT_THAT(words, Contains("電源"));
  EXPECT_THAT(words, Not(Contains("が")));
  EXPECT_EQ(std::count(words.begin(), words.end(), "電源"), 1);
}

TEST(Words, EnglishLeavesOutWhatTellsNothing) {
  EXPECT_THAT(telling("The Kettle is the best kettle, and it was $20"), ElementsAre("kettle", "best"));
}

TEST(Words, AddressesAndNamesAreNoWordsAndHashtagsAreOne) {
  EXPECT_THAT(telling("@minato_support https://example.com/path?q=kettle #ミナトに要望 #One_Two kettle"),
              ElementsAre("#ミナトに要望", "#one_two", "kettle"));
  EXPECT_THAT(telling(""), IsEmpty());
  EXPECT_THAT(words_of("…！？ 。"), IsEmpty());
}

TEST(Words, LinksAreFoundAsWritten) {
  EXPECT_THAT(links_of("見て→https://example.com/a。次は (http://b.example/x), https://example.com/a"),
              ElementsAre("https://example.com/a", "http://b.example/x"));
  EXPECT_THAT(links_of("https:// http"), IsEmpty());
}

}  // namespace
}  // namespace kiki::text
