#include "net/mail_client.hpp"

#include <gtest/gtest.h>

#include "net/hmac.hpp"

namespace kiki::net {
namespace {

TEST(MailTest, AComposedMailIsAsciiWithBothBodies) {
  const auto mail =
      compose({.to = "hana@example.com",
               .subject = "急増：ミナト電機の炊飯器についての投稿がいつもより多く見つかっています",
               .text = "いつもは2件です。",
               .html = "<p>いつもは2件です。</p>",
               .message_id = "notice-1-2@example.com",
               .language = "ja",
               .date = 1'772'530'200'000},
              "聞き耳 <desk@example.com>");
  ASSERT_TRUE(mail.ok()) << mail.error().message;
  EXPECT_NE(mail->find("Date: Tue, 03 Mar 2026 09:30:00 +0000\r\n"), std::string::npos) << *mail;
  EXPECT_NE(mail->find("From: =?UTF-8?B?6IGe44GN6ICz?= <desk@example.com>\r\n"), std::string::npos);
  EXPECT_NE(mail->find("Message-ID: <notice-1-2@example.com>\r\n"), std::string::npos);
  EXPECT_NE(mail->find(base64("いつもは2件です。")), std::string::npos);
  std::size_t line = 0;
  for (const char c : *mail) {
    EXPECT_LT(static_cast<unsigned char>(c), 0x80);
    line = c == '\n' ? 0 : line + 1;
    EXPECT_LE(line, 78u);
  }
}

TEST(MailTest, NothingCanBeSlippedIntoAHeader) {
  const Mail good{.to = "a@example.com", .subject = "x", .message_id = "m@h"};
  EXPECT_TRUE(compose(good, "d@example.com").ok());
  auto mail = good;
  mail.to = "a@example.com>\r\nRCPT TO:<b@example.com";
  EXPECT_FALSE(compose(mail, "d@example.com").ok());
  mail = good;
  mail.subject = "x\r\nBcc: b@example.com";
  EXPECT_FALSE(compose(mail, "d@example.com").ok());
  EXPECT_FALSE(address_of("nobody").ok());
  EXPECT_FALSE(address_of("@x").ok());
  EXPECT_EQ(*address_of("\"Desk, the\" <desk@example.com>"), "desk@example.com");
}

TEST(MailTest, WithoutASettingNothingIsSentAndAServerThatIsAwayIsAskedAgainLater) {
  EXPECT_FALSE(make_mail_client({})->configured());
  const auto client = make_mail_client({.url = "smtp://127.0.0.1:9", .from = "d@example.com"});
  const auto sent = client->send({.to = "a@example.com", .subject = "x", .message_id = "m@h"});
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().kind, ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace kiki::net
