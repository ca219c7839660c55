// Entries go in by statements of 100, 10 and 1 rows, so that a batch costs few round trips and few
// preparations.

#include "store/journal.hpp"

#include <algorithm>
#include <charconv>

#include "store/meta.hpp"

namespace kiki::store::journal {
namespace {

constexpr std::string_view kApplied = "journal.applied";
constexpr std::string_view kFields = "seq, workspace_id, account_id, received_at, source, body";
constexpr std::size_t kColumns = 6;
// Rows in one INSERT. A few fixed sizes, so that few statements are prepared; one round trip a batch on
// PostgreSQL.
constexpr std::size_t kBatchRows[] = {100, 10, 1};

std::string insert_sql(std::size_t rows) {
  std::string sql = "INSERT INTO journal (" + std::string(kFields) + ") VALUES ";
  std::size_t parameter = 1;
  for (std::size_t row = 0; row < rows; ++row) {
    sql += row == 0 ? "(" : ", (";
    for (std::size_t column = 0; column < kColumns; ++column) {
      sql += (column == 0 ? "$" : ", $") + std::to_string(parameter++);
    }
    sql += ")";
  }
  return sql;
}

const std::string& insert_sql_of(std::size_t rows) {
  static const std::string one = insert_sql(1);
  static const std::string ten = insert_sql(10);
  static const std::string hundred = insert_sql(100);
  return rows == 1 ? one : rows == 10 ? ten : hundred;
}

Entry read_entry(const Row& row) {
  return {row.integer(0), row.integer(1), row.integer(2),
          row.integer(3), row.string(4),  std::string(row.blob(5))};
}

}  // namespace

Result<std::int64_t> append(Transaction& tx, std::span<const RawEntry> entries) {
  if (entries.empty()) return 0;
  const auto first = tx.next_journal_seqs(static_cast<std::int64_t>(entries.size()));
  auto seq = first;
  std::vector<Param> params;
  for (std::size_t done = 0; done < entries.size();) {
    const auto rows = *std::find_if(std::begin(kBatchRows), std::end(kBatchRows),
                                    [&](std::size_t size) { return size <= entries.size() - done; });
    params.clear();
    params.reserve(rows * kColumns);
    for (const auto& entry : entries.subspan(done, rows)) {
      params.insert(params.end(), {Param(seq++), Param(entry.workspace_id), Param(entry.account_id),
                                   Param(entry.received_at), Param(entry.source), Param(Blob{entry.body})});
    }
    TRY(tx.db().query(insert_sql_of(rows), params, {}));
    done += rows;
  }
  return first;
}

Result<std::vector<Entry>> read_after(Connection& connection, std::int64_t seq, std::size_t limit) {
  return connection.all(
      "SELECT seq, workspace_id, account_id, received_at, source, body FROM journal "
      "WHERE seq > $1 ORDER BY seq LIMIT $2",
      {seq, limit}, read_entry);
}

Result<std::optional<Entry>> read_one(Connection& connection, std::int64_t seq) {
  return connection.one(
      "SELECT seq, workspace_id, account_id, received_at, source, body FROM journal WHERE seq = $1", {seq},
      read_entry);
}

Result<std::int64_t> applied(Connection& connection) {
  const auto value = TRY(get_meta(connection, kApplied));
  if (!value) return 0;
  std::int64_t seq = 0;
  const auto* end = value->data() + value->size();
  const auto parsed = std::from_chars(value->data(), end, seq);
  if (parsed.ec != std::errc() || parsed.ptr != end) {
    return Error{ErrorKind::kCorrupt, "meta journal.applied is not a number", {}, {}, 0};
  }
  return seq;
}

Result<void> set_applied(Transaction& tx, std::int64_t seq) {
  return set_meta(tx, kApplied, std::to_string(seq));
}

Result<std::int64_t> prune(Transaction& tx, TimeMs before_ms, std::size_t limit) {
  // seq grows with received_at, near enough: the oldest `limit` entries are looked at, never the whole table.
  const auto done = TRY(applied(tx.db()));
  return tx.db().run(
      "DELETE FROM journal WHERE seq IN (SELECT seq FROM journal WHERE seq <= $1 ORDER BY seq LIMIT $2) "
      "AND received_at < $3 AND NOT EXISTS (SELECT 1 FROM journal_failures AS f "
      "WHERE f.workspace_id = journal.workspace_id AND f.seq = journal.seq)",
      {done, limit, before_ms});
}

Result<void> record_failure(Transaction& tx, const Failure& failure) {
  TRY(
      tx.db().run("INSERT INTO journal_failures (workspace_id, seq, account_id, source, error, place, "
                  "failed_at, attempts) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7, 1) ON CONFLICT (workspace_id, seq) DO UPDATE SET "
                  "error = excluded.error, place = excluded.place, failed_at = excluded.failed_at, "
                  "attempts = journal_failures.attempts + 1",
                  {failure.workspace_id, failure.seq, failure.account_id, failure.source, failure.error,
                   failure.place, failure.failed_at}));
  return {};
}

Result<std::vector<Failure>> list_failures(Connection& connection, Id workspace_id, std::int64_t before_seq,
                                           std::size_t limit) {
  const auto before = before_seq > 0 ? before_seq : INT64_MAX;
  return connection.all(
      "SELECT workspace_id, seq, account_id, source, error, place, failed_at, attempts FROM journal_failures "
      "WHERE workspace_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
      {workspace_id, before, limit}, [](const Row& row) {
        return Failure{row.integer(0), row.integer(1), row.integer(2), row.string(3),
                       row.string(4),  row.string(5),  row.integer(6), row.integer(7)};
      });
}

Result<std::int64_t> count_failures(Connection& connection, Id workspace_id) {
  return TRY(connection.one("SELECT count(*) FROM journal_failures WHERE workspace_id = $1", {workspace_id},
                            [](const Row& row) { return row.integer(0); }))
      .value_or(0);
}

Result<void> mark_replayed(Transaction& tx, Id workspace_id, std::int64_t seq) {
  TRY(tx.db().run("DELETE FROM journal_failures WHERE workspace_id = $1 AND seq = $2", {workspace_id, seq}));
  return {};
}

}  // namespace kiki::store::journal
