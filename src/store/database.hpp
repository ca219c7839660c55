#pragma once
// One interface over SQLite (embedded default) and PostgreSQL. The same statements run on both:
// placeholders $1, $2 …, ON CONFLICT, RETURNING; types BIGINT, TEXT, DOUBLE PRECISION, BLOB (mapped for
// PostgreSQL).
//
// Reading: take a reader, which sees one consistent snapshot per statement. Writing: only through the Writer
// (group commit).

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"

namespace kiki::store {

struct Blob {
  std::string_view bytes;
};

// A value bound to a placeholder. Text and blobs are views: they must live until the call returns.
struct Param {
  std::variant<std::monostate, std::int64_t, double, std::string_view, Blob> value;
  Param(std::nullptr_t) {}  // NOLINT: implicit by intent
  template <class T>
    requires std::is_integral_v<T>
  Param(T v) : value(static_cast<std::int64_t>(v)) {}          // NOLINT
  Param(double v) : value(v) {}                                // NOLINT
  Param(std::string_view v) : value(v) {}                      // NOLINT
  Param(const std::string& v) : value(std::string_view(v)) {}  // NOLINT
  Param(const char* v) : value(std::string_view(v)) {}         // NOLINT
  Param(Blob v) : value(v) {}                                  // NOLINT
  template <class T>
  Param(const std::optional<T>& v) {
    if (v) value = Param(*v).value;
  }  // NOLINT
};
using Params = std::span<const Param>;

// The row a statement stands on; views are valid until the callback returns. Columns count from 0.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;  // NULL reads as 0
  virtual double real(int column) const = 0;
  virtual std::string_view text(int column) const = 0;  // NULL reads as ""
  virtual std::string_view blob(int column) const = 0;
  std::string string(int column) const { return std::string(text(column)); }
  bool boolean(int column) const { return integer(column) != 0; }
  std::optional<std::int64_t> maybe_integer(int column) const {
    return null(column) ? std::nullopt : std::optional(integer(column));
  }
};

enum class Dialect : std::uint8_t { kSqlite, kPostgres };

class Connection {
 public:
  virtual ~Connection() = default;
  virtual Dialect dialect() const = 0;

  // Runs one statement (prepared once per connection and text); f sees every row. Returns the number of rows
  // changed (or, for a query, seen). Unique violations are kConflict with code "unique"; a busy or lost
  // server is kUnavailable.
  virtual Result<std::int64_t> query(std::string_view sql, Params params,
                                     const std::function<void(const Row&)>& f) = 0;

  Result<std::int64_t> run(std::string_view sql, std::initializer_list<Param> params = {}) {
    return query(sql, {params.begin(), params.size()}, {});
  }
  // f: T(const Row&). All rows.
  template <class F>
  auto all(std::string_view sql, std::initializer_list<Param> params, F f)
      -> Result<std::vector<std::invoke_result_t<F, const Row&>>> {
    std::vector<std::invoke_result_t<F, const Row&>> rows;
    auto done = query(sql, {params.begin(), params.size()}, [&](const Row& row) { rows.push_back(f(row)); });
    if (!done.ok()) return std::move(done).error();
    return rows;
  }
  // The first row, if there is one.
  template <class F>
  auto one(std::string_view sql, std::initializer_list<Param> params, F f)
      -> Result<std::optional<std::invoke_result_t<F, const Row&>>> {
    std::optional<std::invoke_result_t<F, const Row&>> first;
    auto done = query(sql, {params.begin(), params.size()}, [&](const Row& row) {
      if (!first) first = f(row);
    });
    if (!done.ok()) return std::move(done).error();
    return first;
  }
  // Several statements separated by ';', for migrations.
  virtual Result<void> script(std::string_view sql) = 0;
};

// What a write job gets: the writer's connection inside the running group commit, in a savepoint of its own.
class Transaction {
 public:
  virtual ~Transaction() = default;
  virtual Connection& db() = 0;
  // Runs on the writer thread after the whole group is durable; dropped when the job or the commit fails.
  // Must be quick and must not write. Jobs' calls run in the order of the commit.
  virtual void after_commit(std::function<void()> f) = 0;
  // Next value of the one event sequence (1, 2, 3 …): gaps are possible, order is the order of the commit.
  virtual std::int64_t next_event_seq() = 0;
  // The first of `count` following numbers of the journal; used by store/journal.hpp only.
  virtual std::int64_t next_journal_seqs(std::int64_t count) = 0;
};

// One thread, group commit: takes all jobs that wait (at most 500), runs each in a savepoint, commits once,
// then answers.
class Writer {
 public:
  virtual ~Writer() = default;
  using Job = std::function<Result<void>(Transaction&)>;
  // Blocks until the job's group is durable. The job may be run again from the start if the group has to be
  // retried, so it must not change anything but the transaction. An error rolls back this job alone. After a
  // failed statement the job cannot go on (on PostgreSQL the transaction is lost, on SQLite we do the same):
  // use ON CONFLICT instead.
  virtual Result<void> write(Job job) = 0;
  // The same without waiting; `done` runs on the writer thread, or at once on the caller's with
  // kUnavailable when the queue (10,000 jobs) is full and kCancelled when the store is closing.
  virtual void write_async(Job job, std::function<void(Result<void>)> done) = 0;

  // For jobs that return something: f: Result<T>(Transaction&).
  template <class F>
  auto write_result(F f) -> std::invoke_result_t<F, Transaction&> {
    using R = std::invoke_result_t<F, Transaction&>;
    std::optional<typename R::value_type> value;
    auto done = write([&](Transaction& tx) -> Result<void> {
      auto result = f(tx);
      if (!result.ok()) return std::move(result).error();
      value = std::move(result).value();
      return {};
    });
    if (!done.ok()) return std::move(done).error();
    return std::move(*value);
  }
};

// A pooled reading connection, given back when destroyed.
class Reader {
 public:
  Reader(std::unique_ptr<Connection> connection, std::function<void(std::unique_ptr<Connection>)> give_back)
      : connection_(std::move(connection)), give_back_(std::move(give_back)) {}
  Reader(Reader&&) = default;
  Reader& operator=(Reader&& other) noexcept {
    std::swap(connection_, other.connection_);  // ours goes back when `other` is destroyed
    std::swap(give_back_, other.give_back_);
    return *this;
  }
  ~Reader() {
    if (connection_) give_back_(std::move(connection_));
  }
  Connection* operator->() { return connection_.get(); }
  Connection& operator*() { return *connection_; }

 private:
  std::unique_ptr<Connection> connection_;
  std::function<void(std::unique_ptr<Connection>)> give_back_;
};

class Database {
 public:
  virtual ~Database() = default;
  virtual Dialect dialect() const = 0;
  virtual Result<Reader> reader() = 0;  // waits for a free one, at most 5 s
  virtual Writer& writer() = 0;
  // Finishes what is queued and closes. Idempotent.
  virtual void close() = 0;
};

struct OpenOptions {
  // "sqlite:///path/to/file.db" or "postgresql://user:password@host/database" (any libpq URI).
  std::string url;
  std::size_t readers = 4;
  bool migrate = true;  // bring the schema up to date; otherwise kConflict when it is not
};
// A newer schema than this program knows is kConflict with code "newer_schema".
Result<std::unique_ptr<Database>> open(const OpenOptions& options);

}  // namespace kiki::store
