// Connecting on the network's page: one browser, one use, ten minutes, the account that was meant.

#include "accounts/sign_ins.hpp"

#include <gtest/gtest.h>

#include "ingest/account_state.hpp"
#include "ingest/test_desk.hpp"

namespace kiki::accounts {
namespace {

using ingest::TestDesk;

class AgreedChannel final : public ingest::ScriptedChannel {
 public:
  AgreedChannel() {
    descriptor_.network = "agreed";
    descriptor_.oauth = true;
  }
  Result<channels::SignInStart> begin_sign_in(const std::vector<std::pair<std::string, std::string>>&,
                                              std::string_view redirect_url, std::stop_token) override {
    ++begun;
    const auto state = "state-that-is-long-enough-" + std::to_string(begun);
    return channels::SignInStart{"https://network.example/agree?back=" + std::string(redirect_url),
                                 state,
                                 {{"verifier", "secret " + std::to_string(begun)}}};
  }
  Result<channels::Connected> finish_sign_in(const std::vector<std::pair<std::string, std::string>>& keep,
                                             const std::vector<std::pair<std::string, std::string>>& answer,
                                             std::string_view, std::stop_token) override {
    kept = keep.empty() ? "" : keep.front().second;
    for (const auto& [name, value] : answer)
      if (name == "code" && value == "bad")
        return Error{ErrorKind::kUnauthenticated, "the code was refused", {}, {}, 0};
    channels::Connected connected;
    connected.external_id = who;
    connected.handle = who;
    connected.settings = "{}";
    connected.secrets = {{"token", "t"}};
    return connected;
  }

  int begun = 0;
  std::string who = "shop";
  std::string kept;
};

class SignInsTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    desk_ = std::make_unique<TestDesk>(*store_);
    sealer_ = TestDesk::must(store::Sealer::open(keys_.path()));
    const Parts parts{desk_->db(),
                      desk_->log(),
                      ids_,
                      desk_->clock,
                      [this](std::string_view network) { return network == "agreed" ? &channel_ : nullptr; },
                      [](Id, Id) { return std::unique_ptr<channels::AccountState>(); },
                      [this](store::Transaction& tx, Id workspace_id, Id account_id, const Fields& secrets) {
                        return ingest::store_secrets(tx, *sealer_, 0, workspace_id, account_id, secrets);
                      }};
    accounts_ = std::make_unique<Accounts>(parts);
    sign_ins_ = std::make_unique<SignIns>(parts, *accounts_, *sealer_);
  }
  void begin(Id account_id = 0) {
    TestDesk::must(sign_ins_->begin({TestDesk::kWorkspace,
                                     TestDesk::kUser,
                                     "browser",
                                     "agreed",
                                     {},
                                     account_id,
                                     "https://desk.example/connect/callback"}));
  }
  Fields answer() const {
    return {{"state", "state-that-is-long-enough-" + std::to_string(channel_.begun)}, {"code", "good"}};
  }
  Result<SignIns::Done> come_back() {
    const auto pending = TRY(sign_ins_->take(answer(), TestDesk::kUser, "browser"));
    return sign_ins_->finish(pending, answer());
  }

  std::unique_ptr<store::TestStore> store_;
  store::TemporaryDirectory keys_;
  std::unique_ptr<store::Sealer> sealer_;
  std::unique_ptr<TestDesk> desk_;
  AgreedChannel channel_;
  ManualClock ids_clock_;
  IdGenerator ids_{ids_clock_};
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<SignIns> sign_ins_;
};
INSTANTIATE_TEST_SUITE_P(Stores, SignInsTest, store::test_dialects(), store::test_dialect_name);

TEST_P(SignInsTest, WhoAgreesIsConnectedAndWhatWasKeptComesBackWithThem) {
  begin();
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM sign_ins"), 1);
  const auto done = come_back();
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_TRUE(done->is_new);
  EXPECT_EQ(channel_.kept, "secret 1");
  EXPECT_EQ(TestDesk::must(accounts_->read(TestDesk::kWorkspace, done->account_id)).account.handle, "shop");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM sign_ins"), 0);
  // The same account once more: new credentials, no second account.
  begin();
  const auto again = come_back();
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(again->account_id, done->account_id);
}

TEST_P(SignInsTest, AStateIsGoodOnceForItsBrowserForTenMinutes) {
  const auto code = [&](const Result<SignIns::Pending>& taken) {
    return taken.ok() ? "taken" : taken.error().code;
  };
  begin();
  EXPECT_EQ(code(sign_ins_->take(answer(), TestDesk::kUser, "browser")), "taken");
  EXPECT_EQ(code(sign_ins_->take(answer(), TestDesk::kUser, "browser")), "sign_in_unknown");
  begin();
  EXPECT_EQ(code(sign_ins_->take(answer(), TestDesk::kUser, "another browser")), "sign_in_unknown");
  EXPECT_EQ(code(sign_ins_->take(answer(), TestDesk::kUser, "browser")), "sign_in_unknown") << "burnt";
  begin();
  EXPECT_EQ(code(sign_ins_->take(answer(), TestDesk::kViewer, "browser")), "sign_in_unknown");
  begin();
  EXPECT_EQ(code(sign_ins_->take(answer(), 0, "")), "sign_in_unknown");
  EXPECT_EQ(code(sign_ins_->take({{"state", "made up"}}, TestDesk::kUser, "browser")), "sign_in_unknown");
  EXPECT_EQ(code(sign_ins_->take({}, TestDesk::kUser, "browser")), "sign_in_unknown");
  desk_->clock.advance_ms(10 * 60'000);
  EXPECT_EQ(code(sign_ins_->take(answer(), TestDesk::kUser, "browser")), "sign_in_unknown") << "too late";
}

TEST_P(SignInsTest, ConnectingAgainTakesNoOtherAccount) {
  begin();
  const auto shop = TestDesk::must(come_back()).account_id;
  channel_.who = "somebody else";
  begin(shop);
  const auto other = come_back();
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, "other_account");
  EXPECT_EQ(TestDesk::must(accounts_->read(TestDesk::kWorkspace, shop)).account.external_id, "shop");
  EXPECT_EQ(desk_->number("SELECT COUNT(*) FROM accounts WHERE network = 'agreed'"), 1);
  const auto wrong = sign_ins_->begin({TestDesk::kWorkspace,
                                       TestDesk::kUser,
                                       "browser",
                                       "agreed",
                                       {},
                                       TestDesk::kAccount,
                                       "https://desk.example/connect/callback"});
  EXPECT_FALSE(wrong.ok()) << "an account of another network";
}

TEST_P(SignInsTest, NothingReadableStandsInTheStore) {
  begin();
  EXPECT_EQ(desk_->text("SELECT state_hash FROM sign_ins").find("state-that"), std::string::npos);
  auto reader = TestDesk::must(desk_->db().reader());
  const auto kept = TestDesk::must(reader->one(
      "SELECT keep FROM sign_ins", {}, [](const store::Row& row) { return std::string(row.blob(0)); }));
  EXPECT_EQ(kept->find("secret"), std::string::npos);
}

TEST(WasDenied, BothFormsOfOAuthSaySo) {
  EXPECT_TRUE(was_denied({{"state", "s"}, {"error", "access_denied"}}));
  EXPECT_TRUE(was_denied({{"denied", "request token"}}));
  EXPECT_FALSE(was_denied({{"state", "s"}, {"code", "c"}}));
}

}  // namespace
}  // namespace kiki::accounts
