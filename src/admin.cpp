#include "admin.hpp"

#include <boost/json.hpp>
#include <filesystem>
#include <iostream>

#include "auth/one_time_links.hpp"
#include "auth/passwords.hpp"
#include "auth/sessions.hpp"
#include "auth/users.hpp"
#include "auth/workspaces.hpp"
#include "base/random.hpp"
#include "events/event_log.hpp"
#include "store/database.hpp"
#include "store_url.hpp"

namespace kiki {

namespace {

// What people-related work needs, without a server around it.
struct Desk {
  explicit Desk(std::unique_ptr<store::Database> database) : db(std::move(database)) {}
  SystemClock clock;
  SystemRandom random;
  IdGenerator ids{clock};
  events::EventBus bus;
  events::EventLog log{bus, clock};
  std::unique_ptr<store::Database> db;
  auth::Passwords passwords;
  auth::Sessions sessions{*db, clock, random};
  auth::Users users{*db, clock, ids, passwords, sessions};
  auth::Workspaces workspaces{*db, clock, ids, log};
  auth::OneTimeLinks links{*db, clock, random, users, workspaces, sessions};
};

Result<std::unique_ptr<store::Database>> open_store(const Config& config) {
  return store::open({.url = store_url(config), .readers = 2});
}

std::string base_url(const Config& config) {
  const auto& configured = config.text("public_url");
  return configured.empty() ? "http://" + config.text("listen") : configured;
}

}  // namespace

Result<void> migrate(const Config& config) {
  auto db = TRY(open_store(config));
  std::cout << "The database is up to date.\n";
  db->close();
  return {};
}

Result<void> administer(const Config& config, std::string_view action, std::string_view email) {
  Desk desk(TRY(open_store(config)));
  const auto user = TRY(desk.users.find_by_email(email));
  if (!user) return not_found("Nobody here has this e-mail address.");
  if (action == "login-link") {
    std::cout << base_url(config) << "/login#" << TRY(desk.links.make_login_token(user->id)) << "\n";
  } else if (action == "reset-password") {
    const auto password = desk.random.token(12);
    TRY(desk.users.set_password(user->id, password));
    std::cout << "New password for " << user->email << ": " << password << "\n";
  } else if (action == "disable" || action == "enable") {
    TRY(desk.users.set_disabled(user->id, action == "disable"));
    std::cout << user->email << (action == "disable" ? " is disabled.\n" : " is enabled.\n");
  } else {
    return invalid("Expected login-link, reset-password, disable or enable.", std::string(action));
  }
  desk.db->close();
  return {};
}

}  // namespace kiki
