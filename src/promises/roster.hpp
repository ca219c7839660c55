#pragma once
// Who is on duty: weekly shifts, single days, leave and who stands in for it. Pure.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "promises/calendar.hpp"

namespace kiki::promises {

struct Shift {
  Id user_id = 0;
  std::optional<int> weekday;  // 0 = Sunday; or
  std::optional<Day> day;      // one day only
  Span span;
};

struct Leave {
  Id user_id = 0;
  Day first_day = 0;
  Day last_day = 0;
  std::optional<Id> substitute_id;
  std::string note;
};

struct Roster {
  TimeZone zone;
  std::vector<Shift> shifts;
  std::vector<Leave> leaves;
};
inline constexpr std::size_t kShiftsMost = 2'000;
inline constexpr std::size_t kLeavesMost = 1'000;
inline constexpr std::size_t kLeaveNoteMostBytes = 200;

struct OnDuty {
  Id user_id = 0;
  std::optional<Id> instead_of;  // somebody on leave
  TimeMs until = 0;              // end of the shift
  friend bool operator==(const OnDuty&, const OnDuty&) = default;
};
// In the order of their ids, each once. A leave counts for shifts that begin on its days; a substitute who is
// on leave too is stood in for by theirs.
std::vector<OnDuty> on_duty(const Roster& roster, TimeMs at);
// Who does this one's work on a day: themselves, a substitute, or nobody.
std::optional<Id> acting_for(const Roster& roster, Id user_id, Day day);

}  // namespace kiki::promises
