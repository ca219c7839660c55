#pragma once
// A case's promises, as columns of its row: planned anew with every change they depend on, in that change's
// own transaction, by promises/promise_clock.hpp.

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "model/case_status.hpp"
#include "store/database.hpp"

namespace kiki::promises {
struct Book;
}

namespace kiki::cases {

struct CaseState;

// What has been told of a promise already.
enum class Noticed : std::uint8_t { kNothing, kWarned, kBroken };

struct PromiseState {
  // The promise of a reply, which goes on while the case is snoozed. reply_due_at: it runs; else it is the
  // last one, which an answer that fails after all brings back.
  std::optional<TimeMs> reply_from;
  std::optional<TimeMs> reply_due_at;
  Noticed reply_noticed = Noticed::kNothing;
  std::optional<TimeMs> resolve_from;  // since when the case is ours to resolve
  std::optional<TimeMs> resolve_due_at;
  Noticed resolve_noticed = Noticed::kNothing;
  std::optional<TimeMs> look_at;  // when the next warning or breach is due
  std::string policy;             // key
  std::int64_t book = 0;          // version it was planned by
};

// What the plan depends on, as the database has it.
struct PlannedFrom {
  model::CaseStatus status = model::CaseStatus::kFound;
  std::optional<TimeMs> promised_from;
  std::optional<TimeMs> waiting_since;
  std::optional<TimeMs> first_reply_at;
  Id account_id = 0;
  std::string priority;
  friend bool operator==(const PlannedFrom&, const PlannedFrom&) = default;
};

// The books that one transaction has read.
using BookMemo = std::map<Id, std::shared_ptr<const promises::Book>>;

inline constexpr int kPromiseColumns = 11;
// The last ones of kStateFields.
void read_promise_columns(const store::Row& row, int first_column, CaseState& state);

// Until when it stood still, of a case that has just ceased to wait for the customer.
TimeMs pause_end(const CaseState& state);
// Sets due_at and the promise columns; what ended is kept in promise_results. Called by write_state.
Result<void> plan_promises(store::Connection& db, CaseState& state, BookMemo& books, bool anew = false);
// Writes the promise columns and the place in the list alone, without a new version: people's edits are not
// disturbed. False when the case has changed since it was read.
Result<bool> write_promises(store::Connection& db, const CaseState& state);

// All running promises of a case with their steps, and what became of earlier ones. kNotFound.
Result<boost::json::object> explain_promises(store::Connection& db, Id workspace_id, Id case_id);

}  // namespace kiki::cases
