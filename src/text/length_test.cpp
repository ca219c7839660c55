#include "text/length.hpp"

#include <gtest/gtest.h>

namespace kiki::text {
namespace {

TEST(Length, InEveryUnit) {
  EXPECT_EQ(length_in("grapheme", "👨‍👩‍👧‍👦あ"), 2u);
  EXPECT_EQ(length_in("bytes", "ミナト"), 9u);
  EXPECT_EQ(length_in("utf16", "👍"), 2u);
  EXPECT_EQ(length_in("weighted", "abc"), 3u);
  EXPECT_EQ(length_in("weighted", "ミナト"), 6u);
  EXPECT_EQ(length_in("weighted", "👨‍👩‍👧‍👦"), 2u);
  EXPECT_EQ(length_in("weighted", "see https://example.com/a/very/long/path?with=much"), 27u);
  EXPECT_EQ(length_in("", ""), 0u);
  EXPECT_EQ(length_in("weighted", "\xff\xfe"), 4u);
}

}  // namespace
}  // namespace kiki::text
