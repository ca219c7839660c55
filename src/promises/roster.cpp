#include "promises/roster.hpp"

#include <algorithm>
#include <set>

namespace kiki::promises {

namespace {

const Leave* leave_of(const Roster& roster, Id user_id, Day day) {
  const auto found = std::find_if(roster.leaves.begin(), roster.leaves.end(), [&](const Leave& leave) {
    return leave.user_id == user_id && leave.first_day <= day && day <= leave.last_day;
  });
  return found == roster.leaves.end() ? nullptr : &*found;
}

}  // namespace

std::optional<Id> acting_for(const Roster& roster, Id user_id, Day day) {
  std::set<Id> asked;
  while (const auto* leave = leave_of(roster, user_id, day)) {
    if (!leave->substitute_id || !asked.insert(user_id).second) return std::nullopt;
    user_id = *leave->substitute_id;
  }
  return user_id;
}

std::vector<OnDuty> on_duty(const Roster& roster, TimeMs at) {
  std::map<Id, OnDuty> people;
  const Day today = roster.zone.day_of(at);
  for (const auto& shift : roster.shifts) {
    for (Day day = today - 2; day <= today; ++day) {
      if (shift.day ? *shift.day != day : !shift.weekday || *shift.weekday != weekday_of(day)) continue;
      const auto midnight = TimeMs{day} * kDayMs;
      const auto from = roster.zone.first_utc(midnight + shift.span.begin * kMinuteMs);
      const auto to = roster.zone.last_utc(midnight + shift.span.end * kMinuteMs);
      if (at < from || at >= to) continue;
      const auto user_id = acting_for(roster, shift.user_id, day);
      if (!user_id) continue;
      OnDuty now{*user_id, *user_id == shift.user_id ? std::nullopt : std::optional(shift.user_id), to};
      const auto [known, fresh] = people.emplace(*user_id, now);
      // Their own shift says more than one they took over; of two, the later end.
      if (fresh) continue;
      auto& other = known->second;
      if (!now.instead_of) other.instead_of.reset();
      other.until = std::max(other.until, now.until);
    }
  }
  std::vector<OnDuty> list;
  list.reserve(people.size());
  for (const auto& [id, duty] : people) list.push_back(duty);
  return list;
}

}  // namespace kiki::promises
