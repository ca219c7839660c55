#pragma once
// For an index that is made anew from what it is made of.

#include "base/error.hpp"
#include "store/database.hpp"

namespace kiki::search {

Result<void> forget_all_identities(store::Transaction& tx);

}  // namespace kiki::search
