// The door of private links: what a customer meets there in time, too late, and by an address that is none.

#include <gtest/gtest.h>

#include "accounts/accounts.hpp"
#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "auth/test_people.hpp"
#include "cases/private_links.hpp"
#include "channels/open/open_channel.hpp"
#include "store/test_store.hpp"

namespace kiki::api {
namespace {

class NoHttp final : public net::HttpClient {
 public:
  Result<net::HttpAnswer> call(const net::HttpCall&, std::stop_token) override {
    return unavailable("no network in this test");
  }
};

class PrivateDoorTest : public testing::Test {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, store::Dialect::kSqlite);
    people_ = std::make_unique<auth::TestPeople>(store_->db());
    const auto owner = people_->sign_in(people_->add_user("owner@example.com"));
    workspace_ = people_->add_workspace("Shop", owner.id);
    accounts_ = std::make_unique<accounts::Accounts>(
        accounts::Parts{store_->db(), log_, ids_, clock_, [this](std::string_view) { return channel_.get(); },
                        [](Id, Id) { return std::unique_ptr<channels::AccountState>(); },
                        [](store::Transaction&, Id, Id, const accounts::Fields&) { return Result<void>(); }});
    const auto made = accounts_->connect(
        workspace_, owner.id, "open", {{"name", "Chat"}, {"private_url", "https://shop.example/chat?a=1"}},
        [](store::Transaction&, Id, const channels::Connected&) { return Result<void>(); });
    ASSERT_TRUE(made.ok()) << made.error().message;
    account_ = made->row.account.id;
    services_.database = &store_->db();
    services_.clock = &clock_;
    services_.accounts = accounts_.get();
    services_.channel = [this](std::string_view) { return channel_.get(); };
    router_ = std::make_unique<Router>(people_->gate);
    add_reply_kit_routes(*router_, services_);
  }
  std::string link(TimeMs lasts_ms) {
    std::string token;
    const auto made = store_->db().writer().write([&](store::Transaction& tx) -> Result<void> {
      cases::PrivateLink link;
      link.workspace_id = workspace_;
      link.case_id = 5;
      link.account_id = account_;
      link.outbox_id = 6;
      link.expires_at = clock_.now_ms() + lasts_ms;
      token = TRY(cases::make_private_link(tx, ids_, link, clock_.now_ms()));
      return {};
    });
    EXPECT_TRUE(made.ok()) << made.error().message;
    return token;
  }
  net::HttpResponse knock(const std::string& token) {
    return router_->handle(auth::test_request("GET", "/p/" + token, nullptr));
  }

  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<auth::TestPeople> people_;
  ManualClock clock_{1'800'000'000'000};
  SystemRandom random_;
  IdGenerator ids_{clock_};
  events::EventBus bus_;
  events::EventLog log_{bus_, clock_};
  NoHttp http_;
  std::unique_ptr<channels::Channel> channel_ =
      channels::open::make_open_channel({http_, {}, clock_, random_}, {"https://desk.example"});
  std::unique_ptr<accounts::Accounts> accounts_;
  Services services_;
  std::unique_ptr<Router> router_;
  Id workspace_ = 0;
  Id account_ = 0;
};

TEST_F(PrivateDoorTest, LeadsToThePlaceInTimeAndLeavesAWayOpenAfterwards) {
  const auto token = link(1'000);
  const auto in_time = knock(token);
  EXPECT_EQ(in_time.status, 303);
  EXPECT_EQ(in_time.headers.get("Location"), "https://shop.example/chat?a=1&continues=" + token);

  clock_.advance_ms(1'000);
  const auto late = knock(token);
  EXPECT_EQ(late.status, 410);
  EXPECT_FALSE(late.headers.has("Location"));
  EXPECT_EQ(late.body.find(token), std::string::npos);
  EXPECT_NE(late.body.find("href=\"https://shop.example/chat?a=1\""), std::string::npos)
      << "the place without the word";
  for (const auto* words : {"lang=\"ja\"", "lang=\"en\"", "このリンクは使えなくなりました", "Write to us"})
    EXPECT_NE(late.body.find(words), std::string::npos) << words;
}

TEST_F(PrivateDoorTest, AWordThatIsNoneTellsNothing) {
  for (const auto& token : {std::string("nonsense"), link(1'000).substr(1), std::string(300, 'x')}) {
    const auto answer = knock(token);
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.body.find("shop.example"), std::string::npos);
  }
}

}  // namespace
}  // namespace kiki::api
