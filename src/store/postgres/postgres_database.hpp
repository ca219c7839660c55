#pragma once
// The PostgreSQL store: one writing connection that holds an advisory lock, a pool of reading ones.
// Connections come back by themselves after the server restarted; a group of writes is applied once, whatever
// happened in between.

#include <memory>
#include <string>

#include "base/error.hpp"
#include "store/database.hpp"

namespace kiki::store::postgres {

// `url` is any libpq URI. kConflict with code "in_use" when another kikimimi writes to this database.
Result<std::unique_ptr<Database>> open_database(const std::string& url, std::size_t readers,
                                                bool apply_migrations);

}  // namespace kiki::store::postgres
