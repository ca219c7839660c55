#include "channels/line/send.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "channels/line/fake_line_test.hpp"
#include "channels/line/parse.hpp"

namespace kiki::channels::line {
namespace {

using testing::HasSubstr;

constexpr auto kSent = R"({"sentMessages":[{"id":"461230966842064897","quoteToken":"q"}]})";

// LINE as far as sending goes: a token works once, a retry key is taken once.
struct FakeLine {
  std::map<std::string, int> delivered;  // text → how often the customer got it
  std::set<std::string> used_tokens;
  std::map<std::string, std::string> keys;
  int fail_before = 0;  // 5xx, nothing done
  int reset_after = 0;  // done, and the connection is reset
  int taken = 0;

  Result<net::HttpAnswer> answer(const net::HttpCall& call) {
    const auto lost = Error{ErrorKind::kUnclear, "reset", {}, {}, 0};
    const auto document = JsonDocument::parse(call.body.empty() ? "{}" : call.body);
    const auto root = document->root();
    std::string text;
    (void)root["messages"].each([&](JsonView message) -> Result<void> {
      if (text.empty()) text = message["text"].text();
      return {};
    });
    const auto done = [&](std::string id) { return R"({"sentMessages":[{"id":")" + id + R"("}]})"; };
    if (call.url.ends_with("/message/reply")) {
      EXPECT_FALSE(call.headers.has("x-line-retry-key"))
          << "an API that does not know the header answers 400";
      if (fail_before > 0 && fail_before-- > 0) return answered(500, "");
      if (!used_tokens.insert(std::string(root["replyToken"].text())).second)
        return refused(400, "Invalid reply token");
      ++delivered[text];
      if (reset_after > 0 && reset_after-- > 0) return lost;
      return answered(200, done("r" + std::to_string(++taken)));
    }
    if (call.url.ends_with("/message/push")) {
      const std::string key(call.headers.get("x-line-retry-key"));
      EXPECT_FALSE(key.empty());
      if (const auto found = keys.find(key); found != keys.end()) {
        return answered(409,
                        R"({"message":"The retry key is already accepted",)" + done(found->second).substr(1));
      }
      if (fail_before > 0 && fail_before-- > 0) return answered(500, "");
      ++delivered[text];
      keys[key] = "p" + std::to_string(++taken);
      if (reset_after > 0 && reset_after-- > 0) return lost;
      return answered(200, done(keys[key]));
    }
    if (call.url.ends_with("/quota")) return answered(200, R"({"type":"none"})");
    if (call.url.ends_with("/consumption")) return answered(200, R"({"totalUsage":5})");
    return refused(404, "Not found");
  }
};

struct SendTest : testing::Test {
  Bench bench;
  FakeLine line;
  SendTest() {
    bench.http.answer = [this](const net::HttpCall& call) { return line.answer(call); };
  }
};

TEST_F(SendTest, AnswersByTokenWhileItIsFresh) {
  const auto sent = bench.send(bench.with_token());
  ASSERT_TRUE(sent.ok()) << sent.error().message;
  EXPECT_EQ(sent->external_id, "42/r1");
  EXPECT_EQ(bench.http.count("/message/push"), 0U);
  EXPECT_EQ(bench.http.count("/quota"), 0U) << "a reply is free";
  const auto& call = bench.http.last("/message/reply");
  EXPECT_EQ(call.headers.get("authorization"), "Bearer pasted-token");
  EXPECT_EQ(call.body, R"({"replyToken":"reply-token","messages":[{"type":"text","text":"こんにちは"}]})");
}

TEST_F(SendTest, PushesWhenTheTokenIsOld) {
  const auto out = bench.with_token();
  bench.clock.advance_ms(30'000);
  const auto sent = bench.send(out);
  ASSERT_TRUE(sent.ok());
  EXPECT_EQ(bench.http.count("/message/reply"), 0U);
  EXPECT_EQ(bench.http.last("/message/push").headers.get("x-line-retry-key"), out.network_key);
}

TEST_F(SendTest, ATokenThatLineRefusesLeadsToOnePush) {
  line.used_tokens.insert("reply-token");
  const auto sent = bench.send(bench.with_token());
  ASSERT_TRUE(sent.ok());
  EXPECT_EQ(sent->external_id, "42/p1");
  EXPECT_EQ(line.delivered["こんにちは"], 1);
}

TEST_F(SendTest, NeverPushesAfterAnUnclearReply) {
  for (const bool arrived : {true, false}) {
    Bench fresh;
    FakeLine other;
    (arrived ? other.reset_after : other.fail_before) = 1;
    fresh.http.answer = [&](const net::HttpCall& call) { return other.answer(call); };
    const auto out = fresh.with_token();
    auto sent = fresh.send(out);
    ASSERT_FALSE(sent.ok());
    EXPECT_EQ(sent.error().kind, ErrorKind::kUnclear);
    // However often the outbox looks, it stays unclear and nothing more leaves.
    for (int i = 0; i < 3; ++i) {
      fresh.clock.advance_ms(3'600'000);
      const auto found = fresh.look_up(out);
      ASSERT_FALSE(found.ok());
      EXPECT_EQ(found.error().kind, ErrorKind::kUnclear);
      EXPECT_EQ(found.error().code, "reply_in_doubt");
      EXPECT_EQ(fresh.send(out).error().code, "reply_in_doubt");
    }
    EXPECT_EQ(fresh.http.count("/message/push"), 0U);
    EXPECT_EQ(fresh.http.count("/message/reply"), 1U);
    EXPECT_EQ(other.delivered["こんにちは"], arrived ? 1 : 0);
  }
}

TEST_F(SendTest, ACrashAfterLineTookTheReplyIsNoSecondReply) {
  const auto out = bench.with_token();
  ASSERT_TRUE(bench.send(out).ok());
  // The process died before the outbox wrote "sent": it looks, and finds it.
  auto found = bench.look_up(out);
  ASSERT_TRUE(found.ok());
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->external_id, "42/r1");
  EXPECT_EQ(bench.send(out)->external_id, "42/r1");
  EXPECT_EQ(line.delivered["こんにちは"], 1);
}

TEST_F(SendTest, ACrashBeforeLineHeardOfTheReplyStaysInDoubt) {
  const auto out = bench.with_token();
  bench.state.cursors["sending"] = R"([{"id":9,"way":"reply","at":1}])";
  EXPECT_EQ(bench.look_up(out).error().kind, ErrorKind::kUnclear);
}

TEST_F(SendTest, APushIsRepeatedUnderItsKey) {
  line.reset_after = 1;
  const auto out = bench.outgoing();
  auto sent = bench.send(out);
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().kind, ErrorKind::kUnavailable) << "try again: LINE takes the key once";
  const auto found = bench.look_up(out);
  ASSERT_TRUE(found.ok());
  EXPECT_FALSE(found->has_value());
  sent = bench.send(out);
  ASSERT_TRUE(sent.ok()) << "409 is: taken already";
  EXPECT_EQ(sent->external_id, "42/p1");
  EXPECT_EQ(line.delivered["こんにちは"], 1);
}

TEST_F(SendTest, APushInDoubtIsNotRepeatedWhenTheKeyIsForgotten) {
  line.reset_after = 1;
  const auto out = bench.outgoing();
  ASSERT_FALSE(bench.send(out).ok());
  bench.clock.advance_ms(24LL * 3'600'000);
  EXPECT_EQ(bench.look_up(out).error().kind, ErrorKind::kUnclear);
  EXPECT_EQ(bench.send(out).error().kind, ErrorKind::kUnclear);
  EXPECT_EQ(bench.http.count("/message/push"), 1U);
}

TEST_F(SendTest, WhatCertainlyFailedMayGoAnotherDay) {
  const auto out = bench.outgoing();
  bench.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.ends_with("/push")) return refused(429, "You have reached your monthly limit.");
    return line.answer(call);
  };
  const auto sent = bench.send(out);
  EXPECT_EQ(sent.error().kind, ErrorKind::kUnprocessable);
  EXPECT_EQ(sent.error().code, "monthly_limit");
  bench.clock.advance_ms(20LL * 86'400'000);
  bench.http.answer = [&](const net::HttpCall& call) { return line.answer(call); };
  const auto found = bench.look_up(out);
  ASSERT_TRUE(found.ok());
  EXPECT_FALSE(found->has_value());
  EXPECT_TRUE(bench.send(out).ok());
}

TEST_F(SendTest, TheKindOfFault) {
  struct Case {
    int status;
    std::string message, retry_after;
    ErrorKind kind;
    std::int64_t wait_ms;
  };
  const Case cases[] = {
      {400, "The property, 'to', in the request body is invalid", "", ErrorKind::kUnprocessable, 0},
      {401, "Authentication failed", "", ErrorKind::kUnauthenticated, 0},
      {403, "Access to this API is not available for your account", "", ErrorKind::kForbidden, 0},
      {429, "The API rate limit has been exceeded. Try again later.", "", ErrorKind::kRateLimited, 5'000},
      {429, "The API rate limit has been exceeded. Try again later.", "7", ErrorKind::kRateLimited, 7'000},
      {500, "Internal", "", ErrorKind::kUnavailable, 0},
      {302, "", "", ErrorKind::kUnavailable, 0},
  };
  Id id = 100;
  for (const auto& one : cases) {
    bench.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
      if (!call.url.ends_with("/push")) return line.answer(call);
      auto answer = refused(one.status, one.message);
      if (!one.retry_after.empty()) answer.headers.add("Retry-After", one.retry_after);
      return answer;
    };
    const auto sent = bench.send(bench.outgoing(++id));
    ASSERT_FALSE(sent.ok()) << one.status;
    EXPECT_EQ(sent.error().kind, one.kind) << one.status;
    EXPECT_EQ(sent.error().retry_after_ms, one.wait_ms);
    EXPECT_EQ(sent.error().message.find("pasted-token"), std::string::npos);
  }
}

TEST_F(SendTest, TextAndPicturesInOneCall) {
  auto out = bench.outgoing();
  out.reply_reference = R"({"to":"C1","quote":"quote-token"})";
  out.images = {{1, "image/png", "", "…", 3, 3, "https://desk.example/f/1"},
                {2, "image/jpeg", "", "…", 3, 3, "https://desk.example/f/2"}};
  ASSERT_TRUE(bench.send(out).ok());
  EXPECT_EQ(bench.http.last("/message/push").body,
            R"({"to":"C1","messages":[{"type":"text","text":"こんにちは","quoteToken":"quote-token"},)"
            R"({"type":"image","originalContentUrl":"https://desk.example/f/1",)"
            R"("previewImageUrl":"https://desk.example/f/1"},)"
            R"({"type":"image","originalContentUrl":"https://desk.example/f/2",)"
            R"("previewImageUrl":"https://desk.example/f/2"}]})");
}

TEST_F(SendTest, ALargePictureIsShownByItsSmallVersion) {
  auto out = bench.outgoing();
  out.text.clear();
  out.images = {{1, "image/png", "", "…", 3, 3, "https://desk.example/f/1", 2, "https://desk.example/f/2"}};
  ASSERT_TRUE(bench.send(out).ok());
  EXPECT_NE(bench.http.last("/message/push")
                .body.find(R"("originalContentUrl":"https://desk.example/f/1",)"
                           R"("previewImageUrl":"https://desk.example/f/2")"),
            std::string::npos);
}

TEST_F(SendTest, TheCustomerSeesThatSomebodyWrites) {
  bench.http.answer = [](const net::HttpCall&) -> Result<net::HttpAnswer> { return answered(202, "{}"); };
  const auto show = [&](std::string_view thread, bool is_writing = true) {
    return bench.channel->show_typing(bench.account, bench.state, thread, is_writing, {});
  };
  ASSERT_TRUE(show("42/U206d25c2ea6bd87c17655609a1c37cb8").ok());
  EXPECT_EQ(bench.http.last("/chat/loading/start").body,
            R"({"chatId":"U206d25c2ea6bd87c17655609a1c37cb8","loadingSeconds":25})");
  // It ends by itself; groups have none, and neither have others' chats.
  ASSERT_TRUE(show("42/U206d25c2ea6bd87c17655609a1c37cb8", false).ok());
  ASSERT_TRUE(show("42/C1").ok());
  ASSERT_TRUE(show("43/U206d25c2ea6bd87c17655609a1c37cb8").ok());
  EXPECT_EQ(bench.http.calls.size(), 1U);
}

TEST_F(SendTest, WhatCannotBeQuotedIsAnsweredWithoutAQuote) {
  for (const bool fresh : {true, false}) {
    bench.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
      if (call.body.find("quoteToken") != std::string::npos) return refused(400, "Invalid quote token");
      return line.answer(call);
    };
    auto out = bench.outgoing(fresh ? 1 : 2);
    out.reply_reference = R"({"to":"C1","quote":"q","token":"reply-token","token_until":)" +
                          std::to_string(fresh ? bench.clock.now_ms() + 9'000 : 0) + "}";
    const auto sent = bench.send(out);
    ASSERT_TRUE(sent.ok()) << sent.error().message;
    EXPECT_EQ(sent->external_id, fresh ? "42/r1" : "42/p2");
  }
}

TEST_F(SendTest, RefusesBeforehandWhatLineWouldRefuse) {
  const auto code_of = [&](auto change) {
    auto out = bench.outgoing();
    change(out);
    const auto sent = bench.send(out);
    EXPECT_FALSE(sent.ok());
    EXPECT_EQ(sent.error().kind, ErrorKind::kUnprocessable);
    return sent.error().code;
  };
  const Outgoing::Image good{1, "image/png", "", "…", 3, 3, "https://desk.example/f/1"};
  EXPECT_EQ(code_of([](Outgoing& out) { out.action = "like"; }), "not_supported");
  EXPECT_EQ(code_of([](Outgoing& out) { out.text.clear(); }), "empty");
  EXPECT_EQ(code_of([](Outgoing& out) { out.text = std::string(5'001, 'x'); }), "text_too_long");
  EXPECT_EQ(code_of([&](Outgoing& out) { out.images.assign(5, good); }), "too_many_images");
  EXPECT_EQ(code_of([&](Outgoing& out) {
              out.images = {good};
              out.images[0].content_type = "image/gif";
            }),
            "image_type");
  EXPECT_EQ(code_of([&](Outgoing& out) {
              out.images = {good};
              out.images[0].public_url = "http://127.0.0.1:8080/f/1";
            }),
            "no_public_url");
  EXPECT_EQ(bench.http.calls.size(), 0U);
  // 2,500 characters beyond the first plane are 5,000 units: just right.
  auto out = bench.outgoing();
  out.text.clear();
  for (int i = 0; i < 2'500; ++i) out.text += "🤨";
  EXPECT_TRUE(bench.send(out).ok());
}

TEST_F(SendTest, KeysAreUuids) {
  std::set<std::string> keys;
  for (int i = 0; i < 100; ++i) {
    const auto key = new_retry_key(bench.random);
    EXPECT_TRUE(std::regex_match(
        key, std::regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")))
        << key;
    keys.insert(key);
  }
  EXPECT_EQ(keys.size(), 100U);
}

TEST_F(SendTest, TheQuotaStopsBeforeTheLimit) {
  std::int64_t used = 997;
  bench.account.settings = R"({"quota_reserve":"2"})";
  bench.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.ends_with("/quota")) return answered(200, R"({"type":"limited","value":1000})");
    if (call.url.ends_with("/consumption"))
      return answered(200, R"({"totalUsage":)" + std::to_string(used) + "}");
    if (call.url.ends_with("/members/count")) return answered(200, R"({"count":5})");
    auto answer = line.answer(call);
    if (call.url.ends_with("/push") && answer.ok() && answer->status == 200) ++used;
    return answer;
  };
  EXPECT_TRUE(bench.send(bench.outgoing(1)).ok());
  auto sent = bench.send(bench.outgoing(2));
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().code, "quota_reserve");
  EXPECT_EQ(sent.error().kind, ErrorKind::kUnprocessable) << "not tried over and over for weeks";
  EXPECT_TRUE(bench.send(bench.with_token(3)).ok()) << "replies are free";
  bench.account.settings = "{}";
  auto to_group = bench.outgoing(4);
  to_group.reply_reference = R"({"to":"C1"})";
  EXPECT_EQ(bench.send(to_group).error().code, "monthly_limit") << "a group counts all its members";
  EXPECT_TRUE(bench.send(bench.outgoing(5)).ok());
  EXPECT_TRUE(bench.send(bench.outgoing(6)).ok());
  EXPECT_EQ(bench.send(bench.outgoing(7)).error().code, "monthly_limit");

  const auto meters = bench.channel->meters(bench.account, bench.state);
  ASSERT_TRUE(meters.ok());
  EXPECT_EQ((*meters)[0].used, 1'000);
  EXPECT_EQ((*meters)[0].limit, 1'000);
  EXPECT_GT((*meters)[0].resets_at, bench.clock.now_ms());
  bench.clock.advance_ms(32LL * 86'400'000);
  used = 0;
  EXPECT_TRUE(bench.send(bench.outgoing(8)).ok()) << "a new month";
}

TEST(QuotaTest, TheMonthEndsInJapan) {
  EXPECT_EQ(to_rfc3339(next_month(*parse_rfc3339("2026-11-30T14:59:59.999Z"))), "2026-11-30T15:00:00.000Z");
  EXPECT_EQ(to_rfc3339(next_month(*parse_rfc3339("2026-11-30T15:00:00.000Z"))), "2026-12-31T15:00:00.000Z");
  EXPECT_EQ(to_rfc3339(next_month(*parse_rfc3339("2028-02-10T00:00:00.000Z"))), "2028-02-29T15:00:00.000Z");
}

TEST_F(SendTest, TheLoginPageGetsALinkToken) {
  bench.account.settings = R"({"account_link_url":"https://shop.example/line"})";
  bench.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.ends_with("/linkToken")) return answered(200, R"({"linkToken":"NMZT+"})");
    return line.answer(call);
  };
  auto out = bench.outgoing();
  out.text = "こちらから: https://shop.example/line";
  ASSERT_TRUE(bench.send(out).ok());
  EXPECT_THAT(bench.http.last("/push").body, HasSubstr("https://shop.example/line?linkToken=NMZT%2B\""));
  EXPECT_EQ(bench.http.last("/linkToken").method, "POST");
  out = bench.outgoing(10);
  out.text = "https://shop.example/line-up";
  ASSERT_TRUE(bench.send(out).ok());
  EXPECT_EQ(bench.http.count("/linkToken"), 1U) << "another page of the shop";
}

TEST_F(SendTest, AnsweredIsRead) {
  auto out = bench.outgoing();
  out.reply_reference = R"({"to":"U1","read":"read-token"})";
  ASSERT_TRUE(bench.send(out).ok()) << "even though this LINE answers 404";
  EXPECT_EQ(bench.http.last("/chat/markAsRead").body, R"({"markAsReadToken":"read-token"})");
}

TEST(SendNotesTest, KeepsWhatIsInDoubt) {
  SendNotes notes;
  for (Id id = 1; id <= 510; ++id) notes.put({id, "push", 1'000, "m" + std::to_string(id)}, 1'000);
  notes.put({600, "reply", 1'000, {}}, 1'000);
  const auto again = SendNotes::read(notes.text());
  EXPECT_EQ(again.find(10), nullptr);
  ASSERT_NE(again.find(11), nullptr);
  EXPECT_EQ(again.find(510)->sent_id, "m510");
  EXPECT_EQ(again.find(600)->way, "reply");
  notes.put({601, "push", 31LL * 86'400'000, {}}, 31LL * 86'400'000);
  EXPECT_EQ(notes.find(600), nullptr);
  EXPECT_EQ(SendNotes::read("nonsense").text(), "[]");
}

}  // namespace
}  // namespace kiki::channels::line
