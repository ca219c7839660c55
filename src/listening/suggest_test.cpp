#include "listening/suggest.hpp"

#include <gtest/gtest.h>

namespace kiki::listening {
namespace {

TEST(Suggest, NearSpellings) {
  EXPECT_TRUE(is_near_spelling("minatto", "minato"));
  EXPECT_TRUE(is_near_spelling("mianto", "minato"));
  EXPECT_TRUE(is_near_spelling("kettel", "kettle"));
  EXPECT_TRUE(is_near_spelling("プリンター", "プリンタ"));
  EXPECT_TRUE(is_near_spelling("ブリンタ", "プリンタ"));
  EXPECT_FALSE(is_near_spelling("minato", "minato"));
  EXPECT_FALSE(is_near_spelling("tea", "ten"));
  EXPECT_FALSE(is_near_spelling("kettles", "kitten"));
}

}  // namespace
}  // namespace kiki::listening
