#pragma once
// For rules on time ("waiting over 30 min in hours"): which cases may have come to fit since the last look. A
// look costs what changed, not what is open. Time moves one border a calendar: who began to wait before it
// has waited long enough, so only those between the last border and this one are new. All else that makes a
// case fit is a change of it, and stands in the event log. Everything is looked at once: after a start, when
// the rule or a book of promises has changed, and when opening hours begin or end for a rule that asks.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "promises/books.hpp"
#include "teamwork/documents.hpp"

namespace kiki::teamwork {

inline constexpr std::int64_t kChangesFollowedMost =
    20'000;  // events of a look; beyond, everything is looked at
inline constexpr int kWaitingPage = 2'000;

struct WaitingCase {
  Id case_id = 0;
  TimeMs since = 0;
};
std::string waiting_key(const WaitingCase& one);  // of the act: once for each wait

// Not thread-safe.
class WaitingRules {
 public:
  explicit WaitingRules(store::Database& db) : db_(db) {}

  // Begins a look: what has changed since the last one.
  Result<void> begin(TimeMs now_ms);
  // The next page of cases that have waited long enough, fit the rule's conditions as far as SQL tells, and
  // for which it has not acted. At the last page the rule is through with this look.
  Result<std::vector<WaitingCase>> next(const Document& rule, bool& more);
  // Ends it when all rules were looked at; without, the next look looks at the same again.
  void end();
  void forget();  // no rule asks for time any more

  std::int64_t looked_at() const { return looked_at_; }  // cases read so far, for tests and measuring

 private:
  struct Border {
    TimeMs at = 0;  // who waits since then or longer has waited long enough
    bool is_open = false;
  };
  struct Seen {  // of a rule, when its last look ended
    std::int64_t version = 0;
    std::int64_t enabled_seq = 0;
    std::int64_t book = 0;
    TimeMs looked_at = 0;
    std::map<std::string, Border> borders;  // by calendar
  };
  // What is to be read in a look: spans of the beginning of the wait, or named cases.
  struct Part {
    std::string policies;  // SQL condition
    TimeMs after = 0;      // exclusive …
    TimeMs until = 0;      // … and inclusive
    std::vector<Id> cases;
    bool by_due = false;  // the span is of due_at
  };
  struct Look {
    Seen seen;
    std::vector<Part> parts;
    std::size_t part = 0;
    std::optional<WaitingCase> after;  // page
    std::shared_ptr<const promises::Book> book;
  };
  Result<Look> plan(store::Connection& db, const Document& rule);

  store::Database& db_;
  TimeMs now_ms_ = 0;
  std::int64_t read_to_ = -1;  // of the event log
  std::int64_t last_ = 0;
  std::map<Id, std::set<Id>> changed_;  // by workspace
  std::set<Id> all_changed_;            // workspaces in which every case may be another
  std::set<Id> regrouped_;              // workspaces in which people are in other groups
  bool all_ = true;
  std::map<Id, Seen> seen_;  // by rule
  std::map<Id, Look> looks_;
  std::int64_t looked_at_ = 0;
};

}  // namespace kiki::teamwork
