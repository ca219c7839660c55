#include "channels/chat/chat_channel.hpp"

#include <gtest/gtest.h>

#include "channels/chat/visitor_message.hpp"

namespace kiki::channels::chat {
namespace {

class NoHttp final : public net::HttpClient {
 public:
  Result<net::HttpAnswer> call(const net::HttpCall&, std::stop_token) override {
    return unavailable("the web chat calls nobody");
  }
};

class NoState final : public AccountState {
 public:
  Result<std::string> secret(std::string_view) override { return std::string(); }
  Result<void> set_secrets(const std::vector<std::pair<std::string, std::string>>&) override { return {}; }
  Result<std::string> cursor(std::string_view) override { return std::string(); }
  Result<void> set_cursor(std::string_view, std::string_view) override { return {}; }
};

class FakeBox final : public PostBox {
 public:
  std::vector<std::pair<Id, std::string>> answers;
  std::vector<std::string> taken_back;
  Result<void> put(const Account&, Id visitor_id, const Outgoing& outgoing) override {
    answers.emplace_back(visitor_id, outgoing.text);
    return {};
  }
  Result<void> take_back(const Account&, std::string_view external_id) override {
    taken_back.emplace_back(external_id);
    return {};
  }
  Result<Media> file(const Account&, std::string_view reference) override {
    return Media{"image/png", "", std::string(reference)};
  }
  std::vector<std::pair<Id, bool>> typing;
  void show_typing(const Account&, Id visitor_id, bool is_writing) override {
    typing.emplace_back(visitor_id, is_writing);
  }
};

struct ChatChannelTest : ::testing::Test {
  ManualClock clock;
  SeededRandom random{7};
  NoHttp http;
  NoState state;
  FakeBox box;
  std::unique_ptr<Channel> channel =
      make_chat_channel({http, {}, clock, random}, {"https://desk.example", &box});
  Account account{.workspace_id = 1,
                  .id = 42,
                  .network = "chat",
                  .kind = "account",
                  .external_id = "key",
                  .handle = "Shop",
                  .name = "Shop",
                  .settings = "{}"};
  Outgoing outgoing;
  std::vector<Delivery> log;

  void SetUp() override {
    outgoing.outbox_id = 77;
    outgoing.action = "reply";
    outgoing.thread_external_id = "42/v/7";
    outgoing.text = "こんにちは";
  }
};

TEST_F(ChatChannelTest, ConnectsWithANameAndMakesKeyAndSecret) {
  const auto made = channel->connect({{"name", "Shop"}}, {});
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->external_id.size(), 16U);
  ASSERT_EQ(made->secrets.size(), 1U);
  EXPECT_EQ(made->secrets[0].second.size(), 43U);
  const auto refused = channel->connect({{"name", ""}}, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().where, "/fields/name");
}

TEST_F(ChatChannelTest, AMessageComesOutOfTheJournalAsItWentIn) {
  Arrival arrival;
  arrival.visitor_id = 7;
  arrival.message_id = "m-1";
  arrival.text = "取っ手が\n割れました <b>";
  arrival.files = {{9, "image/png", 1200, 30, 20}};
  arrival.name = "訪問者 1a2b";
  arrival.email = "sato@example.com";
  arrival.proven_user = "C-1042";
  arrival.language = "ja";
  arrival.page = "https://shop.example/cups";
  arrival.continues = "word";
  const auto facts = channel->parse(account, {"chat.message", to_item(arrival)}, 1'000);
  ASSERT_TRUE(facts.ok()) << facts.error().message;
  const auto& post = std::get<IncomingPost>(facts->at(0));
  EXPECT_EQ(post.external_id, "42/m/7/m-1");
  EXPECT_EQ(post.thread_external_id, "42/v/7");
  EXPECT_EQ(post.visibility, Visibility::kPrivate);
  EXPECT_EQ(post.text, arrival.text);
  EXPECT_EQ(post.author.external_id, "42/v/7");
  EXPECT_EQ(post.author.handle, "sato@example.com");
  EXPECT_EQ(post.author.customer_id, "C-1042");
  EXPECT_EQ(post.continues, "word");
  EXPECT_EQ(post.posted_at, 1'000);
  ASSERT_EQ(post.attachments.size(), 1U);
  EXPECT_EQ(post.attachments[0].reference, "9");
  const auto media = channel->media(account, state, {}, post.attachments[0].reference, {});
  ASSERT_TRUE(media.ok());
  EXPECT_EQ(media->body, "9");
}

TEST_F(ChatChannelTest, AReceiptNamesTheAnswer) {
  const auto facts = channel->parse(account, {"chat.receipt", to_receipt("42/out/77", "read")}, 5);
  ASSERT_TRUE(facts.ok());
  const auto& receipt = std::get<IncomingReceipt>(facts->at(0));
  EXPECT_EQ(receipt.external_id, "42/out/77");
  EXPECT_EQ(receipt.kind, "read");
  EXPECT_FALSE(channel->parse(account, {"chat.else", "{}"}, 5).ok());
  EXPECT_FALSE(channel->parse(account, {"chat.message", "{"}, 5).ok());
}

TEST_F(ChatChannelTest, AnswersGoIntoTheConversationAndBack) {
  const auto sent = channel->send(account, state, outgoing, log, {});
  ASSERT_TRUE(sent.ok());
  EXPECT_EQ(sent->external_id, channel->planned_external_id(account, outgoing));
  EXPECT_EQ(sent->external_id, "42/out/77");
  ASSERT_EQ(box.answers.size(), 1U);
  EXPECT_EQ(box.answers[0], std::pair(Id{7}, std::string("こんにちは")));
  EXPECT_TRUE(channel->is_visible(account, state, outgoing, *sent, {}).value());

  outgoing.action = "delete";
  outgoing.target_external_id = "42/out/77";
  ASSERT_TRUE(channel->send(account, state, outgoing, log, {}).ok());
  EXPECT_EQ(box.taken_back, std::vector<std::string>{"42/out/77"});
  outgoing.action = "like";
  EXPECT_EQ(channel->send(account, state, outgoing, log, {}).error().kind, ErrorKind::kUnprocessable);
}

TEST_F(ChatChannelTest, TheVisitorSeesThatSomebodyWrites) {
  for (const bool is_writing : {true, false})
    ASSERT_TRUE(channel->show_typing(account, state, "42/v/7", is_writing, {}).ok());
  ASSERT_TRUE(channel->show_typing(account, state, "43/v/7", true, {}).ok());
  EXPECT_EQ(box.typing, (std::vector<std::pair<Id, bool>>{{7, true}, {7, false}}));
}

TEST_F(ChatChannelTest, AThreadOfAnotherAccountIsNone) {
  for (const auto* thread : {"43/v/7", "42/m/7", "42/v/", "42/v/7x", ""}) {
    outgoing.thread_external_id = thread;
    EXPECT_EQ(channel->send(account, state, outgoing, log, {}).error().code, "no_visitor") << thread;
  }
  EXPECT_TRUE(box.answers.empty());
}

TEST_F(ChatChannelTest, LeadsToTheHostedPageOrTheBrandsOwn) {
  EXPECT_EQ(channel->private_place(account, "w"), "https://desk.example/chat/key?kikimimi=w");
  EXPECT_EQ(channel->private_place(account, ""), "https://desk.example/chat/key");
  account.settings = R"({"place_url":"https://shop.example/help?a=1#chat"})";
  EXPECT_EQ(channel->private_place(account, "w"), "https://shop.example/help?a=1&kikimimi=w#chat");
}

TEST(VisitorMessage, NamesThePlaceOfEveryFault) {
  const std::vector<std::pair<std::string, std::string>> faults = {
      {R"([])", ""},
      {R"({"id":"a","text":"x","more":1})", "/more"},
      {R"({"text":"x"})", "/id"},
      {R"({"id":"a/b","text":"x"})", "/id"},
      {R"({"id":"a","text":"  \n"})", "/text"},
      {R"({"id":"a","text":7})", "/text"},
      {R"({"id":"a","text":"a\u0000b"})", "/text"},
      {R"({"id":"a","text":"x","files":"7"})", "/files"},
      {R"({"id":"a","text":"x","files":["7","7"]})", "/files/1"},
      {R"({"id":"a","text":"x","files":["1","2","3","4","5"]})", "/files"},
      {R"({"id":"a","text":"x","email":"nobody"})", "/email"},
      {R"({"id":"a","text":"x","email":"a@b.c\r\nBcc: d@e.f"})", "/email"},
      {R"({"id":"a","text":"x","language":"日本"})", "/language"},
  };
  for (const auto& [body, place] : faults) {
    const auto message = read_visitor_message(body);
    ASSERT_FALSE(message.ok()) << body;
    EXPECT_EQ(message.error().where, place) << body;
  }
  EXPECT_EQ(read_visitor_message(R"({"id":"a","text":")" + std::string(4'001, 'x') + "\"}").error().code,
            "too_long");
}

TEST(VisitorMessage, TakesWhatAPageCannotHelp) {
  // The page's address and the word in it are not the visitor's doing.
  const auto message = read_visitor_message(
      R"x({"id":"a","text":"x","page":"javascript:alert(1)","continues":"<no word>","name":" A\nB "})x");
  ASSERT_TRUE(message.ok()) << message.error().message;
  EXPECT_EQ(message->page, "");
  EXPECT_EQ(message->continues, "");
  EXPECT_EQ(message->name, "A B");
  EXPECT_TRUE(read_visitor_message(R"({"id":"a","text":"","files":["7"]})").ok());
}

}  // namespace
}  // namespace kiki::channels::chat
