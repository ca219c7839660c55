#include "reply/copies.hpp"

#include <gtest/gtest.h>

namespace kiki::reply {
namespace {

const std::vector<channels::Receiver> kReceivers = {
    {"answer", "Hana", "hana@example.com"}, {"to", "", "care@example.com", true},
    {"to", "", "sales@example.com"},        {"cc", "", "sales+a7@example.com"},
    {"cc", "", "\u5c71\u7530@example.com"}, {"cc", "Taro", "taro@example.com"},
    {"cc", "Hana", "hana@example.com"}};
const std::vector<std::string> kOurs = {"care@example.com", "sales@example.com", ""};

std::string code_of(const std::string& address) {
  const auto chosen = chosen_copies(kReceivers, {"taro@example.com", address}, kOurs);
  if (chosen.ok()) return "";
  EXPECT_EQ(chosen.error().where, "/copy_to/1");
  return chosen.error().code;
}

TEST(Copies, GoToWhomTheMailWentToOnce) {
  const auto chosen =
      chosen_copies(kReceivers, {"taro@example.com", "taro@example.com", "hana@example.com"}, kOurs);
  ASSERT_TRUE(chosen.ok());
  ASSERT_EQ(chosen->size(), 1U);
  EXPECT_EQ(chosen->front().address, "taro@example.com");
  EXPECT_EQ(chosen->front().role, "cc");
  EXPECT_EQ(code_of("evil@example.com"), "stranger");
}

TEST(Copies, NotToAnotherMailboxOfOurs) {
  EXPECT_EQ(code_of("care@example.com"), "stranger");
  EXPECT_EQ(code_of("sales@example.com"), "our_mailbox");
  EXPECT_EQ(code_of("sales+a7@example.com"), "our_mailbox");
  EXPECT_EQ(no_copy_because("sales7@example.com", kOurs), "");
  EXPECT_EQ(no_copy_because("wholesales@example.com", kOurs), "");
  EXPECT_EQ(no_copy_because("sales@example.com", {}), "");
}

TEST(Copies, NotWhereMailCannotGo) {
  EXPECT_EQ(code_of("\u5c71\u7530@example.com"), "no_address");
  EXPECT_EQ(no_copy_because("nobody", kOurs), "no_address");
}

}  // namespace
}  // namespace kiki::reply
