#include "promises/promise_clock.hpp"

#include <algorithm>
#include <limits>

namespace kiki::promises {

namespace {

constexpr TimeMs kNever = std::numeric_limits<TimeMs>::max();

const Target& target_of(const Terms& terms, Kind kind) {
  static const Target none;
  switch (kind) {
    case Kind::kFirstReply:
      return terms.first_reply;
    case Kind::kNextReply:
      return terms.next_reply;
    case Kind::kResolution:
      break;
  }
  return terms.resolution ? *terms.resolution : none;
}

// Puts the explanation together, day by day.
class Story {
 public:
  Story(const Calendar& calendar, std::vector<Step>* steps) : calendar_(calendar), steps_(steps) {}

  void used(Step::What what, Day day, TimeMs ms) {
    if (steps_ == nullptr || ms <= 0) return;
    if (!steps_->empty() && steps_->back().what == what && steps_->back().last_day == day) {
      steps_->back().used_ms += ms;
      return;
    }
    add({what, day, day, ms, {}, {}});
  }
  // The days between two that were counted on, both exclusive.
  void between(Day before, Day after) {
    if (steps_ == nullptr) return;
    for (Day day = before + 1; day < after && steps_->size() < kStepsMost; ++day) {
      if (!spans_of(calendar_, day).empty()) continue;  // open, but all of it paused
      const auto holiday = holiday_of(calendar_, day);
      if (holiday) {
        add({Step::What::kHoliday, day, day, 0, std::string(holiday->key), std::string(holiday->own)});
      } else if (!steps_->empty() && steps_->back().what == Step::What::kClosed &&
                 steps_->back().last_day == day - 1) {
        steps_->back().last_day = day;
      } else {
        add({Step::What::kClosed, day, day, 0, {}, {}});
      }
    }
  }

 private:
  void add(Step step) {
    if (steps_->size() < kStepsMost) steps_->push_back(std::move(step));
  }
  const Calendar& calendar_;
  std::vector<Step>* steps_;
};

// Takes `left` off an interval, without its pauses; the moment it is used up, or nothing.
std::optional<TimeMs> take(const Interval& interval, const std::vector<Pause>& pauses, TimeMs& left,
                           Story& story, const Calendar& calendar, bool by_day) {
  const auto day_at = [&](TimeMs at) { return by_day ? interval.day : calendar.zone.day_of(at); };
  TimeMs at = interval.from;
  const auto run_until = [&](TimeMs until) -> bool {
    if (until - at >= left) {
      story.used(Step::What::kUsed, day_at(at), left);
      at += left;
      left = 0;
      return true;
    }
    story.used(Step::What::kUsed, day_at(at), until - at);
    left -= until - at;
    at = until;
    return false;
  };
  for (const auto& pause : pauses) {
    const auto pause_end = pause.to.value_or(kNever);
    if (pause_end <= at) continue;
    if (pause.from >= interval.to) break;
    if (pause.from > at && run_until(pause.from)) return at;
    const auto stop = std::min(pause_end, interval.to);
    if (stop > at) {
      if (stop != kNever) story.used(Step::What::kPaused, day_at(at), stop - at);
      at = stop;
    }
    if (at >= interval.to) return std::nullopt;
  }
  return run_until(interval.to) ? std::optional(at) : std::nullopt;
}

}  // namespace

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::kFirstReply:
      return "first_reply";
    case Kind::kNextReply:
      return "next_reply";
    case Kind::kResolution:
      return "resolution";
  }
  return "";
}

std::string_view name(Counting counting) {
  return counting == Counting::kOpenTime ? "open" : "wall";
}

Plan plan(Kind kind, TimeMs from, const std::vector<Pause>& pauses_in, const Terms& terms,
          const Calendar& calendar, Detail detail) {
  static const std::vector<Pause> none;
  const auto& pauses = kind == Kind::kResolution && terms.pause_while_waiting ? pauses_in : none;
  Plan plan;
  plan.kind = kind;
  plan.from = from;
  plan.inside = is_open(calendar, from);
  plan.counting = plan.inside ? terms.inside : terms.outside;
  const auto& target = target_of(terms, kind);
  plan.minutes = plan.inside ? target.inside_minutes : target.outside_minutes;
  TimeMs left = plan.minutes * kMinuteMs;
  Story story(calendar, detail == Detail::kWithSteps ? &plan.steps : nullptr);

  const bool stands = !pauses.empty() && !pauses.back().to;
  const bool by_day = plan.counting == Counting::kOpenTime && !calendar.always_open;
  if (!by_day) {
    plan.due_at = take({from, kNever, 0}, pauses, left, story, calendar, false);
  } else {
    OpenTime open(calendar, from);
    Day before = calendar.zone.day_of(from) - 1;
    while (!plan.due_at) {
      const auto interval = open.next();
      if (!interval || (stands && interval->from >= pauses.back().from)) break;
      story.between(before, interval->day);
      before = std::max(before, interval->day);
      plan.due_at = take(*interval, pauses, left, story, calendar, true);
    }
    // The book refuses hours that never open, but a long row of own holidays may outlast our horizon.
    if (!plan.due_at && !stands) plan.due_at = from + TimeMs{OpenTime::kHorizonDays} * kDayMs;
  }
  plan.left_ms = plan.due_at ? 0 : left;
  if (plan.due_at) {
    const auto warn_ms = std::min(terms.warn_minutes, plan.minutes / 2) * kMinuteMs;
    if (warn_ms > 0) plan.warn_at = std::max(from, *plan.due_at - warn_ms);
  }
  return plan;
}

}  // namespace kiki::promises
