#pragma once
// Hours, promises and rosters once more, plainly: zones as a table of their changes, opening hours as a row
// of minutes, deadlines by walking through it. Shares no code with src/promises.

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace kiki::sim {

inline constexpr TimeMs kMinute = 60'000;
inline constexpr TimeMs kHour = 60 * kMinute;
inline constexpr TimeMs kDay = 24 * kHour;

struct PlainZone {
  std::string name;
  // From when on local clocks are so many minutes ahead of UTC; in order, the first one from ever.
  std::vector<std::pair<TimeMs, int>> ahead;
  std::int64_t change_day = 0;  // days since 1970 on whose night clocks change; 0: never

  TimeMs local(TimeMs utc) const;
  TimeMs utc(TimeMs local) const;  // of a time that comes once
};
const std::vector<PlainZone>& zones();
std::string day_text(std::int64_t day);  // "2027-03-28"

using PlainSpans = std::vector<std::pair<int, int>>;  // minutes from midnight; may end on the next day
struct PlainTarget {
  int inside = 60;
  int outside = 720;
};

// What a book of the simulation promises.
struct PlainBook {
  const PlainZone* zone = nullptr;
  bool always_open = false;
  bool japans_holidays = false;
  std::vector<std::pair<std::int64_t, PlainSpans>> own_days;
  std::array<PlainSpans, 7> week;  // from Sunday
  PlainTarget first;
  PlainTarget next;
  std::optional<PlainTarget> resolution;
  bool outside_counts_open_time = false;
  bool pause_while_waiting = true;
  int warn_minutes = 15;

  std::string json() const;  // the same, for the desk
};

enum class Promise : std::uint8_t { kFirstReply, kNextReply, kResolution };
std::string_view name(Promise promise);

struct PlainPause {
  TimeMs from = 0;
  std::optional<TimeMs> to;
};

// A book's open minutes between two moments.
class Hours {
 public:
  Hours(const PlainBook& book, TimeMs from, TimeMs to);
  bool is_open(TimeMs at) const;
  // Nothing while the clock stands.
  std::optional<TimeMs> due(Promise promise, TimeMs from, const std::vector<PlainPause>& pauses = {}) const;
  int minutes(Promise promise, TimeMs from) const;
  TimeMs open_between(TimeMs from, TimeMs to) const;

 private:
  const PlainBook& book_;
  TimeMs from_;
  TimeMs to_;
  std::vector<bool> open_;  // by minute
};

struct PlainRoster {
  const PlainZone* zone = nullptr;
  struct Shift {
    Id user = 0;
    int weekday = 0;
    int begin = 0;
    int end = 0;
  };
  struct Leave {
    Id user = 0;
    std::int64_t first_day = 0;
    std::int64_t last_day = 0;
    Id substitute = 0;
  };
  std::vector<Shift> shifts;
  std::vector<Leave> leaves;

  std::string json() const;
  bool is_away(Id user, std::int64_t day) const;
  std::set<Id> on_duty(TimeMs at) const;
};

}  // namespace kiki::sim
