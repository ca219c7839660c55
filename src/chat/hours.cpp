#include "chat/hours.hpp"

#include <boost/json.hpp>

namespace kiki::chat {

namespace {

std::string clock_of(int minute) {
  const int in_day = minute > 1440 ? minute - 1440 : minute;
  std::string text = std::to_string(100 + in_day / 60).substr(1);
  return text + ':' + std::to_string(100 + in_day % 60).substr(1);
}

json::array spans_json(const std::vector<promises::Span>& spans) {
  json::array list;
  for (const auto& span : spans)
    list.push_back(json::object{{"from", clock_of(span.begin)}, {"to", clock_of(span.end)}});
  return list;
}

}  // namespace

json::object hours_json(const promises::Calendar& calendar, TimeMs now_ms) {
  const bool open = promises::is_open(calendar, now_ms);
  json::object hours{{"open", open},
                     {"opens_at", nullptr},
                     {"closes_at", nullptr},
                     {"always", calendar.always_open},
                     {"time_zone", calendar.zone.name()}};
  if (!open) {
    if (const auto next = promises::next_opening(calendar, now_ms)) hours["opens_at"] = to_rfc3339(*next);
  } else if (!calendar.always_open) {
    promises::OpenTime times(calendar, now_ms);
    if (const auto now = times.next()) hours["closes_at"] = to_rfc3339(now->to);
  }
  json::array week;
  for (const auto& day : calendar.week) week.push_back(spans_json(day));
  hours["week"] = std::move(week);
  json::array days;
  const auto today = calendar.zone.day_of(now_ms);
  for (promises::Day day = today; !calendar.always_open && day < today + kDaysAhead; ++day) {
    const auto holiday = promises::holiday_of(calendar, day);
    if (!holiday) continue;
    days.push_back(json::object{{"day", promises::to_text(day)},
                                {"holiday", holiday->key},
                                {"name", holiday->own},
                                {"spans", spans_json(promises::spans_of(calendar, day))}});
  }
  hours["days"] = std::move(days);
  return hours;
}

const promises::Calendar& calendar_for(const promises::Book& book, std::string_view key, Id account_id) {
  for (const auto& calendar : book.calendars) {
    if (!key.empty() && calendar.key == key) return calendar;
  }
  promises::CaseTraits traits;
  traits.account_id = account_id;
  return book.calendar_of(promises::choose(book, traits));
}

}  // namespace kiki::chat
