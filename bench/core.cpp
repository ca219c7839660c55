// `./dev bench core`: what issue 2 promises of the main job, measured on the real server over loopback.

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "channels.hpp"
#include "consoles.hpp"
#include "desk.hpp"
#include "desk_day.hpp"
#include "http_client.hpp"
#include "listening.hpp"
#include "report.hpp"
#include "temporary_folder.hpp"

namespace kiki::bench {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::int64_t kCases = 1'000'000;
constexpr std::int64_t kPosts = 5'000'000;
constexpr std::string_view kFolder = "build/bench";

double ms_between(Time from, Time to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

std::int64_t from_environment(const char* name, std::int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoll(text, nullptr, 10);
}

// Texts as customers write them: half Japanese, half English, 20 to 140 characters.
std::string customer_text(std::mt19937_64& random) {
  static constexpr std::string_view kJapanese[] = {
      "炊飯器の電源が入らないです。",   "昨日届いたばかりなのに困っています。",
      "説明書の二ページ目を見ました。", "保証の対象になりますか？",
      "修理をお願いできますか。",       "静かで最高です！",
      "東京の店舗に在庫はありますか",   "返品と交換の方法を教えてください。",
      "部品だけ購入できますか。"};
  static constexpr std::string_view kEnglish[] = {"The rice cooker does not start. ",
                                                  "It arrived yesterday and is broken. ",
                                                  "How do I clean the lid? ",
                                                  "I love how quiet it is! ",
                                                  "Is there a warranty? ",
                                                  "Where can I buy spare parts? ",
                                                  "My order is late, please help me. ",
                                                  "The timer button does nothing. ",
                                                  "Thanks to your store in Osaka! "};
  std::string text;
  const auto count = 1 + random() % 4;
  const bool japanese = random() % 2 == 0;
  for (std::uint64_t i = 0; i < count; ++i)
    text += japanese ? kJapanese[random() % 9] : kEnglish[random() % 9];
  return text;
}

std::string post_json(std::int64_t number, std::string_view thread, std::int64_t author,
                      std::string_view text) {
  // Of now: a promise that is broken on arrival would be an event of its own.
  static const std::string now = to_rfc3339(SystemClock().now_ms());
  return json::serialize(
      json::object{{"external_id", fmt::format("bench-{}", number)},
                   {"thread_id", thread},
                   {"text", text},
                   {"posted_at", now},
                   {"author", json::object{{"id", fmt::format("user-{}", author)},
                                           {"name", fmt::format("Customer {}", author)},
                                           {"handle", fmt::format("customer{}", author)}}}});
}

// When each post left, was accepted, and stood in a console's stream.
struct Flight {
  explicit Flight(std::size_t posts) : sent(posts), accepted(posts), seen(posts) {}
  std::vector<Time> sent;
  std::vector<Time> accepted;
  std::vector<Time> seen;  // first time
};

// Sends `posts` single posts at this pace over a few connections; each opens a case of its own.
Result<void> send_at_pace(const Desk& desk, Flight& flight, std::int64_t first, std::int64_t posts,
                          double per_second) {
  constexpr int kConnections = 8;
  std::vector<std::string> bodies;
  std::mt19937_64 random(static_cast<std::uint64_t>(first) + 1);
  for (std::int64_t i = 0; i < posts; ++i) {
    const auto number = first + i;
    bodies.push_back(post_json(number, fmt::format("thread-{}", number), number % 700,
                               mark(number) + customer_text(random)));
  }
  std::atomic<std::int64_t> next{0};
  std::mutex mutex;
  std::optional<Error> failed;
  const auto began = Clock::now();
  std::vector<std::thread> threads;
  for (int t = 0; t < kConnections; ++t) {
    threads.emplace_back([&] {
      auto client = desk.program();
      for (auto i = next++; i < posts; i = next++) {
        std::this_thread::sleep_until(
            began + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(static_cast<double>(i) / per_second)));
        const auto at = static_cast<std::size_t>(first + i);
        flight.sent[at] = Clock::now();
        const auto answer = client.good("POST", "/api/v1/open/posts", bodies[static_cast<std::size_t>(i)]);
        flight.accepted[at] = Clock::now();
        if (!answer.ok()) {
          const std::lock_guard lock(mutex);
          failed = answer.error();
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  if (failed) return *failed;
  return {};
}

template <class F>
bool wait_for(milliseconds limit, F done) {
  const auto until = Clock::now() + limit;
  while (!done()) {
    if (Clock::now() > until) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

// --- accepted post → event in a console's stream

Result<void> measure_delivery(const std::string& program, Report& report) {
  constexpr std::int64_t kWarmUp = 100;
  constexpr std::int64_t kMeasured = 2'000;
  const TemporaryFolder folder;
  auto desk = TRY(Desk::start(program, folder.path()));
  TRY(desk.set_up());
  Flight flight(kWarmUp + kMeasured);
  std::atomic<std::int64_t> seen{0};
  Consoles consoles([&](std::int64_t number, Time at) {
    const auto i = static_cast<std::size_t>(number);
    if (i < flight.seen.size() && flight.seen[i] == Time()) {
      flight.seen[i] = at;
      ++seen;
    }
  });
  TRY(consoles.open(desk.port(), desk.in_workspace("/live"), desk.session()));
  TRY(send_at_pace(desk, flight, 0, kWarmUp, 100));
  const auto before = desk.usage();
  TRY(send_at_pace(desk, flight, kWarmUp, kMeasured, 100));
  const bool all = wait_for(milliseconds(20'000), [&] { return seen == kWarmUp + kMeasured; });
  const auto after = desk.usage();
  if (!all)
    report.remark(fmt::format("only {} of {} posts reached the console", seen.load(), kWarmUp + kMeasured));
  std::vector<double> from_accepted;
  std::vector<double> from_sent;
  for (std::size_t i = kWarmUp; i < flight.seen.size(); ++i) {
    if (flight.seen[i] == Time()) continue;
    from_accepted.push_back(std::max(0.0, ms_between(flight.accepted[i], flight.seen[i])));
    from_sent.push_back(ms_between(flight.sent[i], flight.seen[i]));
  }
  report.less_than("accepted post to event on a console, 100 posts/s, p50", quantile(from_accepted, 0.5),
                   "ms", 20);
  report.less_than("accepted post to event on a console, 100 posts/s, p99", quantile(from_accepted, 0.99),
                   "ms", 100);
  report.told("  the same from the first byte of the request, p50", quantile(from_sent, 0.5), "ms");
  report.told("  the same from the first byte of the request, p99", quantile(from_sent, 0.99), "ms");
  report.told("  CPU time of the server per post, one by one", (after.cpu_s - before.cpu_s) * 1e6 / kMeasured,
              "µs");
  return {};
}

// --- durable ingest through all stages

Result<void> measure_ingest(const std::string& program, Report& report) {
  constexpr int kConnections = 3;
  constexpr std::int64_t kBatch = 1'000;
  const std::int64_t posts = from_environment("KIKI_BENCH_INGEST", 100'000) / kBatch * kBatch;
  const TemporaryFolder folder;
  auto desk = TRY(Desk::start(program, folder.path()));
  TRY(desk.set_up());

  // Five posts a case; made before the clock runs.
  std::vector<std::string> bodies;
  std::mt19937_64 random(7);
  std::int64_t cases = 0;
  for (std::int64_t done = 0; done < posts; done += kBatch) {
    std::string body = R"({"posts":[)";
    for (std::int64_t i = 0; i < kBatch; ++i) {
      const auto number = done + i;
      if (number % 5 == 0) ++cases;
      const auto thread = cases - 1 -
                          static_cast<std::int64_t>(
                              random() % static_cast<std::uint64_t>(std::min<std::int64_t>(cases, 2'000)));
      const auto of = number % 5 == 0 ? cases - 1 : thread;
      if (i > 0) body += ',';
      body += post_json(number, fmt::format("thread-{}", of), of * 7 / 10, customer_text(random));
    }
    bodies.push_back(body + "]}");
  }
  constexpr std::int64_t kLastNumber = 9'999'999;
  std::atomic<bool> last_seen{false};
  Consoles consoles([&](std::int64_t number, Time) {
    if (number == kLastNumber) last_seen = true;
  });
  TRY(consoles.open(desk.port(), desk.in_workspace("/live"), desk.session()));

  const auto before = desk.usage();
  const auto began = Clock::now();
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::optional<Error> failed;
  std::vector<double> accepting_ms;
  std::vector<std::thread> threads;
  for (int t = 0; t < kConnections; ++t) {
    threads.emplace_back([&] {
      auto client = desk.program();
      for (auto i = next++; i < bodies.size(); i = next++) {
        const auto sent = Clock::now();
        const auto answer = client.good("POST", "/api/v1/open/posts", bodies[i]);
        const std::lock_guard lock(mutex);
        accepting_ms.push_back(ms_between(sent, Clock::now()));
        if (!answer.ok()) failed = answer.error();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  if (failed) return *failed;
  const auto accepted = Clock::now();
  // The journal is worked off in its order: when this one is in a case, all are.
  auto client = desk.program();
  if (consoles.lost() > 0) TRY(consoles.open(desk.port(), desk.in_workspace("/live"), desk.session()));
  TRY(client.good("POST", "/api/v1/open/posts", post_json(kLastNumber, "last", 0, mark(kLastNumber))));
  const bool all = wait_for(milliseconds(120'000), [&] { return last_seen.load(); });
  const auto done = Clock::now();
  const auto after = desk.usage();
  if (!all) return internal_error("the last post did not come out at the other end");

  auto reader = desk.person();
  const auto counts = TRY(reader.good("GET", desk.in_workspace("/cases/counts")));
  const auto now = json::parse(counts.body).at("now").to_number<std::int64_t>();
  if (now != cases + 1) report.remark(fmt::format("expected {} open cases, the desk has {}", cases + 1, now));
  const auto count = static_cast<double>(posts);
  report.at_least("durable ingest through all stages, open channel",
                  count / (ms_between(began, done) / 1'000), "posts/s", 10'000);
  report.told("  accepted (durable in the journal)", count / (ms_between(began, accepted) / 1'000),
              "posts/s");
  report.told("  answer to a batch of 1,000 posts, p99", quantile(accepting_ms, 0.99), "ms");
  report.told("  CPU time of the server per post", (after.cpu_s - before.cpu_s) * 1e6 / count, "µs");
  report.told("  of it the busiest thread, which writes",
              (after.busiest_thread_s - before.busiest_thread_s) * 1e6 / count, "µs");
  report.told("  written to the disk per post",
              static_cast<double>(after.written_bytes - before.written_bytes) / count, "bytes");
  report.told("  write calls per post", static_cast<double>(after.write_calls - before.write_calls) / count,
              "");
  report.told("  memory at the end", after.resident_mb, "MB");
  if (consoles.resets() > 0) report.remark("the open console was told to load again while the burst lasted");
  if (consoles.lost() > 0) report.remark("the open console was cut off while the burst lasted");
  return {};
}

// --- reading a full desk

// A desk in use has its data in the memory of the machine; after a restart the first minutes would measure
// the disk.
void read_once(const std::string& file) {
  std::ifstream data(file, std::ios::binary);
  std::vector<char> buffer(1 << 20);
  while (data.read(buffer.data(), static_cast<std::streamsize>(buffer.size()))) {
  }
}

struct Reading {
  std::vector<double> times_ms;
  double cpu_s = 0;
};

template <class F>
Result<Reading> read_often(const Desk& desk, int times, F once) {
  Reading reading;
  const auto before = desk.usage();
  for (int i = 0; i < times; ++i) {
    const auto began = Clock::now();
    TRY(once(i));
    reading.times_ms.push_back(ms_between(began, Clock::now()));
  }
  reading.cpu_s = desk.usage().cpu_s - before.cpu_s;
  return reading;
}

void tell_reading(Report& report, const std::string& name, Reading& reading, double target_ms) {
  const auto count = static_cast<double>(reading.times_ms.size());
  report.less_than(name + ", p99", quantile(reading.times_ms, 0.99), "ms", target_ms);
  report.told("  p50", quantile(reading.times_ms, 0.5), "ms");
  report.told("  CPU time of the server", reading.cpu_s * 1e3 / count, "ms");
}

Result<void> measure_reading(const std::string& program, const std::string& data, std::int64_t cases,
                             Report& report) {
  constexpr int kTimes = 500;
  auto desk = TRY(Desk::start(program, data));
  TRY(desk.sign_in("owner@example.com", "kikimimi-seed"));
  auto client = desk.person();
  std::mt19937_64 random(3);

  // Lists: all the console's, from page one on; every fourth is a following page.
  static constexpr std::string_view kViews[] = {"now",     "mine",     "found",     "waiting",
                                                "snoozed", "resolved", "dismissed", "all"};
  std::string cursor;
  std::string_view view;
  auto lists = TRY(read_often(desk, kTimes, [&](int i) -> Result<void> {
    const bool follows = i % 4 == 3 && !cursor.empty();
    if (!follows) view = kViews[random() % std::size(kViews)];
    auto path = "/cases?view=" + std::string(view);
    if (follows) path += "&cursor=" + cursor;
    const auto answer = TRY(client.good("GET", desk.in_workspace(path)));
    const auto at = answer.body.rfind(R"("next_cursor":")");
    cursor.clear();
    if (at != std::string::npos)
      cursor = answer.body.substr(at + 15, answer.body.find('"', at + 15) - at - 15);
    return {};
  }));
  tell_reading(report, "a list page", lists, 10);

  std::vector<std::string> ids;
  for (int i = 0; i < kTimes; ++i) {
    const auto number = 1 + random() % static_cast<std::uint64_t>(cases);
    const auto answer =
        TRY(client.good("GET", desk.in_workspace(fmt::format("/search?limit=1&q=%23{}", number))));
    const auto found = json::parse(answer.body);
    boost::system::error_code failed;
    const auto* id = found.find_pointer("/items/0/case_id", failed);
    if (id == nullptr)
      return internal_error("case " + std::to_string(number) + " is not found by its number");
    ids.emplace_back(id->get_string());
  }
  auto opened = TRY(read_often(desk, kTimes, [&](int i) -> Result<void> {
    const auto path = desk.in_workspace("/cases/" + ids[static_cast<std::size_t>(i)]);
    TRY(client.good("GET", path));
    TRY(client.good("GET", path + "/timeline"));
    return {};
  }));
  tell_reading(report, "opening a case (its facts, then its timeline)", opened, 10);

  // Half the words stand in hundreds of thousands of posts, half in a few hundred.
  static constexpr std::string_view kFrequent[] = {"電源", "昨日", "保証", "修理", "返品", "交換", "東京",
                                                   "大阪", "在庫", "静か", "便利", "予約", "部品", "購入"};
  static constexpr std::string_view kKanji =
      "海空森林川橋駅港市町村春夏秋冬朝昼夜月星雪雨風花鳥魚犬猫馬牛米麦豆茶酒塩油糖卵乳肉";
  std::int64_t hits = 0;
  auto searches = TRY(read_often(desk, kTimes, [&](int i) -> Result<void> {
    std::string query(kFrequent[random() % std::size(kFrequent)]);
    if (i % 2 == 0) {
      query = kKanji.substr(random() % (kKanji.size() / 3) * 3, 3);
      query += kKanji.substr(random() % (kKanji.size() / 3) * 3, 3);
    }
    const auto answer = TRY(client.good("GET", desk.in_workspace("/search?q=" + percent_encoded(query))));
    if (answer.body.find("\"case_id\"") != std::string::npos) ++hits;
    return {};
  }));
  tell_reading(report, "a search for two kanji", searches, 20);
  report.told("  searches that found something", static_cast<double>(hits) * 100 / kTimes, "%");
  const auto usage = desk.usage();
  report.told("memory after these, pages of the data file included", usage.resident_mb, "MB");
  report.told("  of it the process's own", usage.private_mb, "MB");
  return {};
}

// --- a thousand consoles

Result<void> measure_crowd(const std::string& program, Report& report) {
  constexpr int kPeople = 20;
  constexpr int kConsoles = 1'000;
  constexpr std::int64_t kWarmUp = 20;
  constexpr std::int64_t kEvents = 150;
  constexpr std::size_t kAll = kWarmUp + kEvents;
  const TemporaryFolder folder;
  auto desk = TRY(Desk::start(program, folder.path()));
  TRY(desk.set_up());
  const auto sessions = TRY(desk.invite(kPeople));
  Flight flight(kAll);
  std::vector<std::vector<Time>> seen(kAll);
  for (auto& times : seen) times.reserve(kConsoles);
  std::atomic<std::int64_t> total{0};
  Consoles consoles([&](std::int64_t number, Time at) {
    if (static_cast<std::size_t>(number) < kAll) seen[static_cast<std::size_t>(number)].push_back(at);
    ++total;
  });
  const auto alone = desk.usage();
  for (int i = 0; i < kConsoles; ++i)
    TRY(consoles.open(desk.port(), desk.in_workspace("/live"),
                      sessions[static_cast<std::size_t>(i) % kPeople]));
  const auto quiet = desk.usage();
  TRY(send_at_pace(desk, flight, 0, kWarmUp, 10));
  const auto before = desk.usage();
  TRY(send_at_pace(desk, flight, kWarmUp, kEvents, 10));
  constexpr std::int64_t kExpected = static_cast<std::int64_t>(kAll) * kConsoles;
  const bool all = wait_for(milliseconds(10'000), [&] { return total >= kExpected; });
  const auto after = desk.usage();
  if (!all)
    report.remark(fmt::format("{} of {} events arrived, {} consoles were cut off", total.load(), kExpected,
                              consoles.lost()));
  std::vector<double> times;
  for (std::size_t i = kWarmUp; i < kAll; ++i) {
    for (const auto at : seen[i]) times.push_back(std::max(0.0, ms_between(flight.accepted[i], at)));
  }
  report.less_than("1,000 open consoles, 10 events/s each: memory", after.peak_mb, "MB", 150);
  report.less_than("1,000 open consoles: accepted post to event, p99", quantile(times, 0.99), "ms", 200);
  report.told("  p50", quantile(times, 0.5), "ms");
  report.told("  memory of an open console at rest",
              (quiet.resident_mb - alone.resident_mb) * 1024 / kConsoles, "KiB");
  report.told("  CPU time of the server per event and console",
              (after.cpu_s - before.cpu_s) * 1e6 / (kEvents * kConsoles), "µs");
  return {};
}

// --- start, memory, size

Result<void> measure_start(const std::string& program, const std::string& data, Report& report) {
  constexpr int kStarts = 7;
  std::vector<double> times;
  std::vector<double> cpu;
  for (int i = 0; i < kStarts; ++i) {
    const auto desk = TRY(Desk::start(program, data));
    times.push_back(desk.ready_ms());
    cpu.push_back(desk.usage().cpu_s * 1e3);
  }
  report.less_than("start to ready on that data (median)", quantile(times, 0.5), "ms", 500);
  report.told("  the slowest", quantile(times, 1), "ms");
  report.told("  CPU time until then", quantile(cpu, 0.5), "ms");
  report.set_suffix("");

  const TemporaryFolder folder;
  auto desk = TRY(Desk::start(program, folder.path()));
  TRY(desk.set_up());
  auto client = desk.person();
  TRY(client.good("GET", "/"));
  TRY(client.good("GET", desk.in_workspace("/cases?view=now")));
  std::this_thread::sleep_for(std::chrono::seconds(2));
  const auto usage = desk.usage();
  report.less_than("idle memory on an empty desk", usage.resident_mb, "MB", 60);
  report.told("  of it the process's own, without pages of files", usage.private_mb, "MB");
  const auto bytes = static_cast<double>(std::filesystem::file_size(program));
  report.less_than("binary with console", bytes / (1 << 20), "MB", 30);
  return {};
}

std::string load_of_the_machine() {
  std::ifstream file("/proc/loadavg");
  std::string minute;
  file >> minute;
  return minute;
}

Result<void> run() {
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path().string() + "/kikimimi";
  const auto cases = from_environment("KIKI_BENCH_CASES", kCases);
  const auto posts = from_environment("KIKI_BENCH_POSTS", cases * (kPosts / kCases));
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);

  Report report;
  report.remark(fmt::format("{} processors, load before {}", std::thread::hardware_concurrency(),
                            load_of_the_machine()));
  if (is_wanted("delivery")) TRY(measure_delivery(program, report));
  if (is_wanted("ingest")) TRY(measure_ingest(program, report));
  if (is_wanted("crowd")) TRY(measure_crowd(program, report));
  if (is_wanted("reading") || is_wanted("start")) {
    const auto data = TRY(seeded(program, std::string(kFolder), cases, posts));
    report.remark(fmt::format("with {} cases and {} posts:", cases, posts));
    if (cases < kCases || posts < kPosts) report.set_suffix(fmt::format(" ({}k cases only)", cases / 1'000));
    read_once(data + "/kikimimi.db");
    if (is_wanted("reading")) TRY(measure_reading(program, data, cases, report));
    if (is_wanted("start")) TRY(measure_start(program, data, report));
  }
  report.remark("load afterwards " + load_of_the_machine());
  // Some groups alone are for whoever works on them: they must not replace the whole.
  if (std::getenv("KIKI_BENCH_ONLY") != nullptr) return {};
  return report.write(std::string(kFolder) + "/core.json");
}

}  // namespace
}  // namespace kiki::bench

int main(int argc, char** argv) {
  kiki::log::set_level(kiki::log::Level::kWarning);
  const std::string name = argc > 1 ? argv[1] : "core";
  if (name != "core" && name != "listening" && name != "desk" && name != "channels") {
    std::fprintf(stderr, "bench: there is no bench \"%s\" (core, desk, listening, channels)\n", name.c_str());
    return 2;
  }
  const auto done = name == "core"       ? kiki::bench::run()
                    : name == "desk"     ? kiki::bench::run_desk_day()
                    : name == "channels" ? kiki::bench::run_channels()
                                         : kiki::bench::run_listening();
  if (done.ok()) return 0;
  std::fprintf(stderr, "bench: %s\n", done.error().message.c_str());
  return 1;
}
