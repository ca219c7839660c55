#pragma once
// A sample day: some two hundred posts of an invented maker of kitchen appliances, played in compressed time
// through the open channel, so that somebody without accounts or internet sees the desk at work. Replies are
// fetched as another program would fetch them, and some customers write back.

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "accounts/accounts.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "ingest/ingest.hpp"
#include "listening/listening.hpp"
#include "reply/replies.hpp"
#include "store/database.hpp"

namespace kiki::sample {

// One post of the script.
struct ScriptPost {
  std::int64_t at_s = 0;  // of the day; what is before 0 lies there already when the day begins
  std::string body;       // an OpenPost without posted_at
  std::string external_id;
  std::string thread_id;
  std::vector<std::pair<std::int64_t, std::string>>
      answers;  // seconds after our reply, what the customer says then
};
struct Script {
  std::string account_name;
  std::vector<ScriptPost> posts;  // by at_s
  struct Topic {
    std::string name;
    std::string query;
  };
  std::vector<Topic> topics;
};
Result<Script> read_script(std::string_view json_text);
std::string_view script_text();  // the one in the program

// References outlive the object.
struct Parts {
  store::Database& db;
  const Clock& clock;
  ingest::Ingest& ingest;
  accounts::Accounts& accounts;
  listening::Listening& listening;
  reply::Replies& replies;
};

struct State {
  bool running = false;
  std::int64_t played = 0;
  std::int64_t total = 0;
};

class SampleDay {
 public:
  SampleDay(Parts parts, double default_speed) : parts_(parts), default_speed_(default_speed) {}
  ~SampleDay() { stop_all(); }

  // Goes on with what was running when the program ended.
  Result<void> start();
  // Starts the day from its beginning, or goes on with it; returns the account it plays on. speed: how many
  // seconds of the day pass in one, 1 … 10,000; 0 = the default.
  Result<Id> play(Id workspace_id, Id actor_id, double speed);
  // Ends it; what was played stays.
  Result<void> end(Id workspace_id, Id actor_id);
  Result<State> state(Id workspace_id);
  void stop_all();

 private:
  Result<std::optional<accounts::AccountRow>> find_account(Id workspace_id);
  void run(std::stop_token stop, accounts::AccountRow account, double speed);
  Result<void> post(const accounts::AccountRow& account, const std::string& body, TimeMs posted_at,
                    std::int64_t played);

  Parts parts_;
  double default_speed_;
  std::mutex mutex_;
  bool stopped_ = false;
  std::map<Id, std::jthread> days_;
};

}  // namespace kiki::sample
