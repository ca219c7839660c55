// What only PostgreSQL can do to us: going away and coming back, in the middle of anything.

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "store/meta.hpp"
#include "store/postgres/postgres_connection.hpp"
#include "store/test_store.hpp"

namespace kiki::store::postgres {
namespace {

#define KIKI_NEED_SERVER(server)    \
  auto server = TestServer::make(); \
  if (!server) GTEST_SKIP() << "PostgreSQL is not installed: apt-get install postgresql-15"

std::int64_t count(Database& db, std::string_view sql) {
  auto reader = db.reader();
  if (!reader.ok()) return -1;
  auto value = (*reader)->one(sql, {}, [](const Row& row) { return row.integer(0); });
  return value.ok() ? value.value().value_or(-1) : -1;
}

std::size_t size_of(std::mutex& mutex, const std::set<std::int64_t>& numbers) {
  const std::lock_guard lock(mutex);
  return numbers.size();
}

TEST(Postgres, ConnectsThroughASocketToo) {
  KIKI_NEED_SERVER(server);
  server->create_database();
  server->execute("CREATE DATABASE by_socket");
  auto db = open({server->socket_url("by_socket"), 1, true});
  ASSERT_TRUE(db.ok()) << db.error().message;
  EXPECT_EQ(count(**db, "SELECT count(*) FROM users"), 0);
}

TEST(Postgres, SaysClearlyThatNobodyIsThere) {
  const auto db = open({"postgresql://nobody:secret@127.0.0.1:1/none", 1, true});
  ASSERT_FALSE(db.ok());
  EXPECT_EQ(db.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(db.error().message.find("secret"), std::string::npos);
}

TEST(Postgres, ReadersComeBackAfterARestart) {
  KIKI_NEED_SERVER(server);
  auto db = open({server->create_database(), 2, true});
  ASSERT_TRUE(db.ok());
  EXPECT_EQ(count(**db, "SELECT count(*) FROM users"), 0);
  server->stop(SIGQUIT);
  auto reader = (*db)->reader();
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->run("SELECT count(*) FROM users").error().kind, ErrorKind::kUnavailable);
  server->start();
  EXPECT_TRUE((*reader)->run("SELECT count(*) FROM users").ok());
}

TEST(Postgres, WritesOutliveARestart) {
  KIKI_NEED_SERVER(server);
  auto db = open({server->create_database(), 2, true});
  ASSERT_TRUE(db.ok());
  ASSERT_TRUE((*db)->writer().write([](Transaction& tx) { return set_meta(tx, "a", "1"); }).ok());
  server->stop(SIGINT);
  std::atomic<int> runs{0};
  Result<void> done;
  std::thread writing([&] {
    done = (*db)->writer().write([&](Transaction& tx) {
      ++runs;
      return set_meta(tx, "b", "2");
    });
  });
  while (runs == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));  // tried, with nobody there
  server->start();
  writing.join();
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_GE(runs, 2);
  EXPECT_EQ(count(**db, "SELECT count(*) FROM meta WHERE key IN ('a', 'b')"), 2);
}

TEST(Postgres, ClosingDoesNotWaitForAServerThatIsAway) {
  KIKI_NEED_SERVER(server);
  auto db = open({server->create_database(), 2, true});
  ASSERT_TRUE(db.ok());
  ASSERT_TRUE((*db)->writer().write([](Transaction& tx) { return set_meta(tx, "a", "1"); }).ok());
  server->stop(SIGQUIT);
  std::optional<ErrorKind> answer;
  (*db)->writer().write_async([](Transaction& tx) { return set_meta(tx, "b", "2"); },
                              [&](Result<void> result) {
                                if (!result.ok()) answer = result.error().kind;
                              });
  const auto before = std::chrono::steady_clock::now();
  (*db)->close();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
  EXPECT_EQ(answer, ErrorKind::kUnavailable);
}

// The server is crashed again and again at random moments while several threads write. Every job adds one row
// with a number of its own, without ON CONFLICT and without a unique key, so that one applied twice would be
// two rows.
TEST(Postgres, NothingIsLostOrDoubledWhileTheServerCrashes) {
  KIKI_NEED_SERVER(server);
  auto db = open({server->create_database(), 2, true});
  ASSERT_TRUE(db.ok());
  ASSERT_TRUE((*db)
                  ->writer()
                  .write([](Transaction& tx) { return tx.db().script("CREATE TABLE t (n BIGINT)"); })
                  .ok());
  std::atomic<bool> stop{false};
  std::atomic<std::int64_t> next{1};
  std::mutex mutex;
  std::set<std::int64_t> acknowledged;
  std::set<std::int64_t> unclear;
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      while (!stop) {
        const auto n = next++;
        const auto done = (*db)->writer().write([n](Transaction& tx) -> Result<void> {
          TRY(tx.db().run("INSERT INTO t (n) VALUES ($1)", {n}));
          return {};
        });
        const std::lock_guard lock(mutex);
        if (done.ok())
          acknowledged.insert(n);
        else if (done.error().kind == ErrorKind::kUnclear)
          unclear.insert(n);
      }
    });
  }
  for (int crash = 0; crash < 8; ++crash) {
    const auto seen = size_of(mutex, acknowledged);
    while (size_of(mutex, acknowledged) < seen + 50)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    server->stop(SIGQUIT);
    server->start();
  }
  stop = true;
  for (auto& thread : threads) thread.join();

  std::multiset<std::int64_t> stored;
  auto reader = (*db)->reader();
  ASSERT_TRUE(
      (*reader)->query("SELECT n FROM t", {}, [&](const Row& row) { stored.insert(row.integer(0)); }).ok());
  for (const auto n : acknowledged) EXPECT_EQ(stored.count(n), 1U) << n;
  for (const auto n : stored) EXPECT_TRUE(acknowledged.contains(n) || unclear.contains(n)) << n;
  EXPECT_EQ(std::set<std::int64_t>(stored.begin(), stored.end()).size(), stored.size());
  EXPECT_GT(acknowledged.size(), 400U);
}

TEST(Postgres, ADeadlockOrAKilledConnectionRunsTheGroupAgain) {
  KIKI_NEED_SERVER(server);
  const auto url = server->create_database();
  auto db = open({url, 2, true});
  ASSERT_TRUE(db.ok());
  auto admin = PostgresConnection::open(url, Mode::kWriter);
  ASSERT_TRUE(admin.ok());
  std::atomic<int> runs{0};
  const auto done = (*db)->writer().write([&](Transaction& tx) -> Result<void> {
    TRY(set_meta(tx, "again", "1"));
    if (++runs == 1) {
      const auto pid =
          TRY(tx.db().one("SELECT pg_backend_pid()", {}, [](const Row& r) { return r.integer(0); }));
      TRY((*admin)->run("SELECT pg_terminate_backend($1::int)", {pid}));
    }
    TRY(set_meta(tx, "again2", "1"));
    tx.after_commit([&] { runs += 100; });
    return {};
  });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(runs, 102);
  EXPECT_EQ(count(**db, "SELECT count(*) FROM meta WHERE key LIKE 'again%'"), 2);
}

}  // namespace
}  // namespace kiki::store::postgres
