#include "channels/open/open_channel.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/json.hpp"
#include "net/hmac.hpp"

namespace kiki::channels::open {
namespace {

class ScriptedHttp final : public net::HttpClient {
 public:
  std::vector<net::HttpCall> calls;
  std::vector<Result<net::HttpAnswer>> answers;
  Result<net::HttpAnswer> call(const net::HttpCall& call, std::stop_token) override {
    calls.push_back(call);
    auto answer = answers.at(calls.size() - 1);
    return answer;
  }
};

class MapState final : public AccountState {
 public:
  std::map<std::string, std::string, std::less<>> secrets;
  Result<std::string> secret(std::string_view name) override {
    auto found = secrets.find(name);
    return found == secrets.end() ? std::string() : found->second;
  }
  Result<void> set_secrets(const std::vector<std::pair<std::string, std::string>>& pairs) override {
    for (const auto& [name, value] : pairs) secrets[name] = value;
    return {};
  }
  Result<std::string> cursor(std::string_view) override { return std::string(); }
  Result<void> set_cursor(std::string_view, std::string_view) override { return {}; }
};

struct OpenChannelTest : ::testing::Test {
  ManualClock clock;
  SeededRandom random{7};
  ScriptedHttp http;
  MapState state;
  std::unique_ptr<Channel> channel =
      make_open_channel({http, {.allow_private = true, .allow = {}, .allow_plain_http = true}, clock, random},
                        {"https://desk.example"});
  Account account{.workspace_id = 1,
                  .id = 42,
                  .network = "open",
                  .kind = "account",
                  .external_id = "x",
                  .handle = "Shop",
                  .name = "Shop",
                  .settings = R"({"webhook_url":"https://shop.example/hook"})"};
  Outgoing outgoing;

  void SetUp() override {
    state.secrets["signing_secret"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    outgoing.outbox_id = 77;
    outgoing.case_id = 5;
    outgoing.action = "reply";
    outgoing.target_external_id = "42/p1";
    outgoing.thread_external_id = "42/t1";
    outgoing.text = "こんにちは";
    outgoing.recipient.external_id = "42/u1";
    outgoing.network_key = channel->choose_key(account, outgoing);
  }
  Result<IncomingPost> parse(std::string body) {
    auto facts = channel->parse(account, {"open.post", std::move(body)}, 1'000);
    if (!facts.ok()) return facts.error();
    return std::get<IncomingPost>(facts->at(0));
  }
  Result<Sent> send(Result<net::HttpAnswer> answer, std::vector<Delivery>* log = nullptr) {
    http.answers.push_back(std::move(answer));
    std::vector<Delivery> own;
    return channel->send(account, state, outgoing, log ? *log : own, {});
  }
};

TEST_F(OpenChannelTest, ReadsTheSmallestPost) {
  auto post = parse(R"({"external_id":"p1","text":"電源が入らない","author":{"id":"u1"}})");
  ASSERT_TRUE(post.ok()) << post.error().message;
  EXPECT_EQ(post->external_id, "42/p1");
  EXPECT_EQ(post->thread_external_id, "42/p1");
  EXPECT_EQ(post->author.external_id, "42/u1");
  EXPECT_EQ(post->author.network, "open");
  EXPECT_EQ(post->posted_at, 1'000);
  EXPECT_EQ(post->reason, "message");
  EXPECT_EQ(post->visibility, Visibility::kPublic);
}

TEST_F(OpenChannelTest, RepliesJoinTheThreadOfTheirParent) {
  auto post = parse(R"({"external_id":"p2","parent_id":"p1","text":"x","author":{"id":"u1"}})");
  ASSERT_TRUE(post.ok());
  EXPECT_EQ(post->thread_external_id, "42/p1");
  EXPECT_EQ(post->parent_external_id, "42/p1");
}

TEST_F(OpenChannelTest, NamesThePlaceOfEveryFault) {
  const std::vector<std::pair<std::string, std::string>> faults = {
      {R"([])", ""},
      {R"({"external_id":"","text":"x","author":{"id":"u"}})", "/external_id"},
      {R"({"external_id":"a\u0000b","text":"x","author":{"id":"u"}})", "/external_id"},
      {R"({"external_id":"a","text":7,"author":{"id":"u"}})", "/text"},
      {R"({"external_id":"a","text":"x"})", "/author"},
      {R"({"external_id":"a","text":"x","author":{}})", "/author/id"},
      {R"({"external_id":"a","text":"x","author":{"id":"u","followers":-1}})", "/author/followers"},
      {R"({"external_id":"a","text":"x","author":{"id":"u"},"posted_at":"yesterday"})", "/posted_at"},
      {R"x({"external_id":"a","text":"x","author":{"id":"u"},"url":"javascript:alert(1)"})x", "/url"},
      {R"({"external_id":"a","text":"x","author":{"id":"u"},"network":"X Y"})", "/network"},
      {R"({"external_id":"a","text":"x","author":{"id":"u"},"visibility":"secret"})", "/visibility"},
      {R"({"external_id":"a","text":"x","author":{"id":"u"},"attachments":[{"kind":"image"}]})",
       "/attachments/0/url"},
      {R"({"external_id":"a","text":"x","author":{"id":"u"},"txet":"x"})", "/txet"},
  };
  for (const auto& [body, where] : faults) {
    auto checked = check_open_post(body);
    ASSERT_FALSE(checked.ok()) << body;
    EXPECT_EQ(checked.error().kind, ErrorKind::kInvalid) << body;
    EXPECT_EQ(checked.error().where, where) << body;
  }
}

TEST_F(OpenChannelTest, SignsWhatItSends) {
  ASSERT_TRUE(send(net::HttpAnswer{.status = 204, .headers = {}, .body = ""}).ok());
  const auto& call = http.calls.at(0);
  EXPECT_EQ(call.headers.get("webhook-id"), "msg_77");
  const auto timestamp = std::stoll(std::string(call.headers.get("webhook-timestamp")));
  EXPECT_EQ(timestamp, clock.now_ms() / 1000);
  EXPECT_EQ(call.headers.get("webhook-signature"),
            net::standard_webhook_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_77", timestamp,
                                            call.body));
  auto body = JsonDocument::parse(call.body);
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(body->root()["in_reply_to"].text(), "p1");
  EXPECT_EQ(body->root()["thread_id"].text(), "t1");
  EXPECT_EQ(body->root()["to"]["id"].text(), "u1");
  EXPECT_EQ(body->root()["text"].text(), "こんにちは");
}

TEST_F(OpenChannelTest, LearnsTheReceiversIdAndLogsTheTry) {
  std::vector<Delivery> log;
  auto sent = send(
      net::HttpAnswer{
          .status = 200, .headers = {}, .body = R"({"external_id":"p9","url":"https://shop.example/p9"})"},
      &log);
  ASSERT_TRUE(sent.ok());
  EXPECT_EQ(sent->external_id, "42/p9");
  EXPECT_EQ(sent->url, "https://shop.example/p9");
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0].status, 200);
}

TEST_F(OpenChannelTest, TellsPermanentFromPassing) {
  auto kind = [&](int status) {
    return send(net::HttpAnswer{.status = status, .headers = {}, .body = "no"}).error().kind;
  };
  EXPECT_EQ(kind(400), ErrorKind::kUnprocessable);
  EXPECT_EQ(kind(401), ErrorKind::kUnprocessable);
  EXPECT_EQ(kind(410), ErrorKind::kUnprocessable);
  EXPECT_EQ(kind(500), ErrorKind::kUnavailable);
  EXPECT_EQ(kind(302), ErrorKind::kUnavailable);
  EXPECT_EQ(kind(429), ErrorKind::kRateLimited);
  EXPECT_EQ(send(Error{ErrorKind::kUnclear, "reset", {}, {}, 0}).error().kind, ErrorKind::kUnavailable);
}

TEST_F(OpenChannelTest, WithoutWebhookRepliesAreFetched) {
  EXPECT_FALSE(channel->is_pulled(account));
  account.settings = R"({"webhook_url":""})";
  EXPECT_TRUE(channel->is_pulled(account));
}

TEST_F(OpenChannelTest, ConnectMakesASecretAndChecksTheUrl) {
  auto connected = channel->connect({{"name", "Shop"}, {"webhook_url", "https://shop.example/hook"}}, {});
  ASSERT_TRUE(connected.ok()) << connected.error().message;
  ASSERT_EQ(connected->secrets.size(), 1u);
  EXPECT_TRUE(connected->secrets[0].second.starts_with("whsec_"));
  EXPECT_EQ(channel->connect({{"name", ""}}, {}).error().where, "/fields/name");
  EXPECT_EQ(channel->connect({{"name", "a"}, {"webhook_url", "ftp://x"}}, {}).error().where,
            "/fields/webhook_url");
}

}  // namespace
}  // namespace kiki::channels::open
