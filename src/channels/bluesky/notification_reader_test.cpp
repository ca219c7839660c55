#include "channels/bluesky/notification_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "channels/bluesky/fake_platform_test.hpp"
#include "channels/bluesky/parse.hpp"

namespace kiki::channels::bluesky {
namespace {

std::string uri_of(int number) {
  return "at://did:plc:customer/app.bsky.feed.post/k" + std::to_string(number);
}

// A server with a list of notifications, newest first, handed out in pages.
struct Server {
  Desk& desk;
  std::vector<int> numbers;  // newest first
  std::set<std::string> deleted;
  bool dead = false;
  TimeMs age_ms = 0;
  std::string cid = "c1";
  std::string pds_error;  // of the author's data server; "" = it has the post

  Result<net::HttpAnswer> answer(const net::HttpCall& call) {
    if (dead) return refused(400, "ExpiredToken");
    if (call.url.find("updateSeen") != std::string::npos) return answered(200, "");
    if (call.url.find("getPosts") != std::string::npos) {
      EXPECT_TRUE(call.url.starts_with("https://appview.example/"));
      EXPECT_FALSE(call.headers.has("authorization"));
      std::string posts;
      for (const int number : numbers) {
        if (!deleted.contains(uri_of(number)))
          posts += (posts.empty() ? "" : ",") + std::string(R"({"uri":")") + uri_of(number) + R"(","cid":")" +
                   cid + R"(","author":{"did":"did:plc:customer"},"record":{"text":"Now so"}})";
      }
      return answered(200, "{\"posts\":[" + posts + "]}");
    }
    if (call.url == "https://plc.example/did:plc:customer")
      return answered(200, R"({"id":"did:plc:customer","service":[{"id":"#atproto_pds","serviceEndpoint":)"
                           R"("https://customers-pds.example"}]})");
    if (call.url.starts_with("https://customers-pds.example/xrpc/com.atproto.repo.getRecord")) {
      EXPECT_FALSE(call.headers.has("authorization"));
      if (pds_error.empty()) return answered(200, R"({"value":{}})");
      return refused(400, pds_error);
    }
    if (call.url.find("listNotifications") == std::string::npos) return refused(404, "NotFound");
    EXPECT_NE(call.url.find("reasons=mention&reasons=reply&reasons=quote"), std::string::npos);
    std::size_t from = 0;
    if (const auto at = call.url.find("cursor="); at != std::string::npos)
      from = std::stoul(call.url.substr(at + 7));
    const std::size_t limit = std::stoul(call.url.substr(call.url.find("limit=") + 6));
    const std::size_t to = std::min(numbers.size(), from + limit);
    std::string list;
    for (std::size_t i = from; i < to; ++i) {
      list += (list.empty() ? "" : ",") + std::string(R"({"uri":")") + uri_of(numbers[i]) +
              R"(","reason":"mention","indexedAt":")" + to_rfc3339(desk.clock.now_ms() - age_ms) + "\"}";
    }
    return answered(200, "{\"notifications\":[" + list + "]" +
                             (to < numbers.size() ? ",\"cursor\":\"" + std::to_string(to) + "\"" : "") + "}");
  }
};

std::vector<int> heard(const MemoryInlet& inlet) {
  std::vector<int> numbers;
  for (const auto& item : inlet.items) {
    const auto document = JsonDocument::parse(item.body);
    const std::string uri(document->root()["uri"].text());
    numbers.push_back(std::stoi(uri.substr(uri.rfind('k') + 1)));
  }
  return numbers;
}

std::vector<int> range(int first, int last) {
  std::vector<int> out;
  for (int i = first; i <= last; ++i) out.push_back(i);
  return out;
}

struct Reading : testing::Test {
  Desk desk;
  Server server{desk, {}, {}, false, 0, "c1", {}};
  Xrpc xrpc{desk.tools};
  void SetUp() override {
    desk.http.answer = [this](const net::HttpCall& call) { return server.answer(call); };
  }
  NotificationReader reader() {
    return NotificationReader(xrpc, desk.tools, desk.options, desk.account, desk.state, desk.inlet);
  }
  void arrive(int first, int last) {
    for (int i = first; i <= last; ++i) server.numbers.insert(server.numbers.begin(), i);
  }
};

TEST_F(Reading, NewOnesComeOldestFirstAndOnce) {
  auto one = reader();
  arrive(1, 3);
  ASSERT_TRUE(one.poll({}).ok());
  ASSERT_TRUE(one.poll({}).ok());
  arrive(4, 5);
  ASSERT_TRUE(one.poll({}).ok());
  EXPECT_EQ(heard(desk.inlet), range(1, 5));
  EXPECT_EQ(desk.http.count("updateSeen"), 2u);
}

TEST_F(Reading, AGapIsClosedOverManyPagesAfterARestart) {
  arrive(1, 3);
  ASSERT_TRUE(reader().poll({}).ok());
  arrive(4, 950);
  ASSERT_TRUE(reader().poll({}).ok());  // another process: only the stored cursor is left
  EXPECT_EQ(heard(desk.inlet), range(1, 950));
  ASSERT_TRUE(reader().poll({}).ok());
  EXPECT_EQ(desk.inlet.items.size(), 950u);
}

TEST_F(Reading, OneThatAppearsAmongOlderOnesIsNotMissed) {
  arrive(1, 10);
  auto one = reader();
  ASSERT_TRUE(one.poll({}).ok());
  server.numbers.insert(server.numbers.begin() + 5, 77);  // written offline, sorted by its own time
  ASSERT_TRUE(one.poll({}).ok());
  EXPECT_EQ(heard(desk.inlet).back(), 77);
}

TEST_F(Reading, ANewAccountBringsOnePageOfTheLastDays) {
  arrive(1, 500);
  ASSERT_TRUE(reader().poll({}).ok());
  EXPECT_EQ(heard(desk.inlet), range(461, 500));
  Desk other;
  Server old{other, range(1, 5), {}, false, 8 * 86'400'000LL, "c1", {}};
  other.http.answer = [&](const net::HttpCall& call) { return old.answer(call); };
  Xrpc calls(other.tools);
  NotificationReader one(calls, other.tools, other.options, other.account, other.state, other.inlet);
  ASSERT_TRUE(one.poll({}).ok());
  ASSERT_TRUE(one.poll({}).ok());
  EXPECT_TRUE(other.inlet.items.empty());
}

TEST_F(Reading, NothingIsLostWhenTheStoreFails) {
  auto one = reader();
  arrive(1, 3);
  desk.inlet.broken = true;
  EXPECT_FALSE(one.poll({}).ok());
  EXPECT_EQ(desk.http.count("updateSeen"), 0u);
  desk.inlet.broken = false;
  ASSERT_TRUE(one.poll({}).ok());
  EXPECT_EQ(heard(desk.inlet), range(1, 3));
}

TEST_F(Reading, APostIsDeletedOnlyWhenItsDataServerSaysSo) {
  arrive(1, 3);
  desk.inlet.held = {{uri_of(1), "c1"}, {uri_of(2), "c1"}, {uri_of(3), ""}, {"not a post", ""}};
  server.deleted.insert(uri_of(2));
  auto one = reader();
  // That the AppView does not show it proves nothing: its data server may have it, hide it, or be away.
  for (const auto* says : {"", "RepoDeactivated", "RepoTakendown", "RepoNotFound", "InternalServerError"}) {
    server.pds_error = says;
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(one.recheck({}).ok());
      EXPECT_TRUE(desk.inlet.items.empty()) << says;
      desk.clock.advance_ms(10);
    }
  }
  server.pds_error = "RecordNotFound";
  for (int i = 0; i < 3 && desk.inlet.items.empty(); ++i) {
    ASSERT_TRUE(one.recheck({}).ok());
    desk.clock.advance_ms(10);
  }
  ASSERT_EQ(desk.inlet.items.size(), 1u);
  const auto parsed = parse_item(desk.account, desk.inlet.items[0], desk.clock.now_ms());
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(std::get<IncomingDeletion>(parsed->front()).external_id, uri_of(2));
}

TEST_F(Reading, AnEditIsFoundByItsRevision) {
  arrive(1, 2);
  desk.inlet.held = {{uri_of(1), "c1"}, {uri_of(2), "c2"}};
  auto one = reader();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(one.recheck({}).ok());
    desk.clock.advance_ms(10);
  }
  ASSERT_EQ(desk.inlet.items.size(), 1u);
  const auto parsed = parse_item(desk.account, desk.inlet.items[0], desk.clock.now_ms());
  ASSERT_TRUE(parsed.ok());
  const auto& post = std::get<IncomingPost>(parsed->front());
  EXPECT_EQ(post.external_id, uri_of(2));
  EXPECT_EQ(post.revision, "c1");
  EXPECT_EQ(post.text, "Now so");
}

TEST_F(Reading, DeadCredentialsEndTheReaderWithAnAlarm) {
  server.dead = true;
  const auto ended = reader().run({});
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().kind, ErrorKind::kUnauthenticated);
  EXPECT_EQ(desk.inlet.healths.back(), "action_needed");
}

TEST_F(Reading, ItStopsWhenAsked) {
  std::stop_source stop;
  arrive(1, 1);
  desk.http.answer = [&](const net::HttpCall& call) {
    if (desk.http.count("listNotifications") >= 3) stop.request_stop();
    return server.answer(call);
  };
  EXPECT_TRUE(reader().run(stop.get_token()).ok());
  EXPECT_EQ(desk.inlet.healths, std::vector<std::string>{"ok"});
}

}  // namespace
}  // namespace kiki::channels::bluesky
