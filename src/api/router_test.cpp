#include "api/router.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "auth/test_people.hpp"
#include "base/log.hpp"
#include "store/test_store.hpp"

namespace kiki::api {
namespace {

using auth::Permission;
using auth::test_request;

class RouterTest : public testing::Test {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, store::Dialect::kSqlite);
    people_ = std::make_unique<auth::TestPeople>(store_->db());
    owner_ = people_->sign_in(people_->add_user("owner@example.com"));
    workspace_ = people_->add_workspace("Bakery", owner_.id);
    router_ = std::make_unique<Router>(people_->gate);
    const auto says = [](std::string text) {
      return [text](RequestContext&) -> Result<net::HttpResponse> { return ok(json::value(text)); };
    };
    router_->add(
        {"GET", in_workspace("/cases/counts"), Permission::kReadDesk, BodyRule::none(), says("counts")});
    router_->add({"GET", in_workspace("/cases/{case_id}"), Permission::kReadDesk, BodyRule::none(),
                  [](RequestContext& context) -> Result<net::HttpResponse> {
                    return ok(json::value(TRY(context.id("case_id"))));
                  }});
    router_->add({"PATCH", in_workspace("/cases/{case_id}"), Permission::kWorkCases, BodyRule::json(100),
                  [](RequestContext& context) -> Result<net::HttpResponse> {
                    TRY(context.only_members({"title"}));
                    return ok(json::value(TRY(context.body()["title"].string(50))));
                  }});
    router_->add({"POST", "/api/v1/echo", Permission::kPublic, BodyRule::optional_json(),
                  [](RequestContext& context) -> Result<net::HttpResponse> {
                    return ok(json::value(context.body().exists()));
                  }});
    router_->add({"GET", "/api/v1/list", Permission::kPublic, BodyRule::none(),
                  [](RequestContext& context) -> Result<net::HttpResponse> {
                    const int limit = TRY(context.limit());
                    auto cursor = TRY(context.cursor());
                    const auto after = cursor ? TRY(cursor->root()["n"].integer()) : 0;
                    return page({limit, after}, encode_cursor({{"n", after + limit}}));
                  }});
    router_->add(
        {"GET", "/api/v1/broken", Permission::kPublic, BodyRule::none(),
         [](RequestContext&) -> Result<net::HttpResponse> { return internal_error("a secret path /x"); }});
    router_->add({"GET", "/api/v1/slow", Permission::kPublic, BodyRule::none(),
                  [](RequestContext&) -> Result<net::HttpResponse> {
                    return Error{ErrorKind::kRateLimited, "Wait.", {}, "throttled", 1'200};
                  }});
    router_->set_fallback([](const net::HttpRequest&) {
      net::HttpResponse response;
      response.headers.set("Cache-Control", "no-cache");
      response.body = "console";
      return response;
    });
  }
  net::HttpResponse ask(net::HttpRequest request) { return router_->handle(std::move(request)); }
  net::HttpResponse get(const std::string& path) { return ask(test_request("GET", path, &owner_)); }
  std::string inside(const std::string& rest) { return "/api/v1/workspaces/" + to_string(workspace_) + rest; }
  net::HttpRequest patch(std::string body, std::string type = "application/json") {
    auto request = test_request("PATCH", inside("/cases/5"), &owner_);
    request.headers.set("Content-Type", std::move(type));
    request.body = std::move(body);
    return request;
  }
  static json::object parse(const net::HttpResponse& response) {
    return json::parse(response.body).as_object();
  }

  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<auth::TestPeople> people_;
  std::unique_ptr<Router> router_;
  auth::TestPerson owner_;
  Id workspace_ = 0;
};

TEST_F(RouterTest, LiteralSegmentsWinOverParameters) {
  EXPECT_EQ(get(inside("/cases/counts")).body, "\"counts\"");
  EXPECT_EQ(get(inside("/cases/41")).body, "41");
  EXPECT_EQ(get(inside("/cases/nonsense")).status, 404);
  EXPECT_EQ(get(inside("/cases/")).status, 404);
  EXPECT_EQ(get(inside("/cases/41/x")).status, 404);
}

TEST_F(RouterTest, EveryAnswersTimeIsCountedUnderItsGroup) {
  Metrics metrics;
  router_->measure(metrics);
  get(inside("/cases/counts"));
  get(inside("/cases/7"));
  get(inside("/cases/seven"));
  get("/api/v1/list");
  get("/settings");
  get("/api/v1/nothing");
  const auto text = metrics.render();
  const auto count = [&](const std::string& group) {
    const auto line = "kikimimi_http_request_seconds_count{group=\"" + group + "\"} ";
    const auto at = text.find(line);
    return at == std::string::npos ? -1 : std::stoi(text.substr(at + line.size()));
  };
  EXPECT_EQ(count("cases"), 3);
  EXPECT_EQ(count("list"), 1);
  EXPECT_EQ(count("echo"), 0);
  EXPECT_EQ(count("console"), 1);
  EXPECT_EQ(count("other"), 1);
  EXPECT_EQ(group_of("/api/v1/workspaces/{workspace_id}"), "workspaces");
  EXPECT_EQ(group_of("/api/v1/open/posts"), "open");
  EXPECT_EQ(group_of("/healthz"), "healthz");
}

TEST_F(RouterTest, ProblemsSayWhatWhereAndWhich) {
  const auto response = get("/api/v1/nothing");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json; charset=utf-8");
  const auto body = parse(response);
  EXPECT_EQ(body.at("status"), 404);
  EXPECT_EQ(body.at("type"), "urn:kikimimi:problem:not_found");
  EXPECT_EQ(body.at("request_id"), "test");
  const auto wrong = parse(ask(patch("{\"title\":7}")));
  EXPECT_EQ(wrong.at("where"), "/title");
  EXPECT_EQ(parse(ask(patch("{\"titel\":\"x\"}"))).at("where"), "/titel");
}

TEST_F(RouterTest, OurOwnFaultsAreNotExplainedOutside) {
  log::Capture log;
  const auto response = get("/api/v1/broken");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  EXPECT_NE(log.text().find("a secret path"), std::string::npos);
}

TEST_F(RouterTest, WaitingIsToldInTheHeaderToo) {
  const auto response = get("/api/v1/slow");
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.headers.get("Retry-After"), "2");
  EXPECT_EQ(parse(response).at("retry_after_ms"), 1'200);
}

TEST_F(RouterTest, AnotherMethodIs405WithWhatIsAllowed) {
  const auto response = ask(test_request("DELETE", inside("/cases/41"), &owner_));
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.get("Allow"), "GET, HEAD, PATCH");
}

TEST_F(RouterTest, BodiesAreHeldToTheirRule) {
  EXPECT_EQ(ask(patch("{\"title\":\"x\"}")).status, 200);
  EXPECT_EQ(ask(patch("{\"title\":\"x\"}", "Application/JSON ; charset=utf-8")).status, 200);
  EXPECT_EQ(ask(patch("{\"title\":\"x\"}", "text/plain")).status, 415);
  EXPECT_EQ(ask(patch("{\"title\":\"x\"}", "")).status, 415);
  EXPECT_EQ(ask(patch("{\"title\":")).status, 400);
  EXPECT_EQ(ask(patch("[]")).status, 400);
  EXPECT_EQ(ask(patch("")).status, 400);
  EXPECT_EQ(ask(patch("{\"title\":\"" + std::string(100, 'x') + "\"}")).status, 413);
  EXPECT_EQ(ask(patch(std::string(60, '['))).status, 400);
  auto optional = test_request("POST", "/api/v1/echo");
  EXPECT_EQ(ask(optional).body, "false");
  optional.body = "{}";
  EXPECT_EQ(ask(optional).status, 415);
  optional.headers.set("Content-Type", "application/json");
  EXPECT_EQ(ask(optional).body, "true");
}

TEST_F(RouterTest, TheServerAsksForBodyLimitsByPath) {
  EXPECT_EQ(router_->body_limit_bytes(test_request("PATCH", inside("/cases/5"))), 100u);
  EXPECT_EQ(router_->body_limit_bytes(test_request("GET", inside("/cases/5"))), 0u);
  EXPECT_GT(router_->body_limit_bytes(test_request("POST", "/api/v1/nothing")), 0u) << "enough to answer 404";
  EXPECT_LT(router_->body_limit_bytes(test_request("POST", "/api/v1/nothing")), 100'000u);
}

TEST_F(RouterTest, PagesAndCursors) {
  auto request = test_request("GET", "/api/v1/list");
  request.query = {{"limit", "20"}};
  const auto first = parse(ask(request));
  EXPECT_EQ(first.at("items"), json::value({20, 0}));
  request.query.emplace_back("cursor", json::value_to<std::string>(first.at("next_cursor")));
  EXPECT_EQ(parse(ask(request)).at("items"), json::value({20, 20}));
  for (const char* wrong : {"0", "201", "-1", "x", "1e3", "99999999999999999999"}) {
    request.query = {{"limit", wrong}};
    EXPECT_EQ(parse(ask(request)).at("where"), "limit") << wrong;
  }
  for (const char* wrong : {"!", "e30", "W10", "AAAA"}) {
    request.query = {{"cursor", wrong}};
    EXPECT_EQ(ask(request).status, 400) << wrong;
  }
}

TEST_F(RouterTest, EveryAnswerCarriesTheSecurityHeaders) {
  for (const char* path : {"/api/v1/nothing", "/api/v1/list", "/some/place"}) {
    const auto response = get(path);
    EXPECT_TRUE(response.headers.get("Content-Security-Policy").find("frame-ancestors 'none'") !=
                std::string::npos);
    EXPECT_EQ(response.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_FALSE(response.headers.get("Referrer-Policy").empty());
    EXPECT_FALSE(response.headers.get("Cross-Origin-Opener-Policy").empty());
  }
  EXPECT_EQ(get("/api/v1/list").headers.get("Cache-Control"), "no-store");
  EXPECT_EQ(get("/some/place").headers.get("Cache-Control"), "no-cache");
  EXPECT_EQ(get("/some/place").body, "console");
  EXPECT_EQ(get("/api").status, 404) << "the console does not answer for the API";
  EXPECT_EQ(ask(test_request("POST", "/some/place")).status, 404);
}

TEST_F(RouterTest, APublicRouteIgnoresOldCookiesButNotOtherSites) {
  auth::TestPerson old = owner_;
  old.token[0] = old.token[0] == 'A' ? 'B' : 'A';
  auto request = test_request("POST", "/api/v1/echo", &old);
  EXPECT_EQ(ask(request).status, 200);
  request.headers.set("Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(ask(request).status, 403);
}

using RouterDeathTest = RouterTest;

TEST_F(RouterDeathTest, ARouteMustHaveThePermissionOfItsPlace) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // the store has threads of its own
  const auto add = [&](std::string path, Permission permission) {
    router_->add({"GET", std::move(path), permission, BodyRule::none(),
                  [](RequestContext&) -> Result<net::HttpResponse> { return no_content(); }});
  };
  EXPECT_DEATH(add("/api/v1/new", Permission::kUnset), "CHECK|permission");
  EXPECT_DEATH(add(in_workspace("/new"), Permission::kPublic), "is_inside_workspace");
  EXPECT_DEATH(add("/api/v1/new", Permission::kReadDesk), "is_inside_workspace");
  EXPECT_DEATH(add("/api/v1/list", Permission::kPublic), "method");
}

}  // namespace
}  // namespace kiki::api
