#include "channels/line/connect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channels/line/fake_line_test.hpp"
#include "channels/line/media.hpp"

namespace kiki::channels::line {
namespace {

using testing::HasSubstr;

constexpr auto kInfo =
    R"({"userId":"U00000000000000000000000000000000","basicId":"@216ru","displayName":"Shop",)"
    R"("pictureUrl":"https://p.example/1","chatMode":"bot","markAsReadMode":"auto"})";

struct ConnectTest : testing::Test {
  Bench bench;
  int issued = 0;
  std::string good_token = "pasted-token";
  ConnectTest() {
    bench.http.answer = [this](const net::HttpCall& call) -> Result<net::HttpAnswer> { return answer(call); };
  }
  Result<net::HttpAnswer> answer(const net::HttpCall& call) {
    if (call.url == "https://api.line.me/oauth2/v3/token") {
      if (call.body.find("client_secret=right") == std::string::npos)
        return answered(400, R"({"error":"invalid_client"})");
      good_token = "issued-" + std::to_string(++issued);
      return answered(200,
                      R"({"token_type":"Bearer","expires_in":899,"access_token":")" + good_token + "\"}");
    }
    if (call.headers.get("authorization") != "Bearer " + good_token)
      return refused(401, "Authentication failed");
    if (call.url.ends_with("/v2/bot/info")) return answered(200, kInfo);
    return refused(404, "Not found");
  }
  Result<Connected> connect(const Fields& fields) { return bench.channel->connect(fields, {}); }
};

TEST_F(ConnectTest, ByAPastedToken) {
  const auto connected = connect({{"channel_secret", " secret "}, {"access_token", "pasted-token\n"}});
  ASSERT_TRUE(connected.ok()) << connected.error().message;
  EXPECT_EQ(connected->external_id, "U00000000000000000000000000000000");
  EXPECT_EQ(connected->handle, "@216ru");
  EXPECT_EQ(connected->name, "Shop");
  EXPECT_EQ(connected->avatar_url, "https://p.example/1");
  EXPECT_THAT(connected->settings, HasSubstr(R"("basic_id":"@216ru")"));
  EXPECT_EQ(connected->settings.find("secret"), std::string::npos);
  EXPECT_EQ(connected->secrets[0], (std::pair<std::string, std::string>("channel_secret", "secret")));
}

TEST_F(ConnectTest, ByChannelIdAndSecret) {
  const auto connected = connect({{"channel_secret", "right"}, {"channel_id", "1573163733"}});
  ASSERT_TRUE(connected.ok()) << connected.error().message;
  bench.account.settings = connected->settings;
  bench.state.secrets.clear();
  ASSERT_TRUE(bench.state.set_secrets(connected->secrets).ok());
  // The token lives a quarter of an hour and is replaced before it ends.
  ASSERT_TRUE(bench.channel->profile(bench.account, bench.state, "U1", {}).ok());
  EXPECT_EQ(issued, 1);
  bench.clock.advance_ms(800'000);
  ASSERT_TRUE(bench.channel->profile(bench.account, bench.state, "U1", {}).ok());
  EXPECT_EQ(issued, 2);
  EXPECT_EQ(bench.state.secrets["issued_token"], "issued-2");
  good_token = "withdrawn";  // refused before its time: once more with a new one
  ASSERT_TRUE(bench.channel->profile(bench.account, bench.state, "U1", {}).ok());
  EXPECT_EQ(issued, 3);
  bench.state.secrets["channel_secret"] = "changed";
  good_token = "withdrawn";
  const auto dead = bench.channel->profile(bench.account, bench.state, "U1", {});
  ASSERT_FALSE(dead.ok());
  EXPECT_EQ(dead.error().kind, ErrorKind::kUnauthenticated);
}

TEST_F(ConnectTest, SaysWhichFieldIsWrong) {
  const auto fault = [&](const Fields& fields) {
    const auto connected = connect(fields);
    EXPECT_FALSE(connected.ok());
    EXPECT_EQ(connected.error().kind, ErrorKind::kInvalid) << connected.error().message;
    return connected.error().where + " " + connected.error().code;
  };
  EXPECT_EQ(fault({}), "channel_secret required");
  EXPECT_EQ(fault({{"channel_secret", "s"}}), "access_token required");
  EXPECT_EQ(fault({{"channel_secret", "s"}, {"access_token", "bad"}}), "access_token wrong_token");
  EXPECT_EQ(fault({{"channel_secret", "s"}, {"channel_id", "x"}}), "channel_id invalid_channel_id");
  EXPECT_EQ(fault({{"channel_secret", "wrong"}, {"channel_id", "1"}}), "channel_secret wrong_channel");
  EXPECT_EQ(fault({{"channel_secret", "s"}, {"access_token", "pasted-token"}, {"quota_reserve", "-1"}}),
            "quota_reserve invalid_number");
  EXPECT_EQ(
      fault({{"channel_secret", "s"}, {"access_token", "pasted-token"}, {"account_link_url", "ftp://x"}}),
      "account_link_url invalid_url");
}

TEST_F(ConnectTest, TellsLineWhereToCall) {
  bool active = true;
  const auto tried = [](bool success, int status, const std::string& reason) {
    return R"({"success":)" + std::string(success ? "true" : "false") +
           R"(,"timestamp":"2026-01-01T00:00:00Z","statusCode":)" + std::to_string(status) +
           R"(,"reason":")" + reason + R"(","detail":"-"})";
  };
  auto test = tried(true, 200, "OK");
  std::string endpoint;
  bench.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.method == "PUT") {
      endpoint = call.body;
      return answered(200, "{}");
    }
    if (call.url.ends_with("/endpoint"))
      return answered(200, R"({"endpoint":"x","active":)" + std::string(active ? "true" : "false") + "}");
    if (call.url.ends_with("/webhook/test")) return answered(200, test);
    return answer(call);
  };
  const auto subscribe = [&](std::string_view url) {
    auto done = bench.channel->subscribe(bench.account, bench.state, url, {});
    return done.ok() ? std::string("ok") : done.error().code;
  };
  EXPECT_EQ(subscribe("https://desk.example/hooks/42"), "ok");
  EXPECT_EQ(endpoint, R"({"endpoint":"https://desk.example/hooks/42"})");
  EXPECT_EQ(bench.state.cursors["webhook_url"], "https://desk.example/hooks/42");
  active = false;
  EXPECT_EQ(subscribe("https://desk.example/hooks/42"), "webhook_off");
  active = true;
  test = tried(false, 401, "ERROR_STATUS_CODE");
  EXPECT_EQ(subscribe("https://desk.example/hooks/42"), "wrong_secret");
  test = tried(false, 0, "COULD_NOT_CONNECT");
  EXPECT_EQ(subscribe("https://desk.example/hooks/42"), "webhook_unreachable");
  EXPECT_EQ(subscribe("https://desk.example/" + std::string(500, 'x')), "webhook_refused");
  EXPECT_EQ(subscribe(""), "ok");
  EXPECT_EQ(bench.state.cursors["webhook_url"], "none");
}

class KeptHealth final : public Inlet {
 public:
  std::vector<std::string> told;
  std::stop_source stop;
  Result<void> accept(std::vector<RawItem>, std::string_view, std::string_view) override { return {}; }
  void health(std::string_view status, std::string_view detail) override {
    told.push_back(std::string(status) + ": " + std::string(detail));
    stop.request_stop();
  }
  Result<std::vector<HeldPost>> recent_posts(std::size_t) override { return std::vector<HeldPost>{}; }
};

TEST_F(ConnectTest, WatchesThatLineStillCalls) {
  std::string endpoint = R"({"endpoint":"https://desk.example/hooks/42","active":true})";
  bench.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.ends_with("/endpoint")) return answered(200, endpoint);
    return answer(call);
  };
  bench.channel = make_line_channel({bench.http, {}, bench.clock, bench.random}, {.check_interval_ms = 1});
  const auto look = [&] {
    KeptHealth inlet;
    auto done = bench.channel->read(bench.account, bench.state, inlet, inlet.stop.get_token());
    return done.ok() ? inlet.told.at(0) : "error: " + done.error().code;
  };
  bench.state.cursors["webhook_url"] = "https://desk.example/hooks/42";
  EXPECT_EQ(look(), "ok: ");
  endpoint = R"({"endpoint":"https://desk.example/hooks/42","active":false})";
  EXPECT_THAT(look(), HasSubstr("action_needed: webhook_off"));
  endpoint = R"({"endpoint":"https://other.example/","active":true})";
  EXPECT_THAT(look(), HasSubstr("action_needed: line_other_address"));
  bench.state.cursors["webhook_url"] = "none";
  EXPECT_THAT(look(), HasSubstr("action_needed: line_no_public_url"));
  bench.http.answer = [](const net::HttpCall&) -> Result<net::HttpAnswer> { return unavailable("no route"); };
  EXPECT_EQ(look(), "waiting: away: no route");
  bench.http.answer = [](const net::HttpCall&) -> Result<net::HttpAnswer> { return refused(401, "x"); };
  EXPECT_EQ(look(), "error: token_refused");
}

struct MediaTest : testing::Test {
  Bench bench;
  RawItem item(const std::string& message) {
    return {"line.event", R"({"message":{"id":"7",)" + message + "}}"};
  }
  Result<Media> media(const RawItem& item, std::string_view reference = "content/7") {
    return bench.channel->media(bench.account, bench.state, item, reference, {});
  }
};

TEST_F(MediaTest, APicture) {
  bench.http.answer = [](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    EXPECT_EQ(call.url, "https://api-data.line.me/v2/bot/message/7/content");
    net::HttpAnswer answer{200, {}, "\xFF\xD8\xFF\xE0 picture"};
    answer.headers.add("Content-Type", "text/html");
    return answer;
  };
  const auto got = media(item(R"("type":"image","contentProvider":{"type":"line"})"));
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got->content_type, "image/jpeg") << "as the bytes say";
  EXPECT_EQ(media(item(R"("type":"image")"), "content/8").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(bench.http.calls.size(), 1U);
}

TEST_F(MediaTest, AFilmNeedsAMoment) {
  std::string status = "processing";
  bench.http.answer = [&](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    if (call.url.ends_with("/transcoding")) return answered(200, R"({"status":")" + status + "\"}");
    return answered(200, std::string("\0\0\0\x18"
                                     "ftypmp42",
                                     12));
  };
  const auto film = item(R"("type":"video","contentProvider":{"type":"line"})");
  auto got = media(film);
  EXPECT_EQ(got.error().kind, ErrorKind::kUnavailable);
  EXPECT_GT(got.error().retry_after_ms, 0);
  status = "failed";
  EXPECT_EQ(media(film).error().kind, ErrorKind::kNotFound);
  status = "succeeded";
  EXPECT_EQ(media(film)->content_type, "video/mp4");
}

TEST_F(MediaTest, FaultsOfFiles) {
  const auto file = item(R"("type":"file","fileName":"a/b/領収書.pdf","fileSize":9)");
  const auto kind_for = [&](Result<net::HttpAnswer> answer) {
    bench.http.answer = [&](const net::HttpCall&) { return answer; };
    return media(file).error().kind;
  };
  EXPECT_EQ(kind_for(answered(202, "")), ErrorKind::kUnavailable);
  EXPECT_EQ(kind_for(answered(404, "")), ErrorKind::kNotFound);
  EXPECT_EQ(kind_for(answered(410, "")), ErrorKind::kNotFound);
  EXPECT_EQ(kind_for(answered(500, "")), ErrorKind::kUnavailable);
  EXPECT_EQ(kind_for(Error{ErrorKind::kTooLarge, "x", {}, {}, 0}), ErrorKind::kNotFound);
  bench.http.answer = [](const net::HttpCall&) -> Result<net::HttpAnswer> {
    return answered(200, "%PDF-1.7");
  };
  const auto got = media(file);
  EXPECT_EQ(got->name, "領収書.pdf");
  EXPECT_EQ(got->content_type, "application/pdf");
  const auto calls = bench.http.calls.size();
  EXPECT_EQ(media(item(R"("type":"file","fileName":"x","fileSize":300000000)")).error().code,
            "file_too_large");
  EXPECT_EQ(bench.http.calls.size(), calls);
}

TEST_F(MediaTest, FromElsewhere) {
  bench.http.answer = [](const net::HttpCall& call) -> Result<net::HttpAnswer> {
    EXPECT_EQ(call.url, "https://example.com/a.png");
    EXPECT_FALSE(call.headers.has("authorization")) << "our token is nobody else's";
    return answered(200, "\x89PNG\r\n\x1A\n");
  };
  const auto from = [&](const std::string& url) {
    return media(
        item(R"("type":"image","contentProvider":{"type":"external","originalContentUrl":")" + url + "\"}"),
        "external");
  };
  EXPECT_EQ(from("https://example.com/a.png")->content_type, "image/png");
  EXPECT_EQ(from("http://example.com/a.png").error().kind, ErrorKind::kNotFound);
  bench.http.answer = [](const net::HttpCall&) -> Result<net::HttpAnswer> {
    return Error{ErrorKind::kForbidden, "guarded", {}, {}, 0};
  };
  EXPECT_EQ(from("https://10.0.0.1/a.png").error().kind, ErrorKind::kNotFound);
}

TEST(MediaTypeTest, ByContent) {
  using namespace std::string_view_literals;
  EXPECT_EQ(type_by_content("GIF89a"), "image/gif");
  EXPECT_EQ(type_by_content("RIFF....WEBPVP8 "), "image/webp");
  EXPECT_EQ(type_by_content("\0\0\0 ftypM4A "sv), "audio/mp4");
  EXPECT_EQ(type_by_content("<html><script>"), "application/octet-stream");
  EXPECT_EQ(type_by_content(""), "application/octet-stream");
}

}  // namespace
}  // namespace kiki::channels::line
