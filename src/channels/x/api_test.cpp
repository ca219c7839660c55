// Tokens, money, limits and the words of X's errors.
#include "channels/x/api.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include "channels/x/connect.hpp"
#include "channels/x/fake_x_test.hpp"
#include "channels/x/spend.hpp"

namespace kiki::channels::x {
namespace {

ApiCall get(std::string path, std::int64_t cost = 0) {
  ApiCall call;
  call.path = std::move(path);
  call.cost = cost;
  return call;
}

ApiCall post(std::string path) {
  ApiCall call;
  call.method = "POST";
  call.path = std::move(path);
  call.body = "{}";
  return call;
}

using ApiTest = XTest;

// As X: a refresh token is good once.
struct TokenServer {
  std::mutex mutex;
  std::string refresh = "r1";
  std::string access = "a1";
  int refreshes = 0;
  int refused = 0;
  Result<net::HttpAnswer> operator()(const net::HttpCall& call) {
    const std::lock_guard lock(mutex);
    if (call.url.ends_with("/2/oauth2/token")) {
      const auto form = read_form(call.body);
      if (value_of(form, "refresh_token") != refresh) {
        ++refused;
        return answered(
            400,
            R"({"error":"invalid_request","error_description":"Value passed for the token was invalid."})");
      }
      ++refreshes;
      refresh = "r" + std::to_string(refreshes + 1);
      access = "a" + std::to_string(refreshes);
      return answered(200, R"({"token_type":"bearer","expires_in":7200,"access_token":")" + access +
                               R"(","refresh_token":")" + refresh + "\"}");
    }
    if (call.headers.get("Authorization") != "Bearer " + access)
      return answered(401, R"({"title":"Unauthorized","status":401})");
    return answered(200, R"({"data":{"id":"1"}})");
  }
};

TEST_F(ApiTest, ADeadTokenIsRenewedAndThePairKept) {
  TokenServer server;
  http.answer = std::ref(server);
  ASSERT_TRUE(api.call(account, state, get("/2/users/me"), {}).ok());
  EXPECT_EQ(state.secrets["access_token"], "a1");
  EXPECT_EQ(state.secrets["refresh_token"], "r2");
  EXPECT_EQ(state.stores, 1);  // in one step: there is no moment with half a pair
  EXPECT_EQ(state.secrets["expires_at"], std::to_string(clock.now_ms() + 7'200'000));
}

TEST_F(ApiTest, RenewsBeforeTheEnd) {
  TokenServer server;
  http.answer = std::ref(server);
  ASSERT_TRUE(api.call(account, state, get("/2/users/me"), {}).ok());
  http.calls.clear();
  clock.advance_ms(7'200'000 - 30'000);
  ASSERT_TRUE(api.call(account, state, get("/2/users/me"), {}).ok());
  ASSERT_EQ(http.calls.size(), 2u);  // no 401 was needed to know
  EXPECT_TRUE(http.calls[0].url.ends_with("/2/oauth2/token"));
  EXPECT_EQ(state.secrets["refresh_token"], "r3");
}

TEST_F(ApiTest, ManyThreadsRenewOnce) {
  TokenServer server;
  http.answer = std::ref(server);
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&] { good += api.call(account, state, get("/2/users/me"), {}).ok() ? 1 : 0; });
    }
  }
  EXPECT_EQ(good, 16);
  EXPECT_EQ(server.refreshes, 1);
  EXPECT_EQ(server.refused, 0);
}

TEST_F(ApiTest, ARefusedRefreshTokenNeedsAPersonAndIsNotTriedAgain) {
  TokenServer server;
  http.answer = std::ref(server);
  state.secrets["refresh_token"] = "stolen";
  for (int turn = 0; turn < 3; ++turn) {
    const auto answer = api.call(account, state, get("/2/users/me"), {});
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().kind, ErrorKind::kUnauthenticated);
    EXPECT_EQ(answer.error().code, "session_ended");
  }
  EXPECT_EQ(server.refused, 1);
  state.secrets["refresh_token"] = "r1";  // connected again
  EXPECT_TRUE(api.call(account, state, get("/2/users/me"), {}).ok());
}

TEST_F(ApiTest, ALostRefreshIsNoReasonToCallAPerson) {
  http.answer = [](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.ends_with("/token")) return Error{ErrorKind::kUnclear, "reset", {}, {}, 0};
    return answered(401, "{}");
  };
  const auto answer = api.call(account, state, get("/2/users/me"), {});
  EXPECT_EQ(answer.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(state.secrets["refresh_token"], "r1");
}

TEST_F(ApiTest, OAuth1SignsWhatIsCalled) {
  account.settings = R"({"auth":"oauth1","consumer_key":"ck"})";
  state.secrets = {{"access_token", "t"}, {"access_token_secret", "ts"}, {"consumer_secret", "cs"}};
  http.answer = [](const net::HttpCall&) { return answered(200, "{}"); };
  auto call = get("/2/users/1/mentions");
  call.query = {{"max_results", "5"}, {"tweet.fields", "a,b"}};
  ASSERT_TRUE(api.call(account, state, call, {}).ok());
  const auto header = http.calls[0].headers.get("Authorization");
  EXPECT_TRUE(header.starts_with("OAuth oauth_consumer_key=\"ck\"")) << header;
  EXPECT_EQ(http.calls[0].url, "https://api.x.com/2/users/1/mentions?max_results=5&tweet.fields=a%2Cb");
}

TEST_F(ApiTest, OAuth1SignsAnewAtXsTimeWhenOurClockIsWrong) {
  account.settings = R"({"auth":"oauth1","consumer_key":"ck"})";
  state.secrets = {{"access_token", "t"}, {"access_token_secret", "ts"}, {"consumer_secret", "cs"}};
  const auto signed_at = [](const net::HttpCall& call) {
    static constexpr std::string_view kName = "oauth_timestamp=\"";
    const std::string header(call.headers.get("Authorization"));
    return std::stoll(header.substr(header.find(kName) + kName.size()));
  };
  const auto here_s = clock.now_ms() / 1'000;  // 25 July 2026 17:20; X says 18:20
  http.answer = [&](const net::HttpCall& call) {
    const bool good = std::abs(signed_at(call) - (here_s + 3'600)) < 300;
    return answered(good ? 200 : 401, good ? R"({"data":{"id":"1"}})" : "{}",
                    {{"date", "Sat, 25 Jul 2026 18:20:00 GMT"}});
  };
  ASSERT_TRUE(api.call(account, state, get("/2/users/me"), {}).ok());
  ASSERT_EQ(http.calls.size(), 2u);
  EXPECT_EQ(signed_at(http.calls[0]), here_s);
  ASSERT_TRUE(api.call(account, state, get("/2/users/me"), {}).ok());
  EXPECT_EQ(http.calls.size(), 3u);  // what was learnt is kept
  // A refusal at the right time is a dead token, and is not asked twice.
  http.answer = [](const net::HttpCall&) {
    return answered(401, "{}", {{"date", "Sat, 25 Jul 2026 18:20:00 GMT"}});
  };
  EXPECT_EQ(api.call(account, state, get("/2/users/me"), {}).error().kind, ErrorKind::kUnauthenticated);
  EXPECT_EQ(http.calls.size(), 4u);
}

TEST_F(ApiTest, MoneyIsTakenBeforeTheCallAndStopsBeforeTheLimit) {
  account.settings = R"({"auth":"oauth2","budget_usd_per_day":"0.02"})";
  http.answer = [&](const net::HttpCall&) {
    EXPECT_EQ(state.cursors[spend_counter(clock.now_ms())], "15000");
    return answered(200, "{}");
  };
  ASSERT_TRUE(api.call(account, state, get("/2/a", 15'000), {}).ok());
  const auto stopped = api.call(account, state, get("/2/a", 15'000), {});
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().kind, ErrorKind::kRateLimited);
  EXPECT_EQ(stopped.error().code, "budget");
  EXPECT_EQ(stopped.error().retry_after_ms, next_utc_day(clock.now_ms()) - clock.now_ms());
  EXPECT_EQ(http.calls.size(), 1u);
  clock.advance_ms(86'400'000);
  http.answer = [](const net::HttpCall&) { return answered(200, "{}"); };
  EXPECT_TRUE(api.call(account, state, get("/2/a", 15'000), {}).ok());
}

TEST_F(ApiTest, WhatWasRefusedIsGivenBackAndWhatIsUnclearIsNot) {
  const auto spent = [&] { return state.cursors[spend_counter(clock.now_ms())]; };
  http.answer = [](const net::HttpCall&) { return answered(403, "{}"); };
  auto call = post("/2/tweets");
  call.cost = 10'000;
  EXPECT_FALSE(api.call(account, state, call, {}).ok());
  EXPECT_EQ(spent(), "0");
  http.answer = [](const net::HttpCall&) { return answered(503, ""); };
  EXPECT_EQ(api.call(account, state, call, {}).error().kind, ErrorKind::kUnclear);
  EXPECT_EQ(spent(), "10000");
}

TEST_F(ApiTest, WaitsUntilXSaysTheLimitEnds) {
  const auto reset_s = clock.now_ms() / 1'000 + 90;
  http.answer = [&](const net::HttpCall&) {
    return answered(429, "{}",
                    {{"x-rate-limit-reset", std::to_string(reset_s)}, {"x-rate-limit-remaining", "0"}});
  };
  auto limited = api.call(account, state, get("/2/a"), {});
  EXPECT_EQ(limited.error().kind, ErrorKind::kRateLimited);
  EXPECT_EQ(limited.error().retry_after_ms, reset_s * 1'000 - clock.now_ms());
  EXPECT_FALSE(api.call(account, state, get("/2/a"), {}).ok());
  EXPECT_EQ(http.calls.size(), 1u);  // the second was not sent
  http.answer = [](const net::HttpCall&) { return answered(200, "{}"); };
  EXPECT_TRUE(api.call(account, state, get("/2/b"), {}).ok());  // counted apart
  clock.advance_ms(91'000);
  EXPECT_TRUE(api.call(account, state, get("/2/a"), {}).ok());
}

TEST_F(ApiTest, WithoutHeadersA429WaitsAMinute) {
  http.answer = [](const net::HttpCall&) {
    return answered(429, R"({"errors":[{"code":88,"message":"Rate limit exceeded"}]})");
  };
  EXPECT_EQ(api.call(account, state, get("/2/a"), {}).error().retry_after_ms, 60'000);
}

TEST(ApiError, SaysWhatItMeans) {
  const auto says = [](int status, std::string_view body, bool writes = true) {
    return api_error(status, body, writes);
  };
  const auto refused =
      says(403, R"({"title":"Forbidden","detail":"You can only reply to or quote posts where you are )"
                R"(mentioned or are the author.","type":"about:blank","status":403})");
  EXPECT_EQ(refused.kind, ErrorKind::kUnprocessable);
  EXPECT_EQ(refused.code, "not_summoned");
  EXPECT_EQ(says(403, R"({"detail":"You are not allowed to create a Tweet with duplicate content."})").code,
            "duplicate");
  EXPECT_EQ(says(403, R"({"type":"https://api.twitter.com/2/problems/client-forbidden"})").code,
            "not_allowed");
  EXPECT_EQ(says(403, "<html>").code, "not_allowed");
  EXPECT_EQ(says(402, R"({"title":"CreditsDepleted"})").code, "credits_depleted");
  EXPECT_EQ(says(404, R"({"type":"https://api.x.com/2/problems/resource-not-found"})").code,
            "resource-not-found");
  EXPECT_EQ(says(500, "").kind, ErrorKind::kUnclear);
  EXPECT_EQ(says(500, "", false).kind, ErrorKind::kUnavailable);
  EXPECT_EQ(says(302, "").kind, ErrorKind::kUnclear);
  EXPECT_EQ(says(400, "{}").kind, ErrorKind::kUnprocessable);
  EXPECT_EQ(says(400, "{}", false).kind, ErrorKind::kInvalid);
  EXPECT_EQ(says(401, "").kind, ErrorKind::kUnauthenticated);
}

TEST(Dollars, AsPeopleWriteThem) {
  EXPECT_EQ(read_dollars("5"), 5'000'000);
  EXPECT_EQ(read_dollars("0.50"), 500'000);
  EXPECT_EQ(read_dollars("0.000001"), 1);
  for (const auto* wrong : {"", "-1", "1.", ".5", "1.0000001", "5 $", "1e3", "9999999"})
    EXPECT_FALSE(read_dollars(wrong)) << wrong;
}

// --- connecting ---

const char* const kMe = R"({"data":{"id":"1111111111111111111","name":"Example","username":"ExampleUser"}})";

TEST_F(ApiTest, PastedTokensOfBothKinds) {
  http.answer = [](const net::HttpCall&) { return answered(200, kMe); };
  auto one = connect_account(api,
                             {{"consumer_key", "ck"},
                              {"consumer_secret", "cs"},
                              {"access_token", " t "},
                              {"access_token_secret", "ts"}},
                             {});
  ASSERT_TRUE(one.ok()) << one.error().message;
  EXPECT_EQ(one->external_id, "1111111111111111111");
  EXPECT_EQ(one->handle, "ExampleUser");
  EXPECT_EQ(value_of(one->secrets, "access_token"), "t");
  EXPECT_EQ(one->settings.find("cs"), std::string::npos);  // secrets are no settings
  EXPECT_NE(one->settings.find(R"("auth":"oauth1")"), std::string::npos);
  auto two = connect_account(api, {{"access_token", "t"}}, {});
  ASSERT_TRUE(two.ok());
  EXPECT_NE(two->settings.find(R"("auth":"oauth2")"), std::string::npos);
  EXPECT_NE(two->settings.find(R"("reply_rule":"summoned")"), std::string::npos);
  // Nothing of the first way stays behind: the second clears it.
  EXPECT_EQ(value_of(two->secrets, "access_token_secret"), "");
  EXPECT_TRUE(std::ranges::any_of(two->secrets,
                                  [](const auto& pair) { return pair.first == "access_token_secret"; }));
}

TEST_F(ApiTest, AFaultNamesItsField) {
  http.answer = [](const net::HttpCall&) { return answered(401, "{}"); };
  const auto where = [&](Params fields) {
    const auto made = connect_account(api, fields, {});
    return made.ok() ? "ok" : made.error().kind == ErrorKind::kInvalid ? made.error().where : "other";
  };
  EXPECT_EQ(where({}), "access_token");
  EXPECT_EQ(where({{"access_token", "t"}}), "access_token");
  EXPECT_EQ(where({{"access_token", "t"}, {"access_token_secret", "s"}}), "consumer_key");
  EXPECT_EQ(where({{"refresh_token", "t"}}), "client_id");
  EXPECT_EQ(where({{"access_token", "t"}, {"reply_rule", "all"}}), "reply_rule");
  EXPECT_EQ(where({{"access_token", "t"}, {"budget_usd_per_day", "much"}}), "budget_usd_per_day");
  EXPECT_EQ(where({{"access_token", "t\r\nHost: evil"}}), "access_token");
}

TEST_F(ApiTest, SignsInWithPkce) {
  const Params fields = {{"client_id", "app"}, {"client_secret", "shh"}, {"consumer_secret", "cs"}};
  auto start = begin_sign_in(api, tools, options, fields, "https://desk.example/back", {});
  ASSERT_TRUE(start.ok());
  const auto query = read_form(start->authorize_url.substr(start->authorize_url.find('?') + 1));
  EXPECT_EQ(value_of(query, "redirect_uri"), "https://desk.example/back");
  EXPECT_EQ(value_of(query, "code_challenge"), pkce_challenge(value_of(start->keep, "verifier")));
  EXPECT_EQ(value_of(query, "state"), start->state);
  EXPECT_NE(value_of(query, "scope").find("offline.access"), std::string_view::npos);
  EXPECT_EQ(start->authorize_url.find("shh"), std::string::npos);

  http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (!call.url.ends_with("/2/oauth2/token")) return answered(200, kMe);
    const auto form = read_form(call.body);
    EXPECT_EQ(value_of(form, "grant_type"), "authorization_code");
    EXPECT_EQ(value_of(form, "code"), "c0de");
    EXPECT_EQ(value_of(form, "code_verifier"), value_of(start->keep, "verifier"));
    EXPECT_EQ(call.headers.get("Authorization"), "Basic YXBwOnNoaA==");
    return answered(200, R"({"access_token":"a","refresh_token":"r","expires_in":7200})");
  };
  auto made = finish_sign_in(api, start->keep, {{"state", start->state}, {"code", "c0de"}},
                             "https://desk.example/back", {});
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ(value_of(made->secrets, "refresh_token"), "r");
  EXPECT_EQ(value_of(made->secrets, "consumer_secret"), "cs");

  const auto code_of = [&](Params answer) {
    const auto again = finish_sign_in(api, start->keep, answer, "https://desk.example/back", {});
    return again.ok() ? "ok" : again.error().code;
  };
  EXPECT_EQ(code_of({{"state", "guessed"}, {"code", "c0de"}}), "sign_in_again");
  EXPECT_EQ(code_of({{"error", "access_denied"}, {"state", start->state}}), "sign_in_refused");
  http.answer = [](const net::HttpCall&) { return answered(400, R"({"error":"invalid_grant"})"); };
  EXPECT_EQ(code_of({{"state", start->state}, {"code", "late"}}), "sign_in_again");
}

TEST_F(ApiTest, SignsInWithOAuth1) {
  http.answer = [](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.ends_with("/oauth/request_token"))
      return answered(200, "oauth_token=rt&oauth_token_secret=rs&oauth_callback_confirmed=true");
    if (call.url.ends_with("/oauth/access_token"))
      return answered(200, "oauth_token=t&oauth_token_secret=ts&user_id=1&screen_name=e");
    return answered(200, kMe);
  };
  const Params fields = {{"consumer_key", "ck"}, {"consumer_secret", "cs"}};
  auto start = begin_sign_in(api, tools, options, fields, "https://desk.example/back", {});
  ASSERT_TRUE(start.ok()) << start.error().message;
  EXPECT_EQ(start->state, "rt");
  EXPECT_EQ(start->authorize_url, "https://api.x.com/oauth/authorize?oauth_token=rt");
  auto made = finish_sign_in(api, start->keep, {{"oauth_token", "rt"}, {"oauth_verifier", "v"}}, "", {});
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ(value_of(made->secrets, "access_token_secret"), "ts");
  EXPECT_NE(made->settings.find("oauth1"), std::string::npos);
}

}  // namespace
}  // namespace kiki::channels::x
