#pragma once
// Second opinions: somebody is not sure whether to respond, watch or skip, and asks. The next decision about
// the case answers; taking that back brings the question back.

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "events/event_log.hpp"
#include "model/case_status.hpp"
#include "store/database.hpp"

namespace kiki::cases {

struct Change;

struct Opinion {
  Id asked_by = 0;
  std::optional<Id> asked_of;  // nobody: anybody else
  std::string note;
  TimeMs asked_at = 0;
};

// What was asked is not asked any more.
Result<std::optional<Opinion>> take_opinion(store::Connection& db, Id workspace_id, Id case_id);
// For an event's undo, and back.
boost::json::object opinion_part(const Opinion& opinion);
Result<void> restore_opinion(store::Connection& db, Id workspace_id, Id case_id,
                             const boost::json::object& part);
// Appends case.opinion with what was decided: respond, watch, skip, or done in another way.
Result<void> tell_opinion_answered(store::Transaction& tx, events::EventLog& log, const Change& change,
                                   const Opinion& opinion, model::CaseStatus decided);

}  // namespace kiki::cases
