// Notices on both stores, with a mail server and a webhook receiver that do as they are told.

#include "notify/notify.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <deque>

#include "notify/mail_words.hpp"
#include "notify/texts.hpp"
#include "store/test_store.hpp"

namespace kiki::notify {
namespace {

constexpr Id kWorkspace = 1;
constexpr Id kHana = 21;
constexpr Id kKen = 22;
constexpr TimeMs kHourMs = 3'600'000;

class FakeMail final : public net::MailClient {
 public:
  bool configured() const override { return works; }
  Result<void> send(const net::Mail& mail, std::stop_token) override {
    if (next_error) {
      auto error = *std::exchange(next_error, std::nullopt);
      return error;
    }
    sent.push_back(mail);
    return {};
  }
  bool works = true;
  std::optional<Error> next_error;
  std::vector<net::Mail> sent;
};

class FakeHttp final : public net::HttpClient {
 public:
  Result<net::HttpAnswer> call(const net::HttpCall& call, std::stop_token) override {
    calls.push_back(call);
    net::HttpAnswer answer;
    answer.status = 200;
    if (!statuses.empty()) {
      answer.status = statuses.front();
      statuses.pop_front();
    }
    return answer;
  }
  std::vector<net::HttpCall> calls;
  std::deque<int> statuses;
};

class NotifyTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    sealer_ = store::Sealer::open(store_->directory()).value();
    notify_ = std::make_unique<Notify>(Parts{store_->db(), log_, ids_, clock_, random_, *sealer_, http_,
                                             net::SsrfPolicy{}, mail_, "https://desk.example.com"});
    write([&](store::Transaction& tx) -> Result<void> {
      TRY(tx.db().run("INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'Bakery', 0)",
                      {kWorkspace}));
      for (const auto& [id, name, language] :
           {std::tuple(kHana, "hana", "ja"), std::tuple(kKen, "ken", "en")}) {
        TRY(tx.db().run(
            "INSERT INTO users (id, email, name, password_hash, language, created_at) VALUES ($1, $2, "
            "$3, '', $4, 0)",
            {id, std::string(name) + "@example.com", name, language}));
        TRY(tx.db().run(
            "INSERT INTO memberships (workspace_id, user_id, role, created_at) VALUES ($1, $2, 'agent', 0)",
            {kWorkspace, id}));
      }
      return {};
    });
  }
  void write(const store::Writer::Job& job) {
    const auto done = store_->db().writer().write(job);
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  void tell(const std::string& key, int severity = 6, std::vector<Id> users = {}) {
    write([&](store::Transaction& tx) {
      return notify_->tell(tx,
                           {kWorkspace, key, "rise_learnt", severity,
                            R"({"topic":"<Rice>","posts":12,"minutes":10,"usual":2,"path":"/all?topic=7"})",
                            std::move(users)});
    });
  }
  void set(Id user, const NotificationSettings& settings) {
    write([&](store::Transaction& tx) { return write_settings(tx, kWorkspace, user, settings); });
  }
  void round() {
    const auto done = notify_->run_once();
    ASSERT_TRUE(done.ok()) << done.error().message;
  }

  std::unique_ptr<store::TestStore> store_;
  ManualClock clock_{1'700'006'400'000 + 3 * kHourMs};  // 12:00 in Tokyo
  events::EventBus bus_;
  events::EventLog log_{bus_, clock_};
  IdGenerator ids_{clock_};
  SeededRandom random_{1};
  std::unique_ptr<store::Sealer> sealer_;
  FakeHttp http_;
  FakeMail mail_;
  std::unique_ptr<Notify> notify_;
};

TEST_P(NotifyTest, EachIsToldOnceByEachWayHoweverOftenItIsSaid) {
  const auto hook = notify_->make_webhook(kWorkspace, kHana, "Phone", "https://example.com/hook");
  ASSERT_TRUE(hook.ok()) << hook.error().message;
  for (int i = 0; i < 3; ++i) tell("alarm/1");
  for (int i = 0; i < 3; ++i) round();
  ASSERT_EQ(mail_.sent.size(), 2u);
  EXPECT_EQ(mail_.sent[0].to, "hana@example.com");
  EXPECT_EQ(mail_.sent[0].subject, "[Bakery] 「<Rice>」の投稿が急に増えています");
  EXPECT_EQ(mail_.sent[1].subject, "[Bakery] “<Rice>” is rising");
  EXPECT_NE(mail_.sent[1].text.find("12 posts in the last 10 minutes, usually 2."), std::string::npos);
  EXPECT_NE(mail_.sent[1].text.find("https://desk.example.com/w/1/all?topic=7"), std::string::npos);
  EXPECT_NE(mail_.sent[1].html.find("&lt;Rice&gt;"), std::string::npos);
  EXPECT_EQ(mail_.sent[1].html.find("<Rice>"), std::string::npos);
  ASSERT_EQ(http_.calls.size(), 1u);
  EXPECT_EQ(notify_->list(kWorkspace, kKen, INT64_MAX, 10)->size(), 1u);
  EXPECT_EQ(*notify_->unread(kWorkspace, kKen), 1);
  const auto id = notify_->list(kWorkspace, kKen, INT64_MAX, 10)->at(0).id;
  ASSERT_TRUE(notify_->mark_read(kWorkspace, kKen, id).ok());
  EXPECT_EQ(*notify_->unread(kWorkspace, kKen), 0);
  EXPECT_EQ(*notify_->unread(kWorkspace, kHana), 1);
}

TEST_P(NotifyTest, WhatFailsComesAgainUnderTheSameIdAndWhatIsRefusedDoesNot) {
  const auto hook = notify_->make_webhook(kWorkspace, kHana, "Phone", "https://example.com/hook").value();
  http_.statuses = {500, 200};
  mail_.next_error = unavailable("away");
  tell("alarm/1", 6, {});
  round();
  EXPECT_EQ(mail_.sent.size(), 1u);
  clock_.advance_ms(10'000);
  round();
  EXPECT_EQ(mail_.sent.size(), 2u);
  ASSERT_EQ(http_.calls.size(), 2u);
  EXPECT_EQ(http_.calls[0].headers.get("webhook-id"), http_.calls[1].headers.get("webhook-id"));
  http_.statuses = {410};
  tell("alarm/2");
  for (int i = 0; i < 3; ++i) {
    round();
    clock_.advance_ms(5 * kHourMs);
  }
  EXPECT_EQ(http_.calls.size(), 3u);
  const auto notice = notify_->list(kWorkspace, kHana, INT64_MAX, 1)->at(0).id;
  ASSERT_TRUE(notify_->resend(kWorkspace, hook.id, notice).ok());
  EXPECT_FALSE(notify_->resend(kWorkspace, hook.id, 12345).ok());
  round();
  EXPECT_EQ(http_.calls.size(), 4u);
}

TEST_P(NotifyTest, ATryThatACrashCutShortComesAgain) {
  tell("alarm/1");
  write([&](store::Transaction& tx) -> Result<void> {  // as the claim leaves it
    TRY(tx.db().run("UPDATE tellings SET attempts = 1, next_at = $1 WHERE way = 'mail'",
                    {clock_.now_ms() + 120'000}));
    return {};
  });
  round();
  EXPECT_TRUE(mail_.sent.empty());
  clock_.advance_ms(120'000);
  round();
  EXPECT_EQ(mail_.sent.size(), 2u);
}

TEST_P(NotifyTest, QuietHoursHoldMailsBackButNotLoudOnes) {
  set(kHana,
      {.mail = true, .least_severity = 1, .quiet_from_minute = 11 * 60, .quiet_until_minute = 13 * 60});
  set(kKen, {.mail = false});
  tell("alarm/1", 7);
  round();
  EXPECT_TRUE(mail_.sent.empty());
  EXPECT_EQ(notify_->list(kWorkspace, kHana, INT64_MAX, 10)->size(), 1u) << "the console shows it at once";
  tell("alarm/2", 8);
  round();
  EXPECT_EQ(mail_.sent.size(), 1u);
  clock_.advance_ms(kHourMs);
  round();
  EXPECT_EQ(mail_.sent.size(), 2u);
  set(kHana, {.mail = true, .least_severity = 9});
  tell("alarm/3", 8);
  round();
  EXPECT_EQ(mail_.sent.size(), 2u);
}

TEST_P(NotifyTest, ANoticeForOneIsForOneAndWithoutAServerNobodyGetsMail) {
  ASSERT_TRUE(notify_->make_webhook(kWorkspace, kHana, "Phone", "https://example.com/hook").ok());
  tell("assigned/1", 6, {kKen});
  round();
  ASSERT_EQ(mail_.sent.size(), 1u);
  EXPECT_EQ(mail_.sent[0].to, "ken@example.com");
  EXPECT_TRUE(http_.calls.empty()) << "what concerns one person goes to no webhook";
  EXPECT_EQ(*notify_->unread(kWorkspace, kHana), 0);
  mail_.works = false;
  tell("alarm/2");
  round();
  EXPECT_EQ(mail_.sent.size(), 1u);
}

TEST_P(NotifyTest, BrokenPromisesAreToldToWhoHasTheCaseOrTheRosterAndManyAtOnceFillNoMailbox) {
  const auto hook = notify_->make_webhook(kWorkspace, kHana, "Phone", "https://example.com/hook");
  ASSERT_TRUE(hook.ok());
  constexpr Id kCases = 30;
  write([&](store::Transaction& tx) -> Result<void> {
    for (Id id = 1; id <= kCases; ++id) {
      // The first is Hana's, the others nobody's; Ken is on duty.
      TRY(tx.db().run(
          "INSERT INTO cases (workspace_id, id, number, person_id, identity_id, account_id, network, "
          "status, origin, assignee_id, last_post_at, opened_at) VALUES ($1, $2, $2, 1, 1, 1, "
          "'open', 'open', 'addressed', $3, 0, 0)",
          {kWorkspace, id, id == 1 ? std::optional<Id>(kHana) : std::nullopt}));
      for (int twice = 0; twice < 2; ++twice) {
        events::Event event;
        event.workspace_id = kWorkspace;
        event.kind = "promise.broken";
        event.case_id = id;
        event.data = R"({"promise":"first_reply","due_at":"2023-11-15T03:00:00.000Z","on_duty":["22"]})";
        TRY(log_.append(tx, std::move(event)));
      }
    }
    return {};
  });
  for (int i = 0; i < 3; ++i) round();
  EXPECT_EQ(notify_->list(kWorkspace, kHana, INT64_MAX, 100)->size(), 1u);
  EXPECT_EQ(notify_->list(kWorkspace, kKen, INT64_MAX, 100)->size(), kCases - 1u);
  EXPECT_EQ(http_.calls.size(), static_cast<std::size_t>(kCases)) << "the webhook hears of each, once";
  ASSERT_EQ(mail_.sent.size(), 20u);
  EXPECT_EQ(mail_.sent[0].to, "hana@example.com");
  EXPECT_EQ(mail_.sent[0].subject, "[Bakery] 案件 #1 の約束時間を過ぎました");
  EXPECT_NE(mail_.sent[0].text.find("/all/case/1"), std::string::npos);
  EXPECT_EQ(mail_.sent[1].to, "ken@example.com");
}

TEST_P(NotifyTest, TheCustomerIsNamedByTheCaseAndNotByTheNoticeAndNotWhenNothingOfThemIsLeft) {
  ASSERT_TRUE(notify_->make_webhook(kWorkspace, kHana, "Tracker", "https://example.com/hook").ok());
  write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("INSERT INTO persons (workspace_id, id, name, created_at) VALUES ($1, 5, 'Yuki', 0)",
                    {kWorkspace}));
    TRY(
        tx.db().run("INSERT INTO identities (workspace_id, id, person_id, network, external_id, handle, "
                    "name, created_at) "
                    "VALUES ($1, 6, 5, 'open', 'yuki', 'yuki_t', 'Yuki', 0)",
                    {kWorkspace}));
    TRY(tx.db().run(
        "INSERT INTO cases (workspace_id, id, number, person_id, identity_id, account_id, network, "
        "status, origin, title, last_post_at, opened_at) VALUES ($1, 7, 70, 5, 6, 1, 'open', "
        "'open', 'addressed', 'Kettle', 0, 0)",
        {kWorkspace}));
    TRY(tx.db().run(
        "INSERT INTO posts (workspace_id, id, case_id, conversation_id, account_id, identity_id, network, "
        "external_id, direction, text, posted_at, received_at) VALUES ($1, 9, 7, 8, 1, 6, 'open', 'p', "
        "'in', 'Help', 0, 0)",
        {kWorkspace}));
    Notice notice{kWorkspace,
                  "escalation/1",
                  "escalation_created",
                  6,
                  R"({"number":70,"case_id":"7","of_customer":true,"escalation_id":"1","team":"Repair",)"
                  R"("path":"/all/case/7"})",
                  {kKen}};
    notice.to_webhooks = true;
    return notify_->tell(tx, notice);
  });
  const auto shown = [&] { return notify_->list(kWorkspace, kKen, INT64_MAX, 10)->at(0).data; };
  round();
  EXPECT_NE(shown().find(R"("name":"Yuki")"), std::string::npos) << shown();
  EXPECT_NE(shown().find(R"("title":"Kettle")"), std::string::npos);
  EXPECT_NE(mail_.sent.at(0).text.find("Customer: Yuki"), std::string::npos) << mail_.sent[0].text;
  EXPECT_NE(http_.calls.at(0).body.find(R"("name":"Yuki")"), std::string::npos);
  // They call themselves something else now.
  write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("UPDATE identities SET name = ''", {}));
    return {};
  });
  EXPECT_NE(shown().find(R"("name":"yuki_t")"), std::string::npos);
  // Nothing of what they wrote is left.
  write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("UPDATE posts SET text = '', deleted_at = 1", {}));
    TRY(tx.db().run("UPDATE cases SET title = ''", {}));
    Notice notice{kWorkspace,
                  "mentioned/1",
                  "mentioned",
                  6,
                  R"({"by":"Hana","number":70,"case_id":"7","of_customer":true,"path":"/all/case/7"})",
                  {kKen}};
    return notify_->tell(tx, notice);
  });
  round();
  const auto both = *notify_->list(kWorkspace, kKen, INT64_MAX, 10);
  for (const auto& one : both) {
    EXPECT_NE(one.data.find(R"("name":"")"), std::string::npos) << one.data;
    EXPECT_EQ(one.data.find("Kettle"), std::string::npos);
  }
  EXPECT_NE(mail_.sent.at(1).text.find("Customer: (deleted)"), std::string::npos) << mail_.sent[1].text;
  auto reader = store_->db().reader();
  const auto kept = (*reader)->one("SELECT COUNT(*) FROM notices WHERE LOWER(data) LIKE '%yuki%'", {},
                                   [](const store::Row& row) { return row.integer(0); });
  EXPECT_EQ(**kept, 0) << "a name was written down";
}

TEST_P(NotifyTest, AnAccountThatNeedsSomebodyIsToldToItsAdministratorsOnceWithTheStepThatMendsIt) {
  write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("UPDATE memberships SET role = 'administrator' WHERE user_id = $1", {kKen}));
    TRY(
        tx.db().run("INSERT INTO accounts (workspace_id, id, network, external_id, handle, name, created_at) "
                    "VALUES ($1, 70, 'paper', 'us', 'us', 'The shop', 0)",
                    {kWorkspace}));
    for (const auto* data : {R"({"account_id":"70","kind":"credentials","since":"2026-01-01T00:00:00.000Z"})",
                             R"({"account_id":"70","kind":"credentials","since":"2026-01-01T00:00:00.000Z"})",
                             R"({"account_id":"70","kind":"credentials","mended":true})",
                             R"({"account_id":"71","kind":"webhook","since":"2026-01-01T00:00:00.000Z"})"}) {
      events::Event event;
      event.workspace_id = kWorkspace;
      event.kind = "account.problem";
      event.data = data;
      TRY(log_.append(tx, std::move(event)));
    }
    return {};
  });
  for (int i = 0; i < 2; ++i) round();
  EXPECT_EQ(notify_->list(kWorkspace, kHana, INT64_MAX, 10)->size(), 0u) << "an agent cannot mend it";
  const auto told = notify_->list(kWorkspace, kKen, INT64_MAX, 10);
  ASSERT_EQ(told->size(), 1u);
  EXPECT_EQ(told->front().kind, "account_credentials");
  ASSERT_EQ(mail_.sent.size(), 1u);
  EXPECT_EQ(mail_.sent[0].subject, "[Bakery] The shop must be connected again");
  EXPECT_NE(mail_.sent[0].text.find("https://desk.example.com/w/1/settings/accounts/70"), std::string::npos);
}

TEST_P(NotifyTest, ARewardListThatRunsLowIsToldToLeadsOnce) {
  write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("UPDATE memberships SET role = 'lead' WHERE user_id = $1", {kKen}));
    return {};
  });
  ASSERT_TRUE(notify_->start().ok());  // from here on
  notify_->stop();
  const auto runs_low = [&](int left, Id actor) {
    write([&](store::Transaction& tx) {
      events::Event event;
      event.workspace_id = kWorkspace;
      event.kind = "rewards.low";
      event.actor_id = actor;
      event.data = R"({"list_id":"5","list":"Spring","free":)" + std::to_string(left) + "}";
      return log_.append(tx, std::move(event));
    });
    round();
    round();
  };
  runs_low(3, 0);
  ASSERT_EQ(notify_->list(kWorkspace, kKen, INT64_MAX, 10)->size(), 1u);
  EXPECT_EQ(notify_->list(kWorkspace, kHana, INT64_MAX, 10)->size(), 0u) << "an agent cannot fill it";
  ASSERT_EQ(mail_.sent.size(), 1u);
  EXPECT_EQ(mail_.sent[0].subject, "[Bakery] Reward codes run low: “Spring”");
  EXPECT_NE(mail_.sent[0].text.find("Codes left: 3."), std::string::npos) << mail_.sent[0].text;
  EXPECT_NE(mail_.sent[0].text.find("/w/1/settings/rewards"), std::string::npos);
  runs_low(0, 0);
  ASSERT_EQ(mail_.sent.size(), 2u);
  EXPECT_EQ(mail_.sent[1].subject, "[Bakery] No reward code is left: “Spring”");
  runs_low(1, kKen);
  EXPECT_EQ(mail_.sent.size(), 2u) << "who set the threshold sees it";
}

TEST_P(NotifyTest, WebhooksAreGuarded) {
  EXPECT_FALSE(notify_->make_webhook(kWorkspace, kHana, "Inside", "http://127.0.0.1/hook").ok());
  EXPECT_FALSE(notify_->make_webhook(kWorkspace, kHana, "Inside", "https://10.0.0.1/hook").ok());
  EXPECT_FALSE(notify_->make_webhook(kWorkspace, kHana, "", "https://example.com/hook").ok());
  const auto hook = notify_->make_webhook(kWorkspace, kHana, "Phone", "https://example.com/hook").value();
  EXPECT_TRUE(hook.secret.starts_with("whsec_"));
  EXPECT_EQ(notify_->webhooks(kWorkspace)->at(0).secret, "");
  EXPECT_FALSE(
      notify_->change_webhook(kWorkspace, hook.id, std::nullopt, "https://[::1]/", std::nullopt).ok());
  EXPECT_FALSE(notify_->change_webhook(2, hook.id, "Theirs", std::nullopt, std::nullopt).ok());
  ASSERT_TRUE(notify_->change_webhook(kWorkspace, hook.id, std::nullopt, std::nullopt, false).ok());
  tell("alarm/1");
  round();
  EXPECT_TRUE(http_.calls.empty());
  ASSERT_TRUE(notify_->remove_webhook(kWorkspace, hook.id).ok());
  EXPECT_TRUE(notify_->webhooks(kWorkspace)->empty());
}

INSTANTIATE_TEST_SUITE_P(Stores, NotifyTest, store::test_dialects(), store::test_dialect_name);

TEST(MailTimeTest, QuietHoursMayGoOverMidnightAndFollowThePersonsZone) {
  NotificationSettings settings{
      .quiet_from_minute = 22 * 60, .quiet_until_minute = 7 * 60, .time_zone = "Asia/Tokyo"};
  const TimeMs midnight = 1'700'006'400'000 - 9 * kHourMs;  // in Tokyo
  EXPECT_EQ(mail_time(settings, "UTC", 5, midnight), midnight + 7 * kHourMs);
  EXPECT_EQ(mail_time(settings, "UTC", 5, midnight + 23 * kHourMs), midnight + 31 * kHourMs);
  EXPECT_EQ(mail_time(settings, "UTC", 5, midnight + 12 * kHourMs), midnight + 12 * kHourMs);
  EXPECT_EQ(mail_time(settings, "UTC", 8, midnight), midnight);
  settings.time_zone.clear();
  EXPECT_EQ(mail_time(settings, "Asia/Tokyo", 5, midnight), midnight + 7 * kHourMs);
}

TEST(SettingsTest, OnlyWhatIsMeantIsTaken) {
  const auto change = [](std::string_view text) {
    const auto document = JsonDocument::parse(text);
    return changed({}, document->root());
  };
  EXPECT_EQ(change(R"({"quiet_from":"22:30","quiet_until":"07:00"})")->quiet_from_minute, 22 * 60 + 30);
  for (const auto* wrong :
       {R"({"quiet_from":"22:30"})", R"({"quiet_from":"24:00","quiet_until":"07:00"})",
        R"({"least_severity":0})", R"({"time_zone":"Moon/Base"})", R"({"sms":true})", R"([])"})
    EXPECT_FALSE(change(wrong).ok()) << wrong;
  EXPECT_EQ(parse_settings("garbage").least_severity, 5);
}

TEST(WordsTest, NamesAreFilled) {
  EXPECT_EQ(words("en", "notice.severity", {{"severity", 7}}), "Severity 7 of 10");
  EXPECT_EQ(words("fr", "notice.severity", {{"severity", 7}}), "Severity 7 of 10");
  EXPECT_EQ(words("en", "no.such.key", {}), "no.such.key");
}

}  // namespace
}  // namespace kiki::notify
