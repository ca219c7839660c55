// The only file with libpq's statement calls. The connection stays in pipeline mode: commands are sent,
// closed by a sync, and their answers read in order
// (https://www.postgresql.org/docs/15/libpq-pipeline-mode.html).

#include "store/postgres/postgres_connection.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

namespace kiki::store::postgres {
namespace {

constexpr std::size_t kStatementLimit = 256;  // a connection
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kBigint = 20;
constexpr Oid kText = 25;
constexpr Oid kDouble = 701;

// A promise made to somebody is on the disk, even where the administrator made commits asynchronous for other
// uses.
constexpr const char* kWriterSettings =
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = "
    "'off';"
    "SET jit = off; SET lock_timeout = '10s'; SET client_min_messages = warning";
// Plans are made for the values at hand: a common word and a rare one, a large workspace and a small one
// differ.
constexpr const char* kReaderSettings =
    "SET default_transaction_read_only = on; SET plan_cache_mode = force_custom_plan; SET jit = off;"
    "SET statement_timeout = '60s'; SET client_min_messages = warning";

int hex_digit(char c) {
  return c >= 'a' ? c - 'a' + 10 : c - '0';
}

class PostgresRow final : public Row {
 public:
  explicit PostgresRow(const PGresult* result)
      : result_(result), decoded_(static_cast<std::size_t>(PQnfields(result))) {}
  void stand_on(int row) { row_ = row; }
  bool null(int column) const override { return PQgetisnull(result_, row_, column) != 0; }
  std::int64_t integer(int column) const override {
    const auto value = raw(column);
    if (PQftype(result_, column) == kBool) return value == "t" ? 1 : 0;
    std::int64_t number = 0;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
    return parsed.ptr == value.data() + value.size() ? number : static_cast<std::int64_t>(real(column));
  }
  double real(int column) const override {
    const auto value = raw(column);
    double number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    return number;
  }
  std::string_view text(int column) const override {
    return PQftype(result_, column) == kBytea ? bytes(column) : raw(column);
  }
  std::string_view blob(int column) const override { return text(column); }

 private:
  std::string_view raw(int column) const {
    return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
  }
  // bytea comes as "\x" and hexadecimal digits.
  std::string_view bytes(int column) const {
    const auto value = raw(column);
    auto& out = decoded_[static_cast<std::size_t>(column)];
    out.clear();
    for (std::size_t i = 2; i + 1 < value.size(); i += 2) {
      out += static_cast<char>(hex_digit(value[i]) * 16 + hex_digit(value[i + 1]));
    }
    return out;
  }

  const PGresult* result_;
  mutable std::vector<std::string> decoded_;
  int row_ = 0;
};

// The placeholder's type for the server: as exact as the value, so that "$1 IS NULL OR x = $1" has one.
Oid type_of(const Param& param) {
  struct Visitor {
    Oid operator()(std::monostate) const { return 0; }
    Oid operator()(std::int64_t) const { return kBigint; }
    Oid operator()(double) const { return kDouble; }
    Oid operator()(std::string_view) const { return kText; }
    Oid operator()(Blob) const { return kBytea; }
  };
  return std::visit(Visitor{}, param.value);
}

char type_letter(const Param& param) {
  return "nirtb"[param.value.index()];
}

std::uint64_t to_network(std::uint64_t v) {
  return std::endian::native == std::endian::big ? v : __builtin_bswap64(v);
}

// Values in the form libpq wants them: all binary, so that lengths count and nothing is escaped.
class Values {
 public:
  explicit Values(Params params)
      : numbers_(params.size()), pointers_(params.size()), lengths_(params.size()) {
    for (std::size_t i = 0; i < params.size(); ++i) {
      const auto& value = params[i].value;
      if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        number(i, static_cast<std::uint64_t>(*integer));
      } else if (const auto* real = std::get_if<double>(&value)) {
        number(i, std::bit_cast<std::uint64_t>(*real));
      } else if (const auto* text = std::get_if<std::string_view>(&value)) {
        bytes(i, *text);
      } else if (const auto* blob = std::get_if<Blob>(&value)) {
        bytes(i, blob->bytes);
      }
    }
    formats_.assign(params.size(), 1);
  }
  const char* const* pointers() const { return pointers_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void number(std::size_t i, std::uint64_t value) {
    numbers_[i] = to_network(value);
    pointers_[i] = reinterpret_cast<const char*>(&numbers_[i]);
    lengths_[i] = sizeof numbers_[i];
  }
  void bytes(std::size_t i, std::string_view value) {
    pointers_[i] = value.empty() ? "" : value.data();
    lengths_[i] = static_cast<int>(value.size());
  }
  std::vector<std::uint64_t> numbers_;
  std::vector<const char*> pointers_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

std::string trimmed(const char* message) {
  std::string text = message == nullptr ? "" : message;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

// SQLSTATE → kind: https://www.postgresql.org/docs/15/errcodes-appendix.html
ErrorKind kind_of(std::string_view state) {
  if (state == "23505") return ErrorKind::kConflict;
  const auto group = state.substr(0, 2);
  if (state == "08P01") return ErrorKind::kInternal;  // a wrong number of values for the placeholders
  if (group == "08" || group == "40" || group == "53" || group == "57" || group == "58" || state == "55P03") {
    return ErrorKind::kUnavailable;
  }
  if (state == "22021" || state == "22P05" || state == "22003") return ErrorKind::kInvalid;
  if (state == "XX001" || state == "XX002") return ErrorKind::kCorrupt;
  if (state == "54000") return ErrorKind::kTooLarge;
  return ErrorKind::kInternal;
}

}  // namespace

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::open(const std::string& url, Mode mode) {
  std::unique_ptr<PostgresConnection> connection(new PostgresConnection(url, mode));
  TRY(connection->connect());
  return connection;
}

PostgresConnection::~PostgresConnection() {
  PQfinish(handle_);
}

Result<void> PostgresConnection::connect() {
  PQfinish(handle_);
  statements_.clear();
  waiting_.clear();
  lost_ = broken_ = retry_ = false;
  // What the URL says comes last and wins.
  const char* const names[] = {
      "connect_timeout",  "application_name",    "client_encoding", "keepalives_idle",
      "tcp_user_timeout", "keepalives_interval", "dbname",          nullptr};
  const char* const values[] = {"5", "kikimimi", "UTF8", "10", "15000", "5", url_.c_str(), nullptr};
  handle_ = PQconnectdbParams(names, values, 1);
  if (PQstatus(handle_) != CONNECTION_OK)
    return unavailable("PostgreSQL: " + trimmed(PQerrorMessage(handle_)));
  PQsetNoticeProcessor(handle_, [](void*, const char*) {}, nullptr);
  const Answer answer(PQexec(handle_, mode_ == Mode::kWriter ? kWriterSettings : kReaderSettings));
  const auto status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    return failure(answer.get(), "session settings");
  if (PQenterPipelineMode(handle_) != 1) return lost_error("pipeline mode");
  return {};
}

bool PostgresConnection::in_transaction() const {
  const auto status = PQtransactionStatus(handle_);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

bool PostgresConnection::take_back(std::string_view command) {
  if (waiting_.empty() || waiting_.back() != command) return false;
  waiting_.pop_back();
  return true;
}

Error PostgresConnection::lost_error(std::string_view sql) {
  lost_ = true;
  auto message = trimmed(PQerrorMessage(handle_));
  if (message.empty()) message = "the connection was lost";
  return {ErrorKind::kUnavailable, "PostgreSQL: " + message, std::string(sql.substr(0, 120)), {}, 0};
}

Error PostgresConnection::failure(const PGresult* result, std::string_view sql) {
  const char* field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (field == nullptr) return lost_error(sql);
  const std::string_view state = field;
  const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  // The server ends the connection after these; libpq notices only at the next read.
  if (severity != nullptr && (std::strcmp(severity, "FATAL") == 0 || std::strcmp(severity, "PANIC") == 0))
    lost_ = true;
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  Error error{kind_of(state), "PostgreSQL: " + trimmed(message) + " [" + std::string(state) + "]",
              std::string(sql.substr(0, 120)),
              state == "23505"          ? "unique"
              : state.starts_with("23") ? "constraint"
                                        : "",
              0};
  if (error.kind == ErrorKind::kUnavailable) {
    broken_ = true;
    retry_ = retry_ || state.starts_with("40") || state == "55P03";
  }
  return error;
}

bool PostgresConnection::send_command(const std::string& command) {
  return PQsendQueryParams(handle_, command.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 1;
}

Result<PostgresConnection::Answer> PostgresConnection::receive(std::size_t commands, std::string_view sql) {
  Answer last;
  std::optional<Error> error;
  for (std::size_t i = 0; i < commands; ++i) {
    Answer answer(PQgetResult(handle_));
    if (!answer) return lost_error(sql);
    const auto status = PQresultStatus(answer.get());
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR) {
      if (!error) {
        error = failure(answer.get(), sql);
        // A command of our own that had waited: nobody is told of its answer, so the whole transaction is in
        // doubt.
        if (i + 1 < commands) broken_ = retry_ = true;
      }
    }
    if (lost()) return std::move(*error);
    Answer end(PQgetResult(handle_));
    if (end) return lost_error(sql);
    last = std::move(answer);
  }
  const Answer sync(PQgetResult(handle_));
  if (!sync || PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC) {
    if (error) {
      lost_ = true;
      return std::move(*error);
    }
    return lost_error(sql);
  }
  if (error) return std::move(*error);
  return last;
}

Result<std::string> PostgresConnection::send_now(std::string command) {
  waiting_.push_back(std::move(command));
  const auto commands = std::move(waiting_);
  waiting_.clear();
  for (const auto& each : commands) {
    if (!send_command(each)) return lost_error(each);
  }
  if (PQpipelineSync(handle_) != 1) return lost_error(commands.back());
  auto answer = TRY(receive(commands.size(), commands.back()));
  return std::string(PQcmdStatus(answer.get()));
}

Result<void> PostgresConnection::flush() {
  if (waiting_.empty()) return {};
  auto last = std::move(waiting_.back());
  waiting_.pop_back();
  auto sent = send_now(std::move(last));
  if (sent.ok()) return {};
  broken_ = retry_ = true;
  return std::move(sent).error();
}

Result<void> PostgresConnection::try_prepare(const std::string& name, std::string_view sql,
                                             const std::vector<Oid>& types) {
  const bool savepoint = in_transaction();
  const std::string text(sql);
  if (savepoint && !send_command("SAVEPOINT preparing")) return lost_error(sql);
  if (PQsendPrepare(handle_, name.c_str(), text.c_str(), static_cast<int>(types.size()), types.data()) != 1) {
    return lost_error(sql);
  }
  if (savepoint && !send_command("RELEASE preparing")) return lost_error(sql);
  if (PQpipelineSync(handle_) != 1) return lost_error(sql);
  const bool was_broken = broken_;
  const bool was_retry = retry_;
  auto answer = receive(savepoint ? 3 : 1, sql);
  if (answer.ok()) return {};
  if (lost()) return std::move(answer).error();
  broken_ = was_broken;  // only the preparing failed, and it is undone
  retry_ = was_retry;
  if (savepoint) {
    send_with_next("ROLLBACK TO preparing");
    TRY(send_now("RELEASE preparing"));
  }
  return std::move(answer).error();
}

// A NULL has no type of its own. Mostly the server finds it from the context; where it cannot ("$1 IS NULL OR
// x = $1") the two that occur are tried.
Result<std::string> PostgresConnection::prepare(std::string_view sql, Params params) {
  if (statements_.size() >= kStatementLimit) {
    statements_.clear();
    if (!in_transaction()) TRY(send_now("DEALLOCATE ALL"));
  }
  std::vector<Oid> types;
  for (const auto& param : params) types.push_back(type_of(param));
  auto name = "s" + std::to_string(next_name_++);
  auto done = try_prepare(name, sql, types);
  if (done.ok()) return name;
  const bool untyped = std::find(types.begin(), types.end(), Oid{0}) != types.end();
  const auto& message = done.error().message;
  const bool ambiguous = message.ends_with("[42P18]") || message.ends_with("[42P08]");
  if (untyped && ambiguous) {
    for (const Oid guess : {kBigint, kText}) {
      auto typed = types;
      std::replace(typed.begin(), typed.end(), Oid{0}, guess);
      if (try_prepare(name, sql, typed).ok()) return name;
      if (lost()) break;
    }
  }
  return std::move(done).error();
}

Result<std::int64_t> PostgresConnection::query(std::string_view sql, Params params,
                                               const std::function<void(const Row&)>& f) {
  for (const auto& param : params) {
    const auto* text = std::get_if<std::string_view>(&param.value);
    if (text != nullptr && text->find('\0') != std::string_view::npos)
      return invalid("text contains a zero byte");
  }
  if (mode_ == Mode::kWriter) return query_once(sql, params, f);
  if (!lost()) {
    auto done = query_once(sql, params, f);
    if (done.ok() || !lost()) return done;
  }
  TRY(connect());
  return query_once(sql, params, f);
}

Result<std::int64_t> PostgresConnection::query_once(std::string_view sql, Params params,
                                                    const std::function<void(const Row&)>& f) {
  if (lost()) return lost_error(sql);
  key_.clear();
  for (const auto& param : params) key_ += type_letter(param);
  key_ += ' ';
  key_ += sql;
  auto found = statements_.find(key_);
  if (found == statements_.end()) {
    TRY(flush());
    auto key = key_;
    auto name = TRY(prepare(sql, params));
    found = statements_.emplace(std::move(key), std::move(name)).first;
  }
  const auto commands = std::move(waiting_);
  waiting_.clear();
  for (const auto& command : commands) {
    if (!send_command(command)) return lost_error(command);
  }
  const Values values(params);
  if (PQsendQueryPrepared(handle_, found->second.c_str(), static_cast<int>(params.size()), values.pointers(),
                          values.lengths(), values.formats(), 0) != 1 ||
      PQpipelineSync(handle_) != 1) {
    return lost_error(sql);
  }
  auto answer = TRY(receive(commands.size() + 1, sql));
  if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) {
    const std::string_view changed = PQcmdTuples(answer.get());
    std::int64_t rows = 0;
    std::from_chars(changed.data(), changed.data() + changed.size(), rows);
    return rows;
  }
  const int rows = PQntuples(answer.get());
  if (f) {
    PostgresRow row(answer.get());
    for (int i = 0; i < rows; ++i) {
      row.stand_on(i);
      f(row);
    }
  }
  return rows;
}

Result<void> PostgresConnection::script(std::string_view sql) {
  if (lost()) return lost_error(sql);
  TRY(flush());
  // Several statements in one text need the simple protocol.
  if (PQexitPipelineMode(handle_) != 1) return lost_error(sql);
  const Answer answer(PQexec(handle_, std::string(sql).c_str()));
  const auto status = PQresultStatus(answer.get());
  Result<void> done;
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
    done = failure(answer.get(), sql);
  }
  if (!lost() && PQenterPipelineMode(handle_) != 1) return lost_error(sql);
  return done;
}

}  // namespace kiki::store::postgres
