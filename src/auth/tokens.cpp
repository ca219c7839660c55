// Rows of api_tokens; the gate reads them for every request that carries one.

#include "auth/tokens.hpp"

#include "auth/secrets.hpp"

namespace kiki::auth {

namespace {

constexpr std::size_t kNameMostBytes = 200;

ApiToken read_token(const store::Row& row) {
  ApiToken token;
  token.id = row.integer(0);
  token.workspace_id = row.integer(1);
  token.account_id = row.integer(2);
  token.role = parse_role(row.text(3));
  token.name = row.string(4);
  token.created_at = row.integer(5);
  token.last_used_at = row.maybe_integer(6);
  token.revoked_at = row.maybe_integer(7);
  return token;
}

}  // namespace

Result<std::vector<ApiToken>> Tokens::list(Id workspace_id, Id after_id, int limit) {
  auto reader = TRY(database_.reader());
  return reader->all(
      "SELECT id, workspace_id, account_id, role, name, created_at, last_used_at, revoked_at FROM api_tokens "
      "WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3",
      {workspace_id, after_id, limit}, read_token);
}

Result<MadeToken> Tokens::create(const NewToken& wanted) {
  return database_.writer().write_result(
      [&](store::Transaction& tx) -> Result<MadeToken> { return create(tx, wanted); });
}

Result<MadeToken> Tokens::create(store::Transaction& tx, const NewToken& wanted) {
  if (wanted.name.find_first_not_of(' ') == std::string::npos) return invalid("The name is empty.", "/name");
  if (wanted.name.size() > kNameMostBytes) return invalid("The name is too long.", "/name");
  MadeToken made;
  made.secret = "kiki_" + random_.token(32);
  made.token.id = ids_.next();
  made.token.workspace_id = wanted.workspace_id;
  made.token.account_id = wanted.account_id;
  made.token.role = wanted.role;
  made.token.name = wanted.name;
  made.token.created_at = clock_.now_ms();
  const std::string hash = secret_hash(made.secret);
  const std::string_view role = wanted.role ? name(*wanted.role) : std::string_view();
  std::optional<Id> account_id;
  if (wanted.account_id != 0) {
    account_id = wanted.account_id;
    const auto account =
        TRY(tx.db().one("SELECT 1 FROM accounts WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL",
                        {wanted.workspace_id, wanted.account_id}, [](const store::Row&) { return true; }));
    if (!account) return not_found("There is no such account.");
  }
  TRY(tx.db().run(
      "INSERT INTO api_tokens (workspace_id, id, account_id, role, name, token_hash, created_by, created_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {wanted.workspace_id, made.token.id, account_id, role, wanted.name, hash, wanted.created_by,
       made.token.created_at}));
  return made;
}

Result<void> Tokens::revoke(Id workspace_id, Id token_id) {
  return database_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto changed = TRY(tx.db().run(
        "UPDATE api_tokens SET revoked_at = COALESCE(revoked_at, $1) WHERE workspace_id = $2 AND id = $3",
        {clock_.now_ms(), workspace_id, token_id}));
    if (changed == 0) return not_found("There is no such token.");
    return {};
  });
}

}  // namespace kiki::auth
