#pragma once
// The raw journal: what a network sent, stored before it is acknowledged or parsed. Numbers (seq) grow in the
// order of the commit, so one cursor ("journal.applied" in meta) tells how far the next stage came. What
// could not be read is remembered in journal_failures, per workspace, until it was replayed.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "store/database.hpp"

namespace kiki::store::journal {

struct RawEntry {  // views must live until append returns
  Id workspace_id = 0;
  Id account_id = 0;
  TimeMs received_at = 0;
  std::string_view source;
  std::string_view body;
};
struct Entry {
  std::int64_t seq = 0;
  Id workspace_id = 0;
  Id account_id = 0;
  TimeMs received_at = 0;
  std::string source;
  std::string body;
};

// Appends all entries, in order, with following numbers; returns the first one. 0 for no entries.
Result<std::int64_t> append(Transaction& tx, std::span<const RawEntry> entries);
// Entries behind `seq`, oldest first, at most `limit`.
Result<std::vector<Entry>> read_after(Connection& connection, std::int64_t seq, std::size_t limit);
Result<std::optional<Entry>> read_one(Connection& connection, std::int64_t seq);

// The last entry the next stage has done; moved in the transaction of its work.
Result<std::int64_t> applied(Connection& connection);
Result<void> set_applied(Transaction& tx, std::int64_t seq);
// Removes at most `limit` applied entries received before `before_ms` that are no open failures; returns how
// many.
Result<std::int64_t> prune(Transaction& tx, TimeMs before_ms, std::size_t limit);

struct Failure {
  Id workspace_id = 0;
  std::int64_t seq = 0;
  Id account_id = 0;
  std::string source;
  std::string error;
  std::string place;  // where in the body: JSON pointer, byte offset
  TimeMs failed_at = 0;
  std::int64_t attempts = 1;
};
// Counts the attempts when the entry had failed before.
Result<void> record_failure(Transaction& tx, const Failure& failure);
// Newest first, those before `before_seq` (0: from the newest), at most `limit`.
Result<std::vector<Failure>> list_failures(Connection& connection, Id workspace_id, std::int64_t before_seq,
                                           std::size_t limit);
Result<std::int64_t> count_failures(Connection& connection, Id workspace_id);
// The entry was read after all; its failure is forgotten.
Result<void> mark_replayed(Transaction& tx, Id workspace_id, std::int64_t seq);

}  // namespace kiki::store::journal
