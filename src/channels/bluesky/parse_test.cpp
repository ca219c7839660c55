#include "channels/bluesky/parse.hpp"

#include <gtest/gtest.h>

namespace kiki::channels::bluesky {
namespace {

constexpr TimeMs kReceived = 1'795'338'000'000;  // 2026-11-22T09:00:00Z
constexpr const char* kCid = "bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a";

Account our_account() {
  Account account;
  account.network = "bluesky";
  account.kind = "account";
  account.external_id = "did:plc:brand";
  return account;
}

Result<std::vector<Incoming>> parse(std::string_view source, std::string body) {
  return parse_item(our_account(), RawItem{std::string(source), std::move(body)}, kReceived);
}

IncomingPost only_post(const Result<std::vector<Incoming>>& parsed) {
  EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().message + " " + parsed.error().where);
  if (!parsed.ok() || parsed->size() != 1 || !std::holds_alternative<IncomingPost>(parsed->front())) {
    ADD_FAILURE() << "expected one post";
    return {};
  }
  return std::get<IncomingPost>(parsed->front());
}

std::string record_item(const std::string& record, const std::string& did = "did:plc:customer") {
  return R"({"uri":"at://)" + did + R"(/app.bsky.feed.post/3kpost","cid":")" + kCid + R"(","did":")" + did +
         R"(","rev":"3kabcabcabcab","seq":12,"time":"2026-11-22T08:59:59.500Z","operation":"create",)"
         R"("record":)" +
         record + "}";
}

std::string strong(const std::string& did, const std::string& rkey) {
  return R"({"uri":"at://)" + did + "/app.bsky.feed.post/" + rkey + R"(","cid":")" + kCid + "\"}";
}

TEST(Parse, ANotificationIsAPostWithItsAuthor) {
  const auto post = only_post(
      parse(kNotificationSource,
            R"({"uri":"at://did:plc:customer/app.bsky.feed.post/3kpost","cid":")" + std::string(kCid) +
                R"(","author":{"did":"did:plc:customer","handle":"customer.example","displayName":"客",)"
                R"("avatar":"https://cdn.example/a.jpg"},
      "reason":"mention","record":{"$type":"app.bsky.feed.post","text":"@brand.example 動きません","langs":["ja"],
      "createdAt":"2026-11-22T08:59:00.000Z"},"isRead":false,"indexedAt":"2026-11-22T08:59:01.000Z"})"));
  EXPECT_EQ(post.direction, Direction::kIn);
  EXPECT_EQ(post.reason, "mention");
  EXPECT_EQ(post.external_id, "at://did:plc:customer/app.bsky.feed.post/3kpost");
  EXPECT_EQ(post.revision, kCid);
  EXPECT_EQ(post.thread_external_id, post.external_id);
  EXPECT_EQ(post.author.external_id, "did:plc:customer");
  EXPECT_EQ(post.author.handle, "customer.example");
  EXPECT_EQ(post.author.name, "客");
  EXPECT_EQ(post.author.avatar_url, "https://cdn.example/a.jpg");
  EXPECT_EQ(post.author.url, "https://bsky.app/profile/did:plc:customer");
  EXPECT_EQ(post.text, "@brand.example 動きません");
  EXPECT_EQ(post.language, "ja");
  EXPECT_EQ(post.url, "https://bsky.app/profile/did:plc:customer/post/3kpost");
  EXPECT_EQ(post.posted_at, kReceived - 60'000);
  EXPECT_EQ(post.visibility, Visibility::kPublic);
  EXPECT_EQ(
      post.reply_reference,
      R"({"root":{"uri":"at://did:plc:customer/app.bsky.feed.post/3kpost","cid":")" + std::string(kCid) +
          R"("},"parent":{"uri":"at://did:plc:customer/app.bsky.feed.post/3kpost","cid":")" + kCid + "\"}}");
}

TEST(Parse, LikesAndFollowsAreNoPosts) {
  const auto parsed =
      parse(kNotificationSource,
            R"({"uri":"at://did:plc:customer/app.bsky.feed.like/3k","cid":"x","reason":"like","record":{}})");
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->empty());
}

TEST(Parse, AReplyKeepsRootAndParent) {
  const auto post = only_post(parse(
      kRecordSource, record_item(R"({"text":"まだです","createdAt":"2026-11-22T08:59:00Z","reply":{"root":)" +
                                 strong("did:plc:other", "3kroot") + R"(,"parent":)" +
                                 strong("did:plc:brand", "3kparent") + "}}")));
  EXPECT_EQ(post.reason, "reply");
  EXPECT_EQ(post.parent_external_id, "at://did:plc:brand/app.bsky.feed.post/3kparent");
  EXPECT_EQ(post.thread_external_id, "at://did:plc:other/app.bsky.feed.post/3kroot");
  EXPECT_EQ(post.reply_reference, R"({"root":)" + strong("did:plc:other", "3kroot") + R"(,"parent":)" +
                                      strong("did:plc:customer", "3kpost") + "}");
}

TEST(Parse, TheReasonOfARecordComesFromWhatItSays) {
  EXPECT_EQ(only_post(parse(kRecordSource, record_item(R"({"text":"x"})"))).reason, "found");
  EXPECT_EQ(
      only_post(
          parse(kRecordSource,
                record_item(
                    R"({"text":"@brand hi","facets":[{"index":{"byteStart":0,"byteEnd":6},)"
                    R"("features":[{"$type":"app.bsky.richtext.facet#mention","did":"did:plc:brand"}]}]})")))
          .reason,
      "mention");
  EXPECT_EQ(
      only_post(parse(kRecordSource,
                      record_item(R"({"text":"見て","embed":{"$type":"app.bsky.embed.record","record":)" +
                                  strong("did:plc:brand", "3kq") + "}}")))
          .reason,
      "quote");
  EXPECT_EQ(only_post(parse(kRecordSource,
                            record_item(R"({"text":"x","reply":{"root":)" + strong("did:plc:brand", "3kr") +
                                        R"(,"parent":)" + strong("did:plc:third", "3kp") + "}}")))
                .reason,
            "reply");
  const auto own = only_post(parse(kRecordSource, record_item(R"({"text":"x"})", "did:plc:brand")));
  EXPECT_EQ(own.direction, Direction::kOut);
  EXPECT_EQ(own.reason, "own");
}

TEST(Parse, FacetsOutsideTheTextOrInsideACharacterAreLeftOut) {
  // "あ" is three bytes: 0..1 cuts it, 0..99 leaves the text, -1 and a turned range are nonsense. The fifth
  // is right.
  const auto link = [](const char* start, const char* end, const char* uri) {
    return std::string(R"({"index":{"byteStart":)") + start + R"(,"byteEnd":)" + end +
           R"(},"features":[{"$type":"app.bsky.richtext.facet#link","uri":")" + uri + "\"}]}";
  };
  const auto post = only_post(
      parse(kRecordSource,
            record_item(R"({"text":"あ example.com/lo…","facets":[)" + link("0", "1", "https://a.example") +
                        "," + link("0", "99", "https://b.example") + "," +
                        link("-1", "3", "https://c.example") + "," + link("3", "0", "https://d.example") +
                        "," + link("4", "21", "https://example.com/long/path") + R"(,7,{"index":7}]})")));
  ASSERT_EQ(post.attachments.size(), 1u);
  EXPECT_EQ(post.attachments[0].kind, "link");
  EXPECT_EQ(post.attachments[0].url, "https://example.com/long/path");
  EXPECT_EQ(post.attachments[0].title, "example.com/lo…");
}

TEST(Parse, PicturesOfARecordKeepTheirDescription) {
  const auto post = only_post(parse(
      kRecordSource, record_item(R"({"text":"","embed":{"$type":"app.bsky.embed.recordWithMedia",)"
                                 R"("record":{"$type":"app.bsky.embed.record","record":)" +
                                 strong("did:plc:third", "3kq") +
                                 R"(},"media":{"$type":"app.bsky.embed.images","images":[{"alt":"割れた皿",)"
                                 R"("aspectRatio":{"width":4,"height":3},
      "image":{"$type":"blob","ref":{"$link":"bafkrei"},"mimeType":"image/jpeg","size":9}}]}}})")));
  ASSERT_EQ(post.attachments.size(), 2u);
  EXPECT_EQ(post.attachments[0].kind, "image");
  EXPECT_EQ(post.attachments[0].alt, "割れた皿");
  EXPECT_EQ(post.attachments[0].url, "");
  EXPECT_EQ(post.attachments[0].width, 4);
  EXPECT_EQ(post.attachments[1].kind, "quote");
  EXPECT_EQ(post.attachments[1].url, "https://bsky.app/profile/did:plc:third/post/3kq");
}

TEST(Parse, APostViewIsContextWithAddresses) {
  const auto post = only_post(parse(
      kPostViewSource,
      R"({"uri":"at://did:plc:third/app.bsky.feed.post/3kv","cid":")" + std::string(kCid) +
          R"(","author":{"did":"did:plc:third","handle":"handle.invalid"},"indexedAt":"2026-11-22T08:00:00Z",
      "record":{"text":"pic","createdAt":"not a time","embed":{"$type":"app.bsky.embed.images",)"
          R"("images":[{"alt":"a","image":{}}]}},
      "embed":{"$type":"app.bsky.embed.images#view","images":[{"thumb":"https://cdn.example/t",)"
          R"("fullsize":"https://cdn.example/f","alt":"a"}]}})"));
  EXPECT_EQ(post.direction, Direction::kContext);
  EXPECT_EQ(post.reason, "context");
  EXPECT_EQ(post.author.handle, "");
  EXPECT_EQ(post.posted_at, kReceived - 3'600'000);
  ASSERT_EQ(post.attachments.size(), 1u);
  EXPECT_EQ(post.attachments[0].url, "https://cdn.example/f");
  EXPECT_EQ(post.attachments[0].thumbnail_url, "https://cdn.example/t");
}

TEST(Parse, ADeletionNamesThePost) {
  const auto parsed =
      parse(kDeletionSource,
            R"({"uri":"at://did:plc:customer/app.bsky.feed.post/3kpost","time":"2026-11-22T08:00:00Z"})");
  ASSERT_TRUE(parsed.ok());
  const auto& deletion = std::get<IncomingDeletion>(parsed->front());
  EXPECT_EQ(deletion.external_id, "at://did:plc:customer/app.bsky.feed.post/3kpost");
  EXPECT_EQ(deletion.deleted_at, kReceived - 3'600'000);
}

TEST(Parse, TimesFromTheFutureAreNotBelieved) {
  EXPECT_EQ(only_post(parse(kRecordSource, record_item(R"({"text":"x","createdAt":"2036-01-01T00:00:00Z"})")))
                .posted_at,
            kReceived - 500);
}

TEST(Parse, WhatIsHostileIsKeptHarmless) {
  const auto post = only_post(parse(
      kRecordSource, record_item(R"({"text":"a\u0000<script>","embed":{"$type":"app.bsky.embed.external",)"
                                 R"("external":{"uri":"javascript:x","title":"x"}
}
})")));
  EXPECT_EQ(post.text, "a<script>");
  EXPECT_TRUE(post.attachments.empty());
  EXPECT_LE(only_post(parse(kRecordSource, record_item(R"({"text":")" + std::string(50'000, 'x') + "\"}")))
                .text.size(),
            10'000u);
}

TEST(Parse, FaultsNameTheirPlace) {
  const auto place = [](const Result<std::vector<Incoming>>& parsed) {
    return parsed.ok() ? std::string("none") : parsed.error().where;
  };
  EXPECT_EQ(
      place(parse(kRecordSource, R"({"uri":"at://did:plc:a/app.bsky.feed.like/3k","cid":"x","record":{}})")),
      "/uri");
  EXPECT_EQ(place(parse(kRecordSource, R"({"uri":"at://did:plc:a/app.bsky.feed.post/3k","record":{}})")),
            "/cid");
  EXPECT_EQ(
      place(parse(kRecordSource, R"({"uri":"at://did:plc:a/app.bsky.feed.post/3k","cid":"x","record":[]})")),
      "/record");
  EXPECT_EQ(place(parse(
                kRecordSource,
                R"({"uri":"at://did:plc:a/app.bsky.feed.post/3k","cid":"x","did":"did:plc:b","record":{}})")),
            "/author/did");
  EXPECT_FALSE(parse(kRecordSource, "{").ok());
  EXPECT_FALSE(parse(kRecordSource, "[]").ok());
  EXPECT_FALSE(parse("bluesky.zebra", "{}").ok());
}

}  // namespace
}  // namespace kiki::channels::bluesky
