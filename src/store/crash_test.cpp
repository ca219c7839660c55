// The process is killed (kill -9) at random moments while it writes. Afterwards every acknowledged row is
// there, once, whole, and the file opens. The writing process is this test program, started again with
// KIKI_CRASH_URL.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "base/random.hpp"
#include "store/journal.hpp"
#include "store/test_store.hpp"

namespace kiki::store {
namespace {

// The child: four threads, each write one row in three places; prints a number as soon as its write returned.
TEST(CrashChild, WritesUntilKilled) {
  const char* url = std::getenv("KIKI_CRASH_URL");
  if (url == nullptr) GTEST_SKIP() << "runs only as the child of CrashTest";
  std::atomic<std::int64_t> next{std::atoll(std::getenv("KIKI_CRASH_FIRST"))};
  auto db = open({url, 1, true});
  if (!db.ok()) std::fprintf(stderr, "child: %s\n", db.error().message.c_str());
  ASSERT_TRUE(db.ok());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (true) {
        const auto n = next++;
        const auto done = (*db)->writer().write([n](Transaction& tx) -> Result<void> {
          const auto body = std::to_string(n);
          const journal::RawEntry entry{1, 1, n, "crash", body};
          TRY(journal::append(tx, {&entry, 1}));
          TRY(
              tx.db().run("INSERT INTO cursors (workspace_id, account_id, name, value, updated_at) "
                          "VALUES ($1, 0, 'crash', '', 0)",
                          {n}));
          TRY(tx.db().run("INSERT INTO events (seq, workspace_id, at, kind) VALUES ($1, $2, 0, 'crash')",
                          {tx.next_event_seq(), n}));
          return {};
        });
        if (!done.ok()) std::abort();
        const auto line = std::to_string(n) + "\n";
        if (::write(3, line.data(), line.size()) < 0) std::abort();
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

class CrashTest : public testing::TestWithParam<Dialect> {};
INSTANTIATE_TEST_SUITE_P(Stores, CrashTest, test_dialects(), test_dialect_name);

// Runs the child until it acknowledged `enough` rows, and a little longer, then kills it.
std::set<std::int64_t> run_and_kill(const std::string& url, std::int64_t first, std::size_t enough,
                                    std::chrono::microseconds longer) {
  int pipe[2];
  CHECK(::pipe2(pipe, O_CLOEXEC) == 0);
  const std::string first_text = std::to_string(first);
  const pid_t pid = ::fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    ::dup2(pipe[1], 3);
    ::setenv("KIKI_CRASH_URL", url.c_str(), 1);
    ::setenv("KIKI_CRASH_FIRST", first_text.c_str(), 1);
    const int nothing = ::open("/dev/null", O_WRONLY);
    ::dup2(nothing, 1);
    ::execl("/proc/self/exe", "test_store", "--gtest_filter=CrashChild.*", nullptr);
    ::_exit(127);
  }
  ::close(pipe[1]);
  std::string text;
  char buffer[4096];
  const auto lines = [&] { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); };
  while (lines() < enough) {
    const auto count = ::read(pipe[0], buffer, sizeof buffer);
    if (count <= 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  std::this_thread::sleep_for(longer);
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  for (ssize_t count = 0; (count = ::read(pipe[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  ::close(pipe[0]);
  std::set<std::int64_t> acknowledged;
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    acknowledged.insert(std::atoll(text.c_str() + at));
  }
  return acknowledged;
}

TEST_P(CrashTest, EveryAcknowledgedRowIsThereAfterKill9) {
  std::unique_ptr<TestStore> store;
  KIKI_MAKE_TEST_STORE(store, GetParam());
  SeededRandom random(static_cast<std::uint64_t>(::getpid()));
  std::set<std::int64_t> acknowledged;
  std::int64_t first = 1;
  for (int round = 0; round < 20; ++round) {
    const auto now = run_and_kill(store->url(), first, 1 + random.below(60),
                                  std::chrono::microseconds(random.below(20'000)));
    ASSERT_FALSE(now.empty()) << "the child did not write";
    acknowledged.insert(now.begin(), now.end());
    auto reader = store->db().reader();
    ASSERT_TRUE(reader.ok());
    std::multiset<std::int64_t> in_journal;
    std::multiset<std::int64_t> in_cursors;
    std::multiset<std::int64_t> in_events;
    const auto into = [](auto& set) {
      return [&set](const Row& row) { set.insert(std::atoll(std::string(row.blob(0)).c_str())); };
    };
    ASSERT_TRUE((*reader)->query("SELECT body FROM journal", {}, into(in_journal)).ok());
    ASSERT_TRUE((*reader)->query("SELECT workspace_id FROM cursors", {}, into(in_cursors)).ok());
    ASSERT_TRUE((*reader)->query("SELECT workspace_id FROM events", {}, into(in_events)).ok());
    for (const auto n : acknowledged) ASSERT_EQ(in_journal.count(n), 1U) << n;
    ASSERT_EQ(in_journal, in_cursors);  // whole jobs only
    ASSERT_EQ(in_journal, in_events);
    first = *in_journal.rbegin() + 1;
    reader = unavailable("given back");
    store->close();
  }
  RecordProperty("acknowledged", static_cast<int>(acknowledged.size()));
}

}  // namespace
}  // namespace kiki::store
