// Every route × every role × one's own, a foreign and an unknown workspace, generated from the table of
// routes. The gate and the router are the real ones; the handlers are replaced by "yes", so what is tested is
// who gets that far. What a route needs stands once more in openapi.json, so a route that forgets its
// permission, or takes a smaller one, disagrees with the description and fails here.

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "api/all_routes.hpp"
#include "api/openapi.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "auth/test_people.hpp"
#include "store/test_store.hpp"

namespace kiki::api {
namespace {

using auth::Permission;
using auth::Role;
using auth::test_request;
using auth::TestPeople;
using auth::TestPerson;

constexpr int kYes = 299;

class AccessTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    people_ = std::make_unique<TestPeople>(store_->db());
    owner_ = people_->sign_in(people_->add_user("owner@example.com"));
    own_ = people_->add_workspace("Bakery", owner_.id);
    stranger_ = people_->sign_in(people_->add_user("stranger@example.com"));
    foreign_ = people_->add_workspace("Tea", stranger_.id);
    members_[Role::kOwner] = owner_;
    for (const Role role : {Role::kViewer, Role::kAgent, Role::kLead, Role::kAdministrator}) {
      const auto person = people_->sign_in(people_->add_user(std::string(name(role)) + "@example.com"));
      people_->add_member(own_, person.id, role);
      members_[role] = person;
    }
    account_token_ = TestPeople::must(people_->tokens.create({own_, people_->add_account(own_), std::nullopt,
                                                              "Shop", owner_.id}))
                         .secret;
    Router real(people_->gate);
    add_all_routes(real, services_);
    router_ = std::make_unique<Router>(people_->gate);
    for (const Route& route : real.routes()) {
      Route probe = route;
      probe.body = BodyRule::none();
      probe.handler = [](RequestContext&) -> Result<net::HttpResponse> {
        net::HttpResponse response;
        response.status = kYes;
        return response;
      };
      router_->add(std::move(probe));
    }
    ASSERT_GT(router_->routes().size(), 20u);
  }

  static std::string fill(std::string path, Id workspace_id) {
    for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
      const std::size_t close = path.find('}', open);
      const std::string value =
          path.substr(open, close - open) == "{workspace_id" ? to_string(workspace_id) : "12345";
      path.replace(open, close - open + 1, value);
    }
    return path;
  }
  int ask(const Route& route, Id workspace_id, const TestPerson* person) {
    return router_->handle(test_request(route.method, fill(route.path, workspace_id), person)).status;
  }
  int ask_with_token(const Route& route, Id workspace_id, const std::string& token) {
    auto request = test_request(route.method, fill(route.path, workspace_id));
    request.headers.set("Authorization", "Bearer " + token);
    return router_->handle(std::move(request)).status;
  }
  std::string role_token(Role role) {
    return TestPeople::must(people_->tokens.create({own_, 0, role, "Test", owner_.id})).secret;
  }

  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<TestPeople> people_;
  Services services_;
  std::unique_ptr<Router> router_;
  TestPerson owner_, stranger_;
  Id own_ = 0, foreign_ = 0;
  std::map<Role, TestPerson> members_;
  std::string account_token_;
};

TEST_P(AccessTest, EveryRoleGetsWhatTheMatrixSaysAndForeignWorkspacesDoNotExist) {
  for (const Route& route : router_->routes()) {
    SCOPED_TRACE(route.method + " " + route.path);
    const bool is_public = route.permission == Permission::kPublic;
    const bool is_inside = route.path.starts_with(kWorkspace);
    EXPECT_EQ(ask(route, own_, nullptr), is_public ? kYes : 401) << "no session";
    for (const auto& [role, person] : members_) {
      SCOPED_TRACE(name(role));
      if (is_inside) {
        EXPECT_EQ(ask(route, own_, &person), may(role, route.permission) ? kYes : 403);
        EXPECT_EQ(ask(route, foreign_, &person), 404);
        EXPECT_EQ(ask(route, 987'654'321, &person), 404);
        EXPECT_EQ(router_->handle(test_request(route.method, fill(route.path, 0), &person)).status, 404);
      } else if (is_public || route.permission == Permission::kOwnProfile) {
        EXPECT_EQ(ask(route, 0, &person), kYes);
      } else if (route.permission == Permission::kOpenChannel) {
        EXPECT_EQ(ask(route, 0, &person), 403);
      } else {
        EXPECT_EQ(ask(route, 0, &person), role >= Role::kAdministrator ? kYes : 403);
      }
    }
  }
}

TEST_P(AccessTest, TokensGetNoMoreThanTheirRoleOrAccount) {
  std::map<Role, std::string> tokens;
  for (const Role role : auth::kAllRoles) tokens[role] = role_token(role);
  for (const Route& route : router_->routes()) {
    SCOPED_TRACE(route.method + " " + route.path);
    const bool is_inside = route.path.starts_with(kWorkspace);
    const bool is_public = route.permission == Permission::kPublic;
    const bool is_open = route.permission == Permission::kOpenChannel;
    EXPECT_EQ(ask_with_token(route, own_, account_token_), is_public || is_open ? kYes : 403);
    if (is_inside) {
      EXPECT_EQ(ask_with_token(route, foreign_, account_token_), 404);
    }
    if (!is_public) {
      EXPECT_EQ(ask_with_token(route, own_, "kiki_nonsense"), 401);
    }
    for (const auto& [role, token] : tokens) {
      SCOPED_TRACE(name(role));
      bool allowed = is_public;
      if (is_inside) allowed = may(role, route.permission);
      if (route.permission == Permission::kSeeMetrics) allowed = role >= Role::kAdministrator;
      EXPECT_EQ(ask_with_token(route, own_, token), allowed ? kYes : 403);
      if (is_inside) {
        EXPECT_EQ(ask_with_token(route, foreign_, token), 404);
      }
    }
  }
}

TEST_P(AccessTest, NothingChangesWithoutTheCsrfToken) {
  TestPerson without = owner_;
  without.csrf = "";
  for (const Route& route : router_->routes()) {
    SCOPED_TRACE(route.method + " " + route.path);
    const bool needs_session =
        route.permission != Permission::kPublic && route.permission != Permission::kOpenChannel;
    if (!needs_session) continue;
    EXPECT_EQ(ask(route, own_, &without), route.method == "GET" ? kYes : 403);
    if (route.method == "GET") continue;
    auto cross_site = test_request(route.method, fill(route.path, own_), &owner_);
    cross_site.headers.set("Sec-Fetch-Site", "cross-site");
    EXPECT_EQ(router_->handle(std::move(cross_site)).status, 403);
  }
}

TEST_P(AccessTest, PublicRoutesAreTheseAndNoOthers) {
  std::set<std::string> found;
  for (const Route& route : router_->routes()) {
    if (route.permission == Permission::kPublic) found.insert(route.method + " " + route.path);
  }
  const std::set<std::string> expected = {"GET /healthz",
                                          "GET /readyz",
                                          "GET /hooks/{account_id}",
                                          "POST /hooks/{account_id}",
                                          "GET /files/{token}",
                                          "GET /connect/callback",
                                          "GET /p/{token}",
                                          "GET /chat/widget.js",
                                          "GET /chat/reach.js",
                                          "GET /chat/page.css",
                                          "GET /chat/{key}",
                                          "OPTIONS /chat/{key}/config",
                                          "GET /chat/{key}/config",
                                          "OPTIONS /chat/{key}/messages",
                                          "GET /chat/{key}/messages",
                                          "POST /chat/{key}/messages",
                                          "OPTIONS /chat/{key}/events",
                                          "GET /chat/{key}/events",
                                          "OPTIONS /chat/{key}/typing",
                                          "POST /chat/{key}/typing",
                                          "OPTIONS /chat/{key}/read",
                                          "POST /chat/{key}/read",
                                          "OPTIONS /chat/{key}/files",
                                          "POST /chat/{key}/files",
                                          "OPTIONS /chat/{key}/files/{file_id}",
                                          "GET /chat/{key}/files/{file_id}",
                                          "GET /reach/{key}",
                                          "GET /reach/{key}/data",
                                          "GET /api/v1/setup",
                                          "POST /api/v1/setup",
                                          "POST /api/v1/session",
                                          "POST /api/v1/session/link",
                                          "GET /api/v1/openapi.json",
                                          "GET /api/v1/invitations/{token}/accept",
                                          "POST /api/v1/invitations/{token}/accept"};
  EXPECT_EQ(found, expected);
}

INSTANTIATE_TEST_SUITE_P(Stores, AccessTest, store::test_dialects(), store::test_dialect_name);

// The table of routes and the description are the same list, with the same permissions.
TEST(OpenApi, DescribesEveryRouteAndNothingElse) {
  auto store = store::TestStore::make(store::Dialect::kSqlite);
  TestPeople people(store->db());
  Router router(people.gate);
  Services services;
  add_all_routes(router, services);
  std::set<std::string> routes;
  for (const Route& route : router.routes()) {
    if (!route.path.starts_with("/api/"))
      continue;  // healthz, readyz, metrics: for machines, in docs/operate
    routes.insert(route.method + " " + route.path + " " + std::string(name(route.permission)));
  }
  std::set<std::string> described;
  const auto document = json::parse(openapi_document()).as_object();
  for (const auto& [path, methods] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : methods.as_object()) {
      std::string upper(method);
      for (char& c : upper) c = static_cast<char>(c - 32);
      described.insert(upper + " " + std::string(path) + " " +
                       json::value_to<std::string>(operation.as_object().at("x-permission")));
    }
  }
  std::set<std::string> undescribed, unserved;
  std::set_difference(routes.begin(), routes.end(), described.begin(), described.end(),
                      std::inserter(undescribed, undescribed.end()));
  std::set_difference(described.begin(), described.end(), routes.begin(), routes.end(),
                      std::inserter(unserved, unserved.end()));
  EXPECT_EQ(undescribed, std::set<std::string>{}) << "add them to src/api/openapi.json";
  EXPECT_EQ(unserved, std::set<std::string>{}) << "described, but there is no such route";
}

}  // namespace
}  // namespace kiki::api
