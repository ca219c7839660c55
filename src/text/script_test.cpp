#include "text/script.hpp"

#include <gtest/gtest.h>

namespace kiki::text {
namespace {

TEST(Script, TellsWritingsApart) {
  EXPECT_EQ(script_of(U'東'), Script::kHan);
  EXPECT_EQ(script_of(U'々'), Script::kHan);
  EXPECT_EQ(script_of(U'〆'), Script::kHan);
  EXPECT_EQ(script_of(U'𠮷'), Script::kHan);  // outside of the first plane
  EXPECT_EQ(script_of(U'の'), Script::kHiragana);
  EXPECT_EQ(script_of(U'タ'), Script::kKatakana);
  EXPECT_EQ(script_of(U'ﾀ'), Script::kKatakana);
  EXPECT_EQ(script_of(U'ー'), Script::kKatakana);
  EXPECT_EQ(script_of(U'한'), Script::kHangul);
  EXPECT_EQ(script_of(U'z'), Script::kLatin);
  EXPECT_EQ(script_of(U'é'), Script::kLatin);
  EXPECT_EQ(script_of(U'Ａ'), Script::kLatin);
  EXPECT_EQ(script_of(U'7'), Script::kDigit);
  EXPECT_EQ(script_of(U'７'), Script::kDigit);
  EXPECT_EQ(script_of(U'я'), Script::kOther);
  EXPECT_EQ(script_of(U'・'), Script::kOther);
  EXPECT_EQ(script_of(U'、'), Script::kOther);
  EXPECT_EQ(script_of(U'👍'), Script::kOther);
  EXPECT_EQ(script_of(0x110000), Script::kOther);
  EXPECT_EQ(name(Script::kKatakana), "katakana");
  EXPECT_TRUE(is_unspaced(Script::kHangul));
  EXPECT_FALSE(is_unspaced(Script::kLatin));
}

TEST(Script, ClassesDecideHowTheIndexReads) {
  EXPECT_EQ(class_of(U'東'), CharacterClass::kPair);
  EXPECT_EQ(class_of(U'ー'), CharacterClass::kPair);
  EXPECT_EQ(class_of(U'ไ'), CharacterClass::kPair);  // Thai
  EXPECT_EQ(class_of(U'👍'), CharacterClass::kPair);
  EXPECT_EQ(class_of(U'я'), CharacterClass::kWord);
  EXPECT_EQ(class_of(U'ع'), CharacterClass::kWord);
  EXPECT_EQ(class_of(U'9'), CharacterClass::kWord);
  EXPECT_EQ(class_of(0x3099), CharacterClass::kMark);
  EXPECT_EQ(class_of(0x0301), CharacterClass::kMark);
  for (const char32_t c : {U' ', U'\0', U'_', U'\'', U'"', U'。', U'・', U'「', U'〜', U'\uFFFD', U'#'}) {
    EXPECT_EQ(class_of(c), CharacterClass::kSeparator) << static_cast<std::uint32_t>(c);
  }
}

}  // namespace
}  // namespace kiki::text
