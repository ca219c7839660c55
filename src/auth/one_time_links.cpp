// meta "setup_token_hash": SHA-256 of the set-up token. meta "login_link.<SHA-256>": "<user id> <expires
// at>".

#include "auth/one_time_links.hpp"

#include <charconv>

#include "auth/secrets.hpp"
#include "net/hmac.hpp"

namespace kiki::auth {

namespace {

constexpr std::string_view kSetupKey = "setup_token_hash";
constexpr std::string_view kLoginPrefix = "login_link.";

Error wrong_token(ErrorKind kind) {
  return {kind, "This link has been used, has expired, or is not complete.", "/token", "wrong_token", 0};
}

struct LoginLink {
  Id user_id = 0;
  TimeMs expires_at = 0;
};

LoginLink parse_login_link(std::string_view text) {
  LoginLink link;
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return link;
  link.user_id = parse_id(text.substr(0, space)).value_or(0);
  std::from_chars(text.data() + space + 1, text.data() + text.size(), link.expires_at);
  return link;
}

Result<bool> anybody_here(store::Connection& db) {
  return TRY(db.one("SELECT 1 FROM users LIMIT 1", {}, [](const store::Row&) { return true; })).has_value();
}

}  // namespace

Result<std::optional<std::string>> OneTimeLinks::make_setup_token() {
  const std::string token = random_.token(24);
  const std::string hash = secret_hash(token);
  return database_.writer().write_result([&](store::Transaction& tx) -> Result<std::optional<std::string>> {
    if (TRY(anybody_here(tx.db()))) {
      TRY(tx.db().run("DELETE FROM meta WHERE key = $1", {kSetupKey}));
      return std::optional<std::string>();
    }
    TRY(
        tx.db().run("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = "
                    "excluded.value",
                    {kSetupKey, hash}));
    return std::optional<std::string>(token);
  });
}

Result<SetUp> OneTimeLinks::make_first(store::Transaction& tx, const Users::Prepared& owner,
                                       const NewWorkspace& workspace) {
  SetUp made;
  made.user_id = owner.id;
  TRY(users_.insert(tx, owner));
  made.workspace_id = TRY(workspaces_.create(tx, workspace, owner.id));
  TRY(tx.db().run("DELETE FROM meta WHERE key = $1", {kSetupKey}));
  return made;
}

Result<SetUp> OneTimeLinks::set_up(std::string_view token, const NewUser& owner,
                                   const NewWorkspace& workspace, std::string_view remote_ip,
                                   std::string_view user_agent) {
  const std::string hash = secret_hash(token);
  const auto check = [&](store::Connection& db) -> Result<void> {
    if (TRY(anybody_here(db))) return conflict("This desk has been set up already.", "already_set_up");
    const auto stored = TRY(db.one("SELECT value FROM meta WHERE key = $1", {kSetupKey},
                                   [](const store::Row& row) { return row.string(0); }));
    if (!stored || !net::equal_constant_time(*stored, hash)) return wrong_token(ErrorKind::kForbidden);
    return {};
  };
  {
    auto reader = TRY(database_.reader());
    TRY(check(*reader));  // before the slow work
  }
  TRY(Workspaces::check(workspace));
  const auto prepared = TRY(users_.prepare(owner));
  return database_.writer().write_result([&](store::Transaction& tx) -> Result<SetUp> {
    TRY(check(tx.db()));
    SetUp made = TRY(make_first(tx, prepared, workspace));
    made.session = TRY(sessions_.start(tx, prepared.id, remote_ip, user_agent));
    return made;
  });
}

Result<SetUp> OneTimeLinks::set_up_locally(const NewUser& owner, const NewWorkspace& workspace) {
  const auto prepared = TRY(users_.prepare(owner));
  return database_.writer().write_result([&](store::Transaction& tx) -> Result<SetUp> {
    if (TRY(anybody_here(tx.db()))) return conflict("This desk has been set up already.", "already_set_up");
    return make_first(tx, prepared, workspace);
  });
}

Result<std::string> OneTimeLinks::make_login_token(Id user_id) {
  const std::string token = random_.token(32);
  const std::string key = std::string(kLoginPrefix) + secret_hash(token);
  const std::string value = to_string(user_id) + " " + std::to_string(clock_.now_ms() + kLoginLinkLifeMs);
  TRY(database_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto old =
        TRY(tx.db().all("SELECT key, value FROM meta WHERE key LIKE 'login_link.%'", {},
                        [](const store::Row& row) { return std::pair(row.string(0), row.string(1)); }));
    for (const auto& [old_key, old_value] : old) {
      if (parse_login_link(old_value).expires_at > clock_.now_ms()) continue;
      TRY(tx.db().run("DELETE FROM meta WHERE key = $1", {old_key}));
    }
    TRY(tx.db().run("INSERT INTO meta (key, value) VALUES ($1, $2)", {key, value}));
    return {};
  }));
  return token;
}

Result<SignedIn> OneTimeLinks::sign_in(std::string_view token, std::string_view remote_ip,
                                       std::string_view user_agent) {
  const std::string key = std::string(kLoginPrefix) + secret_hash(token);
  return database_.writer().write_result([&](store::Transaction& tx) -> Result<SignedIn> {
    const auto value = TRY(tx.db().one("DELETE FROM meta WHERE key = $1 RETURNING value", {key},
                                       [](const store::Row& row) { return row.string(0); }));
    if (!value) return wrong_token(ErrorKind::kUnauthenticated);
    const LoginLink link = parse_login_link(*value);
    const auto enabled = TRY(tx.db().one("SELECT 1 FROM users WHERE id = $1 AND disabled_at IS NULL",
                                         {link.user_id}, [](const store::Row&) { return true; }));
    if (!enabled || link.expires_at <= clock_.now_ms()) return wrong_token(ErrorKind::kUnauthenticated);
    return SignedIn{link.user_id, TRY(sessions_.start(tx, link.user_id, remote_ip, user_agent))};
  });
}

}  // namespace kiki::auth
