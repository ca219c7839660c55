// Reads what ran from schema_migrations, compares, and applies the rest one by one.

#include "store/migrations.hpp"

#include <sodium.h>

#include <array>
#include <cctype>
#include <charconv>
#include <map>

#include "base/log.hpp"

namespace kiki::store {
namespace {

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::string hex(hash.size() * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  hex.pop_back();
  return hex;
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

struct Applied {
  std::string name;
  std::string checksum;
};

Result<std::map<std::int64_t, Applied>> applied_migrations(Connection& connection) {
  std::map<std::int64_t, Applied> applied;
  auto seen =
      connection.query("SELECT version, name, checksum FROM schema_migrations", {},
                       [&](const Row& row) { applied[row.integer(0)] = {row.string(1), row.string(2)}; });
  if (!seen.ok()) return std::move(seen).error();
  return applied;
}

Result<bool> has_migrations_table(Connection& connection) {
  const std::string_view sql =
      connection.dialect() == Dialect::kSqlite
          ? "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'"
          : "SELECT count(*) FROM pg_class WHERE oid = to_regclass('schema_migrations')";
  auto count = TRY(connection.one(sql, {}, [](const Row& row) { return row.integer(0); }));
  return count.value_or(0) > 0;
}

Result<void> apply_one(Connection& connection, const Migration& migration) {
  TRY(connection.script(connection.dialect() == Dialect::kSqlite ? "BEGIN IMMEDIATE" : "BEGIN"));
  const auto run = [&]() -> Result<void> {
    TRY(connection.script(migration.text));
    TRY(connection.run(
        "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
        {migration.version, migration.name, migration.checksum, SystemClock().now_ms()}));
    return connection.script("COMMIT");
  };
  auto done = run();
  if (!done.ok()) {
    auto undone = connection.script("ROLLBACK");
    if (!undone.ok()) log::warning("migration could not be rolled back", undone.error());
    auto error = std::move(done).error();
    error.message = "migration " + migration.name + ": " + error.message;
    return error;
  }
  return {};
}

}  // namespace

std::string to_postgres(std::string_view sql) {
  std::string out;
  out.reserve(sql.size() + 64);
  for (std::size_t i = 0; i < sql.size();) {
    if (sql.substr(i, 2) == "--") {
      const auto end = std::min(sql.find('\n', i), sql.size());
      out += sql.substr(i, end - i);
      i = end;
    } else if (sql[i] == '\'') {
      const auto end = sql.find('\'', i + 1);
      const auto stop = end == std::string_view::npos ? sql.size() : end + 1;
      out += sql.substr(i, stop - i);
      i = stop;
    } else if (is_word(sql[i])) {
      auto end = i;
      while (end < sql.size() && is_word(sql[end])) ++end;
      const auto word = sql.substr(i, end - i);
      out += word == "BLOB" ? std::string_view("BYTEA") : word;
      i = end;
    } else {
      out += sql[i++];
    }
  }
  return out;
}

std::vector<Migration> migrations_for(Dialect dialect, const std::vector<MigrationFile>& files) {
  const std::string_view ours = dialect == Dialect::kSqlite ? ".sqlite.sql" : ".postgres.sql";
  const std::string_view theirs = dialect == Dialect::kSqlite ? ".postgres.sql" : ".sqlite.sql";
  std::vector<Migration> migrations;
  for (const auto& file : files) {
    if (file.name.ends_with(theirs)) continue;
    Migration migration;
    const auto* end = file.name.data() + file.name.size();
    const auto parsed = std::from_chars(file.name.data(), end, migration.version);
    CHECK(parsed.ec == std::errc() && parsed.ptr != end && *parsed.ptr == '_');
    CHECK(migration.version == static_cast<std::int64_t>(migrations.size()) + 1);
    migration.name = file.name.substr(0, file.name.size() - (file.name.ends_with(ours) ? ours.size() : 4));
    migration.text = dialect == Dialect::kSqlite ? std::string(file.text) : to_postgres(file.text);
    migration.checksum = sha256_hex(file.text);
    migrations.push_back(std::move(migration));
  }
  return migrations;
}

Result<void> migrate(Connection& connection, const std::vector<Migration>& migrations, bool apply) {
  std::map<std::int64_t, Applied> applied;
  if (TRY(has_migrations_table(connection))) {
    applied = TRY(applied_migrations(connection));
  } else if (apply) {
    TRY(
        connection.script("CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL, "
                          "checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)"));
  }
  const auto known = static_cast<std::int64_t>(migrations.size());
  if (!applied.empty() && applied.rbegin()->first > known) {
    return conflict("the database has schema version " + std::to_string(applied.rbegin()->first) +
                        ", this program knows versions up to " + std::to_string(known) +
                        ": it was opened by a newer program",
                    "newer_schema");
  }
  for (const auto& migration : migrations) {
    const auto before = applied.find(migration.version);
    if (before == applied.end()) {
      if (!apply) {
        return conflict("the database lacks migration " + migration.name + ": run `kikimimi migrate`",
                        "older_schema");
      }
      TRY(apply_one(connection, migration));
    } else if (before->second.checksum != migration.checksum) {
      return conflict("migration " + migration.name + " was changed after it had run on this database",
                      "changed_migration");
    }
  }
  return {};
}

}  // namespace kiki::store
