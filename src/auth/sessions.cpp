// Found by the hash of the cookie: who reads the database cannot sign in with what stands there.

#include "auth/sessions.hpp"

#include "auth/secrets.hpp"

namespace kiki::auth {

namespace {
constexpr std::size_t kTokenChars = 43;  // 32 bytes as base64url
constexpr std::size_t kStoredAgentBytes = 200;
}  // namespace

Result<NewSession> Sessions::start(store::Transaction& tx, Id user_id, std::string_view remote_ip,
                                   std::string_view user_agent) {
  const TimeMs now = clock_.now_ms();
  NewSession made{random_.token(32), random_.token(24)};
  std::string agent(user_agent.substr(0, kStoredAgentBytes));
  for (char& c : agent) {
    if (c < 0x20 || c > 0x7e) c = '?';  // a cut must not leave half a character
  }
  TRY(tx.db().run("DELETE FROM sessions WHERE expires_at <= $1", {now}));
  const std::string hash = secret_hash(made.token);
  TRY(
      tx.db().run("INSERT INTO sessions (token_hash, user_id, csrf_token, created_at, last_seen_at, "
                  "expires_at, remote_ip, user_agent) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                  {hash, user_id, made.csrf_token, now, now, now + kSessionLifeMs, remote_ip, agent}));
  return made;
}

Result<std::optional<Session>> Sessions::find(std::string_view token) {
  if (token.size() != kTokenChars) return std::optional<Session>();
  const TimeMs now = clock_.now_ms();
  const std::string hash = secret_hash(token);
  TimeMs last_seen_at = 0;
  std::optional<Session> found;
  {
    auto reader = TRY(database_.reader());
    found = TRY(reader->one(
        "SELECT s.csrf_token, s.user_id, u.name, u.email, u.language, s.last_seen_at FROM sessions s "
        "JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.disabled_at IS "
        "NULL",
        {hash, now}, [&](const store::Row& row) {
          last_seen_at = row.integer(5);
          return Session{hash, row.string(0), row.integer(1), row.string(2), row.string(3), row.string(4)};
        }));
  }
  if (found && now - last_seen_at >= kSessionSeenEveryMs) touch(hash, now);
  return found;
}

Result<bool> Sessions::is_alive(std::string_view token_hash) {
  auto reader = TRY(database_.reader());
  const auto row =
      TRY(reader->one("SELECT 1 FROM sessions s JOIN users u ON u.id = s.user_id "
                      "WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL",
                      {token_hash, clock_.now_ms()}, [](const store::Row&) { return true; }));
  return row.has_value();
}

void Sessions::touch(const std::string& token_hash, TimeMs now) {
  // Nobody waits for it; when the writer is too busy the next request tries again.
  database_.writer().write_async(
      [token_hash, now](store::Transaction& tx) -> Result<void> {
        TRY(
            tx.db().run("UPDATE sessions SET last_seen_at = $1, expires_at = $2 WHERE token_hash = $3 AND "
                        "last_seen_at < $1",
                        {now, now + kSessionLifeMs, token_hash}));
        return {};
      },
      [](const Result<void>&) {});
}

Result<void> Sessions::end(std::string_view token_hash) {
  return database_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto user_id = TRY(tx.db().one("DELETE FROM sessions WHERE token_hash = $1 RETURNING user_id",
                                         {token_hash}, [](const store::Row& row) { return row.integer(0); }));
    if (user_id && on_end_) tx.after_commit([this, id = *user_id] { on_end_(id); });
    return {};
  });
}

Result<void> Sessions::end_others(store::Transaction& tx, Id user_id, std::string_view kept_token_hash) {
  TRY(tx.db().run("DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2",
                  {user_id, kept_token_hash}));
  if (on_end_) tx.after_commit([this, user_id] { on_end_(user_id); });
  return {};
}

}  // namespace kiki::auth
