// The same tokens in two shapes: FTS5 rows and MATCH strings, tsvector literals and tsquery strings.
// Everything that differs between the stores stands in the statements and the four functions that make
// documents and queries.

#include "search/search_index.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "text/bigram.hpp"

namespace kiki::search {
namespace {

using store::Connection;
using store::Dialect;
using store::Row;
using store::Transaction;

// PostgreSQL's tsvector ends at 1 MB, positions included. The rest of a longer text is not indexed, in
// neither store.
constexpr std::size_t kDocumentLimitBytes = 900'000;
constexpr std::size_t kTokenOverheadBytes = 10;  // position, entry and padding in a tsvector

// The statements of one kind of thing; table names are ours.
struct Index {
  std::string_view sqlite_add;
  std::string_view sqlite_remove;
  std::string_view sqlite_find;
  std::string_view postgres_add;
  std::string_view postgres_remove;
  std::string_view postgres_find;
};
#define KIKI_SEARCH_INDEX(table)                                                                       \
  {"INSERT INTO " table " (rowid, tokens) VALUES ($1, $2)",                                            \
   "INSERT INTO " table " (" table ", rowid, tokens) VALUES ('delete', $1, $2)",                       \
   "SELECT rowid FROM " table " WHERE " table " MATCH $1 AND rowid < $2 ORDER BY rowid DESC LIMIT $3", \
   "INSERT INTO " table " (workspace_id, id, tokens) VALUES ($1, $2, $3::tsvector)",                   \
   "DELETE FROM " table " WHERE workspace_id = $1 AND id = $2",                                        \
   "SELECT id FROM " table                                                                             \
   " WHERE tokens @@ $1::tsquery AND workspace_id = $4 AND id < $2 ORDER BY id DESC LIMIT $3"}
constexpr Index kPosts = KIKI_SEARCH_INDEX("post_index");
constexpr Index kIdentities = KIKI_SEARCH_INDEX("identity_index");
constexpr Index kCases = KIKI_SEARCH_INDEX("case_index");
#undef KIKI_SEARCH_INDEX

// In front of every token: posting lists are per workspace, and a search never walks through another brand's
// posts.
std::string workspace_prefix(Id workspace_id) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), workspace_id, 36);
  return std::string(digits.data(), end.ptr) + "|";
}

std::vector<std::string> document_tokens(std::string_view text, std::size_t prefix_bytes) {
  auto tokens = text::index_tokens(text);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    bytes += tokens[i].size() + prefix_bytes + kTokenOverheadBytes;
    if (bytes > kDocumentLimitBytes) {
      tokens.resize(i);
      break;
    }
  }
  return tokens;
}

// Tokens hold no space, quote or backslash (text/bigram.hpp), so neither form needs escaping.
std::string sqlite_document(Id workspace_id, std::string_view text) {
  const auto prefix = workspace_prefix(workspace_id);
  std::string document;
  for (const auto& token : document_tokens(text, prefix.size())) {
    if (!document.empty()) document += ' ';
    document += prefix;
    document += token;
  }
  return document;
}

std::string postgres_document(Id workspace_id, std::string_view text) {
  const auto prefix = workspace_prefix(workspace_id);
  std::string document;
  std::size_t position = 0;
  for (const auto& token : document_tokens(text, prefix.size())) {
    document += '\'';
    document += prefix;
    document += token;
    document += "':" + std::to_string(++position) + " ";
  }
  return document;
}

// "w|東京 w|京都"
std::string sqlite_phrase(std::string_view prefix, const text::Phrase& phrase) {
  std::string query = "\"";
  for (std::size_t i = 0; i < phrase.tokens.size(); ++i) {
    if (i > 0) query += ' ';
    query += prefix;
    query += phrase.tokens[i];
  }
  return query += phrase.last_is_prefix ? "\" *" : "\"";
}

// ('w|東京' <-> 'w|京都')
std::string postgres_phrase(std::string_view prefix, const text::Phrase& phrase) {
  std::string query = "(";
  for (std::size_t i = 0; i < phrase.tokens.size(); ++i) {
    if (i > 0) query += " <-> ";
    query += '\'';
    query += prefix;
    query += phrase.tokens[i];
    query += '\'';
  }
  return query += phrase.last_is_prefix ? ":*)" : ")";
}

// "w|東京 w|京都" AND "w|iph" *
std::string sqlite_query(Id workspace_id, const std::vector<text::Phrase>& phrases) {
  const auto prefix = workspace_prefix(workspace_id);
  std::string query;
  for (const auto& phrase : phrases) {
    if (!query.empty()) query += " AND ";
    query += sqlite_phrase(prefix, phrase);
  }
  return query;
}

// ('w|東京' <-> 'w|京都') & ('w|iph':*)
std::string postgres_query(Id workspace_id, const std::vector<text::Phrase>& phrases) {
  const auto prefix = workspace_prefix(workspace_id);
  std::string query;
  for (const auto& phrase : phrases) {
    if (!query.empty()) query += " & ";
    query += postgres_phrase(prefix, phrase);
  }
  return query;
}

std::size_t count_phrases(const Condition& condition) {
  if (condition.kind == Condition::Kind::kPhrase) return 1;
  std::size_t count = 0;
  for (const auto& part : condition.parts) count += count_phrases(part);
  return count;
}

std::string condition_query(Dialect dialect, std::string_view prefix, const Condition& condition) {
  const bool is_sqlite = dialect == Dialect::kSqlite;
  if (condition.kind == Condition::Kind::kPhrase) {
    return is_sqlite ? sqlite_phrase(prefix, condition.phrase) : postgres_phrase(prefix, condition.phrase);
  }
  const bool all = condition.kind == Condition::Kind::kAll;
  const std::string_view joint = is_sqlite ? (all ? " AND " : " OR ") : (all ? " & " : " | ");
  std::string query = "(";
  for (const auto& part : condition.parts) {
    if (query.size() > 1) query += joint;
    query += condition_query(dialect, prefix, part);
  }
  return query += ')';
}

std::string document_of(Dialect dialect, Id workspace_id, std::string_view text) {
  return dialect == Dialect::kSqlite ? sqlite_document(workspace_id, text)
                                     : postgres_document(workspace_id, text);
}

Result<void> add_document(Transaction& tx, const Index& index, Id workspace_id, Id id,
                          std::string_view document) {
  if (document.empty()) return {};
  auto& db = tx.db();
  if (db.dialect() == Dialect::kSqlite) {
    TRY(db.run(index.sqlite_add, {id, document}));
  } else {
    TRY(db.run(index.postgres_add, {workspace_id, id, document}));
  }
  return {};
}

Result<void> add(Transaction& tx, const Index& index, Id workspace_id, Id id, std::string_view text) {
  return add_document(tx, index, workspace_id, id, document_of(tx.db().dialect(), workspace_id, text));
}

Result<void> remove(Transaction& tx, const Index& index, Id workspace_id, Id id, std::string_view old_text) {
  auto& db = tx.db();
  if (db.dialect() == Dialect::kSqlite) {
    const auto document = sqlite_document(workspace_id, old_text);
    if (!document.empty()) TRY(db.run(index.sqlite_remove, {id, document}));
  } else {
    TRY(db.run(index.postgres_remove, {workspace_id, id}));
  }
  return {};
}

Result<std::vector<Id>> find(Connection& db, const Index& index, Id workspace_id, std::string_view query,
                             Id before, std::size_t limit) {
  if (query.size() > kQueryLimitBytes) return invalid("the search is too long", "query");
  const auto phrases = text::query_tokens(query);
  if (phrases.empty() || limit == 0) return std::vector<Id>();
  if (before <= 0) before = INT64_MAX;
  limit = std::min(limit, kResultLimit);
  const auto id = [](const Row& row) { return row.integer(0); };
  if (db.dialect() == Dialect::kSqlite) {
    return db.all(index.sqlite_find, {sqlite_query(workspace_id, phrases), before, limit}, id);
  }
  return db.all(index.postgres_find, {postgres_query(workspace_id, phrases), before, limit, workspace_id},
                id);
}

std::string identity_text(std::string_view name, std::string_view handle) {
  return std::string(name) + "\n" + std::string(handle);
}

// 12 or #12, also in full-width digits as an input method writes them.
std::optional<std::int64_t> case_number(std::string_view query) {
  const auto folded = text::fold(query);
  std::string_view digits = folded;
  while (!digits.empty() && digits.front() == ' ') digits.remove_prefix(1);
  while (!digits.empty() && digits.back() == ' ') digits.remove_suffix(1);
  if (!digits.empty() && digits.front() == '#') digits.remove_prefix(1);
  std::int64_t number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() ||
      number <= 0)
    return {};
  return number;
}

}  // namespace

Result<void> index_post(Transaction& tx, Id workspace_id, Id post_id, std::string_view text) {
  return add(tx, kPosts, workspace_id, post_id, text);
}
std::string post_document(Dialect dialect, Id workspace_id, std::string_view text) {
  return document_of(dialect, workspace_id, text);
}
Result<void> index_post_document(Transaction& tx, Id workspace_id, Id post_id, std::string_view document) {
  return add_document(tx, kPosts, workspace_id, post_id, document);
}
Result<void> remove_post(Transaction& tx, Id workspace_id, Id post_id, std::string_view old_text) {
  return remove(tx, kPosts, workspace_id, post_id, old_text);
}
Result<std::vector<Id>> search_posts(Connection& connection, Id workspace_id, std::string_view query,
                                     Id before_post_id, std::size_t limit) {
  return find(connection, kPosts, workspace_id, query, before_post_id, limit);
}

Result<std::vector<Id>> find_posts(Connection& connection, Id workspace_id, const Condition& condition,
                                   Id after_post_id, std::size_t limit) {
  if (count_phrases(condition) > kConditionLimitPhrases) return invalid("the search is too long", "query");
  const auto query = condition_query(connection.dialect(), workspace_prefix(workspace_id), condition);
  const auto id = [](const Row& row) { return row.integer(0); };
  if (connection.dialect() == Dialect::kSqlite) {
    return connection.all(
        "SELECT rowid FROM post_index WHERE post_index MATCH $1 AND rowid > $2 ORDER BY rowid DESC LIMIT $3",
        {query, after_post_id, limit}, id);
  }
  return connection.all(
      "SELECT id FROM post_index WHERE tokens @@ $1::tsquery AND workspace_id = $2 AND id > $3 ORDER BY id "
      "DESC LIMIT $4",
      {query, workspace_id, after_post_id, limit}, id);
}

Result<void> index_identity(Transaction& tx, Id workspace_id, Id identity_id, std::string_view name,
                            std::string_view handle) {
  return add(tx, kIdentities, workspace_id, identity_id, identity_text(name, handle));
}
Result<void> remove_identity(Transaction& tx, Id workspace_id, Id identity_id, std::string_view old_name,
                             std::string_view old_handle) {
  return remove(tx, kIdentities, workspace_id, identity_id, identity_text(old_name, old_handle));
}
Result<std::vector<Id>> search_identities(Connection& connection, Id workspace_id, std::string_view query,
                                          Id before_identity_id, std::size_t limit) {
  return find(connection, kIdentities, workspace_id, query, before_identity_id, limit);
}

Result<void> index_case(Transaction& tx, Id workspace_id, Id case_id, std::string_view title) {
  return add(tx, kCases, workspace_id, case_id, title);
}
Result<void> remove_case(Transaction& tx, Id workspace_id, Id case_id, std::string_view old_title) {
  return remove(tx, kCases, workspace_id, case_id, old_title);
}
Result<std::vector<Id>> search_cases(Connection& connection, Id workspace_id, std::string_view query,
                                     std::size_t limit) {
  auto ids = TRY(find(connection, kCases, workspace_id, query, 0, limit));
  if (const auto number = case_number(query); number && limit > 0) {
    const auto found =
        TRY(connection.one("SELECT id FROM cases WHERE workspace_id = $1 AND number = $2",
                           {workspace_id, *number}, [](const Row& row) { return row.integer(0); }));
    if (found) {
      ids.erase(std::remove(ids.begin(), ids.end(), *found), ids.end());
      ids.insert(ids.begin(), *found);
      if (ids.size() > limit) ids.pop_back();
    }
  }
  return ids;
}

}  // namespace kiki::search
