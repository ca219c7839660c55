// Users, memberships, invitations and one-time links.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "auth/secrets.hpp"
#include "auth/test_people.hpp"
#include "store/test_store.hpp"

namespace kiki::auth {
namespace {

class PeopleTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    people_ = std::make_unique<TestPeople>(store_->db());
    people_->bus.subscribe([this](const events::Event& event) { told_.push_back(event.data); });
  }
  void add_owner() {
    owner_ = people_->add_user("owner@example.com");
    workspace_ = people_->add_workspace("Bakery", owner_);
  }
  template <class T>
  static std::string code(const Result<T>& result) {
    return result.ok() ? "ok" : result.error().code;
  }
  bool is_alive(const TestPerson& person) {
    return TestPeople::must(people_->sessions.is_alive(secret_hash(person.token)));
  }

  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<TestPeople> people_;
  std::vector<std::string> told_;
  Id owner_ = 0;
  Id workspace_ = 0;
};

TEST_P(PeopleTest, PasswordsAreArgon2idAndChecked) {
  const Id id = people_->add_user("Some.One@Example.com");
  {
    auto reader = TestPeople::must(store_->db().reader());
    const auto hash = *TestPeople::must(reader->one("SELECT password_hash FROM users WHERE id = $1", {id},
                                                    [](const store::Row& row) { return row.string(0); }));
    EXPECT_TRUE(hash.starts_with("$argon2id$"));
  }
  EXPECT_EQ(TestPeople::must(people_->users.check_password(" some.one@example.COM ", kTestPassword)).id, id);
  EXPECT_EQ(code(people_->users.check_password("some.one@example.com", "another password")),
            "wrong_credentials");
  EXPECT_EQ(code(people_->users.check_password("nobody@example.com", kTestPassword)), "wrong_credentials");
  EXPECT_EQ(code(people_->users.check_password("no address", kTestPassword)), "wrong_credentials");
  EXPECT_EQ(code(people_->users.prepare({"a@example.com", "A", "short", "en"})), "password_too_short");
  EXPECT_EQ(people_->users.prepare({"a.example.com", "A", kTestPassword, "en"}).error().where, "/email");
  EXPECT_EQ(people_->users.prepare({"a@example.com", " ", kTestPassword, "en"}).error().where, "/name");
  EXPECT_EQ(people_->users.prepare({"a@example.com", "A", kTestPassword, "fr"}).error().where, "/language");
  const auto again =
      TestPeople::must(people_->users.prepare({"some.one@example.com", "A", kTestPassword, "en"}));
  EXPECT_EQ(code(store_->db().writer().write(
                [&](store::Transaction& tx) { return people_->users.insert(tx, again); })),
            "email_taken");
}

TEST_P(PeopleTest, ANewPasswordEndsTheOtherSessions) {
  const Id id = people_->add_user("a@example.com");
  const auto here = people_->sign_in(id);
  const auto elsewhere = people_->sign_in(id);
  Id ended = 0;
  people_->sessions.on_end([&](Id user_id) { ended = user_id; });
  const std::string kept = secret_hash(here.token);
  EXPECT_EQ(code(people_->users.change_password(id, "wrong password", "a new password", kept)),
            "wrong_password");
  EXPECT_TRUE(is_alive(elsewhere));
  TestPeople::must(people_->users.change_password(id, kTestPassword, "a new password", kept));
  EXPECT_TRUE(is_alive(here));
  EXPECT_FALSE(is_alive(elsewhere));
  EXPECT_EQ(ended, id);
  EXPECT_EQ(code(people_->users.check_password("a@example.com", kTestPassword)), "wrong_credentials");
  EXPECT_EQ(code(people_->users.check_password("a@example.com", "a new password")), "ok");
}

TEST_P(PeopleTest, DisablingEndsEverythingButNeverTheLastOwner) {
  add_owner();
  const Id agent = people_->add_user("agent@example.com");
  people_->add_member(workspace_, agent, Role::kAgent);
  const auto session = people_->sign_in(agent);
  TestPeople::must(people_->users.set_disabled(agent, true));
  EXPECT_FALSE(is_alive(session));
  EXPECT_EQ(code(people_->users.check_password("agent@example.com", kTestPassword)), "wrong_credentials");
  EXPECT_EQ(code(people_->users.set_disabled(owner_, true)), "last_owner");
  TestPeople::must(people_->users.set_disabled(agent, false));
  EXPECT_EQ(code(people_->users.check_password("agent@example.com", kTestPassword)), "ok");
}

TEST_P(PeopleTest, AWorkspaceKeepsAnOwner) {
  add_owner();
  EXPECT_EQ(code(people_->workspaces.set_role(workspace_, owner_, Role::kLead, owner_)), "last_owner");
  EXPECT_EQ(code(people_->workspaces.remove_member(workspace_, owner_, owner_)), "last_owner");
  const Id second = people_->add_user("second@example.com");
  people_->add_member(workspace_, second, Role::kAgent);
  TestPeople::must(people_->workspaces.set_role(workspace_, second, Role::kOwner, owner_));
  TestPeople::must(people_->workspaces.remove_member(workspace_, owner_, second));
  EXPECT_EQ(code(people_->workspaces.remove_member(workspace_, second, second)), "last_owner");
  EXPECT_EQ(people_->workspaces.remove_member(workspace_, 1, second).error().kind, ErrorKind::kNotFound);
  ASSERT_EQ(told_.size(), 4u);
  EXPECT_NE(told_[2].find("\"role\":\"owner\""), std::string::npos);
  EXPECT_NE(told_[3].find("\"change\":\"removed\""), std::string::npos);
}

TEST_P(PeopleTest, WhoIsRemovedLeavesNoWayBack) {
  add_owner();
  const Id gone = people_->add_user("gone@example.com");
  people_->add_member(workspace_, gone, Role::kAdministrator);
  const auto link = TestPeople::must(people_->invitations.create(workspace_, Role::kAdministrator, "", gone));
  const auto token =
      TestPeople::must(people_->tokens.create({workspace_, 0, Role::kAdministrator, "Mine", gone}));
  TestPeople::must(people_->workspaces.remove_member(workspace_, gone, owner_));
  EXPECT_FALSE(people_->invitations.accept(link.secret, gone, "gone@example.com").ok());
  auto request = test_request("GET", "/x");
  request.headers.set("Authorization", "Bearer " + token.secret);
  EXPECT_FALSE(people_->gate.authenticate(request).ok());
}

TEST_P(PeopleTest, AnInvitationWorksOnceForAWeek) {
  add_owner();
  const auto made = TestPeople::must(people_->invitations.create(workspace_, Role::kLead, "", owner_));
  const auto preview = TestPeople::must(people_->invitations.preview(made.secret));
  EXPECT_EQ(preview.workspace_name, "Bakery");
  EXPECT_EQ(preview.invited_by, "Name of owner@example.com");
  const auto accepted = TestPeople::must(people_->invitations.accept_as_new(
      made.secret, {"new@example.com", "New", kTestPassword, "ja"}, "", ""));
  EXPECT_TRUE(is_alive({accepted.user_id, accepted.session.token, ""}));
  EXPECT_EQ(TestPeople::must(people_->workspaces.member(workspace_, accepted.user_id))->role, Role::kLead);
  EXPECT_EQ(code(people_->invitations.preview(made.secret)), "invitation_used");
  EXPECT_EQ(people_->invitations.preview("nonsense").error().kind, ErrorKind::kNotFound);

  const auto late = TestPeople::must(people_->invitations.create(workspace_, Role::kAgent, "", owner_));
  people_->clock.advance_ms(kInvitationLifeMs);
  EXPECT_EQ(code(people_->invitations.preview(late.secret)), "invitation_expired");
}

TEST_P(PeopleTest, AnInvitationForOneAddressIsForThatAddress) {
  add_owner();
  const auto made =
      TestPeople::must(people_->invitations.create(workspace_, Role::kAgent, "Only@Example.com", owner_));
  EXPECT_EQ(code(people_->invitations.accept_as_new(made.secret,
                                                    {"other@example.com", "O", kTestPassword, "ja"}, "", "")),
            "other_email");
  EXPECT_FALSE(TestPeople::must(people_->users.find_by_email("other@example.com")))
      << "nothing half-made is left";
  const Id only = people_->add_user("only@example.com");
  TestPeople::must(people_->invitations.accept(made.secret, only, "only@example.com"));
  const auto second = TestPeople::must(people_->invitations.create(workspace_, Role::kOwner, "", owner_));
  EXPECT_EQ(code(people_->invitations.accept(second.secret, only, "only@example.com")), "already_member");
  EXPECT_EQ(code(people_->invitations.preview(second.secret)), "ok") << "it was not used up";
}

TEST_P(PeopleTest, TheSetUpLinkWorksOnce) {
  const auto first = TestPeople::must(people_->links.make_setup_token());
  const auto token = TestPeople::must(people_->links.make_setup_token());
  ASSERT_TRUE(first && token);
  const NewUser owner{"owner@example.com", "Owner", kTestPassword, "ja"};
  const NewWorkspace workspace{"Bakery", "Asia/Tokyo", "ja"};
  EXPECT_EQ(code(people_->links.set_up(*first, owner, workspace, "", "")), "wrong_token")
      << "an older link ends";
  EXPECT_EQ(people_->links.set_up(*token, owner, {"Bakery", "To kyo", "ja"}, "", "").error().where,
            "/time_zone");
  const auto made = TestPeople::must(people_->links.set_up(*token, owner, workspace, "", ""));
  EXPECT_EQ(TestPeople::must(people_->workspaces.member(made.workspace_id, made.user_id))->role,
            Role::kOwner);
  EXPECT_EQ(code(people_->links.set_up(*token, owner, workspace, "", "")), "already_set_up");
  EXPECT_FALSE(TestPeople::must(people_->links.make_setup_token()));
}

TEST_P(PeopleTest, ALoginLinkWorksOnceForAnHour) {
  const Id id = people_->add_user("a@example.com");
  const auto token = TestPeople::must(people_->links.make_login_token(id));
  const auto done = TestPeople::must(people_->links.sign_in(token, "", ""));
  EXPECT_EQ(done.user_id, id);
  EXPECT_TRUE(is_alive({id, done.session.token, ""}));
  EXPECT_EQ(code(people_->links.sign_in(token, "", "")), "wrong_token");
  const auto late = TestPeople::must(people_->links.make_login_token(id));
  people_->clock.advance_ms(kLoginLinkLifeMs);
  EXPECT_EQ(code(people_->links.sign_in(late, "", "")), "wrong_token");
}

INSTANTIATE_TEST_SUITE_P(Stores, PeopleTest, store::test_dialects(), store::test_dialect_name);

TEST(Passwords, NobodyCostsTheSameAsSomebody) {
  // A hash that cannot be read would be refused at once; this one takes as long as a real one.
  Passwords passwords(PasswordCost{1, 32u << 20, 1, 4});
  const auto took = [&](auto f) {
    const auto began = std::chrono::steady_clock::now();
    TestPeople::must(f());
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  const std::string hash = TestPeople::must(passwords.hash(kTestPassword));
  EXPECT_FALSE(passwords.needs_rehash(hash));
  double somebody = 1e9;
  double nobody = 1e9;
  for (int i = 0; i < 5; ++i) {
    somebody = std::min(somebody, took([&] { return passwords.verify(hash, "wrong password"); }));
    nobody = std::min(nobody, took([&] { return passwords.verify_nobody("wrong password"); }));
  }
  EXPECT_GT(nobody, somebody / 4);
  EXPECT_LT(nobody, somebody * 4);
}

TEST(Initials, OfNamesInBothScripts) {
  EXPECT_EQ(initials_of("ada lovelace king"), "AL");
  EXPECT_EQ(initials_of("花 子"), "花子");
  EXPECT_EQ(initials_of("花子"), "花");
  EXPECT_EQ(initials_of("  "), "");
}

}  // namespace
}  // namespace kiki::auth
