#pragma once
// One PostgreSQL connection behind the store's interface, by libpq in pipeline mode: commands that need no
// answer of their own (BEGIN, SAVEPOINT, RELEASE) wait for the next statement and travel with it, so that a
// job costs one round trip a statement and nothing more. Used by one thread at a time.

#include <libpq-fe.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "store/database.hpp"

namespace kiki::store::postgres {

enum class Mode : std::uint8_t { kWriter, kReader };

class PostgresConnection final : public Connection {
 public:
  static Result<std::unique_ptr<PostgresConnection>> open(const std::string& url, Mode mode);
  ~PostgresConnection() override;
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  Dialect dialect() const override { return Dialect::kPostgres; }
  // A reader whose server was away connects again and asks once more; the writer never does that by itself.
  Result<std::int64_t> query(std::string_view sql, Params params,
                             const std::function<void(const Row&)>& f) override;
  Result<void> script(std::string_view sql) override;

  // Sends `command` together with the next statement. Only constants and what needs no quoting.
  void send_with_next(std::string command) { waiting_.push_back(std::move(command)); }
  // Takes back the last waiting command if it is this one.
  bool take_back(std::string_view command);
  void forget_waiting() { waiting_.clear(); }
  // Sends what waits and then `command`; returns the command's tag ("COMMIT").
  Result<std::string> send_now(std::string command);

  bool lost() const { return lost_ || PQstatus(handle_) != CONNECTION_OK; }
  bool in_transaction() const;
  // An error that concerns the whole transaction: a failed waiting command, no memory or disk, a deadlock.
  bool broken() const { return broken_ || lost(); }
  bool worth_retrying() const { return lost() || retry_; }
  void clear_broken() { broken_ = retry_ = false; }

 private:
  PostgresConnection(std::string url, Mode mode) : url_(std::move(url)), mode_(mode) {}
  Result<void> connect();
  Result<void> flush();
  Result<std::string> prepare(std::string_view sql, Params params);
  Result<void> try_prepare(const std::string& name, std::string_view sql, const std::vector<Oid>& types);
  Result<std::int64_t> query_once(std::string_view sql, Params params,
                                  const std::function<void(const Row&)>& f);
  Error failure(const PGresult* result, std::string_view sql);
  Error lost_error(std::string_view sql);
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Answer = std::unique_ptr<PGresult, Clear>;
  bool send_command(const std::string& command);
  // Reads the answers of `commands` commands up to the end of the pipeline; gives the last one.
  Result<Answer> receive(std::size_t commands, std::string_view sql);

  std::string url_;
  Mode mode_;
  PGconn* handle_ = nullptr;
  bool lost_ = false;
  bool broken_ = false;
  bool retry_ = false;
  std::vector<std::string> waiting_;
  std::unordered_map<std::string, std::string> statements_;  // types and text → name
  std::string key_;
  std::int64_t next_name_ = 1;
};

}  // namespace kiki::store::postgres
