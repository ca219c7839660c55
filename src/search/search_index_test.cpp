// The index against plain substring search, on both stores.

#include "search/search_index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/random.hpp"
#include "store/test_store.hpp"
#include "text/bigram.hpp"
#include "text/normalize.hpp"

namespace kiki::search {
namespace {

using store::Dialect;
using store::TestStore;
using store::Transaction;
using testing::ElementsAre;
using testing::IsEmpty;

class SearchTest : public testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override { KIKI_MAKE_TEST_STORE(store_, GetParam()); }
  void index(Id workspace_id, Id id, std::string_view text) {
    const auto done =
        store_->db().writer().write([&](Transaction& tx) { return index_post(tx, workspace_id, id, text); });
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  void remove(Id workspace_id, Id id, std::string_view text) {
    const auto done =
        store_->db().writer().write([&](Transaction& tx) { return remove_post(tx, workspace_id, id, text); });
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  std::vector<Id> find(Id workspace_id, std::string_view query, Id before = 0, std::size_t limit = 100) {
    auto reader = store_->db().reader();
    auto ids = search_posts(*reader.value(), workspace_id, query, before, limit);
    EXPECT_TRUE(ids.ok()) << query << ": " << ids.error().message;
    return ids.ok() ? ids.value() : std::vector<Id>();
  }
  std::unique_ptr<TestStore> store_;
};
INSTANTIATE_TEST_SUITE_P(Stores, SearchTest, store::test_dialects(), store::test_dialect_name);

TEST_P(SearchTest, FindsJapaneseAndEnglish) {
  index(1, 10, "東京都に住んでいます。ＩＰＨＯＮＥ１４が壊れた");
  index(1, 20, "京都と東京を往復する");
  index(1, 30, "My iPhone 14 doesn't charge, \"please\" help");
  EXPECT_THAT(find(1, "東京"), ElementsAre(20, 10));
  EXPECT_THAT(find(1, "東京都"), ElementsAre(10));
  EXPECT_THAT(find(1, "京"), ElementsAre(20, 10));
  EXPECT_THAT(find(1, "都"), ElementsAre(20, 10));
  EXPECT_THAT(find(1, "iph"), ElementsAre(30, 10));
  EXPECT_THAT(find(1, "iphone 東京"), ElementsAre(10));
  EXPECT_THAT(find(1, "\"please help\""), ElementsAre(30));
  EXPECT_THAT(find(1, "\"help please\""), IsEmpty());
  EXPECT_THAT(find(1, "help please"), ElementsAre(30));
  EXPECT_THAT(find(1, "大阪"), IsEmpty());
}

TEST_P(SearchTest, WorkspacesAreApart) {
  index(1, 10, "東京");
  index(2, 20, "東京");
  index(36, 30, "東京");
  EXPECT_THAT(find(1, "東京"), ElementsAre(10));
  EXPECT_THAT(find(2, "東"), ElementsAre(20));
  EXPECT_THAT(find(36, "東京"), ElementsAre(30));
  EXPECT_THAT(find(3, "東京"), IsEmpty());
}

TEST_P(SearchTest, PagesNewestFirst) {
  for (Id id = 1; id <= 25; ++id) index(1, id, "料金について");
  const auto first = find(1, "料金", 0, 10);
  EXPECT_EQ(first.size(), 10U);
  EXPECT_EQ(first.front(), 25);
  const auto second = find(1, "料金", first.back(), 10);
  EXPECT_EQ(second.front(), 15);
  EXPECT_EQ(find(1, "料金", second.back(), 10).size(), 5U);
  EXPECT_THAT(find(1, "料金", 0, 0), IsEmpty());
}

TEST_P(SearchTest, RemovedAndEditedTextIsGone) {
  index(1, 10, "古い文章 old words");
  remove(1, 10, "古い文章 old words");
  index(1, 10, "新しい文章 new words");
  EXPECT_THAT(find(1, "古い"), IsEmpty());
  EXPECT_THAT(find(1, "old"), IsEmpty());
  EXPECT_THAT(find(1, "文章"), ElementsAre(10));
  remove(1, 10, "新しい文章 new words");
  EXPECT_THAT(find(1, "文章"), IsEmpty());
  EXPECT_THAT(find(1, "words"), IsEmpty());
}

TEST_P(SearchTest, AJobThatFailsLeavesNoTrace) {
  const auto done = store_->db().writer().write([&](Transaction& tx) -> Result<void> {
    TRY(index_post(tx, 1, 10, "東京"));
    return conflict("no");
  });
  ASSERT_FALSE(done.ok());
  EXPECT_THAT(find(1, "東京"), IsEmpty());
}

TEST_P(SearchTest, StrangeTextAndQueriesAreHarmless) {
  const std::vector<std::string> strange = {"",
                                            " ",
                                            "。、！",
                                            "\"",
                                            "'",
                                            "\\",
                                            "''\"\"",
                                            "a'b\"c\\d:*|&!()<->",
                                            "NEAR(",
                                            "OR AND NOT",
                                            "tokens:x",
                                            "*",
                                            "^a",
                                            "-a",
                                            "+",
                                            "%_",
                                            "😀😀",
                                            "👨‍👩‍👧‍👦",
                                            "e\xcc\x81\xcc\x81",
                                            "\xff\xfe\x80",
                                            "\x01\x7f",
                                            "a|b|c",
                                            ":1 ':2 'x':3",
                                            std::string(3000, 'a'),
                                            "ｶﾞ",
                                            "1|東京"};
  Id id = 1;
  for (const auto& text : strange) index(1, id++, text);
  for (const auto& text : strange) {
    auto reader = store_->db().reader();
    const auto found = search_posts(*reader.value(), 1, text, 0, 100);
    if (text.size() > kQueryLimitBytes) {
      EXPECT_EQ(found.error().kind, ErrorKind::kInvalid);
    } else {
      EXPECT_TRUE(found.ok()) << text << ": " << found.error().message;
    }
  }
  id = 1;
  for (const auto& text : strange) remove(1, id++, text);
  for (const auto* query : {"a", "東京", "x", "😀"}) EXPECT_THAT(find(1, query), IsEmpty()) << query;
}

TEST_P(SearchTest, AVeryLongTextIsIndexedAsFarAsBothCan) {
  std::string text = "はじめ";
  SeededRandom random(1);
  for (int i = 0; i < 20'000; ++i) {
    text += ' ';
    for (int j = 0; j < 60; ++j) text += static_cast<char>('a' + random.below(26));
  }
  text += " おわり";
  index(1, 10, text);
  EXPECT_THAT(find(1, "はじめ"), ElementsAre(10));
  EXPECT_THAT(find(1, "おわり"), IsEmpty());
  remove(1, 10, text);
  EXPECT_THAT(find(1, "はじめ"), IsEmpty());
}

TEST_P(SearchTest, FindsPeopleAndCases) {
  ASSERT_TRUE(
      store_->db()
          .writer()
          .write([](Transaction& tx) -> Result<void> {
            TRY(index_identity(tx, 1, 5, "山田 花子", "hanako.example.com"));
            TRY(index_identity(tx, 1, 6, "Alice", "alice.example.com"));
            TRY(index_case(tx, 1, 100, "返金の相談"));
            TRY(index_case(tx, 1, 101, "12 月の請求"));
            TRY(tx.db().run(
                "INSERT INTO cases (workspace_id, id, number, person_id, identity_id, account_id, network, "
                "status, origin, last_post_at, opened_at) VALUES (1, 100, 12, 1, 1, 1, 'open', 'open', "
                "'addressed', 1, 1)"));
            return {};
          })
          .ok());
  auto reader = store_->db().reader();
  auto& connection = *reader.value();
  EXPECT_THAT(search_identities(connection, 1, "花子", 0, 10).value(), ElementsAre(5));
  EXPECT_THAT(search_identities(connection, 1, "@alice.ex", 0, 10).value(), ElementsAre(6));
  EXPECT_THAT(search_identities(connection, 1, "example", 0, 10).value(), ElementsAre(6, 5));
  EXPECT_THAT(search_cases(connection, 1, "返金", 10).value(), ElementsAre(100));
  EXPECT_THAT(search_cases(connection, 1, "＃12", 10).value(), ElementsAre(100, 101));
  EXPECT_THAT(search_cases(connection, 1, "12", 1).value(), ElementsAre(100));
  EXPECT_THAT(search_cases(connection, 2, "12", 10).value(), IsEmpty());
  ASSERT_TRUE(store_->db()
                  .writer()
                  .write([](Transaction& tx) -> Result<void> {
                    TRY(remove_identity(tx, 1, 5, "山田 花子", "hanako.example.com"));
                    return remove_case(tx, 1, 100, "返金の相談");
                  })
                  .ok());
  EXPECT_THAT(search_identities(connection, 1, "花子", 0, 10).value(), IsEmpty());
  EXPECT_THAT(search_cases(connection, 1, "返金", 10).value(), IsEmpty());
}

// --- both stores and plain substring search give the same answers

const std::vector<std::string> kJapanese = {
    "東京", "京都",         "東京都",     "住んで", "います", "てください", "返金",
    "料金", "請求書",       "届かない",   "壊れた", "アプリ", "プリンタ",   "ﾌﾟﾘﾝﾀ",
    "が",   "の",           "は",         "注文",   "番号",   "住吉",       "大阪",
    "電話", "つながらない", "ありがとう", "㈱",     "。",     "、",         "！"};
const std::vector<std::string> kEnglish = {"iPhone",  "printer", "print",  "refund", "ＲＥＦＵＮＤ", "order",
                                           "ordered", "help",    "please", "app",    "apple",        "14",
                                           "2026",    "doesn't", "work",   "working"};

std::string make_text(SeededRandom& random) {
  std::string text;
  const auto words = 1 + random.below(14);
  bool english = random.below(2) == 0;
  for (std::uint64_t i = 0; i < words; ++i) {
    if (random.below(4) == 0) english = !english;
    if (english) {
      if (!text.empty()) text += ' ';
      text += kEnglish[random.below(kEnglish.size())];
      if (random.below(6) == 0) text += "!?";
    } else {
      text += kJapanese[random.below(kJapanese.size())];
    }
  }
  return text;
}

struct Piece {
  std::string text;
  bool latin = false;
};

// Japanese anywhere; a Latin word by its front.
bool contains(const std::string& folded, const Piece& piece) {
  const auto needle = text::fold(piece.text);
  for (auto at = folded.find(needle); at != std::string::npos; at = folded.find(needle, at + 1)) {
    const auto before = at == 0 ? ' ' : folded[at - 1];
    const bool in_word = (before >= 'a' && before <= 'z') || (before >= '0' && before <= '9');
    if (!piece.latin || !in_word) return true;
  }
  return false;
}

std::vector<Piece> make_query(SeededRandom& random) {
  std::vector<Piece> pieces;
  const auto count = 1 + random.below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (random.below(3) == 0) {
      auto word = kEnglish[random.below(kEnglish.size())];
      if (word == "doesn't" || word == "ＲＥＦＵＮＤ") word = "refund";
      pieces.push_back({word.substr(0, 1 + random.below(word.size())), true});
      continue;
    }
    // A stretch across words as they stand together in texts, of one to five characters.
    std::u32string characters;
    for (int word = 0; word < 2; ++word) {
      const auto& next = kJapanese[random.below(kJapanese.size() - 4)];  // without ㈱ and punctuation
      for (std::size_t at = 0; at + 2 < next.size(); at += 3) {
        characters += static_cast<char32_t>((next[at] & 0x0f) << 12 | (next[at + 1] & 0x3f) << 6 |
                                            (next[at + 2] & 0x3f));
      }
    }
    const auto length = 1 + random.below(std::min<std::uint64_t>(5, characters.size()));
    const auto start = random.below(characters.size() - length + 1);
    std::string text;
    for (const auto c : characters.substr(start, length)) {
      // A voiced-sound mark alone is no character that one searches for.
      if (c == U'ﾟ' || c == U'ﾞ') continue;
      text += static_cast<char>(0xe0 | (c >> 12));
      text += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
      text += static_cast<char>(0x80 | (c & 0x3f));
    }
    if (!text.empty()) pieces.push_back({text, false});
  }
  return pieces;
}

TEST_P(SearchTest, AgreesWithSubstringSearch) {
  SeededRandom random(2026);
  std::map<Id, std::string> texts;
  for (Id id = 1; id <= 5'000; ++id) texts[id] = make_text(random);
  std::vector<Id> edited;
  ASSERT_TRUE(store_->db()
                  .writer()
                  .write([&](Transaction& tx) -> Result<void> {
                    for (const auto& [id, text] : texts) TRY(index_post(tx, 7, id, text));
                    return {};
                  })
                  .ok());
  // A tenth is edited, a tenth deleted.
  ASSERT_TRUE(store_->db()
                  .writer()
                  .write([&](Transaction& tx) -> Result<void> {
                    for (Id id = 10; id <= 5'000; id += 10) {
                      TRY(remove_post(tx, 7, id, texts[id]));
                      texts[id] = make_text(random);
                      TRY(index_post(tx, 7, id, texts[id]));
                      TRY(remove_post(tx, 7, id - 5, texts[id - 5]));
                      texts.erase(id - 5);
                    }
                    return {};
                  })
                  .ok());
  std::map<Id, std::string> folded;
  for (const auto& [id, text] : texts) folded[id] = text::fold(text);

  std::size_t found = 0;
  for (int i = 0; i < 500; ++i) {
    const auto pieces = make_query(random);
    if (pieces.empty()) continue;
    std::string query;
    for (const auto& piece : pieces) query += piece.text + " ";
    std::vector<Id> expected;
    for (auto it = folded.rbegin(); it != folded.rend(); ++it) {
      const auto& text = it->second;
      if (std::all_of(pieces.begin(), pieces.end(),
                      [&](const Piece& piece) { return contains(text, piece); })) {
        expected.push_back(it->first);
      }
    }
    if (expected.size() > kResultLimit) expected.resize(kResultLimit);
    EXPECT_EQ(find(7, query, 0, kResultLimit), expected) << query;
    found += expected.size();
  }
  EXPECT_GT(found, 10'000U);
}

}  // namespace
}  // namespace kiki::search
