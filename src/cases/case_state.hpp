#pragma once
// A case's own row inside a transaction: read, changed in memory, written once, and the counts with it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "cases/case_promises.hpp"
#include "cases/case_rank.hpp"
#include "model/case_status.hpp"
#include "store/database.hpp"

namespace kiki::cases {

struct CaseState {
  Id workspace_id = 0;
  Id id = 0;
  std::int64_t number = 0;
  Id person_id = 0;
  Id identity_id = 0;
  Id account_id = 0;
  std::string network;
  model::CaseStatus status = model::CaseStatus::kOpen;
  bool is_found = false;  // origin
  std::string title;
  bool title_set = false;  // by hand
  std::string triage;      // of the posts that wait, as case_triage.hpp writes it; "": never judged
  std::string preview;
  std::string preview_marks = "[]";
  std::optional<Id> assignee_id;
  std::optional<TimeMs> due_at;         // of an open case; set by plan_promises alone
  std::optional<TimeMs> promised_from;  // open: since when an answer is promised
  std::optional<TimeMs> waiting_since;
  std::optional<TimeMs> snoozed_until;
  std::string dismiss_reason;
  std::int64_t post_count = 0;
  TimeMs last_post_at = 0;
  TimeMs opened_at = 0;
  std::optional<TimeMs> resolved_at;
  std::optional<TimeMs> first_reply_at;
  std::optional<TimeMs> last_in_at;
  std::optional<TimeMs> last_out_at;
  std::int64_t version = 1;
  std::string priority = "normal";
  PromiseState promise;
  RankState rank;  // set by plan_rank alone
  PlannedFrom planned_from;

  bool is_new = false;   // not in the database yet
  bool changed = false;  // must be written
  // As the database has it, for the counts and to leave indexes alone.
  model::CaseStatus stored_status = model::CaseStatus::kOpen;
  std::optional<Id> stored_assignee_id;
  std::optional<TimeMs> stored_due_at;
  std::optional<TimeMs> stored_snoozed_until;
  std::optional<TimeMs> stored_promise_look_at;
  std::optional<TimeMs> stored_rank_at;
  std::int64_t stored_lane = 0;
  std::optional<TimeMs> stored_waiting_since;
  std::optional<TimeMs> put_off_at;      // this change snoozes it: since when it stands still
  std::optional<TimeMs> pause_ended_at;  // this change takes back one that ended a pause: when it ended
};

// What the writes of one transaction share: the differences of case_counts, written once, the books of
// promises, and the weights of the order.
class CountChanges {
 public:
  void add(Id workspace_id, model::CaseStatus status, std::optional<Id> assignee_id, std::int64_t by);
  Result<void> write(store::Connection& db);
  BookMemo books;
  WeightsMemo weights;

 private:
  std::map<std::tuple<Id, model::CaseStatus, Id>, std::int64_t> changes_;
};

inline constexpr int kStateColumns = 32 + kPromiseColumns;
// The columns that read_state() reads, from table alias "c".
extern const std::string kStateFields;
CaseState read_state(const store::Row& row, int first_column = 0);
Result<std::optional<CaseState>> load_state(store::Connection& db, Id workspace_id, Id case_id);
// Plans the promises and the place in the list, inserts or updates, raises the version of an update, and
// counts.
Result<void> write_state(store::Connection& db, CaseState& state, CountChanges& counts);

}  // namespace kiki::cases
