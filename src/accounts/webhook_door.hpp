#pragma once
// The door at which networks call us: what they bring is durable before they get their answer. Keeps the last
// calls of each account, for the person who looks why nothing comes, and notices when a network's calls are
// refused again and again or stay away.

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "accounts/accounts.hpp"
#include "accounts/usual_traffic.hpp"
#include "channels/contract/channel.hpp"
#include "ingest/ingest.hpp"
#include "net/http.hpp"

namespace kiki::accounts {

struct HookCall {
  TimeMs at = 0;
  int status = 0;    // what we answered
  std::string note;  // English, no secrets
  std::int64_t items = 0;
};

struct HookState {
  TimeMs last_success_at = 0;  // 0: never
  int refused_in_row = 0;
  std::vector<HookCall> calls;  // newest first, at most 50; since the program was started
};

class WebhookDoor {
 public:
  struct Parts {
    Accounts& accounts;
    ingest::Ingest& ingest;
    store::Database& db;
    events::EventLog& log;
    const Clock& clock;
    ChannelByNetwork channel;
    StateOf state;
    std::string public_url = {};  // "": this desk has no address that others can reach
  };
  explicit WebhookDoor(Parts parts) : parts_(std::move(parts)) {}
  ~WebhookDoor() { stop(); }

  Result<void> start();  // reads the accounts; looks for silence from time to time
  void stop();
  // After a change of the accounts: the door keeps a copy, so that a call costs no question to the store.
  Result<void> reload();
  // What a network's call is answered. kNotFound: no account with webhooks has this id. A paused account
  // takes what comes all the same: networks do not bring it again.
  Result<net::HttpResponse> call(Id account_id, const net::HttpRequest& request);
  HookState state(Id account_id) const;
  // Where the account's network is to call; "" without a public_url.
  std::string url_of(Id account_id) const;
  // Tells every network that was not told yet, or not this address, where to call. What fails is a problem of
  // the account, and is tried again later. Returns whether nothing is left to tell.
  Result<bool> subscribe_all(std::stop_token stop = {});
  // Tells it once more, now: another program may have taken the address over. What fails is a problem of the
  // account, and is tried again like the first time.
  Result<void> tell_again(Id account_id, std::stop_token stop = {});
  // One look for accounts whose network calls no more.
  Result<void> look_for_silence();

 private:
  struct Entry {
    std::shared_ptr<const channels::Account> account;
    std::deque<HookCall> calls;
    UsualTraffic traffic;
    TimeMs saved_at = 0;
    int refused_in_row = 0;
    bool has_problem = false;
    bool is_paused = false;
    int subscribe_tries = 0;
    TimeMs subscribe_at = 0;
  };
  Result<void> subscribe(const channels::Account& account, const std::string& url, std::stop_token stop);
  Result<void> tell(const channels::Account& account, const std::string& url, std::stop_token stop);
  void note(Id account_id, HookCall call);
  Result<void> set_problem(const channels::Account& account, std::string_view detail);

  Parts parts_;
  mutable std::mutex mutex_;
  std::map<Id, Entry> entries_;
  std::condition_variable_any changed_;
  bool woken_ = false;
  std::jthread thread_;
};

}  // namespace kiki::accounts
