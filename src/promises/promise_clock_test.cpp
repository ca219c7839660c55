#include "promises/promise_clock.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "promises/holidays.hpp"

namespace kiki::promises {
namespace {

using What = Step::What;

TimeMs at(std::string_view text) {
  return parse_rfc3339(text).value();
}

Calendar office(const std::string& zone) {
  Calendar calendar{"office", "", TimeZone::find(zone).value()};
  for (int weekday = 1; weekday <= 5; ++weekday) {
    calendar.week[static_cast<std::size_t>(weekday)] = {{9 * 60, 12 * 60}, {13 * 60, 18 * 60}};
  }
  calendar.japans_holidays = zone == "Asia/Tokyo";
  return calendar;
}

TEST(PromiseClock, GoesOnAfterTheHolidayAndSaysWhy) {
  const auto calendar = office("Asia/Tokyo");
  const auto promise =
      plan(Kind::kFirstReply, at("2026-11-20T17:20:00+09:00"), {}, Terms{}, calendar, Detail::kWithSteps);
  EXPECT_TRUE(promise.inside);
  EXPECT_EQ(to_rfc3339(*promise.due_at), to_rfc3339(at("2026-11-24T09:20:00+09:00")));
  EXPECT_EQ(to_rfc3339(*promise.warn_at), to_rfc3339(at("2026-11-24T09:05:00+09:00")));
  ASSERT_EQ(promise.steps.size(), 4U);
  EXPECT_EQ(promise.steps[0].used_ms, 40 * kMinuteMs);
  EXPECT_EQ(promise.steps[1].what, What::kClosed);
  EXPECT_EQ(to_text(promise.steps[1].day), "2026-11-21");
  EXPECT_EQ(to_text(promise.steps[1].last_day), "2026-11-22");
  EXPECT_EQ(promise.steps[2].what, What::kHoliday);
  EXPECT_EQ(promise.steps[2].holiday, "jp.labour");
  EXPECT_EQ(promise.steps[3].used_ms, 20 * kMinuteMs);
}

TEST(PromiseClock, PromisesOtherwiseOutsideOfHours) {
  const auto calendar = office("Asia/Tokyo");
  const auto promise = plan(Kind::kFirstReply, at("2026-11-20T19:00:00+09:00"), {}, Terms{}, calendar);
  EXPECT_FALSE(promise.inside);
  EXPECT_EQ(*promise.due_at, at("2026-11-21T07:00:00+09:00"));
  Terms terms;
  terms.outside = Counting::kOpenTime;
  terms.next_reply.outside_minutes = 30;
  const auto counted = plan(Kind::kNextReply, at("2026-11-20T19:00:00+09:00"), {}, terms, calendar);
  EXPECT_EQ(*counted.due_at, at("2026-11-24T09:30:00+09:00"));
}

TEST(PromiseClock, AlwaysOpenIsPlainAddition) {
  Calendar calendar{"always", "", TimeZone::find("Asia/Tokyo").value(), true};
  for (const TimeMs from : {at("2026-01-01T00:00:00Z"), at("2026-11-20T19:00:30.123Z")}) {
    EXPECT_EQ(*plan(Kind::kNextReply, from, {}, Terms{}, calendar).due_at, from + 60 * kMinuteMs);
  }
}

TEST(PromiseClock, StandsWhileWeWaitForTheCustomer) {
  const auto calendar = office("Asia/Tokyo");
  Terms terms;
  terms.resolution = Target{120, 720};
  const auto from = at("2026-11-20T10:00:00+09:00");
  const std::vector<Pause> over{{at("2026-11-20T10:30:00+09:00"), at("2026-11-20T15:00:00+09:00")}};
  EXPECT_EQ(*plan(Kind::kResolution, from, over, terms, calendar).due_at, at("2026-11-20T16:30:00+09:00"));
  const std::vector<Pause> now{{at("2026-11-20T10:30:00+09:00"), std::nullopt}};
  const auto standing = plan(Kind::kResolution, from, now, terms, calendar);
  EXPECT_FALSE(standing.due_at);
  EXPECT_EQ(standing.left_ms, 90 * kMinuteMs);
  terms.pause_while_waiting = false;
  EXPECT_EQ(*plan(Kind::kResolution, from, now, terms, calendar).due_at, at("2026-11-20T12:00:00+09:00"));
}

TEST(PromiseClock, NightShiftGoesOnIntoAHoliday) {
  Calendar calendar{"night", "", TimeZone::find("Asia/Tokyo").value()};
  for (auto& spans : calendar.week) spans = {{22 * 60, 30 * 60}};
  calendar.japans_holidays = true;
  EXPECT_TRUE(is_open(calendar, at("2026-11-23T05:59:00+09:00")));  // Sunday's shift, into the holiday Monday
  EXPECT_FALSE(is_open(calendar, at("2026-11-23T23:00:00+09:00")));  // the holiday's own
  calendar.own[to_day({2026, 11, 23})] = {"fair", {{22 * 60, 24 * 60}}};
  EXPECT_TRUE(is_open(calendar, at("2026-11-23T23:00:00+09:00")));
}

// --- against a walk minute by minute

struct Window {
  TimeMs from = 0;
  std::vector<TimeMs> local;  // of each minute
  std::vector<bool> open;
};

Window walk(const Calendar& calendar, TimeMs from, int minutes) {
  Window window{from, {}, std::vector<bool>(static_cast<std::size_t>(minutes), calendar.always_open)};
  for (int i = 0; i < minutes; ++i) {
    const auto utc = from + i * kMinuteMs;
    window.local.push_back(utc + calendar.zone.offset_ms(utc));
  }
  const auto first = static_cast<Day>(window.local.front() / kDayMs) - 2;
  const auto last = static_cast<Day>(window.local.back() / kDayMs) + 1;
  for (Day day = first; day <= last; ++day) {
    const auto own = calendar.own.find(day);
    std::vector<Span> spans = calendar.week[static_cast<std::size_t>(weekday_of(day))];
    if (calendar.japans_holidays && japans_holiday(day)) spans.clear();
    if (own != calendar.own.end()) spans = own->second.spans;
    for (const auto& span : spans) {
      const auto begin_local = TimeMs{day} * kDayMs + span.begin * kMinuteMs;
      const auto end_local = TimeMs{day} * kDayMs + span.end * kMinuteMs;
      // From the first minute whose clock shows the begin or later, to the last one whose clock shows less
      // than the end.
      std::size_t begin = 0;
      while (begin < window.local.size() && window.local[begin] < begin_local) ++begin;
      std::size_t end = window.local.size();
      while (end > 0 && window.local[end - 1] >= end_local) --end;
      for (std::size_t i = begin; i < end; ++i) window.open[i] = true;
    }
  }
  return window;
}

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  std::vector<Span> spans() {
    std::vector<Span> list;
    int begin = below(12) * 45;
    for (int n = below(4); n > 0 && begin < 1440; --n) {
      const int end = std::min(begin + 15 * (1 + below(60)), kSpanEndMost);
      list.push_back({begin, end});
      begin = end + 15 * (1 + below(20));
    }
    return list;
  }
  Calendar calendar(TimeMs near) {
    static const char* const kZones[] = {"Asia/Tokyo",          "America/New_York",   "Europe/London",
                                         "Australia/Lord_Howe", "Australia/Adelaide", "America/St_Johns",
                                         "Africa/Casablanca",   "Asia/Kathmandu"};
    Calendar made{"g", "", TimeZone::find(kZones[below(std::size(kZones))]).value()};
    made.always_open = below(20) == 0;
    for (auto& day : made.week) day = spans();
    made.week[static_cast<std::size_t>(below(7))] = {{9 * 60, 17 * 60}};
    made.japans_holidays = below(2) == 0;
    for (int n = below(5); n > 0; --n) {
      made.own[static_cast<Day>(near / kDayMs) + below(14)] = {"own",
                                                               below(2) == 0 ? spans() : std::vector<Span>{}};
    }
    return made;
  }

 private:
  std::mt19937 random_;
};

// Days with a change of the clocks or a run of holidays inside the fortnight after them.
constexpr std::string_view kStarts[] = {
    "2026-03-06T00:00:00Z", "2026-03-27T00:00:00Z", "2026-04-03T00:00:00Z",
    "2026-10-02T00:00:00Z", "2026-10-23T00:00:00Z", "2026-10-30T00:00:00Z",
    "2026-04-28T00:00:00Z", "2026-09-18T00:00:00Z", "2026-02-14T00:00:00Z"};

TEST(PromiseClock, IsThatOfAWalkMinuteByMinute) {
  constexpr int kMinutes = 24 * 1440;
  int compared = 0;
  for (unsigned seed = 1; seed <= 120; ++seed) {
    Generator generator(seed);
    const auto start = at(kStarts[static_cast<std::size_t>(generator.below(std::size(kStarts)))]);
    const auto calendar = generator.calendar(start);
    const auto window = walk(calendar, start - 3 * kDayMs, kMinutes);
    const auto index = [&](TimeMs time) {
      return static_cast<std::size_t>((time - window.from) / kMinuteMs);
    };
    for (int n = 0; n < 12; ++n) {
      const auto from = start + generator.below(5 * 1440) * kMinuteMs;
      SCOPED_TRACE("seed " + std::to_string(seed) + " " + calendar.zone.name() + " from " + to_rfc3339(from));
      ASSERT_EQ(is_open(calendar, from), window.open[index(from)]);
      const auto to = from + generator.below(4 * 1440) * kMinuteMs;
      TimeMs open_ms = 0;
      for (auto i = index(from); i < index(to); ++i) open_ms += window.open[i] ? kMinuteMs : 0;
      ASSERT_EQ(open_between(calendar, from, to), open_ms);

      Terms terms;
      terms.resolution = Target{1 + generator.below(900), 1 + generator.below(900)};
      terms.inside = generator.below(3) == 0 ? Counting::kWallTime : Counting::kOpenTime;
      terms.outside = generator.below(2) == 0 ? Counting::kWallTime : Counting::kOpenTime;
      std::vector<Pause> pauses;
      auto pause_from = from + generator.below(300) * kMinuteMs;
      for (int p = generator.below(4); p > 0; --p) {
        const auto pause_to = pause_from + generator.below(900) * kMinuteMs;
        pauses.push_back({pause_from, pause_to});
        pause_from = pause_to + (1 + generator.below(300)) * kMinuteMs;
      }
      if (generator.below(4) == 0) pauses.push_back({pause_from, std::nullopt});
      const bool inside = window.open[index(from)];
      const auto counting = inside ? terms.inside : terms.outside;
      auto left = inside ? terms.resolution->inside_minutes : terms.resolution->outside_minutes;
      std::optional<TimeMs> due;
      auto i = index(from);
      for (; i < window.open.size() && left > 0; ++i) {
        const auto minute = window.from + static_cast<TimeMs>(i) * kMinuteMs;
        const bool paused = std::any_of(pauses.begin(), pauses.end(), [&](const Pause& pause) {
          return minute >= pause.from && (!pause.to || minute < *pause.to);
        });
        if (!paused && (counting == Counting::kWallTime || window.open[i])) --left;
        if (left == 0) due = minute + kMinuteMs;
      }
      const bool stands = !pauses.empty() && !pauses.back().to;
      if (!due && !stands) continue;  // outside of the window
      const auto promise = plan(Kind::kResolution, from, pauses, terms, calendar, Detail::kWithSteps);
      ASSERT_EQ(promise.due_at, due);
      if (!due) {
        ASSERT_EQ(promise.left_ms, left * kMinuteMs);
      }
      TimeMs used = 0;
      for (const auto& step : promise.steps) used += step.what == What::kUsed ? step.used_ms : 0;
      if (promise.steps.size() < kStepsMost) {
        ASSERT_EQ(used + promise.left_ms, promise.minutes * kMinuteMs);
      }
      ++compared;
    }
  }
  EXPECT_GT(compared, 1'000);
}

TEST(PromiseClock, NeverGoesBackWhenTheCustomerWritesLater) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    Generator generator(seed);
    const auto start = at(kStarts[static_cast<std::size_t>(generator.below(std::size(kStarts)))]);
    const auto calendar = generator.calendar(start);
    Terms terms;
    terms.first_reply = {90, 90};
    terms.outside = Counting::kOpenTime;
    TimeMs before = 0;
    for (int i = 0; i < 300; ++i) {
      const auto promise = plan(Kind::kFirstReply, start + i * 17 * kMinuteMs, {}, terms, calendar);
      ASSERT_GE(*promise.due_at, before);
      ASSERT_GE(*promise.due_at, promise.from + 90 * kMinuteMs);
      before = *promise.due_at;
    }
  }
}

TEST(OpenTime, ChangesOfTheClocks) {
  Calendar calendar{"c", "", TimeZone::find("America/New_York").value()};
  calendar.week[0] = {{2 * 60 + 30, 5 * 60}};  // 02:30 is skipped on 8 March 2026
  auto open = OpenTime(calendar, at("2026-03-08T00:00:00-05:00")).next();
  EXPECT_EQ(to_rfc3339(open->from), "2026-03-08T07:00:00.000Z");
  EXPECT_EQ(open->to - open->from, 120 * kMinuteMs);
  calendar.week[0] = {{90, 5 * 60}};  // 01:30 comes twice on 1 November 2026
  open = OpenTime(calendar, at("2026-11-01T00:00:00-04:00")).next();
  EXPECT_EQ(to_rfc3339(open->from), "2026-11-01T05:30:00.000Z");
  EXPECT_EQ(open->to - open->from, (210 + 60) * kMinuteMs);
  EXPECT_FALSE(TimeZone::find("Asia/Nowhere").ok());
}

TEST(OpenTime, ThatNeverComesEnds) {
  const Calendar closed{"c", "", TimeZone::find("Asia/Tokyo").value()};
  EXPECT_FALSE(next_opening(closed, at("2026-01-01T00:00:00Z")));
  EXPECT_TRUE(plan(Kind::kFirstReply, 0, {}, Terms{.outside = Counting::kOpenTime}, closed).due_at);
}

}  // namespace
}  // namespace kiki::promises
