#pragma once
// Puts prepared items into cases, inside one transaction.

#include <functional>
#include <span>
#include <string>

#include "base/error.hpp"
#include "cases/intake.hpp"
#include "events/event_log.hpp"
#include "ingest/prepare.hpp"
#include "store/database.hpp"

namespace kiki::ingest {

struct ApplyCounts {
  std::int64_t items = 0;
  std::int64_t new_posts = 0;
  std::int64_t duplicates = 0;
  std::int64_t failures = 0;
};

struct ApplyContext {
  store::Transaction& tx;
  events::EventLog& log;
  IdGenerator& ids;
  TimeMs now_ms;
  const Preparation& preparation;  // for answers that came before their question
  const std::function<void(Id workspace_id, Id account_id, const std::string& external_id)>& thread_wanted;
  const std::function<void(Id workspace_id, Id case_id)>& author_wanted;
  const std::function<void()>& files_wanted;
};

// All of them; the first error ends it, and the caller's transaction with it. Items that could not be read
// are recorded as failures.
Result<ApplyCounts> apply_items(const ApplyContext& context, std::span<const PreparedItem> items);
// Remembers that an item could not be read or stored, and tells the administrator's screen.
Result<void> record_failure(const ApplyContext& context, const PreparedItem& item, const Error& error);

}  // namespace kiki::ingest
