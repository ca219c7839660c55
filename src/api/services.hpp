#pragma once
// What the handlers work with, filled once in server.cpp before the first request. A route file takes what it
// needs at the time of the call (services.cases->…), so the table of routes can be made, and tested, without
// the services. A stage that the API needs adds its own pointer here, with a forward declaration: no stage's
// header is included.

#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"

namespace kiki::store {
class Database;
}
namespace kiki::events {
class EventLog;
}
namespace kiki::auth {
class Gate;
class Sessions;
class Users;
class Workspaces;
class Invitations;
class Tokens;
class OneTimeLinks;
class LoginThrottle;
}  // namespace kiki::auth
namespace kiki::live {
class Hub;
class PresenceRegistry;
}  // namespace kiki::live

namespace kiki::api {

struct Services {
  // the ground
  store::Database* database = nullptr;
  const Clock* clock = nullptr;
  Random* random = nullptr;
  IdGenerator* ids = nullptr;
  events::EventLog* events = nullptr;
  // people who work here
  auth::Gate* gate = nullptr;
  auth::Sessions* sessions = nullptr;
  auth::Users* users = nullptr;
  auth::Workspaces* workspaces = nullptr;
  auth::Invitations* invitations = nullptr;
  auth::Tokens* tokens = nullptr;
  auth::OneTimeLinks* one_time_links = nullptr;
  auth::LoginThrottle* login_throttle = nullptr;
  // live
  live::Hub* live = nullptr;
  live::PresenceRegistry* presence = nullptr;
  // settings
  std::string public_url;  // for links that people get; empty: from the request's Host
  bool secure_cookies = false;
};

}  // namespace kiki::api
