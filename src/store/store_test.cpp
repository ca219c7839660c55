// What both stores must do alike. The same suite runs on SQLite and on a PostgreSQL that the test starts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <thread>

#include "store/cursors.hpp"
#include "store/journal.hpp"
#include "store/meta.hpp"
#include "store/test_store.hpp"

namespace kiki::store {
namespace {

using testing::ElementsAre;

class StoreTest : public testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override { KIKI_MAKE_TEST_STORE(store_, GetParam()); }
  Database& db() { return store_->db(); }
  Result<void> write(Writer::Job job) { return db().writer().write(std::move(job)); }
  Result<void> put(std::string_view key, std::string_view value) {
    return write([&](Transaction& tx) { return set_meta(tx, key, value); });
  }
  std::optional<std::string> get(std::string_view key) {
    auto reader = db().reader();
    return get_meta(*reader.value(), key).value();
  }
  std::unique_ptr<TestStore> store_;
};
INSTANTIATE_TEST_SUITE_P(Stores, StoreTest, test_dialects(), test_dialect_name);

Result<void> add_key(Transaction& tx, std::string_view key, std::string_view value = "x") {
  TRY(tx.db().run("INSERT INTO meta (key, value) VALUES ($1, $2)", {key, value}));
  return {};
}

TEST_P(StoreTest, WritesAndReadsEveryType) {
  const std::string bytes("\0\x01\xff\\x27'", 7);
  const auto done = write([&](Transaction& tx) -> Result<void> {
    TRY(tx.db().script("CREATE TABLE t (a BIGINT, b TEXT, c DOUBLE PRECISION, d " +
                       std::string(tx.db().dialect() == Dialect::kSqlite ? "BLOB" : "BYTEA") + ")"));
    const auto insert = "INSERT INTO t (a, b, c, d) VALUES ($1, $2, $3, $4)";
    TRY(tx.db().run(insert, {std::numeric_limits<std::int64_t>::min(), "聞き耳 '\"\\", 0.1, Blob{bytes}}));
    TRY(tx.db().run(insert, {nullptr, nullptr, nullptr, nullptr}));
    TRY(tx.db().run(insert, {7, "", 2, Blob{{}}}));
    return {};
  });
  ASSERT_TRUE(done.ok()) << done.error().message;
  auto reader = db().reader();
  int row_number = 0;
  const auto seen =
      (*reader)->query("SELECT a, b, c, d FROM t ORDER BY a IS NULL, a", {}, [&](const Row& row) {
        if (row_number == 0) {
          EXPECT_EQ(row.integer(0), std::numeric_limits<std::int64_t>::min());
          EXPECT_EQ(row.text(1), "聞き耳 '\"\\");
          EXPECT_EQ(row.real(2), 0.1);
          EXPECT_EQ(row.blob(3), bytes);
        } else if (row_number == 1) {
          EXPECT_EQ(row.integer(0), 7);
          EXPECT_FALSE(row.null(1));
          EXPECT_EQ(row.text(1), "");
          EXPECT_EQ(row.real(2), 2.0);
          EXPECT_FALSE(row.null(3));
          EXPECT_EQ(row.blob(3), "");
        } else {
          for (int column = 0; column < 4; ++column) EXPECT_TRUE(row.null(column));
          EXPECT_EQ(row.integer(0), 0);
          EXPECT_EQ(row.text(1), "");
          EXPECT_EQ(row.maybe_integer(0), std::nullopt);
        }
        ++row_number;
      });
  ASSERT_TRUE(seen.ok()) << seen.error().message;
  EXPECT_EQ(seen.value(), 3);
}

TEST_P(StoreTest, PlaceholdersAreNumbersAndMayRepeat) {
  ASSERT_TRUE(put("a", "1").ok());
  auto reader = db().reader();
  const auto row = (*reader)->one("SELECT key, value FROM meta WHERE value = $2 AND key = $1 AND $2 = value",
                                  {"a", "1"}, [](const Row& r) { return r.string(0) + r.string(1); });
  ASSERT_TRUE(row.ok()) << row.error().message;
  EXPECT_EQ(row.value(), "a1");
  EXPECT_EQ((*reader)->run("SELECT key FROM meta WHERE key = $1", {}).error().kind, ErrorKind::kInternal);
}

TEST_P(StoreTest, OptionalFiltersAndNumbersOfEitherKind) {
  ASSERT_TRUE(put("a", "1").ok());
  auto reader = db().reader();
  const auto sql = "SELECT count(*) FROM meta WHERE ($1 IS NULL OR key = $1) AND length(key) >= $2";
  const auto number = [](const Row& r) { return r.integer(0); };
  std::optional<std::string> none;
  std::optional<std::string> some = "a";
  std::optional<std::string> other = "b";
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ((*reader)->one(sql, {some, 1}, number).value(), 1);
    EXPECT_EQ((*reader)->one(sql, {other, 1}, number).value(), 0);
    EXPECT_GE((*reader)->one(sql, {none, 0}, number).value().value(), 1);
  }
  EXPECT_EQ((*reader)->one("SELECT $1 + 1", {41}, number).value(), 42);
  EXPECT_EQ((*reader)->one("SELECT sum(x) FROM (SELECT 3 AS x UNION ALL SELECT 4) AS s", {}, number).value(),
            7);
  EXPECT_EQ((*reader)->one("SELECT 2 > 1", {}, [](const Row& r) { return r.boolean(0); }).value(), true);
}

TEST_P(StoreTest, ReturnsRowsChangedAndReturnedRows) {
  ASSERT_TRUE(write([&](Transaction& tx) -> Result<void> {
                EXPECT_EQ(TRY(tx.db().run("INSERT INTO meta (key, value) VALUES ('p', '1'), ('q', '2')")), 2);
                EXPECT_EQ(TRY(tx.db().run("UPDATE meta SET value = $1 WHERE key = 'nobody'", {"3"})), 0);
                const auto changed =
                    TRY(tx.db().all("UPDATE meta SET value = value || 'x' WHERE key IN ('p', 'q') "
                                    "RETURNING key",
                                    {}, [](const Row& r) { return r.string(0); }));
                EXPECT_EQ(changed.size(), 2U);
                return {};
              }).ok());
  EXPECT_EQ(get("q"), "2x");
}

TEST_P(StoreTest, UniqueViolationIsAConflict) {
  ASSERT_TRUE(put("a", "1").ok());
  const auto done = write([](Transaction& tx) { return add_key(tx, "a"); });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(done.error().code, "unique");
}

TEST_P(StoreTest, AJobCannotGoOnAfterAFailedStatement) {
  ASSERT_TRUE(put("a", "1").ok());
  const auto done = write([](Transaction& tx) -> Result<void> {
    EXPECT_TRUE(add_key(tx, "before").ok());
    EXPECT_FALSE(add_key(tx, "a").ok());
    EXPECT_FALSE(add_key(tx, "after").ok());
    return {};
  });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, "unique");
  EXPECT_EQ(get("before"), std::nullopt);
  EXPECT_EQ(get("after"), std::nullopt);
}

TEST_P(StoreTest, TextWithAZeroByteIsRefused) {
  const auto done = put("zero", std::string_view("a\0b", 3));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().kind, ErrorKind::kInvalid);
}

TEST_P(StoreTest, ReadersCannotWrite) {
  auto reader = db().reader();
  EXPECT_FALSE((*reader)->run("INSERT INTO meta (key, value) VALUES ('r', '1')").ok());
  EXPECT_EQ(get("r"), std::nullopt);
}

TEST_P(StoreTest, AQueryMayBeAskedFromWithinItsOwnRows) {
  ASSERT_TRUE(put("a", "1").ok());
  ASSERT_TRUE(put("b", "2").ok());
  auto reader = db().reader();
  const std::string_view sql = "SELECT key FROM meta WHERE key IN ('a', 'b') ORDER BY key";
  std::string seen;
  const auto done = (*reader)->query(sql, {}, [&](const Row& outer) {
    seen += outer.text(0);
    EXPECT_TRUE((*reader)->query(sql, {}, [&](const Row& inner) { seen += inner.text(0); }).ok());
  });
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(seen, "aabbab");
}

TEST_P(StoreTest, ReadersAreBoundedAndComeBack) {
  std::vector<Reader> readers;
  for (int i = 0; i < 4; ++i) readers.push_back(db().reader().value());
  std::thread giver([&] { readers.pop_back(); });
  auto late = db().reader();  // waits until the thread gives one back
  giver.join();
  EXPECT_TRUE(late.ok());
}

TEST_P(StoreTest, AReaderMayOutliveTheDatabase) {
  auto reader = db().reader();
  ASSERT_TRUE(reader.ok());
  store_->close();
  EXPECT_TRUE((*reader)->run("SELECT key FROM meta").ok());
}

// --- the writer

// Holds the writer inside a first job while `fill` queues others, so that they form one group.
template <class F>
void in_one_group(Writer& writer, F fill) {
  std::atomic<bool> running{false};
  std::atomic<bool> go{false};
  std::thread first([&] {
    EXPECT_TRUE(writer
                    .write([&](Transaction&) -> Result<void> {
                      running = true;
                      running.notify_all();
                      go.wait(false);
                      return {};
                    })
                    .ok());
  });
  running.wait(false);
  fill();
  go = true;
  go.notify_all();
  first.join();
}

TEST_P(StoreTest, JobsThatFailRollBackAlone) {
  std::vector<std::string> answers(6);
  std::atomic<int> left{6};
  in_one_group(db().writer(), [&] {
    for (int i = 0; i < 6; ++i) {
      db().writer().write_async(
          [i](Transaction& tx) -> Result<void> {
            TRY(add_key(tx, "job" + std::to_string(i)));
            if (i == 1) return conflict("no", "mine");
            if (i == 3) TRY(add_key(tx, "job0"));  // the statement itself fails
            if (i == 4) throw std::runtime_error("thrown");
            return {};
          },
          [&, i](Result<void> result) {
            answers[static_cast<std::size_t>(i)] =
                result.ok() ? "ok" : std::string(name(result.error().kind)) + "/" + result.error().code;
            --left;
            left.notify_all();
          });
    }
  });
  for (int now = left; now != 0; now = left) left.wait(now);
  EXPECT_THAT(answers, ElementsAre("ok", "conflict/mine", "ok", "conflict/unique", "internal/", "ok"));
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(get("job" + std::to_string(i)).has_value(), i == 0 || i == 2 || i == 5) << i;
  }
}

TEST_P(StoreTest, CallbacksRunInOrderAfterTheCommit) {
  std::vector<int> order;
  std::atomic<int> left{20};
  in_one_group(db().writer(), [&] {
    for (int i = 0; i < 20; ++i) {
      db().writer().write_async(
          [&, i](Transaction& tx) -> Result<void> {
            TRY(add_key(tx, "k" + std::to_string(i)));
            tx.after_commit([&, i] {
              EXPECT_TRUE(get("k" + std::to_string(i)).has_value());  // durable and visible
              order.push_back(i);
            });
            tx.after_commit([&, i] { order.push_back(i + 100); });
            if (i % 5 == 4) return invalid("dropped");
            return {};
          },
          [&](Result<void>) {
            --left;
            left.notify_all();
          });
    }
  });
  for (int now = left; now != 0; now = left) left.wait(now);
  std::vector<int> expected;
  for (int i = 0; i < 20; ++i) {
    if (i % 5 != 4) expected.insert(expected.end(), {i, i + 100});
  }
  EXPECT_EQ(order, expected);
}

TEST_P(StoreTest, AJobReadsWhatItWrote) {
  const auto value = db().writer().write_result([](Transaction& tx) -> Result<std::string> {
    TRY(set_meta(tx, "own", "write"));
    return TRY(get_meta(tx.db(), "own")).value_or("nothing");
  });
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(value.value(), "write");
}

TEST_P(StoreTest, ManyThreadsWriteEverythingOnce) {
  constexpr int kThreads = 8;
  constexpr int kJobs = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kJobs; ++i) {
        const auto key = std::to_string(t) + "." + std::to_string(i);
        EXPECT_TRUE(write([&](Transaction& tx) { return add_key(tx, key); }).ok());
        EXPECT_TRUE(get(key).has_value());  // visible as soon as write returned
      }
    });
  }
  for (auto& thread : threads) thread.join();
  auto reader = db().reader();
  EXPECT_EQ((*reader)
                ->one("SELECT count(*) FROM meta WHERE key LIKE '%.%' AND value = 'x'", {},
                      [](const Row& r) { return r.integer(0); })
                .value(),
            kThreads * kJobs);
}

TEST_P(StoreTest, ClosingFinishesWhatIsQueued) {
  std::atomic<int> ok{0};
  in_one_group(db().writer(), [&] {
    for (int i = 0; i < 600; ++i) {  // more than one group
      db().writer().write_async([i](Transaction& tx) { return add_key(tx, "q" + std::to_string(i)); },
                                [&](Result<void> result) { ok += result.ok() ? 1 : 0; });
    }
  });
  db().close();
  EXPECT_EQ(ok, 600);
  EXPECT_EQ(put("late", "x").error().kind, ErrorKind::kCancelled);
  db().close();
  store_->close();
  EXPECT_TRUE(get("q599").has_value());
}

TEST_P(StoreTest, AFullQueueAnswersAtOnce) {
  std::atomic<int> full{0};
  std::atomic<int> ok{0};
  in_one_group(db().writer(), [&] {
    for (int i = 0; i < 10'005; ++i) {
      db().writer().write_async([](Transaction&) -> Result<void> { return {}; },
                                [&](Result<void> result) {
                                  if (result.ok())
                                    ++ok;
                                  else if (result.error().kind == ErrorKind::kUnavailable)
                                    ++full;
                                });
    }
  });
  db().close();
  EXPECT_EQ(ok, 10'000);
  EXPECT_EQ(full, 5);
}

TEST_P(StoreTest, EventSequenceGoesOnAfterReopening) {
  const auto add_event = [](Transaction& tx) -> Result<std::int64_t> {
    const auto seq = tx.next_event_seq();
    TRY(tx.db().run("INSERT INTO events (seq, workspace_id, at, kind) VALUES ($1, 1, 1, 'k')", {seq}));
    return seq;
  };
  EXPECT_EQ(db().writer().write_result(add_event).value(), 1);
  EXPECT_EQ(db().writer().write_result(add_event).value(), 2);
  store_->close();
  EXPECT_EQ(db().writer().write_result(add_event).value(), 3);
}

// --- opening

TEST_P(StoreTest, ASecondServerIsRefused) {
  db();
  const auto second = open({store_->url(), 1, true});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(second.error().code, "in_use");
  store_->close();
  EXPECT_TRUE(open({store_->url(), 1, true}).ok());
}

TEST_P(StoreTest, RefusesSchemasItDoesNotKnow) {
  EXPECT_EQ(open({store_->url(), 1, false}).error().code, "older_schema");
  ASSERT_TRUE(write([](Transaction& tx) -> Result<void> {
                TRY(
                    tx.db().run("INSERT INTO schema_migrations (version, name, checksum, applied_at) "
                                "VALUES (9999, '9999_future', '', 0)"));
                return {};
              }).ok());
  store_->close();
  const auto newer = open({store_->url(), 1, true});
  ASSERT_FALSE(newer.ok());
  EXPECT_EQ(newer.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(newer.error().code, "newer_schema");
}

TEST_P(StoreTest, NoticesAChangedMigration) {
  ASSERT_TRUE(write([](Transaction& tx) -> Result<void> {
                TRY(tx.db().run("UPDATE schema_migrations SET checksum = 'other' WHERE version = 1"));
                return {};
              }).ok());
  store_->close();
  EXPECT_EQ(open({store_->url(), 1, true}).error().code, "changed_migration");
}

// --- journal and cursors

TEST_P(StoreTest, JournalKeepsOrderAndBytes) {
  std::vector<std::string> bodies;
  for (int i = 0; i < 237; ++i) bodies.push_back(std::string("body\0", 5) + std::to_string(i));
  std::vector<journal::RawEntry> entries;
  for (std::size_t i = 0; i < bodies.size(); ++i)
    entries.push_back({1, 2, 1000 + static_cast<TimeMs>(i), "open.post", bodies[i]});
  const auto append = [&](Transaction& tx) { return journal::append(tx, entries); };
  EXPECT_EQ(db().writer().write_result(append).value(), 1);
  EXPECT_EQ(db().writer().write_result(append).value(), 238);
  EXPECT_EQ(db().writer().write_result([&](Transaction& tx) { return journal::append(tx, {}); }).value(), 0);

  auto reader = db().reader();
  const auto read = journal::read_after(*reader.value(), 235, 4).value();
  ASSERT_EQ(read.size(), 4U);
  EXPECT_EQ(read[0].seq, 236);
  EXPECT_EQ(read[1].body, bodies[236]);
  EXPECT_EQ(read[2].body, bodies[0]);
  EXPECT_EQ(read[2].source, "open.post");
  EXPECT_EQ(read[2].received_at, 1000);
  EXPECT_EQ(journal::read_one(*reader.value(), 237).value()->body, bodies[236]);
  EXPECT_EQ(journal::read_one(*reader.value(), 9999).value().has_value(), false);
}

TEST_P(StoreTest, JournalNumbersStayAboveTheCursorWhenOldEntriesAreGone) {
  const std::vector<journal::RawEntry> entries(3, {1, 2, 1000, "s", "b"});
  ASSERT_TRUE(write([&](Transaction& tx) -> Result<void> {
                TRY(journal::append(tx, entries));
                TRY(journal::record_failure(tx, {1, 2, 2, "s", "unreadable", "/a", 5, 1}));
                return journal::set_applied(tx, 3);
              }).ok());
  EXPECT_EQ(db().writer().write_result([](Transaction& tx) { return journal::prune(tx, 2000, 100); }).value(),
            2);
  ASSERT_TRUE(write([](Transaction& tx) { return journal::mark_replayed(tx, 1, 2); }).ok());
  EXPECT_EQ(db().writer().write_result([](Transaction& tx) { return journal::prune(tx, 2000, 100); }).value(),
            1);
  store_->close();
  EXPECT_EQ(db().writer().write_result([&](Transaction& tx) { return journal::append(tx, entries); }).value(),
            4);
  auto reader = db().reader();
  EXPECT_EQ(journal::applied(*reader.value()).value(), 3);
}

TEST_P(StoreTest, FailuresAreListedCountedAndForgotten) {
  ASSERT_TRUE(write([&](Transaction& tx) -> Result<void> {
                for (int i = 1; i <= 5; ++i)
                  TRY(journal::record_failure(tx, {1, i, 2, "s", "bad", "/x", 10 + i, 1}));
                TRY(journal::record_failure(tx, {1, 3, 2, "s", "still bad", "/y", 99, 1}));
                return journal::record_failure(tx, {7, 6, 2, "s", "other workspace", "", 1, 1});
              }).ok());
  auto reader = db().reader();
  auto& connection = *reader.value();
  EXPECT_EQ(journal::count_failures(connection, 1).value(), 5);
  const auto page = journal::list_failures(connection, 1, 0, 3).value();
  ASSERT_EQ(page.size(), 3U);
  EXPECT_EQ(page[0].seq, 5);
  EXPECT_EQ(page[2].seq, 3);
  EXPECT_EQ(page[2].attempts, 2);
  EXPECT_EQ(page[2].error, "still bad");
  EXPECT_EQ(page[2].place, "/y");
  EXPECT_EQ(page[2].failed_at, 99);
  EXPECT_EQ(journal::list_failures(connection, 1, 3, 10).value().size(), 2U);
  ASSERT_TRUE(write([](Transaction& tx) { return journal::mark_replayed(tx, 1, 3); }).ok());
  EXPECT_EQ(journal::count_failures(connection, 1).value(), 4);
}

TEST_P(StoreTest, CursorsAreKeptPerAccountAndName) {
  ASSERT_TRUE(write([](Transaction& tx) -> Result<void> {
                TRY(set_cursor(tx, {1, 2, "notifications"}, "a", 1));
                TRY(set_cursor(tx, {1, 2, "notifications"}, "b", 2));
                return set_cursor(tx, {0, 0, "firehose"}, "c", 3);
              }).ok());
  auto reader = db().reader();
  EXPECT_EQ(get_cursor(*reader.value(), {1, 2, "notifications"}).value(), "b");
  EXPECT_EQ(get_cursor(*reader.value(), {0, 0, "firehose"}).value(), "c");
  EXPECT_EQ(get_cursor(*reader.value(), {1, 3, "notifications"}).value(), std::nullopt);
}

}  // namespace
}  // namespace kiki::store
