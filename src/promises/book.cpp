#include "promises/book.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

namespace kiki::promises {

namespace {

template <class T>
bool shares(const std::vector<T>& wanted, const std::vector<T>& present) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const T& one) {
    return std::find(present.begin(), present.end(), one) != present.end();
  });
}

bool fits(const Policy& policy, const CaseTraits& traits) {
  const auto in = [](const auto& list, const auto& one) {
    return list.empty() || std::find(list.begin(), list.end(), one) != list.end();
  };
  return in(policy.accounts, traits.account_id) && in(policy.priorities, traits.priority) &&
         (policy.topics.empty() || shares(policy.topics, traits.topic_ids)) &&
         (policy.groups.empty() || shares(policy.groups, traits.groups));
}

bool has_conditions(const Policy& policy) {
  return !policy.accounts.empty() || !policy.topics.empty() || !policy.priorities.empty() ||
         !policy.groups.empty();
}

// --- reading

Result<std::string> key_of(JsonView value) {
  auto key = TRY(value.string(40));
  const bool good = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (!good) return invalid("expected up to 40 of a-z, 0-9, _ and -", value.pointer());
  return key;
}

Result<std::int64_t> between(JsonView value, std::int64_t least, std::int64_t most, std::int64_t otherwise) {
  const auto number = TRY(value.integer_or(otherwise));
  if (number >= least && number <= most) return number;
  return invalid("expected a number from " + std::to_string(least) + " to " + std::to_string(most),
                 value.pointer());
}

Result<void> only(JsonView object, std::initializer_list<std::string_view> names) {
  if (!object.is_object()) return invalid("expected an object", object.pointer());
  return object.each_member([&](std::string_view key, JsonView value) -> Result<void> {
    if (std::find(names.begin(), names.end(), key) != names.end()) return {};
    return invalid("is not known here", value.pointer());
  });
}

template <class F>
Result<void> list(JsonView value, std::size_t most, F f) {
  if (value.is_null()) return {};
  if (!value.is_array()) return invalid("expected an array", value.pointer());
  if (value.size() > most) return invalid("at most " + std::to_string(most), value.pointer());
  return value.each([&](JsonView item) -> Result<void> { return f(item); });
}

// "09:30"; "26:00" is two in the morning of the next day.
Result<int> minute_of_day(JsonView value) {
  const auto text = TRY(value.string(5));
  const auto digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  if (text.size() == 5 && text[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4)) {
    const int hours = (text[0] - '0') * 10 + text[1] - '0';
    const int minutes = (text[3] - '0') * 10 + text[4] - '0';
    if (minutes < 60 && hours * 60 + minutes <= kSpanEndMost) return hours * 60 + minutes;
  }
  return invalid("expected a time from 00:00 to 48:00", value.pointer());
}

Result<Span> read_span(JsonView value) {
  const Span span{TRY(minute_of_day(value["from"])), TRY(minute_of_day(value["to"]))};
  if (span.begin >= 1440) return invalid("must be before 24:00", value["from"].pointer());
  if (span.end <= span.begin) return invalid("must be later than the beginning", value["to"].pointer());
  return span;
}

Result<std::vector<Span>> read_spans(JsonView value) {
  std::vector<Span> spans;
  TRY(list(value, kSpansMost, [&](JsonView item) -> Result<void> {
    TRY(only(item, {"from", "to"}));
    const auto span = TRY(read_span(item));
    if (!spans.empty() && span.begin < spans.back().end)
      return invalid("overlaps the one before", item.pointer());
    spans.push_back(span);
    return {};
  }));
  return spans;
}

Result<Day> read_day(JsonView value) {
  auto day = parse_day(TRY(value.string(10)));
  if (!day.ok()) return invalid(day.error().message, value.pointer());
  return day;
}

Result<TimeZone> read_zone(JsonView value) {
  auto zone = TimeZone::find(TRY(value.string(100)));
  if (!zone.ok()) return invalid(zone.error().message, value.pointer());
  return zone;
}

Result<Id> read_id(JsonView value) {
  const auto id = parse_id(TRY(value.string(32)));
  if (!id) return invalid("expected an id", value.pointer());
  return *id;
}

Result<Calendar> read_calendar(JsonView value) {
  TRY(only(value, {"key", "name", "time_zone", "always_open", "week", "japans_holidays", "own_days"}));
  Calendar calendar{TRY(key_of(value["key"])), TRY(value["name"].string_or("", kNameMostBytes)),
                    TRY(read_zone(value["time_zone"]))};
  calendar.always_open = TRY(value["always_open"].boolean_or(false));
  calendar.japans_holidays = TRY(value["japans_holidays"].boolean_or(false));
  if (value["week"].exists() && value["week"].size() != 7)
    return invalid("expected seven days, from Sunday", value["week"].pointer());
  std::size_t weekday = 0;
  TRY(list(value["week"], 7, [&](JsonView day) -> Result<void> {
    calendar.week[weekday++] = TRY(read_spans(day));
    return {};
  }));
  TRY(list(value["own_days"], kOwnDaysMost, [&](JsonView item) -> Result<void> {
    TRY(only(item, {"day", "name", "spans"}));
    OwnDay own{TRY(item["name"].string_or("", kNameMostBytes)), TRY(read_spans(item["spans"]))};
    if (!calendar.own.emplace(TRY(read_day(item["day"])), std::move(own)).second)
      return invalid("stands here twice", item["day"].pointer());
    return {};
  }));
  const bool opens =
      std::any_of(calendar.week.begin(), calendar.week.end(), [](auto& day) { return !day.empty(); });
  if (!calendar.always_open && !opens)
    return invalid("needs opening hours on some weekday", value["week"].pointer());
  return calendar;
}

Result<Target> read_target(JsonView value, Target otherwise) {
  if (value.is_null()) return otherwise;
  TRY(only(value, {"inside_minutes", "outside_minutes"}));
  return Target{TRY(between(value["inside_minutes"], 1, kTargetMostMinutes, otherwise.inside_minutes)),
                TRY(between(value["outside_minutes"], 1, kTargetMostMinutes, otherwise.outside_minutes))};
}

Result<Counting> read_counting(JsonView value, Counting otherwise) {
  const auto text = TRY(value.string_or(name(otherwise), 10));
  if (text == "open") return Counting::kOpenTime;
  if (text == "wall") return Counting::kWallTime;
  return invalid("expected open or wall", value.pointer());
}

Result<Policy> read_policy(JsonView value, const std::vector<Calendar>& calendars) {
  TRY(only(value, {"key", "name", "calendar", "accounts", "topics", "priorities", "groups", "first_reply",
                   "next_reply", "resolution", "inside", "outside", "pause_while_waiting", "warn_minutes"}));
  Policy policy;
  policy.key = TRY(key_of(value["key"]));
  policy.name = TRY(value["name"].string_or("", kNameMostBytes));
  const auto calendar = TRY(value["calendar"].string(40));
  const auto found =
      std::find_if(calendars.begin(), calendars.end(), [&](auto& one) { return one.key == calendar; });
  if (found == calendars.end())
    return invalid("There is no calendar with this key.", value["calendar"].pointer());
  policy.calendar = static_cast<std::size_t>(found - calendars.begin());
  const auto ids = [](std::vector<Id>& into) {
    return [&into](JsonView item) -> Result<void> {
      into.push_back(TRY(read_id(item)));
      return {};
    };
  };
  TRY(list(value["accounts"], kConditionsMost, ids(policy.accounts)));
  TRY(list(value["topics"], kConditionsMost, ids(policy.topics)));
  TRY(list(value["priorities"], 4, [&](JsonView item) -> Result<void> {
    policy.priorities.push_back(TRY(item.string(20)));
    if (!is_priority(policy.priorities.back()))
      return invalid("expected low, normal, high or urgent", item.pointer());
    return {};
  }));
  TRY(list(value["groups"], kConditionsMost, [&](JsonView item) -> Result<void> {
    policy.groups.push_back(TRY(item.string(kNameMostBytes)));
    return {};
  }));
  auto& terms = policy.terms;
  terms.first_reply = TRY(read_target(value["first_reply"], {}));
  terms.next_reply = TRY(read_target(value["next_reply"], terms.first_reply));
  if (!value["resolution"].is_null())
    terms.resolution = TRY(read_target(value["resolution"], {1'440, 2'880}));
  terms.inside = TRY(read_counting(value["inside"], Counting::kOpenTime));
  terms.outside = TRY(read_counting(value["outside"], Counting::kWallTime));
  terms.pause_while_waiting = TRY(value["pause_while_waiting"].boolean_or(true));
  terms.warn_minutes = TRY(between(value["warn_minutes"], 0, kTargetMostMinutes, 15));
  return policy;
}

// --- writing

std::string clock_text(int minute) {
  const auto two = [](int n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
  return two(minute / 60) + ":" + two(minute % 60);
}

json::object to_json(const Span& span) {
  return {{"from", clock_text(span.begin)}, {"to", clock_text(span.end)}};
}

json::array to_json(const std::vector<Span>& spans) {
  json::array made;
  for (const auto& span : spans) made.push_back(to_json(span));
  return made;
}

json::object to_json(const Calendar& calendar) {
  json::array week;
  for (const auto& day : calendar.week) week.push_back(to_json(day));
  json::array own;
  for (const auto& [day, about] : calendar.own) {
    own.push_back(json::object{{"day", to_text(day)}, {"name", about.name}, {"spans", to_json(about.spans)}});
  }
  return {{"key", calendar.key},
          {"name", calendar.name},
          {"time_zone", calendar.zone.name()},
          {"always_open", calendar.always_open},
          {"week", std::move(week)},
          {"japans_holidays", calendar.japans_holidays},
          {"own_days", std::move(own)}};
}

json::object to_json(const Target& target) {
  return {{"inside_minutes", target.inside_minutes}, {"outside_minutes", target.outside_minutes}};
}

json::array ids_json(const std::vector<Id>& ids) {
  json::array made;
  for (const Id id : ids) made.emplace_back(to_string(id));
  return made;
}

json::array texts_json(const std::vector<std::string>& texts) {
  json::array made;
  for (const auto& text : texts) made.emplace_back(text);
  return made;
}

json::value maybe_time(std::optional<TimeMs> time) {
  return time ? json::value(to_rfc3339(*time)) : json::value(nullptr);
}

std::string_view name(Step::What what) {
  switch (what) {
    case Step::What::kUsed:
      return "used";
    case Step::What::kClosed:
      return "closed";
    case Step::What::kHoliday:
      return "holiday";
    case Step::What::kPaused:
      return "paused";
  }
  return "";
}

}  // namespace

bool Book::asks_for_topics() const {
  return std::any_of(policies.begin(), policies.end(), [](auto& policy) { return !policy.topics.empty(); });
}

bool Book::asks_for_groups() const {
  return std::any_of(policies.begin(), policies.end(), [](auto& policy) { return !policy.groups.empty(); });
}

const Policy& choose(const Book& book, const CaseTraits& traits) {
  const auto found = std::find_if(book.policies.begin(), book.policies.end(),
                                  [&](const Policy& policy) { return fits(policy, traits); });
  return found == book.policies.end() ? book.policies.back() : *found;
}

bool is_priority(std::string_view priority) {
  return priority == "low" || priority == "normal" || priority == "high" || priority == "urgent";
}

Book first_book(const TimeZone& zone) {
  Book book;
  book.calendars.push_back({"always", "", zone, true});
  Policy policy;
  policy.key = "default";
  book.policies.push_back(std::move(policy));
  return book;
}

Result<Book> parse_book(JsonView document) {
  Book book;
  std::set<std::string> keys;
  TRY(list(document["calendars"], kCalendarsMost, [&](JsonView item) -> Result<void> {
    book.calendars.push_back(TRY(read_calendar(item)));
    if (!keys.insert(book.calendars.back().key).second)
      return invalid("stands here twice", item["key"].pointer());
    return {};
  }));
  keys.clear();
  TRY(list(document["policies"], kPoliciesMost, [&](JsonView item) -> Result<void> {
    book.policies.push_back(TRY(read_policy(item, book.calendars)));
    if (!keys.insert(book.policies.back().key).second)
      return invalid("stands here twice", item["key"].pointer());
    return {};
  }));
  if (book.calendars.empty()) return invalid("needs a calendar", "/calendars");
  if (book.policies.empty() || has_conditions(book.policies.back()))
    return invalid("The last policy must fit every case.", "/policies");
  return book;
}

json::object to_json(const Book& book) {
  json::array calendars;
  for (const auto& calendar : book.calendars) calendars.push_back(to_json(calendar));
  json::array policies;
  for (const auto& policy : book.policies) {
    const auto& terms = policy.terms;
    json::object made;
    made["key"] = policy.key;
    made["name"] = policy.name;
    made["calendar"] = book.calendar_of(policy).key;
    made["accounts"] = ids_json(policy.accounts);
    made["topics"] = ids_json(policy.topics);
    made["priorities"] = texts_json(policy.priorities);
    made["groups"] = texts_json(policy.groups);
    made["first_reply"] = to_json(terms.first_reply);
    made["next_reply"] = to_json(terms.next_reply);
    made["resolution"] = terms.resolution ? json::value(to_json(*terms.resolution)) : json::value(nullptr);
    made["inside"] = name(terms.inside);
    made["outside"] = name(terms.outside);
    made["pause_while_waiting"] = terms.pause_while_waiting;
    made["warn_minutes"] = terms.warn_minutes;
    policies.push_back(std::move(made));
  }
  return {{"calendars", std::move(calendars)}, {"policies", std::move(policies)}};
}

Result<Roster> parse_roster(JsonView document) {
  Roster roster{TRY(read_zone(document["time_zone"]))};
  TRY(list(document["shifts"], kShiftsMost, [&](JsonView item) -> Result<void> {
    TRY(only(item, {"user_id", "weekday", "day", "from", "to"}));
    Shift shift;
    shift.user_id = TRY(read_id(item["user_id"]));
    shift.span = TRY(read_span(item));
    if (item["weekday"].is_null() == item["day"].is_null())
      return invalid("expected either a weekday or a day", item.pointer());
    if (item["day"].is_null()) {
      shift.weekday = static_cast<int>(TRY(between(item["weekday"], 0, 6, 0)));
    } else {
      shift.day = TRY(read_day(item["day"]));
    }
    roster.shifts.push_back(shift);
    return {};
  }));
  TRY(list(document["leaves"], kLeavesMost, [&](JsonView item) -> Result<void> {
    TRY(only(item, {"user_id", "first_day", "last_day", "substitute_id", "note"}));
    Leave leave;
    leave.user_id = TRY(read_id(item["user_id"]));
    leave.first_day = TRY(read_day(item["first_day"]));
    leave.last_day = TRY(read_day(item["last_day"]));
    if (leave.last_day < leave.first_day)
      return invalid("is before the first day", item["last_day"].pointer());
    if (!item["substitute_id"].is_null()) leave.substitute_id = TRY(read_id(item["substitute_id"]));
    if (leave.substitute_id == leave.user_id)
      return invalid("must be somebody else", item["substitute_id"].pointer());
    leave.note = TRY(item["note"].string_or("", kLeaveNoteMostBytes));
    roster.leaves.push_back(std::move(leave));
    return {};
  }));
  return roster;
}

json::object to_json(const Roster& roster) {
  json::array shifts;
  for (const auto& shift : roster.shifts) {
    auto made = to_json(shift.span);
    made["user_id"] = to_string(shift.user_id);
    made["weekday"] = shift.weekday ? json::value(*shift.weekday) : json::value(nullptr);
    made["day"] = shift.day ? json::value(to_text(*shift.day)) : json::value(nullptr);
    shifts.push_back(std::move(made));
  }
  json::array leaves;
  for (const auto& leave : roster.leaves) {
    json::object made;
    made["user_id"] = to_string(leave.user_id);
    made["first_day"] = to_text(leave.first_day);
    made["last_day"] = to_text(leave.last_day);
    made["substitute_id"] =
        leave.substitute_id ? json::value(to_string(*leave.substitute_id)) : json::value(nullptr);
    made["note"] = leave.note;
    leaves.push_back(std::move(made));
  }
  return {{"time_zone", roster.zone.name()}, {"shifts", std::move(shifts)}, {"leaves", std::move(leaves)}};
}

json::object to_json(const OnDuty& duty) {
  return {{"user_id", to_string(duty.user_id)},
          {"instead_of", duty.instead_of ? json::value(to_string(*duty.instead_of)) : json::value(nullptr)},
          {"until", to_rfc3339(duty.until)}};
}

json::object to_json(const Plan& plan) {
  json::array steps;
  for (const auto& step : plan.steps) {
    json::object made;
    made["what"] = name(step.what);
    made["day"] = to_text(step.day);
    made["last_day"] = to_text(step.last_day);
    made["minutes"] = (step.used_ms + kMinuteMs / 2) / kMinuteMs;
    made["holiday"] = step.holiday;
    made["name"] = step.own_name;
    steps.push_back(std::move(made));
  }
  json::object body;
  body["kind"] = name(plan.kind);
  body["from"] = to_rfc3339(plan.from);
  body["inside"] = plan.inside;
  body["counting"] = name(plan.counting);
  body["minutes"] = plan.minutes;
  body["due_at"] = maybe_time(plan.due_at);
  body["warn_at"] = maybe_time(plan.warn_at);
  body["left_minutes"] = plan.left_ms / kMinuteMs;
  body["steps"] = std::move(steps);
  return body;
}

}  // namespace kiki::promises
