#pragma once
// What the handlers work with, filled once in server.cpp before the first request. A route file takes what it
// needs at the time of the call (services.cases->…), so the table of routes can be made, and tested, without
// the services. A stage that the API needs adds its own pointer here, with a forward declaration: no stage's
// header is included.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "net/http_client.hpp"

namespace kiki {
class Metrics;
}
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

namespace kiki::channels {
class Channel;
class AccountState;
}  // namespace kiki::channels
namespace kiki::ingest {
class Ingest;
}
namespace kiki::cases {
class Cases;
class NextCase;
class Orders;
}  // namespace kiki::cases
namespace kiki::promises {
class Books;
}
namespace kiki::people {
class CompanyFacts;
class Joining;
class People;
}  // namespace kiki::people
namespace kiki::listening {
class Listening;
}
namespace kiki::listening::rise {
class Alarms;
}
namespace kiki::notify {
class Notify;
}
namespace kiki::chat {
class Chat;
}
namespace kiki::accounts {
class Accounts;
class StreamMonitor;
class SignIns;
class WebhookDoor;
}  // namespace kiki::accounts
namespace kiki::delivery {
class PublicLinks;
class Typing;
}  // namespace kiki::delivery
namespace kiki::reply {
class Approvals;
class Replies;
class ReplyChecks;
class Rewards;
class SavedReplies;
}  // namespace kiki::reply
namespace kiki::teamwork {
class Acts;
class Documents;
class Rules;
class Teams;
}  // namespace kiki::teamwork
namespace kiki::sample {
class SampleDay;
}

namespace kiki::api {

struct Services {
  // the ground
  store::Database* database = nullptr;
  const Clock* clock = nullptr;
  Random* random = nullptr;
  IdGenerator* ids = nullptr;
  events::EventLog* events = nullptr;
  Metrics* metrics = nullptr;
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
  // channels, in and out
  std::vector<channels::Channel*> channels;  // all networks, in the order of the connect page
  std::function<channels::Channel*(std::string_view network)> channel;
  std::function<std::unique_ptr<channels::AccountState>(Id workspace_id, Id account_id)> account_state;
  std::function<void()> listen;  // somebody listens now: read the public streams
  ingest::Ingest* ingest = nullptr;
  // the desk itself
  cases::Cases* cases = nullptr;
  promises::Books* books = nullptr;
  cases::Orders* orders = nullptr;
  cases::NextCase* next_case = nullptr;
  people::People* people = nullptr;
  people::Joining* joining = nullptr;
  people::CompanyFacts* company_facts = nullptr;
  listening::Listening* listening = nullptr;
  listening::rise::Alarms* alarms = nullptr;
  notify::Notify* notify = nullptr;
  chat::Chat* chat = nullptr;
  delivery::Typing* typing = nullptr;
  accounts::Accounts* accounts = nullptr;
  accounts::StreamMonitor* stream = nullptr;
  accounts::WebhookDoor* hooks = nullptr;
  reply::Replies* replies = nullptr;
  reply::ReplyChecks* reply_checks = nullptr;
  reply::Approvals* approvals = nullptr;
  reply::SavedReplies* saved_replies = nullptr;
  reply::Rewards* rewards = nullptr;
  sample::SampleDay* sample = nullptr;
  // many people at one desk
  teamwork::Teams* teams = nullptr;
  teamwork::Acts* acts = nullptr;
  teamwork::Documents* documents = nullptr;
  teamwork::Rules* rules = nullptr;
  // settings
  net::SsrfPolicy ssrf;    // what outgoing URLs may point at
  std::string stream_url;  // of the public stream, for the administrator
  std::int64_t undo_send_ms = 5'000;
  std::string public_url;  // for links that people get; empty: from the request's Host
  bool secure_cookies = false;
  bool mail_works = false;  // a mail server is set up
  // what networks bring and fetch
  accounts::SignIns* sign_ins = nullptr;
  delivery::PublicLinks* public_links = nullptr;
};

}  // namespace kiki::api
