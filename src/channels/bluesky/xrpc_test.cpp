#include "channels/bluesky/xrpc.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "channels/bluesky/fake_platform_test.hpp"

namespace kiki::channels::bluesky {
namespace {

constexpr const char* kNewSession =
    R"({"did":"did:plc:brand","handle":"brand.example","accessJwt":"access-2","refreshJwt":"refresh-2"})";

XrpcCall some_query() {
  XrpcCall call;
  call.nsid = "app.bsky.actor.getProfile";
  call.params = {{"actor", "did:plc:a b"}};
  return call;
}

TEST(Xrpc, AnExpiredSessionIsRefreshedOnceAndTheCallRepeated) {
  Desk desk;
  desk.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    const auto token = call.headers.get("authorization");
    if (call.url.ends_with("refreshSession")) {
      EXPECT_EQ(call.method, "POST");
      EXPECT_EQ(call.body, "");
      EXPECT_EQ(call.headers.get("content-type"), "");
      EXPECT_EQ(token, "Bearer refresh-1");
      return answered(200, kNewSession);
    }
    EXPECT_EQ(call.url, "https://pds.example/xrpc/app.bsky.actor.getProfile?actor=did%3Aplc%3Aa%20b");
    return token == "Bearer access-2" ? answered(200, "{}")
                                      : refused(400, "ExpiredToken", "Token has expired");
  };
  Xrpc xrpc(desk.tools);
  ASSERT_TRUE(xrpc.call(desk.account, desk.state, some_query(), {}).ok());
  EXPECT_EQ(desk.state.secrets["access_jwt"], "access-2");
  EXPECT_EQ(desk.state.secrets["refresh_jwt"], "refresh-2");
  EXPECT_EQ(desk.http.calls.size(), 3u);
}

TEST(Xrpc, ATokenThatExpiresAtOnceIsTheServersFault) {
  Desk desk;
  desk.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    return call.url.ends_with("refreshSession") ? answered(200, kNewSession) : refused(400, "ExpiredToken");
  };
  Xrpc xrpc(desk.tools);
  const auto answer = xrpc.call(desk.account, desk.state, some_query(), {});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(desk.http.calls.size(), 3u);
}

TEST(Xrpc, ManyThreadsRefreshOnce) {
  Desk desk;
  std::atomic<int> refreshes = 0;
  desk.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.ends_with("refreshSession")) {
      ++refreshes;
      return answered(200, kNewSession);
    }
    return call.headers.get("authorization") == "Bearer access-2" ? answered(200, "{}")
                                                                  : refused(400, "ExpiredToken");
  };
  Xrpc xrpc(desk.tools);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(xrpc.call(desk.account, desk.state, some_query(), {}).ok()); });
  }
  threads.clear();
  EXPECT_EQ(refreshes, 1);
}

TEST(Xrpc, ARefusedRefreshLogsInWithTheAppPasswordOrAsksForAPerson) {
  Desk desk;
  bool password_good = true;
  desk.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.ends_with("refreshSession")) return refused(400, "ExpiredToken", "Token has been revoked");
    if (call.url.ends_with("createSession")) {
      EXPECT_EQ(call.body, R"({"identifier":"did:plc:brand","password":"pass"})");
      return password_good ? answered(200, kNewSession) : refused(401, "AuthenticationRequired");
    }
    return call.headers.get("authorization") == "Bearer access-2" ? answered(200, "{}")
                                                                  : refused(400, "InvalidToken");
  };
  desk.state.secrets["app_password"] = "pass";
  {
    Xrpc xrpc(desk.tools);
    EXPECT_TRUE(xrpc.call(desk.account, desk.state, some_query(), {}).ok());
  }
  password_good = false;
  desk.state.secrets["access_jwt"] = "access-1";
  Xrpc xrpc(desk.tools);
  for (int i = 0; i < 3; ++i) {
    const auto answer = xrpc.call(desk.account, desk.state, some_query(), {});
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().kind, ErrorKind::kUnauthenticated);
  }
  EXPECT_EQ(desk.http.count("createSession"),
            2u);  // once in each part: dead credentials are not tried again and again
  desk.state.secrets["refresh_jwt"] = "refresh-9";  // a person connected the account again
  EXPECT_FALSE(xrpc.call(desk.account, desk.state, some_query(), {}).ok());
  EXPECT_EQ(desk.http.count("createSession"), 3u);
}

TEST(Xrpc, AServerThatIsAwayDuringARefreshIsNoDeadSession) {
  Desk desk;
  desk.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.ends_with("refreshSession")) return Error{ErrorKind::kUnclear, "no answer", {}, {}, 0};
    return refused(400, "ExpiredToken");
  };
  Xrpc xrpc(desk.tools);
  const auto answer = xrpc.call(desk.account, desk.state, some_query(), {});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(desk.state.secrets["refresh_jwt"], "refresh-1");
}

TEST(Xrpc, RateLimitsAreObeyedBeforeTheNextCall) {
  Desk desk;
  desk.http.answer = [&](const net::HttpCall&) -> Result<net::HttpAnswer> {
    auto answer = refused(429, "RateLimitExceeded");
    answer.headers.add("ratelimit-remaining", "0");
    answer.headers.add("RateLimit-Reset", std::to_string(desk.clock.now_ms() / 1'000 + 60));
    return answer;
  };
  Xrpc xrpc(desk.tools);
  auto answer = xrpc.call(desk.account, desk.state, some_query(), {});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().kind, ErrorKind::kRateLimited);
  EXPECT_EQ(answer.error().retry_after_ms, 60'000);
  desk.clock.advance_ms(20'000);
  answer = xrpc.call(desk.account, desk.state, some_query(), {});
  EXPECT_EQ(answer.error().retry_after_ms, 40'000);
  EXPECT_EQ(desk.http.calls.size(), 1u);  // the second was not sent
  desk.clock.advance_ms(41'000);
  desk.http.answer = [](const net::HttpCall&) -> Result<net::HttpAnswer> { return answered(200, "{}"); };
  EXPECT_TRUE(xrpc.call(desk.account, desk.state, some_query(), {}).ok());
}

// 5,000 points an hour, three for each post: https://docs.bsky.app/docs/advanced-guides/rate-limits
TEST(Xrpc, AnHoursPointsAreUsedAndNeverExceeded) {
  constexpr std::int64_t kHourMs = 3'600'000;
  Desk desk;
  std::int64_t left = 0;
  std::int64_t hour = -1;
  int posts = 0;
  int refusals = 0;
  desk.http.answer = [&](const net::HttpCall&) -> Result<net::HttpAnswer> {
    if (desk.clock.now_ms() / kHourMs != hour) {
      hour = desk.clock.now_ms() / kHourMs;
      left = 5'000;
    }
    const bool taken = left >= 3;
    taken ? ++posts : ++refusals;
    if (taken) left -= 3;
    auto answer = taken ? answered(200, "{}") : refused(429, "RateLimitExceeded");
    answer.headers.add("ratelimit-remaining", std::to_string(left));
    answer.headers.add("ratelimit-reset", std::to_string((hour + 1) * kHourMs / 1'000));
    return answer;
  };
  Xrpc xrpc(desk.tools);
  XrpcCall write = some_query();
  write.nsid = "com.atproto.repo.createRecord";
  write.procedure = true;
  const auto end = desk.clock.now_ms() / kHourMs * kHourMs + 4 * kHourMs;
  desk.clock.advance_ms(kHourMs - desk.clock.now_ms() % kHourMs);
  while (desk.clock.now_ms() < end) {  // more wants to leave than may, all the time
    const auto answer = xrpc.call(desk.account, desk.state, write, {});
    if (!answer.ok()) desk.clock.advance_ms(answer.error().retry_after_ms);
  }
  EXPECT_GE(posts, 3 * 1'666);  // all that three hours allow
  EXPECT_LE(refusals, 3);       // the two points that are left of an hour are known by a refusal
}

TEST(Xrpc, RetryAfterIsBelieved) {
  Desk desk;
  std::string after = "30";
  desk.http.answer = [&](const net::HttpCall&) -> Result<net::HttpAnswer> {
    auto answer = refused(429, "RateLimitExceeded");
    if (!after.empty()) answer.headers.add("retry-after", after);
    return answer;
  };
  Xrpc xrpc(desk.tools);
  EXPECT_EQ(xrpc.call(desk.account, desk.state, some_query(), {}).error().retry_after_ms, 30'000);
  desk.clock.advance_ms(31'000);
  after.clear();  // not told: a minute
  EXPECT_EQ(xrpc.call(desk.account, desk.state, some_query(), {}).error().retry_after_ms, 60'000);
}

TEST(Xrpc, ErrorsHaveTheirKinds) {
  const auto kind = [](int status, const char* error, bool procedure) {
    return xrpc_error(status, std::string(R"({"error":")") + error + "\"}", procedure).kind;
  };
  EXPECT_EQ(kind(400, "InvalidToken", false), ErrorKind::kUnauthenticated);
  EXPECT_EQ(kind(401, "AuthenticationRequired", false), ErrorKind::kUnauthenticated);
  EXPECT_EQ(kind(400, "AccountTakedown", false), ErrorKind::kUnauthenticated);
  EXPECT_EQ(kind(400, "RecordNotFound", false), ErrorKind::kNotFound);
  EXPECT_EQ(kind(400, "InvalidRequest", true), ErrorKind::kUnprocessable);
  EXPECT_EQ(kind(500, "InternalServerError", true), ErrorKind::kUnclear);
  EXPECT_EQ(kind(502, "UpstreamFailure", false), ErrorKind::kUnavailable);
  EXPECT_EQ(kind(501, "MethodNotImplemented", true), ErrorKind::kUnavailable);
  EXPECT_EQ(xrpc_error(502, "<html>", true).kind, ErrorKind::kUnclear);
}

}  // namespace
}  // namespace kiki::channels::bluesky
