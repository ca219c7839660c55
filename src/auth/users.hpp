#pragma once
// The people who work at the desk, over all workspaces.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "auth/passwords.hpp"
#include "auth/sessions.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "store/database.hpp"

namespace kiki::auth {

struct User {
  Id id = 0;
  std::string email;
  std::string name;
  std::string initials;
  std::string language;
  std::string preferences;  // JSON object
  bool disabled = false;
};

struct NewUser {
  std::string email;
  std::string name;
  std::string password;
  std::string language;
};

struct UserChanges {
  std::optional<std::string> name;
  std::optional<std::string> initials;
  std::optional<std::string> language;
  std::optional<std::string> preferences;  // JSON object, checked by the caller
};

// Lower case (ASCII), without surrounding spaces. kInvalid (where "/email") for what is no address.
Result<std::string> fold_email(std::string_view email);
// First letters of the words of a name; its first character for a name in one word or without spaces.
std::string initials_of(std::string_view name);

class Users {
 public:
  Users(store::Database& database, const Clock& clock, IdGenerator& ids, Passwords& passwords,
        Sessions& sessions)
      : database_(database), clock_(clock), ids_(ids), passwords_(passwords), sessions_(sessions) {}

  Result<bool> exist();  // is there anybody yet?
  Result<std::optional<User>> find(Id user_id);
  Result<std::optional<User>> find_by_email(std::string_view email);

  // Checks everything that needs no transaction and hashes the password (slow): the row for insert().
  struct Prepared {
    Id id = 0;
    std::string email, name, initials, language, password_hash;
  };
  Result<Prepared> prepare(const NewUser& wanted);
  // kConflict with code "email_taken".
  Result<void> insert(store::Transaction& tx, const Prepared& user);

  // Who has this e-mail and password? Everybody else is kUnauthenticated with code "wrong_credentials", after
  // the same work, whether the address is known, the password wrong, or the person disabled.
  Result<User> check_password(std::string_view email, std::string_view password);
  Result<void> update(Id user_id, const UserChanges& changes);
  // kForbidden with code "wrong_password" (where "/current"); ends all sessions but the given one.
  Result<void> change_password(Id user_id, std::string_view current, std::string_view next,
                               std::string_view kept_session_hash);
  // For administration on the command line: without the old one. Ends all sessions.
  Result<void> set_password(Id user_id, std::string_view next);
  // Disabling ends all sessions at once. The last enabled owner of a workspace cannot be disabled: kConflict
  // "last_owner".
  Result<void> set_disabled(Id user_id, bool disabled);

 private:
  Result<std::string> password_hash(Id user_id);
  Result<void> store_password(Id user_id, std::string_view next, std::string_view kept_session_hash);

  store::Database& database_;
  const Clock& clock_;
  IdGenerator& ids_;
  Passwords& passwords_;
  Sessions& sessions_;
};

}  // namespace kiki::auth
