// The only file with SQLite's statement calls. Settings of the connections, placeholders, result codes.

#include "store/sqlite/sqlite_connection.hpp"

#include <sqlite3.h>

#include <charconv>
#include <mutex>

#include "base/log.hpp"
#include "store/sqlite/space_tokenizer.hpp"

namespace kiki::store::sqlite {
namespace {

constexpr std::size_t kStatementLimit = 256;  // a connection
constexpr int kBusyTimeoutMs = 5'000;

// Readers map the file: pages come from the system's cache without a copy, and count as file pages, not as
// our memory. The writer reads through its own cache, so that an I/O error is an error and not a signal in
// the middle of a write.
constexpr const char* kWriterSettings =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"  // a commit is on the disk before anybody is told so
    "PRAGMA cache_size = -16000;"
    "PRAGMA wal_autocheckpoint = 8000;"  // pages; the fewer, the more often the same page is copied back
    "PRAGMA journal_size_limit = 67108864;"
    "PRAGMA secure_delete = FAST;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA trusted_schema = OFF;";
constexpr const char* kReaderSettings =
    "PRAGMA query_only = ON;"
    "PRAGMA cache_size = -4000;"
    "PRAGMA mmap_size = 2147418112;"  // the most that SQLite takes
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA trusted_schema = OFF;";

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  bool null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
  double real(int column) const override { return sqlite3_column_double(statement_, column); }
  std::string_view text(int column) const override {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }
  std::string_view blob(int column) const override {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  sqlite3_stmt* statement_;
};

int bind(sqlite3_stmt* statement, int index, const Param& param) {
  struct Visitor {
    sqlite3_stmt* statement;
    int index;
    int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
    int operator()(std::int64_t v) const { return sqlite3_bind_int64(statement, index, v); }
    int operator()(double v) const { return sqlite3_bind_double(statement, index, v); }
    // An empty view may have no pointer, which SQLite would take for NULL.
    int operator()(std::string_view v) const {
      return sqlite3_bind_text64(statement, index, v.empty() ? "" : v.data(), v.size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    }
    int operator()(Blob v) const {
      return sqlite3_bind_blob64(statement, index, v.bytes.empty() ? "" : v.bytes.data(), v.bytes.size(),
                                 SQLITE_STATIC);
    }
  };
  return std::visit(Visitor{statement, index}, param.value);
}

bool is_fatal(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
      return true;
    default:
      return false;
  }
}

Error to_error(int code, std::string message) {
  Error error{ErrorKind::kInternal, "SQLite: " + std::move(message), {}, {}, 0};
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
          code == SQLITE_CONSTRAINT_ROWID) {
        error.kind = ErrorKind::kConflict;
        error.code = "unique";
      } else {
        error.code = "constraint";
      }
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
      error.kind = ErrorKind::kUnavailable;
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      error.kind = ErrorKind::kCorrupt;
      break;
    case SQLITE_TOOBIG:
      error.kind = ErrorKind::kTooLarge;
      break;
    case SQLITE_INTERRUPT:
      error.kind = ErrorKind::kCancelled;
      break;
    default:
      break;
  }
  return error;
}

Error statement_error(std::string_view sql, std::string message) {
  return {ErrorKind::kInternal, std::move(message), std::string(sql.substr(0, 120)), {}, 0};
}

}  // namespace

// Marks a statement as running and makes it ready for the next use, whatever happened.
class SqliteConnection::Run {
 public:
  explicit Run(Statement& statement) : statement_(statement) { statement_.running = true; }
  ~Run() {
    sqlite3_reset(statement_.handle);
    sqlite3_clear_bindings(statement_.handle);
    statement_.running = false;
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

 private:
  Statement& statement_;
};

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path, Mode mode) {
  // Nobody asks how much memory SQLite has, and counting it takes a lock that all connections share.
  static std::once_flag configured;
  std::call_once(configured, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
  sqlite3* db = nullptr;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (mode == Mode::kWriter ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(db));
  if (code != SQLITE_OK) {
    return to_error(code, "cannot open " + path + ": " + (db == nullptr ? "no memory" : sqlite3_errmsg(db)));
  }
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, kBusyTimeoutMs);
  TRY(connection->script(mode == Mode::kWriter ? kWriterSettings : kReaderSettings));
  if (register_space_tokenizer(db) != SQLITE_OK) {
    return internal_error("this SQLite has no FTS5, which the search index needs");
  }
  return connection;
}

SqliteConnection::~SqliteConnection() {
  forget_statements();
  if (sqlite3_close(db_) != SQLITE_OK) log::error("an SQLite connection was closed while it was in use");
}

void SqliteConnection::forget_statements() {
  for (auto it = statements_.begin(); it != statements_.end();) {
    if (it->second.running) {
      ++it;
    } else {
      sqlite3_finalize(it->second.handle);
      it = statements_.erase(it);
    }
  }
}

bool SqliteConnection::in_transaction() const {
  return sqlite3_get_autocommit(db_) == 0;
}

Error SqliteConnection::failure(int code, std::string_view sql) {
  fatal_ = fatal_ || is_fatal(code);
  auto error = to_error(code, sqlite3_errmsg(db_));
  error.where = sql.substr(0, 120);
  return error;
}

Result<void> SqliteConnection::prepare(std::string_view sql, Statement& statement) {
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement.handle, &rest);
  if (code != SQLITE_OK) return failure(code, sql);
  if (statement.handle == nullptr) return statement_error(sql, "SQLite: an empty statement");
  const std::string_view more(rest, static_cast<std::size_t>(sql.data() + sql.size() - rest));
  if (more.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    sqlite3_finalize(statement.handle);
    statement.handle = nullptr;
    return statement_error(sql, "SQLite: more than one statement in a query");
  }
  // For SQLite $2 is only a name, numbered where it is first seen: WHERE b = $2 AND a = $1 has $2 as its
  // first.
  const int count = sqlite3_bind_parameter_count(statement.handle);
  for (int i = 1; i <= count; ++i) {
    const char* name = sqlite3_bind_parameter_name(statement.handle, i);
    const std::string_view text = name == nullptr ? std::string_view() : std::string_view(name);
    std::uint16_t number = 0;
    if (text.size() > 1) std::from_chars(text.data() + 1, text.data() + text.size(), number);
    if (text.empty() || text[0] != '$' || number == 0) {
      sqlite3_finalize(statement.handle);
      statement.handle = nullptr;
      return statement_error(sql, "SQLite: placeholders are $1, $2 …");
    }
    statement.numbers.push_back(number);
    statement.parameters = std::max<std::size_t>(statement.parameters, number);
  }
  return {};
}

Result<std::int64_t> SqliteConnection::query(std::string_view sql, Params params,
                                             const std::function<void(const Row&)>& f) {
  auto found = statements_.find(sql);
  if (found != statements_.end() && found->second.running) {
    // Asked again from within its own rows: a second one, for this call only.
    Statement nested;
    TRY(prepare(sql, nested));
    auto done = execute(nested, sql, params, f);
    sqlite3_finalize(nested.handle);
    return done;
  }
  if (found == statements_.end()) {
    if (statements_.size() >= kStatementLimit) forget_statements();
    Statement statement;
    TRY(prepare(sql, statement));
    found = statements_.emplace(std::string(sql), std::move(statement)).first;
  }
  return execute(found->second, sql, params, f);
}

Result<std::int64_t> SqliteConnection::execute(Statement& statement, std::string_view sql, Params params,
                                               const std::function<void(const Row&)>& f) {
  if (statement.parameters != params.size()) {
    return statement_error(sql, "the statement has " + std::to_string(statement.parameters) +
                                    " placeholders, " + std::to_string(params.size()) + " values were given");
  }
  const Run run(statement);
  for (std::size_t i = 0; i < statement.numbers.size(); ++i) {
    const auto& param = params[statement.numbers[i] - 1U];
    const auto* text = std::get_if<std::string_view>(&param.value);
    // PostgreSQL cannot store it; the same answer on both.
    if (text != nullptr && text->find('\0') != std::string_view::npos)
      return invalid("text contains a zero byte");
    const int code = bind(statement.handle, static_cast<int>(i) + 1, param);
    if (code != SQLITE_OK) return failure(code, sql);
  }
  const SqliteRow row(statement.handle);
  std::int64_t rows = 0;
  int code = sqlite3_step(statement.handle);
  while (code == SQLITE_ROW) {
    ++rows;
    if (f) f(row);
    code = sqlite3_step(statement.handle);
  }
  if (code != SQLITE_DONE) return failure(code, sql);
  return sqlite3_column_count(statement.handle) > 0 ? rows : sqlite3_changes64(db_);
}

Result<void> SqliteConnection::script(std::string_view sql) {
  const int code = sqlite3_exec(db_, std::string(sql).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(code, sql);
  return {};
}

}  // namespace kiki::store::sqlite
