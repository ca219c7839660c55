#include "channels.hpp"

#include <fmt/core.h>

#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "channels/bluesky/bluesky_channel.hpp"
#include "channels/line/line_channel.hpp"
#include "channels/mail/envelope.hpp"
#include "channels/mail/mail_channel.hpp"
#include "channels/x/x_channel.hpp"
#include "desk.hpp"
#include "net/hmac.hpp"
#include "net/http_server.hpp"
#include "report.hpp"
#include "store/database.hpp"
#include "temporary_folder.hpp"

namespace kiki::bench {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";
constexpr int kCustomers = 2'000;

double ms_since(Clock::time_point from) {
  return std::chrono::duration<double, std::milli>(Clock::now() - from).count();
}

// --- the network that calls

// What LINE answers to whom connects an account and asks who wrote. Never more than that: nothing is sent.
class LineNetwork {
 public:
  static Result<std::unique_ptr<LineNetwork>> start() {
    auto network = std::make_unique<LineNetwork>();
    net::ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.body_limit_bytes = [](const net::HttpRequest&) { return std::size_t{1} << 20U; };
    network->server_ = TRY(net::start_http_server(
        std::move(options), network->workers_, [](net::HttpRequest&& request) { return answer(request); }));
    return network;
  }
  std::string url() const { return "http://" + server_->address(); }

 private:
  static net::HttpResponse answer(const net::HttpRequest& request) {
    net::HttpResponse response;
    response.headers.set("Content-Type", "application/json");
    const auto path = std::string_view(request.path);
    constexpr std::string_view kProfile = "/v2/bot/profile/";
    if (path == "/v2/bot/info") {
      response.body =
          R"({"userId":"U00000000000000000000000000000000","basicId":"@bench","displayName":"Bench",)"
          R"("chatMode":"bot","markAsReadMode":"manual"})";
    } else if (path == "/v2/bot/message/quota") {
      response.body = R"({"type":"limited","value":100000})";
    } else if (path == "/v2/bot/message/quota/consumption") {
      response.body = R"({"totalUsage":0})";
    } else if (path.starts_with(kProfile)) {
      response.body = json::serialize(
          json::object{{"userId", std::string(path.substr(kProfile.size()))}, {"displayName", "Customer"}});
    } else {
      response.body = "{}";
    }
    return response;
  }

  WorkerPool workers_{"line", 1, 1'000};
  std::unique_ptr<net::HttpServer> server_;
};

struct Webhook {
  std::string body;
  std::string signature;
};

std::string line_event(std::int64_t number) {
  return json::serialize(json::object{
      {"type", "message"},
      {"mode", "active"},
      {"timestamp", SystemClock().now_ms()},
      {"source",
       json::object{{"type", "user"}, {"userId", fmt::format("U{:032x}", number % kCustomers + 1)}}},
      {"webhookEventId", fmt::format("01BENCH{:019}", number)},
      {"deliveryContext", json::object{{"isRedelivery", false}}},
      {"replyToken", fmt::format("{:032x}", number)},
      {"message", json::object{{"type", "text"},
                               {"id", std::to_string(number + 1)},
                               {"quoteToken", fmt::format("q{:031x}", number)},
                               {"text", fmt::format("炊飯器の電源が入らないです。{}番です。", number)}}}});
}

Webhook line_webhook(std::int64_t number) {
  Webhook webhook;
  webhook.body =
      R"({"destination":"U00000000000000000000000000000000","events":[)" + line_event(number) + "]}";
  webhook.signature = net::base64(net::hmac_sha256(kSecret, webhook.body));
  return webhook;
}

struct Called {
  std::vector<double> times;  // ms, of those taken
  std::int64_t refused = 0;
};

// `count` webhooks, `per_second` of them, over a few connections, as a network would.
Called call(const Desk& desk, const std::string& path, std::int64_t first, std::int64_t count,
            double per_second) {
  constexpr int kConnections = 8;
  std::vector<Webhook> webhooks;
  for (std::int64_t i = 0; i < count; ++i) webhooks.push_back(line_webhook(first + i));
  Called called;
  std::mutex mutex;
  std::atomic<std::int64_t> next{0};
  const auto began = Clock::now();
  std::vector<std::jthread> threads;
  for (int t = 0; t < kConnections; ++t) {
    threads.emplace_back([&] {
      auto client = desk.stranger();
      std::vector<double> times;
      std::int64_t refused = 0;
      for (auto i = next++; i < count; i = next++) {
        std::this_thread::sleep_until(
            began + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(static_cast<double>(i) / per_second)));
        auto& webhook = webhooks[static_cast<std::size_t>(i)];
        client.set_header("X-Line-Signature", std::move(webhook.signature));
        const auto sent = Clock::now();
        if (client.good("POST", path, webhook.body).ok()) {
          times.push_back(ms_since(sent));
        } else {
          ++refused;
        }
      }
      const std::lock_guard lock(mutex);
      called.times.insert(called.times.end(), times.begin(), times.end());
      called.refused += refused;
    });
  }
  threads.clear();
  return called;
}

Result<std::string> connect_line(const Desk& desk) {
  auto person = desk.person();
  const json::object body{{"network", "line"},
                          {"fields", json::object{{"channel_secret", kSecret}, {"access_token", "bench"}}}};
  const auto answer = TRY(person.good("POST", desk.in_workspace("/accounts"), json::serialize(body)));
  boost::system::error_code failed;
  const auto account = json::parse(answer.body, failed);
  if (failed) return internal_error("the account's answer is no JSON");
  return "/hooks/" + std::string(account.at("id").as_string());
}

Result<std::int64_t> stored_posts(const std::string& data) {
  const auto db = TRY(store::open({.url = "sqlite:" + data + "/kikimimi.db", .readers = 1}));
  auto reader = TRY(db->reader());
  const auto count = TRY(reader->one("SELECT COUNT(*) FROM posts WHERE direction = 'in'", {},
                                     [](const store::Row& row) { return row.integer(0); }));
  return count.value_or(0);
}

Result<void> measure_webhooks(const std::string& program, Report& report) {
  constexpr std::int64_t kPaced = 7'500;
  constexpr std::int64_t kBurst = 50'000;
  constexpr double kBurstSeconds = 60;
  const TemporaryFolder folder;
  const auto network = TRY(LineNetwork::start());
  auto desk = TRY(Desk::start(program, folder.path(),
                              {"--line-api-url", network->url(), "--outbound-allow-private", "true"}));
  TRY(desk.set_up());
  const auto path = TRY(connect_line(desk));
  auto paced = call(desk, path, 0, kPaced, 500);
  report.less_than("webhook accepted (journalled) at 500/s, p99", quantile(paced.times, 0.99), "ms", 20);
  report.told("  p50", quantile(paced.times, 0.5), "ms");

  // The burst, and somebody who works on the list meanwhile.
  std::vector<double> pages;
  Called burst;
  {
    const std::jthread agent([&](std::stop_token stop) {
      auto person = desk.person();
      while (!stop.stop_requested()) {
        const auto began = Clock::now();
        if (person.good("GET", desk.in_workspace("/cases?view=now&limit=50")).ok())
          pages.push_back(ms_since(began));
        std::this_thread::sleep_for(milliseconds(50));
      }
    });
    burst = call(desk, path, kPaced, kBurst, static_cast<double>(kBurst) / kBurstSeconds);
  }
  report.less_than("50,000 webhooks in a minute: refused", static_cast<double>(paced.refused + burst.refused),
                   "webhooks", 1);
  report.told("  accepted, p99", quantile(burst.times, 0.99), "ms");
  report.less_than("  a page of the list meanwhile, p99", quantile(pages, 0.99), "ms", 100);
  const auto usage = desk.usage();
  report.told("  CPU time of the server per webhook, all stages", usage.cpu_s * 1e6 / (kPaced + kBurst),
              "µs");
  // Applied as well, not only kept: the last one is found, and then there are as many posts as came.
  const auto last =
      desk.in_workspace("/search?q=" + percent_encoded(fmt::format("{}番", kPaced + kBurst - 1)));
  const auto until = Clock::now() + std::chrono::seconds(120);
  auto person = desk.person();
  while (TRY(person.good("GET", last)).body.find("\"items\":[]") != std::string::npos && Clock::now() < until)
    std::this_thread::sleep_for(milliseconds(200));
  std::this_thread::sleep_for(milliseconds(500));
  desk.stop();
  report.less_than("  lost or twice",
                   std::abs(static_cast<double>(TRY(stored_posts(folder.path())) - kPaced - kBurst)), "posts",
                   1);
  return {};
}

// --- reading what they send

struct Example {
  std::string name;
  std::unique_ptr<channels::Channel> channel;
  channels::Account account;
  std::vector<channels::RawItem> items;
};

double parses_per_second(const Example& example) {
  constexpr int kRounds = 100'000;
  std::size_t posts = 0;
  const auto now_ms = SystemClock().now_ms();
  const auto began = Clock::now();
  for (int i = 0; i < kRounds; ++i) {
    const auto& item = example.items[static_cast<std::size_t>(i) % example.items.size()];
    auto parsed = example.channel->parse(example.account, item, now_ms);
    if (parsed.ok()) posts += parsed->size();
  }
  if (posts < kRounds) return 0;  // one of them was not read: no speed at all
  return kRounds / (ms_since(began) / 1'000);
}

// What one mention, message or mail looks like, with the parts that networks send and nobody reads.
constexpr std::string_view kMention =
    R"({"data":{"event_uuid":"2080765813578191303","filter":{"user_id":"1111"},"event_type":"post.mention.create",)"
    R"("tag":"desk","payload":{"id":"2080765813578191303","text":"@ExampleUser 炊飯器の電源が入らないです。保証の対象になり)"
    R"(ますか？ https://t.co/abcdefghij","author_id":"2222","created_at":"2026-07-24T21:23:23.000Z","lang":"ja",)"
    R"("conversation_id":"2080765813578191303","edit_history_tweet_ids":["2080765813578191303"],)"
    R"("display_text_range":[0,60],"public_metrics":{"retweet_count":0,"reply_count":0,"like_count":0,)"
    R"("quote_count":0,"bookmark_count":0,"impression_count":0},"entities":{"mentions":[{"start":0,"end":12,)"
    R"("username":"ExampleUser","id":"1111"}],"urls":[{"start":41,"end":63,"url":"https://t.co/abcdefghij",)"
    R"("expanded_url":"https://example.com/manual/rice-cooker","display_url":"example.com/manual/rice-c…"}]},)"
    R"("possibly_sensitive":false,"reply_settings":"everyone"},"includes":{"users":[{"data":{"id":"2222",)"
    R"("username":"customer","name":"Customer","description":"cooks","verified":false,)"
    R"("profile_image_url":"https://pbs.twimg.com/profile_images/1/x_normal.jpg",)"
    R"("public_metrics":{"followers_count":97,"following_count":120,"tweet_count":4000,"listed_count":1}}},)"
    R"({"data":{"id":"1111","username":"ExampleUser","name":"Example"}}]}}})";
constexpr std::string_view kRecord =
    R"({"uri":"at://did:plc:customer/app.bsky.feed.post/3kpost","cid":)"
    R"("bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a","did":"did:plc:customer","rev":)"
    R"("3kabcabcabcab","seq":12,"time":"2026-11-22T08:59:59.500Z","operation":"create","record":{"$type":)"
    R"("app.bsky.feed.post","text":"炊飯器の電源が入らないです。保証の対象になりますか？ https://example.com/manual",)"
    R"("createdAt":"2026-11-22T08:59:59.000Z","langs":["ja"],"facets":[{"index":{"byteStart":79,"byteEnd":105},)"
    R"("features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://example.com/manual"}]}]}})";
constexpr std::string_view kMail =
    "Return-Path: <hanako@example.jp>\r\n"
    "Received: from mx.example.jp (mx.example.jp [192.0.2.1]) by mail.example.com; Sun, 22 Nov 2026 18:00:01 "
    "+0900\r\n"
    "Message-ID: <20261122.1800@example.jp>\r\n"
    "Date: Sun, 22 Nov 2026 18:00:00 +0900\r\n"
    "From: =?ISO-2022-JP?B?GyRCOzNFRBsoQg==?= <hanako@example.jp>\r\n"
    "To: care@example.com\r\n"
    "Subject: =?ISO-2022-JP?B?GyRCP2Z0Uzo0GyhC?=\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=ISO-2022-JP\r\n"
    "Content-Transfer-Encoding: 7bit\r\n\r\n"
    "\x1b$B?fHS4o$NEE8;$,F~$j$^$;$s!#\x1b(B\r\n\x1b$BJ]>Z$NBP>]$K$J$j$^$9$+!#\x1b(B\r\n\r\n"
    "> \x1b$B$4O\"Mm$\"$j$,$H$&$4$6$$$^$9!#\x1b(B\r\n";

constexpr std::string_view kMailOfTwoForms =
    "Message-ID: <20261122.1801@example.jp>\r\n"
    "Date: Sun, 22 Nov 2026 18:01:00 +0900\r\n"
    "From: =?UTF-8?B?5bGx55Sw6Iqx5a2Q?= <hanako@example.jp>\r\n"
    "To: care@example.com\r\n"
    "Subject: =?UTF-8?B?54KK6aOv5Zmo?=\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/alternative; boundary=\"0000000000\"\r\n\r\n"
    "--0000000000\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "54KK6aOv5Zmo44Gu6Zu75rqQ44GM5YWl44KK44G+44Gb44KT44CC\r\n"
    "--0000000000\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "PGRpdiBkaXI9Imx0ciI+PHA+54KK6aOv5Zmo44Gu6Zu75rqQ44GM5YWl44KK44G+44Gb44KT44CCPC9wPjx1bD48bGk+\r\n"
    "MTI8L2xpPjwvdWw+PC9kaXY+\r\n--0000000000--\r\n";

channels::Account account_of(std::string_view network, std::string_view external_id,
                             std::string settings = "{}") {
  channels::Account account;
  account.workspace_id = 1;
  account.id = 42;
  account.network = network;
  account.kind = "account";
  account.external_id = external_id;
  account.settings = std::move(settings);
  return account;
}

void measure_parsing(Report& report) {
  const SystemClock clock;
  SystemRandom random;
  const net::SsrfPolicy ssrf;
  const auto http = net::make_http_client(ssrf);
  const channels::Tools tools{*http, ssrf, clock, random};
  std::vector<Example> examples;
  const auto add = [&](std::string name, std::unique_ptr<channels::Channel> channel,
                       channels::Account account, channels::RawItem item) {
    examples.push_back({std::move(name), std::move(channel), std::move(account), {}});
    examples.back().items.push_back(std::move(item));
  };
  add("X", channels::make_x_channel(tools, {}), account_of("x", "1111", R"({"reply_rule":"summoned"})"),
      {"x.webhook", std::string(kMention)});
  add("LINE", channels::make_line_channel(tools, {}), account_of("line", "U00000000000000000000000000000000"),
      {"line.event", line_event(1)});
  add("Bluesky", channels::make_bluesky_channel(tools, {}), account_of("bluesky", "did:plc:brand"),
      {"bluesky.record", std::string(kRecord)});
  add("mail in ISO-2022-JP", channels::mail::make_mail_channel(tools, {}),
      account_of("mail", "care@example.com"),
      {std::string(channels::mail::kSource), channels::mail::pack({}, kMail)});
  for (const auto& example : examples)
    report.at_least("parse of a payload: " + example.name, parses_per_second(example), "a second", 50'000);
  // Two forms, so GMime's tree and libxml2's as well.
  examples.front() = {
      "mail", channels::mail::make_mail_channel(tools, {}), account_of("mail", "care@example.com"), {}};
  examples.front().items.push_back(
      {std::string(channels::mail::kSource), channels::mail::pack({}, kMailOfTwoForms)});
  report.told("  of a mail as text and as HTML", parses_per_second(examples.front()), "a second");
}

}  // namespace

Result<void> run_channels() {
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path().string() + "/kikimimi";
  Report report;
  if (is_wanted("parse")) measure_parsing(report);
  if (is_wanted("webhooks")) TRY(measure_webhooks(program, report));
  if (std::getenv("KIKI_BENCH_ONLY") != nullptr) return {};
  return report.write("build/bench/channels.json");
}

}  // namespace kiki::bench
