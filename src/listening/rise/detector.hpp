#pragma once
// Is this much? One number after the other, equally spaced in time, is held against what is usual at this
// hour.
//
// Plain on purpose, so that an alarm can be explained in one sentence. Values are compared as square roots,
// which makes the scatter of counts about the same for small and large ones. What is usual is the level of
// the last days, shifted by how this hour of the day differs from the others; the scatter is the typical
// distance of the numbers before from what was usual then. An outlier moves all three only a little. How and
// why: docs/decisions/rise-alarm.md.

#include <array>
#include <cstdint>

#include "base/clock.hpp"

namespace kiki::listening::rise {

struct Options {
  double raise_at = 0;     // distance, in units of the scatter, at which an alarm begins
  double end_below = 0;    // … and below which it fades
  TimeMs fade_ms = 0;      // so long below: the alarm is over
  TimeMs again_ms = 0;     // so long after an alarm began, only a greater one is told …
  double greater = 0;      // … by this factor of its greatest distance
  double least_value = 0;  // smaller numbers never raise an alarm
  TimeMs learn_ms = 0;     // no alarm before so much was seen
  double level_half_life_ms = 0;
  double day_half_life_days = 0;
  double scatter_half_life_ms = 0;
  double least_scatter = 0;  // of square roots
};
Options default_options();

struct Verdict {
  double expected = 0;  // what is usual here, in posts
  double distance = 0;  // from it, in units of the scatter; below 0: fewer than usual
  double score = 0;     // 0 to 1; from 0.5 on it raises an alarm. What an alarm already told stays below.
  int severity = 0;     // 1 to 10 from raise_at on, else 0
  bool raised = false;  // an alarm begins with this number
  bool ended = false;   // … or was over before it
  bool lasting = false;
};

class Detector {
 public:
  explicit Detector(const Options& options = default_options()) : options_(options) {}

  // What would add() say of this value, which may still grow? Nothing is learnt.
  Verdict look(TimeMs start_ms, double value) const;
  // The next number, of the span that began at start_ms; learns from it.
  Verdict add(TimeMs start_ms, double value);

  bool lasting() const { return lasting_; }

 private:
  static constexpr int kHours = 24;
  static int hour_of(TimeMs start_ms);
  double usual_root(TimeMs start_ms) const;
  Verdict judge(TimeMs start_ms, double value) const;
  void learn(TimeMs start_ms, double root);

  Options options_;
  TimeMs first_ms_ = 0;
  TimeMs last_ms_ = 0;
  bool any_ = false;
  double level_ = 0;
  double scatter_ = 1;
  std::array<double, kHours> hours_{};    // how this hour differs from the level
  std::array<double, kHours> weights_{};  // how much was seen of it
  bool lasting_ = false;
  TimeMs quiet_since_ms_ = 0;  // 0: not quiet now
  TimeMs raised_ms_ = 0;       // when the last alarm began; 0: never
  double peak_ = 0;            // its greatest distance
};

int severity_of(double distance, double raise_at);

}  // namespace kiki::listening::rise
