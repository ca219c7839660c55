// What leaves, what X calls us with, and where we ask it to call.
#include "channels/x/write.hpp"

#include "channels/x/fake_x_test.hpp"
#include "channels/x/media_upload.hpp"
#include "channels/x/spend.hpp"
#include "channels/x/subscribe.hpp"
#include "channels/x/webhook.hpp"

namespace kiki::channels::x {
namespace {

struct WriteTest : XTest {
  Writer writer{api, tools};
  Outgoing outgoing;
  void SetUp() override {
    XTest::SetUp();
    outgoing.action = "reply";
    outgoing.target_external_id = "x:100";
    outgoing.reply_reference = R"({"id":"101"})";
    outgoing.text = "ご不便をおかけします";
    outgoing.created_at = clock.now_ms();
  }
  void message() {
    outgoing.visibility = Visibility::kPrivate;
    outgoing.target_external_id = "x:dm:70";
    outgoing.reply_reference = R"({"to":"5"})";
  }
  Result<Sent> send() { return writer.send(account, state, outgoing, {}); }
};

TEST_F(WriteTest, AnswersTheNewestVersion) {
  http.answer = [](const net::HttpCall& call) {
    EXPECT_EQ(call.method, "POST");
    EXPECT_EQ(call.url, "https://api.x.com/2/tweets");
    EXPECT_EQ(call.body, R"({"text":"ご不便をおかけします","reply":{"in_reply_to_tweet_id":"101"}})");
    return answered(201, R"({"data":{"id":"200","text":"…"}})");
  };
  const auto sent = send();
  ASSERT_TRUE(sent.ok()) << sent.error().message;
  EXPECT_EQ(sent->external_id, "x:200");
  EXPECT_EQ(sent->url, "https://x.com/ExampleUser/status/200");
  EXPECT_EQ(state.cursors[spend_counter(clock.now_ms())], "10000");
}

TEST_F(WriteTest, ALinkCostsTwentyTimes) {
  http.answer = [](const net::HttpCall&) { return answered(201, R"({"data":{"id":"200"}})"); };
  outgoing.text = "https://shop.example/help";
  ASSERT_TRUE(send().ok());
  EXPECT_EQ(state.cursors[spend_counter(clock.now_ms())], "200000");
}

TEST_F(WriteTest, ARefusalForWantOfASummonsIsForGood) {
  http.answer = [](const net::HttpCall&) {
    return answered(
        403,
        R"({"detail":"You can only reply to or quote posts where you are mentioned or are the author."})");
  };
  const auto sent = send();
  EXPECT_EQ(sent.error().kind, ErrorKind::kUnprocessable);
  EXPECT_EQ(sent.error().code, "not_summoned");
  EXPECT_FALSE(is_retryable(sent.error().kind));
}

TEST_F(WriteTest, ALostAnswerIsUnclearAndLookedUp) {
  http.answer = [](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.method == "POST") return Error{ErrorKind::kUnclear, "reset", {}, {}, 0};
    EXPECT_TRUE(call.url.starts_with("https://api.x.com/2/users/1111111111111111111/tweets?"));
    return answered(200, R"({"data":[
      {"id":"201","text":"@u ご不便をおかけします","display_text_range":[3,13],"referenced_tweets":[{"type":"replied_to",
            "id":"101"}],
       "entities":{"mentions":[{"start":0,"end":2,"username":"u"}]}},
      {"id":"202","text":"ご不便をおかけします","referenced_tweets":[{"type":"replied_to","id":"999"}]}]})");
  };
  EXPECT_EQ(send().error().kind, ErrorKind::kUnclear);
  const auto found = writer.look_up(account, state, outgoing, {});
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->external_id, "x:201");
  outgoing.text = "別の返信です";
  EXPECT_FALSE(writer.look_up(account, state, outgoing, {})->has_value());
}

TEST_F(WriteTest, ADeskThatSendsMuchLooksFurtherBack) {
  int page = 0;
  http.answer = [&](const net::HttpCall& call) {
    if (++page == 1)
      return answered(200, R"({"data":[{"id":"300","text":"another"}],"meta":{"next_token":"n"}})");
    EXPECT_NE(call.url.find("pagination_token=n"), std::string::npos);
    return answered(200, R"({"data":[{"id":"200","text":"ご不便をおかけします",
        "referenced_tweets":[{"type":"replied_to","id":"101"}]}],"meta":{}})");
  };
  const auto found = writer.look_up(account, state, outgoing, {});
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->external_id, "x:200");
  EXPECT_EQ(state.cursors[spend_counter(clock.now_ms())], "2000");
}

TEST_F(WriteTest, WhatLiesTooFarBackStaysUnclear) {
  // Pages without end: not having seen it is no proof that it is not there.
  http.answer = [](const net::HttpCall&) {
    return answered(200, R"({"data":[{"id":"300","text":"another"}],"meta":{"next_token":"n"}})");
  };
  const auto found = writer.look_up(account, state, outgoing, {});
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().kind, ErrorKind::kUnclear);
  EXPECT_EQ(found.error().code, "maybe_sent");
  EXPECT_LE(http.calls.size(), 20u);  // and not searched for ever
}

TEST_F(WriteTest, AClockThatGoesWrongSendsNothingTwice) {
  message();
  http.answer = [&](const net::HttpCall&) {
    // X's clock is ten minutes behind ours: 25 July 2026 17:10 here, and this is what we sent a moment ago.
    return answered(200,
                    R"({"data":[{"id":"71","sender_id":"1111111111111111111","text":"ご不便をおかけします",
        "created_at":")" +
                        to_rfc3339(clock.now_ms() - 600'000) + R"("}]})",
                    {{"date", "Sat, 25 Jul 2026 17:10:00 GMT"}});
  };
  EXPECT_EQ(read_http_date("Sat, 25 Jul 2026 17:10:00 GMT"), 1'784'999'400'000);
  EXPECT_EQ(read_http_date("yesterday"), std::nullopt);
  const auto found = writer.look_up(account, state, outgoing, {});
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->external_id, "x:dm:71");
}

TEST_F(WriteTest, ADuplicateIsTheProofThatItArrived) {
  http.answer = [](const net::HttpCall& call) {
    if (call.method == "POST")
      return answered(403, R"({"detail":"You are not allowed to create a Tweet with duplicate content."})");
    return answered(
        200,
        R"({"data":[{"id":"201","text":"ご不便をおかけします","referenced_tweets":[{"type":"replied_to",
            "id":"101"}]}]})");
  };
  const auto sent = send();
  ASSERT_TRUE(sent.ok());
  EXPECT_EQ(sent->external_id, "x:201");
  outgoing.reply_reference = R"({"id":"777"})";  // said to somebody else before
  EXPECT_EQ(send().error().code, "duplicate");
}

TEST_F(WriteTest, MessagesGoToThePersonAndAreFoundAgain) {
  message();
  http.answer = [&](const net::HttpCall& call) {
    if (call.method == "POST") {
      EXPECT_EQ(call.url, "https://api.x.com/2/dm_conversations/with/5/messages");
      return answered(201, R"({"data":{"dm_conversation_id":"5-1","dm_event_id":"300"}})");
    }
    const auto at = to_rfc3339(clock.now_ms());
    return answered(200,
                    R"({"data":[{"id":"300","event_type":"MessageCreate","sender_id":"1111111111111111111",
            "text":"ご不便をおかけします","created_at":")" +
                        at + R"("},
      {"id":"200","event_type":"MessageCreate","sender_id":"1111111111111111111","text":"ご不便をおかけします",
            "created_at":"2020-01-01T00:00:00Z"}]})");
  };
  EXPECT_EQ(send()->external_id, "x:dm:300");
  EXPECT_EQ((*writer.look_up(account, state, outgoing, {}))->external_id, "x:dm:300");
  clock.advance_ms(3'600'000);
  outgoing.created_at = clock.now_ms() + 60'000;  // the same words, written later: another message
  EXPECT_FALSE(writer.look_up(account, state, outgoing, {})->has_value());
}

TEST_F(WriteTest, APrivateWordIsNeverAnsweredInPublic) {
  message();
  outgoing.visibility = Visibility::kPublic;
  http.answer = [](const net::HttpCall& call) {
    EXPECT_EQ(call.url.find("/2/tweets"), std::string::npos);
    return answered(201, R"({"data":{"dm_conversation_id":"5-1","dm_event_id":"300"}})");
  };
  EXPECT_EQ(send()->external_id, "x:dm:300");
  outgoing.target_external_id = "x:chat:abc";
  EXPECT_EQ(send()->external_id, "x:dm:300");
}

TEST_F(WriteTest, PicturesGoUpInPiecesBeforeThePost) {
  Outgoing::Image image;
  image.content_type = "image/png";
  image.alt = "写真";
  image.body = std::string(kPieceBytes + 10, 'p');
  outgoing.images.push_back(image);
  std::vector<std::string> steps;
  http.answer = [&](const net::HttpCall& call) {
    steps.push_back(call.method + " " + call.url.substr(17));
    if (call.url.ends_with("/initialize")) {
      EXPECT_EQ(call.body,
                R"({"media_type":"image/png","total_bytes":1048586,"media_category":"tweet_image"})");
      return answered(200, R"({"data":{"id":"55"},"meta":{}})");
    }
    if (call.url.ends_with("/append")) {
      EXPECT_TRUE(call.headers.get("Content-Type").starts_with("multipart/form-data; boundary="));
      return answered(200, "{}");
    }
    if (call.url.ends_with("/finalize"))
      return answered(200, R"({"data":{"id":"55","processing_info":{"state":"succeeded"}}})");
    if (call.url.ends_with("/metadata"))
      return answered(403, "{}");  // not for this app: no reason to stay silent
    EXPECT_NE(call.body.find(R"("media":{"media_ids":["55"]})"), std::string::npos);
    return answered(201, R"({"data":{"id":"200"}})");
  };
  ASSERT_TRUE(send().ok());
  EXPECT_EQ(steps,
            (std::vector<std::string>{"POST /2/media/upload/initialize", "POST /2/media/upload/55/append",
                                      "POST /2/media/upload/55/append", "POST /2/media/upload/55/finalize",
                                      "POST /2/media/metadata", "POST /2/tweets"}));
}

TEST_F(WriteTest, ALostPieceOfAPictureSentNoPost) {
  outgoing.images.push_back({});
  outgoing.images[0].body = "x";
  http.answer = [](const net::HttpCall&) -> Result<net::HttpAnswer> {
    return Error{ErrorKind::kUnclear, "reset", {}, {}, 0};
  };
  EXPECT_EQ(send().error().kind, ErrorKind::kUnavailable);  // so it may simply be tried again
}

TEST_F(WriteTest, EveryOtherActionHasItsCall) {
  std::string done;
  http.answer = [&](const net::HttpCall& call) {
    done = call.method + " " + call.url.substr(17) + " " + call.body;
    return answered(200, "{}");
  };
  const std::vector<std::pair<std::string, std::string>> actions = {
      {"like", R"(POST /2/users/1111111111111111111/likes {"tweet_id":"101"})"},
      {"unlike", "DELETE /2/users/1111111111111111111/likes/101 "},
      {"repost", R"(POST /2/users/1111111111111111111/retweets {"tweet_id":"101"})"},
      {"unrepost", "DELETE /2/users/1111111111111111111/retweets/101 "},
      {"hide", R"(PUT /2/tweets/101/hidden {"hidden":true})"},
      {"unhide", R"(PUT /2/tweets/101/hidden {"hidden":false})"},
      {"delete", "DELETE /2/tweets/101 "}};
  for (const auto& [action, call] : actions) {
    outgoing.action = action;
    ASSERT_TRUE(send().ok()) << action;
    EXPECT_EQ(done, call);
  }
  message();
  outgoing.action = "delete";
  ASSERT_TRUE(send().ok());
  EXPECT_EQ(done, "DELETE /2/dm_events/70 ");
  outgoing.action = "poke";
  outgoing.target_external_id = "x:1";
  outgoing.reply_reference = "";
  EXPECT_EQ(send().error().code, "not_supported");
  outgoing.action = "delete";
  http.answer = [](const net::HttpCall&) { return answered(404, "{}"); };
  EXPECT_TRUE(send().ok());  // gone already
}

TEST_F(WriteTest, TheNetworksOwnPageIsFilledIn) {
  EXPECT_EQ(compose_page("https://x.com", outgoing).substr(0, 51),
            "https://x.com/intent/post?in_reply_to=101&text=%E3%");
  outgoing.text = "a&b c";
  EXPECT_EQ(compose_page("https://x.com", outgoing),
            "https://x.com/intent/post?in_reply_to=101&text=a%26b%20c");
  message();
  EXPECT_EQ(compose_page("https://x.com", outgoing),
            "https://x.com/messages/compose?recipient_id=5&text=a%26b%20c");
  outgoing.reply_reference = R"({"conversation":"123456789012345678"})";
  EXPECT_EQ(compose_page("https://x.com", outgoing), "");
}

// --- called by X ---

struct WebhookTest : XTest {
  net::HttpRequest request(std::string method, std::string body, std::string signature) {
    net::HttpRequest out;
    out.method = std::move(method);
    out.body = std::move(body);
    if (!signature.empty()) out.headers.add("X-Twitter-Webhooks-Signature", signature);
    return out;
  }
  WebhookAnswer answer(const net::HttpRequest& request) {
    auto got = answer_webhook(clock, state, request);
    EXPECT_TRUE(got.ok());
    return got.ok() ? *got : WebhookAnswer{};
  }
};

TEST_F(WebhookTest, AnswersTheChallenge) {
  auto get = request("GET", "", "");
  get.query = {{"crc_token", "challenge_string"}};
  state.secrets["consumer_secret"] = "consumer_secret_for_tests";
  const auto got = answer(get);
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, R"({"response_token":"sha256=k+Rs+Z+nDt/X+/SZbDrNoL9xLxqbxTp6h+8O9CPZS84="})");
  EXPECT_TRUE(got.items.empty());
  get.query.clear();
  EXPECT_EQ(answer(get).status, 400);
}

TEST_F(WebhookTest, TakesOnlyWhatIsSigned) {
  const std::string body = R"({"data":{"event_uuid":"1","event_type":"dm.received"}})";
  state.secrets["consumer_secret"] = "consumer_secret_for_tests";
  const std::string signature = "sha256=A/7jSzFYtB4iByHJ2gK/LLtC37pv7DJWhHc5luNyM30=";
  const auto good = answer(request("POST", body, signature));
  EXPECT_EQ(good.status, 200);
  ASSERT_EQ(good.items.size(), 1u);
  EXPECT_EQ(good.items[0].body, body);
  EXPECT_EQ(good.note, "1 event: dm.received");
  EXPECT_EQ(state.cursors[std::string(kWebhookSeen)], std::to_string(clock.now_ms()));
  for (const auto& [status, wrong] :
       std::vector<std::pair<int, net::HttpRequest>>{{403, request("POST", body + " ", signature)},
                                                     {403, request("POST", body, "sha256=AAAA")},
                                                     {403, request("POST", body, signature + "x")},
                                                     {401, request("POST", body, "")},
                                                     {405, request("PUT", body, signature)}}) {
    const auto refused = answer(wrong);
    EXPECT_EQ(refused.status, status);
    EXPECT_TRUE(refused.items.empty());
    EXPECT_TRUE(refused.body.empty());
  }
  state.secrets.erase("consumer_secret");  // an empty key would sign for everybody
  EXPECT_EQ(answer(request("POST", body, webhook_proof("", body))).status, 403);
}

TEST_F(WebhookTest, ADeliveredPostIsCounted) {
  const std::string body = R"({"data":{"event_type":"post.mention.create","payload":{}}})";
  (void)answer(request("POST", body, webhook_proof("cs", body)));
  EXPECT_EQ(state.cursors[spend_counter(clock.now_ms())], "5000");
}

TEST_F(WriteTest, WhatTheContractLeavesOutIsKnownBeforehand) {
  const auto channel = make_x_channel(tools, options);
  EXPECT_TRUE(channel->descriptor().capabilities.like);
  EXPECT_FALSE(channel->capabilities(account).like);
  EXPECT_EQ(channel->capabilities(account).like_closed, "plan");
  account.settings = R"({"auth":"oauth2","reply_rule":"open"})";
  EXPECT_TRUE(channel->capabilities(account).like);
  EXPECT_EQ(channel->capabilities(account).like_closed, "");
  EXPECT_EQ(channel->capabilities(account).in(Visibility::kPublic).text_limit, 280);
  EXPECT_EQ(channel->capabilities(account).in(Visibility::kPrivate).text_limit, 10'000);
  EXPECT_EQ(channel->capabilities(account).in(Visibility::kPrivate).text_unit, "utf16");
}

// As X: webhooks and subscriptions with memory.
struct SubscriptionServer {
  std::map<std::string, std::pair<std::string, bool>> hooks;  // id → url, valid
  std::map<std::string, std::string> events;                  // → webhook
  std::vector<std::string> deleted, validated;
  std::vector<std::string> dropped;  // subscriptions
  bool knows_replies = true;
  int told = 0;
  Result<net::HttpAnswer> operator()(const net::HttpCall& call) {
    const auto path = call.url.substr(17);
    if (path.starts_with("/2/webhooks")) {
      EXPECT_EQ(call.headers.get("Authorization"), "Bearer app");
      const auto id = path.size() > 12 ? path.substr(12) : "";
      if (call.method == "POST") {
        const auto document = JsonDocument::parse(call.body);
        hooks["900"] = {std::string(document->root()["url"].text()), true};
        return answered(200, R"({"id":"900","url":"u","valid":true,"created_at":"2026-01-01T00:00:00Z"})");
      }
      if (call.method == "DELETE") deleted.push_back(id), hooks.erase(id);
      if (call.method == "PUT") validated.push_back(id), hooks[id].second = true;
      std::string list;
      for (const auto& [one, hook] : hooks)
        list += (list.empty() ? "" : ",") + std::string(R"({"id":")") + one + R"(","url":")" + hook.first +
                R"(","valid":)" + (hook.second ? "true}" : "false}");
      return answered(200, list.empty() ? R"({"meta":{}})" : R"({"data":[)" + list + "]}");
    }
    if (call.method == "DELETE") {
      EXPECT_EQ(call.headers.get("Authorization"), "Bearer app");
      dropped.push_back(path.substr(path.rfind('/') + 1));
      return answered(dropped.size() == 2 ? 404 : 200, "{}");  // one that was gone before is gone
    }
    if (call.method == "PUT") {
      EXPECT_EQ(call.headers.get("Authorization"), "Bearer app");
      ++told;
      const auto at = std::stoull(path.substr(path.rfind('/') + 1)) - 1;
      std::next(events.begin(), static_cast<std::ptrdiff_t>(at))->second =
          JsonDocument::parse(call.body)->root()["webhook_id"].text();
      return answered(200, "{}");
    }
    if (call.method == "POST") {
      const auto document = JsonDocument::parse(call.body);
      const std::string event(document->root()["event_type"].text());
      if (!knows_replies && event == "post.reply.create")
        return answered(400, R"({"title":"Invalid Request"})");
      ++told;
      events[event] = document->root()["webhook_id"].text();
      return answered(200, "{}");
    }
    std::string list;
    int id = 1;
    for (const auto& [event, hook] : events)
      list += (list.empty() ? "" : ",") + std::string(R"({"event_type":")") + event +
              R"(","subscription_id":")" + std::to_string(id++) + R"(","webhook_id":")" + hook +
              R"(","filter":{"user_id":"1111111111111111111"}})";
    return answered(200, R"({"data":[)" + list + "]}");
  }
};

TEST_F(WebhookTest, SubscribesOnceAndMendsAWebhook) {
  state.secrets["bearer_token"] = "app";
  SubscriptionServer server;
  server.knows_replies = false;
  server.hooks["800"] = {"https://old.example/hooks/42", true};
  server.hooks["801"] = {"https://other.example/hooks/43", true};
  http.answer = std::ref(server);
  const std::string url = "https://desk.example/hooks/42";
  ASSERT_TRUE(subscribe_account(api, account, state, url, {}).ok());
  EXPECT_EQ(state.cursors["webhook_id"], "900");
  EXPECT_EQ(server.deleted, std::vector<std::string>{"800"});  // ours of before; nobody else's
  EXPECT_EQ(server.events.size(), 9u);                         // all but the one X does not know
  EXPECT_NE(state.cursors["webhook_events"].find(" post.mention.create "), std::string::npos);
  EXPECT_EQ(state.cursors["webhook_events"].find("post.reply.create"), std::string::npos);
  server.hooks["900"].second = false;
  ASSERT_TRUE(subscribe_account(api, account, state, url, {}).ok());
  EXPECT_EQ(server.validated, std::vector<std::string>{"900"});
  EXPECT_EQ(server.events.size(), 9u);  // called again it does no harm
}

TEST_F(WebhookTest, TheStreamServesADeskThatXCannotCall) {
  SubscriptionServer server;
  http.answer = std::ref(server);
  // Without the app's token there is no stream: it is asked, and nobody need do anything.
  state.secrets.erase("consumer_secret");
  ASSERT_TRUE(subscribe_account(api, account, state, "", {}).ok());
  EXPECT_EQ(server.told, 0);
  EXPECT_EQ(state.cursors["door"], "asking");
  state.secrets["consumer_secret"] = "cs";
  state.secrets["bearer_token"] = "app";
  ASSERT_TRUE(subscribe_account(api, account, state, "", {}).ok());
  EXPECT_EQ(server.events.size(), 10u);
  EXPECT_EQ(server.events["dm.received"], "");  // no webhook: it comes by the stream
  EXPECT_NE(state.cursors["stream_events"].find(" dm.received "), std::string::npos);
  EXPECT_EQ(state.cursors["webhook_events"], "");
  EXPECT_EQ(state.cursors["door"], "stream");
  const auto told = server.told;
  ASSERT_TRUE(subscribe_account(api, account, state, "", {}).ok());
  EXPECT_EQ(server.told, told);
  // An address: the same subscriptions now call there, and the stream is let go.
  const std::string url = "https://desk.example/hooks/42";
  ASSERT_TRUE(subscribe_account(api, account, state, url, {}).ok());
  EXPECT_EQ(server.events.size(), 10u);
  EXPECT_EQ(server.events["dm.received"], "900");
  EXPECT_EQ(state.cursors["door"], "webhook");
  EXPECT_EQ(state.cursors["stream_events"], "");
  EXPECT_NE(state.cursors["webhook_events"].find(" dm.received "), std::string::npos);
  // Both at once, and neither.
  account.settings = R"({"auth":"oauth2","consumer_key":"key","door":"both"})";
  ASSERT_TRUE(subscribe_account(api, account, state, url, {}).ok());
  EXPECT_NE(state.cursors["stream_events"], "");
  EXPECT_NE(state.cursors["webhook_events"], "");
  account.settings = R"({"auth":"oauth2","consumer_key":"key","door":"ask"})";
  EXPECT_TRUE(server.dropped.empty());
  ASSERT_TRUE(subscribe_account(api, account, state, url, {}).ok());
  EXPECT_EQ(state.cursors["stream_events"], "");
  EXPECT_EQ(state.cursors["webhook_events"], "");
  EXPECT_EQ(state.cursors["door"], "asking");
  // Whoever only asks is not billed for what X tells: each subscription is dropped, once.
  EXPECT_EQ(server.dropped.size(), 10u);
  EXPECT_EQ(std::set<std::string>(server.dropped.begin(), server.dropped.end()).size(), 10u);
  const auto calls = http.calls.size();
  ASSERT_TRUE(subscribe_account(api, account, state, url, {}).ok());
  EXPECT_EQ(http.calls.size(), calls);
}

TEST_F(WebhookTest, WhatCouldNotBeDroppedIsDroppedLater) {
  state.secrets["bearer_token"] = "app";
  SubscriptionServer server;
  bool away = true;
  http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (away && call.method == "DELETE") return answered(503, "{}");
    return server(call);
  };
  const std::string url = "https://desk.example/hooks/42";
  ASSERT_TRUE(subscribe_account(api, account, state, url, {}).ok());
  account.settings = R"({"auth":"oauth2","consumer_key":"key","door":"ask"})";
  EXPECT_FALSE(subscribe_account(api, account, state, url, {}).ok());  // the platform tries again
  away = false;
  ASSERT_TRUE(subscribe_account(api, account, state, url, {}).ok());
  EXPECT_EQ(server.dropped.size(), 10u);
}

TEST_F(WebhookTest, WhatXCannotCallIsStreamedMeanwhile) {
  state.secrets["bearer_token"] = "app";
  SubscriptionServer server;
  const std::string url = "https://desk.example/hooks/42";
  http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.ends_with("/2/webhooks") && call.method == "POST")
      return answered(400, R"({"title":"CrcValidationFailed"})");
    return server(call);
  };
  const auto told = subscribe_account(api, account, state, url, {});
  EXPECT_FALSE(told.ok());  // the account's page says it, and it is tried again
  EXPECT_NE(state.cursors["stream_events"], "");
  // Without the secret nobody can prove X's calls: the stream does as well.
  state.secrets.erase("consumer_secret");
  EXPECT_TRUE(subscribe_account(api, account, state, url, {}).ok());
  state.secrets.erase("bearer_token");
  EXPECT_EQ(subscribe_account(api, account, state, url, {}).error().code, "no_consumer_secret");
}

}  // namespace
}  // namespace kiki::channels::x
