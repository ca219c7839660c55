#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "channels/mail/charset.hpp"
#include "channels/mail/compose.hpp"
#include "channels/mail/file_type.hpp"
#include "channels/mail/handed_over.hpp"
#include "channels/mail/header_words.hpp"
#include "channels/mail/html_clean.hpp"
#include "channels/mail/marks.hpp"
#include "channels/mail/mime_tree.hpp"
#include "channels/mail/quoted.hpp"
#include "channels/mail/settings.hpp"
#include "channels/mail/write.hpp"
#include "net/http_client.hpp"

namespace kiki::channels::mail {
namespace {

TEST(CharsetTest, WindowsFormsOfIso2022Jp) {
  EXPECT_EQ(to_utf8("\x1B$B-!\x1B(B \x1B(I1\x1B(B", "iso-2022-jp"), "① ｱ");
  EXPECT_EQ(to_utf8("\x0E\x31\x0F!", "cp50222"), "ｱ!") << "kana by shift-out";
  EXPECT_EQ(to_utf8("\xB1\xB2", "iso-2022-jp"), "ｱｲ") << "kana with the eighth bit";
  EXPECT_EQ(to_utf8("\x1B$(D\x30\x21\x1B(B", "iso-2022-jp-1"), "丂") << "JIS X 0212";
  EXPECT_EQ(to_utf8("\x1B$@4A\x1B(J", "ISO-2022-JP"), "漢");
  EXPECT_EQ(to_utf8("\x1B$B4A\nabc", "iso-2022-jp"), "漢\nabc") << "a line that forgot to go back";
}

TEST(CharsetTest, OthersAreReadToo) {
  EXPECT_EQ(to_utf8("caf\xE9", "iso-8859-1"), "café");
  EXPECT_EQ(to_utf8("\xC7\xD1\xB1\xDB", "euc-kr"), "한글");
  EXPECT_EQ(to_utf8("\xA4\xA4\xA4\xE5", "big5"), "中文");
  EXPECT_EQ(to_utf8("+ZeVnLIqe-", "utf-7"), "日本語");
  EXPECT_EQ(to_utf8(std::string("\x30\x42", 2), "utf-16be"), "あ");
  EXPECT_EQ(to_utf8("plain", "no-such-charset"), "plain");
  EXPECT_EQ(to_utf8("", ""), "");
  EXPECT_EQ(to_utf8("\x8F\xB0\xA1", "euc-jp"), "丂");
}

TEST(HeaderWordsTest, Addresses) {
  const auto list = read_addresses(
      R"("Doe, \"Jo\" Jane" <JANE@Example.COM>, taro@example.com (Taro), Team: a@x.example, b@x.example;)");
  ASSERT_EQ(list.size(), 4u);
  EXPECT_EQ(list[0].name, "Doe, \"Jo\" Jane");
  EXPECT_EQ(list[0].address, "jane@example.com");
  EXPECT_EQ(list[1].name, "Taro");
  EXPECT_EQ(list[3].address, "b@x.example");
  EXPECT_EQ(read_addresses("dot..dot.@docomo.ne.jp").at(0).address, "dot..dot.@docomo.ne.jp");
  EXPECT_TRUE(read_addresses("undisclosed-recipients:;").empty());
  EXPECT_TRUE(read_addresses("<>").empty());
}

TEST(HeaderWordsTest, Parameters) {
  EXPECT_EQ(read_parameter("text/plain; CHARSET=\"utf-8\"; x=y", "charset"), "utf-8");
  EXPECT_EQ(read_parameter("attachment; filename=plain name.txt", "filename"), "plain name.txt");
  EXPECT_EQ(read_parameter("attachment; filename=\"a.txt\"; filename*=utf-8''%E8%A1%A8.txt", "filename"),
            "表.txt");
  EXPECT_EQ(read_parameter("attachment; filename*1=\"b.txt\"; filename*0=\"a\"", "filename"), "ab.txt");
  EXPECT_EQ(read_parameter("attachment", "filename"), "");
}

TEST(HeaderWordsTest, FileNamesAreNamesOnly) {
  EXPECT_EQ(clean_file_name("../../etc/passwd"), "passwd");
  EXPECT_EQ(clean_file_name("C:\\temp\\見積.pdf"), "見積.pdf");
  EXPECT_EQ(clean_file_name("evil\xE2\x80\xAE"
                            "fdp.exe"),
            "evil_fdp.exe")
      << "no turning of the direction";
  EXPECT_EQ(clean_file_name("..."), "");
  EXPECT_EQ(clean_file_name("ﾃｽﾄ.txt"), "ﾃｽﾄ.txt");
  const auto longest = clean_file_name(std::string(500, 'a') + ".jpeg");
  EXPECT_EQ(longest.size(), 200u);
  EXPECT_TRUE(longest.ends_with(".jpeg"));
}

TEST(MarksTest, ASignedAddressIsBelievedAndAForgedOneIsNot) {
  const auto word = conversation_word("a@b", "hana@x.example");
  const auto address = signed_address("care+*@example.com", word, "key");
  EXPECT_EQ(word_of_address("care+*@example.com", address, "key"), word);
  EXPECT_FALSE(word_of_address("care+*@example.com", address, "other key"));
  auto forged = address;
  forged[6] = forged[6] == 'a' ? 'b' : 'a';
  EXPECT_FALSE(word_of_address("care+*@example.com", forged, "key"));
  EXPECT_FALSE(word_of_address("", address, "key"));
  EXPECT_FALSE(word_of_address("care+*@example.com", address, ""));
  EXPECT_LE(address.find('@'), 64u) << "the limit of a local part";
}

TEST(MarksTest, OurMessageIds) {
  const auto id = new_message_id(77, "abcdefghijklmnop", "random", "example.com");
  EXPECT_EQ(word_of_message_id(id), "abcdefghijklmnop");
  EXPECT_EQ(word_of_message_id("kk.77.abc@example.com"), "");
  EXPECT_EQ(word_of_message_id("kk.77.ABCDEFGHIJKLMNOP.x@example.com"), "");
  EXPECT_EQ(word_of_message_id("a@b"), "");
}

Outgoing reply() {
  Outgoing out;
  out.outbox_id = 77;
  out.action = "reply";
  out.text = "こんにちは。\n二行目";
  out.language = "ja";
  out.created_at = 1'772'530'200'000;
  out.network_key = "kk.77.abcdefghijklmnop.random@example.com";
  out.thread_external_id = "mail/42/tabcdefghijklmnop";
  out.reply_reference =
      R"({"message_id":"b@x.example","references":["a@x.example"],"subject":"Re: RE： 注文",)"
      R"("to":"hana@x.example","to_name":"花子","word":"abcdefghijklmnop"})";
  return out;
}
MailSettings care() {
  MailSettings out;
  out.address = "care@example.com";
  out.name = "ミナト電機";
  return out;
}

TEST(ComposeTest, AReplyIsThreadedAndReadable) {
  const auto message = compose_reply(care(), reply(), "care+word@example.com");
  ASSERT_TRUE(message.ok()) << message.error().message;
  const auto mail = MimeTree::read(*message);
  const auto& headers = mail.headers();
  EXPECT_EQ(headers.get("in-reply-to"), "<b@x.example>");
  EXPECT_EQ(read_message_ids(headers.get("references")),
            (std::vector<std::string>{"a@x.example", "b@x.example"}));
  EXPECT_EQ(headers.get("message-id"), "<kk.77.abcdefghijklmnop.random@example.com>");
  EXPECT_EQ(decode_header(headers.get("subject")), "Re: 注文");
  EXPECT_EQ(read_addresses(headers.get("from")).at(0).name, "ミナト電機");
  EXPECT_EQ(read_addresses(headers.get("to")).at(0).address, "hana@x.example");
  EXPECT_EQ(read_addresses(headers.get("reply-to")).at(0).address, "care+word@example.com");
  EXPECT_FALSE(headers.has("auto-submitted")) << "a person wrote it";
  EXPECT_EQ(headers.get("date"), "Tue, 03 Mar 2026 09:30:00 +0000");
  ASSERT_EQ(mail.leaves().size(), 1u);
  EXPECT_EQ(mail.text(mail.leaves()[0]), "こんにちは。\n二行目\n");
  std::size_t column = 0;
  for (std::size_t i = 0; i < message->size(); ++i) {
    const char c = (*message)[i];
    EXPECT_LT(static_cast<unsigned char>(c), 0x80);
    if (c == '\n') {
      EXPECT_EQ((*message)[i - 1], '\r');
    }
    column = c == '\n' ? 0 : column + 1;
    EXPECT_LE(column, 200u);
  }
}

TEST(ComposeTest, TheAnsweredMailIsQuotedBelowInItsWritersWordsAndTime) {
  auto out = reply();
  out.answered = {"一行目\n\n> 前の引用\n三行目", "山田花子", "hana@x.example", 1'772'530'200'000};
  out.reply_reference =
      R"({"message_id":"b@x.example","to":"hana@x.example","word":"abcdefghijklmnop","offset_minutes":540})";
  const auto text = [&] {
    const auto mail = MimeTree::read(compose_reply(care(), out, "").value());
    return mail.text(mail.leaves().at(0));
  };
  EXPECT_EQ(text(),
            "こんにちは。\n二行目\n\n2026年3月3日(火) 18:30 山田花子 <hana@x.example>:\n"
            "> 一行目\n>\n>> 前の引用\n> 三行目\n");
  const auto split = split_quoted(text());
  EXPECT_EQ(split.text, "こんにちは。\n二行目") << "folded by ourselves, too";
  out.language.clear();
  EXPECT_NE(text().find("年3月3日(火)"), std::string::npos)
      << "an answer in Japanese, whose language nobody told";
  out.language = "en";
  EXPECT_NE(text().find("On Tue, 3 Mar 2026 at 18:30, 山田花子 <hana@x.example> wrote:\n> 一行目"),
            std::string::npos);
  out.answered.text = std::string(100'000, 'x');
  EXPECT_LT(text().size(), 20'000u);
  auto settings = care();
  settings.quotes = false;
  const auto plain = MimeTree::read(compose_reply(settings, out, "").value());
  EXPECT_EQ(plain.text(plain.leaves().at(0)), "こんにちは。\n二行目\n");
}

TEST(ComposeTest, CopiesGoToWhomTheyAreNamedFor) {
  auto out = reply();
  out.copies = {{"cc", "佐藤", "sato@x.example"}, {"cc", "", "bob@x.example"}};
  const auto message = compose_reply(care(), out, "");
  ASSERT_TRUE(message.ok());
  const auto cc = read_addresses(MimeTree::read(*message).headers().get("cc"));
  ASSERT_EQ(cc.size(), 2u);
  EXPECT_EQ(cc[0].name, "佐藤");
  EXPECT_EQ(cc[1].address, "bob@x.example");
  out.copies = {{"cc", "", "bob@x.example\r\nBcc: evil@y.example"}};
  EXPECT_FALSE(compose_reply(care(), out, "").ok());
}

TEST(ComposeTest, PicturesAreAttachedAndNothingIsSlippedIn) {
  auto out = reply();
  out.images.push_back({1, "image/png", "割れた\r\nBcc: x@y.example", "\x89PNG\r\n\x1A\nxx", 1, 1, ""});
  out.reply_reference = R"({"message_id":"","references":[],"subject":"x\r\nBcc: evil@y.example",)"
                        R"("to":"hana@x.example","to_name":"a\nBcc: z@y.example"})";
  auto settings = care();
  settings.subject_tag = "KK";
  const auto mail = MimeTree::read(compose_reply(settings, out, "").value());
  EXPECT_FALSE(mail.headers().has("bcc"));
  EXPECT_FALSE(mail.headers().has("in-reply-to"));
  EXPECT_TRUE(decode_header(mail.headers().get("subject")).ends_with("[KK abcdefghijklmnop]"));
  ASSERT_EQ(mail.leaves().size(), 2u);
  EXPECT_EQ(mail.leaves()[1].type, "image/png");
  EXPECT_EQ(mail.leaves()[1].name, "image-1.png");
  EXPECT_EQ(mail.bytes(1), "\x89PNG\r\n\x1A\nxx");
  out.reply_reference = R"({"to":"care@example.com"})";
  EXPECT_EQ(compose_reply(settings, out, "").error().kind, ErrorKind::kUnprocessable) << "never to ourselves";
}

TEST(FileTypeTest, BytesDecide) {
  EXPECT_EQ(file_type("\x89PNG\r\n\x1A\n...", "application/pdf"), "image/png");
  EXPECT_EQ(file_type("<script>", "image/png"), "application/octet-stream");
  EXPECT_EQ(file_type("<svg>", "image/svg+xml"), "application/octet-stream");
  EXPECT_EQ(
      file_type("PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
  EXPECT_EQ(file_type("PK\x03\x04", "text/plain"), "application/zip");
  EXPECT_EQ(file_type("a,b\n", "text/csv"), "text/csv");
  EXPECT_EQ(file_type("MZ", "evil\ntype/x"), "application/octet-stream");
}

TEST(FolderNameTest, ModifiedUtf7) {
  EXPECT_EQ(folder_on_wire("送信済みアイテム"), "&kAFP4W4IMH8wojCkMMYw4A-");
  EXPECT_EQ(folder_from_wire("&kAFP4W4IMH8wojCkMMYw4A-"), "送信済みアイテム");
  EXPECT_EQ(folder_on_wire("A&B"), "A&-B");
  EXPECT_EQ(folder_on_wire("INBOX"), "INBOX");
}

class MemoryState final : public AccountState {
 public:
  std::string value;
  Result<std::string> secret(std::string_view) override { return std::string(); }
  Result<void> set_secrets(const std::vector<std::pair<std::string, std::string>>&) override { return {}; }
  Result<std::string> cursor(std::string_view) override { return value; }
  Result<void> set_cursor(std::string_view, std::string_view text) override {
    value = text;
    return {};
  }
};

TEST(HandedOverTest, DoubtIsKeptAndWhatWasTakenIsForgottenInTime) {
  MemoryState state;
  const auto was = [&](std::string_view id) { return *was_handed_over(state, id); };
  EXPECT_EQ(was("a"), HandedOver::kNo);
  ASSERT_TRUE(note_handed_over(state, "a", HandedOver::kMaybe).ok());
  EXPECT_EQ(was("a"), HandedOver::kMaybe);
  for (int i = 0; i < 600; ++i)
    ASSERT_TRUE(note_handed_over(state, "s" + std::to_string(i), HandedOver::kAccepted).ok());
  EXPECT_EQ(was("a"), HandedOver::kMaybe);
  EXPECT_EQ(was("s100"), HandedOver::kAccepted) << "a full outbox may go before it is looked up";
  EXPECT_EQ(was("s0"), HandedOver::kNo);
  ASSERT_TRUE(note_handed_over(state, "a", HandedOver::kNo).ok());
  EXPECT_EQ(was("a"), HandedOver::kNo);
}

TEST(HandedOverTest, ADroppedDoubtIsNeverTakenForCertain) {
  MemoryState state;
  const auto was = [&](std::string_view id) { return *was_handed_over(state, id); };
  for (int i = 0; i < 500; ++i)
    ASSERT_TRUE(note_handed_over(state, "d" + std::to_string(i), HandedOver::kMaybe).ok());
  EXPECT_EQ(was("d0"), HandedOver::kMaybe);
  EXPECT_EQ(was("never"), HandedOver::kNo) << "none was dropped so far";
  ASSERT_TRUE(note_handed_over(state, "d1", HandedOver::kLookedInVain).ok());
  ASSERT_TRUE(note_handed_over(state, "d500", HandedOver::kMaybe).ok());
  EXPECT_EQ(was("d0"), HandedOver::kForgotten);
  EXPECT_EQ(was("d1"), HandedOver::kLookedInVain);
  for (int i = 1; i <= 500; ++i)
    ASSERT_TRUE(note_handed_over(state, "d" + std::to_string(i), HandedOver::kNo).ok());
  EXPECT_EQ(was("d0"), HandedOver::kForgotten) << "also when there is room again";
}

Outgoing answer_to_hana() {
  Outgoing out;
  out.outbox_id = 1;
  out.action = "reply";
  out.network_key = "m@example.com";
  return out;
}

TEST(SendReplyTest, WhatMayBeOutIsLookedForAndNotSent) {
  ManualClock clock;
  SeededRandom random{1};
  const auto http = net::make_http_client({});
  const Tools tools{*http, {}, clock, random};
  Account account;
  MemoryState state;
  const auto out = answer_to_hana();
  ASSERT_TRUE(note_handed_over(state, out.network_key, HandedOver::kMaybe).ok());
  const auto sent = send_reply(tools, account, state, out, {});
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().kind, ErrorKind::kUnclear);
  EXPECT_EQ(sent.error().code, "maybe_sent");
  ASSERT_TRUE(note_handed_over(state, out.network_key, HandedOver::kLookedInVain).ok());
  const auto again = send_reply(tools, account, state, out, {});
  ASSERT_FALSE(again.ok()) << "there is no server";
  EXPECT_NE(again.error().code, "maybe_sent") << "a person's word sends it";
}

TEST(HtmlCleanTest, TextKeepsItsForm) {
  const auto clean =
      clean_html("<p>a&nbsp;b</p><pre>x  y\n  z</pre><blockquote>q<br>r</blockquote>c<hr>d<p>&lt;b&gt;</p>");
  EXPECT_EQ(clean.text,
            "a b\n\nx  y\n  z\n> q\n> r\nc\n----------------------------------------\nd\n\n<b>\n");
  EXPECT_NE(clean.html.find("<p>&lt;b&gt;</p>"), std::string::npos);
  EXPECT_FALSE(clean_html("<div>plain</div>").has_form);
  EXPECT_TRUE(clean_html("<b>bold</b>").has_form);
  EXPECT_EQ(clean_html("").html, "");
  EXPECT_EQ(clean_html("<a href='java\nscript:x'>y</a>").html.find("href"), std::string::npos);
  EXPECT_EQ(clean_html("<a href='//x.example'>y</a>").html.find("href"), std::string::npos);
}

}  // namespace
}  // namespace kiki::channels::mail
