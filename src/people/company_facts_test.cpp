// The company's own system as it may behave; on both stores.

#include "people/company_facts.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.hpp"
#include "events/event_log.hpp"
#include "net/hmac.hpp"
#include "people/joining.hpp"
#include "store/test_store.hpp"

namespace kiki::people {
namespace {

constexpr Id kWorkspace = 1;
constexpr Id kAgent = 21;
constexpr Id kPerson = 31;
constexpr TimeMs kMinute = 60'000;
const std::string kOrder = R"({"cards":[{"title":"Order 7"}]})";

class ScriptedSystem final : public net::HttpClient {
 public:
  std::function<Result<net::HttpAnswer>()> answer;
  std::vector<net::HttpCall> calls;
  Result<net::HttpAnswer> call(const net::HttpCall& call, std::stop_token) override {
    calls.push_back(call);
    return answer();
  }
};

class CompanyFactsTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    sealer_ = must(store::Sealer::open(store_->directory()));
    must(store_->db().writer().write([&](store::Transaction& tx) -> Result<void> {
      TRY(tx.db().run("INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'Bakery', 0)",
                      {kWorkspace}));
      TRY(tx.db().run("INSERT INTO persons (workspace_id, id, name, created_at) VALUES ($1, $2, 'Anna', 0)",
                      {kWorkspace, kPerson}));
      TRY(
          tx.db().run("INSERT INTO identities (workspace_id, id, person_id, network, external_id, handle, "
                      "name, created_at) VALUES "
                      "($1, 41, $2, 'open', 'customer-7', 'anna', 'Anna', 0)",
                      {kWorkspace, kPerson}));
      return {};
    }));
    net::SsrfPolicy policy;
    facts_ = std::make_unique<CompanyFacts>(
        CompanyFacts::Parts{store_->db(), ids_, clock_, random_, *sealer_, http_, policy});
    says(200, kOrder);
  }
  template <class T>
  static T must(Result<T> result) {
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message + " " + result.error().where);
    return std::move(result).value();
  }
  static void must(const Result<void>& result) { EXPECT_TRUE(result.ok()); }
  void says(int status, std::string body) {
    http_.answer = [status, body = std::move(body)]() -> Result<net::HttpAnswer> {
      return net::HttpAnswer{status, {}, body};
    };
  }
  void fails(ErrorKind kind) {
    http_.answer = [kind]() -> Result<net::HttpAnswer> { return Error{kind, "no luck", {}, {}, 0}; };
  }
  std::string connect(const std::string& url = "https://shop.example/facts") {
    CompanyFacts::Wanted wanted;
    wanted.url = url;
    return must(facts_->set_source(kWorkspace, kAgent, wanted)).secret;
  }
  CustomerFacts ask(bool again = false) { return must(facts_->facts(kWorkspace, kPerson, again)); }

  std::unique_ptr<store::TestStore> store_;
  ManualClock clock_{1'800'000'000'000};
  IdGenerator ids_{clock_};
  SeededRandom random_{7};
  std::unique_ptr<store::Sealer> sealer_;
  ScriptedSystem http_;
  std::unique_ptr<CompanyFacts> facts_;
};
INSTANTIATE_TEST_SUITE_P(Stores, CompanyFactsTest, store::test_dialects(), store::test_dialect_name);

TEST_P(CompanyFactsTest, AsksOnceSignedAndKeepsTheAnswer) {
  EXPECT_EQ(ask().state, "off");
  const auto secret = connect();
  EXPECT_TRUE(secret.starts_with("whsec_"));
  const auto first = ask();
  EXPECT_EQ(first.state, "ok");
  EXPECT_TRUE(first.fresh);
  EXPECT_EQ(json::parse(first.cards).as_array().at(0).at("title"), "Order 7");
  ASSERT_EQ(http_.calls.size(), 1U);
  const auto& call = http_.calls[0];
  EXPECT_EQ(call.method, "POST");
  EXPECT_EQ(call.headers.get("webhook-signature"),
            net::standard_webhook_signature(secret, call.headers.get("webhook-id"),
                                            std::stoll(std::string(call.headers.get("webhook-timestamp"))),
                                            call.body));
  const auto body = json::parse(call.body);
  EXPECT_EQ(body.at("type"), "customer.facts");
  EXPECT_EQ(body.at("data").at("identities").at(0).at("external_id"), "customer-7");
  clock_.advance_ms(9 * kMinute);
  EXPECT_TRUE(ask().fresh);
  EXPECT_EQ(http_.calls.size(), 1U);
  EXPECT_EQ(ask(true).fetched_at, clock_.now_ms());
  EXPECT_EQ(http_.calls.size(), 2U);
  clock_.advance_ms(11 * kMinute);
  ask();
  EXPECT_EQ(http_.calls.size(), 3U);
}

TEST_P(CompanyFactsTest, AFailureKeepsTheLastAnswerAndRests) {
  connect();
  const auto first = ask();
  clock_.advance_ms(11 * kMinute);
  const auto expect = [&](const char* code) {
    const auto now = ask(true);
    EXPECT_EQ(now.state, "failed");
    EXPECT_EQ(now.error_code, code);
    EXPECT_EQ(now.cards, first.cards);
    EXPECT_EQ(now.fetched_at, first.fetched_at);
    EXPECT_FALSE(now.fresh);
  };
  fails(ErrorKind::kUnavailable);
  expect("unreachable");
  fails(ErrorKind::kUnclear);
  expect("timeout");
  fails(ErrorKind::kTooLarge);
  expect("too_large");
  fails(ErrorKind::kForbidden);
  expect("not_allowed");
  says(500, "oops");
  expect("refused");
  says(200, "<html>");
  expect("not_understood");
  // Nobody who just looks asks again at once; whoever wants it does.
  const auto asked = http_.calls.size();
  ask();
  EXPECT_EQ(http_.calls.size(), asked);
  clock_.advance_ms(kMinute);
  says(200, kOrder);
  EXPECT_EQ(ask().state, "ok");
  says(404, "");
  EXPECT_EQ(ask(true).state, "unknown");
}

TEST_P(CompanyFactsTest, AnotherAddressOrAnotherPersonForgetsWhatWasSaid) {
  const auto secret = connect();
  ask();
  EXPECT_EQ(connect("https://other.example/facts"), "");
  ask();
  EXPECT_EQ(http_.calls.size(), 2U);
  EXPECT_EQ(http_.calls[1].url, "https://other.example/facts");
  CompanyFacts::Wanted wanted;
  wanted.new_secret = true;
  EXPECT_NE(must(facts_->set_source(kWorkspace, kAgent, wanted)).secret, secret);
  events::EventBus bus;
  events::EventLog log(bus, clock_);
  Joining joining(store_->db(), log, ids_, clock_,
                  [](store::Transaction&, Id, Id) { return Result<void>(); });
  must(store_->db().writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("INSERT INTO persons (workspace_id, id, name, created_at) VALUES ($1, 32, 'A.', 0)",
                    {kWorkspace}));
    return {};
  }));
  must(joining.merge(kWorkspace, kPerson, 32, kAgent));
  ask();
  EXPECT_EQ(http_.calls.size(), 3U);
  must(facts_->remove_source(kWorkspace));
  EXPECT_EQ(ask().state, "off");
}

TEST_P(CompanyFactsTest, AChangedFieldAsksAgain) {
  connect();
  says(404, "");
  EXPECT_EQ(ask().state, "unknown");
  events::EventBus bus;
  events::EventLog log(bus, clock_);
  People people(store_->db(), log, ids_, clock_);
  must(people.patch(kWorkspace, kPerson, kAgent, {{}, {}, {}, {{51, std::string(R"("A-17")")}}}));
  says(200, kOrder);
  EXPECT_EQ(ask().state, "ok");
}

TEST_P(CompanyFactsTest, RefusesAddressesInsideTheHouse) {
  for (const auto* url : {"https://127.0.0.1/facts", "https://10.0.0.7/facts", "http://shop.example/facts",
                          "ftp://shop.example/", "https://169.254.169.254/latest"}) {
    CompanyFacts::Wanted wanted;
    wanted.url = url;
    const auto refused = facts_->set_source(kWorkspace, kAgent, wanted);
    ASSERT_FALSE(refused.ok()) << url;
    EXPECT_EQ(refused.error().where, "/url");
  }
}

}  // namespace
}  // namespace kiki::people
