#include "reply/saved/template.hpp"

#include <gtest/gtest.h>

namespace kiki::reply::saved {
namespace {

std::optional<std::string> some(std::string_view name) {
  if (name == "customer.name") return "佐藤";
  if (name == "case.number") return "12";
  if (name == "customer.handle") return "";
  return std::nullopt;
}

TEST(Template, FillsAndFallsBack) {
  const auto filled =
      fill("{{customer.name|お客様}}様（{{ case.number }}）{{customer.handle|ご利用の方}}", some);
  EXPECT_EQ(filled.text, "佐藤様（12）ご利用の方");
  EXPECT_TRUE(filled.missing.empty());
}

TEST(Template, SaysWhatIsMissingAndLeavesItStanding) {
  const auto filled = fill("{{customer.handle}} {{nobody|x}} {{nobody}}", some);
  EXPECT_EQ(filled.text, "{{customer.handle}} {{nobody|x}} {{nobody}}");
  EXPECT_EQ(filled.missing, (std::vector<std::string>{"customer.handle", "nobody"}));
}

TEST(Template, LeavesForSendingWhatBelongsToSending) {
  const auto filled = fill("Code {{reward:Spring}}, {{private_link}}", some);
  EXPECT_EQ(filled.text, "Code {{reward:Spring}}, {{private_link}}");
  EXPECT_TRUE(filled.missing.empty());
  EXPECT_EQ(key_of("reward:Spring", "reward"), "spring");
  EXPECT_EQ(key_of("reward:", "reward"), std::nullopt);
  EXPECT_EQ(key_of("rewards:a", "reward"), std::nullopt);
}

TEST(Template, BracesThatAreNoVariableArePlainText) {
  for (const char* text : {"{{", "}}", "{ {a}}", "{{a\n}}", "{{a", "a}}{{", "{{{", ""}) {
    EXPECT_EQ(fill(text, some).text, text);
  }
  // The inner pair is one.
  EXPECT_EQ(fill("{{x {{customer.name}}", some).text, "{{x 佐藤");
  EXPECT_EQ(fill("{{{customer.name}}}", some).text, "{佐藤}");
}

TEST(Template, AValueIsNeverReadAsATemplate) {
  const auto filled = fill("{{a}} {{case.number}}", [](std::string_view name) -> std::optional<std::string> {
    return name == "a" ? "{{{reward:spring}}" : "7";
  });
  EXPECT_EQ(filled.text, "{reward:spring}} 7");
  EXPECT_TRUE(variables_of(filled.text).empty());
}

TEST(Template, WithoutVariables) {
  EXPECT_EQ(without_variables("{{customer.name}}様、こんにちは"), " 様、こんにちは");
}

}  // namespace
}  // namespace kiki::reply::saved
