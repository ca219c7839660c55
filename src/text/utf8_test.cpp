#include "text/utf8.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kiki::text {
namespace {

using namespace std::string_literals;

TEST(Utf8, FindsTheFirstFault) {
  EXPECT_EQ(find_invalid_utf8(""), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("plain ascii that is longer than eight bytes"), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("東京 👨‍👩‍👧 é \xF4\x8F\xBF\xBF"), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("0123456789\xFF"), 10u);
  EXPECT_EQ(find_invalid_utf8("東\xE4\xBA"), 3u);           // cut short
  EXPECT_EQ(find_invalid_utf8("a\xC0\xAF"), 1u);            // overlong /
  EXPECT_EQ(find_invalid_utf8("a\xE0\x80\xAF"), 1u);        // overlong again
  EXPECT_EQ(find_invalid_utf8("ab\xED\xA0\x80"), 2u);       // a surrogate
  EXPECT_EQ(find_invalid_utf8("abc\xF4\x90\x80\x80"), 3u);  // above U+10FFFF
  EXPECT_EQ(find_invalid_utf8("\x80"), 0u);                 // a continuation alone
  EXPECT_EQ(find_invalid_utf8("a\0b"s), std::nullopt);      // NUL is a character
  EXPECT_EQ(validate_utf8("ab\xFF").error().where, "byte 2");
  EXPECT_TRUE(validate_utf8("ab").ok());
}

// Unicode 15, table 3-8: one U+FFFD for each maximal subpart.
TEST(Utf8, ReplacesMaximalSubparts) {
  EXPECT_EQ(to_valid_utf8("a\xF1\x80\x80\xE1\x80\xC2"
                          "b\x80"
                          "c\x80\xBF"
                          "d"),
            "a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd");
  EXPECT_EQ(to_valid_utf8("東\xE4\xBA"), "東\uFFFD");
  EXPECT_EQ(to_valid_utf8("東京"), "東京");
}

TEST(Utf8, WalksCodePoints) {
  std::vector<char32_t> values;
  std::vector<std::size_t> offsets;
  for (const CodePoint& c : code_points("aé東\xFF👍")) {
    values.push_back(c.value);
    offsets.push_back(c.offset);
  }
  EXPECT_EQ(values, (std::vector<char32_t>{'a', 0xE9, 0x6771, kReplacement, 0x1F44D}));
  EXPECT_EQ(offsets, (std::vector<std::size_t>{0, 1, 3, 6, 7}));
  EXPECT_EQ(count_code_points("東京👍"), 3u);
  EXPECT_EQ(count_code_points(""), 0u);
}

TEST(Utf8, AppendsCodePoints) {
  std::string out;
  for (const char32_t c : {U'a', U'é', U'東', U'👍'}) append_utf8(out, c);
  EXPECT_EQ(out, "aé東👍");
  out.clear();
  append_utf8(out, 0xD800);
  append_utf8(out, 0x110000);
  EXPECT_EQ(out, "\uFFFD\uFFFD");
}

TEST(Utf8, CutsOnlyBetweenCodePoints) {
  const std::string_view text = "a東👍b";
  const std::string_view fronts[] = {"",    "a",   "a",     "a",      "a東",   "a東",
                                     "a東", "a東", "a東👍", "a東👍b", "a東👍b"};
  for (std::size_t max_bytes = 0; max_bytes < std::size(fronts); ++max_bytes) {
    EXPECT_EQ(cut_at_code_point(text, max_bytes), fronts[max_bytes]) << max_bytes;
  }
  EXPECT_EQ(cut_at_code_point("\x80\x80\x80\x80\x80", 3), "\x80\x80\x80");
}

TEST(Utf8, CountsAsJavaScriptDoes) {
  EXPECT_EQ(utf16_length("a東👍"), 4u);
  EXPECT_EQ(utf16_length("👨‍👩‍👧"), 8u);
  const std::string_view text = "a東👍b";
  EXPECT_EQ(utf16_offset(text, 0), 0u);
  EXPECT_EQ(utf16_offset(text, 1), 1u);
  EXPECT_EQ(utf16_offset(text, 2), 1u);  // inside 東
  EXPECT_EQ(utf16_offset(text, 4), 2u);
  EXPECT_EQ(utf16_offset(text, 8), 4u);
  EXPECT_EQ(utf16_offset(text, 99), 5u);
  EXPECT_EQ(byte_offset(text, 2), 4u);
  EXPECT_EQ(byte_offset(text, 3), 4u);  // between two surrogates
  EXPECT_EQ(byte_offset(text, 4), 8u);
  EXPECT_EQ(byte_offset(text, 5), 9u);
  EXPECT_EQ(byte_offset(text, 6), std::nullopt);
  EXPECT_EQ(byte_offset("", 0), 0u);
}

}  // namespace
}  // namespace kiki::text
