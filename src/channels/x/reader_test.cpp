// Polling, its cursors and its money; both streams.
#include "channels/x/reader.hpp"

#include <algorithm>

#include "channels/x/context.hpp"
#include "channels/x/fake_x_test.hpp"
#include "channels/x/parse.hpp"
#include "channels/x/reconnect.hpp"
#include "channels/x/spend.hpp"
#include "channels/x/stream_listener.hpp"
#include "channels/x/subscribe.hpp"
#include "channels/x/webhook.hpp"

namespace kiki::channels::x {
namespace {

struct KeptInlet final : Inlet {
  explicit KeptInlet(MapState& state_in) : state(state_in) {}
  MapState& state;
  std::vector<RawItem> items;
  std::vector<HeldPost> held;
  std::vector<std::string> said;
  std::vector<std::pair<std::int64_t, TimeMs>> gaps;
  bool full = false;
  void gap_closed(std::int64_t posts, TimeMs away_since) override { gaps.emplace_back(posts, away_since); }
  Result<void> accept(std::vector<RawItem> more, std::string_view name, std::string_view value) override {
    if (full) return unavailable("the disk is full");
    for (auto& item : more) items.push_back(std::move(item));
    if (!name.empty()) return state.set_cursor(name, value);
    return {};
  }
  void health(std::string_view status, std::string_view detail) override {
    said.push_back(std::string(status) + (detail.empty() ? "" : ": ") + std::string(detail));
  }
  Result<std::vector<HeldPost>> recent_posts(std::size_t) override { return held; }
};

// An X with mentions and messages, newest first, in pages.
struct Timeline {
  std::vector<std::int64_t> ids;
  std::size_t page_items = 2;
  int calls = 0;
  std::string referenced;
  Result<net::HttpAnswer> operator()(const net::HttpCall& call) {
    ++calls;
    const auto query = read_form(call.url.substr(call.url.find('?') + 1));
    const auto since = std::string(value_of(query, "since_id"));
    const auto from = std::string(value_of(query, "pagination_token"));
    auto sorted = ids;
    std::ranges::sort(sorted, std::greater<>());
    if (!since.empty()) std::erase_if(sorted, [&](auto id) { return id <= std::stoll(since); });
    const std::size_t begin = from.empty() ? 0 : std::stoull(from);
    const auto end = std::min(sorted.size(), begin + page_items);
    std::string data;
    for (auto i = begin; i < end; ++i)
      data += (data.empty() ? "" : ",") + std::string(R"({"id":")") + std::to_string(sorted[i]) +
              R"(","author_id":"5","sender_id":"5","event_type":"MessageCreate","dm_conversation_id":"5-6",
            "text":"t")" +
              referenced + "}";
    std::string body = data.empty() ? R"({"meta":{"result_count":0)"
                                    : R"({"data":[)" + data + R"(],"meta":{"result_count":1)";
    if (end < sorted.size()) body += R"(,"next_token":")" + std::to_string(end) + "\"";
    return answered(200, body + "}}");
  }
};

struct ReaderTest : XTest {
  KeptInlet inlet{state};
  Timeline x;
  std::int64_t base = ((clock.now_ms() - 1'288'834'974'657) << 22);  // ids of now
  void SetUp() override {
    XTest::SetUp();
    http.answer = std::ref(x);
  }
  ActivityStreams streams{tools, options};
  Reader reader() { return Reader(api, tools, options, streams, account, state, inlet); }
  std::vector<std::string> ids() {
    std::vector<std::string> out;
    for (const auto& item : inlet.items)
      out.push_back(std::string(JsonDocument::parse(item.body)->root()["data"]["id"].text()));
    return out;
  }
  std::int64_t spent() {
    const auto& text = state.cursors[spend_counter(clock.now_ms())];
    return text.empty() ? 0 : std::stoll(text);
  }
};

TEST_F(ReaderTest, TheFirstLookBringsTheLastWeek) {
  x.page_items = 100;
  x.ids = {base - (8LL * 86'400'000 << 22), base - 2, base - 1};
  EXPECT_EQ(*reader().poll_mentions({}), 2u);
  EXPECT_EQ(ids(),
            (std::vector<std::string>{std::to_string(base - 2), std::to_string(base - 1)}));  // oldest first
  EXPECT_EQ(state.cursors["mentions"], std::to_string(base - 1));
  EXPECT_EQ(spent(), 3 * price::kOwnedRead);  // what came, not what was asked for
  EXPECT_EQ(*reader().poll_mentions({}), 0u);
  EXPECT_EQ(spent(), 3 * price::kOwnedRead);  // a look that finds nothing costs nothing
}

TEST_F(ReaderTest, AGapIsClosedOverAllItsPages) {
  x.ids = {base};
  ASSERT_TRUE(reader().poll_mentions({}).ok());
  for (int i = 1; i <= 9; ++i) x.ids.push_back(base + i);
  EXPECT_EQ(*reader().poll_mentions({}), 9u);
  EXPECT_EQ(inlet.items.size(), 10u);
  EXPECT_EQ(ids().back(), std::to_string(base + 9));
  EXPECT_EQ(*reader().poll_mentions({}), 0u);
}

TEST_F(ReaderTest, WhatXWasToldBeforeAnUpgradeIsShownByTheRightDoor) {
  std::stop_source stop;
  stop.request_stop();
  const auto door_after_a_run = [&] {
    state.cursors.erase("door");
    EXPECT_TRUE(reader().run(stop.get_token()).ok());
    return state.cursors["door"];
  };
  EXPECT_EQ(door_after_a_run(), "asking");
  state.cursors["stream_events"] = " post.mention.create ";
  EXPECT_EQ(door_after_a_run(), "stream");
  state.cursors["webhook_events"] = " post.mention.create ";
  EXPECT_EQ(door_after_a_run(), "webhook");
}

TEST_F(ReaderTest, WhatIsNotDurableIsReadAgain) {
  x.ids = {base};
  inlet.full = true;
  EXPECT_FALSE(reader().poll_mentions({}).ok());
  EXPECT_EQ(state.cursors["mentions"], "");
  inlet.full = false;
  EXPECT_EQ(*reader().poll_mentions({}), 1u);
}

TEST_F(ReaderTest, MessagesAreReadBackToTheLastKnownOne) {
  x.page_items = 3;
  for (int i = 0; i < 3; ++i) x.ids.push_back(base + i);
  EXPECT_EQ(*reader().poll_messages({}), 3u);
  for (int i = 3; i < 8; ++i) x.ids.push_back(base + i);
  x.calls = 0;
  EXPECT_EQ(*reader().poll_messages({}), 5u);
  EXPECT_EQ(x.calls, 2);  // the second page met a known one
  EXPECT_EQ(ids().size(), 8u);
  EXPECT_EQ(inlet.items[0].source, kMessageSource);
  EXPECT_EQ(spent(), 8 * price::kMessageRead);
}

TEST_F(ReaderTest, ReadingStopsBeforeTheBudgetEnds) {
  account.settings = R"({"auth":"oauth2","budget_usd_per_day":"0.004"})";
  x.ids = {base};
  const auto polled = reader().poll_mentions({});
  EXPECT_EQ(polled.error().code, "budget");  // five is the least X lets us ask for
  EXPECT_EQ(x.calls, 0);
  EXPECT_EQ(spent(), 0);
}

TEST_F(ReaderTest, XCallingMakesPollingNeedlessForWhatItCallsOf) {
  state.cursors[std::string(kWebhookSeen)] = std::to_string(clock.now_ms());
  auto one = reader();
  EXPECT_FALSE(one.is_told("dm.received"));  // X answers challenges, but agreed to nothing
  state.cursors[std::string(kWebhookEvents)] = " post.create post.mention.create ";
  EXPECT_TRUE(one.is_told("post.mention.create"));
  EXPECT_FALSE(one.is_told("dm.received"));  // an app without that right: messages are polled
  clock.advance_ms(kWebhookFreshMs);
  EXPECT_FALSE(one.is_told("post.mention.create"));
}

TEST_F(ReaderTest, AnAnswerByHandIsLookedForAmongOurOwnPosts) {
  const auto opened_at = clock.now_ms();
  x.page_items = 100;
  x.ids = {base - (TimeMs{200'000} << 22)};  // before the page was opened
  x.referenced = R"(,"referenced_tweets":[{"type":"replied_to","id":"9"}])";
  auto one = reader();
  EXPECT_EQ(*one.poll_own(opened_at, {}), 0u);
  x.ids.push_back(base + 5);
  EXPECT_EQ(*one.poll_own(opened_at, {}), 1u);
  EXPECT_EQ(*one.poll_own(opened_at, {}), 0u);
  EXPECT_EQ(ids(), std::vector<std::string>{std::to_string(base + 5)});
  EXPECT_EQ(state.cursors["own"], std::to_string(base + 5));
  EXPECT_EQ(spent(), price::kOwnedRead);
  // What answers nobody is not what is awaited.
  x.referenced = "";
  x.ids.push_back(base + 9);
  EXPECT_EQ(*one.poll_own(opened_at, {}), 0u);
  EXPECT_EQ(inlet.items.size(), 1u);
}

TEST_F(ReaderTest, TheAwaitedAnswerIsFoundAfterARestartToo) {
  x.page_items = 100;
  x.referenced = R"(,"referenced_tweets":[{"type":"replied_to","id":"9"}])";
  x.ids = {base - (TimeMs{3'600'000} << 22)};  // written while we were away, for a page opened before
  state.cursors["own"] = std::to_string(base - (TimeMs{7'200'000} << 22));
  EXPECT_EQ(*reader().poll_own(clock.now_ms(), {}), 1u);
}

TEST_F(ReaderTest, AfterATimeAwayItSaysWhatCame) {
  auto one = reader();
  one.note_heard(3);
  EXPECT_TRUE(inlet.gaps.empty());  // the first time there was nothing to miss
  clock.advance_ms(60'000);
  one.note_heard(1);
  EXPECT_TRUE(inlet.gaps.empty());
  const auto since = clock.now_ms();
  clock.advance_ms(3'600'000);
  reader().note_heard(7);
  ASSERT_EQ(inlet.gaps.size(), 1u);
  EXPECT_EQ(inlet.gaps[0], std::pair(std::int64_t{7}, since));
}

// --- the activity stream ---

TEST_F(ReaderTest, EachEventOfTheStreamGoesToItsAccountAndIsCounted) {
  Account other = account;
  other.id = 43;
  other.external_id = "222";
  MapState other_state;
  KeptInlet other_inlet{other_state};
  options.api_url = "http://127.0.0.1:9";  // nobody there
  auto seat = streams.join("app", account, state, inlet);
  auto second = streams.join("app", other, other_state, other_inlet);
  const std::string ours = R"({"data":{"event_uuid":"-1","filter":{"user_id":"1111111111111111111"},
      "event_type":"post.mention.create","payload":{"id":"7","author_id":"5","text":"@us"}}})";
  EXPECT_TRUE(streams.take_line(*seat, "").ok());  // a heartbeat
  EXPECT_TRUE(streams.take_line(*seat, ours).ok());
  EXPECT_TRUE(
      streams.take_line(*seat, R"({"data":{"filter":{"user_id":"3"},"event_type":"post.create"}})").ok());
  EXPECT_TRUE(streams.take_line(*seat, "{broken").ok());
  ASSERT_EQ(inlet.items.size(), 1u);
  EXPECT_EQ(inlet.items[0].source, kWebhookSource);
  EXPECT_EQ(inlet.items[0].body, ours);
  EXPECT_TRUE(other_inlet.items.empty());
  EXPECT_EQ(spent(), price::kPostRead);
  // By both doors: once on the bill.
  state.cursors[std::string(kWebhookSeen)] = std::to_string(clock.now_ms());
  state.cursors[std::string(kWebhookEvents)] = " post.mention.create ";
  EXPECT_TRUE(streams.take_line(*seat, ours).ok());
  EXPECT_EQ(spent(), price::kPostRead);
  // What cannot be kept is not taken as heard.
  inlet.full = true;
  EXPECT_FALSE(streams.take_line(*seat, ours).ok());
  seat.reset();
  EXPECT_TRUE(streams.take_line(*second, ours).ok());
  EXPECT_EQ(inlet.items.size(), 2u);  // a place that was given back gets nothing
  NEEDS_SPECS("x/samples/errors.json");
  const auto errors = JsonDocument::parse(read_whole(specs_path("x/samples/errors.json")));
  EXPECT_FALSE(streams.take_line(*second, errors->root()["stream_operational_disconnect"].raw()).ok());
  EXPECT_FALSE(streams.take_line(*second, errors->root()["stream_too_many_connections"].raw()).ok());
}

TEST_F(ReaderTest, TheStreamIsLeftAtOnceWhenTheBudgetCannotPayTheNextEvent) {
  account.settings = R"({"auth":"oauth2","budget_usd_per_day":"0.012"})";
  options.api_url = "http://127.0.0.1:9";  // nobody there
  auto seat = streams.join("app", account, state, inlet);
  const std::string event = R"({"data":{"filter":{"user_id":"1111111111111111111"},
      "event_type":"post.mention.create","payload":{"id":"7","author_id":"5","text":"@us"}}})";
  ASSERT_TRUE(streams.take_line(*seat, event).ok());
  EXPECT_FALSE(seat->is_spent());
  ASSERT_TRUE(streams.take_line(*seat, event).ok());
  EXPECT_TRUE(seat->is_spent());  // two fifths of a cent are left of 1.2, and the next would cost half a cent
  EXPECT_LE(spent(), 12'000);
  EXPECT_TRUE(seat->wait({}, 3'600'000));  // the reader is woken, and gives the seat back
  EXPECT_FALSE(seat->is_spent());
}

TEST(XReconnect, KeepsToXsSchedules) {
  ReconnectSchedule schedule(250);
  Result<net::LineStreamEnd> end = net::LineStreamEnd{};
  EXPECT_EQ(schedule.after(end, 0), 250);
  for (int i = 0; i < 100; ++i) (void)schedule.after(end, 0);
  EXPECT_EQ(schedule.after(end, 0), 16'000);
  end->why = net::LineStreamEnd::Why::kRefused;
  end->status = 503;
  EXPECT_EQ(schedule.after(end, 0), 5'000);
  EXPECT_EQ(schedule.after(end, 0), 10'000);
  for (int i = 0; i < 10; ++i) (void)schedule.after(end, 0);
  EXPECT_EQ(schedule.after(end, 0), 320'000);
  end->status = 429;
  EXPECT_EQ(schedule.after(end, 0), 60'000);
  EXPECT_EQ(schedule.after(end, 0), 120'000);
  end->headers.add("x-rate-limit-reset", "1785000600");
  EXPECT_EQ(schedule.after(end, 1'785'000'000'000), 600'000);
  schedule.works();
  EXPECT_EQ(schedule.after(net::LineStreamEnd{}, 0), 250);
}

TEST_F(ReaderTest, ADeadTokenEndsReadingAndSaysWhatToDo) {
  state.secrets["refresh_token"] = "";
  http.answer = [](const net::HttpCall&) { return answered(401, "{}"); };
  const auto ended = reader().run({});
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().kind, ErrorKind::kUnauthenticated);
  ASSERT_EQ(inlet.said.size(), 1u);
  EXPECT_TRUE(inlet.said[0].starts_with("action_needed: "));
}

TEST_F(ReaderTest, OnceADayItLooksWhatIsGoneAndWhatWasEdited) {
  inlet.held = {{"x:100", "100"}, {"x:101", "101"}, {"x:102", "102"}, {"x:dm:1", ""}};
  http.answer = [](const net::HttpCall& call) {
    if (call.url.find("/2/tweets?") != std::string::npos) {
      EXPECT_NE(call.url.find("ids=100%2C101%2C102"), std::string::npos) << call.url;
      return answered(
          200, R"({"data":[{"id":"100","author_id":"5","edit_history_tweet_ids":["100","140"]}],"errors":[
        {"resource_id":"101","type":"https://api.twitter.com/2/problems/resource-not-found"},
        {"resource_id":"102","type":"https://api.twitter.com/2/problems/not-authorized-for-resource"}]})");
    }
    EXPECT_NE(call.url.find("/2/tweets/140?"), std::string::npos);
    return answered(
        200, R"({"data":{"id":"140","author_id":"5","text":"new","edit_history_tweet_ids":["100","140"]}})");
  };
  auto one = reader();
  ASSERT_TRUE(one.recheck({}).ok());
  EXPECT_TRUE(http.calls.empty());  // the day begins
  clock.advance_ms(Reader::kRecheckMs);
  ASSERT_TRUE(one.recheck({}).ok());
  ASSERT_EQ(inlet.items.size(), 2u);
  const auto edited = parse_item(account, inlet.items[0], clock.now_ms());
  EXPECT_EQ(std::get<IncomingPost>(edited->at(0)).external_id, "x:100");
  EXPECT_EQ(std::get<IncomingPost>(edited->at(0)).revision, "140");
  const auto gone = parse_item(account, inlet.items[1], clock.now_ms());
  EXPECT_EQ(std::get<IncomingDeletion>(gone->at(0)).external_id, "x:101");  // a protected one is not gone
}

// --- context ---

TEST_F(ReaderTest, AThreadIsClimbedToItsRoot) {
  http.answer = [](const net::HttpCall& call) {
    if (call.url.find("/2/tweets/3?") != std::string::npos)
      return answered(
          200, R"({"data":{"id":"3","author_id":"5","referenced_tweets":[{"type":"replied_to","id":"2"}]}})");
    if (call.url.find("/2/tweets/2?") != std::string::npos)
      return answered(
          200, R"({"data":{"id":"2","author_id":"6","referenced_tweets":[{"type":"replied_to","id":"1"}]}})");
    return answered(200, R"({"errors":[{"type":"https://api.x.com/2/problems/resource-not-found"}]})");
  };
  const auto thread = read_thread(api, tools, options, account, state, "x:3", {});
  ASSERT_TRUE(thread.ok());
  ASSERT_EQ(thread->size(), 2u);
  const auto root = parse_item(account, (*thread)[0], clock.now_ms());
  EXPECT_EQ(std::get<IncomingPost>(root->at(0)).external_id, "x:2");
  EXPECT_EQ(std::get<IncomingPost>(root->at(0)).direction, Direction::kContext);
  EXPECT_TRUE(read_thread(api, tools, options, account, state, "x:dm:3", {})->empty());
}

TEST_F(ReaderTest, FilesAreAskedOfXAlone) {
  for (const auto* good : {"https://ton.twitter.com/1.1/a", "https://pbs.twimg.com/a", "https://api.x.com/a"})
    EXPECT_TRUE(is_host_of_x(good, "https://api.x.com")) << good;
  for (const auto* bad :
       {"http://ton.twitter.com/a", "https://evilx.com/a", "https://x.com.evil.example/a",
        "https://evil.example/.x.com", "https://evil.example?.x.com", "https://a@evil.example#.x.com",
        "https://u:p@ton.twitter.com/a", "file:///etc/passwd", ""})
    EXPECT_FALSE(is_host_of_x(bad, "https://api.x.com")) << bad;
  const auto refused = fetch_file(api, tools, options, account, state, "https://evil.example/a", {});
  EXPECT_EQ(refused.error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(http.calls.empty());  // our token never went there
  http.answer = [](const net::HttpCall&) {
    return answered(200, "\x89PNG\r\n\x1A\n…", {{"content-type", "text/html"}});
  };
  EXPECT_EQ(fetch_file(api, tools, options, account, state, "https://ton.twitter.com/a", {})->content_type,
            "image/png");
}

// --- the filtered stream ---

struct KeptStream final : StreamInlet {
  std::vector<std::string> offered, wanted;
  std::string place;
  bool wants(const StreamPost& post) override { return post.text != "noise"; }
  bool knows(std::string_view) override { return false; }
  Result<void> offer(const StreamPost& post, RawItem) override {
    offered.emplace_back(post.external_id);
    return {};
  }
  Result<void> offer_deletion(std::string_view, RawItem) override { return {}; }
  bool knows_author(std::string_view, std::string_view) override { return false; }
  Result<void> offer_author(std::string_view, std::string_view, RawItem) override { return {}; }
  Result<void> checkpoint(std::string_view value) override {
    place = value;
    return {};
  }
  Result<std::string> cursor() override { return place; }
  Result<std::vector<std::string>> rules(std::size_t) override { return wanted; }
  void health(std::string_view, std::string_view) override {}
};

struct RuleServer {
  std::map<std::string, std::pair<std::string, std::string>> rules;  // id → value, tag
  int next = 1;
  int changes = 0;
  Result<net::HttpAnswer> operator()(const net::HttpCall& call) {
    EXPECT_EQ(call.headers.get("Authorization"), "Bearer app");
    if (call.method == "POST") {
      ++changes;
      const auto document = JsonDocument::parse(call.body);
      std::string errors;
      (void)document->root()["add"]
          .each([&](JsonView one) -> Result<void> {
            if (one["value"].text() == "bad(") {
              errors =
                  R"(,"errors":[{"title":"Invalid","value":"bad(",
            "type":"https://api.x.com/2/problems/invalid-rules"}])";
            } else {
              rules[std::to_string(next++)] = {std::string(one["value"].text()),
                                               std::string(one["tag"].text())};
            }
            return {};
          })
          .ok();
      (void)document->root()["delete"]["ids"]
          .each([&](JsonView id) -> Result<void> {
            rules.erase(std::string(id.text()));
            return {};
          })
          .ok();
      return answered(201, R"({"meta":{"sent":"2026"})" + errors + "}");
    }
    std::string list;
    for (const auto& [id, rule] : rules)
      list += (list.empty() ? "" : ",") + std::string(R"({"id":")") + id + R"(","value":")" + rule.first +
              R"(","tag":")" + rule.second + "\"}";
    return answered(200, R"({"data":[)" + list + R"(],"meta":{"sent":"2026"}})");
  }
  std::vector<std::string> values() const {
    std::vector<std::string> out;
    for (const auto& [id, rule] : rules) out.push_back(rule.first);
    std::ranges::sort(out);
    return out;
  }
};

TEST_F(ReaderTest, RulesFollowTheTopicsAndLeaveOthersAlone) {
  options.bearer_token = "app";
  RuleServer server;
  server.rules["90"] = {"theirs", "another tool"};
  server.rules["91"] = {"old", "kikimimi"};
  http.answer = std::ref(server);
  KeptStream stream;
  StreamListener listener(api, tools, options, stream);
  ASSERT_TRUE(listener.synchronise_rules({"a", "bad(", "b"}, {}).ok());
  EXPECT_EQ(server.values(), (std::vector<std::string>{"a", "b", "theirs"}));
  server.changes = 0;
  ASSERT_TRUE(listener.synchronise_rules({"a", "bad(", "b"}, {}).ok());
  EXPECT_EQ(server.changes, 0);  // what X refused is not told again
  ASSERT_TRUE(listener.synchronise_rules({"b"}, {}).ok());
  EXPECT_EQ(server.values(), (std::vector<std::string>{"b", "theirs"}));
}

TEST_F(ReaderTest, LinesAreOfferedAndTheEndIsTold) {
  options.bearer_token = "app";
  KeptStream stream;
  StreamListener listener(api, tools, options, stream);
  EXPECT_TRUE(listener.take_line("").ok());
  EXPECT_TRUE(
      listener
          .take_line(
              R"({"data":{"id":"7","author_id":"5","text":"ミナト電機の箱"},"matching_rules":[{"id":"1"}]})")
          .ok());
  EXPECT_TRUE(listener.take_line(R"({"data":{"id":"8","author_id":"5","text":"noise"}})").ok());
  EXPECT_TRUE(
      listener
          .take_line(
              R"({"data":{"id":"9","author_id":"5","text":"RT","referenced_tweets":[{"type":"retweeted",
            "id":"7"}]}})")
          .ok());
  EXPECT_TRUE(listener.take_line("{broken").ok());  // one line nobody can read ends nothing
  EXPECT_EQ(stream.offered, std::vector<std::string>{"x:7"});
  NEEDS_SPECS("x/samples/errors.json");
  const auto errors = JsonDocument::parse(read_whole(specs_path("x/samples/errors.json")));
  EXPECT_FALSE(listener.take_line(errors->root()["stream_operational_disconnect"].raw()).ok());
  EXPECT_FALSE(listener.take_line(errors->root()["stream_too_many_connections"].raw()).ok());
}

TEST_F(ReaderTest, AGapInTheStreamIsSearched) {
  options.bearer_token = "app";
  http.answer = std::ref(x);
  x.page_items = 100;
  x.ids = {base - 5, base - 3};
  KeptStream stream;
  StreamListener listener(api, tools, options, stream);
  ASSERT_TRUE(listener.close_gap({"a", "b"}, std::to_string(base - 4), {}).ok());
  EXPECT_EQ(stream.offered, std::vector<std::string>{"x:" + std::to_string(base - 3)});
  EXPECT_EQ(stream.place, std::to_string(base - 3));
  ASSERT_EQ(http.calls.size(), 1u);
  EXPECT_NE(http.calls[0].url.find("query=%28a%29%20OR%20%28b%29"), std::string::npos);
  // Longer than X remembers: from the oldest it has.
  ASSERT_TRUE(listener.close_gap({"a"}, "1045405559317569537", {}).ok());
  EXPECT_EQ(http.calls[1].url.find("since_id"), std::string::npos);
  EXPECT_NE(http.calls[1].url.find("start_time"), std::string::npos);
}

TEST_F(ReaderTest, TheStreamsFirstPlaceIsKeptBeforeItsFirstLine) {
  options.bearer_token = "app";
  KeptStream stream;
  RuleServer server;
  std::string searched_from;
  http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.find("/search/recent?") == std::string::npos) return server(call);
    searched_from = value_of(read_form(call.url.substr(call.url.find('?') + 1)), "since_id");
    return answered(200, R"({"meta":{"result_count":0}})");
  };
  StreamListener first(api, tools, options, stream);
  EXPECT_FALSE(*first.prepare({}));  // no topic wants anything: no place, no connection
  EXPECT_EQ(stream.place, "");
  stream.wanted = {"a"};
  const auto began = clock.now_ms();
  EXPECT_TRUE(*first.prepare({}));
  EXPECT_EQ(time_of_id(stream.place), began);
  EXPECT_EQ(searched_from, "");
  clock.advance_ms(60'000);  // the program was killed before a line came
  EXPECT_TRUE(*StreamListener(api, tools, options, stream).prepare({}));
  ASSERT_NE(searched_from, "");
  EXPECT_EQ(time_of_id(searched_from), began);
}

TEST(XSearches, FewAndNotTooLong) {
  EXPECT_EQ(without_reposts({"a OR b", "c -is:retweet"}),
            (std::vector<std::string>{"(a OR b) -is:retweet", "c -is:retweet"}));
  EXPECT_EQ(searches_of({"a", "b", "c"}, 12), (std::vector<std::string>{"(a) OR (b)", "(c)"}));
  EXPECT_EQ(searches_of({"12345678901"}, 12), (std::vector<std::string>{"12345678901"}));
}

}  // namespace
}  // namespace kiki::channels::x
