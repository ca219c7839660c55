#include "desk_day.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "desk.hpp"
#include "http_client.hpp"
#include "reply/checks/checks.hpp"
#include "reply/checks/recent_replies.hpp"
#include "report.hpp"
#include "triage/triage.hpp"

namespace kiki::bench {
namespace {

namespace json = boost::json;
namespace checks = reply::checks;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::string_view kFolder = "build/bench";
constexpr int kAgents = 40;
constexpr int kRoundsEach = 100;
constexpr milliseconds kPause{100};  // between two cases of an agent: far less than anybody needs
constexpr int kReorders = 5;
constexpr std::size_t kSampledCases = 500;

double ms_since(Clock::time_point began) {
  return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

std::int64_t from_environment(const char* name, std::int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoll(text, nullptr, 10);
}

Result<json::value> parsed(const Answer& answer) {
  boost::system::error_code failed;
  auto value = json::parse(answer.body, failed);
  if (failed) return internal_error("the answer is no JSON: " + answer.body.substr(0, 200));
  return value;
}

std::vector<std::string> ids_of(const json::value& list) {
  std::vector<std::string> ids;
  for (const auto& row : list.as_array()) ids.emplace_back(row.at("id").as_string());
  return ids;
}

// Somebody who reads the list all the time, while other things happen.
class Reader {
 public:
  Reader(int port, HttpClient::Headers session, std::string path)
      : thread_([this, port, session = std::move(session), path = std::move(path)](std::stop_token stop) {
          HttpClient client(port, session);
          while (!stop.stop_requested()) {
            const auto began = Clock::now();
            if (const auto answer = client.good("GET", path); !answer.ok()) ++failed_;
            times_.push_back(ms_since(began));
            std::this_thread::sleep_for(milliseconds(5));
          }
        }) {}
  // Ends it: the times of all its readings.
  std::vector<double> times() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    return std::move(times_);
  }
  int failed() const { return failed_; }

 private:
  std::vector<double> times_;
  std::atomic<int> failed_{0};
  std::jthread thread_;
};

// --- next best case, and new weights

Result<void> measure_next(const Desk& desk, const std::vector<HttpClient::Headers>& agents, Report& report) {
  std::mutex mutex;
  std::vector<double> times;
  std::set<std::string> held;  // by somebody, just now
  std::atomic<int> twice{0};
  std::atomic<int> nothing{0};
  std::atomic<int> failed{0};
  std::vector<std::jthread> threads;
  for (std::size_t n = 0; n < agents.size(); ++n) {
    threads.emplace_back([&, n] {
      HttpClient client(desk.port(), agents[n]);
      std::mt19937_64 random(n);
      std::string mine;
      std::vector<double> own;
      std::this_thread::sleep_for(milliseconds(random() % 100));
      for (int round = 0; round < kRoundsEach; ++round) {
        json::object body;
        body["leave"] = mine.empty() ? json::value(nullptr) : json::value(mine);
        {
          const std::lock_guard lock(mutex);
          held.erase(mine);
        }
        const auto began = Clock::now();
        const auto answer = client.good("POST", desk.in_workspace("/cases/next"), json::serialize(body));
        own.push_back(ms_since(began));
        mine.clear();
        const auto value = answer.ok() ? parsed(*answer) : Result<json::value>(internal_error("no answer"));
        if (!value.ok()) {
          ++failed;
        } else if (value->at("case").is_null()) {
          ++nothing;
        } else {
          mine = std::string(value->at("case").at("id").as_string());
          const std::lock_guard lock(mutex);
          if (!held.insert(mine).second) ++twice;
        }
        std::this_thread::sleep_for(kPause);
      }
      const std::lock_guard lock(mutex);
      times.insert(times.end(), own.begin(), own.end());
    });
  }
  threads.clear();
  report.less_than(fmt::format("next best case, {} agents (p99)", agents.size()), quantile(times, 0.99), "ms",
                   10);
  report.told("  median", quantile(times, 0.5), "ms");
  report.told("  given to two agents at once", twice, "cases");
  report.told("  nothing waited, or no answer", nothing + failed, "answers");
  return {};
}

Result<void> measure_reorder(const Desk& desk, Report& report) {
  auto client = desk.person();
  const auto now = desk.in_workspace("/cases?view=now&limit=20");
  const auto first = TRY(parsed(TRY(client.good("GET", desk.in_workspace("/order")))));
  std::vector<double> visible;
  std::vector<double> previews;
  for (int round = 0; round < kReorders; ++round) {
    const bool even = round % 2 == 0;
    json::object weights{{"wrote_again", even ? 5'000 : -5'000}, {"waiting_percent", even ? 80 : 5}};
    auto began = Clock::now();
    const auto preview =
        TRY(parsed(TRY(client.good("POST", desk.in_workspace("/order/preview"), json::serialize(weights)))));
    previews.push_back(ms_since(began));
    const auto wanted = ids_of(preview.at("after"));
    weights["version"] =
        TRY(parsed(TRY(client.good("GET", desk.in_workspace("/order"))))).at("version").as_int64();
    began = Clock::now();
    TRY(client.good("PUT", desk.in_workspace("/order"), json::serialize(weights)));
    while (ids_of(TRY(parsed(TRY(client.good("GET", now)))).at("items")) != wanted) {
      if (ms_since(began) > 60'000)
        return internal_error("the top of the list never became what the preview said");
      std::this_thread::sleep_for(milliseconds(2));
    }
    visible.push_back(ms_since(began));
    std::this_thread::sleep_for(std::chrono::seconds(3));  // the rest follows
  }
  report.less_than("new weights: top of the list as the preview said (slowest)", quantile(visible, 1), "ms",
                   1'000);
  report.told("  median", quantile(visible, 0.5), "ms");
  report.told("  preview (slowest)", quantile(previews, 1), "ms");
  auto back = first.at("first").as_object();
  back["version"] =
      TRY(parsed(TRY(client.good("GET", desk.in_workspace("/order"))))).at("version").as_int64();
  TRY(client.good("PUT", desk.in_workspace("/order"), json::serialize(back)));
  return {};
}

Result<void> measure_order(const std::string& program, const std::string& data, Report& report) {
  auto desk = TRY(Desk::start(program, data));
  TRY(desk.sign_in("owner@example.com", "kikimimi-seed"));
  const auto agents = TRY(desk.invite(kAgents));
  auto client = desk.person();
  // What an older program has left to rank is done first.
  std::this_thread::sleep_for(std::chrono::seconds(5));
  std::vector<double> pages;
  std::string cursor;
  for (int i = 0; i < 500; ++i) {
    const auto began = Clock::now();
    const auto page = TRY(parsed(TRY(client.good(
        "GET", desk.in_workspace("/cases?view=now&limit=50&cursor=" + percent_encoded(cursor))))));
    pages.push_back(ms_since(began));
    cursor = page.at("next_cursor").is_string() ? std::string(page.at("next_cursor").as_string()) : "";
  }
  report.less_than("a page of the list in its order (p99)", quantile(pages, 0.99), "ms", 10);
  TRY(measure_next(desk, agents, report));
  return measure_reorder(desk, report);
}

// --- a changed promise

Result<void> fill(const Desk& desk, std::int64_t cases) {
  auto program = desk.program();
  constexpr std::int64_t kAtOnce = 1'000;
  for (std::int64_t at = 0; at < cases; at += kAtOnce) {
    json::array posts;
    for (std::int64_t i = at; i < std::min(cases, at + kAtOnce); ++i) {
      posts.push_back(json::object{{"external_id", fmt::format("bench-{}", i)},
                                   {"thread_id", fmt::format("thread-{}", i)},
                                   {"text", "The rice cooker does not start. How do I open the lid?"},
                                   {"author", json::object{{"id", fmt::format("user-{}", i)},
                                                           {"name", fmt::format("Customer {}", i)},
                                                           {"handle", fmt::format("customer{}", i)}}}});
    }
    TRY(program.good("POST", "/api/v1/open/posts",
                     json::serialize(json::object{{"posts", std::move(posts)}})));
  }
  auto client = desk.person();
  const auto began = Clock::now();
  while (TRY(parsed(TRY(client.good("GET", desk.in_workspace("/cases/counts"))))).at("now").as_int64() <
         cases) {
    if (ms_since(began) > 600'000) return internal_error("the cases did not come in");
    std::this_thread::sleep_for(milliseconds(200));
  }
  return {};
}

Result<void> measure_policy(const std::string& program, std::int64_t open, Report& report) {
  std::string folder = std::string(kFolder) + "/data-XXXXXX";
  std::filesystem::create_directories(kFolder);
  if (::mkdtemp(folder.data()) == nullptr) return internal_error("no folder for the data");
  const std::unique_ptr<std::string, void (*)(std::string*)> remove(&folder, [](std::string* path) {
    std::error_code ignored;
    std::filesystem::remove_all(*path, ignored);
  });
  auto desk = TRY(Desk::start(program, folder));
  TRY(desk.set_up());
  TRY(fill(desk, open));
  auto client = desk.person();
  std::vector<std::string> sample;
  std::mt19937_64 random(4);
  for (std::string cursor; sample.size() < kSampledCases;) {
    const auto page = TRY(parsed(TRY(client.good(
        "GET", desk.in_workspace("/cases?view=now&limit=200&cursor=" + percent_encoded(cursor))))));
    const auto ids = ids_of(page.at("items"));
    const auto share =
        static_cast<double>(kSampledCases) / static_cast<double>(std::max<std::int64_t>(open, 1));
    for (const auto& id : ids) {
      if (static_cast<double>(random() % 1'000'000) / 1e6 <= share) sample.push_back(id);
    }
    if (!page.at("next_cursor").is_string()) break;
    cursor = std::string(page.at("next_cursor").as_string());
  }
  const auto list = desk.in_workspace("/cases?view=now&limit=50");
  std::this_thread::sleep_for(std::chrono::seconds(2));
  Reader calm(desk.port(), desk.session(), list);
  std::this_thread::sleep_for(std::chrono::seconds(5));
  auto before = calm.times();

  Reader meanwhile(desk.port(), desk.session(), list);
  const auto version =
      TRY(parsed(TRY(client.good("GET", desk.in_workspace("/promises"))))).at("version").as_int64();
  const json::object book{
      {"version", version},
      {"calendars",
       json::array{json::object{{"key", "always"}, {"time_zone", "Asia/Tokyo"}, {"always_open", true}}}},
      {"policies", json::array{json::object{{"key", "default"},
                                            {"calendar", "always"},
                                            {"first_reply", json::object{{"inside_minutes", 45}}}}}}};
  const auto began = Clock::now();
  TRY(client.good("PUT", desk.in_workspace("/promises"), json::serialize(book)));
  for (std::size_t at = 0; at < sample.size();) {
    const auto told =
        TRY(parsed(TRY(client.good("GET", desk.in_workspace("/cases/" + sample[at] + "/promises")))));
    if (told.at("planned").as_bool()) {
      ++at;
    } else {
      if (ms_since(began) > 600'000) return internal_error("the cases were never planned anew");
      std::this_thread::sleep_for(milliseconds(5));
    }
  }
  const auto took = ms_since(began) / 1'000;
  auto during = meanwhile.times();
  report.less_than(fmt::format("a changed promise over {} open cases", open), took, "s", 10);
  const auto calm_p99 = quantile(before, 0.99);
  report.less_than("  others' p99 meanwhile, of what it is else",
                   quantile(during, 0.99) / std::max(calm_p99, 0.001), "x", 2);
  report.told("  the list's p99 before", calm_p99, "ms");
  report.told("  the list's p99 meanwhile", quantile(during, 0.99), "ms");
  return {};
}

// --- inside this program

std::string words(std::mt19937_64& random, std::size_t least) {
  static constexpr std::string_view kParts[] = {"お問い合わせありがとうございます。",
                                                "ご不便をおかけし、申し訳ございません。",
                                                "電源ボタンを長押ししてください。",
                                                "Thank you for telling us. ",
                                                "Please hold the button for five seconds, ",
                                                "then try once more; ",
                                                "部品をお送りします。",
                                                "We are sorry about the trouble. ",
                                                "ふたの裏をご確認ください。"};
  std::string text;
  while (text.size() < least) text += kParts[random() % std::size(kParts)];
  return text;
}

// Where the first so many code points end.
std::size_t bytes_of_characters(const std::string& text, std::size_t characters) {
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && ++seen > characters) break;
  }
  return at;
}

void measure_checks(Report& report) {
  std::mt19937_64 random(1);
  checks::RecentReplies recent;
  for (Id id = 1; id <= static_cast<Id>(checks::kRecentLimit); ++id)
    recent.add(id, words(random, 300) + std::to_string(id), id);
  const checks::Rules rules;
  const checks::Voice voice;
  std::vector<double> times;
  std::size_t found = 0;
  for (int round = 0; round < 3'000; ++round) {
    checks::Draft draft;
    draft.text = "はるかさん、" + words(random, 840);
    draft.text.resize(bytes_of_characters(draft.text, 280));
    draft.text_limit = 280;
    draft.customer_names = {"はるか"};
    draft.customer_text = words(random, 200);
    const auto began = Clock::now();
    const auto similar = recent.find(draft.text, 0, 70, 1);
    if (!similar.empty()) draft.similar = checks::SimilarReply{similar[0].percent, 1, 0};
    found += checks::check(draft, rules, voice).size();
    times.push_back(ms_since(began));
  }
  report.less_than("checks on a 280-character draft, 10,000 recent replies (p99)", quantile(times, 0.99),
                   "ms", 5);
  report.told("  median", quantile(times, 0.5), "ms");
  report.told("  findings of one draft", static_cast<double>(found) / 3'000, "");
}

void measure_triage(Report& report) {
  std::mt19937_64 random(2);
  std::vector<std::string> texts;
  static constexpr std::string_view kSaid[] = {"炊飯器の電源が入らないです。昨日届いたばかりで困っています。",
                                               "The kettle caught fire and I burned my hand, help!",
                                               "保証の対象になりますか？修理をお願いできますか。",
                                               "Thanks to your store in Osaka, I love how quiet it is!",
                                               "How do I clean the lid? Where can I buy spare parts?",
                                               "色違いが出たら買いたい。小さいのも作ってほしい"};
  for (int i = 0; i < 2'000; ++i) {
    std::string text;
    for (std::uint64_t n = 0; n < 1 + random() % 3; ++n)
      text += std::string(kSaid[random() % std::size(kSaid)]) + " ";
    texts.push_back(std::move(text));
  }
  const auto& rules = triage::rules();
  std::size_t reasons = 0;
  std::int64_t judged = 0;
  const auto began = Clock::now();
  while (ms_since(began) < 5'000) {
    for (const auto& text : texts) {
      reasons += rules.judge({.text = text, .language = {}, .followers = 500, .to_us = true}).reasons.size();
      ++judged;
    }
  }
  report.at_least("triage by rules and lexicons, one core",
                  static_cast<double>(judged) / (ms_since(began) / 1'000), "posts/s", 50'000);
  report.told("  reasons of one post", static_cast<double>(reasons) / static_cast<double>(judged), "");
}

}  // namespace

Result<void> run_desk_day() {
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path().string() + "/kikimimi";
  Report report;
  report.remark(fmt::format("{} processors", std::thread::hardware_concurrency()));
  if (is_wanted("triage")) measure_triage(report);
  if (is_wanted("checks")) measure_checks(report);
  if (is_wanted("policy")) TRY(measure_policy(program, from_environment("KIKI_BENCH_OPEN", 100'000), report));
  if (is_wanted("order")) {
    constexpr std::int64_t kCases = 1'000'000;
    const auto cases = from_environment("KIKI_BENCH_CASES", kCases);
    const char* given = std::getenv("KIKI_BENCH_DATA");
    const auto data =
        given != nullptr ? std::string(given) : TRY(seeded(program, std::string(kFolder), cases, cases * 5));
    report.remark(given != nullptr ? "with " + data
                                   : fmt::format("with {} cases and {} posts:", cases, cases * 5));
    if (given == nullptr && cases < kCases)
      report.set_suffix(fmt::format(" ({}k cases only)", cases / 1'000));
    TRY(measure_order(program, data, report));
  }
  if (std::getenv("KIKI_BENCH_ONLY") != nullptr) return {};
  return report.write(std::string(kFolder) + "/desk.json");
}

}  // namespace kiki::bench
