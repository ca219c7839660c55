// Many small lives of a desk, each from its own seed. KIKI_SEEDS=5000 for more of them, KIKI_SEED=17 for one
// again (and what it did), KIKI_SIM_AGENTS, KIKI_SIM_DAYS, KIKI_SIM_NEEDS, KIKI_SIM_RULES for
// another size.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <thread>

#include "base/log.hpp"
#include "life.hpp"

namespace kiki::sim {
namespace {

constexpr int kAgentsMost = 60;
constexpr std::uint64_t kSeeds = 1'000;

std::optional<std::uint64_t> number_of(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

const std::filesystem::path& desk_template() {
  static const auto made = SimDesk::make_template(kAgentsMost);
  return made;
}

Plan sized(std::uint64_t seed) {
  auto plan = plan_of(seed);
  if (const auto agents = number_of("KIKI_SIM_AGENTS"))
    plan.agents = static_cast<int>(std::min<std::uint64_t>(*agents, kAgentsMost));
  if (const auto days = number_of("KIKI_SIM_DAYS")) plan.days = static_cast<int>(*days);
  if (const auto needs = number_of("KIKI_SIM_NEEDS")) plan.needs_a_day = static_cast<int>(*needs);
  if (const auto rules = number_of("KIKI_SIM_RULES")) plan.waiting_rules = static_cast<int>(*rules);
  return plan;
}

struct Sum {
  std::mutex mutex;
  Life::Statistics all;
  void add(const Life::Statistics& one) {
    const std::lock_guard lock(mutex);
    all.add(one);
  }
  void print(std::uint64_t seeds, double seconds) const {
    std::printf(
        "%llu lives in %.1f s: %d posts, %d replies, %d deaths, %d sent again by hand, %d claims too late, "
        "%d warnings (%d went on), %d given next (%d passed over), %d refused because a colleague had "
        "answered, %d books and %d rosters changed; %d acts of rules on time; %d promises of replies and %d "
        "of "
        "resolutions (%d broken, %d warned of), longest wait %d min of work",
        static_cast<unsigned long long>(seeds), seconds, all.posts, all.replies, all.deaths, all.failed,
        all.conflicts, all.warned, all.chose, all.next, all.passed, all.refused, all.books, all.rosters,
        all.rules, all.promises, all.resolutions, all.broken, all.warnings,
        static_cast<int>(all.longest_wait_ms / kMinute));
    if (all.most_load > 0) std::printf(", load %.2f to %.2f of the share", all.least_load, all.most_load);
    std::printf("\n");
  }
};

// What happened in the cases that the lines name.
void tell_story(SimDesk& desk, const std::vector<std::string>& wrong) {
  auto reader = must(desk.calm_db().reader(), "reader");
  must(reader->query(
           "SELECT case_id, at, kind, actor_id, data FROM events WHERE case_id IS NOT NULL ORDER BY seq", {},
           [&](const store::Row& row) {
             const auto id = "case " + to_string(row.integer(0)) + " ";
             if (std::ranges::none_of(wrong, [&](const auto& line) { return line.find(id) != line.npos; }))
               return;
             std::printf("%s%s %s by %lld %s\n", id.c_str(), to_rfc3339(row.integer(1)).c_str(),
                         row.string(2).c_str(), static_cast<long long>(row.integer(3)),
                         row.string(4).c_str());
           }),
       "story");
}

std::vector<std::string> live(const Plan& plan, Sum& sum, bool with_story = false) {
  Life life(desk_template(), plan);
  auto wrong = life.run();
  sum.add(life.statistics);
  if (with_story) tell_story(life.desk(), wrong);
  return wrong;
}

TEST(Simulation, EveryLifeHoldsWhatWePromise) {
  log::set_level(log::Level::kError);
  const auto one = number_of("KIKI_SEED");
  const std::uint64_t first = one.value_or(1);
  const std::uint64_t count = one ? 1 : number_of("KIKI_SEEDS").value_or(kSeeds);
  desk_template();
  Sum sum;
  std::atomic<std::uint64_t> next{0};
  std::mutex mutex;
  int failed = 0;
  const auto began = std::chrono::steady_clock::now();
  const auto work = [&] {
    for (auto n = next++; n < count; n = next++) {
      const auto wrong = live(sized(first + n), sum, one.has_value());
      if (wrong.empty()) continue;
      const std::lock_guard lock(mutex);
      if (++failed > 10) continue;  // enough to begin with
      std::string lines;
      for (const auto& line : wrong) lines += "\n  " + line;
      ADD_FAILURE() << "KIKI_SEED=" << first + n << lines;
    }
  };
  std::vector<std::jthread> threads;
  // Each life hands its writes to a thread of its own and waits: two lives a core keep it busy.
  for (unsigned i = 0; i < 2 * std::max(1U, std::thread::hardware_concurrency()); ++i)
    threads.emplace_back(work);
  threads.clear();
  sum.print(count, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  EXPECT_EQ(failed, 0);
  EXPECT_GT(sum.all.replies, 0);
  if (count > 10 && number_of("KIKI_SIM_RULES") != 0U) EXPECT_GT(sum.all.rules, 0);
}

// A day on which everybody is busy, and two weeks, side by side. Many of them: see README.md.
TEST(Simulation, FortyAgentsOnOneDesk) {
  log::set_level(log::Level::kError);
  auto busy = plan_of(40);
  busy.agents = 40;
  busy.needs_a_day = 80;
  busy.faults = {.network_one_in = 12, .death_one_in = 400};
  auto weeks = busy;
  weeks.seed = 41;
  weeks.days = 14;
  weeks.needs_a_day = 8;
  Sum sum;
  std::array<std::vector<std::string>, 2> wrong;
  const auto began = std::chrono::steady_clock::now();
  std::jthread other([&] { wrong[1] = live(weeks, sum, true); });
  wrong[0] = live(busy, sum, true);
  other.join();
  sum.print(2, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  EXPECT_EQ(wrong[0], std::vector<std::string>());
  EXPECT_EQ(wrong[1], std::vector<std::string>());
  EXPECT_GT(sum.all.replies, 200);
}

TEST(Simulation, TheSameSeedIsTheSameLife) {
  log::set_level(log::Level::kError);
  const auto tell = [] {
    Life life(desk_template(), plan_of(3));
    life.run();
    auto reader = must(life.desk().calm_db().reader(), "reader");
    std::string told;
    must(reader->query(
             "SELECT at, kind, data FROM events ORDER BY seq", {},
             [&](const store::Row& row) { told += std::to_string(row.integer(0)) + row.string(1) + "\n"; }),
         "events");
    return told;
  };
  const auto first = tell();
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(first, tell());
}

int answered_twice(bool guarded, Sum& sum) {
  log::set_level(log::Level::kError);
  int twice = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    auto plan = plan_of(seed);
    plan.faults = {};
    plan.agents = 5;
    plan.agents_look = false;
    plan.guarded = guarded;
    for (const auto& line : live(plan, sum)) {
      if (line.find("unknowingly") != std::string::npos) ++twice;
    }
  }
  return twice;
}

// The check sees what it is for: agents who heed nothing answer one customer twice.
TEST(Simulation, AgentsWhoDoNotLookAnswerTwice) {
  Sum sum;
  EXPECT_GT(answered_twice(false, sum), 0);
}

// The same agents, whose consoles say what was on the screen.
TEST(Simulation, TheServerHoldsBackWhoDoesNotLook) {
  Sum sum;
  EXPECT_EQ(answered_twice(true, sum), 0);
  EXPECT_GT(sum.all.refused, 0);
}

}  // namespace
}  // namespace kiki::sim
