#include "hours.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace kiki::sim {

namespace {

using namespace std::chrono;

std::int64_t day_number(year_month_day date) {
  return sys_days(date).time_since_epoch().count();
}
TimeMs moment(year_month_day date, int hour, int minute = 0) {
  return day_number(date) * kDay + hour * kHour + minute * kMinute;
}

// Those of the months in which lives are set.
bool is_japans_holiday(std::int64_t day) {
  static const std::set<std::int64_t> kDays = {
      day_number(2026y / 10 / 12), day_number(2026y / 11 / 3), day_number(2026y / 11 / 23),
      day_number(2027y / 1 / 1),   day_number(2027y / 1 / 11), day_number(2027y / 2 / 11),
      day_number(2027y / 2 / 23),  day_number(2027y / 3 / 21), day_number(2027y / 3 / 22),
      day_number(2027y / 4 / 29),  day_number(2027y / 5 / 3),  day_number(2027y / 5 / 4),
      day_number(2027y / 5 / 5)};
  return kDays.contains(day);
}

std::string clock_text(int minute) {
  char text[24];
  std::snprintf(text, sizeof text, "%02d:%02d", minute / 60, minute % 60);
  return text;
}
std::string spans_json(const PlainSpans& spans) {
  std::string list;
  for (const auto& [from, to] : spans) {
    list += list.empty() ? "" : ",";
    list += R"({"from":")" + clock_text(from) + R"(","to":")" + clock_text(to) + "\"}";
  }
  return "[" + list + "]";
}
std::string target_json(const PlainTarget& target) {
  return R"({"inside_minutes":)" + std::to_string(target.inside) + R"(,"outside_minutes":)" +
         std::to_string(target.outside) + "}";
}

}  // namespace

const std::vector<PlainZone>& zones() {
  static const std::vector<PlainZone> all = {
      {"Asia/Tokyo", {{0, 540}}, 0},
      {"Europe/Berlin",
       {{0, 120}, {moment(2026y / 10 / 25, 1), 60}, {moment(2027y / 3 / 28, 1), 120}},
       day_number(2027y / 3 / 28)},
      {"America/New_York",
       {{0, -240}, {moment(2026y / 11 / 1, 6), -300}, {moment(2027y / 3 / 14, 7), -240}},
       day_number(2026y / 11 / 1)},
      {"Australia/Lord_Howe",  // half an hour
       {{0, 630}, {moment(2026y / 10 / 3, 15, 30), 660}, {moment(2027y / 4 / 3, 15), 630}},
       day_number(2027y / 4 / 4)},
      {"Australia/Adelaide",
       {{0, 570}, {moment(2026y / 10 / 3, 16, 30), 630}, {moment(2027y / 4 / 3, 16, 30), 570}},
       day_number(2026y / 10 / 4)},
      {"America/St_Johns",
       {{0, -150}, {moment(2026y / 11 / 1, 4, 30), -210}, {moment(2027y / 3 / 14, 5, 30), -150}},
       day_number(2027y / 3 / 14)}};
  return all;
}

TimeMs PlainZone::local(TimeMs utc) const {
  int minutes = ahead.front().second;
  for (const auto& [from, offset] : ahead) {
    if (utc >= from) minutes = offset;
  }
  return utc + minutes * kMinute;
}

TimeMs PlainZone::utc(TimeMs wanted) const {
  for (const auto& one : ahead) {
    const auto guess = wanted - one.second * kMinute;
    if (local(guess) == wanted) return guess;
  }
  return wanted - ahead.back().second * kMinute;
}

std::string day_text(std::int64_t day) {
  const year_month_day date{sys_days{days{day}}};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

std::string_view name(Promise promise) {
  switch (promise) {
    case Promise::kFirstReply:
      return "first_reply";
    case Promise::kNextReply:
      return "next_reply";
    case Promise::kResolution:
      break;
  }
  return "resolution";
}

std::string PlainBook::json() const {
  std::string days;
  for (const auto& day : week) days += (days.empty() ? "" : ",") + spans_json(day);
  std::string own;
  for (const auto& [day, spans] : own_days) {
    own += own.empty() ? "" : ",";
    own += R"({"day":")" + day_text(day) + R"(","name":"own","spans":)" + spans_json(spans) + "}";
  }
  std::string calendar = R"({"key":"hours","time_zone":")" + zone->name + "\"";
  calendar += always_open ? R"(,"always_open":true)" : R"(,"week":[)" + days + "]";
  calendar += R"(,"own_days":[)" + own + "]";
  if (japans_holidays) calendar += R"(,"japans_holidays":true)";
  std::string policy = R"({"key":"default","calendar":"hours","first_reply":)" + target_json(first) +
                       R"(,"next_reply":)" + target_json(next);
  if (resolution) policy += R"(,"resolution":)" + target_json(*resolution);
  policy += std::string(R"(,"outside":")") + (outside_counts_open_time ? "open" : "wall") + "\"";
  policy += R"(,"warn_minutes":)" + std::to_string(warn_minutes);
  policy += std::string(R"(,"pause_while_waiting":)") + (pause_while_waiting ? "true" : "false");
  return R"({"calendars":[)" + calendar + R"(}],"policies":[)" + policy + "}]}";
}

Hours::Hours(const PlainBook& book, TimeMs from, TimeMs to)
    : book_(book),
      from_(from / kMinute * kMinute),
      to_(to),
      open_(static_cast<std::size_t>((to - from_) / kMinute + 1), book.always_open) {
  if (book.always_open) return;
  const auto& zone = *book.zone;
  int least = zone.ahead.front().second;
  int most = least;
  for (const auto& one : zone.ahead) {
    least = std::min(least, one.second);
    most = std::max(most, one.second);
  }
  for (auto day = zone.local(from) / kDay - 2; day <= zone.local(to) / kDay + 1; ++day) {
    auto spans = book.week[static_cast<std::size_t>((day + 4) % 7)];  // 1970-01-01 was a Thursday
    if (book.japans_holidays && is_japans_holiday(day)) spans.clear();
    for (const auto& [own, otherwise] : book.own_days) {
      if (own == day) spans = otherwise;
    }
    for (const auto& [begin, end] : spans) {
      // From the first minute whose clock shows the begin or later to the last one whose clock shows less
      // than the end.
      auto first = day * kDay + begin * kMinute - most * kMinute;
      while (zone.local(first) < day * kDay + begin * kMinute) first += kMinute;
      auto last = day * kDay + end * kMinute - least * kMinute;
      while (zone.local(last - kMinute) >= day * kDay + end * kMinute) last -= kMinute;
      for (auto at = std::max(first, from_); at < std::min(last, to_); at += kMinute)
        open_[static_cast<std::size_t>((at - from_) / kMinute)] = true;
    }
  }
}

bool Hours::is_open(TimeMs at) const {
  return at >= from_ && at < to_ && open_[static_cast<std::size_t>((at - from_) / kMinute)];
}

int Hours::minutes(Promise promise, TimeMs from) const {
  const auto& target = promise == Promise::kFirstReply  ? book_.first
                       : promise == Promise::kNextReply ? book_.next
                                                        : book_.resolution.value();
  return is_open(from) ? target.inside : target.outside;
}

TimeMs Hours::open_between(TimeMs from, TimeMs to) const {
  TimeMs open = 0;
  for (TimeMs at = from; at < to;) {
    const auto next = std::min(to, at / kMinute * kMinute + kMinute);
    if (is_open(at)) open += next - at;
    at = next;
  }
  return open;
}

std::optional<TimeMs> Hours::due(Promise promise, TimeMs from, const std::vector<PlainPause>& pauses) const {
  const bool counts_open_time = is_open(from) || book_.outside_counts_open_time;
  const bool stands = promise == Promise::kResolution && book_.pause_while_waiting;
  TimeMs left = minutes(promise, from) * kMinute;
  TimeMs at = from;
  while (at < to_) {
    auto next = at / kMinute * kMinute + kMinute;  // hours begin and end on whole minutes
    bool paused = false;
    for (const auto& pause : pauses) {
      if (!stands || (pause.to && *pause.to <= pause.from)) continue;
      if (pause.from <= at && (!pause.to || at < *pause.to)) {
        if (!pause.to) return std::nullopt;
        paused = true;
        next = *pause.to;
        break;
      }
      if (pause.from > at) next = std::min(next, pause.from);
    }
    if (!paused && (!counts_open_time || is_open(at))) {
      if (next - at >= left) return at + left;
      left -= next - at;
    }
    at = next;
  }
  return at;
}

std::string PlainRoster::json() const {
  std::string list;
  for (const auto& shift : shifts) {
    list += list.empty() ? "" : ",";
    list += R"({"user_id":")" + to_string(shift.user) + R"(","weekday":)" + std::to_string(shift.weekday) +
            R"(,"from":")" + clock_text(shift.begin) + R"(","to":")" + clock_text(shift.end) + "\"}";
  }
  std::string away;
  for (const auto& leave : leaves) {
    away += away.empty() ? "" : ",";
    away += R"({"user_id":")" + to_string(leave.user) + R"(","first_day":")" + day_text(leave.first_day) +
            R"(","last_day":")" + day_text(leave.last_day) + "\"";
    if (leave.substitute != 0) away += R"(,"substitute_id":")" + to_string(leave.substitute) + "\"";
    away += "}";
  }
  return R"({"time_zone":")" + zone->name + R"(","shifts":[)" + list + R"(],"leaves":[)" + away + "]}";
}

bool PlainRoster::is_away(Id user, std::int64_t day) const {
  return std::ranges::any_of(leaves, [&](const Leave& leave) {
    return leave.user == user && leave.first_day <= day && day <= leave.last_day;
  });
}

std::set<Id> PlainRoster::on_duty(TimeMs at) const {
  std::set<Id> people;
  const auto today = zone->local(at) / kDay;
  const auto minute = static_cast<int>(zone->local(at) % kDay / kMinute);
  for (const auto& shift : shifts) {
    for (const int before : {0, 1}) {  // one that began yesterday
      const auto day = today - before;
      const auto of_shift = minute + before * 1'440;
      if ((day + 4) % 7 != shift.weekday || of_shift < shift.begin || of_shift >= shift.end) continue;
      Id person = shift.user;
      for (std::size_t n = 0; person != 0 && is_away(person, day); ++n) {
        const auto leave = std::ranges::find_if(leaves, [&](const Leave& one) {
          return one.user == person && one.first_day <= day && day <= one.last_day;
        });
        person = n > leaves.size() ? 0 : leave->substitute;  // who stand in for each other are both away
      }
      if (person != 0) people.insert(person);
    }
  }
  return people;
}

}  // namespace kiki::sim
