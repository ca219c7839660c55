#pragma once
// Customers that came before their names and contacts were kept for finding: indexed once, when the program
// starts.

#include "base/error.hpp"
#include "store/database.hpp"

namespace kiki::people {

// Before anything comes in. Goes on where an earlier start stopped; nothing to do when all is done.
Result<void> index_known_people(store::Database& db);

}  // namespace kiki::people
