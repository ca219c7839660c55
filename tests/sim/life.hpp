#pragma once
// Days of a desk in virtual time: customers who write, agents with their habits, and whatever goes wrong. One
// seed is one life; the same seed is the same life.

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "desk.hpp"
#include "recount.hpp"
#include "waiting.hpp"

namespace kiki::sim {

struct Plan {
  std::uint64_t seed = 1;
  int agents = 4;
  int days = 1;
  int needs_a_day = 15;  // threads that customers begin; most get further posts
  Faults faults;
  // False: nobody heeds assignment, presence or a colleague's answer (to prove the check) …
  bool agents_look = true;
  bool guarded = true;    // … and the server is not told what they have seen, either
  int waiting_rules = 0;  // "waiting over 30 min in hours"
  int leads_one_in = 3;   // days on which a lead changes promises, hours or the roster
};
Plan plan_of(std::uint64_t seed);

struct Habits {
  std::uint64_t picks_among = 1;      // the first so many rows of the list
  bool takes_next = false;            // asks for the next best case instead
  std::uint64_t passes_one_in = 10;   // and leaves it to others
  std::uint64_t blind_one_in = 0;     // sends without a look at what came meanwhile
  std::uint64_t ends_one_in = 3;      // resolves or puts off what is answered
  std::uint64_t stubborn_one_in = 0;  // goes on after a warning
  std::uint64_t dismisses_one_in = 40;
  std::uint64_t snoozes_one_in = 40;
  std::uint64_t wanders_off_one_in = 40;  // leaves a case open and assigned
  std::uint64_t takes_back_one_in = 60;   // a reply, while that is possible
  bool gives_back = true;                 // what is not finished at the end of the shift
};

class Life {
 public:
  Life(const std::filesystem::path& copy_of, const Plan& plan);
  // The days, then what is left until nothing waits. Every violated invariant is one line.
  std::vector<std::string> run();

  struct Statistics {
    int posts = 0;
    int replies = 0;
    int deaths = 0;
    int failed = 0;
    int warned = 0;     // an agent was told that somebody else is at it
    int chose = 0;      // … and went on
    int conflicts = 0;  // a claim that came too late
    int next = 0;       // next best cases given
    int passed = 0;     // … and left to others
    int refused = 0;    // answers the server refused, because a colleague had answered
    int books = 0;      // changes of promises and hours
    int rosters = 0;
    int promises = 0;  // of replies, ended, recounted
    int resolutions = 0;
    int broken = 0;
    int warnings = 0;            // before a breach
    int rules = 0;               // acts of rules on time
    TimeMs longest_wait_ms = 0;  // in hours in which people work
    double least_load = 0;       // answers to one's share of them
    double most_load = 0;
    void add(const Statistics& other);
  };
  Statistics statistics;
  SimDesk& desk() { return desk_; }

 private:
  enum class What : std::uint8_t { kPost, kAgent, kUpkeep, kEnd, kLead, kPlan, kRules };
  struct Event {
    TimeMs at = 0;
    std::uint64_t number = 0;
    What what = What::kUpkeep;
    std::size_t who = 0;
    int turn = 0;
    friend bool operator>(const Event& a, const Event& b) {
      return a.at != b.at ? a.at > b.at : a.number > b.number;
    }
  };
  enum class Doing : std::uint8_t { kIdle, kOpening, kReading, kWriting, kTakingBack };
  struct Agent {
    Id user = 0;
    Habits habits;
    std::array<TimeMs, 7> shift_begin{};  // of the day, by the rest of its number
    TimeMs begins(std::int64_t day) const { return shift_begin[static_cast<std::size_t>(day % 7)]; }
    Doing doing = Doing::kIdle;
    Id case_id = 0;
    std::int64_t seen_version = 0;
    Id newest_answer = 0;      // ours, when the case was opened
    Id seen_post = 0;          // the newest one they have seen
    std::optional<Id> leaves;  // given by "next", and not taken
    bool chose = false;        // to go on after a warning
    std::string request;       // of the reply under way
    std::string text;
    Id reply_id = 0;
    int answers = 0;
    double share = 0;     // of all answers given while at work
    bool sleeps = false;  // nothing to do; woken by what comes
    int turn = 0;         // an event of an earlier one is void
  };
  struct Need {
    std::string customer;
    std::string thread;
    int posts_left = 0;
  };

  void add(TimeMs at, What what, std::size_t who);
  PlainBook new_book();
  PlainRoster new_roster();
  void lead();
  void plan_anew();
  void end_case(Id case_id);
  // The next best case, held against a plain look at all cases and all that was given before.
  std::optional<cases::CaseRow> take_next(Agent& one);
  std::optional<Id> expected_next(const cases::NextQuery& query);
  std::int64_t today() const { return zone_->local(desk_.clock.now_ms()) / kDay; }
  void plan_days();
  void step(const Event& event);
  void upkeep();
  void wake_idle();
  bool nothing_waits();
  void post(std::size_t need);
  void agent(Agent& one);
  void idle(Agent& one);
  void open_case(Agent& one);
  void read_case(Agent& one);
  void write_reply(Agent& one);
  void let_go(Agent& one);
  bool on_duty(const Agent& one) const;
  bool warned_goes_on(Agent& one);
  std::set<Id> cases_of_others(const Agent& one) const;
  Agent* agent_of(Id user);
  void show_presence();
  bool retry_failed(Agent& one);
  struct Answer {
    Id post_id = 0;
    Id user_id = 0;
  };
  Answer newest_answer(Id case_id);
  Id newest_post(Id case_id);
  void follow_up(Id case_id);
  TimeMs of_day() const;
  std::uint64_t chance(std::uint64_t n) { return n == 0 ? 1 : random().below(n); }  // 0: it happens
  Random& random() { return desk_.random; }
  TimeMs seconds(std::uint64_t least, std::uint64_t most) {
    return static_cast<TimeMs>(least + random().below(most - least + 1)) * 1'000;
  }

  void check_outbox(std::vector<std::string>& wrong);
  void check_nobody_starves(std::vector<std::string>& wrong);
  void check_seconds(std::vector<std::string>& wrong);
  void check_counts(std::vector<std::string>& wrong);
  void count_answer(Agent& one);
  void check_load(std::vector<std::string>& wrong);

  Plan plan_;
  const PlainZone* zone_;
  SimDesk desk_;
  Told told_;
  std::unique_ptr<WaitingHabit> waiting_;
  std::vector<std::string> wrong_;
  std::map<Id, std::pair<Id, TimeMs>> given_;  // case: to whom, until when
  std::map<std::pair<Id, Id>, std::pair<TimeMs, std::int64_t>>
      left_;                  // user, case: until when, its posts then
  std::vector<Id> answered_;  // cases, for kEnd
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t next_number_ = 0;
  std::optional<TimeMs> upkeep_at_;
  std::vector<Agent> agents_;
  std::vector<Need> needs_;
  std::map<std::string, std::size_t> need_of_;       // by thread
  std::set<std::string> unheard_;                    // posts the network will offer again
  std::map<std::size_t, std::vector<InPost>> sent_;  // by need: for copies, and offers after a death
  std::set<std::pair<Id, Id>> chosen_;               // post of ours that a warned agent wrote: case, post
  int next_post_ = 0;
  int next_request_ = 0;
  bool winding_up_ = false;
  TimeMs start_ms_ = 0;
};

}  // namespace kiki::sim
