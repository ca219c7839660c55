#pragma once
// A case as lists, live screens and the answers to actions show it. Built in one place, so that all of them
// agree.

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "model/case_status.hpp"
#include "store/database.hpp"

namespace kiki::cases {

struct CaseRow {
  Id workspace_id = 0;
  Id id = 0;
  std::int64_t number = 0;
  model::CaseStatus status = model::CaseStatus::kOpen;
  std::string origin;  // addressed, found
  std::string network;
  Id account_id = 0;
  Id person_id = 0;
  Id identity_id = 0;
  std::string name;
  std::string handle;
  std::string avatar_url;
  std::optional<std::int64_t> followers;
  std::string title;
  std::string preview;
  std::string preview_marks = "[]";  // JSON
  std::optional<TimeMs> due_at;
  std::optional<TimeMs> promised_from;  // when the time that ends at due_at began
  std::string priority = "normal";
  std::optional<TimeMs> waiting_since;
  TimeMs last_post_at = 0;
  std::optional<TimeMs> snoozed_until;
  std::optional<Id> assignee_id;
  std::optional<Id> team_id;  // in whose queue it stands
  bool folded = false;        // found, and hardly relevant by what the team decided before
  std::string dismiss_reason;
  std::int64_t post_count = 0;
  std::string triage;  // JSON; "": never judged
  std::int64_t lane = 0;
  std::optional<TimeMs> rank_at;  // where it stands in the list: as if the promise ended then …
  std::string rank_why = "[]";    // … and why, JSON
  // A colleague was asked whether to respond, watch or skip.
  std::optional<Id> opinion_by;
  std::optional<Id> opinion_of;
  std::string opinion_note;
  std::vector<std::string> tags;
  std::vector<Id> topic_ids;  // topics that wanted a post of it
  std::int64_t version = 0;
  std::int64_t event_seq = 0;  // in the answer to a change: its event, for undo; 0: nothing changed
};

// kNotFound when there is none in this workspace.
Result<CaseRow> read_row(store::Connection& db, Id workspace_id, Id case_id);
// In the order of the ids; missing ones are left out.
Result<std::vector<CaseRow>> read_rows(store::Connection& db, Id workspace_id, std::span<const Id> case_ids);

enum class View : std::uint8_t {
  kNow,
  kMine,
  kFound,
  kFolded,
  kWaiting,
  kSnoozed,
  kWatched,
  kPurchase,
  kOpinions,
  kResolved,
  kDismissed,
  kAll
};
std::optional<View> parse_view(std::string_view name);

// Where a page of a list ended: the time it is sorted by (absent with a topic) and the case.
struct Position {
  TimeMs time = 0;
  Id id = 0;
};

struct ListQuery {
  Id workspace_id = 0;
  Id user_id = 0;  // for kMine
  View view = View::kNow;
  Id topic_id = 0;                // 0: any
  std::optional<Position> after;  // of the last row of the page before
  int limit = 50;
};
struct RowPage {
  std::vector<CaseRow> rows;
  std::optional<Position> next;  // nothing: the end
};
// now, mine and purchase: in the order of cases/rank.hpp; opinions: first asked first; the others: newest
// post first. With a topic: newest case first, and a page may hold fewer rows than asked for although there
// are more.
Result<RowPage> list_cases(store::Connection& db, const ListQuery& query);

struct Counts {
  std::int64_t now = 0;
  std::int64_t mine = 0;
  std::int64_t found = 0;  // without those folded away
  std::int64_t folded = 0;
  std::int64_t waiting = 0;
  std::int64_t snoozed = 0;
  std::int64_t watched = 0;
  std::int64_t purchase = 0;  // want to buy; in none of the others but mine
  std::int64_t opinions = 0;  // cases for which a second opinion is asked
  std::int64_t overdue = 0;   // at most kOverdueLimit
  std::int64_t failed_replies = 0;
  std::int64_t approvals = 0;  // replies that wait for a second person
  std::int64_t journal_failures = 0;
};
inline constexpr int kOverdueLimit = 1'000;
Result<Counts> read_counts(store::Connection& db, Id workspace_id, Id user_id, TimeMs now_ms);

// As `CaseRow` and `Counts` in types.ts.
boost::json::object to_json(const CaseRow& row);
boost::json::object to_json(const Counts& counts);

}  // namespace kiki::cases
