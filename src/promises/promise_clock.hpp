#pragma once
// The promise clock: a pure function of a case's facts, a policy and a calendar. Worked out again at any time
// it says the same.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "promises/calendar.hpp"

namespace kiki::promises {

enum class Kind : std::uint8_t { kFirstReply, kNextReply, kResolution };
inline constexpr std::array kAllKinds = {Kind::kFirstReply, Kind::kNextReply, Kind::kResolution};
std::string_view name(Kind kind);  // "first_reply"

enum class Counting : std::uint8_t { kOpenTime, kWallTime };
std::string_view name(Counting counting);  // "open", "wall"

// What is promised, to somebody who wrote while the desk was open, or while it was closed.
struct Target {
  std::int64_t inside_minutes = 60;
  std::int64_t outside_minutes = 720;
  friend bool operator==(const Target&, const Target&) = default;
};
inline constexpr std::int64_t kTargetMostMinutes = 366 * 24 * 60;

struct Terms {
  Target first_reply;
  Target next_reply;
  std::optional<Target> resolution;
  Counting inside = Counting::kOpenTime;
  Counting outside = Counting::kWallTime;
  bool pause_while_waiting = true;  // the resolution's clock stands while we wait for the customer
  std::int64_t warn_minutes = 15;   // before the promise breaks; never more than half of it
};

struct Pause {
  TimeMs from = 0;
  std::optional<TimeMs> to;  // nothing: goes on
};

// One stretch of the explanation, of one local day. Of a promise on wall time there is one.
struct Step {
  enum class What : std::uint8_t { kUsed, kClosed, kHoliday, kPaused };
  What what = What::kUsed;
  Day day = 0;
  Day last_day = 0;      // kClosed: several days in a row
  TimeMs used_ms = 0;    // kUsed, kPaused
  std::string holiday;   // kHoliday: a key of japans_holiday() …
  std::string own_name;  // … or the desk's own name for the day
};
inline constexpr std::size_t kStepsMost = 60;

struct Plan {
  Kind kind = Kind::kFirstReply;
  TimeMs from = 0;
  bool inside = true;  // began while the desk was open
  Counting counting = Counting::kOpenTime;
  std::int64_t minutes = 0;
  std::optional<TimeMs> due_at;  // nothing: the clock stands, because we wait for the customer
  std::optional<TimeMs> warn_at;
  TimeMs left_ms = 0;       // when it stands: what will be left
  std::vector<Step> steps;  // when asked for
};

enum class Detail : std::uint8_t { kTimeOnly, kWithSteps };

// `pauses` in order; they count for the resolution only.
Plan plan(Kind kind, TimeMs from, const std::vector<Pause>& pauses, const Terms& terms,
          const Calendar& calendar, Detail detail = Detail::kTimeOnly);

}  // namespace kiki::promises
