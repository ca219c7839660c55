#include "channels/bluesky/firehose_frame.hpp"

#include <gtest/gtest.h>

#include "channels/bluesky/car.hpp"
#include "channels/bluesky/cbor_writer_test.hpp"

namespace kiki::channels::bluesky {
namespace {

using Kind = FirehoseFrame::Kind;

TEST(FirehoseFrame, ReadsACommitAndItsRecord) {
  const auto record = cbor::post("蛇口から水が漏れています");
  const auto bytes = cbor::commit_frame(42, "did:plc:abc", "create", "app.bsky.feed.post/3kabc", record);
  FirehoseFrame frame;
  ASSERT_TRUE(decode_firehose_frame(bytes, frame).ok());
  EXPECT_EQ(frame.kind, Kind::kCommit);
  EXPECT_EQ(frame.seq, 42);
  EXPECT_EQ(frame.did, "did:plc:abc");
  EXPECT_EQ(frame.rev, "3kabcabcabcab");
  ASSERT_EQ(frame.ops.size(), 1u);
  EXPECT_EQ(frame.ops[0].action, "create");
  EXPECT_EQ(frame.ops[0].path, "app.bsky.feed.post/3kabc");
  auto car = CarReader::open(frame.blocks);
  ASSERT_TRUE(car.ok());
  const auto block = car->find(frame.ops[0].cid, true);
  ASSERT_TRUE(block.ok() && block->has_value());
  const auto glance = glance_at_post((*block)->bytes);
  ASSERT_TRUE(glance.ok());
  EXPECT_EQ(glance->text, "蛇口から水が漏れています");
  EXPECT_EQ(glance->language, "ja");
  EXPECT_EQ(glance->parent_uri, "");
}

TEST(FirehoseFrame, AGlanceSeesWhatHangsOnAPost) {
  using cbor::list, cbor::map, cbor::text, cbor::integer;
  const auto facet = [](const std::string& feature) {
    return map("index", map("byteEnd", integer(4), "byteStart", integer(0)), "features", list(feature));
  };
  const auto facets = list(
      facet(map("uri", text("https://a.example/long"), "$type", text("app.bsky.richtext.facet#link"))),
      facet(map("tag", text("炊飯器"), "$type", text("app.bsky.richtext.facet#tag"))),
      facet(map("did", text("did:plc:abc"), "$type", text("app.bsky.richtext.facet#mention"))), integer(3));
  const auto quoted = map("cid", text("x"), "uri", text("at://did:plc:abc/app.bsky.feed.post/3k"));
  const auto card = map("$type", text("app.bsky.embed.external"), "external",
                        map("uri", text("https://b.example/"), "title", text("b")));
  const std::string both_record =
      map("text", text("see"), "embed",
          map("media", card, "record", map("$type", text("app.bsky.embed.record"), "record", quoted)),
          "facets", facets);
  const auto both = glance_at_post(both_record);
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(both->links, (std::vector<std::string_view>{"https://b.example/", "https://a.example/long"}));
  EXPECT_EQ(both->hashtags, (std::vector<std::string_view>{"炊飯器"}));
  EXPECT_TRUE(both->is_quote);
  EXPECT_FALSE(both->has_image || both->has_video);

  const std::string picture_record =
      map("text", text("see"), "embed",
          map("$type", text("app.bsky.embed.images"), "images", list(map("alt", text("a")))));
  const auto picture = glance_at_post(picture_record);
  ASSERT_TRUE(picture.ok());
  EXPECT_TRUE(picture->has_image);
  EXPECT_FALSE(picture->is_quote);
  const std::string video_record = map("text", text("see"), "embed", map("video", map("size", integer(3))));
  const auto video = glance_at_post(video_record);
  ASSERT_TRUE(video.ok());
  EXPECT_TRUE(video->has_video);
  // A feed that is shown is no quoted post; and strange things are passed over.
  const std::string feed_record = map(
      "text", text("see"), "embed",
      map("record", map("uri", text("at://did:plc:abc/app.bsky.feed.generator/x"))), "facets", text("none"));
  const auto feed = glance_at_post(feed_record);
  ASSERT_TRUE(feed.ok());
  EXPECT_FALSE(feed->is_quote);
  const std::string strange_record = map("text", text("see"), "embed", list(integer(1), list()), "facets",
                                         list(list(integer(1)), map("features", integer(2))));
  const auto strange = glance_at_post(strange_record);
  ASSERT_TRUE(strange.ok());
  EXPECT_EQ(strange->text, "see");
}

TEST(FirehoseFrame, ADeletionHasNoCid) {
  const auto bytes = cbor::commit_frame(43, "did:plc:abc", "delete", "app.bsky.feed.post/3kabc", "");
  FirehoseFrame frame;
  ASSERT_TRUE(decode_firehose_frame(bytes, frame).ok());
  EXPECT_EQ(frame.ops[0].action, "delete");
  EXPECT_TRUE(frame.ops[0].cid.bytes.empty());
}

TEST(FirehoseFrame, ReadsAccountIdentityInfoAndErrors) {
  FirehoseFrame frame;
  const auto account =
      cbor::map("t", cbor::text("#account"), "op", cbor::integer(1)) +
      cbor::map("did", cbor::text("did:plc:abc"), "seq", cbor::integer(7), "time", cbor::text("x"), "active",
                cbor::boolean(false), "status", cbor::text("takendown"));
  ASSERT_TRUE(decode_firehose_frame(account, frame).ok());
  EXPECT_EQ(frame.kind, Kind::kAccount);
  EXPECT_FALSE(frame.active);
  EXPECT_EQ(frame.status, "takendown");

  const auto identity =
      cbor::map("t", cbor::text("#identity"), "op", cbor::integer(1)) +
      cbor::map("did", cbor::text("did:plc:abc"), "seq", cbor::integer(8), "handle", cbor::text("a.example"));
  ASSERT_TRUE(decode_firehose_frame(identity, frame).ok());
  EXPECT_EQ(frame.kind, Kind::kIdentity);
  EXPECT_EQ(frame.handle, "a.example");
  EXPECT_TRUE(frame.active);  // nothing is left over from the frame before

  const auto info = cbor::map("t", cbor::text("#info"), "op", cbor::integer(1)) +
                    cbor::map("name", cbor::text("OutdatedCursor"));
  ASSERT_TRUE(decode_firehose_frame(info, frame).ok());
  EXPECT_EQ(frame.kind, Kind::kInfo);
  EXPECT_EQ(frame.name, "OutdatedCursor");

  const auto error = cbor::error_frame("FutureCursor");
  ASSERT_TRUE(decode_firehose_frame(error, frame).ok());
  EXPECT_EQ(frame.kind, Kind::kError);
  EXPECT_EQ(frame.name, "FutureCursor");
}

TEST(FirehoseFrame, ALaterTypeIsUnknownNotAnError) {
  FirehoseFrame frame;
  const auto bytes = cbor::map("t", cbor::text("#zebra"), "op", cbor::integer(1)) +
                     cbor::map("seq", cbor::text("not a number"));
  ASSERT_TRUE(decode_firehose_frame(bytes, frame).ok());
  EXPECT_EQ(frame.kind, Kind::kUnknown);
}

TEST(FirehoseFrame, TruncatedAndMistypedFramesAreRefused) {
  const auto bytes =
      cbor::commit_frame(42, "did:plc:abc", "create", "app.bsky.feed.post/3kabc", cbor::post("x"));
  FirehoseFrame frame;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_firehose_frame(std::string_view(bytes).substr(0, size), frame).ok()) << size;
  }
  EXPECT_FALSE(decode_firehose_frame(bytes + "\xa0", frame).ok());
  const auto no_seq = cbor::map("t", cbor::text("#commit"), "op", cbor::integer(1)) +
                      cbor::map("repo", cbor::text("did:plc:abc"));
  EXPECT_FALSE(decode_firehose_frame(no_seq, frame).ok());
  const auto text_seq =
      cbor::map("t", cbor::text("#commit"), "op", cbor::integer(1)) + cbor::map("seq", cbor::text("1"));
  EXPECT_FALSE(decode_firehose_frame(text_seq, frame).ok());
}

TEST(PostGlance, SeesTheThread) {
  const auto ref = [](const char* uri) {
    return cbor::map("cid", cbor::text("bafyx"), "uri", cbor::text(uri));
  };
  const auto record = cbor::map("text", cbor::text("はい"), "reply",
                                cbor::map("root", ref("at://did:plc:r/app.bsky.feed.post/1"), "parent",
                                          ref("at://did:plc:p/app.bsky.feed.post/2")));
  const auto glance = glance_at_post(record);
  ASSERT_TRUE(glance.ok());
  EXPECT_EQ(glance->root_uri, "at://did:plc:r/app.bsky.feed.post/1");
  EXPECT_EQ(glance->parent_uri, "at://did:plc:p/app.bsky.feed.post/2");
  EXPECT_FALSE(glance_at_post(cbor::map("text", cbor::integer(1))).ok());
  EXPECT_FALSE(glance_at_post(cbor::text("x")).ok());
  EXPECT_FALSE(glance_at_post("").ok());
}

}  // namespace
}  // namespace kiki::channels::bluesky
