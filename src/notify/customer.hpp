#pragma once
// The customer a notice speaks of. Notices stay for long, and hold nothing of a customer: a notice with
// "of_customer" has its case alone, and the name is read when it is shown or sent.

#include <boost/json/fwd.hpp>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "store/database.hpp"

namespace kiki::notify {

// Sets "name" as the case has it now; empty when nothing is left of what the customer wrote there. Of an
// escalation "title" as well. Leaves every other notice as it is.
Result<void> name_customer(store::Connection& db, Id workspace_id, boost::json::object& data);

}  // namespace kiki::notify
