#include <gtest/gtest.h>

#include "auth/test_people.hpp"
#include "store/test_store.hpp"

namespace kiki::auth {
namespace {

constexpr TimeMs kDayMs = 24LL * 60 * 60 * 1'000;

class GateTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    people_ = std::make_unique<TestPeople>(store_->db());
    owner_ = people_->sign_in(people_->add_user("owner@example.com"));
    workspace_ = people_->add_workspace("Bakery", owner_.id);
  }
  // Writes of nobody's concern (last seen …) are through once a later one is.
  void wait_for_writer() {
    TestPeople::must(store_->db().writer().write([](store::Transaction&) -> Result<void> { return {}; }));
  }
  std::string code_of(const net::HttpRequest& request) {
    const auto principal = people_->gate.authenticate(request);
    return principal.ok() ? "" : principal.error().code;
  }
  ErrorKind refusal(const Principal& principal, Id workspace_id, Permission permission) {
    const auto access = people_->gate.authorize(principal, workspace_id, permission);
    EXPECT_FALSE(access.ok());
    return access.ok() ? ErrorKind::kInternal : access.error().kind;
  }
  Principal who(const net::HttpRequest& request) {
    return TestPeople::must(people_->gate.authenticate(request));
  }

  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<TestPeople> people_;
  TestPerson owner_;
  Id workspace_ = 0;
};

TEST_P(GateTest, KnowsPeopleByTheirCookie) {
  const auto principal = who(test_request("GET", "/x", &owner_));
  EXPECT_TRUE(principal.is_user());
  EXPECT_EQ(principal.user_id, owner_.id);
  EXPECT_EQ(principal.language, "en");
  EXPECT_EQ(principal.csrf_token, owner_.csrf);
  EXPECT_EQ(who(test_request("GET", "/x")).kind, Principal::Kind::kAnonymous);
}

TEST_P(GateTest, AWrongCookieIsNotNobody) {
  TestPerson stranger = owner_;
  stranger.token.back() = stranger.token.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(code_of(test_request("GET", "/x", &stranger)), "session_ended");
  stranger.token = std::string(100'000, 'A');
  EXPECT_EQ(code_of(test_request("GET", "/x", &stranger)), "session_ended");
}

TEST_P(GateTest, ASessionLivesFourteenDaysAfterItsLastUse) {
  for (int day = 0; day < 30; day += 10) {
    people_->clock.advance_ms(10 * kDayMs);
    EXPECT_EQ(code_of(test_request("GET", "/x", &owner_)), "") << day;
    wait_for_writer();
  }
  people_->clock.advance_ms(14 * kDayMs + 1);
  EXPECT_EQ(code_of(test_request("GET", "/x", &owner_)), "session_ended");
}

TEST_P(GateTest, LastSeenIsWrittenAtMostOnceAMinute) {
  const auto last_seen = [&] {
    wait_for_writer();
    auto reader = TestPeople::must(store_->db().reader());
    return *TestPeople::must(reader->one("SELECT last_seen_at FROM sessions", {},
                                         [](const store::Row& row) { return row.integer(0); }));
  };
  const TimeMs start = last_seen();
  people_->clock.advance_ms(kSessionSeenEveryMs - 1);
  (void)who(test_request("GET", "/x", &owner_));
  EXPECT_EQ(last_seen(), start);
  people_->clock.advance_ms(1);
  (void)who(test_request("GET", "/x", &owner_));
  EXPECT_EQ(last_seen(), start + kSessionSeenEveryMs);
}

TEST_P(GateTest, UnsafeRequestsNeedTheCsrfToken) {
  EXPECT_EQ(code_of(test_request("POST", "/x", &owner_)), "");
  TestPerson without = owner_;
  without.csrf = "";
  EXPECT_EQ(code_of(test_request("POST", "/x", &without)), "csrf");
  EXPECT_EQ(code_of(test_request("DELETE", "/x", &without)), "csrf");
  EXPECT_EQ(code_of(test_request("GET", "/x", &without)), "");
  const auto other = people_->sign_in(owner_.id);
  without.csrf = other.csrf;
  EXPECT_EQ(code_of(test_request("POST", "/x", &without)), "csrf") << "the token of another session";
}

TEST_P(GateTest, UnsafeRequestsOfOtherSitesAreRefused) {
  auto request = test_request("POST", "/x", &owner_);
  request.headers.set("Origin", "https://evil.example");
  EXPECT_EQ(code_of(request), "csrf");
  request.headers.set("Origin", "null");
  EXPECT_EQ(code_of(request), "csrf");
  request.headers.set("Origin", "http://desk.example");
  EXPECT_EQ(code_of(request), "");
  request.headers.set("Sec-Fetch-Site", "same-site");
  EXPECT_EQ(code_of(request), "csrf");
  request.headers.set("Sec-Fetch-Site", "same-origin");
  EXPECT_EQ(code_of(request), "");
  // Behind a proxy that changes Host, the public address counts.
  Gate behind_proxy(store_->db(), people_->clock, people_->sessions, {"https://public.example/"});
  auto proxied = test_request("POST", "/x", &owner_);
  proxied.headers.set("Origin", "https://public.example");
  EXPECT_TRUE(behind_proxy.authenticate(proxied).ok());
}

TEST_P(GateTest, AWorkspaceOfOthersDoesNotExist) {
  const auto stranger = people_->sign_in(people_->add_user("other@example.com"));
  const auto principal = who(test_request("GET", "/x", &stranger));
  EXPECT_EQ(refusal(principal, workspace_, Permission::kReadDesk), ErrorKind::kNotFound);
  EXPECT_EQ(refusal(principal, 1, Permission::kReadDesk), ErrorKind::kNotFound);
  EXPECT_EQ(refusal(principal, workspace_, Permission::kManageOwners), ErrorKind::kNotFound);
  EXPECT_EQ(refusal(Principal{}, workspace_, Permission::kReadDesk), ErrorKind::kUnauthenticated);
}

TEST_P(GateTest, RolesDecideInside) {
  const auto agent = people_->sign_in(people_->add_user("agent@example.com"));
  people_->add_member(workspace_, agent.id, Role::kAgent);
  const auto principal = who(test_request("GET", "/x", &agent));
  const auto access = people_->gate.authorize(principal, workspace_, Permission::kReply);
  ASSERT_TRUE(access.ok());
  EXPECT_EQ(access->workspace_id, workspace_);
  EXPECT_EQ(access->role, Role::kAgent);
  EXPECT_EQ(access->user_id, agent.id);
  EXPECT_EQ(refusal(principal, workspace_, Permission::kManageTopics), ErrorKind::kForbidden);
  EXPECT_EQ(refusal(principal, 0, Permission::kCreateWorkspace), ErrorKind::kForbidden);
  EXPECT_TRUE(
      people_->gate.authorize(who(test_request("GET", "/x", &owner_)), 0, Permission::kCreateWorkspace).ok());
}

TEST_P(GateTest, TokensStayInTheirWorkspaceAndRole) {
  const Id other = people_->add_workspace("Tea", owner_.id);
  const auto made =
      TestPeople::must(people_->tokens.create({workspace_, 0, Role::kAgent, "Reports", owner_.id}));
  auto request = test_request("POST", "/x");
  request.headers.set("Authorization", "Bearer " + made.secret);
  const auto principal = who(request);  // without any CSRF token
  EXPECT_EQ(principal.kind, Principal::Kind::kRoleToken);
  EXPECT_TRUE(people_->gate.authorize(principal, workspace_, Permission::kReply).ok());
  EXPECT_EQ(refusal(principal, workspace_, Permission::kManageTokens), ErrorKind::kForbidden);
  EXPECT_EQ(refusal(principal, other, Permission::kReadDesk), ErrorKind::kNotFound);
  EXPECT_EQ(refusal(principal, 0, Permission::kOwnProfile), ErrorKind::kForbidden);
  EXPECT_EQ(refusal(principal, 0, Permission::kCreateWorkspace), ErrorKind::kForbidden);
  EXPECT_EQ(refusal(principal, 0, Permission::kOpenChannel), ErrorKind::kForbidden);
  EXPECT_TRUE(people_->gate.is_still_allowed(principal, workspace_, Permission::kReadDesk));
  TestPeople::must(people_->tokens.revoke(workspace_, made.token.id));
  EXPECT_EQ(code_of(request), "wrong_token");
  EXPECT_FALSE(people_->gate.is_still_allowed(principal, workspace_, Permission::kReadDesk));
}

TEST_P(GateTest, AccountTokensAreForTheOpenChannelOnly) {
  const Id account = people_->add_account(workspace_);
  const auto made =
      TestPeople::must(people_->tokens.create({workspace_, account, std::nullopt, "Shop", owner_.id}));
  auto request = test_request("POST", "/x");
  request.headers.set("Authorization", "Bearer " + made.secret);
  const auto principal = who(request);
  const auto access = people_->gate.authorize(principal, 0, Permission::kOpenChannel);
  ASSERT_TRUE(access.ok());
  EXPECT_EQ(access->workspace_id, workspace_);
  EXPECT_EQ(access->account_id, account);
  EXPECT_EQ(refusal(principal, workspace_, Permission::kReadDesk), ErrorKind::kForbidden);
  EXPECT_EQ(refusal(principal, workspace_ + 1, Permission::kReadDesk), ErrorKind::kNotFound);
  EXPECT_EQ(refusal(principal, 0, Permission::kSeeMetrics), ErrorKind::kForbidden);
  EXPECT_FALSE(people_->tokens.create({workspace_, account + 1, std::nullopt, "Shop", owner_.id}).ok());
}

TEST_P(GateTest, MetricsAreForThisMachineAndAdministrators) {
  auto local = test_request("GET", "/metrics");
  local.remote_ip = "127.0.0.1";
  EXPECT_TRUE(people_->gate.authorize(who(local), 0, Permission::kSeeMetrics).ok());
  local.headers.set("X-Forwarded-For", "203.0.113.9");
  EXPECT_EQ(refusal(who(local), 0, Permission::kSeeMetrics), ErrorKind::kUnauthenticated);
  EXPECT_TRUE(
      people_->gate.authorize(who(test_request("GET", "/x", &owner_)), 0, Permission::kSeeMetrics).ok());
  const auto viewer = people_->sign_in(people_->add_user("viewer@example.com"));
  people_->add_member(workspace_, viewer.id, Role::kViewer);
  EXPECT_EQ(refusal(who(test_request("GET", "/x", &viewer)), 0, Permission::kSeeMetrics),
            ErrorKind::kForbidden);
}

TEST_P(GateTest, ARemovedMemberIsOutAtOnce) {
  const auto agent = people_->sign_in(people_->add_user("agent@example.com"));
  people_->add_member(workspace_, agent.id, Role::kAgent);
  const auto principal = who(test_request("GET", "/x", &agent));
  EXPECT_TRUE(people_->gate.is_still_allowed(principal, workspace_, Permission::kReadDesk));
  TestPeople::must(people_->workspaces.remove_member(workspace_, agent.id, owner_.id));
  EXPECT_FALSE(people_->gate.is_still_allowed(principal, workspace_, Permission::kReadDesk));
  EXPECT_EQ(refusal(principal, workspace_, Permission::kReadDesk), ErrorKind::kNotFound);
}

INSTANTIATE_TEST_SUITE_P(Stores, GateTest, store::test_dialects(), store::test_dialect_name);

}  // namespace
}  // namespace kiki::auth
