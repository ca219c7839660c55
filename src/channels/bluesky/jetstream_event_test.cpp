#include "channels/bluesky/jetstream_event.hpp"

#include <gtest/gtest.h>

namespace kiki::channels::bluesky {
namespace {

using Kind = JetstreamEvent::Kind;

JsonDocument parsed(std::string_view text) {
  auto document = JsonDocument::parse(text);
  EXPECT_TRUE(document.ok()) << text;
  return std::move(document).value();
}

TEST(JetstreamEvent, ReadsTheLegacyForm) {
  const auto document = parsed(R"({"did":"did:plc:abc","time_us":1725911162329308,"kind":"commit",)"
                               R"("commit":{"rev":"3l3qo2vutsw2b","operation":"create",
      "collection":"app.bsky.feed.post","rkey":"3l3qo2vuowo2b","record":{"text":"hi"},"cid":"bafyrei"}})");
  const auto event = decode_jetstream_event(document);
  ASSERT_TRUE(event.ok());
  EXPECT_EQ(event->kind, Kind::kCommit);
  EXPECT_EQ(event->cursor, 1725911162329308);
  EXPECT_EQ(event->time_us, 1725911162329308);
  EXPECT_EQ(event->operation, "create");
  EXPECT_EQ(event->collection, "app.bsky.feed.post");
  EXPECT_EQ(event->rkey, "3l3qo2vuowo2b");
  EXPECT_EQ(event->record["text"].text(), "hi");
}

TEST(JetstreamEvent, ReadsTheFormOf2026) {
  const auto document =
      parsed(R"({"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#commit",)"
             R"("seq":991,"did":"did:plc:abc",
      "time":"2026-11-22T09:00:00.123456Z","rev":"3l3qo2vutsw2b","operation":"delete",)"
             R"("collection":"app.bsky.feed.post","rkey":"3l3"}})");
  const auto event = decode_jetstream_event(document);
  ASSERT_TRUE(event.ok());
  EXPECT_EQ(event->kind, Kind::kCommit);
  EXPECT_EQ(event->cursor, 991);
  EXPECT_EQ(event->time_us % 1'000'000, 123'000);
  EXPECT_EQ(event->operation, "delete");
  EXPECT_FALSE(event->record.exists());
}

TEST(JetstreamEvent, ReadsAccountInfoAndErrors) {
  const auto account =
      parsed(R"({"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#account",)"
             R"("seq":5,"did":"did:plc:a",
      "time":"2026-11-22T09:00:00Z","account":{"active":false,"status":"deleted"}}})");
  auto event = decode_jetstream_event(account);
  ASSERT_TRUE(event.ok());
  EXPECT_EQ(event->kind, Kind::kAccount);
  EXPECT_FALSE(event->active);
  EXPECT_EQ(event->status, "deleted");
  const auto info = parsed(
      R"({"$type":"message","payload":{"$type":"x#info","name":"OutdatedCursor","message":"floor 7"}})");
  event = decode_jetstream_event(info);
  ASSERT_TRUE(event.ok());
  EXPECT_EQ(event->kind, Kind::kInfo);
  EXPECT_EQ(event->name, "OutdatedCursor");
  EXPECT_EQ(event->cursor, 0);
  const auto error = parsed(R"({"$type":"error","error":"ConsumerTooSlow","message":"bye"})");
  event = decode_jetstream_event(error);
  ASSERT_TRUE(event.ok());
  EXPECT_EQ(event->kind, Kind::kError);
  EXPECT_EQ(event->name, "ConsumerTooSlow");
}

TEST(JetstreamEvent, IncompleteCommitsAreRefused) {
  for (const auto* text :
       {R"([])", R"({"kind":"commit"})",
        R"({"did":"did:plc:a","time_us":5,"kind":"commit","commit":{"operation":"create",)"
        R"("collection":"c","rkey":"r"}})",
        R"({"did":"did:plc:a","time_us":"5","kind":"commit","commit":{"operation":"delete",)"
        R"("collection":"c","rkey":"r"}})"}) {
    const auto document = parsed(text);
    EXPECT_FALSE(decode_jetstream_event(document).ok()) << text;
  }
  const auto later = parsed(R"({"did":"did:plc:a","time_us":5,"kind":"zebra"})");
  const auto event = decode_jetstream_event(later);
  ASSERT_TRUE(event.ok());
  EXPECT_EQ(event->kind, Kind::kUnknown);
}

}  // namespace
}  // namespace kiki::channels::bluesky
