#include "channels/bluesky/write.hpp"

#include <gtest/gtest.h>

#include "channels/bluesky/fake_platform_test.hpp"

namespace kiki::channels::bluesky {
namespace {

struct Writing : testing::Test {
  Desk desk;
  Xrpc xrpc{desk.tools};
  Writer writer{xrpc, desk.tools, desk.options};
  Outgoing reply;
  Writing() {
    reply.action = "reply";
    reply.target_external_id = "at://did:plc:customer/app.bsky.feed.post/3kpost";
    reply.reply_reference =
        R"({"root":{"uri":"at://did:plc:r/app.bsky.feed.post/1","cid":"c1"},)"
        R"("parent":{"uri":"at://did:plc:customer/app.bsky.feed.post/3kpost","cid":"c2"}})";
    reply.network_key = "3kabcabcabc2a";
    reply.text = "@tanaka.example 見てみます https://example.com/a";
    reply.language = "ja";
    reply.created_at = 1'795'338'000'000;
  }
  static Outgoing::Image picture(const char* alt, int width, int height) {
    Outgoing::Image image;
    image.content_type = "image/png";
    image.alt = alt;
    image.body = "PNG";
    image.width = width;
    image.height = height;
    return image;
  }
  static std::string uri() { return "at://did:plc:brand/app.bsky.feed.post/3kabcabcabc2a"; }
  static std::string created(const std::string& at) { return R"({"uri":")" + at + R"(","cid":"bafynew"})"; }
};

TEST_F(Writing, AReplyCarriesEverythingTheNetworkNeeds) {
  json::value sent_body;
  reply.images.push_back(picture("割れた皿", 40, 30));
  desk.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.find("resolveHandle?handle=tanaka.example") != std::string::npos)
      return answered(200, R"({"did":"did:plc:tanaka"})");
    if (call.url.find("uploadBlob") != std::string::npos) {
      EXPECT_EQ(call.headers.get("content-type"), "image/png");
      EXPECT_EQ(call.body, "PNG");
      return answered(200,
                      R"({"blob":{"$type":"blob","ref":{"$link":"bafk"},"mimeType":"image/png","size":3}})");
    }
    EXPECT_TRUE(call.url.ends_with("com.atproto.repo.createRecord")) << call.url;
    sent_body = json::parse(call.body);
    return answered(200, created(uri()));
  };
  const auto sent = writer.send(desk.account, desk.state, reply, {});
  ASSERT_TRUE(sent.ok()) << sent.error().message;
  EXPECT_EQ(sent->external_id, uri());
  EXPECT_EQ(sent->revision, "bafynew");
  EXPECT_EQ(sent->url, "https://bsky.app/profile/did:plc:brand/post/3kabcabcabc2a");
  EXPECT_EQ(sent_body.at("rkey"), "3kabcabcabc2a");
  EXPECT_EQ(sent_body.at("repo"), "did:plc:brand");
  const auto& record = sent_body.at("record");
  EXPECT_EQ(record.at("text").as_string(), reply.text);
  EXPECT_EQ(record.at("createdAt"), "2026-11-22T09:00:00.000Z");
  EXPECT_EQ(record.at("langs").at(0), "ja");
  EXPECT_EQ(record.at("reply").at("root").at("cid"), "c1");
  EXPECT_EQ(record.at("reply").at("parent").at("cid"), "c2");
  ASSERT_EQ(record.at("facets").as_array().size(), 2u);
  EXPECT_EQ(record.at("facets").at(0).at("features").at(0).at("did"), "did:plc:tanaka");
  EXPECT_EQ(record.at("facets").at(1).at("index").at("byteStart"), 32);
  const auto& image = record.at("embed").at("images").at(0);
  EXPECT_EQ(image.at("alt"), "割れた皿");
  EXPECT_EQ(image.at("aspectRatio").at("width"), 40);
  EXPECT_EQ(image.at("image").at("ref").at("$link"), "bafk");
}

TEST_F(Writing, AMentionNobodyHasStaysText) {
  desk.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.find("resolveHandle") != std::string::npos)
      return refused(400, "InvalidRequest", "Unable to resolve handle");
    EXPECT_EQ(json::parse(call.body).at("record").at("facets").as_array().size(), 1u);
    return answered(200, created(uri()));
  };
  EXPECT_TRUE(writer.send(desk.account, desk.state, reply, {}).ok());
}

TEST_F(Writing, TextsOverTheLimitAreRefusedBeforeAnythingIsSent) {
  desk.http.answer = [](const net::HttpCall&) -> Result<net::HttpAnswer> {
    return unavailable("nothing may be sent");
  };
  const auto kind = [&](std::string text) {
    reply.text = std::move(text);
    const auto sent = writer.send(desk.account, desk.state, reply, {});
    return sent.ok() ? std::string("sent") : sent.error().code;
  };
  std::string kana, family;
  for (int i = 0; i < 301; ++i) kana += "あ";
  for (int i = 0; i < 200; ++i) family += "👨‍👩‍👧";  // 200 graphemes, 3,600 bytes
  EXPECT_EQ(kind(kana), "text_too_long");
  EXPECT_EQ(kind(family), "text_too_long");
  EXPECT_EQ(kind(""), "text_empty");
  EXPECT_TRUE(desk.http.calls.empty());
}

TEST_F(Writing, ALostAnswerIsUnclearAndALookTells) {
  reply.text = "はい";
  bool arrived = false;
  desk.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.find("getRecord") != std::string::npos) {
      EXPECT_NE(call.url.find("rkey=3kabcabcabc2a"), std::string::npos);
      if (!arrived) return refused(400, "RecordNotFound", "Could not locate record");
      return answered(200, R"({"uri":")" + uri() + R"(","cid":"bafynew","value":{}})");
    }
    return Error{ErrorKind::kUnclear, "no answer", {}, {}, 0};
  };
  auto sent = writer.send(desk.account, desk.state, reply, {});
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().kind, ErrorKind::kUnclear);
  auto found = writer.look_up(desk.account, desk.state, reply, {});
  ASSERT_TRUE(found.ok());
  EXPECT_FALSE(found->has_value());
  arrived = true;
  found = writer.look_up(desk.account, desk.state, reply, {});
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((*found)->revision, "bafynew");
}

TEST_F(Writing, ASecondRecordUnderTheSameKeyIsUnclearNotFailed) {
  reply.text = "はい";
  desk.http.answer = [](const net::HttpCall&) -> Result<net::HttpAnswer> {
    return refused(500, "InternalServerError");
  };
  EXPECT_EQ(writer.send(desk.account, desk.state, reply, {}).error().kind, ErrorKind::kUnclear);
}

TEST_F(Writing, AFailedUploadIsNotUnclear) {
  reply.text = "はい";
  reply.images.push_back(picture("", 0, 0));
  desk.http.answer = [](const net::HttpCall&) -> Result<net::HttpAnswer> {
    return Error{ErrorKind::kUnclear, "no answer", {}, {}, 0};
  };
  EXPECT_EQ(writer.send(desk.account, desk.state, reply, {}).error().kind, ErrorKind::kUnavailable);
}

TEST_F(Writing, UnlikeFindsTheLikeAndDeletesIt) {
  Outgoing unlike;
  unlike.action = "unlike";
  unlike.target_external_id = reply.target_external_id;
  desk.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.find("listRecords") != std::string::npos) {
      return answered(200, R"({"records":[{"uri":"at://did:plc:brand/app.bsky.feed.like/3kother",)"
                           R"("value":{"subject":{"uri":"at://x"}}},
        {"uri":"at://did:plc:brand/app.bsky.feed.like/3klike","value":{"subject":{"uri":")" +
                               reply.target_external_id + "\"}}}]}");
    }
    EXPECT_TRUE(call.url.ends_with("deleteRecord"));
    EXPECT_EQ(json::parse(call.body).at("rkey"), "3klike");
    return answered(200, "{}");
  };
  EXPECT_TRUE(writer.send(desk.account, desk.state, unlike, {}).ok());
}

TEST_F(Writing, OnlyOurOwnPostsCanBeDeleted) {
  Outgoing deletion;
  deletion.action = "delete";
  deletion.target_external_id = reply.target_external_id;
  desk.http.answer = [](const net::HttpCall&) -> Result<net::HttpAnswer> { return answered(200, "{}"); };
  EXPECT_EQ(writer.send(desk.account, desk.state, deletion, {}).error().kind, ErrorKind::kForbidden);
  deletion.target_external_id = uri();
  EXPECT_TRUE(writer.send(desk.account, desk.state, deletion, {}).ok());
}

}  // namespace
}  // namespace kiki::channels::bluesky
