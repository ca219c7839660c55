#include "chat/conversations.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "chat/limits.hpp"
#include "chat/rooms.hpp"
#include "chat/waiting_time.hpp"
#include "store/test_store.hpp"

namespace kiki::chat {
namespace {

// A page that keeps what is pushed to it.
class Page final : public net::EventStream {
 public:
  bool push(std::shared_ptr<const std::string> frame) override {
    if (closed_) return false;
    frames.push_back(*frame);
    return true;
  }
  void close() override { closed_ = true; }
  bool closed() const override { return closed_; }
  void on_close(std::function<void()> f) override { gone = std::move(f); }
  std::vector<std::string> frames;
  std::function<void()> gone;
  std::vector<std::string> ids() const {
    std::vector<std::string> list;
    for (const auto& frame : frames) list.push_back(frame.substr(4, frame.find('\n') - 4));
    return list;
  }

 private:
  bool closed_ = false;
};

class ConversationsTest : public ::testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override {
    store_ = store::TestStore::make(GetParam());
    conversations_ = std::make_unique<Conversations>(store_->db(), ids_, clock_, 60'000);
    account_.workspace_id = 1;
    account_.id = 42;
    account_.network = "chat";
  }
  Caller caller(char who, std::optional<net::IdentityProof> proof = {}) {
    return {account_, std::string(kTokenBytes, who), std::move(proof)};
  }
  net::IdentityProof proof(std::string user, std::string hash) {
    return {std::move(user), "佐藤", "sato@example.com", clock_.now_ms() + 600'000, std::move(hash)};
  }
  channels::chat::VisitorMessage message(std::string id, std::string text = "hello") {
    channels::chat::VisitorMessage made;
    made.id = std::move(id);
    made.text = std::move(text);
    return made;
  }
  channels::Outgoing answer(Id outbox_id, std::string text) {
    channels::Outgoing outgoing;
    outgoing.outbox_id = outbox_id;
    outgoing.text = std::move(text);
    outgoing.case_id = 5;
    return outgoing;
  }
  std::string code(const Result<std::optional<Visitor>>& found) {
    return found.ok() ? "ok" : found.error().code;
  }
  std::int64_t count(std::string_view sql) {
    auto reader = store_->db().reader();
    return (*reader)->one(sql, {}, [](const store::Row& row) { return row.integer(0); }).value().value_or(-1);
  }

  ManualClock clock_;
  IdGenerator ids_{clock_};
  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<Conversations> conversations_;
  channels::Account account_;
};

TEST_P(ConversationsTest, KnowsABrowserAgainAndKeepsNoToken) {
  EXPECT_FALSE(conversations_->find(caller('a')).value().has_value());
  const auto made = conversations_->come(caller('a'));
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(conversations_->find(caller('a')).value()->id, made->id);
  EXPECT_EQ(conversations_->come(caller('a'))->id, made->id) << "again is no second one";
  EXPECT_FALSE(conversations_->find(caller('b')).value().has_value());
  EXPECT_EQ(count("SELECT COUNT(*) FROM chat_tokens WHERE token_hash LIKE '%aaaa%'"), 0);
  account_.id = 43;
  EXPECT_EQ(code(conversations_->find(caller('a'))), "wrong_chat");
}

TEST_P(ConversationsTest, TheSameMessageTwiceIsOne) {
  const auto visitor = conversations_->come(caller('a')).value();
  const auto first = conversations_->add(visitor, message("m1"), {});
  ASSERT_TRUE(first.ok());
  const auto again = conversations_->add(visitor, message("m1", "other words"), {});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->seq, first->seq);
  EXPECT_EQ(again->text, "hello");
  EXPECT_EQ(conversations_->read(1, visitor.id, 0)->size(), 1U);
}

TEST_P(ConversationsTest, AnAnswerIsPutOnceAndTakenBack) {
  const auto visitor = conversations_->come(caller('a')).value();
  ASSERT_TRUE(conversations_->put(account_, visitor.id, answer(77, "of course")).ok());
  ASSERT_TRUE(conversations_->put(account_, visitor.id, answer(77, "of course")).ok());
  auto all = conversations_->read(1, visitor.id, 0).value();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].external_id, "42/out/77");
  EXPECT_FALSE(all[0].from_visitor);
  EXPECT_EQ(conversations_->put(account_, 999, answer(78, "x")).error().code, "no_visitor");

  ASSERT_TRUE(conversations_->take_back(account_, "42/out/77").ok());
  const auto news = conversations_->read(1, visitor.id, all[0].change_seq).value();
  ASSERT_EQ(news.size(), 1U) << "a page that has it already hears of it";
  EXPECT_TRUE(news[0].deleted);
  EXPECT_EQ(news[0].text, "");
  EXPECT_EQ(news[0].seq, all[0].seq);
}

TEST_P(ConversationsTest, ReadAnswersAreToldOnceAndAreNotMailed) {
  auto visitor = conversations_->come(caller('a')).value();
  auto with_address = message("m1");
  with_address.email = "a@b.example";
  visitor = conversations_->tell(visitor, with_address).value();
  ASSERT_TRUE(conversations_->put(account_, visitor.id, answer(1, "one")).ok());
  ASSERT_TRUE(conversations_->put(account_, visitor.id, answer(2, "two")).ok());
  EXPECT_EQ(count("SELECT COUNT(*) FROM chat_messages WHERE mail_state = 'waiting'"), 2);
  EXPECT_EQ(conversations_->seen(visitor, 1).value(), std::vector<std::string>{"42/out/1"});
  EXPECT_TRUE(conversations_->seen(visitor, 1)->empty());
  EXPECT_EQ(conversations_->seen(visitor, 1'000'000).value(), std::vector<std::string>{"42/out/2"});
  EXPECT_EQ(count("SELECT COUNT(*) FROM chat_messages WHERE mail_state = 'waiting'"), 0);
  // What comes later is not read before it is there.
  ASSERT_TRUE(conversations_->put(account_, visitor.id, answer(3, "three")).ok());
  EXPECT_EQ(conversations_->seen(visitor, 1'000'000)->size(), 1U);
}

TEST_P(ConversationsTest, ASignedWordBelongsToTheBrowserThatBroughtItFirst) {
  const auto first = conversations_->find(caller('a', proof("user", "h1")));
  ASSERT_TRUE(first.ok());
  const auto id = (*first)->id;
  EXPECT_EQ((*first)->user_key, "user");
  EXPECT_EQ((*first)->email, "sato@example.com");
  EXPECT_EQ(code(conversations_->find(caller('b', proof("user", "h1")))), "identity_used");
  // A word of their own in another browser is theirs, with the same conversation.
  EXPECT_EQ(conversations_->find(caller('b', proof("user", "h2"))).value()->id, id);
  EXPECT_EQ(code(conversations_->find(caller('a', proof("somebody else", "h3")))), "identity_other");
}

TEST_P(ConversationsTest, WhatAProvenUserSaidIsShownOnlyWhileTheWordLives) {
  ASSERT_TRUE(conversations_->find(caller('a', proof("user", "h1"))).ok());
  EXPECT_EQ(code(conversations_->find(caller('a'))), "ok");
  clock_.advance_ms(600'001);
  EXPECT_EQ(code(conversations_->find(caller('a'))), "identity_needed");
  EXPECT_EQ(code(conversations_->find(caller('a', proof("user", "h2")))), "ok");
}

TEST_P(ConversationsTest, SigningInKeepsWhatWasSaidBefore) {
  const auto before = conversations_->come(caller('a')).value();
  ASSERT_TRUE(conversations_->add(before, message("m1"), {}).ok());
  const auto after = conversations_->find(caller('a', proof("user", "h1")));
  ASSERT_TRUE(after.ok());
  EXPECT_EQ((*after)->id, before.id);
  // In a second browser an anonymous conversation gives way to theirs.
  ASSERT_TRUE(conversations_->come(caller('b')).ok());
  EXPECT_EQ(conversations_->find(caller('b', proof("user", "h2"))).value()->id, before.id);
}

TEST_P(ConversationsTest, FilesAreTheirOwn) {
  const auto visitor = conversations_->come(caller('a')).value();
  const auto other = conversations_->come(caller('b')).value();
  const auto kept = conversations_->keep_file(visitor, {0, "image/png", 0, 2, 3}, "bytes");
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(conversations_->file_for(visitor, kept->id)->body, "bytes");
  EXPECT_EQ(conversations_->file_for(other, kept->id).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(conversations_->files_of(other, {kept->id}).error().where, "/files");
  EXPECT_EQ(conversations_->file(account_, to_string(kept->id))->content_type, "image/png");
  auto foreign = account_;
  foreign.id = 43;
  EXPECT_FALSE(conversations_->file(foreign, to_string(kept->id)).ok());
}

TEST_P(ConversationsTest, ForgetsWhatIsOldAndUploadsThatWereNeverSent) {
  const auto old = conversations_->come(caller('a')).value();
  const auto sent = conversations_->keep_file(old, {0, "image/png", 0, 2, 3}, "bytes").value();
  ASSERT_TRUE(conversations_->add(old, message("m1"), {sent}).ok());
  const auto unsent = conversations_->keep_file(old, {0, "image/png", 0, 2, 3}, "bytes").value();
  clock_.advance_ms(10'000);
  EXPECT_FALSE(conversations_->forget_unsent(clock_.now_ms() - 20'000).value()) << "still young";
  EXPECT_TRUE(conversations_->file_for(old, unsent.id).ok());
  EXPECT_FALSE(conversations_->forget_unsent(clock_.now_ms() - 5'000).value());
  EXPECT_FALSE(conversations_->file_for(old, unsent.id).ok());
  EXPECT_TRUE(conversations_->file_for(old, sent.id).ok());

  const auto young = conversations_->come(caller('b')).value();
  // An answer is a sign of life as well.
  const auto answered = conversations_->come(caller('c')).value();
  clock_.advance_ms(10'000);
  ASSERT_TRUE(conversations_->put(account_, answered.id, answer(9, "hello")).ok());
  ASSERT_TRUE(conversations_->add(young, message("m2"), {}).ok());
  EXPECT_FALSE(conversations_->forget(1, 43, clock_.now_ms()).value()) << "another account";
  EXPECT_EQ(count("SELECT COUNT(*) FROM chat_visitors"), 3);
  EXPECT_FALSE(conversations_->forget(1, 42, clock_.now_ms() - 5'000).value());
  EXPECT_EQ(count("SELECT COUNT(*) FROM chat_visitors"), 2);
  EXPECT_EQ(count("SELECT COUNT(*) FROM chat_messages"), 2);
  EXPECT_EQ(count("SELECT COUNT(*) FROM chat_files"), 0);
  EXPECT_EQ(count("SELECT COUNT(*) FROM chat_tokens"), 2);
  EXPECT_EQ(conversations_->find(caller('a')).value(), std::nullopt) << "nobody is known by it any more";
}

TEST_P(ConversationsTest, WhoIsForgottenUnderAnOpenPageBeginsAnew) {
  const auto rooms = std::make_shared<Rooms>(*conversations_, clock_);
  const auto old = conversations_->come(caller('a')).value();
  for (const auto* id : {"m1", "m2"}) ASSERT_TRUE(conversations_->add(old, message(id), {}).ok());
  auto page = std::make_shared<Page>();
  ASSERT_TRUE(rooms->open(old, 0, page).ok());
  ASSERT_EQ(page->ids(), (std::vector<std::string>{"1", "2"}));
  clock_.advance_ms(10'000);
  ASSERT_TRUE(conversations_->forget(1, 42, clock_.now_ms()).ok());
  // What was on its way for the one who is no more is refused whole, and an answer says so.
  EXPECT_FALSE(conversations_->add(old, message("m3"), {}).ok());
  EXPECT_EQ(count("SELECT COUNT(*) FROM chat_messages"), 0);
  EXPECT_EQ(conversations_->put(account_, old.id, answer(1, "x")).error().code, "no_visitor");
  // The same browser is somebody new; its numbers begin anew, by which the page knows.
  const auto anew = conversations_->come(caller('a')).value();
  EXPECT_NE(anew.id, old.id);
  const auto first = conversations_->add(anew, message("m3"), {}).value();
  EXPECT_LE(first.change_seq, 2);
  rooms->look(1, old.id);
  rooms->look(1, anew.id);
  EXPECT_EQ(page->frames.size(), 2U) << "the old page hears nothing of anybody else";
  auto fresh = std::make_shared<Page>();
  ASSERT_TRUE(rooms->open(anew, 0, fresh).ok());
  EXPECT_EQ(fresh->ids(), (std::vector<std::string>{"1"}));
}

TEST_P(ConversationsTest, APageGetsEverythingBehindItsCursorInOrder) {
  const auto rooms = std::make_shared<Rooms>(*conversations_, clock_);
  std::vector<bool> here;
  rooms->on_here([&](Id, Id, bool is) { here.push_back(is); });
  const auto visitor = conversations_->come(caller('a')).value();
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(conversations_->put(account_, visitor.id, answer(i, "x")).ok());
  auto page = std::make_shared<Page>();
  ASSERT_TRUE(rooms->open(visitor, 1, page).ok());
  EXPECT_EQ(page->ids(), (std::vector<std::string>{"2", "3"}));
  ASSERT_TRUE(conversations_->put(account_, visitor.id, answer(4, "x")).ok());
  rooms->look(1, visitor.id);
  rooms->look(1, visitor.id);  // told twice, pushed once
  EXPECT_EQ(page->ids(), (std::vector<std::string>{"2", "3", "4"}));
  rooms->tell(1, visitor.id, "typing", "{}");
  EXPECT_EQ(page->frames.back(), "event: typing\ndata: {}\n\n");
  EXPECT_TRUE(rooms->is_here(1, visitor.id));
  page->gone();
  EXPECT_FALSE(rooms->is_here(1, visitor.id));
  EXPECT_EQ(here, (std::vector<bool>{true, false}));
}

TEST_P(ConversationsTest, PagesAreLimitedAndEndWithTheWord) {
  const auto rooms = std::make_shared<Rooms>(*conversations_, clock_);
  const auto visitor = conversations_->find(caller('a', proof("user", "h1"))).value().value();
  std::vector<std::shared_ptr<Page>> pages;
  for (std::size_t i = 0; i < kPagesOfVisitorMost; ++i) {
    pages.push_back(std::make_shared<Page>());
    ASSERT_TRUE(rooms->open(visitor, 0, pages.back()).ok());
  }
  EXPECT_EQ(rooms->open(visitor, 0, std::make_shared<Page>()).error().code, "too_many_pages");
  clock_.advance_ms(600'001);
  ASSERT_TRUE(conversations_->put(account_, visitor.id, answer(1, "for them alone")).ok());
  rooms->look(1, visitor.id);
  EXPECT_TRUE(pages[0]->closed());
  EXPECT_TRUE(pages[0]->frames.empty());
}

// Many threads write and tell; every page has every change once, in order.
TEST_P(ConversationsTest, NothingIsLostOrDoubledWhenAllSpeakAtOnce) {
  const auto rooms = std::make_shared<Rooms>(*conversations_, clock_);
  conversations_->on_change(nullptr);
  const auto visitor = conversations_->come(caller('a')).value();
  auto page = std::make_shared<Page>();
  ASSERT_TRUE(rooms->open(visitor, 0, page).ok());
  constexpr int kThreads = 4;
  constexpr int kEach = 25;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          ASSERT_TRUE(conversations_->put(account_, visitor.id, answer(1 + t * kEach + i, "x")).ok());
          rooms->look(1, visitor.id);
        }
      });
    }
  }
  std::vector<std::string> expected;
  for (int i = 1; i <= kThreads * kEach; ++i) expected.push_back(std::to_string(i));
  EXPECT_EQ(page->ids(), expected);
}

TEST_P(ConversationsTest, TheWaitingTimeIsTheMedianOfLateFirstReplies) {
  const auto now_ms = clock_.now_ms();
  const auto add_case = [&](Id id, std::string_view status, TimeMs opened, std::optional<TimeMs> replied,
                            Id account_id = 42) {
    ASSERT_TRUE(
        store_->db()
            .writer()
            .write([&](store::Transaction& tx) -> Result<void> {
              TRY(tx.db().run(
                  "INSERT INTO cases (workspace_id, id, number, person_id, identity_id, account_id, "
                  "network, status, origin, last_post_at, opened_at, first_reply_at) VALUES (1, $1, $1, "
                  "1, 1, $2, 'chat', $3, 'addressed', $4, $5, $6)",
                  {id, account_id, status, now_ms, opened, replied}));
              return {};
            })
            .ok());
  };
  const auto minutes_ago = [&](int minutes) { return now_ms - minutes * 60'000; };
  auto waiting = [&] { return read_waiting_time(**store_->db().reader(), 1, 42, now_ms).value(); };
  add_case(1, "waiting", minutes_ago(60), minutes_ago(58));
  add_case(2, "resolved", minutes_ago(50), minutes_ago(46));
  EXPECT_FALSE(waiting().has_value()) << "two tell nothing";
  add_case(3, "open", minutes_ago(40), minutes_ago(31));
  add_case(4, "open", minutes_ago(300), minutes_ago(290));      // long ago
  add_case(5, "waiting", minutes_ago(40), minutes_ago(40), 7);  // another account
  EXPECT_EQ(waiting(), 4 * 60'000);
  // Three wait longer than that already: fast answers of before promise nothing.
  for (Id id = 6; id < 9; ++id) add_case(id, "open", minutes_ago(25), std::nullopt);
  EXPECT_EQ(waiting(), 25 * 60'000);
}

INSTANTIATE_TEST_SUITE_P(Stores, ConversationsTest, store::test_dialects(), store::test_dialect_name);

TEST(ChatLimits, HoldsAFloodAndLetsGoAgain) {
  ManualClock clock;
  Limits limits(clock);
  int taken = 0;
  while (limits.take(kMessagesOfVisitor, "1/7").ok()) ++taken;
  EXPECT_EQ(taken, 10);
  const auto refused = limits.take(kMessagesOfVisitor, "1/7");
  EXPECT_EQ(refused.error().kind, ErrorKind::kRateLimited);
  EXPECT_GE(refused.error().retry_after_ms, 1'000);
  EXPECT_TRUE(limits.take(kMessagesOfVisitor, "1/8").ok()) << "another visitor";
  EXPECT_TRUE(limits.take(kFilesOfVisitor, "1/7").ok()) << "something else";
  clock.advance_ms(refused.error().retry_after_ms + 2'000);
  EXPECT_TRUE(limits.take(kMessagesOfVisitor, "1/7").ok());
}

}  // namespace
}  // namespace kiki::chat
