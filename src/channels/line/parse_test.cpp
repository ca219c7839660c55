#include "channels/line/parse.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.hpp"
#include "channels/line/fake_line_test.hpp"

namespace kiki::channels::line {
namespace {

using testing::HasSubstr;

const Account kAccount{1, 42, "line", "account", "U00000000000000000000000000000000", "", "", "{}"};
constexpr TimeMs kReceived = 1'462'629'480'000;

std::string event(const std::string& type_and_rest,
                  const std::string& source = R"({"type":"user","userId":"U1"})") {
  return R"({"mode":"active","timestamp":1462629479859,"webhookEventId":"01H","replyToken":"rt",)"
         R"("deliveryContext":{"isRedelivery":false},"source":)" +
         source + "," + type_and_rest + "}";
}
std::string message(const std::string& content) {
  return event(R"("type":"message","message":{"id":"325708",)" + content + "}");
}
std::vector<Incoming> facts(const std::string& body) {
  auto parsed = parse_event(kAccount, {"line.event", body}, kReceived);
  EXPECT_TRUE(parsed.ok()) << parsed.error().message << " " << body;
  return parsed.ok() ? *parsed : std::vector<Incoming>();
}
IncomingPost post(const std::string& body) {
  const auto parsed = facts(body);
  if (parsed.size() != 1 || !std::holds_alternative<IncomingPost>(parsed[0])) {
    ADD_FAILURE() << body;
    return {};
  }
  return std::get<IncomingPost>(parsed[0]);
}

TEST(LineParseTest, AText) {
  const auto read =
      post(message(R"("type":"text","text":"こんにちは","quoteToken":"q","markAsReadToken":"m")"));
  EXPECT_EQ(read.external_id, "42/325708");
  EXPECT_EQ(read.thread_external_id, "42/U1");
  EXPECT_EQ(read.author.external_id, "U1");
  EXPECT_EQ(read.author.network, "line");
  EXPECT_EQ(read.text, "こんにちは");
  EXPECT_EQ(read.reason, "message");
  EXPECT_EQ(read.visibility, Visibility::kPrivate);
  EXPECT_EQ(read.posted_at, 1'462'629'479'859);
  EXPECT_EQ(read.reply_closed, "");
  EXPECT_EQ(read.reply_reference, R"({"to":"U1","token":"rt","token_until":1462629530000,"read":"m"})");
}

TEST(LineParseTest, EmojiAndMentionsCountInUtf16) {
  const auto read = post(
      message(R"("type":"text","text":"🤨(love) @Shop @All",)"
              R"("emojis":[{"index":2,"length":6,"productId":"5ac1bfd5040ab15980c9b435","emojiId":"001"},)"
              R"({"index":90,"length":6,"productId":"5ac1","emojiId":"002"},)"
              R"({"index":3,"length":2,"productId":"5ac1","emojiId":"003"},)"
              R"({"index":0,"length":1,"productId":"../x","emojiId":"003"}],)"
              R"("mention":{"mentionees":[{"index":9,"length":5,"type":"user","userId":"U9","isSelf":true},)"
              R"({"index":15,"length":4,"type":"all"},{"type":"all"}]})"));
  ASSERT_EQ(read.inlines.size(), 3U);
  EXPECT_EQ(read.inlines[0].kind, "emoji");
  EXPECT_EQ(read.inlines[0].place.start, 2);
  EXPECT_EQ(read.inlines[0].place.end, 8);
  EXPECT_EQ(
      read.inlines[0].image_url,
      "https://stickershop.line-scdn.net/sticonshop/v1/sticon/5ac1bfd5040ab15980c9b435/android/001.png");
  EXPECT_EQ(read.inlines[1].kind, "mention");
  EXPECT_TRUE(read.inlines[1].of_us);
  EXPECT_FALSE(read.inlines[2].of_us);
}

TEST(LineParseTest, Files) {
  auto file = post(message(R"("type":"image","contentProvider":{"type":"line"},)"
                           R"("imageSet":{"id":"E0","index":2,"total":3})"))
                  .attachments.at(0);
  EXPECT_EQ(file.kind, "image");
  EXPECT_EQ(file.reference, "content/325708");
  EXPECT_EQ(file.url, "");
  EXPECT_EQ(file.title, "2/3");
  file =
      post(message(R"("type":"video","contentProvider":{"type":"external",)"
                   R"("originalContentUrl":"https://example.com/v.mp4","previewImageUrl":"javascript:x"})"))
          .attachments.at(0);
  EXPECT_EQ(file.kind, "video");
  EXPECT_EQ(file.url, "https://example.com/v.mp4");
  EXPECT_EQ(file.thumbnail_url, "");
  EXPECT_EQ(file.reference, "external");
  file = post(message(R"("type":"audio","contentProvider":{"type":"line"})")).attachments.at(0);
  EXPECT_EQ(file.kind, "audio");
  file = post(message(R"("type":"file","fileName":"../../etc\u0000\n/領収書.pdf","fileSize":2138)"))
             .attachments.at(0);
  EXPECT_EQ(file.kind, "file");
  EXPECT_EQ(file.name, ".._.._etc__領収書.pdf");
  EXPECT_EQ(file.size_bytes, 2'138);
  EXPECT_EQ(post(message(R"("type":"file","fileName":"..","fileSize":-5)")).attachments.at(0).name, "");
}

TEST(LineParseTest, StickersAndPlaces) {
  auto read =
      post(message(R"("type":"sticker","packageId":"1","stickerId":"52002734",)"
                   R"("stickerResourceType":"MESSAGE","keywords":["Love You","Love"],"text":"大好き")"));
  EXPECT_EQ(read.text, "大好き");
  EXPECT_EQ(read.attachments.at(0).kind, "sticker");
  EXPECT_EQ(read.attachments.at(0).alt, "Love You, Love");
  EXPECT_EQ(read.attachments.at(0).url,
            "https://stickershop.line-scdn.net/stickershop/v1/sticker/52002734/android/sticker.png");
  read = post(
      message(R"("type":"location","title":"店","address":"東京","latitude":35.6591,"longitude":139.70372)"));
  EXPECT_EQ(read.attachments.at(0).kind, "location");
  EXPECT_EQ(read.attachments.at(0).title, "店");
  EXPECT_EQ(read.attachments.at(0).alt, "東京");
  EXPECT_EQ(read.attachments.at(0).url,
            "https://www.openstreetmap.org/?mlat=35.659100&mlon=139.703720#map=17/35.659100/139.703720");
  read = post(message(R"("type":"location","latitude":1e300,"longitude":0)"));
  EXPECT_EQ(read.attachments.at(0).url, "");
}

TEST(LineParseTest, AQuoteIsAnsweredAsOne) {
  const auto read = post(message(R"("type":"text","text":"これ","quoteToken":"q","quotedMessageId":"111")"));
  EXPECT_EQ(read.parent_external_id, "42/111");
  EXPECT_THAT(read.reply_reference, HasSubstr(R"("quote":"q")"));
}

TEST(LineParseTest, GroupsAndRooms) {
  const std::string text =
      R"("type":"message","message":{"id":"1","type":"text","text":"x","quoteToken":"q"})";
  auto read = post(event(text, R"({"type":"group","groupId":"C5","userId":"U1"})"));
  EXPECT_EQ(read.thread_external_id, "42/C5");
  EXPECT_EQ(read.author.external_id, "U1");
  EXPECT_THAT(read.reply_reference, HasSubstr(R"("to":"C5")"));
  EXPECT_THAT(read.reply_reference, HasSubstr(R"("quote":"q")"));
  read = post(event(text, R"({"type":"room","roomId":"R5"})"));
  EXPECT_EQ(read.thread_external_id, "42/R5");
  EXPECT_EQ(read.author.external_id, "R5") << "LINE does not always tell who it was";
}

TEST(LineParseTest, WhatIsDeliveredAgainHasNoTokenLeft) {
  const auto read =
      post(R"({"type":"message","timestamp":1,"source":{"userId":"U1"},"replyToken":"rt",)"
           R"("deliveryContext":{"isRedelivery":true},"message":{"id":"1","type":"text","text":"x"}})");
  EXPECT_EQ(read.external_id, "42/1");
  EXPECT_EQ(read.reply_reference, R"({"to":"U1"})");
}

TEST(LineParseTest, StandbyIsHeardAndNotAnswered) {
  const auto read = post(R"({"type":"message","mode":"standby","timestamp":1,"source":{"userId":"U1"},)"
                         R"("message":{"id":"1","type":"text","text":"x"}})");
  EXPECT_EQ(read.reply_closed, "standby");
}

TEST(LineParseTest, FollowUnfollowUnsend) {
  auto fact = facts(event(R"("type":"follow","follow":{"isUnblocked":true})")).at(0);
  EXPECT_EQ(std::get<IncomingRelation>(fact).relation, "following");
  EXPECT_EQ(std::get<IncomingRelation>(fact).author.external_id, "U1");
  EXPECT_EQ(std::get<IncomingRelation>(fact).changed_at, 1'462'629'479'859);
  fact = facts(event(R"("type":"unfollow")")).at(0);
  EXPECT_EQ(std::get<IncomingRelation>(fact).relation, "blocked");
  fact = facts(event(R"("type":"unsend","unsend":{"messageId":"325708"})")).at(0);
  EXPECT_EQ(std::get<IncomingDeletion>(fact).external_id, "42/325708");
  EXPECT_EQ(std::get<IncomingDeletion>(fact).deleted_at, 1'462'629'479'859);
}

TEST(LineParseTest, ButtonsAreHeardMenuTabsAreNot) {
  const auto read =
      post(event(R"("type":"postback","postback":{"data":"talk","params":{"date":"2026-12-01"}})"));
  EXPECT_EQ(read.external_id, "42/event/01H");
  EXPECT_EQ(read.text, "talk\n2026-12-01");
  EXPECT_TRUE(facts(event(R"("type":"postback","postback":{"data":"x","params":{"newRichMenuAliasId":"b",)"
                          R"("status":"SUCCESS"}})"))
                  .empty());
}

TEST(LineParseTest, AnEditIsARevision) {
  const auto read =
      post(event(R"("type":"messageEdited","message":{"id":"325708","type":"text","text":"new"})"));
  EXPECT_EQ(read.external_id, "42/325708");
  EXPECT_EQ(read.revision, "1462629479859");
}

TEST(LineParseTest, AKindThatIsNewerThanWe) {
  EXPECT_EQ(post(message(R"("type":"hologram")")).text, "[hologram]");
}

TEST(LineParseTest, TheWordOfALink) {
  const std::string word(43, 'a');
  EXPECT_EQ(link_word("続きです\n#" + word), word);
  EXPECT_EQ(link_word("#" + word), word);
  EXPECT_EQ(link_word("#" + word + "b"), "");
  EXPECT_EQ(link_word("x#" + word), "");
  EXPECT_EQ(link_word("#short #" + word + " !"), word);
  auto read = post(message(R"("type":"text","text":"続きです\n#)" + word + "\""));
  EXPECT_EQ(read.continues, word);
  EXPECT_EQ(read.text, "続きです");
  read = post(message(R"("type":"text","text":"#)" + word + "\""));
  EXPECT_EQ(read.continues, word);
  EXPECT_EQ(read.text, "");
  EXPECT_EQ(read.incomplete, "only_link") << "nothing else was said";
  read = post(message(R"("type":"text","text":"これ #)" + word + " も見て\""));
  EXPECT_EQ(read.text, "これ も見て");
  EXPECT_EQ(read.incomplete, "");
  // What stands in the text stays at its place, also behind the word.
  read = post(message(R"y("type":"text","text":"(a) #)y" + word + R"y( (b)","emojis":[
      {"index":0,"length":3,"productId":"p","emojiId":"1"},{"index":49,"length":3,"productId":"p","emojiId":"2"}])y"));
  EXPECT_EQ(read.text, "(a) (b)");
  ASSERT_EQ(read.inlines.size(), 2u);
  EXPECT_EQ(read.inlines[0].place.start, 0);
  EXPECT_EQ(read.inlines[1].place.start, 4);
  EXPECT_EQ(read.inlines[1].place.end, 7);
}

TEST(LineParseTest, TheLinkLeadsIntoTheChat) {
  Bench bench;
  const std::string word(43, 'a');
  EXPECT_EQ(bench.channel->private_place(bench.account, ""), "https://line.me/R/ti/p/%40123abcde");
  EXPECT_EQ(bench.channel->private_place(bench.account, word),
            "https://line.me/R/oaMessage/%40123abcde/?%23" + word);
  bench.account.settings = R"({"basic_id":"@1","link_text":"続き"})";
  const auto url = bench.channel->private_place(bench.account, word);
  EXPECT_EQ(url, "https://line.me/R/oaMessage/%401/?%E7%B6%9A%E3%81%8D%0A%23" + word);
}

TEST(LineParseTest, NoNulGoesToTheStore) {
  EXPECT_EQ(post(message(R"("type":"text","text":"a\u0000b")")).text, "ab");
}

TEST(LineParseTest, FaultsStayInTheJournal) {
  for (const std::string body :
       {"", "{", "[]", "{}", R"({"type":"message"})", R"({"type":"message","message":{"id":"1"}})",
        R"({"type":"message","message":{"id":"1","type":"text"},"source":{"userId":"../x"}})",
        R"({"type":"unsend","unsend":{}})", R"({"type":"follow"})"}) {
    EXPECT_FALSE(parse_event(kAccount, {"line.event", body}, kReceived).ok()) << body;
  }
  EXPECT_FALSE(parse_event(kAccount, {"open.post", "{}"}, kReceived).ok());
}

// The events of the official SDK's own tests.
TEST(LineParseTest, TheOfficialEvents) {
  const std::filesystem::path path =
      std::filesystem::path(KIKI_SOURCE_DIR) / "../shared/specs/line/fixtures/webhook-all-events.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  std::stringstream bytes;
  bytes << std::ifstream(path).rdbuf();
  const auto document = JsonDocument::parse(bytes.str());
  ASSERT_TRUE(document.ok());
  std::map<std::string, int> counts;
  (void)document->root()["events"].each([&](JsonView one) -> Result<void> {
    const auto type = std::string(one["type"].text());
    auto parsed = parse_event(kAccount, {"line.event", one.raw()}, kReceived);
    // Two of them carry shortened ids ("C4af4980629..."), in kinds that say nothing to us.
    EXPECT_TRUE(parsed.ok()) << one.raw() << parsed.error().message;
    if (!parsed.ok()) return {};
    for (const auto& fact : *parsed) {
      counts[std::holds_alternative<IncomingPost>(fact)       ? type + " post"
             : std::holds_alternative<IncomingDeletion>(fact) ? type + " deletion"
             : std::holds_alternative<IncomingRelation>(fact) ? type + " relation"
                                                              : type + " other"]++;
    }
    if (parsed->empty()) counts[type + " silent"]++;
    return {};
  });
  const std::map<std::string, int> expected{{"accountLink silent", 1}, {"beacon silent", 2},
                                            {"follow relation", 1},    {"join silent", 1},
                                            {"leave silent", 1},       {"memberJoined silent", 1},
                                            {"memberLeft silent", 1},  {"message post", 11},
                                            {"messageEdited post", 1}, {"postback post", 4},
                                            {"undefined silent", 1},   {"unfollow relation", 1},
                                            {"unsend deletion", 1},    {"videoPlayComplete silent", 1}};
  EXPECT_EQ(counts, expected);
}

}  // namespace
}  // namespace kiki::channels::line
