#pragma once
// The table meta: single values that belong to the whole database.

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "store/database.hpp"

namespace kiki::store {

Result<std::optional<std::string>> get_meta(Connection& connection, std::string_view key);
Result<void> set_meta(Transaction& tx, std::string_view key, std::string_view value);

}  // namespace kiki::store
