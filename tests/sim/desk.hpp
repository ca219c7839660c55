#pragma once
// One desk of the real parts, without their threads: cases, promises, replies, outbox, presence, over a store
// in memory. restart() is what follows a death: everything but the store and the network is made anew.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "accounts/accounts.hpp"
#include "cases/cases.hpp"
#include "cases/next_case.hpp"
#include "cases/promise_keeper.hpp"
#include "delivery/sender.hpp"
#include "live/presence.hpp"
#include "mortal_store.hpp"
#include "network.hpp"
#include "promises/books.hpp"
#include "reply/replies.hpp"
#include "teamwork/rules.hpp"

namespace kiki::sim {

inline constexpr Id kWorkspace = 1;
inline constexpr Id kAccount = 2;
inline constexpr Id kFirstAgent = 100;

struct Faults {
  std::uint64_t network_one_in = 0;
  std::uint64_t death_one_in = 0;  // writes, and sends
};

struct InPost {
  std::string external_id;
  std::string thread;
  std::string customer;
  std::string text;
  TimeMs posted_at = 0;
};

class SimDesk {
 public:
  // The template database has the schema, the workspace and `agents` agents; each desk works on a copy.
  static std::filesystem::path make_template(int agents);
  SimDesk(const std::filesystem::path& copy_of, std::uint64_t seed, TimeMs start_ms, const Faults& faults);
  ~SimDesk();
  SimDesk(const SimDesk&) = delete;
  SimDesk& operator=(const SimDesk&) = delete;

  void restart();
  // Nothing goes wrong any more: for the end of the days.
  void heal();
  // As ingest does it, without the journal.
  Result<void> take(const InPost& post);
  // What the desk's threads would do by now, and when they want to be woken next.
  Result<void> work_due();
  std::optional<TimeMs> next_due();
  void set_book(const std::string& json);
  void set_roster(const std::string& json);

  store::Database& db() { return *mortal_; }
  store::Database& calm_db() { return *real_; }  // for looking on: never dies

  SeededRandom random;
  ManualClock clock;
  IdGenerator ids{clock};
  events::EventBus bus;
  events::EventLog log{bus, clock};
  std::unique_ptr<SimNetwork> network;
  std::unique_ptr<cases::Cases> cases;
  std::unique_ptr<cases::PromiseKeeper> keeper;
  std::unique_ptr<cases::NextCase> next_case;
  std::unique_ptr<accounts::Accounts> accounts;
  std::unique_ptr<reply::ReplyChecks> checks;
  std::unique_ptr<reply::Replies> replies;
  std::unique_ptr<delivery::Sender> sender;
  std::unique_ptr<live::PresenceRegistry> presence;
  std::unique_ptr<teamwork::Acts> acts;
  std::unique_ptr<teamwork::Rules> rules;
  int deaths = 0;

 private:
  std::filesystem::path directory_;
  std::unique_ptr<store::Database> real_;
  std::unique_ptr<MortalStore> mortal_;
};

// Ends the program with the error: the simulation's own mistake, or a real one nobody expects.
void must(const Result<void>& result, std::string_view what);
template <class T>
T must(Result<T> result, std::string_view what) {
  if (!result.ok()) must(Result<void>(std::move(result).error()), what);
  return std::move(result).value();
}

}  // namespace kiki::sim
