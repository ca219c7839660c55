#pragma once
// The embedded store: one file, one writing connection, a pool of reading ones, and a lock so that no second
// server opens the same file.

#include <memory>
#include <string>

#include "base/error.hpp"
#include "store/database.hpp"

namespace kiki::store::sqlite {

// Creates the directory (0700) and the file (0600) when they are missing. kConflict with code "in_use" when
// another process has it open.
Result<std::unique_ptr<Database>> open_database(const std::string& path, std::size_t readers,
                                                bool apply_migrations);

}  // namespace kiki::store::sqlite
