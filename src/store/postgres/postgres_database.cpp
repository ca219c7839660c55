// The writer's session: who holds the advisory lock, what a lost connection means, and the marker row that
// tells whether a commit happened.

#include "store/postgres/postgres_database.hpp"

#include <sodium.h>

#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "store/group_writer.hpp"
#include "store/migrations.hpp"
#include "store/postgres/postgres_connection.hpp"
#include "store/reader_pool.hpp"
#include "store/write_session.hpp"

namespace kiki::store::postgres {
namespace {

constexpr std::string_view kSavepoint = "SAVEPOINT job";
// A process that was killed may leave a server process behind that still works off its last statement.
constexpr std::chrono::milliseconds kLockWait{2'000};
constexpr std::int64_t kWriterLock = 0x6b696b696d696d69;  // "kikimimi"

std::string random_name() {
  std::array<unsigned char, 12> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::string hex(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
  hex.pop_back();
  return hex;
}

// The lock belongs to the connection. A server process that still works off a lost connection keeps it, so
// whoever gets it knows that nothing of the old connection is going to happen any more.
Result<std::unique_ptr<PostgresConnection>> open_writer(const std::string& url,
                                                        std::chrono::milliseconds wait) {
  auto connection = TRY(PostgresConnection::open(url, Mode::kWriter));
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (true) {
    const auto locked = TRY(connection->one("SELECT pg_try_advisory_lock($1)", {kWriterLock},
                                            [](const Row& row) { return row.boolean(0); }));
    if (locked.value_or(false)) return connection;
    if (std::chrono::steady_clock::now() >= deadline) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return conflict("another kikimimi writes to this database", "in_use");
}

class PostgresSession final : public WriteSession {
 public:
  PostgresSession(std::string url, std::unique_ptr<PostgresConnection> connection)
      : url_(std::move(url)), connection_(std::move(connection)), process_(random_name()) {}
  Connection& db() override { return *connection_; }

  Result<bool> begin() override {
    TRY(ready());
    const bool fresh = std::exchange(fresh_, false);
    connection_->clear_broken();
    ++group_;
    connection_->send_with_next("BEGIN");
    return fresh;
  }
  Result<void> begin_job() override {
    connection_->send_with_next(std::string(kSavepoint));
    return {};
  }
  Result<void> keep_job() override {
    if (!connection_->take_back(kSavepoint)) connection_->send_with_next("RELEASE job");
    return {};
  }
  Result<void> undo_job() override {
    if (connection_->take_back(kSavepoint)) return {};
    connection_->send_with_next("ROLLBACK TO job");
    connection_->send_with_next("RELEASE job");
    return {};
  }
  Result<void> commit() override {
    if (connection_->take_back("BEGIN")) return {};  // no job had a statement
    // The marker is part of the transaction: where it is found, the group was committed.
    connection_->send_with_next("INSERT INTO meta (key, value) VALUES ('writer.group', '" + marker() +
                                "') ON CONFLICT (key) DO UPDATE SET value = excluded.value");
    auto tag = connection_->send_now("COMMIT");
    if (tag.ok()) {
      if (tag.value() == "COMMIT") return {};
      return unavailable("PostgreSQL rolled the group back");
    }
    auto error = std::move(tag).error();
    if (connection_->lost()) error.kind = ErrorKind::kUnclear;
    return error;
  }
  Result<bool> committed() override {
    TRY(ready());
    const auto found = TRY(connection_->one("SELECT value FROM meta WHERE key = 'writer.group'", {},
                                            [](const Row& row) { return row.string(0); }));
    return found == marker();
  }
  void rollback() override {
    connection_->forget_waiting();
    if (!connection_->lost() && connection_->in_transaction()) {
      static_cast<void>(connection_->send_now("ROLLBACK").ok());
    }
  }
  bool broken() const override { return connection_->broken(); }
  bool worth_retrying() const override { return connection_->worth_retrying(); }

 private:
  std::string marker() const { return process_ + "." + std::to_string(group_); }
  // A working connection outside of a transaction.
  Result<void> ready() {
    if (!connection_->lost()) {
      rollback();
      if (!connection_->lost()) return {};
    }
    auto opened = open_writer(url_, {});  // the group writer does the waiting
    if (!opened.ok()) return unavailable(opened.error().message);
    log::info("connected to PostgreSQL again");
    connection_ = std::move(opened).value();
    fresh_ = true;
    return {};
  }

  std::string url_;
  std::unique_ptr<PostgresConnection> connection_;
  std::string process_;
  std::int64_t group_ = 0;
  bool fresh_ = false;
};

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(std::unique_ptr<GroupWriter> writer, std::shared_ptr<ReaderPool> readers)
      : writer_(std::move(writer)), readers_(std::move(readers)) {}
  ~PostgresDatabase() override { PostgresDatabase::close(); }
  Dialect dialect() const override { return Dialect::kPostgres; }
  Result<Reader> reader() override { return readers_->take(); }
  Writer& writer() override { return *writer_; }
  void close() override {
    readers_->close();
    writer_->stop();
  }

 private:
  std::unique_ptr<GroupWriter> writer_;
  std::shared_ptr<ReaderPool> readers_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_database(const std::string& url, std::size_t readers,
                                                bool apply_migrations) {
  auto connection = TRY(open_writer(url, kLockWait));
  TRY(migrate(*connection, migrations_for(Dialect::kPostgres, migration_files()), apply_migrations));
  auto writer = TRY(GroupWriter::start(std::make_unique<PostgresSession>(url, std::move(connection))));
  auto pool = std::make_shared<ReaderPool>(readers, [url]() -> Result<std::unique_ptr<Connection>> {
    return std::unique_ptr<Connection>(TRY(PostgresConnection::open(url, Mode::kReader)));
  });
  return std::unique_ptr<Database>(new PostgresDatabase(std::move(writer), std::move(pool)));
}

}  // namespace kiki::store::postgres
