#pragma once
// How far a stream or account was read. Moved in the transaction of the work it stands for, so that nothing
// is skipped and what is read twice is noticed by its external id.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "store/database.hpp"

namespace kiki::store {

struct CursorKey {
  Id workspace_id = 0;  // 0: a stream that serves all workspaces
  Id account_id = 0;
  std::string_view name;
};

Result<std::optional<std::string>> get_cursor(Connection& connection, const CursorKey& key);
Result<void> set_cursor(Transaction& tx, const CursorKey& key, std::string_view value, TimeMs now_ms);

}  // namespace kiki::store
