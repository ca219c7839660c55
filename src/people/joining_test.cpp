// Persons joined, taken apart, and all of it taken back, on both stores.

#include "people/joining.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.hpp"
#include "base/random.hpp"
#include "people/fields.hpp"
#include "people/find_again.hpp"
#include "people/suggestions.hpp"
#include "search/rebuild.hpp"
#include "store/test_store.hpp"

namespace kiki::people {
namespace {

constexpr Id kWorkspace = 1;
constexpr Id kAgent = 21;

class JoiningTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    log_ = std::make_unique<events::EventLog>(bus_, clock_);
    people_ = std::make_unique<People>(db(), *log_, ids_, clock_);
    joining_ =
        std::make_unique<Joining>(db(), *log_, ids_, clock_, [this](store::Transaction&, Id, Id person) {
          planned_.push_back(person);
          return Result<void>();
        });
    write("INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'Bakery', 0)", {kWorkspace});
  }
  store::Database& db() { return store_->db(); }
  template <class T>
  static T must(Result<T> result) {
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message + " " + result.error().where);
    return std::move(result).value();
  }
  static void must(const Result<void>& result) {
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message + " " + result.error().where);
  }
  void write(std::string_view sql, std::initializer_list<store::Param> params) {
    must(db().writer().write([&](store::Transaction& tx) -> Result<void> {
      TRY(tx.db().run(sql, params));
      return {};
    }));
  }
  // Somebody writes for the first time: identity, person, and a case.
  Known arrives(std::string_view network, std::string_view id, std::string_view name,
                std::string_view bio = {}) {
    const auto known = must(db().writer().write_result([&](store::Transaction& tx) {
      IdentityFacts facts;
      facts.network = network;
      facts.external_id = id;
      facts.handle = id;
      facts.name = name;
      facts.bio = bio;
      facts.full_profile = !bio.empty();
      return upsert_identity(tx, ids_, kWorkspace, facts, clock_.now_ms());
    }));
    write(
        "INSERT INTO cases (workspace_id, id, number, person_id, identity_id, account_id, network, status, "
        "origin, "
        "last_post_at, opened_at) VALUES ($1, $2, $3, $4, $5, 1, $6, 'open', 'addressed', $7, 0)",
        {kWorkspace, ids_.next(), ++number_, known.person_id, known.identity_id, network, number_});
    return known;
  }
  Person person(Id id) {
    auto reader = must(db().reader());
    return must(read_person(*reader, kWorkspace, id));
  }
  // Everything about customers, to compare: who holds what.
  std::string everything() {
    std::string all;
    auto reader = must(db().reader());
    for (const auto* sql :
         {"SELECT id, name, note, COALESCE(merged_into, 0) FROM persons ORDER BY id",
          "SELECT id, person_id, 0, 0 FROM identities ORDER BY id",
          "SELECT id, person_id, version, 0 FROM cases ORDER BY id",
          "SELECT person_id, name, 0, 0 FROM person_groups ORDER BY person_id, name",
          "SELECT person_id, field_id, value, 0 FROM person_values ORDER BY person_id, field_id",
          "SELECT contact, holder, holder_id, 0 FROM contact_keys ORDER BY contact, holder, holder_id"}) {
      must(reader->query(sql, {}, [&](const store::Row& row) {
        for (int i = 0; i < 4; ++i) all += row.string(i) + "|";
        all += "\n";
      }));
    }
    return all;
  }
  std::vector<Suggested> suggestions(Id id) {
    auto reader = must(db().reader());
    return must(suggest_same(*reader, kWorkspace, id));
  }
  Id add_field(const std::string& name, const std::string& kind) {
    auto reader = must(db().reader());
    const auto now = must(read_fields(*reader, kWorkspace));
    auto body = to_json(now);
    body["fields"].as_array().push_back(json::object{{"id", nullptr}, {"name", name}, {"kind", kind}});
    const auto document = must(JsonDocument::parse(json::serialize(body)));
    const auto saved = must(db().writer().write_result([&](store::Transaction& tx) {
      return save_fields(tx, ids_, kWorkspace, kAgent, clock_.now_ms(), document.root());
    }));
    return saved.fields.back().id;
  }

  std::unique_ptr<store::TestStore> store_;
  ManualClock clock_{1'800'000'000'000};
  IdGenerator ids_{clock_};
  events::EventBus bus_;
  std::unique_ptr<events::EventLog> log_;
  std::unique_ptr<People> people_;
  std::unique_ptr<Joining> joining_;
  std::vector<Id> planned_;
  std::int64_t number_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Stores, JoiningTest, store::test_dialects(), store::test_dialect_name);

TEST_P(JoiningTest, EverythingFollowsAndComesBackExactly) {
  const auto anna = arrives("bluesky", "anna.example", "Anna Meyer");
  const auto shop = arrives("open", "customer-7", "A. Meyer");
  const Id number = add_field("Number", "text");
  const Id mail = add_field("E-mail", "email");
  must(people_->patch(kWorkspace, anna.person_id, kAgent,
                      {{}, "Likes tea", {{"VIP"}}, {{number, std::string(R"("A-1")")}}}));
  must(people_->patch(kWorkspace, shop.person_id, kAgent,
                      {{},
                       "Prefers the phone",
                       {{"VIP", "press"}},
                       {{number, std::string(R"("S-9")")}, {mail, std::string(R"("anna@example.jp")")}}}));
  const auto before = everything();
  const auto joined = must(joining_->merge(kWorkspace, anna.person_id, shop.person_id, kAgent));
  EXPECT_EQ(joined.person.id, anna.person_id);
  EXPECT_EQ(joined.person.identities.size(), 2U);
  EXPECT_EQ(joined.person.case_count, 2);
  EXPECT_EQ(joined.person.note, "Likes tea\n\nPrefers the phone");
  EXPECT_EQ(joined.person.groups, (std::vector<std::string>{"VIP", "press"}));
  EXPECT_EQ(joined.person.values.at(number), R"("A-1")");
  EXPECT_EQ(joined.person.values.at(mail), R"("anna@example.jp")");
  EXPECT_EQ(person(shop.person_id).id, anna.person_id);  // whoever asks for the old one finds them
  EXPECT_EQ(planned_, (std::vector<Id>{anna.person_id, shop.person_id}));
  EXPECT_EQ(joining_->merge(kWorkspace, shop.person_id, anna.person_id, kAgent).error().code, "same_person");

  const auto changes = must(joining_->changes(kWorkspace, shop.person_id));
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].other_name, "A. Meyer");
  EXPECT_TRUE(changes[0].can_undo);
  must(joining_->undo(kWorkspace, joined.change_id, kAgent));
  EXPECT_EQ(everything(), before);
  EXPECT_EQ(joining_->undo(kWorkspace, joined.change_id, kAgent).error().code, "undone");
}

TEST_P(JoiningTest, WhoHadNoNameWhenTheyWereJoinedIsCalledByTheOneTheyHaveNow) {
  const auto anna = arrives("x", "anna", "Anna Meyer");
  const auto there = arrives("line", "U88ee8aec44", "U88ee8aec44");
  must(joining_->merge(kWorkspace, anna.person_id, there.person_id, kAgent));
  EXPECT_EQ(must(joining_->changes(kWorkspace, anna.person_id))[0].other_name, "U88ee8aec44");
  arrives("line", "U88ee8aec44", "Anna");
  EXPECT_EQ(must(joining_->changes(kWorkspace, anna.person_id))[0].other_name, "Anna");
}

TEST_P(JoiningTest, WhatWasWrittenSinceIsNotLost) {
  const auto anna = arrives("bluesky", "anna.example", "Anna Meyer");
  const auto shop = arrives("open", "customer-7", "A. Meyer");
  must(people_->patch(kWorkspace, shop.person_id, kAgent, {{}, "Prefers the phone", {{"press"}}, {}}));
  const auto joined = must(joining_->merge(kWorkspace, anna.person_id, shop.person_id, kAgent));
  must(people_->patch(kWorkspace, shop.person_id, kAgent, {{}, "Prefers the phone, after six", {}, {}}));
  // A case of the joined identity that comes later goes with it.
  write("UPDATE cases SET person_id = $2 WHERE workspace_id = $1", {kWorkspace, anna.person_id});
  must(joining_->undo(kWorkspace, joined.change_id, kAgent));
  EXPECT_EQ(person(anna.person_id).note, "Prefers the phone, after six");
  EXPECT_EQ(person(shop.person_id).note, "Prefers the phone");
  EXPECT_TRUE(person(anna.person_id).groups.empty());
  EXPECT_EQ(person(shop.person_id).case_count, 1);
}

TEST_P(JoiningTest, SplitTakesCasesAlongAndIsNotSuggestedAgain) {
  const auto anna = arrives("bluesky", "taro_yamada", "Taro Yamada");
  const auto other = arrives("open", "taro.yamada", "Taro Yamada");
  const auto joined = must(joining_->merge(kWorkspace, anna.person_id, other.person_id, kAgent));
  const auto before = everything();
  EXPECT_FALSE(
      joining_->split(kWorkspace, anna.person_id, {anna.identity_id, other.identity_id}, kAgent).ok());
  EXPECT_FALSE(joining_->split(kWorkspace, anna.person_id, {12345}, kAgent).ok());
  EXPECT_FALSE(joining_->split(kWorkspace, anna.person_id, {}, kAgent).ok());
  const auto split = must(joining_->split(kWorkspace, anna.person_id, {other.identity_id}, kAgent));
  EXPECT_NE(split.person.id, other.person_id);
  EXPECT_EQ(split.person.name, "Taro Yamada");
  EXPECT_EQ(split.person.case_count, 1);
  EXPECT_EQ(person(anna.person_id).case_count, 1);
  EXPECT_TRUE(suggestions(anna.person_id).empty());
  // The earlier change stands below this one.
  EXPECT_EQ(joining_->undo(kWorkspace, joined.change_id, kAgent).error().code, "undo_later_first");
  must(joining_->undo(kWorkspace, split.change_id, kAgent));
  EXPECT_EQ(person(split.person.id).id, anna.person_id);
  EXPECT_EQ(person(anna.person_id).case_count, 2);
  must(joining_->undo(kWorkspace, joined.change_id, kAgent));
  EXPECT_EQ(suggestions(anna.person_id).size(), 1U);
  EXPECT_NE(everything(), before);
}

TEST_P(JoiningTest, ManyJoinsAreTakenBackInOrder) {
  SeededRandom random(20'261'130);
  std::vector<Id> people;
  for (int i = 0; i < 12; ++i) {
    const auto name = "person number " + std::to_string(i);
    people.push_back(arrives(i % 2 == 0 ? "bluesky" : "open", "id" + std::to_string(i), name).person_id);
    must(people_->patch(kWorkspace, people.back(), kAgent, {{}, name, {{"g" + std::to_string(i % 3)}}, {}}));
  }
  std::vector<std::string> states;
  std::vector<Id> changes;
  for (int i = 0; i < 30; ++i) {
    const auto state = everything();
    const auto a = people[random.below(people.size())];
    const auto b = people[random.below(people.size())];
    const auto one = person(a);
    Result<Joined> done = not_found("nothing");
    if (one.identities.size() > 1 && random.below(3) == 0) {
      done = joining_->split(kWorkspace, a, {one.identities[random.below(one.identities.size())].id}, kAgent);
    } else if (one.id != person(b).id) {
      done = joining_->merge(kWorkspace, a, b, kAgent);
    } else {
      continue;
    }
    const auto joined = must(std::move(done));
    changes.push_back(joined.change_id);
    states.push_back(state);
    // A case belongs to who holds its identity.
    auto reader = must(db().reader());
    const auto astray =
        must(reader->one("SELECT COUNT(*) FROM cases c JOIN identities i ON i.id = c.identity_id WHERE "
                         "c.person_id <> i.person_id",
                         {}, [](const store::Row& row) { return row.integer(0); }));
    EXPECT_EQ(astray, 0);
  }
  ASSERT_GT(changes.size(), 10U);
  bool only_merges = true;
  while (!changes.empty()) {
    const auto undone = must(joining_->undo(kWorkspace, changes.back(), kAgent));
    // A person that a split made stays behind as a signpost; all else is as before.
    auto reader = must(db().reader());
    const auto splits =
        must(reader->one("SELECT COUNT(*) FROM person_changes WHERE kind = 'split' AND undone_at IS NOT NULL",
                         {}, [](const store::Row& row) { return row.integer(0); }));
    only_merges = splits == 0;
    if (only_merges) {
      EXPECT_EQ(everything(), states.back());
    }
    changes.pop_back();
    states.pop_back();
  }
  for (const Id id : people) EXPECT_EQ(person(id).case_count, 1);
}

TEST_P(JoiningTest, SuggestsWithReasonsAndHeedsANo) {
  const auto anna = arrives("bluesky", "anna_meyer", "Anna Meyer", "Write to Anna@Example.jp");
  const auto shop = arrives("open", "customer-7", "ａｎｎａ　ｍｅｙｅｒ");
  const Id mail = add_field("E-mail", "email");
  must(people_->patch(kWorkspace, shop.person_id, kAgent,
                      {{}, {}, {}, {{mail, std::string(R"("anna@example.jp")")}}}));
  arrives("open", "customer-8", "Hanna Meyer");
  const auto names = [](const std::vector<Suggested>& list) {
    std::string all;
    for (const auto& one : list) {
      all += to_string(one.person.id);
      for (const auto& reason : one.reasons) all += " " + reason.kind;
      all += ";";
    }
    return all;
  };
  EXPECT_EQ(names(suggestions(anna.person_id)), to_string(shop.person_id) + " email name;");
  EXPECT_EQ(names(suggestions(shop.person_id)), to_string(anna.person_id) + " email name;");
  must(joining_->keep_apart(kWorkspace, shop.person_id, anna.person_id, kAgent, true));
  EXPECT_TRUE(suggestions(anna.person_id).empty());
  // Also when one of them is joined into somebody else meanwhile.
  const auto third = arrives("x", "third", "Somebody Else");
  must(joining_->merge(kWorkspace, third.person_id, anna.person_id, kAgent));
  EXPECT_TRUE(suggestions(third.person_id).empty());
  EXPECT_TRUE(suggestions(shop.person_id).empty());
  must(joining_->keep_apart(kWorkspace, shop.person_id, anna.person_id, kAgent, false));
  auto reader = must(db().reader());
  const auto found = must(find_people(*reader, kWorkspace, "ANNA@example.jp", 10));
  EXPECT_EQ(found.size(), 2U);
}

TEST_P(JoiningTest, CustomersOfBeforeAreIndexedOnce) {
  const auto anna = arrives("bluesky", "anna.example", "Anna Meyer", "anna@example.jp");
  const auto found = [&](std::string_view words) {
    auto reader = must(db().reader());
    return must(find_people(*reader, kWorkspace, words, 10)).size();
  };
  EXPECT_EQ(found("anna"), 1U);
  // More than one step, in two workspaces whose ids are mixed.
  must(db().writer().write([&](store::Transaction& tx) -> Result<void> {
    for (int i = 0; i < 1'100; ++i) {
      const auto external_id = "many" + std::to_string(i);
      const auto name = "Many" + std::to_string(i) + "x";
      IdentityFacts facts;
      facts.network = "bluesky";
      facts.external_id = external_id;
      facts.name = name;
      TRY(upsert_identity(tx, ids_, kWorkspace + i % 2, facts, clock_.now_ms()));
    }
    return {};
  }));
  // As a program left it that did not index them.
  must(db().writer().write([](store::Transaction& tx) -> Result<void> {
    TRY(search::forget_all_identities(tx));
    TRY(tx.db().run("DELETE FROM contact_keys"));
    return {};
  }));
  EXPECT_EQ(found("anna"), 0U);
  must(index_known_people(db()));
  must(index_known_people(db()));
  EXPECT_EQ(found("anna"), 1U);
  EXPECT_EQ(found("anna@example.jp"), 1U);
  EXPECT_EQ(found("meyer"), 1U);
  for (int i = 0; i < 1'100; i += 11) {
    auto reader = must(db().reader());
    ASSERT_EQ(must(find_people(*reader, kWorkspace + i % 2, "Many" + std::to_string(i) + "x", 10)).size(), 1U)
        << i;
  }
  must(db().writer().write_result([&](store::Transaction& tx) {
    IdentityFacts facts;
    facts.network = "bluesky";
    facts.external_id = "anna.example";
    facts.name = "Hanna Schmidt";
    return upsert_identity(tx, ids_, kWorkspace, facts, clock_.now_ms());
  }));
  EXPECT_EQ(found("meyer"), 0U);
  EXPECT_EQ(found("schmidt"), 1U);
  EXPECT_EQ(person(anna.person_id).name, "Hanna Schmidt");
}

TEST_P(JoiningTest, WhatManyShareSaysNothing) {
  std::vector<Known> people;
  for (int i = 0; i < 7; ++i) {
    people.push_back(arrives("n" + std::to_string(i), "someone" + std::to_string(i), "Maria Rossi",
                             "press@agency.example"));
  }
  EXPECT_TRUE(suggestions(people[0].person_id).empty());
}

TEST_P(JoiningTest, ValuesAreHeldToTheirKind) {
  const auto check = [&](const std::string& kind, const std::string& value) {
    Field field;
    field.kind = FieldKind::kText;
    for (const auto one : {FieldKind::kText, FieldKind::kNumber, FieldKind::kDate, FieldKind::kYesNo,
                           FieldKind::kChoice, FieldKind::kLink, FieldKind::kEmail, FieldKind::kPhone}) {
      if (name(one) == kind) field.kind = one;
    }
    field.choices = {"gold", "silver"};
    const auto document = must(JsonDocument::parse("{\"v\":" + value + "}"));
    return checked_value(field, document.root()["v"]).ok();
  };
  EXPECT_TRUE(check("text", R"("x")"));
  EXPECT_FALSE(check("text", R"("  ")"));
  EXPECT_FALSE(check("text", "3"));
  EXPECT_TRUE(check("number", "3.5"));
  EXPECT_FALSE(check("number", R"("3")"));
  EXPECT_TRUE(check("date", R"("2028-02-29")"));
  EXPECT_FALSE(check("date", R"("2027-02-29")"));
  EXPECT_FALSE(check("date", R"("2027/02/20")"));
  EXPECT_TRUE(check("yes_no", "false"));
  EXPECT_TRUE(check("choice", R"("gold")"));
  EXPECT_FALSE(check("choice", R"("bronze")"));
  EXPECT_FALSE(check("link", R"("javascript:alert")"));
  EXPECT_FALSE(check("email", R"("anna")"));
  EXPECT_TRUE(check("phone", R"("03-1234-5678")"));
  // Somebody else's change is not written over.
  add_field("One", "text");
  const auto stale = must(JsonDocument::parse(R"({"version":0,"fields":[]})"));
  EXPECT_EQ(db().writer()
                .write_result([&](store::Transaction& tx) {
                  return save_fields(tx, ids_, kWorkspace, kAgent, 0, stale.root());
                })
                .error()
                .code,
            "changed");
}

}  // namespace
}  // namespace kiki::people
