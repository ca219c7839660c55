#include "chat/settings.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace kiki::chat {
namespace {

Result<Settings> read(std::string_view text) {
  auto document = JsonDocument::parse(text);
  if (!document.ok()) return document.error();
  return read_settings(document->root());
}

TEST(ChatSettings, KeepsWhatItReads) {
  const auto settings = read(
      R"({"origins":["https://Shop.example/","https://*.shop.example"],"place_url":"https://shop.example/help",
          "calendar":"office","color":"#aa3300","side":"left","ja":{"title":"相談","greeting":"どうぞ","away":""}})");
  ASSERT_TRUE(settings.ok()) << settings.error().message << settings.error().where;
  EXPECT_EQ(settings->origins[0], "https://shop.example");
  const auto again = settings_of(json::serialize(to_json(*settings)));
  EXPECT_EQ(again.origins, settings->origins);
  EXPECT_EQ(again.ja.title, "相談");
  EXPECT_EQ(again.side, "left");
}

TEST(ChatSettings, NamesThePlaceOfEveryFault) {
  const std::vector<std::pair<std::string, std::string>> faults = {
      {R"({"origins":["shop.example"]})", "/origins/0"},
      {R"({"origins":["https://shop.example/path"]})", "/origins/0"},
      {R"({"origins":["javascript://x"]})", "/origins/0"},
      {R"({"origins":["https://"]})", "/origins/0"},
      {R"({"origins":["https://a b"]})", "/origins/0"},
      {R"({"place_url":"https://elsewhere.example/"})", "/place_url"},
      {R"({"color":"red"})", "/color"},
      {R"({"side":"top"})", "/side"},
      {R"({"ja":{"hello":"x"}})", "/ja/hello"},
      {R"({"more":1})", "/more"},
  };
  for (const auto& [text, place] : faults) {
    const auto settings = read(text);
    ASSERT_FALSE(settings.ok()) << text;
    EXPECT_EQ(settings.error().where, place) << text;
  }
}

TEST(ChatSettings, KeepsConversationsForAWhile) {
  EXPECT_EQ(settings_of("{}").keep_days, 365);
  EXPECT_EQ(settings_of(R"({"keep_days":30})").keep_days, 30);
  for (const auto* wrong : {R"({"keep_days":0})", R"({"keep_days":3651})", R"({"keep_days":"30"})"}) {
    const auto document = JsonDocument::parse(wrong);
    EXPECT_EQ(read_settings(document->root()).error().where, "/keep_days") << wrong;
  }
}

TEST(ChatSettings, AllowsTheSitesThatStandThereAndNoOthers) {
  const std::vector<std::string> origins = {"https://shop.example", "https://*.shop.example"};
  EXPECT_TRUE(allows(origins, "https://shop.example"));
  EXPECT_TRUE(allows(origins, "https://help.shop.example"));
  for (const auto* other : {"http://shop.example", "https://shop.example:8443", "https://evilshop.example",
                            "https://shop.example.evil", "https://.shop.example", "null", ""})
    EXPECT_FALSE(allows(origins, other)) << other;
  EXPECT_FALSE(allows({}, "https://shop.example"));
}

TEST(ChatSettings, TextCanBeReadOnTheColour) {
  EXPECT_EQ(text_color_on("#1f5fbf"), "#ffffff");
  EXPECT_EQ(text_color_on("#ffe066"), "#000000");
  EXPECT_EQ(text_color_on("#000000"), "#ffffff");
}

}  // namespace
}  // namespace kiki::chat
