// A link into a private place, from the reply that carries it to the case it brings along.

#include "cases/private_links.hpp"

#include <gtest/gtest.h>

#include "cases/intake.hpp"
#include "cases/timeline.hpp"
#include "store/test_store.hpp"

namespace kiki::ingest {
namespace {

constexpr Id kWorkspace = 1;
constexpr Id kPublic = 3;
constexpr Id kChat = 4;
constexpr TimeMs kHourMs = 3'600'000;

class PrivateLinksTest : public testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    KIKI_MAKE_TEST_STORE(store_, GetParam());
    write([&](store::Transaction& tx) -> Result<void> {
      TRY(tx.db().run("INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'Shop', 0)", {kWorkspace}));
      return {};
    });
    comes(kPublic, "sato", "t1", "The lamp flickers", "", false);
    case_ = case_of("The lamp flickers");
  }
  void write(const store::Writer::Job& job) {
    const auto done = store_->db().writer().write(job);
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  std::string link(TimeMs lasts_ms, Id outbox_id = 900) {
    std::string token;
    write([&](store::Transaction& tx) -> Result<void> {
      cases::PrivateLink made;
      made.workspace_id = kWorkspace;
      made.case_id = case_;
      made.account_id = kChat;
      made.outbox_id = outbox_id;
      made.expires_at = clock_.now_ms() + lasts_ms;
      token = TRY(cases::make_private_link(tx, ids_, made, clock_.now_ms()));
      return {};
    });
    return token;
  }
  void comes(Id account, std::string who, std::string thread, std::string text, std::string word,
             bool is_private = true) {
    write([&](store::Transaction& tx) -> Result<void> {
      cases::Intake intake(tx, log_, ids_, clock_.now_ms());
      TRY(post(intake, account, who, thread, text, word, is_private));
      return intake.finish();
    });
  }
  Result<cases::Applied> post(cases::Intake& intake, Id account, const std::string& who,
                              const std::string& thread, const std::string& text, const std::string& word,
                              bool is_private = true) {
    cases::PostFacts facts;
    facts.workspace_id = kWorkspace;
    facts.account_id = account;
    facts.is_private = is_private;
    facts.reason = "message";
    facts.network = "open";
    facts.external_id = text;
    facts.thread_external_id = thread;
    facts.continues = word;
    facts.author.network = "open";
    facts.author.external_id = who;
    facts.text = text;
    facts.posted_at = facts.received_at = clock_.now_ms();
    return intake.post(facts);
  }
  Id case_of(std::string_view text) {
    auto reader = store_->db().reader();
    const auto found = reader->operator*().one("SELECT case_id FROM posts WHERE external_id = $1", {text},
                                               [](const store::Row& row) { return row.integer(0); });
    return found.ok() ? found->value_or(0) : -1;
  }
  // The timeline behind the first post.
  std::string facts() {
    std::string all;
    auto reader = store_->db().reader();
    const auto page = cases::read_timeline(**reader, {kWorkspace, case_, {}, {}, 50});
    EXPECT_TRUE(page.ok());
    if (!page.ok()) return all;
    for (const auto& item : page->items) {
      if (const auto* fact = std::get_if<cases::TimelineFact>(&item)) all += fact->kind + " ";
      const auto* post = std::get_if<cases::TimelinePost>(&item);
      if (post != nullptr && post->text != "The lamp flickers") all += post->text + " ";
    }
    return all;
  }
  // What the link's own case is told, and then the case they were given instead.
  std::string refused(bool elsewhere = false) {
    std::string why;
    auto reader = store_->db().reader();
    (void)reader->operator*().query(
        "SELECT data, case_id FROM events WHERE kind = 'private.refused' ORDER BY seq", {},
        [&](const store::Row& row) {
          if ((row.integer(1) != case_) == elsewhere) why += row.string(0);
        });
    return why;
  }

  std::unique_ptr<store::TestStore> store_;
  ManualClock clock_{1'800'000'000'000};
  IdGenerator ids_{clock_};
  events::EventBus bus_;
  events::EventLog log_{bus_, clock_};
  Id case_ = 0;
};

TEST_P(PrivateLinksTest, TheTimelineSaysThatTheyCameBeforeWhatTheyCameWith) {
  const auto word = link(72 * kHourMs);
  EXPECT_EQ(facts(), "") << "made, but the reply that carries it has not left";
  clock_.advance_ms(60'000);
  write([&](store::Transaction& tx) {
    return cases::offer_private_links(tx, log_, kWorkspace, 900, clock_.now_ms());
  });
  write([&](store::Transaction& tx) {
    return cases::offer_private_links(tx, log_, kWorkspace, 900, clock_.now_ms());
  });
  EXPECT_EQ(facts(), "private.offered ") << "once";
  clock_.advance_ms(60'000);
  comes(kChat, "visitor", "c1", "Here I am", word);
  EXPECT_EQ(facts(), "private.offered private.came Here I am ");
  comes(kChat, "visitor", "c1", "And one more", word);
  EXPECT_EQ(facts(), "private.offered private.came Here I am And one more ");
}

TEST_P(PrivateLinksTest, WhoCameByItWasOfferedItWhateverTheNetworkTold) {
  const auto word = link(72 * kHourMs);
  clock_.advance_ms(60'000);
  comes(kChat, "visitor", "c1", "Here I am", word);
  EXPECT_EQ(facts(), "private.offered private.came Here I am ");
}

TEST_P(PrivateLinksTest, WorksForDaysUntilItsTimeAndNotAMomentLonger) {
  const auto early = link(72 * kHourMs);
  const auto late = link(72 * kHourMs, 901);
  clock_.advance_ms(72 * kHourMs - 1);
  comes(kChat, "visitor", "c1", "Days later", early);
  EXPECT_EQ(case_of("Days later"), case_);
  clock_.advance_ms(1);
  comes(kChat, "other", "c2", "Too late", late);
  EXPECT_NE(case_of("Too late"), case_);
  EXPECT_EQ(refused(), R"({"why":"expired"})");
  EXPECT_EQ(refused(true), R"({"why":"expired","case_id":")" + to_string(case_) + "\"}");
  // Who came in time goes on, also much later.
  clock_.advance_ms(1'000 * kHourMs);
  comes(kChat, "visitor", "c1", "Much later", early);
  EXPECT_EQ(case_of("Much later"), case_);
}

TEST_P(PrivateLinksTest, TwoInOneBatchTheFirstHasIt) {
  const auto word = link(kHourMs);
  write([&](store::Transaction& tx) -> Result<void> {
    cases::Intake intake(tx, log_, ids_, clock_.now_ms());
    TRY(post(intake, kChat, "first", "c1", "I was first", word));
    TRY(post(intake, kChat, "second", "c2", "I was second", word));
    TRY(post(intake, kChat, "first", "c1", "And again", ""));
    return intake.finish();
  });
  EXPECT_EQ(case_of("I was first"), case_);
  EXPECT_EQ(case_of("And again"), case_);
  EXPECT_NE(case_of("I was second"), case_);
  EXPECT_EQ(refused(), R"({"why":"used"})");
  EXPECT_EQ(refused(true), R"({"why":"used","case_id":")" + to_string(case_) + "\"}");
}

TEST_P(PrivateLinksTest, ThePostsOfTheCaseAreCountedAndItOpensAgain) {
  write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("UPDATE cases SET status = 'resolved', waiting_since = NULL WHERE id = $1", {case_}));
    return {};
  });
  comes(kChat, "visitor", "c1", "Still flickers", link(kHourMs));
  auto reader = store_->db().reader();
  const auto row = reader->operator*().one(
      "SELECT status, post_count, (SELECT COUNT(*) FROM cases) FROM cases WHERE id = $1", {case_},
      [](const store::Row& found) {
        return std::tuple(found.string(0), found.integer(1), found.integer(2));
      });
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->value(), std::tuple(std::string("open"), 2, 1)) << "no case besides";
}

TEST_P(PrivateLinksTest, OnlyTheHashIsKept) {
  const auto word = link(kHourMs);
  EXPECT_GE(word.size(), 43u);
  auto reader = store_->db().reader();
  const auto kept = reader->operator*().one("SELECT token_hash FROM private_links", {},
                                            [](const store::Row& row) { return row.string(0); });
  EXPECT_EQ(kept->value().find(word), std::string::npos);
  EXPECT_NE(word, link(kHourMs, 901));
  EXPECT_FALSE(cases::find_private_link(*reader.value(), word + "x")->has_value());
  EXPECT_FALSE(cases::find_private_link(*reader.value(), "")->has_value());
  EXPECT_EQ(cases::find_private_link(*reader.value(), word)->value().case_id, case_);
}

INSTANTIATE_TEST_SUITE_P(Stores, PrivateLinksTest, store::test_dialects(), store::test_dialect_name);

}  // namespace
}  // namespace kiki::ingest
