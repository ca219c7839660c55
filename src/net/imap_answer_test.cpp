#include "net/imap_answer.hpp"

#include <gtest/gtest.h>

namespace kiki::net {
namespace {

TEST(ImapAnswerTest, AFetchedMail) {
  const ImapLine line{
      R"(* 12 FETCH (UID 4827 FLAGS (\Seen) RFC822.SIZE 44827 INTERNALDATE "17-Jul-1996 02:44:25 -0700" BODY[] {5}))",
      {"hello"}};
  const auto fetched = read_fetched(line);
  ASSERT_TRUE(fetched.ok()) << fetched.error().message;
  ASSERT_TRUE(fetched->has_value());
  EXPECT_EQ((*fetched)->uid, 4827u);
  EXPECT_EQ((*fetched)->size_bytes, 44827u);
  EXPECT_EQ((*fetched)->received_at, 837'596'665'000);
  EXPECT_EQ((*fetched)->body, "hello");
}

TEST(ImapAnswerTest, OrderStringsAndWhatIsGone) {
  const auto quoted = read_fetched({R"(* 1 FETCH (BODY[HEADER] "a \"b\" \\ c" UID 7))", {}});
  ASSERT_TRUE(quoted.ok() && quoted->has_value());
  EXPECT_EQ((*quoted)->body, R"(a "b" \ c)");
  EXPECT_EQ((*quoted)->uid, 7u);
  const auto gone = read_fetched({"* 1 FETCH (UID 7 BODY[] NIL)", {}});
  EXPECT_TRUE((*gone)->has_body);
  EXPECT_EQ((*gone)->body, "");
  EXPECT_FALSE(read_fetched({"* 3 EXISTS", {}})->has_value());
  EXPECT_FALSE(read_fetched({"K1 OK FETCH done", {}})->has_value());
  EXPECT_FALSE(read_fetched({"* 1 FETCH (UID 7 BODY[] {5})", {}}).ok()) << "the literal is missing";
  EXPECT_FALSE(read_fetched({"* 1 FETCH (UID \"7", {}}).ok());
}

TEST(ImapAnswerTest, Literals) {
  EXPECT_EQ(announced_literal("* 1 FETCH (BODY[] {310}"), 310u);
  EXPECT_EQ(announced_literal("x {12+}"), 12u);
  EXPECT_FALSE(announced_literal("x {}"));
  EXPECT_FALSE(announced_literal("x {99999999999999999999999}"));
  EXPECT_FALSE(announced_literal("x"));
}

TEST(ImapAnswerTest, Times) {
  EXPECT_EQ(read_imap_date(" 3-Mar-2026 18:30:00 +0900"), 1'772'530'200'000);
  EXPECT_EQ(read_imap_date("03-Mar-2026 09:30:00 +0000"), 1'772'530'200'000);
  EXPECT_EQ(read_imap_date("31-Feb-2026 09:30:00 +0000"), 0);
  EXPECT_EQ(read_imap_date("rubbish"), 0);
}

}  // namespace
}  // namespace kiki::net
