#pragma once
// Taking a change back exactly: what a case was before a change stands in the change's own event ("undo" in
// its data), and goes back only while the case is still as that change left it.

#include <boost/json/fwd.hpp>

#include "base/error.hpp"
#include "cases/case_state.hpp"

namespace kiki::cases {

// All that a change of status touches, and the newest posts of both sides, which tell whether it moved on
// since.
boost::json::object status_part(const CaseState& state);
bool is_as(const CaseState& state, const boost::json::object& part);
// Puts the status's fields back. kCorrupt when `part` is not of status_part().
Result<void> restore_status(CaseState& state, const boost::json::object& part);

}  // namespace kiki::cases
