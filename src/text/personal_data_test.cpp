#include "text/personal_data.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "text/utf8.hpp"

namespace kiki::text {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// What was found, as "kind: words".
std::vector<std::string> found(std::string_view text, const OrderNumbers& own = {}) {
  std::vector<std::string> list;
  for (const auto& one : find_personal_data(text, own)) {
    list.push_back(std::string(name(one.kind)) + ": " +
                   std::string(text.substr(one.range.begin, one.range.end - one.range.begin)));
  }
  return list;
}

TEST(PersonalData, JapaneseTelephoneNumbers) {
  EXPECT_THAT(found("お電話は090-1234-5678までお願いします"), ElementsAre("phone: 090-1234-5678"));
  EXPECT_THAT(found("０９０－１２３４－５６７８"), ElementsAre("phone: ０９０－１２３４－５６７８"));
  EXPECT_THAT(found("09012345678です"), ElementsAre("phone: 09012345678"));
  EXPECT_THAT(found("03（1234）5678"), ElementsAre("phone: 03（1234）5678"));
  EXPECT_THAT(found("045ー123ー4567"), ElementsAre("phone: 045ー123ー4567"));
  EXPECT_THAT(found("+81 90 1234 5678"), ElementsAre("phone: +81 90 1234 5678"));
  EXPECT_THAT(found("2個、090-1234-5678と080-9876-5432"),
              ElementsAre("phone: 090-1234-5678", "phone: 080-9876-5432"));
  EXPECT_THAT(found("個数 2 090-1234-5678"), ElementsAre("phone: 090-1234-5678"));
}

TEST(PersonalData, EnglishTelephoneNumbers) {
  EXPECT_THAT(found("call (905) 674-3793 now"), ElementsAre("phone: (905) 674-3793"));
  EXPECT_THAT(found("905-674-3793"), ElementsAre("phone: 905-674-3793"));
  EXPECT_THAT(found("+44 7700 900123"), ElementsAre("phone: +44 7700 900123"));
  EXPECT_THAT(found("My phone is 78 651 450."), ElementsAre("phone: 78 651 450"));
}

TEST(PersonalData, NumbersThatAreNoTelephoneNumbers) {
  EXPECT_THAT(found("フリーダイヤル0120-123-456、0570-012-345"), IsEmpty());
  EXPECT_THAT(found("2026-11-22 10:05に対応しました"), IsEmpty());
  EXPECT_THAT(found("10,000円、残り1,234,567点"), IsEmpty());
  EXPECT_THAT(found("https://example.jp/status/09012345678"), IsEmpty());
  EXPECT_THAT(found("型番はAB-090-1234-5678です"), IsEmpty());
  EXPECT_THAT(found("version 1.2.3.4, build 20261122"), IsEmpty());
  EXPECT_THAT(found("9:00-18:00、11月22日から12月3日"), IsEmpty());
}

TEST(PersonalData, MailAddresses) {
  EXPECT_THAT(found("メールはhanako.t+x@example.co.jpです"), ElementsAre("email: hanako.t+x@example.co.jp"));
  EXPECT_THAT(found("ｈａｎａ＠ｅｘａｍｐｌｅ．ｊｐ"), ElementsAre("email: ｈａｎａ＠ｅｘａｍｐｌｅ．ｊｐ"));
  EXPECT_THAT(found("@haruka@mastodon.example さん"), IsEmpty());
  EXPECT_THAT(found("@haruka.bsky.social thanks"), IsEmpty());
}

TEST(PersonalData, Addresses) {
  EXPECT_THAT(found("〒150-0001 東京都渋谷区神宮前1-2-3です。"),
              ElementsAre("postal_address: 〒150-0001 東京都渋谷区神宮前1-2-3"));
  EXPECT_THAT(found("〒1500001"), ElementsAre("postal_address: 〒1500001"));
  EXPECT_THAT(found("東京都千代田区丸の内一丁目9番2号へお送りします"),
              ElementsAre("postal_address: 東京都千代田区丸の内一丁目9番2号"));
  EXPECT_THAT(found("横浜市西区みなとみらい２－３－１"),
              ElementsAre("postal_address: 横浜市西区みなとみらい２－３－１"));
  EXPECT_THAT(found("東京都の天気は晴れ、3-1で勝ちました"), IsEmpty());
  EXPECT_THAT(found("Send it to 12 High Street please"), ElementsAre("postal_address: 12 High Street"));
  EXPECT_THAT(found("there are 3 easy ways, 2 of them on the way"), IsEmpty());
}

TEST(PersonalData, CheckDigits) {
  EXPECT_TRUE(is_luhn("4111111111111111"));
  EXPECT_FALSE(is_luhn("4111111111111112"));
  EXPECT_FALSE(is_luhn("0000000000000000"));
  EXPECT_TRUE(is_my_number("123456789018"));
  EXPECT_FALSE(is_my_number("123456789012"));
  EXPECT_THAT(found("4111 1111 1111 1111"), ElementsAre("card_number: 4111 1111 1111 1111"));
  EXPECT_THAT(found("4111 1111 1111 1112"), IsEmpty());
  EXPECT_THAT(found("マイナンバーは1234-5678-9018"), ElementsAre("national_id: 1234-5678-9018"));
  EXPECT_THAT(found("123456789018"), ElementsAre("national_id: 123456789018"));
  EXPECT_THAT(found("123456789012"), IsEmpty());
  EXPECT_THAT(found("378282246310005"), ElementsAre("card_number: 378282246310005"));
}

TEST(PersonalData, EveryWrongDigitOfMyNumberIsSeen) {
  const std::string right = "123456789018";
  for (std::size_t at = 0; at < right.size(); ++at) {
    int accepted = 0;
    for (char digit = '0'; digit <= '9'; ++digit) {
      auto changed = right;
      changed[at] = digit;
      if (is_my_number(changed)) ++accepted;
    }
    // 11 - rest and "rest ≤ 1 is 0" let two digits share a check digit, never more.
    EXPECT_LE(accepted, 2) << at;
  }
}

TEST(PersonalData, BankAccounts) {
  EXPECT_THAT(found("みなと銀行 本店 普通 1234567"), ElementsAre("bank_account: 1234567"));
  EXPECT_THAT(found("口座番号：７６５４３２１"), ElementsAre("bank_account: ７６５４３２１"));
  EXPECT_THAT(found("記号10230 番号12345671"), ElementsAre("bank_account: 10230 番号12345671"));
  EXPECT_THAT(found("IBAN DE89 3704 0044 0532 0130 00 please"),
              ElementsAre("bank_account: DE89 3704 0044 0532 0130 00"));
  EXPECT_THAT(found("account number 12345678"), ElementsAre("bank_account: 12345678"));
  EXPECT_THAT(found("普通に1234個あります"), IsEmpty());
}

TEST(PersonalData, OrderNumbersOfTheBrand) {
  const auto own = OrderNumbers::compile({R"(MH-\d{6})", R"(注文[0-9]{5})"});
  ASSERT_TRUE(own.ok());
  EXPECT_THAT(found("ご注文 mh-123456 の件、ＭＨ－６５４３２１", own.value()),
              ElementsAre("order_number: mh-123456", "order_number: ＭＨ－６５４３２１"));
  EXPECT_THAT(found("MH-123456"), IsEmpty());
  const auto broken = OrderNumbers::compile({"ok", "(("});
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().where, "/1");
  EXPECT_FALSE(OrderNumbers::compile({".*"}).ok());
}

// What a generated set of English sentences holds; the file is not part of the repository.
TEST(PersonalData, GeneratedSentences) {
  const std::filesystem::path file =
      std::filesystem::path(KIKI_SOURCE_DIR) / ".." / "shared" / "data" / "pii_synth" / "dev.json";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no ../shared/data/pii_synth";
  std::ifstream stream(file);
  std::stringstream bytes;
  bytes << stream.rdbuf();
  const auto sentences = boost::json::parse(bytes.str());
  const std::map<std::string, std::string> wanted = {
      {"EMAIL_ADDRESS", "email"}, {"CREDIT_CARD", "card_number"}, {"US_SSN", "national_id"}};
  std::map<std::string, int> all, seen;
  int false_numbers = 0;
  for (const auto& sentence : sentences.as_array()) {
    const std::string text(sentence.at("full_text").as_string());
    const auto list = find_personal_data(text);
    const auto& spans = sentence.at("spans").as_array();
    for (const auto& span : spans) {
      const auto type = wanted.find(std::string(span.at("entity_type").as_string()));
      if (type == wanted.end()) continue;
      const std::string value(span.at("entity_value").as_string());
      // Some of the set's cards were generated with 13 to 19 digits and a wrong check digit.
      if (type->second == "card_number" && !is_luhn(value)) continue;
      ++all[type->second];
      const auto at = text.find(value);
      for (const auto& one : list) {
        if (name(one.kind) == type->second && one.range.begin <= at && one.range.end >= at + value.size()) {
          ++seen[type->second];
          break;
        }
      }
    }
    for (const auto& one : list) {
      if (one.kind != PersonalDataKind::kCardNumber && one.kind != PersonalDataKind::kNationalId &&
          one.kind != PersonalDataKind::kEmail) {
        continue;
      }
      const bool is_true = std::any_of(spans.begin(), spans.end(), [&](const boost::json::value& span) {
        return text.find(std::string(span.at("entity_value").as_string())) <= one.range.end &&
               wanted.contains(std::string(span.at("entity_type").as_string()));
      });
      if (!is_true) ++false_numbers;
    }
  }
  for (const auto& [kind, count] : all) {
    std::cout << kind << ": " << seen[kind] << " of " << count << "\n";
    EXPECT_GE(seen[kind] * 100, count * 95) << kind;
  }
  EXPECT_EQ(false_numbers, 0);
}

TEST(PersonalData, NeverOutsideOfTheText) {
  for (const std::string_view text : {"", "〒", "\xff\xff 090-1234-5678 \xc3", "@@@", "+", "(((090"}) {
    for (const auto& one : find_personal_data(text)) {
      EXPECT_LT(one.range.begin, one.range.end);
      EXPECT_LE(one.range.end, text.size());
    }
  }
}

}  // namespace
}  // namespace kiki::text
