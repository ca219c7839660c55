#pragma once
// Promises counted once more from the event log and the posts: of replies and of resolutions, what was told
// of them and to whom; and what rules on time did, held against who waited then. Shares no code with
// src/promises and src/cases.

#include <map>
#include <string>
#include <vector>

#include "desk.hpp"
#include "hours.hpp"

namespace kiki::sim {

// A book, and when it came to count: cases that wait are planned anew behind it, in the background.
struct BookInForce {
  PlainBook book;
  TimeMs saved_at = 0;
  std::optional<TimeMs> planned_at;
};

// A rule that acts when a customer has waited so long; it writes a note.
struct WaitingRule {
  Id id = 0;
  int minutes = 30;
  bool in_hours = true;
  bool has_waited(const Hours& hours, TimeMs since, TimeMs at) const {
    return (in_hours ? hours.open_between(since, at) : at - since) >= minutes * kMinute;
  }
};

struct Told {
  std::vector<BookInForce> books;
  std::vector<PlainRoster> rosters;  // the first one from the beginning, each roster.changed the next
  TimeMs from = 0;                   // the life
  TimeMs to = 0;
  std::vector<WaitingRule> rules;
  bool without_faults = false;  // nobody died, nothing failed: every warning came in time
};

struct Recounted {
  int ended = 0;
  int broken = 0;
  int resolutions = 0;
  int warned = 0;
  int rules = 0;  // acts of rules on time
};
// Adds a line to `wrong` for each difference between this count and the desk's own.
Recounted recount(SimDesk& desk, const Told& told, std::vector<std::string>& wrong);

}  // namespace kiki::sim
