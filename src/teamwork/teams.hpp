#pragma once
// Teams, what their members can do and how much, and who is the right one for a case.

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "events/event_log.hpp"
#include "store/database.hpp"

namespace kiki::teamwork {

inline constexpr std::size_t kTeamsMost = 200;
inline constexpr std::size_t kMembersMost = 500;
inline constexpr std::size_t kNameMostBytes = 200;
inline constexpr std::size_t kSkillsMost = 50;
inline constexpr std::int64_t kCapacityMost = 10'000;
inline constexpr std::int64_t kEscalationMostMinutes = 366 * 24 * 60;

struct Team {
  Id id = 0;
  std::string name;
  bool by_load = false;  // a case that comes to the team is given to its least loaded member
  std::int64_t escalation_minutes = 480;
  std::vector<Id> members;
  std::int64_t open_cases = 0;  // at most kCountMost
};
inline constexpr std::int64_t kCountMost = 1'000;

struct MemberWork {
  Id user_id = 0;
  std::int64_t capacity = 0;  // open cases; 0: no limit
  std::vector<std::string> skills;
  std::vector<std::string> languages;  // none: all
  std::optional<TimeMs> away_until;
  std::optional<Id> substitute_id;
  std::int64_t open_cases = 0;
  bool away = false;  // now, by this or by the roster
};

struct Wanted {
  std::optional<Id> team_id;  // nothing: everybody who may answer
  std::string skill;
  std::string language;  // primary part of a tag; "": any
};

Result<std::vector<Team>> read_teams(store::Connection& db, Id workspace_id);
Result<std::vector<Id>> teams_of(store::Connection& db, Id workspace_id, Id user_id);
Result<std::vector<MemberWork>> read_work(store::Connection& db, Id workspace_id, TimeMs now_ms);
// The one with most room left who can do it and is here; nothing when nobody can. Of several, who was given a
// case longest ago.
Result<std::optional<Id>> least_loaded(store::Connection& db, Id workspace_id, const Wanted& wanted,
                                       TimeMs now_ms);
// Who does this one's work now: themselves, who stands in, or nobody.
Result<std::optional<Id>> acting_for(store::Connection& db, Id workspace_id, Id user_id, TimeMs now_ms);
// Who is not here now, by what was set for them or by the roster.
Result<std::vector<Id>> away_now(store::Connection& db, Id workspace_id, TimeMs now_ms);
// Of the customer's newest post that says it; "" when none does.
Result<std::string> language_of_case(store::Connection& db, Id workspace_id, Id case_id);
Result<bool> claims_on_open(store::Connection& db, Id workspace_id);

struct TeamChange {
  std::optional<std::string> name;
  std::optional<bool> by_load;
  std::optional<std::int64_t> escalation_minutes;
  std::optional<std::vector<Id>> members;
};
struct WorkChange {
  std::optional<std::int64_t> capacity;
  std::optional<std::vector<std::string>> skills;
  std::optional<std::vector<std::string>> languages;
  std::optional<std::optional<TimeMs>> away_until;
  std::optional<std::optional<Id>> substitute_id;
};

class Teams {
 public:
  Teams(store::Database& db, events::EventLog& log, IdGenerator& ids, const Clock& clock)
      : db_(db), log_(log), ids_(ids), clock_(clock) {}
  Result<Id> make(Id workspace_id, Id actor_id, const TeamChange& change);
  Result<void> change(Id workspace_id, Id actor_id, Id team_id, const TeamChange& change);
  // Its cases leave its queue and stay where they are otherwise.
  Result<void> archive(Id workspace_id, Id actor_id, Id team_id);
  Result<void> change_work(Id workspace_id, Id actor_id, Id user_id, const WorkChange& change);
  Result<void> claim_on_open(Id workspace_id, Id actor_id, bool on);

 private:
  Result<void> write(store::Transaction& tx, Id workspace_id, Id team_id, const TeamChange& change);
  Result<void> tell(store::Transaction& tx, Id workspace_id, Id actor_id, json::object data);
  store::Database& db_;
  events::EventLog& log_;
  IdGenerator& ids_;
  const Clock& clock_;
};

json::object to_json(const Team& team);
json::object to_json(const MemberWork& work);

}  // namespace kiki::teamwork
