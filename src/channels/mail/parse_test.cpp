#include "channels/mail/parse.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/json.hpp"
#include "channels/mail/envelope.hpp"
#include "channels/mail/marks.hpp"
#include "channels/mail/post_ids.hpp"
#include "text/utf8.hpp"

namespace kiki::channels::mail {
namespace {

constexpr TimeMs kReceived = 1'772'530'260'000;  // 2026-03-03 09:31 UTC
constexpr std::string_view kOurId = "kk.77.abcdefghijklmnop.qrstuvwxyz234567@example.com";

std::string fixture(const std::string& name) {
  std::ifstream file(std::string(KIKI_SOURCE_DIR) + "/src/channels/mail/mail_fuzz_corpus/" + name + ".eml",
                     std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

Account account() {
  Account out;
  out.id = 42;
  out.settings =
      R"({"address":"care@example.com","name":"Care","reply_address":"care+*@example.com","subject_tag":"KK"})";
  return out;
}

RawItem item_of(std::string_view message, Envelope envelope = {}) {
  return {std::string(kSource), pack(envelope, message)};
}

std::vector<Incoming> all_of(std::string_view message, const Envelope& envelope = {}) {
  auto parsed = parse_mail(account(), item_of(message, envelope), kReceived);
  EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().message);
  return parsed.ok() ? std::move(*parsed) : std::vector<Incoming>{};
}

IncomingPost post_of(std::string_view message, const Envelope& envelope = {}) {
  auto all = all_of(message, envelope);
  EXPECT_EQ(all.size(), 1u);
  if (all.size() != 1 || !std::holds_alternative<IncomingPost>(all[0])) {
    ADD_FAILURE() << "no post";
    return {};
  }
  return std::get<IncomingPost>(std::move(all[0]));
}

std::string simple(std::string_view headers, std::string_view body = "Hello") {
  return "From: Hana <hana@customer.example>\r\nDate: Tue, 03 Mar 2026 18:30:00 +0900\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}

struct Words {
  std::string subject = "①注文の件：㈱髙島 ｱｲｳ";
  std::string name = "髙橋㈱花子ﾊﾅ";
  std::string text =
      "お世話になっております。\n㈱髙島の①番の注文がまだ届きません。\n半角ｶﾀｶﾅと表・能・ソも読めますか？～";
  std::string file = "見積①髙表ｱ.pdf";
};

// Windows' table has a full-width tilde where others have a wave dash.
std::string one_dash(std::string text) {
  for (auto at = text.find("〜"); at != std::string::npos; at = text.find("〜")) text.replace(at, 3, "～");
  return text;
}

class JapaneseMail : public testing::TestWithParam<std::string> {};

TEST_P(JapaneseMail, IsReadInSubjectSenderBodyAndFileName) {
  const auto message = fixture(GetParam());
  const auto post = post_of(message);
  Words words;
  if (GetParam().starts_with("gb2312")) {
    words = {"お問い合わせ：注文の件", "高橋花子", "カタカナとひらがなの中文邮件。\nよろしくお願いします。",
             "見積もりです.pdf"};
  }
  EXPECT_EQ(one_dash(post.subject), words.subject);
  EXPECT_EQ(post.author.name, words.name);
  EXPECT_EQ(post.author.external_id, "hana@customer.example");
  EXPECT_EQ(one_dash(post.text), words.text);
  ASSERT_EQ(post.attachments.size(), 1u);
  EXPECT_EQ(post.attachments[0].name, words.file);
  EXPECT_EQ(post.attachments[0].content_type, "application/pdf");
  const auto media = read_part(item_of(message), post.attachments[0].reference);
  ASSERT_TRUE(media.ok());
  EXPECT_EQ(media->body, "%PDF-1.4 test");
  EXPECT_EQ(media->name, words.file);
}

INSTANTIATE_TEST_SUITE_P(Charsets, JapaneseMail,
                         testing::Values("iso-2022-jp_2231", "iso-2022-jp_2047", "cp50221_2231",
                                         "cp50221_2047", "shift_jis_2231", "shift_jis_2047",
                                         "windows-31j_2231", "windows-31j_2047", "euc-jp_2231", "euc-jp_2047",
                                         "utf-8_2231", "utf-8_2047", "gb2312_2231", "gb2312_2047",
                                         "iso-2022-jp_raw", "shift_jis_raw", "euc-jp_raw", "utf-8_raw"));

class WronglyLabelled : public testing::TestWithParam<std::string> {};

TEST_P(WronglyLabelled, IsReadByItsBytes) {
  const auto post = post_of(fixture(GetParam()));
  EXPECT_EQ(one_dash(post.subject), Words().subject);
  EXPECT_EQ(post.author.name, Words().name);
  EXPECT_EQ(one_dash(post.text), Words().text);
}

INSTANTIATE_TEST_SUITE_P(Labels, WronglyLabelled,
                         testing::Values("wrong_shift_jis_as_us-ascii", "wrong_euc-jp_as_iso-8859-1",
                                         "wrong_shift_jis_as_utf-8", "wrong_iso-2022-jp_as_us-ascii",
                                         "wrong_utf-8_as_iso-2022-jp", "wrong_euc-jp_as_shift_jis",
                                         "wrong_utf-8_as_iso-8859-1", "wrong_iso-2022-jp_as_utf-8",
                                         "split_iso-2022-jp", "split_utf-8", "split_shift_jis",
                                         "split_base64"));

// A mail of one part is read without GMime; inside a multipart the same part goes through it.
TEST(MailParseTest, OnePartIsReadTheSameAloneAndInsideAnother) {
  const std::vector<std::pair<std::string, std::string>> parts = {
      {"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n",
       "5rOo5paH\r\n44Gu5Lu2\r\n44Gn44GZ 44CC=\r\n"},
      {"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: Quoted-Printable\r\n",
       "=E6=B3=A8=\r\n=E6=96=87 \r\n=ZZ =4\r\nend=20\r\n=E6"},
      {"Content-Type: text/plain; charset=iso-2022-jp\r\nContent-Transfer-Encoding: 7bit\r\n",
       "\x1b$B?fHS4o\x1b(B\r\nsecond\r\n"},
      {"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n",
       "<p>注文</p>\r\n<ul><li>12</ul>\r\n"},
      {"Content-Type: TEXT/Plain; format=flowed\r\nContent-Transfer-Encoding: x-unheard-of\r\n",
       "a line that \r\ngoes on\r\n"},
      {"Content-Type: application/pdf; name=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n"
       "Content-Disposition: attachment; filename=\"b.pdf\"\r\n",
       "JVBERi0xLjQgdGVzdA==\r\n"},
      {"", "no type at all\r\n"}};
  for (const auto& [headers, body] : parts) {
    const auto alone = simple("MIME-Version: 1.0\r\n" + headers, body);
    const auto inside = simple("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n",
                               "--b\r\n" + headers + "\r\n" + body + "\r\n--b--\r\n");
    const auto one = post_of(alone);
    const auto other = post_of(inside);
    EXPECT_EQ(one.text, other.text) << headers;
    EXPECT_EQ(one.html, other.html) << headers;
    ASSERT_EQ(one.attachments.size(), other.attachments.size()) << headers;
    for (std::size_t i = 0; i < one.attachments.size(); ++i) {
      EXPECT_EQ(one.attachments[i].name, other.attachments[i].name);
      EXPECT_EQ(one.attachments[i].content_type, other.attachments[i].content_type);
      const auto media = read_part(item_of(alone), one.attachments[i].reference);
      const auto inner = read_part(item_of(inside), other.attachments[i].reference);
      ASSERT_TRUE(media.ok() && inner.ok());
      EXPECT_EQ(media->body, inner->body);
    }
    EXPECT_FALSE(one.text.empty() && one.attachments.empty()) << headers;
  }
}

TEST(MailParseTest, APostSaysWhoWhenAndInWhichConversation) {
  const auto post = post_of(simple("Message-ID: <a@customer.example>\r\nSubject: Order 12\r\n"));
  EXPECT_EQ(post.direction, Direction::kIn);
  EXPECT_EQ(post.reason, "message");
  EXPECT_EQ(post.visibility, Visibility::kPrivate);
  EXPECT_EQ(post.posted_at, 1'772'530'200'000);
  EXPECT_EQ(post.thread_external_id,
            thread_id(42, conversation_word("a@customer.example", "hana@customer.example")));
  EXPECT_TRUE(post.external_id.starts_with("mail/42/m"));
  const auto reference = JsonDocument::parse(post.reply_reference);
  ASSERT_TRUE(reference.ok());
  EXPECT_EQ(reference->root()["message_id"].text(), "a@customer.example");
  EXPECT_EQ(reference->root()["to"].text(), "hana@customer.example");
}

TEST(MailParseTest, TheClockOfTheMailServerWinsOverOneThatIsWrong) {
  Envelope envelope;
  envelope.received_at = kReceived - 5'000;
  const auto wrong = "From: a@b.example\r\nDate: Thu, 01 Jan 1970 00:00:00 +0000\r\n\r\nx";
  EXPECT_EQ(post_of(wrong, envelope).posted_at, kReceived - 5'000);
  EXPECT_EQ(
      post_of("From: a@b.example\r\nDate: Fri, 01 Jan 2100 00:00:00 +0000\r\n\r\nx", envelope).posted_at,
      kReceived - 5'000);
  EXPECT_EQ(post_of("From: a@b.example\r\nDate: rubbish\r\n\r\nx").posted_at, kReceived);
}

TEST(MailParseTest, AThreadIsFoundByOurMailThenByTheSignedAddressThenByItsFirstMailThenByTheTag) {
  const auto by = [](std::string_view headers, std::string_view word = "") {
    Envelope envelope;
    envelope.word = word;
    return post_of(simple(headers), envelope).thread_external_id;
  };
  EXPECT_EQ(by("References: <first@x.example> <" + std::string(kOurId) + ">\r\n", "2222222222222222"),
            "mail/42/tabcdefghijklmnop");
  EXPECT_EQ(by("In-Reply-To: <" + std::string(kOurId) + ">\r\n"), "mail/42/tabcdefghijklmnop");
  EXPECT_EQ(by("References: <rewritten@exchange.example>\r\n", "2222222222222222"),
            "mail/42/t2222222222222222");
  EXPECT_EQ(by("References: <first@x.example> <second@x.example>\r\nSubject: x [KK 3333333333333333]\r\n"),
            thread_id(42, conversation_word("first@x.example", "hana@customer.example")));
  EXPECT_EQ(by("Message-ID: <new@x.example>\r\nSubject: Re: x [KK 3333333333333333]\r\n"),
            "mail/42/t3333333333333333");
  EXPECT_EQ(by("Message-ID: <new@x.example>\r\nSubject: Re: x [KL 3333333333333333]\r\n"),
            thread_id(42, conversation_word("new@x.example", "hana@customer.example")));
  // Two who answer the same newsletter have two conversations.
  EXPECT_NE(
      by("References: <news@x.example>\r\n"),
      post_of("From: taro@customer.example\r\nReferences: <news@x.example>\r\n\r\nx").thread_external_id);
}

TEST(MailParseTest, TheTagIsNotShown) {
  const auto post = post_of(simple("Subject: Re: Order [KK 3333333333333333]\r\n"));
  EXPECT_EQ(post.subject, "Re: Order");
}

TEST(MailParseTest, TheSameMailIsTheSamePostAndAnotherUnderItsMessageIdIsNot) {
  const auto first = post_of(simple("Message-ID: <same@form.example>\r\nSubject: Contact\r\n", "one"));
  const auto folded = post_of(
      simple("Received: by x\r\nMessage-ID:\r\n <same@form.example>\r\nSubject:\r\n Contact\r\n", "one"));
  const auto other = post_of("From: taro@customer.example\r\nMessage-ID: <same@form.example>\r\n\r\ntwo");
  EXPECT_EQ(first.external_id, folded.external_id);
  EXPECT_NE(first.external_id, other.external_id);
  EXPECT_EQ(first.revision, "1");
  EXPECT_NE(post_of(fixture("no_message_id")).external_id, first.external_id);
}

TEST(MailParseTest, SentMailIsOursAndOnlyThatFolderIsBelieved) {
  Envelope sent;
  sent.is_sent = true;
  const auto mine =
      "From: Care <care@example.com>\r\nTo: Hana <hana@customer.example>\r\nMessage-ID: <x@example.com>\r\n"
      "In-Reply-To: <first@customer.example>\r\nReferences: <first@customer.example>\r\n\r\nDone.";
  const auto post = post_of(mine, sent);
  EXPECT_EQ(post.direction, Direction::kOut);
  EXPECT_EQ(post.author.external_id, "care@example.com");
  EXPECT_EQ(post.thread_external_id,
            thread_id(42, conversation_word("first@customer.example", "hana@customer.example")));
  EXPECT_TRUE(all_of(mine).empty());
  EXPECT_TRUE(all_of(fixture("own_address")).empty());
  // What we sent ourselves is known already.
  const auto ours = post_of("From: care@example.com\r\nTo: hana@customer.example\r\nMessage-ID: <" +
                                std::string(kOurId) + ">\r\n\r\nx",
                            sent);
  EXPECT_EQ(ours.external_id, our_post_id(42, kOurId));
  EXPECT_EQ(ours.thread_external_id, thread_id(42, conversation_word(kOurId, "hana@customer.example")));
}

TEST(MailParseTest, AutomaticMailIsToldApart) {
  const auto absent = post_of(fixture("out_of_office"));
  EXPECT_EQ(absent.direction, Direction::kContext);
  EXPECT_EQ(absent.reply_closed, "automatic");
  EXPECT_EQ(absent.thread_external_id, "mail/42/tabcdefghijklmnop");
  const auto news = post_of(fixture("newsletter"));
  EXPECT_EQ(news.direction, Direction::kIn);
  EXPECT_EQ(news.reply_closed, "automatic");
  const auto form = post_of(fixture("contact_form"));
  EXPECT_EQ(form.author.external_id, "sato@customer.example");
  EXPECT_EQ(form.author.name, "佐藤");
  EXPECT_EQ(form.reply_closed, "");
  EXPECT_EQ(post_of(simple("X-Autoreply: yes\r\n")).direction, Direction::kContext);
  EXPECT_EQ(post_of(simple("Precedence: auto_reply\r\n")).direction, Direction::kContext);
  EXPECT_EQ(post_of(simple("Return-Path: <>\r\nSubject: Automatic reply: x\r\n")).direction,
            Direction::kContext);
  EXPECT_EQ(post_of("From: no-reply@shop.example\r\n\r\nx").reply_closed, "automatic");
  EXPECT_EQ(post_of(simple("Auto-Submitted: no\r\nSubject: Automatic reply?\r\n")).reply_closed, "");
}

TEST(MailParseTest, AnswersGoWhereTheCustomerWantsThem) {
  const auto post = post_of(simple("Reply-To: Home <HOME@customer.example>\r\n"));
  EXPECT_EQ(post.author.external_id, "hana@customer.example");
  EXPECT_EQ(JsonDocument::parse(post.reply_reference)->root()["to"].text(), "home@customer.example");
}

TEST(MailParseTest, ReportsAreTiedToOurMail) {
  const auto receipt = [](const std::string& name) {
    auto all = all_of(fixture(name));
    return all.size() == 1 ? std::get<IncomingReceipt>(all[0]) : IncomingReceipt{};
  };
  for (const auto* name : {"bounce_failed", "bounce_plain"}) {
    EXPECT_EQ(receipt(name).external_id, our_post_id(42, kOurId)) << name;
    EXPECT_EQ(receipt(name).kind, "failed") << name;
  }
  EXPECT_EQ(receipt("bounce_failed").detail,
            "hana@customer.example: 550 5.1.1 <hana@customer.example>: Recipient address    rejected: User "
            "unknown");
  EXPECT_EQ(receipt("bounce_plain").detail, "550 Unknown user hana");
  EXPECT_TRUE(all_of(fixture("bounce_delayed")).empty());
  // A copy's address: the customer has the answer, and it must not go out again.
  auto copy = fixture("bounce_failed");
  copy.replace(copy.find("To: hana@customer.example\r\nSubject"), 25,
               "To: hana.home@customer.example\r\nCc: Hana <hana@customer.example>");
  const auto all = all_of(copy);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(std::get<IncomingReceipt>(all[0]).kind, "copy_failed");
  EXPECT_EQ(std::get<IncomingReceipt>(all[0]).external_id, our_post_id(42, kOurId));
  EXPECT_EQ(receipt("read_receipt").kind, "read");
}

TEST(MailParseTest, HtmlIsShownSafe) {
  const auto post = post_of(fixture("html_everything"));
  for (const auto* bad : {"script", "alert(1", "alert(2", "alert(3", "alert(4", "alert(5", "onerror",
                          "onload", "onmouseover=\"", "javascript", "iframe", "style", "track.example",
                          "src=", "<form", "<input", "<svg", "隠れた", "Outlook"}) {
    EXPECT_EQ(post.html.find(bad), std::string::npos) << bad << "\n" << post.html;
  }
  EXPECT_NE(post.html.find("<b>急ぎ</b>"), std::string::npos) << post.html;
  EXPECT_NE(post.html.find("https://shop.example/lamp.png"), std::string::npos);
  EXPECT_NE(post.html.find(R"(<img data-file="0" alt="割れた所">)"), std::string::npos) << "it came along";
  EXPECT_NE(post.html.find(R"(href="https://shop.example/order?a=1&amp;b=2")"), std::string::npos)
      << post.html;
  EXPECT_NE(post.html.find("<td colspan=\"2\">品名</td>"), std::string::npos) << post.html;
  EXPECT_NE(post.text.find("こんにちは、急ぎです。"), std::string::npos) << post.text;
  EXPECT_NE(post.text.find("- 一つ\n- 二つ"), std::string::npos) << post.text;
  EXPECT_NE(post.text.find("注文 <https://shop.example/order?a=1&b=2>"), std::string::npos) << post.text;
  ASSERT_EQ(post.attachments.size(), 2u);
  EXPECT_EQ(post.attachments[0].kind, "image");
  EXPECT_EQ(post.attachments[0].name, "pass wd.png");
  EXPECT_EQ(post.attachments[1].content_type, "application/octet-stream") << "it only claims to be a picture";
  EXPECT_EQ(post.attachments[1].kind, "file");
}

TEST(MailParseTest, QuotedMailOfHtmlIsFolded) {
  const auto post = post_of(fixture("html_gmail"));
  EXPECT_EQ(post.text, "ありがとうございます。まだ届きません。");
  EXPECT_TRUE(post.quoted.starts_with("2026年3月3日(火) 18:30 ミナト電機")) << post.quoted;
  EXPECT_NE(post.quoted.find("> ご注文番号を\n> 教えてください。"), std::string::npos) << post.quoted;
}

TEST(MailParseTest, PartsAreReadOnce) {
  const auto message = fixture("alternative");
  const auto post = post_of(message);
  EXPECT_EQ(post.text, "This line goes on here.\n-- \nHana");
  EXPECT_NE(post.html.find("<b>goes</b>"), std::string::npos);
  ASSERT_EQ(post.attachments.size(), 2u);
  EXPECT_EQ(post.attachments[0].name, "notes.txt");
  EXPECT_EQ(post.attachments[1].content_type, "message/rfc822");
  EXPECT_NE(read_part(item_of(message), post.attachments[1].reference)->body.find("Subject: inner"),
            std::string::npos);
  EXPECT_EQ(read_part(item_of(message), "part:99").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(read_part(item_of(message), "part:x").error().kind, ErrorKind::kNotFound);
}

TEST(MailParseTest, WhatCannotBeReadIsSaid) {
  EXPECT_EQ(post_of(fixture("encrypted")).incomplete, "encrypted");
  Envelope header_only;
  header_only.is_whole = false;
  const auto large = post_of(simple("Subject: Film\r\n", ""), header_only);
  EXPECT_EQ(large.incomplete, "too_large");
  EXPECT_EQ(large.subject, "Film");
  EXPECT_EQ(post_of(simple("", std::string(100'000, 'x'))).incomplete, "too_long");
  EXPECT_FALSE(parse_mail(account(), item_of("Subject: x\r\n\r\nx"), kReceived).ok() &&
               !parse_mail(account(), item_of("Subject: x\r\n\r\nx"), kReceived)->empty());
}

TEST(MailParseTest, WhatIsSignedIsReadAndWhatIsPackedIsTold) {
  const auto smime = post_of(fixture("signed_smime"));
  EXPECT_EQ(smime.text, "署名された注文です。");
  EXPECT_EQ(smime.incomplete, "");
  EXPECT_EQ(smime.subject, "Signed");
  EXPECT_TRUE(smime.attachments.empty());
  const auto pgp = post_of(fixture("signed_pgp"));
  EXPECT_EQ(pgp.text, "The lamp is broken.");
  EXPECT_EQ(pgp.incomplete, "");
  const auto sealed = post_of(fixture("encrypted_inline"));
  EXPECT_EQ(sealed.text, "");
  EXPECT_EQ(sealed.incomplete, "encrypted");
  const auto tnef = post_of(fixture("tnef"));
  EXPECT_EQ(tnef.text, "See the file.");
  EXPECT_EQ(tnef.incomplete, "tnef");
  ASSERT_EQ(tnef.attachments.size(), 1u);
  EXPECT_EQ(tnef.attachments[0].name, "winmail.dat");
  // Broken or encrypted: no words, and said so.
  const auto broken =
      post_of(simple("MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data\r\n"
                     "Content-Transfer-Encoding: base64\r\n",
                     "AAAA"));
  EXPECT_EQ(broken.incomplete, "encrypted");
}

TEST(MailParseTest, PicturesThatCameAlongStandInTheirPlace) {
  const auto mail = [](std::string_view html) {
    return simple("MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n",
                  "--b\r\nContent-Type: text/html\r\n\r\n" + std::string(html) +
                      "\r\n--b\r\nContent-Type: application/pdf\r\nContent-ID: <pdf@x>\r\n\r\n%PDF-1.4\r\n"
                      "--b\r\nContent-Type: image/png\r\nContent-ID: <pic@x>\r\nContent-Transfer-Encoding: "
                      "base64\r\n\r\niVBORw0KGgoAAAANSUhEUg==\r\n--b--\r\n");
  };
  const auto post = post_of(mail("<p>See <img src=\"cid:pic@x\" alt='the \"crack\"' onerror=x> here</p>"));
  EXPECT_NE(post.html.find("<img data-file=\"1\" alt=\"the &quot;crack&quot;\">"), std::string::npos)
      << post.html;
  EXPECT_EQ(post.html.find("onerror"), std::string::npos);
  EXPECT_EQ(post.attachments.at(1).kind, "image");
  EXPECT_EQ(post_of(mail("<b>x</b><img src=\"cid:pdf@x\" alt=a>")).html.find("<img"), std::string::npos)
      << "no picture";
  EXPECT_EQ(post_of(mail("<b>x</b><img src=\"cid:none@x\" alt=a>")).html.find("<img"), std::string::npos);
  EXPECT_EQ(post_of(mail("<b>x</b><img src=\"https://x.example/a.png\" alt=a>")).html.find("<img"),
            std::string::npos);
}

TEST(MailParseTest, WhoElseGotItIsTold) {
  const auto post = post_of(fixture("copies"));
  const auto told = [&](std::size_t i) {
    const auto& one = post.receivers.at(i);
    return one.role + " " + one.address + (one.is_us ? " us" : "");
  };
  ASSERT_EQ(post.receivers.size(), 5u);
  EXPECT_EQ(told(0), "answer hana.home@customer.example");
  EXPECT_EQ(told(1), "to care@example.com us");
  EXPECT_EQ(told(2), "to sato@customer.example");
  EXPECT_EQ(told(3), "cc care@example.com us") << "a signed address is ours, and its word is not shown";
  EXPECT_EQ(told(4), "cc bob@customer.example");
  EXPECT_EQ(post.receivers[2].name, "Sato");
  EXPECT_TRUE(post.joins.empty()) << "it begins a thread";
}

TEST(MailParseTest, AColleaguesAnswerNamesEveryThreadItMayBelongTo) {
  const auto first = post_of(fixture("copies"));
  // To the customer's mail itself: its thread is named by her and its id.
  const auto beside = post_of(
      "From: bob@customer.example\r\nTo: hana@customer.example\r\nCc: care@example.com\r\n"
      "References: <cc@customer.example>\r\nDate: Tue, 03 Mar 2026 18:31:00 +0900\r\n\r\nMe too.");
  EXPECT_NE(beside.thread_external_id, first.thread_external_id);
  EXPECT_NE(std::find(beside.joins.begin(), beside.joins.end(), first.thread_external_id),
            beside.joins.end());
  // To an answer of ours: by its id.
  const auto to_us =
      post_of("From: bob@customer.example\r\nReferences: <cc@customer.example> <" + std::string(kOurId) +
              ">\r\nDate: Tue, 03 Mar 2026 18:31:00 +0900\r\n\r\nMe too.");
  EXPECT_EQ(to_us.thread_external_id, thread_id(42, "abcdefghijklmnop"));
}

TEST(MailParseTest, ALinksWordIsFoundAndTakenAway) {
  const std::string token = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_abcde";
  const auto body = post_of(simple("Subject: Care\r\n", "Hello again\r\n\r\n[kk:" + token + "]\r\n"));
  EXPECT_EQ(body.continues, token);
  EXPECT_EQ(body.text, "Hello again");
  EXPECT_EQ(post_of(simple("Subject: x [kk:" + token + "]\r\n")).continues, token);
  EXPECT_EQ(post_of(simple("To: care+kk-" + token + "@example.com\r\n")).continues, token);
  EXPECT_EQ(post_of(simple("", "[kk:short]")).continues, "");
  // A word that an answer quotes is not said anew.
  EXPECT_EQ(post_of(simple("", "Yes [kk:bad token!!!!!!!!!!!!!!!!!!]")).continues, "");
}

TEST(MailBombTest, DeepPartsManyPartsAndManyReceiversCostNothing) {
  std::string deep = "From: a@b.example\r\n";
  for (int i = 0; i < 5'000; ++i)
    deep += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\r\n\r\n--b" +
            std::to_string(i) + "\r\n";
  EXPECT_EQ(post_of(deep + "\r\nx").incomplete, "too_complex");
  std::string mails = "From: a@b.example\r\n";
  for (int i = 0; i < 50'000; ++i) mails += "Content-Type: message/rfc822\r\n\r\n";
  EXPECT_EQ(post_of(mails).attachments.size(), 1u);
  std::string many = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 200'000; ++i) many += "--b\r\n\r\n";
  EXPECT_EQ(post_of(many).incomplete, "too_complex");
  std::string files = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 200; ++i) files += "--b\r\nContent-Type: application/zip\r\n\r\nPK\x03\x04\r\n";
  const auto with_files = post_of(files);
  EXPECT_EQ(with_files.attachments.size(), kAttachmentsLimit);
  EXPECT_EQ(with_files.incomplete, "too_complex");
  std::string receivers = "From: a@b.example\r\nTo: ";
  for (int i = 0; i < 100'000; ++i) receivers += "person" + std::to_string(i) + "@x.example,\r\n ";
  EXPECT_EQ(post_of(receivers + "\r\n\r\nHello").text, "Hello");
  std::string nested = "From: a@b.example\r\nContent-Type: text/html\r\n\r\n";
  for (int i = 0; i < 100'000; ++i) nested += "<div>";
  EXPECT_TRUE(post_of(nested + "deep").html.size() < 600'000);
  std::string references = "From: a@b.example\r\nReferences:";
  for (int i = 0; i < 50'000; ++i) references += " <" + std::to_string(i) + "@x.example>\r\n";
  EXPECT_LT(post_of(references + "\r\nx").reply_reference.size(), 2'000u);
}

}  // namespace
}  // namespace kiki::channels::mail
