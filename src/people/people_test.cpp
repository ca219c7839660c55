// A card brought up to date from several networks, and the customer's number at the brand, on both stores.

#include "people/people.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "people/joining.hpp"
#include "people/suggestions.hpp"
#include "store/test_store.hpp"

namespace kiki::people {
namespace {

constexpr Id kWorkspace = 1;
constexpr Id kAgent = 21;

class PeopleTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    people_ = std::make_unique<People>(db(), log_, ids_, clock_);
    joining_ = std::make_unique<Joining>(db(), log_, ids_, clock_,
                                         [](store::Transaction&, Id, Id) { return Result<void>(); });
    must(db().writer().write([&](store::Transaction& tx) -> Result<void> {
      TRY(tx.db().run("INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'Bakery', 0)",
                      {kWorkspace}));
      return {};
    }));
  }
  store::Database& db() { return store_->db(); }
  template <class T>
  static T must(Result<T> result) {
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    return std::move(result).value();
  }
  static void must(const Result<void>& result) {
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  }
  Known arrives(std::string_view network, std::string_view id, std::string_view customer_id = {}) {
    return must(db().writer().write_result([&](store::Transaction& tx) {
      IdentityFacts facts;
      facts.network = network;
      facts.external_id = facts.handle = facts.name = id;
      facts.customer_id = customer_id;
      return upsert_identity(tx, ids_, kWorkspace, facts, clock_.now_ms());
    }));
  }
  void write_number(Id person_id, std::string number) {
    People::Patch patch;
    patch.customer_id = std::move(number);
    must(people_->patch(kWorkspace, person_id, kAgent, patch));
  }
  Person person(Id id) { return must(people_->read(kWorkspace, id)); }
  std::vector<std::string> same_as(Id id) {
    auto reader = must(db().reader());
    std::vector<std::string> reasons;
    for (const auto& one : must(suggest_same(*reader, kWorkspace, id))) {
      for (const auto& reason : one.reasons) reasons.push_back(reason.kind + " " + reason.text);
    }
    return reasons;
  }

  std::unique_ptr<store::TestStore> store_;
  ManualClock clock_{1'800'000'000'000};
  IdGenerator ids_{clock_};
  events::EventBus bus_;
  events::EventLog log_{bus_, clock_};
  std::unique_ptr<People> people_;
  std::unique_ptr<Joining> joining_;
};
INSTANTIATE_TEST_SUITE_P(Stores, PeopleTest, store::test_dialects(), store::test_dialect_name);

TEST_P(PeopleTest, ANetworkThatFailsKeepsNobodyFromAskingTheOthers) {
  const auto blue = arrives("bluesky", "anna");
  must(joining_->merge(kWorkspace, blue.person_id, arrives("x", "anna_x").person_id, kAgent));
  must(joining_->merge(kWorkspace, blue.person_id, arrives("line", "U1").person_id, kAgent));
  people_->set_profile_source([](Id, const Identity& identity) -> Result<std::optional<Profile>> {
    if (identity.network == "bluesky") return unavailable("bsky.social did not answer");
    if (identity.network == "line") return std::optional<Profile>();  // it cannot tell
    Profile profile;
    profile.name = "Anna Meyer";
    profile.bio = "Tea";
    return std::optional(std::move(profile));
  });
  const auto refreshed = must(people_->refresh(kWorkspace, blue.person_id, kAgent));
  ASSERT_EQ(refreshed.failed.size(), 1U);
  EXPECT_EQ(refreshed.failed[0].network, "bluesky");
  EXPECT_EQ(refreshed.failed[0].error.message, "bsky.social did not answer");
  const auto on_x = std::ranges::find(refreshed.person.identities, std::string("x"), &Identity::network);
  ASSERT_NE(on_x, refreshed.person.identities.end());
  EXPECT_EQ(on_x->bio, "Tea");
  EXPECT_NE(on_x->profile_at, 0);
  EXPECT_EQ(person(blue.person_id).identities.size(), 3U);
}

TEST_P(PeopleTest, ANumberAtTheBrandFindsTheSameCustomerElsewhere) {
  const auto line = arrives("line", "U1", "A-17");
  const auto shop = arrives("x", "anna_x");
  EXPECT_EQ(person(line.person_id).identities[0].customer_id, "A-17");
  EXPECT_EQ(person(line.person_id).known_customer_id(), "A-17");
  EXPECT_EQ(same_as(shop.person_id), std::vector<std::string>{});
  write_number(shop.person_id, "a-17");  // as somebody at the desk read it
  EXPECT_EQ(same_as(shop.person_id), std::vector<std::string>{"customer_id a-17"});
  EXPECT_EQ(same_as(line.person_id), std::vector<std::string>{"customer_id a-17"});
  auto reader = must(db().reader());
  EXPECT_EQ(must(find_people(*reader, kWorkspace, "A-17", 10)).size(), 2U);
  write_number(shop.person_id, "");
  EXPECT_EQ(same_as(shop.person_id), std::vector<std::string>{});
  EXPECT_EQ(person(shop.person_id).known_customer_id(), "");
  // What is not told again stays.
  arrives("line", "U1");
  EXPECT_EQ(person(line.person_id).identities[0].customer_id, "A-17");
}

TEST_P(PeopleTest, AWrittenNumberGoesAlongWhenTwoAreJoinedAndBackWithUndo) {
  const auto one = arrives("x", "anna_x");
  const auto other = arrives("bluesky", "anna");
  write_number(other.person_id, "B-9");
  const auto joined = must(joining_->merge(kWorkspace, one.person_id, other.person_id, kAgent));
  EXPECT_EQ(joined.person.customer_id, "B-9");
  must(joining_->undo(kWorkspace, joined.change_id, kAgent));
  EXPECT_EQ(person(one.person_id).customer_id, "");
  EXPECT_EQ(person(other.person_id).customer_id, "B-9");
  // One that was written since stays where it was written.
  const auto again = must(joining_->merge(kWorkspace, one.person_id, other.person_id, kAgent));
  write_number(one.person_id, "B-10");
  must(joining_->undo(kWorkspace, again.change_id, kAgent));
  EXPECT_EQ(person(one.person_id).customer_id, "B-10");
}

TEST_P(PeopleTest, ANumberTooLongIsRefused) {
  const auto one = arrives("x", "anna_x");
  People::Patch patch;
  patch.customer_id = std::string(kCustomerIdLimitBytes + 1, '9');
  EXPECT_EQ(people_->patch(kWorkspace, one.person_id, kAgent, patch).error().where, "/customer_id");
}

}  // namespace
}  // namespace kiki::people
