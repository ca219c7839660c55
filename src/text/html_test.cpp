#include "text/html.hpp"

#include <gtest/gtest.h>

namespace kiki::text {
namespace {

TEST(HtmlTest, WhatIsWrittenStaysWords) {
  EXPECT_EQ(html(R"(<script>alert("1 & 2")</script>)"),
            "&lt;script&gt;alert(&quot;1 &amp; 2&quot;)&lt;/script&gt;");
  EXPECT_EQ(html("it's\n花子"), "it&#39;s\n花子");
  EXPECT_EQ(html("&amp;"), "&amp;amp;");
  EXPECT_EQ(html(""), "");
}

}  // namespace
}  // namespace kiki::text
