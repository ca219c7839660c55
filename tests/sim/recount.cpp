#include "recount.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <set>

namespace kiki::sim {

namespace {

constexpr TimeMs kMinute = 60'000;
constexpr TimeMs kDay = 24 * 60 * kMinute;
constexpr TimeMs kTokyo = 9 * 60 * kMinute;
constexpr TimeMs kCrossing = 2 * kMinute;  // posts and answers cross on their way
constexpr int kDaysMost = 60;

// --- hours

bool is_holiday(std::int64_t day) {
  // The ones of the months in which lives are set; days since 1970.
  using namespace std::chrono;
  static const std::set<std::int64_t> kHolidays = {sys_days(2027y / 1 / 1).time_since_epoch().count(),
                                                   sys_days(2027y / 1 / 11).time_since_epoch().count(),
                                                   sys_days(2027y / 2 / 11).time_since_epoch().count(),
                                                   sys_days(2027y / 2 / 23).time_since_epoch().count()};
  return kHolidays.contains(day);
}

bool is_open(const PlainBook& book, TimeMs at) {
  if (book.always_open) return true;
  const auto local = at + kTokyo;
  const auto day = local / kDay;
  const auto minute = static_cast<int>(local % kDay / kMinute);
  const auto spans_hold = [&](std::int64_t of_day, int m) {
    if (book.japans_holidays && is_holiday(of_day)) return false;
    const auto weekday = static_cast<std::size_t>((of_day + 4) % 7);  // 1970-01-01 was a Thursday
    return std::ranges::any_of(book.week[weekday],
                               [&](const auto& span) { return m >= span.first && m < span.second; });
  };
  return spans_hold(day, minute) || spans_hold(day - 1, minute + 1'440);
}

TimeMs due_of(const PlainBook& book, bool first, TimeMs from) {
  const bool inside = is_open(book, from);
  const int minutes = first ? (inside ? book.first_inside : book.first_outside)
                            : (inside ? book.next_inside : book.next_outside);
  auto left = minutes * kMinute;
  if (!inside) return from + left;
  TimeMs at = from;
  while (at < from + kDaysMost * kDay) {
    const auto next = at / kMinute * kMinute + kMinute;  // hours begin and end on whole minutes
    if (is_open(book, at)) {
      if (next - at >= left) return at + left;
      left -= next - at;
    }
    at = next;
  }
  return at;
}

// --- what happened in a case

struct Question {
  TimeMs posted_at = 0;
  TimeMs received_at = 0;
};
struct Ours {
  TimeMs at = 0;  // when a person sent it off, for the last time
  bool stands = true;
};
struct Ended {
  bool first = true;
  TimeMs at = 0;
  friend bool operator==(const Ended&, const Ended&) = default;
};

struct Case {
  enum class Status : std::uint8_t { kOpen, kWaiting, kSnoozed, kResolved, kDismissed };
  Status status = Status::kOpen;
  std::vector<Question> questions;
  std::map<std::string, Ours> ours;  // by reply
  TimeMs settled_at = -1;            // resolved or dismissed: what came before is done with
  std::optional<TimeMs> running;     // since when an answer is promised
  std::map<TimeMs, Ended> ended;     // by the beginning
  std::set<TimeMs> dropped;          // dismissed while it ran, or not answered in time and then dismissed

  std::optional<TimeMs> answered_at() const {
    std::optional<TimeMs> last;
    for (const auto& [id, one] : ours) {
      if (one.stands) last = std::max(last.value_or(one.at), one.at);
    }
    return last;
  }
  std::optional<TimeMs> waits_since() const {
    const auto answered = answered_at();
    std::optional<TimeMs> since;
    for (const auto& one : questions) {
      const bool unanswered = !answered || one.posted_at > *answered ||
                              (one.received_at > *answered && one.posted_at > *answered - kCrossing);
      if (unanswered && one.received_at > settled_at)
        since = std::min(since.value_or(one.posted_at), one.posted_at);
    }
    return since;
  }
  // After anything: does the promise run on, end, begin?
  void settle(bool had_answer) {
    const bool ours_to_do = status == Status::kOpen || status == Status::kSnoozed;
    const auto now = ours_to_do ? waits_since() : std::nullopt;
    if (running && now != running && !(now && *now < *running)) {
      const auto end = status == Status::kResolved ? std::optional(settled_at) : answered_at();
      if (status != Status::kDismissed && end && *end >= *running) {
        ended[*running] = {!had_answer, *end};
      } else {
        dropped.insert(*running);
      }
    }
    if (now) {
      ended.erase(*now);  // it goes on after all
      dropped.erase(*now);
    }
    running = now;
  }
};

std::string text_in(const json::object& data, std::string_view name) {
  const auto* value = data.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

Recounted recount(SimDesk& desk, const PlainBook& book, std::vector<std::string>& wrong) {
  auto reader = must(desk.calm_db().reader(), "reader");
  std::map<Id, Question> posts;
  must(
      reader->query("SELECT id, posted_at, received_at FROM posts WHERE direction = 'in'", {},
                    [&](const store::Row& row) { posts[row.integer(0)] = {row.integer(1), row.integer(2)}; }),
      "posts");
  std::map<Id, Case> cases;
  std::map<std::tuple<Id, bool, TimeMs>, int> told;  // case, first, due
  must(reader->query(
           "SELECT kind, case_id, post_id, at, data FROM events WHERE case_id IS NOT NULL ORDER BY seq", {},
           [&](const store::Row& row) {
             const auto kind = row.text(0);
             auto& one = cases[row.integer(1)];
             const auto at = row.integer(3);
             const auto parsed = json::parse(row.text(4));
             const auto& data = parsed.as_object();
             const bool had_answer = one.answered_at().has_value();
             if (kind == "post.received" && text_in(data, "direction") == "in") {
               const auto question = posts.at(row.integer(2));
               one.questions.push_back(question);
               const auto answered = one.answered_at();
               if (!answered || question.posted_at > *answered - kCrossing) one.status = Case::Status::kOpen;
             } else if (kind == "reply.state") {
               auto& ours = one.ours[text_in(data, "reply_id")];
               const auto state = text_in(data, "state");
               if (data.contains("created")) {
                 ours = {at, true};
                 one.status = Case::Status::kWaiting;
                 one.settled_at = std::max(one.settled_at, TimeMs{-1});
               } else if (state == "failed" || state == "cancelled") {
                 ours.stands = false;
                 if (one.status == Case::Status::kWaiting) one.status = Case::Status::kOpen;
               } else if (!ours.stands) {
                 ours = {at, true};  // a person sent it again
                 if (one.status == Case::Status::kOpen && !one.waits_since())
                   one.status = Case::Status::kWaiting;
               }
             } else if (kind == "case.status") {
               const auto to = text_in(data, "to");
               if (to == "resolved" || to == "dismissed") {
                 one.status = to == "resolved" ? Case::Status::kResolved : Case::Status::kDismissed;
                 one.settled_at = at;
               } else if (to == "snoozed") {
                 one.status = Case::Status::kSnoozed;
               }
             } else if (kind == "case.woken") {
               one.status = Case::Status::kOpen;
             } else if (kind == "promise.broken") {
               const auto promise = text_in(data, "promise");
               if (promise != "resolution")
                 ++told[{row.integer(1), promise == "first_reply",
                         parse_rfc3339(text_in(data, "due_at")).value_or(0)}];
               return;
             } else {
               return;
             }
             one.settle(had_answer);
           }),
       "events");

  Recounted result;
  std::set<std::tuple<Id, TimeMs>> seen;
  must(reader->query("SELECT case_id, kind, from_at, due_at, ended_at, broken FROM promise_results WHERE "
                     "kind <> 'resolution'",
                     {},
                     [&](const store::Row& row) {
                       const auto case_id = row.integer(0);
                       const auto from = row.integer(2);
                       const auto say = [&](const std::string& what) {
                         wrong.push_back("promise of case " + std::to_string(case_id) + " from " +
                                         to_rfc3339(from) + ": " + what);
                       };
                       seen.emplace(case_id, from);
                       const auto found = cases[case_id].ended.find(from);
                       if (found == cases[case_id].ended.end()) return say("counted, and there was none");
                       const auto& ended = found->second;
                       const auto due = due_of(book, ended.first, from);
                       if (ended.first != (row.text(1) == "first_reply")) say("counted as " + row.string(1));
                       if (ended.at != row.integer(4))
                         say("ended " + to_rfc3339(ended.at) + ", counted " + to_rfc3339(row.integer(4)));
                       if (due != row.integer(3))
                         say("due " + to_rfc3339(due) + ", counted " + to_rfc3339(row.integer(3)));
                       if ((ended.at >= due) != row.boolean(5))
                         say(row.boolean(5) ? "kept, counted broken" : "broken, counted kept");
                     }),
       "results");
  for (const auto& [case_id, one] : cases) {
    for (const auto& [from, ended] : one.ended) {
      ++result.ended;
      const auto due = due_of(book, ended.first, from);
      const bool broken = ended.at >= due;
      if (broken) ++result.broken;
      const auto where = "promise of case " + std::to_string(case_id) + " from " + to_rfc3339(from);
      if (!seen.contains({case_id, from})) wrong.push_back(where + ": not counted");
      const auto times = told[{case_id, ended.first, due}];
      if (broken && times != 1) wrong.push_back(where + ": broken, told " + std::to_string(times) + " times");
      if (!broken && times != 0) wrong.push_back(where + ": kept, told broken");
    }
  }
  return result;
}

}  // namespace kiki::sim
