#include "channels/bluesky/stream_listener.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <thread>

#include "channels/bluesky/cbor_writer_test.hpp"
#include "channels/bluesky/fake_platform_test.hpp"
#include "channels/bluesky/parse.hpp"

namespace kiki::channels::bluesky {
namespace {

class MemoryStream final : public StreamInlet {
 public:
  std::mutex mutex;  // identities are checked by a thread of their own
  std::vector<std::string> authors;
  std::vector<std::string> offered, deletions, healths;
  std::vector<RawItem> items;
  std::string stored;
  std::string details;

  bool wants(const StreamPost& post) override { return post.text.find("蛇口") != std::string_view::npos; }
  bool knows(std::string_view external_id) override {
    return external_id.find("known") != std::string_view::npos;
  }
  Result<void> offer(const StreamPost& post, RawItem item) override {
    offered.emplace_back(post.external_id);
    items.push_back(std::move(item));
    return {};
  }
  Result<void> offer_deletion(std::string_view external_id, RawItem) override {
    deletions.emplace_back(external_id);
    return {};
  }
  bool knows_author(std::string_view did, std::string_view) override { return did == "did:plc:customer"; }
  Result<void> offer_author(std::string_view did, std::string_view, RawItem item) override {
    const std::lock_guard lock(mutex);
    authors.emplace_back(did);
    items.push_back(std::move(item));
    return {};
  }
  std::size_t author_count() {
    const std::lock_guard lock(mutex);
    return authors.size();
  }
  Result<void> checkpoint(std::string_view value) override {
    stored = value;
    return {};
  }
  Result<std::string> cursor() override { return stored; }
  void health(std::string_view status, std::string_view detail) override {
    healths.emplace_back(status);
    if (!detail.empty()) details = detail;
  }
};

// Each connection is a list of messages and how it ends; after the last the listener is stopped.
struct Connection {
  std::vector<std::string> messages;
  Error end = unavailable("closed");
};

struct Stream {
  Desk desk;
  MemoryStream inlet;
  std::vector<std::string> urls;
  std::size_t authors_to_wait_for = 0;

  void run(const std::string& url, std::vector<Connection> connections) {
    desk.options.stream_url = url;
    std::stop_source stop;
    std::size_t next = 0;
    StreamListener listener(
        desk.tools, desk.options, inlet,
        [&](const net::WebSocketOptions& socket, std::stop_token, const auto& f) -> Result<void> {
          urls.push_back(socket.url);
          const auto& connection = connections[next++];
          if (next == connections.size()) stop.request_stop();
          for (const auto& message : connection.messages) TRY(f(message, true));
          const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
          while (inlet.author_count() < authors_to_wait_for && std::chrono::steady_clock::now() < end)
            std::this_thread::yield();
          return connection.end;
        });
    ASSERT_TRUE(listener.run(stop.get_token()).ok());
  }
};

constexpr const char* kFirehose = "wss://relay.example/xrpc/com.atproto.sync.subscribeRepos";
constexpr const char* kNew = "wss://stream.example/xrpc/network.bsky.jetstream.subscribeEvents";
constexpr const char* kLegacy = "wss://stream.example/subscribe";

std::string create(std::int64_t seq, const char* rkey, const char* words) {
  return cbor::commit_frame(seq, "did:plc:a", "create", std::string("app.bsky.feed.post/") + rkey,
                            cbor::post(words));
}
std::string jet(std::int64_t seq, const char* rkey, const char* words) {
  return R"({"$type":"message","payload":{"$type":"x#commit","seq":)" + std::to_string(seq) +
         R"(,"did":"did:plc:a","time":"2026-11-22T08:00:00.000Z","rev":"r","operation":"create",)"
         R"("collection":"app.bsky.feed.post","rkey":")" +
         rkey + R"(","cid":"bafy","record":{"text":")" + words + R"(","langs":["ja"]}}})";
}

TEST(StreamListener, OffersWhatIsWantedAndPassesOverTheRest) {
  Stream stream;
  stream.run(kFirehose,
             {{{create(5, "one", "蛇口が壊れた"), create(6, "two", "いい天気"),
                cbor::commit_frame(7, "did:plc:a", "delete", "app.bsky.feed.post/known", ""),
                cbor::commit_frame(8, "did:plc:a", "delete", "app.bsky.feed.post/other", ""),
                cbor::commit_frame(9, "did:plc:a", "create", "app.bsky.feed.like/x", cbor::post("蛇口")),
                "garbage"}}});
  EXPECT_EQ(stream.inlet.offered, std::vector<std::string>{"at://did:plc:a/app.bsky.feed.post/one"});
  EXPECT_EQ(stream.inlet.deletions, std::vector<std::string>{"at://did:plc:a/app.bsky.feed.post/known"});
  EXPECT_EQ(stream.urls[0], kFirehose);
  EXPECT_EQ(StreamCursor::read(stream.inlet.stored, kFirehose).position, 9);
  const auto parsed = parse_item(stream.desk.account, stream.inlet.items[0], stream.desk.clock.now_ms());
  ASSERT_TRUE(parsed.ok());
  const auto& post = std::get<IncomingPost>(parsed->front());
  EXPECT_EQ(post.text, "蛇口が壊れた");
  EXPECT_EQ(post.language, "ja");
  EXPECT_EQ(post.reason, "found");
  EXPECT_FALSE(post.revision.empty());
}

TEST(StreamListener, GoesOnWhereItWasAndDropsWhatItHad) {
  Stream stream;
  stream.run(kFirehose,
             {{{create(5, "one", "蛇口1")}}, {{create(5, "one", "蛇口1"), create(6, "two", "蛇口2")}}});
  EXPECT_EQ(stream.urls[1], std::string(kFirehose) + "?cursor=5");
  EXPECT_EQ(stream.inlet.offered.size(), 2u);
}

TEST(StreamListener, TheNewJetstreamsCursorIsInclusive) {
  Stream stream;
  stream.run(kNew, {{{jet(5, "one", "蛇口1")}}, {{jet(5, "one", "蛇口1"), jet(6, "two", "蛇口2")}}});
  EXPECT_EQ(stream.urls[0],
            std::string(kNew) + "?kinds=commit&kinds=account&kinds=identity&collections=app.bsky.feed.post");
  EXPECT_EQ(stream.urls[1], stream.urls[0] + "&cursor=5");
  EXPECT_EQ(stream.inlet.offered.size(), 2u);
}

TEST(StreamListener, TheLegacyJetstreamCountsMicroseconds) {
  const std::string message =
      R"({"did":"did:plc:a","time_us":1795338000000001,"kind":"commit","commit":{"rev":"r",)"
      R"("operation":"create","collection":"app.bsky.feed.post","rkey":"one","cid":"bafy",)"
      R"("record":{"text":"蛇口"}}})";
  Stream stream;
  stream.run(kLegacy, {{{message}}, {{}}});
  EXPECT_EQ(stream.urls[0], std::string(kLegacy) + "?wantedCollections=app.bsky.feed.post");
  EXPECT_EQ(stream.urls[1], stream.urls[0] + "&cursor=1795338000000001");
}

TEST(StreamListener, AServerThatCountsAnewIsFollowedAndTheGapTold) {
  Stream stream;
  stream.run(kFirehose, {{{create(5'000, "one", "蛇口")}},
                         {{cbor::error_frame("FutureCursor")}},
                         {{create(3, "two", "蛇口")}}});
  EXPECT_EQ(stream.urls[1], std::string(kFirehose) + "?cursor=5000");
  EXPECT_EQ(stream.urls[2], kFirehose);
  EXPECT_EQ(stream.inlet.offered.size(), 2u);
  EXPECT_NE(stream.inlet.details, "");
}

TEST(StreamListener, ATooOldCursorGoesOnFromTheOldestThereIs) {
  Stream stream;
  const Error too_old{ErrorKind::kInvalid, R"(400 {"error":"CursorTooOld"})", {}, {}, 0};
  stream.run(kNew, {{{jet(5, "one", "蛇口1")}}, {{}, too_old}, {{jet(90, "two", "蛇口2")}}});
  EXPECT_NE(stream.urls[2].find("&cursor=17"), std::string::npos) << stream.urls[2];  // a time, over 1e15
  EXPECT_EQ(stream.inlet.offered.size(), 2u) << stream.inlet.stored;
  EXPECT_EQ(StreamCursor::read(stream.inlet.stored, kNew).position, 90);
}

std::string account_frame(std::int64_t seq, const char* did, bool active, const char* status) {
  return cbor::map("t", cbor::text("#account"), "op", cbor::integer(1)) +
         cbor::map("did", cbor::text(did), "seq", cbor::integer(seq), "time",
                   cbor::text("2026-11-22T09:00:01.000Z"), "active", cbor::boolean(active), "status",
                   cbor::text(status));
}
std::string identity_frame(std::int64_t seq, const char* did) {
  return cbor::map("t", cbor::text("#identity"), "op", cbor::integer(1)) +
         cbor::map("did", cbor::text(did), "seq", cbor::integer(seq), "time",
                   cbor::text("2026-11-22T09:00:01.000Z"), "handle", cbor::text("liar.example"));
}

TEST(StreamListener, TheEndOfAnAccountIsToldForOurCustomersOnly) {
  Stream stream;
  stream.run(kFirehose, {{{account_frame(5, "did:plc:customer", false, "deactivated"),
                           account_frame(6, "did:plc:customer", false, "suspended"),
                           account_frame(7, "did:plc:customer", true, ""),
                           account_frame(8, "did:plc:stranger", false, "deleted"),
                           account_frame(9, "did:plc:customer", false, "deleted")}}});
  ASSERT_EQ(stream.inlet.authors, std::vector<std::string>{"did:plc:customer"});
  const auto parsed = parse_item(stream.desk.account, stream.inlet.items[0], stream.desk.clock.now_ms());
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(std::get<IncomingAuthorGone>(parsed->front()).external_id, "did:plc:customer");
  // Not later than we heard of it.
  EXPECT_EQ(std::get<IncomingAuthorGone>(parsed->front()).gone_at, stream.desk.clock.now_ms());
  EXPECT_EQ(StreamCursor::read(stream.inlet.stored, kFirehose).position, 9);
}

TEST(StreamListener, JetstreamTellsOfAccountsToo) {
  Stream legacy;
  legacy.run(kLegacy,
             {{{R"({"did":"did:plc:customer","time_us":1795338000000001,"kind":"account","account":)"
                R"({"active":false,"did":"did:plc:customer","seq":1,"status":"takendown","time":""}})"}}});
  EXPECT_EQ(legacy.inlet.authors.size(), 1u);
  Stream framed;
  framed.run(kNew,
             {{{R"({"$type":"message","payload":{"$type":"x#account","seq":9,"did":"did:plc:customer",)"
                R"("time":"2026-11-22T08:00:00.000Z","account":{"active":false,"status":"deleted"}}})"}}});
  EXPECT_EQ(framed.inlet.authors.size(), 1u);
}

TEST(StreamListener, ANewHandleCountsWhenItLeadsBackToItsOwner) {
  Stream stream;
  std::string owner = "did:plc:customer";
  stream.desk.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.starts_with("https://plc.example/"))
      return answered(200, R"({"id":"did:plc:customer","alsoKnownAs":["at://anna.example"],"service":[{"id":)"
                           R"("#atproto_pds","serviceEndpoint":"https://pds.example"}]})");
    if (call.url.find("resolveHandle") != std::string::npos)
      return answered(200, R"({"did":")" + owner + "\"}");
    return refused(404, "NotFound");
  };
  stream.authors_to_wait_for = 1;
  stream.run(kFirehose, {{{identity_frame(5, "did:plc:stranger"), identity_frame(6, "did:plc:customer")}}});
  ASSERT_EQ(stream.inlet.authors, std::vector<std::string>{"did:plc:customer"});
  const auto parsed = parse_item(stream.desk.account, stream.inlet.items[0], stream.desk.clock.now_ms());
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(std::get<IncomingProfile>(parsed->front()).author.handle, "anna.example");

  Stream forged;
  owner = "did:plc:other";
  forged.desk.http.answer = stream.desk.http.answer;
  forged.authors_to_wait_for = 1;  // the account's end, behind the identity
  forged.run(
      kFirehose,
      {{{identity_frame(6, "did:plc:customer"), account_frame(7, "did:plc:customer", false, "deleted")}}});
  for (const auto& item : forged.inlet.items) EXPECT_EQ(item.source, kAccountSource);
}

TEST(StreamListener, ACursorBelongsToItsServer) {
  EXPECT_EQ(StreamCursor::read(StreamCursor{7, 8}.text("wss://a"), "wss://a").position, 7);
  EXPECT_EQ(StreamCursor::read(StreamCursor{7, 8}.text("wss://a"), "wss://b").position, 0);
  EXPECT_EQ(StreamCursor::read("nonsense", "wss://b").position, 0);
}

TEST(StreamListener, AForgedRecordIsNotOffered) {
  auto frame = create(5, "one", "蛇口が壊れた");
  const auto at = frame.find("壊");
  frame[at + 2] = static_cast<char>(frame[at + 2] ^ 1);
  Stream stream;
  stream.run(kFirehose, {{{frame}}});
  EXPECT_TRUE(stream.inlet.offered.empty());
}

TEST(StreamListener, TheKindIsToldByThePath) {
  BlueskyOptions options;
  const auto kind = [&](const char* url, const char* word = "auto") {
    options.stream_url = url;
    options.stream_kind = word;
    return stream_kind(options);
  };
  EXPECT_EQ(*kind(kFirehose), StreamKind::kFirehose);
  EXPECT_EQ(*kind(kNew), StreamKind::kJetstream);
  EXPECT_EQ(*kind(kLegacy), StreamKind::kLegacyJetstream);
  EXPECT_EQ(*kind("wss://x.example/other", "firehose"), StreamKind::kFirehose);
  EXPECT_FALSE(kind(kLegacy, "zebra").ok());
}

}  // namespace
}  // namespace kiki::channels::bluesky
