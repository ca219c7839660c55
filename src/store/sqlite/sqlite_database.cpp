// The file's lock and mode, the writer's session, the readers.

#include "store/sqlite/sqlite_database.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "store/group_writer.hpp"
#include "store/migrations.hpp"
#include "store/reader_pool.hpp"
#include "store/sqlite/sqlite_connection.hpp"
#include "store/write_session.hpp"

namespace kiki::store::sqlite {
namespace {

// The kernel gives the lock back when the process ends, however it ends.
class FileLock {
 public:
  static Result<FileLock> take(const std::string& path) {
    FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (lock.fd_ < 0) return unavailable("cannot open " + path + ": " + std::strerror(errno));
    if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
      return conflict("another kikimimi has this data open (" + path + " is locked)", "in_use");
    }
    return lock;
  }
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileLock() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

class SqliteSession final : public WriteSession {
 public:
  explicit SqliteSession(std::unique_ptr<SqliteConnection> connection) : connection_(std::move(connection)) {}
  Connection& db() override { return *connection_; }

  Result<bool> begin() override {
    if (connection_->in_transaction()) rollback();
    connection_->clear_fatal();
    TRY(step("BEGIN IMMEDIATE"));
    return false;
  }
  Result<void> begin_job() override { return step("SAVEPOINT job"); }
  Result<void> keep_job() override { return step("RELEASE job"); }
  Result<void> undo_job() override {
    TRY(step("ROLLBACK TO job"));
    return step("RELEASE job");
  }
  Result<void> commit() override { return step("COMMIT"); }
  // A failed COMMIT leaves the transaction open, and it is rolled back: there is no unclear state.
  Result<bool> committed() override { return false; }
  void rollback() override {
    if (connection_->in_transaction()) static_cast<void>(step("ROLLBACK").ok());
  }
  // Some errors make SQLite roll everything back by itself.
  bool broken() const override { return connection_->fatal() || !connection_->in_transaction(); }
  bool worth_retrying() const override { return false; }

 private:
  Result<void> step(std::string_view sql) {
    TRY(connection_->run(sql));
    return {};
  }
  std::unique_ptr<SqliteConnection> connection_;
};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(FileLock lock, std::unique_ptr<GroupWriter> writer, std::shared_ptr<ReaderPool> readers)
      : lock_(std::move(lock)), writer_(std::move(writer)), readers_(std::move(readers)) {}
  ~SqliteDatabase() override { SqliteDatabase::close(); }
  Dialect dialect() const override { return Dialect::kSqlite; }
  Result<Reader> reader() override { return readers_->take(); }
  Writer& writer() override { return *writer_; }
  void close() override {
    readers_->close();
    writer_->stop();
  }

 private:
  FileLock lock_;  // first, so that it is given back last
  std::unique_ptr<GroupWriter> writer_;
  std::shared_ptr<ReaderPool> readers_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_database(const std::string& path, std::size_t readers,
                                                bool apply_migrations) {
  const auto directory = std::filesystem::path(path).parent_path();
  if (!directory.empty() && !std::filesystem::exists(directory)) {
    std::error_code failed;
    std::filesystem::create_directories(directory, failed);
    if (failed) return unavailable("cannot create " + directory.string() + ": " + failed.message());
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, failed);
  }
  auto lock = TRY(FileLock::take(path + ".lock"));
  // SQLite gives its -wal and -shm files the mode of the database, so the database is made here, for the
  // owner alone.
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return unavailable("cannot open " + path + ": " + std::strerror(errno));
  ::close(fd);

  auto connection = TRY(SqliteConnection::open(path, Mode::kWriter));
  TRY(migrate(*connection, migrations_for(Dialect::kSqlite, migration_files()), apply_migrations));
  auto writer = TRY(GroupWriter::start(std::make_unique<SqliteSession>(std::move(connection))));
  auto pool = std::make_shared<ReaderPool>(readers, [path]() -> Result<std::unique_ptr<Connection>> {
    return std::unique_ptr<Connection>(TRY(SqliteConnection::open(path, Mode::kReader)));
  });
  return std::unique_ptr<Database>(new SqliteDatabase(std::move(lock), std::move(writer), std::move(pool)));
}

}  // namespace kiki::store::sqlite
