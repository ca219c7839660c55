#include "channels/line/webhook.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.hpp"
#include "channels/line/fake_line_test.hpp"
#include "channels/line/parse.hpp"
#include "net/hmac.hpp"

namespace kiki::channels::line {
namespace {

// Values that were not computed by this program: from the official SDKs' tests.
TEST(LineWebhookTest, SignaturesOfTheOfficialLibraries) {
  EXPECT_TRUE(
      is_signed("channel_secret", "bodybodybodybody", "/gg9a+LvFevTH1sd7XCQycD7tsWclCsInj7MhBHxN7k="));
  EXPECT_TRUE(
      is_signed("test_secret", R"({"hello":"world"})", "t7Hn4ZDHqs6e+wdvI5TyQIvzie0DmMUmuXEBqyyE/tM="));
  EXPECT_FALSE(
      is_signed("channel_secret", "bodybodybodybodY", "/gg9a+LvFevTH1sd7XCQycD7tsWclCsInj7MhBHxN7k="));
  EXPECT_FALSE(is_signed("channel_secret", "bodybodybodybody", ""));
  EXPECT_FALSE(
      is_signed("channel_secret", "bodybodybodybody", "/gg9a+LvFevTH1sd7XCQycD7tsWclCsInj7MhBHxN7k"));
  EXPECT_FALSE(is_signed("", "", net::base64(net::hmac_sha256("", ""))));
}

TEST(LineWebhookTest, EveryVector) {
  const std::filesystem::path path =
      std::filesystem::path(KIKI_SOURCE_DIR) / "../shared/specs/signature-vectors.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  std::stringstream bytes;
  bytes << std::ifstream(path).rdbuf();
  const auto document = JsonDocument::parse(bytes.str());
  ASSERT_TRUE(document.ok());
  int count = 0;
  (void)document->root()["line"].each([&](JsonView one) -> Result<void> {
    EXPECT_TRUE(is_signed(one["secret"].text(), one["body"].text(), one["signature"].text())) << one.raw();
    ++count;
    return {};
  });
  EXPECT_GE(count, 3);
}

struct WebhookTest : testing::Test {
  Bench bench;
  net::HttpRequest request(std::string body, std::string_view header = "x-line-signature") {
    net::HttpRequest made;
    made.method = "POST";
    made.headers.add(std::string(header), net::base64(net::hmac_sha256("channel_secret", body)));
    made.body = std::move(body);
    return made;
  }
  WebhookAnswer call(const net::HttpRequest& request) {
    auto answer = bench.channel->webhook(bench.account, bench.state, request);
    EXPECT_TRUE(answer.ok());
    return *answer;
  }
  std::string body(const std::string& events) {
    return R"({"destination":"U00000000000000000000000000000000","events":)" + events + "}";
  }
};

TEST_F(WebhookTest, NoEventsIsACheck) {
  const auto answer = call(request(body("[]")));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.items.empty());
  EXPECT_EQ(answer.note, "checked by LINE");
}

TEST_F(WebhookTest, WhatComesAgainIsSaid) {
  const auto answer = call(request(body(R"([
      {"type":"message","timestamp":7,"deliveryContext":{"isRedelivery":true},"source":{"userId":"U1"},
       "message":{"id":"1","type":"text","text":"x"}},
      {"type":"message","timestamp":8,"deliveryContext":{"isRedelivery":false},"message":{"id":"2"}}])")));
  ASSERT_EQ(answer.items.size(), 2U);
  EXPECT_EQ(answer.items[0].source, "line.event+again");
  EXPECT_EQ(answer.items[1].source, "line.event");
  const auto read = parse_event(bench.account, answer.items[0], 9);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(std::get<IncomingPost>(read->at(0)).external_id, "42/1");
}

TEST_F(WebhookTest, OneItemForEachEvent) {
  const auto answer = call(request(
      body(R"([{"type":"message","message":{"text":"おはよう 🤨"}},7,{"type":"new"}])"), "X-LINE-SIGNATURE"));
  EXPECT_EQ(answer.status, 200);
  ASSERT_EQ(answer.items.size(), 3U);
  EXPECT_EQ(answer.items[0].source, "line.event");
  EXPECT_EQ(answer.items[0].body, R"({"type":"message","message":{"text":"おはよう 🤨"}})");
  EXPECT_EQ(answer.items[1].body, "7");
  EXPECT_EQ(answer.note, "3 events");
}

// The brand's site signs who is logged in there with the channel secret, as the nonce of the link.
TEST_F(WebhookTest, ALinkedAccountIsACustomerOfTheBrandWhenItsSiteSaysSo) {
  const auto event = [](std::string_view nonce, std::string_view result = "ok") {
    return R"([{"type":"accountLink","timestamp":1700000000000,"source":{"type":"user","userId":"U1"},)"
           R"("link":{"result":")" +
           std::string(result) + R"(","nonce":")" + std::string(nonce) + "\"}}]";
  };
  const auto nonce = [](std::string_view secret, std::string_view payload) {
    const auto content = net::base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + net::base64url(payload);
    return content + "." + net::base64url(net::hmac_sha256(secret, content));
  };
  const auto good = nonce("channel_secret", R"({"sub":"C-1042","exp":1700000600})");
  EXPECT_LE(good.size(), 255U) << "of LINE";
  const auto answer = call(request(body(event(good))));
  ASSERT_EQ(answer.items.size(), 2U);
  EXPECT_EQ(answer.note, "1 event");
  EXPECT_EQ(answer.items[0].source, "line.event");
  const auto facts = bench.channel->parse(bench.account, answer.items[1], 5);
  ASSERT_TRUE(facts.ok()) << facts.error().message;
  const auto& author = std::get<IncomingProfile>(facts->at(0)).author;
  EXPECT_EQ(author.external_id, "U1");
  EXPECT_EQ(author.customer_id, "C-1042");

  // What a customer can write into the address by themselves names nobody, and neither does a word that has
  // ended.
  for (const auto& [forged, result] : std::vector<std::pair<std::string, std::string>>{
           {"C-1042", "ok"},
           {nonce("another", R"({"sub":"C-1042","exp":1700000600})"), "ok"},
           {nonce("channel_secret", R"({"sub":"C-1042","exp":1699999999})"), "ok"},
           {nonce("channel_secret", R"({"sub":"C-1042","exp":1700000600,"aud":"@other"})"), "ok"},
           {good, "failed"}}) {
    const auto told = call(request(body(event(forged, result))));
    EXPECT_EQ(told.status, 200);
    ASSERT_EQ(told.items.size(), 1U) << forged;
    EXPECT_TRUE(bench.channel->parse(bench.account, told.items[0], 5)->empty());
  }
  EXPECT_EQ(call(request(body(event("C-1042")))).note,
            "1 event; The identity token is refused: it is no JWT.");
}

TEST_F(WebhookTest, WhoeverIsNotLineGetsNothingIn) {
  auto wrong = request(body(R"([{"type":"follow"}])"));
  wrong.body += " ";
  EXPECT_EQ(call(wrong).status, 401);
  EXPECT_EQ(call(wrong).note, "wrong signature");
  EXPECT_TRUE(call(wrong).items.empty());
  auto bare = request(body("[]"));
  bare.headers = {};
  EXPECT_EQ(call(bare).status, 401);
  EXPECT_EQ(call(request("not json")).status, 400);
  EXPECT_EQ(call(request(R"({"destination":"U00000000000000000000000000000000"})")).status, 400);
  auto get = request(body("[]"));
  get.method = "GET";
  EXPECT_EQ(call(get).status, 405);
  auto other =
      call(request(R"({"destination":"Uffffffffffffffffffffffffffffffff","events":[{"type":"follow"}]})"));
  EXPECT_EQ(other.status, 400);
  EXPECT_TRUE(other.items.empty());
  bench.state.secrets.erase("channel_secret");
  EXPECT_EQ(call(request(body("[]"))).status, 401);
}

TEST_F(WebhookTest, AGroupsMemberHasAName) {
  call(request(body(R"([{"type":"message","source":{"type":"group","groupId":"C1","userId":"U1"}}])")));
  bench.http.answer = [](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.ends_with("/v2/bot/group/C1/member/U1"))
      return answered(200, R"({"displayName":"LINE 太郎","userId":"U1","pictureUrl":"https://p.example/1"})");
    if (call.url.ends_with("/v2/bot/profile/U2"))
      return answered(200, R"({"displayName":"花子","userId":"U2","statusMessage":"hi","language":"ja"})");
    return refused(404, "Not found");
  };
  auto author = bench.channel->profile(bench.account, bench.state, "U1", {});
  ASSERT_TRUE(author.ok());
  EXPECT_EQ((*author)->name, "LINE 太郎");
  author = bench.channel->profile(bench.account, bench.state, "U2", {});
  EXPECT_EQ((*author)->name, "花子");
  EXPECT_EQ((*author)->bio, "hi");
  author = bench.channel->profile(bench.account, bench.state, "U3", {});
  ASSERT_TRUE(author.ok());
  EXPECT_FALSE(author->has_value());
  EXPECT_FALSE(bench.channel->profile(bench.account, bench.state, "C1", {})->has_value());
}

}  // namespace
}  // namespace kiki::channels::line
