#include "text/bigram.hpp"

#include <gtest/gtest.h>

#include <random>

#include "text/script.hpp"
#include "text/utf8.hpp"

namespace kiki::text {
namespace {

using Tokens = std::vector<std::string>;

bool found(std::string_view text, std::string_view query) {
  const std::vector<Phrase> phrases = query_tokens(query);
  return !phrases.empty() && matches(index_tokens(text), phrases);
}

TEST(Bigram, IndexesPairsAndWords) {
  EXPECT_EQ(index_tokens("東京タワーとiPhone 14"),
            (Tokens{"東京", "京タ", "タワ", "ワー", "ーと", "と", "iphone", "14"}));
  EXPECT_EQ(index_tokens("東京"), (Tokens{"東京", "京"}));
  EXPECT_EQ(index_tokens("東"), (Tokens{"東"}));
  EXPECT_EQ(index_tokens("iPhone14 don't"), (Tokens{"iphone14", "don", "t"}));
  EXPECT_EQ(index_tokens("東京、大阪。"), (Tokens{"東京", "京", "大阪", "阪"}));
  EXPECT_EQ(index_tokens("Привет мир"), (Tokens{"привет", "мир"}));
  EXPECT_EQ(index_tokens("👍👍!"), (Tokens{"👍👍", "👍"}));
  EXPECT_EQ(index_tokens(""), Tokens{});
  EXPECT_EQ(index_tokens(" 。!? \n"), Tokens{});
  EXPECT_EQ(index_text("東京 abc"), "東京 京 abc");
}

TEST(Bigram, AsksForPairsInOrder) {
  EXPECT_EQ(query_tokens("東京"), (std::vector<Phrase>{{{"東京"}, false}}));
  EXPECT_EQ(query_tokens("東京都"), (std::vector<Phrase>{{{"東京", "京都"}, false}}));
  EXPECT_EQ(query_tokens("東"), (std::vector<Phrase>{{{"東"}, true}}));
  EXPECT_EQ(query_tokens("iPho"), (std::vector<Phrase>{{{"ipho"}, true}}));
  EXPECT_EQ(query_tokens("東京　天気"), (std::vector<Phrase>{{{"東京"}, false}, {{"天気"}, false}}));
  EXPECT_EQ(query_tokens("東京tower"), (std::vector<Phrase>{{{"東京", "京", "tower"}, true}}));
  EXPECT_EQ(query_tokens("tower東"), (std::vector<Phrase>{{{"tower", "東"}, true}}));
  EXPECT_EQ(query_tokens("\"New York\" bar"),
            (std::vector<Phrase>{{{"new", "york"}, false}, {{"bar"}, true}}));
  EXPECT_EQ(query_tokens("“New York”"), (std::vector<Phrase>{{{"new", "york"}, false}}));
  EXPECT_EQ(query_tokens("abc abc"), (std::vector<Phrase>{{{"abc"}, true}}));
  EXPECT_TRUE(query_tokens("").empty());
  EXPECT_TRUE(query_tokens(" 　\t!?。\"\"").empty());
}

TEST(Bigram, FindsWhatIsThere) {
  EXPECT_TRUE(found("今日の東京の天気", "東京"));
  EXPECT_TRUE(found("東京", "東"));
  EXPECT_TRUE(found("東京", "京"));
  EXPECT_TRUE(found("ﾌﾟﾘﾝﾀが動かない", "プリンタ"));
  EXPECT_TRUE(found("プリンタが動かない", "ﾌﾟﾘﾝﾀ"));
  EXPECT_TRUE(found("ｱｲｽを買った", "アイス"));
  EXPECT_TRUE(found("ＡＢＣ社", "abc"));
  EXPECT_TRUE(found("𠮷野家", "𠮷野"));
  EXPECT_TRUE(found("か\u3099っこう", "がっこう"));
  EXPECT_TRUE(found("あ\u3099あ", "あ"));
  EXPECT_TRUE(found("iPhone14ケース", "iphone14ケ"));
  EXPECT_TRUE(found("hello wonderful world", "\"wonderful world\""));
  EXPECT_TRUE(found("怒った😡😡", "😡"));
  EXPECT_TRUE(found("家族👨‍👩‍👧です", "👨‍👩‍👧"));
  EXPECT_TRUE(found("한국어를 배워요", "한국"));
}

TEST(Bigram, DoesNotFindWhatIsNotThere) {
  EXPECT_FALSE(found("東京 京都", "東京都"));
  EXPECT_FALSE(found("東 京", "東京"));
  EXPECT_FALSE(found("京東", "東京"));
  EXPECT_FALSE(found("山東京大阪", "東大"));
  EXPECT_FALSE(found("東京都tower", "東京tower"));
  EXPECT_FALSE(found("hello world", "\"hello wor\""));
  EXPECT_FALSE(found("iphone", "phone"));  // only the front of a word of a spaced script
  EXPECT_FALSE(found("", "東"));
  EXPECT_FALSE(found("東京", "!"));
}

TEST(Bigram, SplitsLongWordsAlike) {
  const std::string word(200, 'x');
  EXPECT_EQ(index_tokens(word).size(), 4u);
  EXPECT_TRUE(found("a " + word + " b", word));
  EXPECT_TRUE(found("a " + word + " b", word.substr(0, 130)));
  EXPECT_FALSE(found("a " + word + " b", word + "x"));
  std::string zalgo = "a";
  for (int i = 0; i < 1000; ++i) zalgo += "\u0301\u0323";
  for (const std::string& token : index_tokens(zalgo + " b")) {
    EXPECT_LE(count_code_points(token), kMaxWordCodePoints);
  }
}

TEST(Bigram, HoldsItsLimits) {
  std::string text;
  for (std::size_t i = 0; i < kMaxIndexTokens + 100; ++i) text += "a ";
  EXPECT_EQ(index_tokens(text).size(), kMaxIndexTokens);
  std::string run;
  for (std::size_t i = 0; i < kMaxIndexTokens + 100; ++i) run += "あ";
  EXPECT_EQ(index_tokens(run).size(), kMaxIndexTokens);
  std::size_t asked = 0;
  std::string query;
  for (int i = 0; i < 1000; ++i) query += "w" + std::to_string(i) + " ";
  for (const Phrase& phrase : query_tokens(query + run)) asked += phrase.tokens.size();
  EXPECT_EQ(asked, kMaxQueryTokens);
  asked = 0;
  for (const Phrase& phrase : query_tokens(run)) asked += phrase.tokens.size();
  EXPECT_EQ(asked, kMaxQueryTokens);
}

TEST(Bigram, TokensNeedNoQuoting) {
  for (const std::string& token : index_tokens("a'b\"c\\d;e\x01"
                                               "f:*&|!()<-> 東'京\xFF\u3000\u2028g")) {
    EXPECT_EQ(token.find_first_of("'\"\\;:*&|!()<>- \x01"), std::string::npos) << token;
  }
}

// What the text and a phrase say without anything between words: a match must be a part of the other.
std::string squeezed(std::string_view folded) {
  std::string out;
  for (const CodePoint& c : code_points(folded)) {
    if (class_of(c.value) != CharacterClass::kSeparator) out += folded.substr(c.offset, c.bytes);
  }
  return out;
}

// Random texts over few characters, so that near misses are frequent: a match means containment, and every
// part of an unspaced run is found.
TEST(Bigram, AgreesWithLookingForTheText) {
  std::mt19937 random(20261122);
  const std::string_view alphabet[] = {"東", "京", "都", "東", "京", "ア", "a", "b", "1", " ", "、"};
  const auto make = [&](std::size_t length) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += alphabet[random() % std::size(alphabet)];
    return text;
  };
  int hits = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = make(1 + random() % 12);
    const std::string query = make(1 + random() % 4);
    const auto tokens = index_tokens(text);
    for (const Phrase& phrase : query_tokens(query)) {
      if (find_phrase(tokens, phrase) == tokens.size()) continue;
      ++hits;
    }
    if (query.find(' ') == std::string::npos && found(text, query)) {
      EXPECT_NE(squeezed(fold(text)).find(squeezed(fold(query))), std::string::npos)
          << text << " / " << query;
    }
    const bool unspaced_only =
        query.find_first_of("ab1 ") == std::string::npos && query.find("、") == std::string::npos;
    if (unspaced_only && text.find(query) != std::string::npos) {
      EXPECT_TRUE(found(text, query)) << text << " / " << query;
    }
    if (unspaced_only && text.find(query) == std::string::npos) {
      EXPECT_FALSE(found(text, query)) << text << " / " << query;
    }
  }
  EXPECT_GT(hits, 1000);
}

}  // namespace
}  // namespace kiki::text
