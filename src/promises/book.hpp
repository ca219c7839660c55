#pragma once
// A workspace's book of promises: its calendars and policies, as one document. The first policy that fits a
// case counts; the last one fits every case.

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "promises/promise_clock.hpp"
#include "promises/roster.hpp"

namespace kiki::promises {

inline constexpr std::size_t kCalendarsMost = 50;
inline constexpr std::size_t kPoliciesMost = 100;
inline constexpr std::size_t kOwnDaysMost = 500;  // of a calendar
inline constexpr std::size_t kSpansMost = 12;     // of a day
inline constexpr std::size_t kConditionsMost = 200;
inline constexpr std::size_t kNameMostBytes = 200;

struct Policy {
  std::string key;
  std::string name;
  std::size_t calendar = 0;  // index
  // Empty lists ask for nothing.
  std::vector<Id> accounts;
  std::vector<Id> topics;  // any of them
  std::vector<std::string> priorities;
  std::vector<std::string> groups;  // any of them
  Terms terms;
};

struct Book {
  std::int64_t version = 0;  // 0: the one every workspace starts with
  std::vector<Calendar> calendars;
  std::vector<Policy> policies;

  const Calendar& calendar_of(const Policy& policy) const { return calendars[policy.calendar]; }
  bool asks_for_topics() const;
  bool asks_for_groups() const;
};

// What a policy may ask of a case.
struct CaseTraits {
  Id account_id = 0;
  std::string priority = "normal";
  std::vector<Id> topic_ids;
  std::vector<std::string> groups;
};
const Policy& choose(const Book& book, const CaseTraits& traits);

// Always open, one hour; twelve outside of the hours, once there are some.
Book first_book(const TimeZone& zone);
// kInvalid with the place of the fault.
Result<Book> parse_book(JsonView document);
json::object to_json(const Book& book);

Result<Roster> parse_roster(JsonView document);
json::object to_json(const Roster& roster);
json::object to_json(const OnDuty& duty);

// The plan with its steps.
json::object to_json(const Plan& plan);

bool is_priority(std::string_view priority);  // low, normal, high, urgent

}  // namespace kiki::promises
