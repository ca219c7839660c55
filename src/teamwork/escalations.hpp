#pragma once
// A case that needs another department: it goes to that team's queue with a promise of its own, the team
// hears of it, and the company's tracker, by webhook, which may answer with its state and address.

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "store/database.hpp"

namespace kiki::teamwork {

struct Hands;

struct Escalation {
  Id id = 0;
  Id case_id = 0;
  Id team_id = 0;
  std::string team;
  std::string note;
  std::string state;  // open, done, withdrawn
  Id created_by = 0;
  std::string creator;
  TimeMs created_at = 0;
  TimeMs due_at = 0;
  std::optional<TimeMs> ended_at;
  std::string tracker_status;
  std::string tracker_url;
  std::string plan;  // JSON, as promises::to_json has it: why it is due then. "": not known any more
};

struct Escalating {
  Id workspace_id = 0;
  Id case_id = 0;
  Id actor_id = 0;
  Id team_id = 0;
  std::string note;
  std::string by;
};

// kConflict "escalated" when the team has it already. The promise is counted in the opening hours of the
// case's policy.
Result<Id> escalate(store::Transaction& tx, const Hands& hands, const Escalating& what);
// What an act of escalating did, taken back.
Result<void> withdraw_by_event(store::Transaction& tx, const Hands& hands, const Escalating& what,
                               std::string_view event_data);

struct EscalationChange {
  std::optional<std::string> state;  // done, withdrawn, open again
  std::optional<std::string> tracker_status;
  std::optional<std::string> tracker_url;
  std::optional<std::string> comment;  // becomes a note of the case
};
Result<Escalation> change_escalation(store::Transaction& tx, const Hands& hands, Id workspace_id, Id actor_id,
                                     Id id, const EscalationChange& change);
Result<std::vector<Escalation>> read_escalations(store::Connection& db, Id workspace_id, Id case_id);
// Tells of those that are over their time by now, each once; how many.
Result<std::int64_t> notice_broken(store::Database& db, const Hands& hands, TimeMs now_ms);

json::object to_json(const Escalation& escalation);

}  // namespace kiki::teamwork
