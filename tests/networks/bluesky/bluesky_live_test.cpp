// The Bluesky channel against the real network (network.mjs): connects, hears, reads threads, answers with a
// picture, looks up, likes, reposts, undoes, deletes, survives a stopped data server, an expired session and
// lost answers. Skipped unless KIKI_BLUESKY_NETWORK holds the network's line of JSON.

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>

#include "base/json.hpp"
#include "channels/bluesky/bluesky_channel.hpp"
#include "net/hmac.hpp"
#include "net/http_client.hpp"

namespace kiki::channels {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

net::SsrfPolicy policy() {
  net::SsrfPolicy policy;
  policy.allow_private = true;
  policy.allow_plain_http = true;
  return policy;
}

struct State final : AccountState {
  std::mutex mutex;
  std::map<std::string, std::string, std::less<>> secrets, cursors;
  Result<std::string> secret(std::string_view name) override {
    const std::lock_guard lock(mutex);
    const auto found = secrets.find(name);
    return found == secrets.end() ? std::string() : found->second;
  }
  Result<void> set_secrets(const std::vector<std::pair<std::string, std::string>>& values) override {
    const std::lock_guard lock(mutex);
    for (const auto& [name, value] : values) secrets[name] = value;
    return {};
  }
  Result<std::string> cursor(std::string_view name) override {
    const std::lock_guard lock(mutex);
    const auto found = cursors.find(name);
    return found == cursors.end() ? std::string() : found->second;
  }
  Result<void> set_cursor(std::string_view name, std::string_view value) override {
    const std::lock_guard lock(mutex);
    cursors[std::string(name)] = value;
    return {};
  }
};

// Keeps what arrives, and lets a test wait for it.
struct Basket {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<RawItem> items;
  std::string status;

  void add(RawItem item) {
    const std::lock_guard lock(mutex);
    items.push_back(std::move(item));
    changed.notify_all();
  }
  void set_status(std::string_view value) {
    const std::lock_guard lock(mutex);
    status = value;
    changed.notify_all();
  }
  std::size_t count(std::string_view source, std::string_view words) {
    std::size_t found = 0;
    for (const auto& item : items)
      found += item.source == source && item.body.find(words) != std::string::npos;
    return found;
  }
  bool wait_for(std::string_view source, std::string_view words) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, kPatience, [&] { return count(source, words) > 0; });
  }
  bool wait_for_status(std::string_view value) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, kPatience, [&] { return status == value; });
  }
};

struct AccountInlet final : Inlet {
  State& state;
  Basket& basket;
  std::mutex mutex;
  std::vector<std::string> ids;
  AccountInlet(State& s, Basket& b) : state(s), basket(b) {}
  Result<void> accept(std::vector<RawItem> items, std::string_view name, std::string_view value) override {
    if (!name.empty()) TRY(state.set_cursor(name, value));
    for (auto& item : items) basket.add(std::move(item));
    return {};
  }
  void health(std::string_view status, std::string_view) override { basket.set_status(status); }
  Result<std::vector<HeldPost>> recent_posts(std::size_t) override {
    const std::lock_guard lock(mutex);
    std::vector<HeldPost> held;
    for (const auto& id : ids) held.push_back({id, ""});
    return held;
  }
};

struct PublicInlet final : StreamInlet {
  Basket& basket;
  std::string keyword, stored;
  explicit PublicInlet(Basket& b) : basket(b) {}
  bool wants(const StreamPost& post) override { return post.text.find(keyword) != std::string_view::npos; }
  bool knows(std::string_view id) override {
    const std::lock_guard lock(basket.mutex);
    return basket.count("bluesky.record", id) > 0;
  }
  Result<void> offer(const StreamPost&, RawItem item) override {
    return basket.add(std::move(item)), Result<void>();
  }
  Result<void> offer_deletion(std::string_view, RawItem item) override {
    return basket.add(std::move(item)), Result<void>();
  }
  bool knows_author(std::string_view, std::string_view) override { return false; }
  Result<void> offer_author(std::string_view, std::string_view, RawItem) override { return {}; }
  Result<void> checkpoint(std::string_view value) override { return stored = value, Result<void>(); }
  Result<std::string> cursor() override { return stored; }
  void health(std::string_view status, std::string_view) override { basket.set_status(status); }
};

class BlueskyLive : public testing::Test {
 protected:
  void SetUp() override {
    const char* line = std::getenv("KIKI_BLUESKY_NETWORK");
    if (!line || !*line) GTEST_SKIP() << "KIKI_BLUESKY_NETWORK is not set";
    auto document = JsonDocument::parse(line);
    ASSERT_TRUE(document.ok());
    control_ = document->root()["control"].text();
    BlueskyOptions options;
    options.stream_url = document->root()["firehose"].text();
    options.plc_url = document->root()["plc"].text();
    options.entryway_url = document->root()["pds"].text();
    options.appview_url = document->root()["appview"].text();
    options.poll_interval_ms = 200;
    options.recheck_interval_ms = 1'000;
    channel_ = make_bluesky_channel(Tools{*http_, policy(), clock_, random_}, options);
    do_(R"(start-pds)", "{}");
    do_("heal", "{}");
    const std::string suffix = std::to_string(random_.below(1'000'000'000));
    brand_ = "brand" + suffix + ".test";
    customer_ = "tanaka" + suffix + ".test";
    const auto brand = do_("create-account", R"({"handle":")" + brand_ + R"(","name":"ブランド"})");
    customer_did_ =
        do_("create-account", R"({"handle":")" + customer_ + R"(","name":"田中","description":"猫がいます"})")
            .root()["did"]
            .text();
    auto connected = channel_->connect(
        {{"handle", "@" + brand_}, {"app_password", std::string(brand.root()["app_password"].text())}}, {});
    ASSERT_TRUE(connected.ok()) << connected.error().message << " " << connected.error().where;
    ASSERT_TRUE(state_.set_secrets(connected->secrets).ok());
    account_.workspace_id = account_.id = 1;
    account_.network = "bluesky";
    account_.kind = "account";
    account_.external_id = connected->external_id;
    account_.handle = connected->handle;
    account_.settings = connected->settings;
  }

  // One call of the control API.
  JsonDocument do_(const std::string& action, const std::string& body) {
    net::HttpCall call;
    call.method = "POST";
    call.url = control_ + "/" + action;
    call.body = body;
    call.timeout_ms = 60'000;
    auto answer = http_->call(call);
    EXPECT_TRUE(answer.ok()) << action << (answer.ok() ? "" : answer.error().message);
    if (answer.ok()) {
      EXPECT_EQ(answer->status, 200) << action << " " << answer->body;
    }
    auto document = JsonDocument::parse(answer.ok() ? answer->body : "{}", JsonLimits{16 << 20, 400});
    return std::move(document).value();
  }
  std::string post_(const std::string& handle, const std::string& text, const std::string& more = "") {
    return std::string(do_("post", R"({"handle":")" + handle + R"(","text":")" + text + "\"" + more + "}")
                           .root()["uri"]
                           .text());
  }
  IncomingPost parsed_(const RawItem& item) {
    auto incoming = channel_->parse(account_, item, clock_.now_ms());
    EXPECT_TRUE(incoming.ok() && incoming->size() == 1) << item.body;
    return std::get<IncomingPost>(incoming->at(0));
  }
  IncomingPost heard_(Basket& basket, std::string_view source, std::string_view words) {
    EXPECT_TRUE(basket.wait_for(source, words)) << words;
    const std::lock_guard lock(basket.mutex);
    for (const auto& item : basket.items) {
      if (item.source == source && item.body.find(words) != std::string::npos) return parsed_(item);
    }
    return {};
  }
  Outgoing outgoing_(const std::string& action, const IncomingPost& target, const std::string& text = "") {
    Outgoing out;
    out.action = action;
    out.target_external_id = target.external_id;
    out.target_revision = target.revision;
    out.reply_reference = target.reply_reference;
    out.text = text;
    out.language = "ja";
    out.created_at = clock_.now_ms();
    out.network_key = channel_->choose_key(account_, out);
    return out;
  }
  Result<Sent> send_(const Outgoing& out) { return channel_->send(account_, state_, out, log_, {}); }
  bool becomes_visible_(const Outgoing& out, const Sent& sent) {
    for (int i = 0; i < 300; ++i) {
      auto visible = channel_->is_visible(account_, state_, out, sent, {});
      if (visible.ok() && *visible) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  }

  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<net::HttpClient> http_ = net::make_http_client(policy());
  std::unique_ptr<Channel> channel_;
  std::string control_, brand_, customer_, customer_did_;
  Account account_;
  State state_;
  Basket basket_;
  AccountInlet inlet_{state_, basket_};
  std::vector<Delivery> log_;
};

TEST_F(BlueskyLive, HearsAnswersAndTakesBack) {
  std::jthread reader(
      [&](std::stop_token stop) { EXPECT_TRUE(channel_->read(account_, state_, inlet_, stop).ok()); });
  const auto uri = post_(customer_, "@" + brand_ + " 蛇口から水が漏れています");
  const auto post = heard_(basket_, "bluesky.notification", uri);
  EXPECT_EQ(post.reason, "mention");
  EXPECT_EQ(post.author.handle, customer_);
  EXPECT_EQ(post.author.name, "田中");

  auto reply = outgoing_("reply", post, "@" + customer_ + " すぐに見ます https://example.com/手順 #修理");
  Outgoing::Image image;
  image.content_type = "image/png";
  image.alt = "手順の図";
  image.body = *net::from_base64(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");
  image.width = image.height = 1;
  reply.images.push_back(image);
  auto sent = send_(reply);
  ASSERT_TRUE(sent.ok()) << sent.error().message;
  EXPECT_EQ(sent->external_id, channel_->planned_external_id(account_, reply));
  EXPECT_TRUE(becomes_visible_(reply, *sent));

  // Sending again under the same key does not make a second post, and a look finds the first.
  EXPECT_FALSE(send_(reply).ok());
  auto found = channel_->look_up(account_, state_, reply, {});
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((*found)->revision, sent->revision);
  auto never = reply;
  never.network_key = channel_->choose_key(account_, reply);
  found = channel_->look_up(account_, state_, never, {});
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_FALSE(found->has_value());

  // As the world sees it: under the customer's post, with facets and the picture.
  auto items = channel_->thread(account_, state_, uri, {});
  ASSERT_TRUE(items.ok()) << items.error().message;
  ASSERT_EQ(items->size(), 2u);
  EXPECT_EQ(parsed_(items->at(0)).external_id, uri);
  const auto ours = parsed_(items->at(1));
  EXPECT_EQ(ours.direction, Direction::kOut);
  EXPECT_EQ(ours.parent_external_id, uri);
  EXPECT_EQ(ours.attachments.at(0).alt, "手順の図");
  EXPECT_NE(items->at(1).body.find("facet#mention"), std::string::npos);
  EXPECT_NE(items->at(1).body.find("facet#link"), std::string::npos);
  EXPECT_NE(items->at(1).body.find("facet#tag"), std::string::npos);

  // The customer answers our answer: root and parent differ now.
  const auto again = post_(customer_, "ありがとう", R"(,"reply_to":")" + sent->external_id + "\"");
  const auto answer = heard_(basket_, "bluesky.notification", again);
  EXPECT_EQ(answer.reason, "reply");
  EXPECT_EQ(answer.thread_external_id, uri);
  auto second = outgoing_("reply", answer, "どういたしまして");
  sent = send_(second);
  ASSERT_TRUE(sent.ok()) << sent.error().message;
  EXPECT_TRUE(becomes_visible_(second, *sent));

  for (const auto* action : {"like", "repost", "unlike", "unrepost"}) {
    const auto out = outgoing_(action, answer);
    const auto done = send_(out);
    ASSERT_TRUE(done.ok()) << action << done.error().message;
    EXPECT_TRUE(becomes_visible_(out, *done)) << action;
    const auto looked = channel_->look_up(account_, state_, out, {});
    EXPECT_TRUE(looked.ok() && looked->has_value()) << action;
  }

  auto gone = outgoing_("delete", ours);
  auto removed = send_(gone);
  ASSERT_TRUE(removed.ok()) << removed.error().message;
  EXPECT_TRUE(becomes_visible_(gone, *removed));

  auto profile = channel_->profile(account_, state_, customer_did_, {});
  ASSERT_TRUE(profile.ok() && profile->has_value());
  EXPECT_EQ((*profile)->bio, "猫がいます");
  EXPECT_TRUE((*profile)->full_profile);
  Account listener;
  listener.kind = "listener";
  profile = channel_->profile(listener, state_, customer_did_, {});
  ASSERT_TRUE(profile.ok() && profile->has_value());
  EXPECT_EQ((*profile)->handle, customer_);
}

TEST_F(BlueskyLive, ListensToTheFirehose) {
  Basket basket;
  PublicInlet inlet(basket);
  inlet.keyword = "水漏れ" + brand_;
  std::jthread listener([&](std::stop_token stop) { EXPECT_TRUE(channel_->listen(inlet, stop).ok()); });
  ASSERT_TRUE(basket.wait_for_status("ok"));
  post_(customer_, "今日はいい天気");
  const auto uri = post_(customer_, "また" + inlet.keyword + " です");
  const auto post = heard_(basket, "bluesky.record", uri);
  EXPECT_EQ(post.reason, "found");
  EXPECT_EQ(post.author.external_id, customer_did_);
  EXPECT_EQ(post.language, "ja");

  // An edit comes as the same post with another revision, a deletion as a deletion.
  do_("edit", R"({"handle":")" + customer_ + R"(","uri":")" + uri + R"(","text":"直りました )" +
                  inlet.keyword + "\"}");
  const auto edited = heard_(basket, "bluesky.record", "直りました");
  EXPECT_EQ(edited.external_id, uri);
  EXPECT_NE(edited.revision, post.revision);
  do_("delete", R"({"handle":")" + customer_ + R"(","uri":")" + uri + "\"}");
  EXPECT_TRUE(basket.wait_for("bluesky.deletion", uri));

  // The server goes away and comes back: what was posted next is heard, from the cursor.
  do_("stop-pds", "{}");
  ASSERT_TRUE(basket.wait_for_status("waiting"));
  do_("start-pds", "{}");
  const auto later = post_(customer_, "後で " + inlet.keyword);
  EXPECT_TRUE(basket.wait_for("bluesky.record", later));
}

TEST_F(BlueskyLive, GoesOnAfterADowntimeAnExpiredSessionAndLostAnswers) {
  std::jthread reader(
      [&](std::stop_token stop) { EXPECT_TRUE(channel_->read(account_, state_, inlet_, stop).ok()); });
  ASSERT_TRUE(basket_.wait_for_status("ok"));
  const std::string first_token = *state_.secret("access_jwt");
  do_("expire-sessions", R"({"handle":")" + brand_ + "\"}");
  const auto uri = post_(customer_, "@" + brand_ + " もしもし");
  const auto post = heard_(basket_, "bluesky.notification", uri);
  EXPECT_NE(*state_.secret("access_jwt"), first_token);

  do_("stop-pds", "{}");
  ASSERT_TRUE(basket_.wait_for_status("waiting"));
  auto reply = outgoing_("reply", post, "はい");
  auto sent = send_(reply);
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().kind, ErrorKind::kUnavailable) << sent.error().message;  // certainly not sent
  do_("start-pds", "{}");
  ASSERT_TRUE(basket_.wait_for_status("ok"));

  // Done, but the answer is lost: unclear, then found, and there is one.
  do_("fail", R"({"nsid":"com.atproto.repo.createRecord","mode":"after"})");
  sent = send_(reply);
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().kind, ErrorKind::kUnclear) << sent.error().message;
  std::optional<Sent> found;
  for (int i = 0; i < 50 && !found; ++i) {
    auto looked = channel_->look_up(account_, state_, reply, {});
    ASSERT_TRUE(looked.ok()) << looked.error().message;
    found = *looked;
    if (!found) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  ASSERT_TRUE(found.has_value());
  const auto records = do_("records", R"({"handle":")" + brand_ + "\"}");
  EXPECT_EQ(records.root()["records"].size(), 1u);

  do_("fail", R"({"nsid":"com.atproto.repo.createRecord","mode":"before","status":429,)"
              R"("error":"RateLimitExceeded","headers":{"retry-after":"30"}})");
  auto limited = send_(outgoing_("like", post));
  ASSERT_FALSE(limited.ok());
  EXPECT_EQ(limited.error().kind, ErrorKind::kRateLimited);
  EXPECT_EQ(limited.error().retry_after_ms, 30'000);

  // A deletion nobody streams to us is found by asking.
  {
    const std::lock_guard lock(inlet_.mutex);
    inlet_.ids = {uri};
  }
  do_("delete", R"({"handle":")" + customer_ + R"(","uri":")" + uri + "\"}");
  EXPECT_TRUE(basket_.wait_for("bluesky.deletion", uri));
}

TEST_F(BlueskyLive, ARevokedAppPasswordNeedsAPerson) {
  do_("revoke-app-password", R"({"handle":")" + brand_ + "\"}");
  const auto ended = channel_->read(account_, state_, inlet_, {});
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().kind, ErrorKind::kUnauthenticated) << ended.error().message;
  EXPECT_EQ(basket_.status, "action_needed");
  const auto wrong = channel_->connect({{"handle", brand_}, {"app_password", "aaaa-bbbb-cccc-dddd"}}, {});
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().where, "app_password");
}

}  // namespace
}  // namespace kiki::channels
