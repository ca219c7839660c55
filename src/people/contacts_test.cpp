#include "people/contacts.hpp"

#include <gtest/gtest.h>

#include "people/company_facts.hpp"

namespace kiki::people {
namespace {

TEST(Contacts, MailInOneForm) {
  EXPECT_EQ(mail_key(" Anna+shop@Example.jp "), "mail:anna@example.jp");
  EXPECT_EQ(mail_key("ａｎｎａ＠example．jp"), "mail:anna@example.jp");
  for (const auto* bad :
       {"anna", "@example.jp", "anna@example", "a b@example.jp", "a@b@c.jp", "a@.jp", "a@b..jp"})
    EXPECT_FALSE(mail_key(bad)) << bad;
}

TEST(Contacts, TelephoneInOneForm) {
  for (const auto* text :
       {"090-1234-5678", "０９０（１２３４）５６７８", "+81 90 1234 5678", "+81 (0)90-1234-5678"})
    EXPECT_EQ(phone_key(text), "tel:+819012345678") << text;
  EXPECT_EQ(phone_key("+44 20 7946 0958"), "tel:+442079460958");
  for (const auto* bad : {"1234", "call me", "090-1234-5678 ext", "12345678901234567890"})
    EXPECT_FALSE(phone_key(bad)) << bad;
}

TEST(Contacts, AreFoundInFreeText) {
  const auto keys = contact_keys_in("ご連絡は anna@example.jp か 090-1234-5678 まで");
  EXPECT_EQ(keys, (std::vector<std::string>{"mail:anna@example.jp", "tel:+819012345678"}));
  EXPECT_TRUE(contact_keys_in("@anna@social.example writes here").empty());
  EXPECT_TRUE(contact_keys_in("").empty());
}

TEST(Contacts, HandlesWithoutTheirNetwork) {
  for (const auto* handle :
       {"@Taro_Yamada", "taro.yamada.bsky.social", "taro_yamada@mastodon.example", "TaroYamada"})
    EXPECT_EQ(handle_key(handle), "taroyamada") << handle;
  EXPECT_EQ(handle_key("taroyamada.example"), "taroyamada");
  for (const auto* nobody : {"info", "support_jp", "admin1", "abc", "12345678", "", "山田太郎"})
    EXPECT_FALSE(handle_key(nobody)) << nobody;
}

TEST(Contacts, NamesWithoutSpacesWidthAndKana) {
  EXPECT_EQ(name_key("山田 太郎"), name_key("山田太郎"));
  EXPECT_EQ(name_key("ヤマダ　タロウ"), name_key("やまだたろう"));
  EXPECT_EQ(name_key("Anna  Meyer"), name_key("ａｎｎａ meyer🌸"));
  EXPECT_NE(name_key("Anna Meyer"), name_key("Anna Meier"));
  for (const auto* weak : {"Anna", "山田", "A B", "", "🌸🌸🌸🌸"}) EXPECT_FALSE(name_key(weak)) << weak;
}

TEST(CompanyAnswer, IsHeldToItsForm) {
  const auto cards = checked_cards(
      R"({"cards":[{"title":"Order 7","fields":[{"label":"Total","value":3200},{"label":"Paid","value":true},)"
      R"({"label":"State","value":"sent"}],"links":[{"label":"Open","url":"https://shop.example/7"}],"more":1}]})");
  ASSERT_TRUE(cards.ok());
  const std::string shown =
      R"([{"title":"Order 7","fields":[{"label":"Total","value":"3200"},{"label":"Paid","value":"true"},)"
      R"({"label":"State","value":"sent"}],"links":[{"label":"Open","url":"https://shop.example/7"}]}])";
  EXPECT_EQ(*cards, shown);
  const auto place = [](const char* body) {
    const auto checked = checked_cards(body);
    return checked.ok() ? "fine" : checked.error().where;
  };
  EXPECT_EQ(place(R"({"cards":{}})"), "/cards");
  EXPECT_EQ(place(R"({"cards":[{"fields":[]}]})"), "/cards/0/title");
  EXPECT_EQ(place(R"({"cards":[{"title":"x","fields":[{"label":"a","value":[1]}]}]})"),
            "/cards/0/fields/0/value");
  EXPECT_EQ(place(R"({"cards":[{"title":"x","links":[{"label":"a","url":"javascript:alert"}]}]})"),
            "/cards/0/links/0/url");
  EXPECT_NE(place("<html>"), "fine");
  std::string many = R"({"cards":[)";
  for (int i = 0; i < 21; ++i) many += std::string(i == 0 ? "" : ",") + R"({"title":"x"})";
  EXPECT_EQ(place((many + "]}").c_str()), "/cards");
}

}  // namespace
}  // namespace kiki::people
