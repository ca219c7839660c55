#pragma once
// For tests in any folder: a desk's people on a store, with a clock that stands still and repeatable secrets.

#include <memory>
#include <string>

#include "auth/invitations.hpp"
#include "auth/login_throttle.hpp"
#include "auth/one_time_links.hpp"
#include "auth/passwords.hpp"
#include "auth/policy.hpp"
#include "auth/sessions.hpp"
#include "auth/tokens.hpp"
#include "auth/users.hpp"
#include "auth/workspaces.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "events/event_log.hpp"
#include "store/database.hpp"

namespace kiki::auth {

inline constexpr const char* kTestPassword = "a long password";

// Somebody with a session.
struct TestPerson {
  Id id = 0;
  std::string token;  // of the cookie
  std::string csrf;
};

struct TestPeople {
  explicit TestPeople(store::Database& db) : database(db) {}

  store::Database& database;
  ManualClock clock;
  SeededRandom random{42};
  IdGenerator ids{clock};
  events::EventBus bus;
  events::EventLog events{bus, clock};
  Passwords passwords{PasswordCost::for_tests()};
  Sessions sessions{database, clock, random};
  Users users{database, clock, ids, passwords, sessions};
  Workspaces workspaces{database, clock, ids, events};
  Invitations invitations{database, clock, random, ids, users, workspaces, sessions};
  Tokens tokens{database, clock, random, ids};
  OneTimeLinks links{database, clock, random, users, workspaces, sessions};
  LoginThrottle throttle{clock};
  Gate gate{database, clock, sessions, GateOptions{}};

  template <class T>
  static T must(Result<T> result) {
    if (!result.ok())
      std::fprintf(stderr, "%s (%s)\n", result.error().message.c_str(), result.error().where.c_str());
    CHECK(result.ok());
    return std::move(result).value();
  }
  static void must(Result<void> result) {
    if (!result.ok())
      std::fprintf(stderr, "%s (%s)\n", result.error().message.c_str(), result.error().where.c_str());
    CHECK(result.ok());
  }

  Id add_user(const std::string& email) {
    const auto user = must(users.prepare({email, "Name of " + email, kTestPassword, "en"}));
    must(database.writer().write([&](store::Transaction& tx) { return users.insert(tx, user); }));
    return user.id;
  }
  TestPerson sign_in(Id user_id) {
    const auto session =
        must(database.writer().write_result([&](store::Transaction& tx) -> Result<NewSession> {
          return sessions.start(tx, user_id, "127.0.0.1", "test");
        }));
    return {user_id, session.token, session.csrf_token};
  }
  Id add_workspace(const std::string& name, Id owner) {
    return must(workspaces.create({name, "Asia/Tokyo", "ja"}, owner));
  }
  void add_member(Id workspace_id, Id user_id, Role role) {
    must(database.writer().write([&](store::Transaction& tx) {
      return workspaces.add_member(tx, workspace_id, user_id, role, user_id);
    }));
  }
  Id add_account(Id workspace_id) {
    const Id id = ids.next();
    must(database.writer().write([&](store::Transaction& tx) -> Result<void> {
      TRY(
          tx.db().run("INSERT INTO accounts (workspace_id, id, network, external_id, handle, created_at) "
                      "VALUES ($1, $2, 'open', $3, 'shop', 0)",
                      {workspace_id, id, "shop-" + to_string(id)}));
      return {};
    }));
    return id;
  }
};

inline net::HttpRequest test_request(std::string method, std::string path,
                                     const TestPerson* person = nullptr) {
  net::HttpRequest request;
  request.method = std::move(method);
  request.path = std::move(path);
  request.target = request.path;
  request.remote_ip = "203.0.113.7";
  request.request_id = "test";
  request.headers.set("Host", "desk.example");
  if (person) {
    request.headers.set("Cookie", std::string(kSessionCookie) + "=" + person->token);
    request.headers.set("X-CSRF-Token", person->csrf);
  }
  return request;
}

}  // namespace kiki::auth
