#include "recount.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <list>
#include <map>
#include <set>
#include <tuple>

namespace kiki::sim {

namespace {

constexpr TimeMs kCrossing = 2 * kMinute;  // posts and answers cross on their way
constexpr TimeMs kDeadlinesMost = 30 * kDay;

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
  Promise promise = Promise::kFirstReply;
  TimeMs at = 0;
  std::vector<PlainPause> pauses;
};

struct Case {
  enum class Status : std::uint8_t { kOpen, kWaiting, kSnoozed, kResolved, kDismissed };
  Status status = Status::kOpen;
  std::vector<Question> questions;
  std::map<std::string, Ours> ours;   // by reply
  TimeMs settled_at = -1;             // resolved or dismissed: what came before is done with
  std::optional<TimeMs> taken_up_at;  // opened while nobody waits: an answer is due from then on
  std::optional<TimeMs> running;      // since when an answer is promised
  std::optional<TimeMs> last_running;
  std::set<TimeMs> begun;          // every promise of a reply, ended or not
  std::set<TimeMs> resolve_begun;  // … of a resolution
  std::map<TimeMs, Ended> ended;   // by the beginning
  bool was_ours = false;
  bool was_paused = false;
  std::optional<TimeMs> resolve_from;
  std::vector<PlainPause> pauses;
  std::map<TimeMs, Ended> resolved;
  std::set<std::pair<Id, TimeMs>> acted;  // rules, and since when the customer waited

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
  bool is_ours() const { return status != Status::kResolved && status != Status::kDismissed; }

  // After anything: does a promise run on, end, begin?
  void settle(bool had_answer, TimeMs at) {
    std::optional<TimeMs> now;
    if (status == Status::kOpen) now = waits_since() ? waits_since() : taken_up_at;
    if (status == Status::kSnoozed) now = waits_since();
    if (running && now != running && !(now && *now < *running)) {
      const auto end = status == Status::kResolved ? std::optional(settled_at) : answered_at();
      if (status != Status::kDismissed && end && *end >= *running) {
        ended[*running] = {had_answer ? Promise::kNextReply : Promise::kFirstReply, *end, {}};
      }
    }
    settle_resolution(now, at);
    if (now) ended.erase(*now);  // it goes on after all
    running = now;
    if (now) last_running = now;
    if (now) begun.insert(*now);
    was_ours = is_ours();
  }

 private:
  void settle_resolution(std::optional<TimeMs> now, TimeMs at) {
    // It stands while the next word is the customer's.
    const bool paused = status == Status::kWaiting || (status == Status::kSnoozed && !waits_since());
    if (paused && !was_paused) {
      pauses.push_back({status == Status::kSnoozed ? at : answered_at().value_or(at), {}});
    } else if (!paused && was_paused) {
      const auto end = now ? *now : settled_at;
      pauses.back().to = std::max(pauses.back().from, end);
    }
    was_paused = paused;
    if (is_ours()) {
      // Whoever comes back after the end brings something new.
      if (!resolve_from || (!was_ours && now && now != last_running)) resolve_from = now ? *now : at;
      resolve_begun.insert(*resolve_from);
    } else if (was_ours && status == Status::kResolved) {
      resolved[*resolve_from] = {Promise::kResolution, settled_at, pauses};
    }
  }
};

std::string text_in(const json::object& data, std::string_view name) {
  const auto* value = data.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// What the log says of a case, as it happened.
void follow(Case& one, std::string_view kind, const json::object& data, TimeMs at,
            const std::map<Id, Question>& posts, Id post_id) {
  using Status = Case::Status;
  if (kind == "post.received" && text_in(data, "direction") == "in") {
    const auto question = posts.at(post_id);
    one.questions.push_back(question);
    const auto answered = one.answered_at();
    if (!answered || question.posted_at > *answered - kCrossing) {
      one.status = Status::kOpen;
      one.taken_up_at.reset();
    }
  } else if (kind == "reply.state") {
    auto& ours = one.ours[text_in(data, "reply_id")];
    const auto state = text_in(data, "state");
    if (data.contains("created")) {
      ours = {at, true};
      one.status = Status::kWaiting;
    } else if (state == "failed" || state == "cancelled") {
      ours.stands = false;
      if (one.status != Status::kOpen && one.status != Status::kWaiting) return;
      const bool answered = one.answered_at().has_value();
      if (one.waits_since() || (one.status == Status::kWaiting && !answered)) {
        one.status = Status::kOpen;
        one.taken_up_at = at;
      } else if (answered) {
        one.status = Status::kWaiting;
      }
    } else if (!ours.stands) {
      ours = {at, true};  // a person sent it again
      if (one.status == Status::kOpen && !one.waits_since()) one.status = Status::kWaiting;
    }
  } else if (kind == "case.status") {
    const auto to = text_in(data, "to");
    if (to == "resolved" || to == "dismissed") {
      one.status = to == "resolved" ? Status::kResolved : Status::kDismissed;
      one.settled_at = at;
    } else if (to == "snoozed") {
      one.status = Status::kSnoozed;
    }
  } else if (kind == "case.woken" && text_in(data, "by") == "time") {
    one.status = Status::kOpen;
    one.taken_up_at = at;
  }
}

// --- the count

class Count {
 public:
  Count(SimDesk& desk, const Told& told, std::vector<std::string>& wrong)
      : told_(told), wrong_(wrong), reader_(must(desk.calm_db().reader(), "reader")) {
    for (const auto& one : told.books)
      hours_.emplace_back(one.book, told.from - 4 * kDay, told.to + kDeadlinesMost);
  }

  Recounted run() {
    read_log();
    compare("first_reply', 'next_reply", &Case::ended);
    compare("resolution", &Case::resolved);
    return result_;
  }

 private:
  using Key = std::tuple<Id, Promise, TimeMs>;  // case, promise, due

  void read_log() {
    std::map<Id, Question> posts;
    must(reader_->query(
             "SELECT id, posted_at, received_at FROM posts WHERE direction = 'in'", {},
             [&](const store::Row& row) { posts[row.integer(0)] = {row.integer(1), row.integer(2)}; }),
         "posts");
    must(reader_->query(
             "SELECT kind, case_id, post_id, at, data FROM events WHERE case_id IS NOT NULL OR kind = "
             "'roster.changed' ORDER BY seq",
             {},
             [&](const store::Row& row) {
               const auto kind = row.text(0);
               if (kind == "roster.changed") {
                 ++rosters_;
                 return;
               }
               const auto parsed = json::parse(row.text(4));
               const auto& data = parsed.as_object();
               const auto at = row.integer(3);
               if (kind.starts_with("promise.")) return hear(kind, row.integer(1), at, data);
               auto& one = cases_[row.integer(1)];
               if (kind == "note.added" && text_in(data, "by").starts_with("rule:"))
                 return hear_rule(row.integer(1), one, at, text_in(data, "by"));
               const bool had_answer = one.answered_at().has_value();
               follow(one, kind, data, at, posts, row.integer(2));
               one.settle(had_answer, at);
             }),
         "events");
  }

  // Once for each wait, never before its time, never while nobody waits or the case is put off.
  void hear_rule(Id case_id, Case& one, TimeMs at, const std::string& by) {
    const auto rule = std::ranges::find_if(
        told_.rules, [&](const WaitingRule& known) { return by == "rule:" + to_string(known.id); });
    const auto line = "case " + to_string(case_id) + ": " + by + " acted at " + to_rfc3339(at);
    if (rule == told_.rules.end()) return wrong_.push_back(line + ", and is no rule of this life");
    ++result_.rules;
    const auto since = one.waits_since();
    if (one.status != Case::Status::kOpen || !since) return wrong_.push_back(line + ", and nobody waited");
    auto hours = hours_.begin();  // of the newest book by then
    for (std::size_t n = 1; n < told_.books.size() && told_.books[n].saved_at <= at; ++n) ++hours;
    if (!rule->has_waited(*hours, *since, at))
      wrong_.push_back(line + ", before its time: they wait since " + to_rfc3339(*since));
    if (!one.acted.emplace(rule->id, *since).second)
      wrong_.push_back(line + " a second time for the wait since " + to_rfc3339(*since));
  }

  void hear(std::string_view kind, Id case_id, TimeMs at, const json::object& data) {
    for (const auto promise : {Promise::kFirstReply, Promise::kNextReply, Promise::kResolution}) {
      if (name(promise) != text_in(data, "promise")) continue;
      const Key key{case_id, promise, parse_rfc3339(text_in(data, "due_at")).value_or(0)};
      ++(kind == "promise.broken" ? broken_ : warned_)[key];
    }
    if (kind == "promise.warned") ++result_.warned;
    std::set<std::string> named;
    for (const auto& id : data.at("on_duty").as_array()) named.emplace(id.as_string());
    std::set<std::string> expected;
    for (const Id id : told_.rosters.at(rosters_ - 1).on_duty(at)) expected.insert(to_string(id));
    if (named == expected) return;
    std::string line = "case " + std::to_string(case_id) + " was told at " + to_rfc3339(at) + " to";
    for (const auto& id : named) line += " " + id;
    line += ", on duty are";
    for (const auto& id : expected) line += " " + id;
    wrong_.push_back(line);
  }

  // The books it may have been planned by when it ended: the newest one whose planning was through, and those
  // that were saved since.
  std::vector<const Hours*> hours_at(TimeMs at) const {
    std::vector<const Hours*> list;
    auto hours = hours_.begin();
    for (const auto& one : told_.books) {
      const auto* these = &*hours++;
      if (one.saved_at > at) break;
      if (one.planned_at && *one.planned_at < at) list.clear();
      list.push_back(these);
    }
    return list;
  }
  bool promises_it(const Hours* hours, Promise promise) const {
    if (promise != Promise::kResolution) return true;
    auto one = hours_.begin();
    for (const auto& book : told_.books) {
      if (&*one++ == hours) return book.book.resolution.has_value();
    }
    return false;
  }

  void compare(const std::string& kinds, std::map<TimeMs, Ended> Case::* list) {
    std::map<std::pair<Id, TimeMs>, TimeMs> counted;  // case, from: due
    must(reader_->query("SELECT case_id, kind, from_at, due_at, ended_at, broken FROM promise_results WHERE "
                        "kind IN ('" +
                            kinds + "')",
                        {},
                        [&](const store::Row& row) {
                          const auto case_id = row.integer(0);
                          const auto from = row.integer(2);
                          const auto& these = cases_[case_id].*list;
                          const auto found = these.find(from);
                          if (found == these.end())
                            return say(case_id, from, row.string(1) + " counted, and there was none");
                          const auto& ended = found->second;
                          if (name(ended.promise) != row.text(1))
                            say(case_id, from, "counted as " + row.string(1));
                          if (ended.at != row.integer(4))
                            say(case_id, from,
                                "ended " + to_rfc3339(ended.at) + ", counted " + to_rfc3339(row.integer(4)));
                          if (!may_be_due(ended, from, row.integer(3)))
                            say(case_id, from,
                                row.string(1) + " due " + dues_text(ended, from) + ", counted " +
                                    to_rfc3339(row.integer(3)));
                          if ((ended.at >= row.integer(3)) != row.boolean(5))
                            say(case_id, from,
                                row.boolean(5) ? "kept, counted broken" : "broken, counted kept");
                          counted[{case_id, from}] = row.integer(3);
                        }),
         "results");
    for (const auto& [case_id, one] : cases_) look_at(case_id, one.*list, counted);
  }

  void look_at(Id case_id, const std::map<TimeMs, Ended>& these,
               const std::map<std::pair<Id, TimeMs>, TimeMs>& counted) {
    std::set<Key> late;  // told of rightly
    for (const auto& [from, ended] : these) {
      const auto due = counted.find({case_id, from});
      if (due == counted.end()) {
        const auto hours = hours_at(ended.at);
        const bool must_be = std::ranges::all_of(
            hours, [&, promise = ended.promise](const Hours* one) { return promises_it(one, promise); });
        if (must_be) say(case_id, from, std::string(name(ended.promise)) + " not counted");
        continue;
      }
      if (ended.at >= due->second) late.emplace(case_id, ended.promise, due->second);
    }
    for (const auto& [from, ended] : these) {
      const auto due = counted.find({case_id, from});
      if (due == counted.end()) continue;
      const bool is_late = ended.at >= due->second;
      ++(ended.promise == Promise::kResolution ? result_.resolutions : result_.ended);
      if (is_late) ++result_.broken;
      const Key key{case_id, ended.promise, due->second};
      const int times = broken_[key];
      const std::string who(name(ended.promise));
      if (!is_late && times != 0 && !late.contains(key) && !is_anothers(case_id, ended, from, due->second))
        say(case_id, from, who + " kept, told broken");
      // With another book it may have been told of by its earlier deadline.
      if (is_late && (times > 1 || (times == 0 && told_.books.size() == 1)))
        say(case_id, from, who + " broken, told " + std::to_string(times) + " times");
      if (told_.books.size() > 1) continue;
      const int warnings = warned_[key];
      const auto& book = told_.books.front().book;
      const int warn_minutes = std::min(book.warn_minutes, hours_.front().minutes(ended.promise, from) / 2);
      const bool must_warn = is_late && told_.without_faults && warn_minutes > 0;
      if (warnings > 1 || (must_warn && warnings == 0))
        say(case_id, from, who + " warned of " + std::to_string(warnings) + " times");
    }
  }

  // Two promises of a case may be due at the same moment: when the desk opens, for instance.
  bool is_anothers(Id case_id, const Ended& ended, TimeMs from, TimeMs due) {
    const auto& one = cases_[case_id];
    const bool of_resolution = ended.promise == Promise::kResolution;
    return std::ranges::any_of(of_resolution ? one.resolve_begun : one.begun, [&](TimeMs other) {
      return other != from && std::ranges::any_of(hours_, [&](const Hours& hours) {
               return promises_it(&hours, ended.promise) &&
                      hours.due(ended.promise, other, one.pauses) == due;
             });
    });
  }
  bool may_be_due(const Ended& ended, TimeMs from, TimeMs due) const {
    return std::ranges::any_of(hours_at(ended.at), [&](const Hours* hours) {
      return promises_it(hours, ended.promise) && hours->due(ended.promise, from, ended.pauses) == due;
    });
  }
  std::string dues_text(const Ended& ended, TimeMs from) const {
    std::string text;
    for (const auto* hours : hours_at(ended.at)) {
      if (!promises_it(hours, ended.promise)) continue;
      const auto due = hours->due(ended.promise, from, ended.pauses);
      text += (text.empty() ? "" : " or ") + (due ? to_rfc3339(*due) : "never");
    }
    for (const auto& pause : ended.pauses)
      text += " [" + to_rfc3339(pause.from) + " to " + (pause.to ? to_rfc3339(*pause.to) : "") + "]";
    return text;
  }
  void say(Id case_id, TimeMs from, const std::string& what) {
    wrong_.push_back("promise of case " + std::to_string(case_id) + " from " + to_rfc3339(from) + ": " +
                     what);
  }

  const Told& told_;
  std::vector<std::string>& wrong_;
  store::Reader reader_;
  std::list<Hours> hours_;  // of the books, in their order
  std::size_t rosters_ = 0;
  std::map<Id, Case> cases_;
  std::map<Key, int> broken_;
  std::map<Key, int> warned_;
  Recounted result_;
};

}  // namespace

Recounted recount(SimDesk& desk, const Told& told, std::vector<std::string>& wrong) {
  return Count(desk, told, wrong).run();
}

}  // namespace kiki::sim
