#include "admin.hpp"

#include <boost/json.hpp>
#include <filesystem>
#include <iostream>

#include "auth/one_time_links.hpp"
#include "auth/passwords.hpp"
#include "auth/sessions.hpp"
#include "auth/users.hpp"
#include "auth/workspaces.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "events/event_log.hpp"
#include "net/local_socket.hpp"
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

Result<std::string> administer(AdminParts parts, std::string_view action, std::string_view email) {
  const auto user = TRY(parts.users.find_by_email(email));
  if (!user) return not_found("Nobody here has this e-mail address.");
  if (action == "login-link") return parts.base_url + "/login#" + TRY(parts.links.make_login_token(user->id));
  if (action == "reset-password") {
    const auto password = parts.random.token(12);
    TRY(parts.users.set_password(user->id, password));
    return "New password for " + user->email + ": " + password;
  }
  if (action == "disable" || action == "enable") {
    TRY(parts.users.set_disabled(user->id, action == "disable"));
    return user->email + (action == "disable" ? " is disabled." : " is enabled.");
  }
  return invalid("Expected login-link, reset-password, disable or enable.", std::string(action));
}

std::string answer_admin(AdminParts parts, std::string_view request) {
  const auto done = [&]() -> Result<std::string> {
    const auto document = TRY(JsonDocument::parse(request));
    return administer(parts, TRY(document.root()["action"].string(100)),
                      TRY(document.root()["email"].string(1'000)));
  }();
  if (done.ok()) return json::serialize(json::object{{"answer", *done}});
  log::warning("a local command was refused", done.error());
  return json::serialize(json::object{{"error", done.error().message}, {"where", done.error().where}});
}

Result<void> administer(const Config& config, std::string_view action, std::string_view email) {
  const auto request = json::serialize(json::object{{"action", action}, {"email", email}});
  const auto asked = net::ask_local(config.text("data"), kAdminSocket, request);
  if (asked.ok()) {
    const auto document = TRY(JsonDocument::parse(*asked));
    const auto root = document.root();
    if (root["error"].exists()) return invalid(TRY(root["error"].string()), TRY(root["where"].string_or("")));
    std::cout << TRY(root["answer"].string()) << "\n";
    return {};
  }
  if (asked.error().kind != ErrorKind::kNotFound) return asked.error();
  Desk desk(TRY(open_store(config)));
  std::cout << TRY(administer({desk.users, desk.links, desk.random, base_url(config)}, action, email))
            << "\n";
  desk.db->close();
  return {};
}

}  // namespace kiki
