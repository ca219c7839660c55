#pragma once
// One SQLite connection behind the store's interface: prepared statements are kept, $N placeholders are bound
// by their number, result codes become error kinds. Used by one thread at a time.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "store/database.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace kiki::store::sqlite {

enum class Mode : std::uint8_t { kWriter, kReader };

class SqliteConnection final : public Connection {
 public:
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path, Mode mode);
  ~SqliteConnection() override;
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  Dialect dialect() const override { return Dialect::kSqlite; }
  Result<std::int64_t> query(std::string_view sql, Params params,
                             const std::function<void(const Row&)>& f) override;
  Result<void> script(std::string_view sql) override;

  bool in_transaction() const;
  // A statement failed in a way that concerns the whole transaction: disk full, I/O error, damaged file.
  bool fatal() const { return fatal_; }
  void clear_fatal() { fatal_ = false; }

 private:
  struct Statement {
    sqlite3_stmt* handle = nullptr;
    std::vector<std::uint16_t> numbers;  // SQLite's parameter i+1 is the program's $numbers[i]
    std::size_t parameters = 0;          // the greatest of them
    bool running = false;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  class Run;

  explicit SqliteConnection(sqlite3* db) : db_(db) {}
  Error failure(int code, std::string_view sql);
  Result<void> prepare(std::string_view sql, Statement& statement);
  Result<std::int64_t> execute(Statement& statement, std::string_view sql, Params params,
                               const std::function<void(const Row&)>& f);
  void forget_statements();

  sqlite3* db_;
  std::unordered_map<std::string, Statement, TextHash, std::equal_to<>> statements_;
  bool fatal_ = false;
};

}  // namespace kiki::store::sqlite
