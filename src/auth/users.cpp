// Slow work (hashing) is done before the transaction, on the pool of passwords; the writer never waits for
// it.

#include "auth/users.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace kiki::auth {

namespace {

constexpr std::size_t kEmailMostBytes = 254;
constexpr std::size_t kNameMostBytes = 200;
constexpr std::size_t kInitialsMostBytes = 16;

constexpr std::string_view kColumns = "id, email, name, initials, language, preferences, disabled_at";

User read_user(const store::Row& row) {
  return User{row.integer(0), row.string(1), row.string(2), row.string(3),
              row.string(4),  row.string(5), !row.null(6)};
}

Error wrong_credentials() {
  return {ErrorKind::kUnauthenticated,
          "The e-mail address or the password is wrong.",
          {},
          "wrong_credentials",
          0};
}

Result<void> check_name(std::string_view name) {
  const bool is_blank = std::all_of(name.begin(), name.end(), [](char c) { return c == ' ' || c == '\t'; });
  if (is_blank) return invalid("The name is empty.", "/name");
  if (name.size() > kNameMostBytes) return invalid("The name is too long.", "/name");
  return {};
}

Result<void> check_language(std::string_view language) {
  if (language == "ja" || language == "en") return {};
  return invalid("Expected \"ja\" or \"en\".", "/language");
}

}  // namespace

Result<std::string> fold_email(std::string_view email) {
  while (!email.empty() && email.front() == ' ') email.remove_prefix(1);
  while (!email.empty() && email.back() == ' ') email.remove_suffix(1);
  std::string folded(email);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  const std::size_t at = folded.find('@');
  const bool has_shape = at != std::string::npos && at > 0 && at + 1 < folded.size() &&
                         folded.find('@', at + 1) == std::string::npos && folded.size() <= kEmailMostBytes;
  const bool has_bad_char = std::any_of(folded.begin(), folded.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '<' || c == '>' || c == ',' || c == '"';
  });
  if (!has_shape || has_bad_char) return invalid("This is no e-mail address.", "/email");
  return folded;
}

std::string initials_of(std::string_view name) {
  std::string initials;
  int taken = 0;
  bool at_start = true;
  for (std::size_t i = 0; i < name.size() && taken < 2;) {
    const auto lead = static_cast<unsigned char>(name[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const std::string_view character = name.substr(i, length);
    const bool is_space = character == " " || character == "　";
    if (!is_space && at_start) {
      initials += character;
      ++taken;
    }
    at_start = is_space;
    i += length;
  }
  for (char& c : initials) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return initials;
}

Result<bool> Users::exist() {
  auto reader = TRY(database_.reader());
  return TRY(reader->one("SELECT 1 FROM users LIMIT 1", {}, [](const store::Row&) { return true; }))
      .has_value();
}

Result<std::optional<User>> Users::find(Id user_id) {
  auto reader = TRY(database_.reader());
  return reader->one("SELECT " + std::string(kColumns) + " FROM users WHERE id = $1", {user_id}, read_user);
}

Result<std::optional<User>> Users::find_by_email(std::string_view email) {
  const auto folded = fold_email(email);
  if (!folded.ok()) return std::optional<User>();
  auto reader = TRY(database_.reader());
  return reader->one("SELECT " + std::string(kColumns) + " FROM users WHERE email = $1", {*folded},
                     read_user);
}

Result<Users::Prepared> Users::prepare(const NewUser& wanted) {
  Prepared user;
  user.email = TRY(fold_email(wanted.email));
  TRY(check_name(wanted.name));
  TRY(check_language(wanted.language));
  TRY(Passwords::check_strength(wanted.password, "/password"));
  user.id = ids_.next();
  user.name = wanted.name;
  user.initials = initials_of(wanted.name);
  user.language = wanted.language;
  user.password_hash = TRY(passwords_.hash(wanted.password));
  return user;
}

Result<void> Users::insert(store::Transaction& tx, const Prepared& user) {
  const auto taken = TRY(tx.db().one("SELECT 1 FROM users WHERE email = $1", {user.email},
                                     [](const store::Row&) { return true; }));
  if (taken)
    return conflict("There is somebody with this e-mail address already. Sign in first.", "email_taken");
  TRY(tx.db().run(
      "INSERT INTO users (id, email, name, initials, password_hash, language, created_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {user.id, user.email, user.name, user.initials, user.password_hash, user.language, clock_.now_ms()}));
  return {};
}

Result<std::string> Users::password_hash(Id user_id) {
  auto reader = TRY(database_.reader());
  const auto hash = TRY(reader->one("SELECT password_hash FROM users WHERE id = $1", {user_id},
                                    [](const store::Row& row) { return row.string(0); }));
  if (!hash) return not_found("There is no such person.");
  return *hash;
}

Result<User> Users::check_password(std::string_view email, std::string_view password) {
  const auto user = TRY(find_by_email(email));
  if (!user) {
    TRY(passwords_.verify_nobody(password));
    return wrong_credentials();
  }
  const std::string hash = TRY(password_hash(user->id));
  if (!TRY(passwords_.verify(hash, password)) || user->disabled) return wrong_credentials();
  if (passwords_.needs_rehash(hash)) {
    const std::string renewed = TRY(passwords_.hash(password));
    const auto stored = database_.writer().write([&](store::Transaction& tx) -> Result<void> {
      TRY(tx.db().run("UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3",
                      {renewed, user->id, hash}));
      return {};
    });
    if (!stored.ok()) log::warning("password hash not renewed", stored.error(), {{"user_id", user->id}});
  }
  return *user;
}

Result<void> Users::update(Id user_id, const UserChanges& changes) {
  if (changes.name) TRY(check_name(*changes.name));
  if (changes.language) TRY(check_language(*changes.language));
  if (changes.initials && changes.initials->size() > kInitialsMostBytes) {
    return invalid("The initials are too long.", "/initials");
  }
  return database_.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run(
        "UPDATE users SET name = COALESCE($1, name), initials = COALESCE($2, initials), "
        "language = COALESCE($3, language), preferences = COALESCE($4, preferences) WHERE id = $5",
        {changes.name, changes.initials, changes.language, changes.preferences, user_id}));
    return {};
  });
}

Result<void> Users::store_password(Id user_id, std::string_view next, std::string_view kept_session_hash) {
  const std::string hash = TRY(passwords_.hash(next));
  return database_.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("UPDATE users SET password_hash = $1 WHERE id = $2", {hash, user_id}));
    return sessions_.end_others(tx, user_id, kept_session_hash);
  });
}

Result<void> Users::change_password(Id user_id, std::string_view current, std::string_view next,
                                    std::string_view kept_session_hash) {
  TRY(Passwords::check_strength(next, "/new"));
  if (!TRY(passwords_.verify(TRY(password_hash(user_id)), current))) {
    return Error{ErrorKind::kForbidden, "The present password is wrong.", "/current", "wrong_password", 0};
  }
  return store_password(user_id, next, kept_session_hash);
}

Result<void> Users::set_password(Id user_id, std::string_view next) {
  TRY(Passwords::check_strength(next, "/password"));
  return store_password(user_id, next, "");
}

Result<void> Users::set_disabled(Id user_id, bool disabled) {
  return database_.writer().write([&](store::Transaction& tx) -> Result<void> {
    if (!disabled) {
      TRY(tx.db().run("UPDATE users SET disabled_at = NULL WHERE id = $1", {user_id}));
      return {};
    }
    const auto orphan = TRY(
        tx.db().one("SELECT 1 FROM memberships m WHERE m.user_id = $1 AND m.role = 'owner' AND NOT EXISTS ("
                    "SELECT 1 FROM memberships o JOIN users u ON u.id = o.user_id "
                    "WHERE o.workspace_id = m.workspace_id AND o.role = 'owner' AND o.user_id <> $1 AND "
                    "u.disabled_at IS NULL) "
                    "LIMIT 1",
                    {user_id}, [](const store::Row&) { return true; }));
    if (orphan) return conflict("A workspace would be left without an owner.", "last_owner");
    const auto changed =
        TRY(tx.db().run("UPDATE users SET disabled_at = $1 WHERE id = $2", {clock_.now_ms(), user_id}));
    if (changed == 0) return not_found("There is no such person.");
    return sessions_.end_others(tx, user_id, "");
  });
}

}  // namespace kiki::auth
