#include "listening/rise/detector.hpp"

#include <algorithm>
#include <cmath>

namespace kiki::listening::rise {

namespace {

constexpr TimeMs kHourMs = 3'600'000;
constexpr double kPull = 3;        // nothing pulls the level and the scatter harder than so many scatters …
constexpr double kDailyPull = 10;  // … and an hour of the day
constexpr TimeMs kLongestGapMs = 24 * kHourMs;
// Anscombe: the square root of a count plus 3/8 scatters by one half, however large the count.
double root_of(double value) {
  return std::sqrt(std::max(0.0, value) + 0.375);
}
double share(double step_ms, double half_life_ms) {
  return 1 - std::exp2(-step_ms / half_life_ms);
}

}  // namespace

// Chosen with bench/nab_score.mjs: docs/decisions/rise-alarm.md says what moves when one is changed.
Options default_options() {
  Options options;
  options.raise_at = 5;
  options.end_below = 2.5;
  options.fade_ms = 2 * kHourMs;
  options.again_ms = 36 * kHourMs;
  options.greater = 2;
  options.least_value = 5;
  options.learn_ms = 24 * kHourMs;
  options.level_half_life_ms = 48.0 * kHourMs;
  options.day_half_life_days = 4;
  options.scatter_half_life_ms = 96.0 * kHourMs;
  options.least_scatter = 0.39;
  return options;
}

int severity_of(double distance, double raise_at) {
  if (distance < raise_at) return 0;
  // Twice the distance is three steps more.
  return std::clamp(1 + static_cast<int>(std::floor(3 * std::log2(distance / raise_at))), 1, 10);
}

int Detector::hour_of(TimeMs start_ms) {
  return static_cast<int>(((start_ms / kHourMs) % kHours + kHours) % kHours);
}

double Detector::usual_root(TimeMs start_ms) const {
  const auto hour = static_cast<std::size_t>(hour_of(start_ms));
  return std::max(root_of(0), level_ + hours_[hour] * std::min(1.0, weights_[hour]));
}

Verdict Detector::judge(TimeMs start_ms, double value) const {
  Verdict verdict;
  if (!any_) return verdict;
  const auto usual = usual_root(start_ms);
  verdict.expected = std::max(0.0, usual * usual - 0.375);
  verdict.distance = (root_of(value) - usual) / std::max(options_.least_scatter, scatter_);
  const bool knows = start_ms - first_ms_ >= options_.learn_ms;
  const bool high = knows && value >= options_.least_value && verdict.distance >= options_.raise_at;
  if (high) verdict.severity = severity_of(verdict.distance, options_.raise_at);
  const bool told = raised_ms_ != 0 && start_ms - raised_ms_ < options_.again_ms &&
                    verdict.distance < peak_ * options_.greater;
  verdict.raised = high && !lasting_ && !told;
  verdict.lasting = lasting_ || verdict.raised;
  if (knows && value >= options_.least_value && verdict.distance > 0)
    verdict.score = verdict.distance / (verdict.distance + options_.raise_at);
  if (!verdict.raised) verdict.score = std::min(verdict.score, 0.499);
  return verdict;
}

Verdict Detector::look(TimeMs start_ms, double value) const {
  return judge(start_ms, value);
}

Verdict Detector::add(TimeMs start_ms, double value) {
  bool ended = false;
  auto verdict = judge(start_ms, value);
  if (raised_ms_ != 0) peak_ = std::max(peak_, verdict.distance);
  if (lasting_ && !verdict.raised) {
    if (verdict.distance >= options_.end_below) {
      quiet_since_ms_ = 0;
    } else if (quiet_since_ms_ == 0) {
      quiet_since_ms_ = start_ms;
    } else if (start_ms - quiet_since_ms_ >= options_.fade_ms) {
      lasting_ = false;
      ended = true;
      verdict.lasting = false;
    }
  }
  if (verdict.raised) {
    lasting_ = true;
    quiet_since_ms_ = 0;
    raised_ms_ = start_ms;
    peak_ = verdict.distance;
  }
  verdict.ended = ended;
  learn(start_ms, root_of(value));
  return verdict;
}

void Detector::learn(TimeMs start_ms, double root) {
  if (!any_) {
    any_ = true;
    first_ms_ = last_ms_ = start_ms;
    level_ = root;
    return;
  }
  const auto step_ms = static_cast<double>(std::clamp<TimeMs>(start_ms - last_ms_, 1, kLongestGapMs));
  last_ms_ = start_ms;
  const auto usual = usual_root(start_ms);
  const auto scatter = std::max(options_.least_scatter, scatter_);
  const auto off = std::clamp(root - usual, -kPull * scatter, kPull * scatter);
  const auto hour = static_cast<std::size_t>(hour_of(start_ms));
  const auto seen_ms = static_cast<double>(start_ms - first_ms_);
  const auto level_half_life = std::min(options_.level_half_life_ms, std::max(step_ms, seen_ms));
  level_ += share(step_ms, level_half_life) * off;
  // An hour of the day is seen for one hour a day.
  // What comes every day is learnt in a week, also when it is far off.
  const auto daily = std::clamp(root - usual, -kDailyPull * scatter, kDailyPull * scatter);
  hours_[hour] += share(step_ms, options_.day_half_life_days * kHourMs) * daily;
  weights_[hour] = std::min(1.0, weights_[hour] + step_ms / (options_.day_half_life_days * kHourMs));
  const auto scatter_half_life = std::min(options_.scatter_half_life_ms, std::max(step_ms, seen_ms));
  // 1.25: of the normal distribution, whose mean distance is 0.8 times its scatter.
  scatter_ += share(step_ms, scatter_half_life) * (1.25 * std::abs(off) - scatter_);
}

}  // namespace kiki::listening::rise
