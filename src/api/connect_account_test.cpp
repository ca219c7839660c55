// An account, its sealed secrets and its token come together or not at all.

#include <gtest/gtest.h>

#include "accounts/accounts.hpp"
#include "auth/tokens.hpp"
#include "channels/open/open_channel.hpp"
#include "ingest/account_state.hpp"
#include "store/test_store.hpp"

namespace kiki::api {
namespace {

constexpr Id kWorkspace = 1;
constexpr Id kOwner = 2;

class NoHttp final : public net::HttpClient {
 public:
  Result<net::HttpAnswer> call(const net::HttpCall&, std::stop_token) override {
    return unavailable("no network in this test");
  }
};

class ConnectAccountTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    auto sealer = store::Sealer::open(keys_.path());
    ASSERT_TRUE(sealer.ok());
    sealer_ = std::move(sealer).value();
    auto made = store_->db().writer().write([](store::Transaction& tx) -> Result<void> {
      TRY(tx.db().run("INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'Shop', 0)", {kWorkspace}));
      return {};
    });
    ASSERT_TRUE(made.ok()) << made.error().message;
    tokens_ = std::make_unique<auth::Tokens>(store_->db(), clock_, random_, ids_);
    accounts_ = std::make_unique<accounts::Accounts>(accounts::Parts{
        store_->db(), log_, ids_, clock_, [this](std::string_view) { return channel_.get(); },
        [this](Id workspace_id, Id account_id) {
          return ingest::make_account_state(store_->db(), *sealer_, clock_, workspace_id, account_id);
        },
        [this](store::Transaction& tx, Id workspace_id, Id account_id,
               const accounts::Fields& secrets) -> Result<void> {
          TRY(ingest::store_secrets(tx, *sealer_, clock_.now_ms(), workspace_id, account_id, secrets));
          if (secrets_fail_) return unavailable("the disk is full");
          return {};
        }});
    accounts_->on_change([this](Id, Id) { ++changes_; });
  }
  Result<accounts::Accounts::NewAccount> connect() {
    return accounts_->connect(
        kWorkspace, kOwner, "open", {{"name", "Shop"}},
        [this](store::Transaction& tx, Id account_id, const channels::Connected&) -> Result<void> {
          TRY(tokens_->create(tx, {kWorkspace, account_id, std::nullopt, "Shop", kOwner}));
          if (token_fails_) return unavailable("the disk is full");
          return {};
        });
  }
  // Accounts, secrets, tokens, events.
  std::vector<std::int64_t> rows() {
    std::vector<std::int64_t> counts;
    auto reader = store_->db().reader();
    EXPECT_TRUE(reader.ok());
    for (const auto* sql : {"SELECT COUNT(*) FROM accounts", "SELECT COUNT(*) FROM account_secrets",
                            "SELECT COUNT(*) FROM api_tokens", "SELECT COUNT(*) FROM events"}) {
      auto count = (*reader)->one(sql, {}, [](const store::Row& row) { return row.integer(0); });
      EXPECT_TRUE(count.ok());
      counts.push_back(count.ok() && *count ? **count : -1);
    }
    return counts;
  }

  store::TemporaryDirectory keys_;
  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<store::Sealer> sealer_;
  ManualClock clock_;
  SystemRandom random_;
  IdGenerator ids_{clock_};
  events::EventBus bus_;
  events::EventLog log_{bus_, clock_};
  NoHttp http_;
  std::unique_ptr<channels::Channel> channel_ =
      channels::open::make_open_channel({http_, {}, clock_, random_}, {"https://desk.example"});
  std::unique_ptr<auth::Tokens> tokens_;
  std::unique_ptr<accounts::Accounts> accounts_;
  bool secrets_fail_ = false;
  bool token_fails_ = false;
  int changes_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Stores, ConnectAccountTest, store::test_dialects(), store::test_dialect_name);

using Rows = std::vector<std::int64_t>;

TEST_P(ConnectAccountTest, AFailureBetweenLeavesNothing) {
  secrets_fail_ = true;
  EXPECT_FALSE(connect().ok());
  EXPECT_EQ(rows(), Rows({0, 0, 0, 0}));
  secrets_fail_ = false;
  token_fails_ = true;
  EXPECT_FALSE(connect().ok());
  EXPECT_EQ(rows(), Rows({0, 0, 0, 0}));
  EXPECT_EQ(changes_, 0) << "nobody starts to read an account that is not there";
  token_fails_ = false;
  ASSERT_TRUE(connect().ok());
  EXPECT_EQ(rows(), Rows({1, 1, 1, 1}));
  EXPECT_EQ(changes_, 1);
}

TEST_P(ConnectAccountTest, TheStoredSecretIsTheOneThatWasShown) {
  const auto made = connect();
  ASSERT_TRUE(made.ok()) << made.error().message;
  auto state = ingest::make_account_state(store_->db(), *sealer_, clock_, kWorkspace, made->row.account.id);
  const auto secret = state->secret("signing_secret");
  ASSERT_TRUE(secret.ok());
  ASSERT_EQ(made->secrets.size(), 1u);
  EXPECT_EQ(*secret, made->secrets.front().second);
}

}  // namespace
}  // namespace kiki::api
