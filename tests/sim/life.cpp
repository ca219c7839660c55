#include "life.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "recount.hpp"

namespace kiki::sim {

namespace {

constexpr TimeMs kShift = 9 * kHour;
constexpr int kListRows = 30;
constexpr TimeMs kWindUpMost = 20 * kDay;

// Long waits happen when nobody works; on duty nobody may be passed over for longer than this many open
// hours.
constexpr TimeMs kStarvesAfter = 9 * kHour;

constexpr auto kWords = std::to_array<std::string_view>(
    {"kettle", "lamp",   "tap",    "invoice", "parcel", "colour", "lid",      "battery",
     "manual", "button", "noise",  "smell",   "screen", "order",  "password", "shop",
     "box",    "cable",  "filter", "door",    "timer",  "light",  "handle",   "repair"});

const PlainZone* zone_of(std::uint64_t seed) {
  return &zones()[seed % zones().size()];
}

// Seven in the morning, local time, of the first day: near a change of the clocks where there is one.
TimeMs start_of(std::uint64_t seed) {
  constexpr std::int64_t kMonday = 20'787;  // 2026-11-30
  SeededRandom random(seed);
  const auto* zone = zone_of(seed);
  const auto day = zone->change_day != 0 && random.below(3) != 0
                       ? zone->change_day - 1 - static_cast<std::int64_t>(random.below(2))
                       : kMonday + static_cast<std::int64_t>(random.below(60));
  return zone->utc(day * kDay + 7 * kHour);
}

}  // namespace

Plan plan_of(std::uint64_t seed) {
  SeededRandom random(seed * 7'919 + 1);
  Plan plan;
  plan.seed = seed;
  plan.agents = static_cast<int>(2 + random.below(5));
  plan.days = 1;
  // Most lives are short, so that a thousand of them fit into a few minutes; each tenth is a long day.
  plan.needs_a_day = static_cast<int>(seed % 10 == 0 ? 12 + random.below(8) : 4 + random.below(5));
  if (random.below(3) != 0) plan.faults.network_one_in = 4 + random.below(20);
  if (random.below(3) != 0) plan.faults.death_one_in = 30 + random.below(200);
  // In some lives; each look costs as much as a day's work.
  if (seed % 6 == 1) plan.waiting_rules = static_cast<int>(1 + random.below(3));
  return plan;
}

void Life::Statistics::add(const Statistics& other) {
  posts += other.posts;
  replies += other.replies;
  deaths += other.deaths;
  failed += other.failed;
  warned += other.warned;
  chose += other.chose;
  conflicts += other.conflicts;
  next += other.next;
  passed += other.passed;
  refused += other.refused;
  books += other.books;
  rosters += other.rosters;
  promises += other.promises;
  resolutions += other.resolutions;
  broken += other.broken;
  warnings += other.warnings;
  rules += other.rules;
  longest_wait_ms = std::max(longest_wait_ms, other.longest_wait_ms);
  if (other.most_load > 0) {
    least_load = most_load > 0 ? std::min(least_load, other.least_load) : other.least_load;
    most_load = std::max(most_load, other.most_load);
  }
}

Life::Life(const std::filesystem::path& copy_of, const Plan& plan)
    : plan_(plan), zone_(zone_of(plan.seed)), desk_(copy_of, plan.seed, start_of(plan.seed), plan.faults) {
  start_ms_ = desk_.clock.now_ms();
  told_.from = start_ms_;
  told_.without_faults = plan.faults.network_one_in == 0 && plan.faults.death_one_in == 0;
  told_.books.push_back({new_book(), start_ms_, start_ms_});
  desk_.set_book(told_.books.back().book.json());
  for (int i = 0; i < plan.agents; ++i) {
    Agent one;
    one.user = kFirstAgent + i;
    one.habits.picks_among = random().below(3) == 0 ? 6 : 1;
    one.habits.takes_next = i != 0 && random().below(3) != 0;
    one.habits.blind_one_in = plan.guarded && random().below(3) == 0 ? 4 : 0;
    one.habits.stubborn_one_in = random().below(4) == 0 ? 3 : 0;
    one.habits.gives_back = random().below(4) != 0;
    // Two shifts that overlap, all week, and not the same one each day: who comes first finds the night's
    // work. Who plans fewer than the work needs is not what is tested here.
    for (std::size_t weekday = 0; weekday < 7; ++weekday) {
      const TimeMs begin = (static_cast<std::size_t>(i) + weekday) % 2 == 0 ? 8 * kHour : 10 * kHour;
      one.shift_begin[weekday] = begin + static_cast<TimeMs>(random().below(4)) * 15 * kMinute;
    }
    agents_.push_back(one);
  }
  told_.rosters.push_back(new_roster());
  desk_.set_roster(told_.rosters.back().json());
  plan_days();
  if (plan.waiting_rules == 0) return;
  waiting_ = std::make_unique<WaitingHabit>(desk_, plan.seed, plan.waiting_rules);
  told_.rules = waiting_->rules();
  add(start_ms_ + waiting_->next_look_in(), What::kRules, 0);
}

PlainBook Life::new_book() {
  PlainBook book;
  book.zone = zone_;
  const auto all_days = [&](const PlainSpans& spans) { book.week.fill(spans); };
  const auto choice = random().below(5);
  if (choice == 0) {  // an office with a lunch break and Japan's holidays
    book.japans_holidays = true;
    for (std::size_t day = 1; day <= 5; ++day) book.week[day] = {{540, 720}, {780, 1'080}};
    book.next = {30, 240};
  } else if (choice == 1) {
    book.always_open = true;
    book.first = {60, 60};
    book.next = {45, 45};
  } else if (choice == 2) {  // until two in the morning
    all_days({{480, 1'560}});
    book.week[0] = book.week[6] = {{1'080, 1'560}};
    book.first = {20, 600};
  } else if (choice == 3) {  // day and night shifts, over the hour in which clocks change
    all_days({{540, 1'020}, {1'320, 1'800}});
    book.next = {25, 90};
  } else {  // begins in that hour
    all_days({{150, 720}, {740, 1'140}});
    book.first = {40, 300};
  }
  book.outside_counts_open_time = random().below(3) == 0;
  if (random().below(3) != 0) {
    book.resolution = PlainTarget{static_cast<int>(120 + random().below(1'200)),
                                  static_cast<int>(300 + random().below(2'000))};
  }
  book.pause_while_waiting = random().below(4) != 0;
  book.warn_minutes = static_cast<int>(random().below(4) * 10);
  if (!book.always_open && random().below(2) == 0) {
    const auto first = zone_->local(start_ms_) / kDay;
    book.own_days.emplace_back(first + static_cast<std::int64_t>(random().below(3)), PlainSpans{});
    book.own_days.emplace_back(first + 3 + static_cast<std::int64_t>(random().below(5)),
                               PlainSpans{{600, 900}, {1'380, 1'500}});
  }
  return book;
}

// Everybody's shifts, somebody on call at night, and some who are on leave, stood in for or not.
PlainRoster Life::new_roster() {
  PlainRoster roster;
  roster.zone = zone_;
  for (const auto& one : agents_) {
    for (int weekday = 0; weekday < 7; ++weekday)
      roster.shifts.push_back({one.user, weekday, static_cast<int>(one.begins((weekday + 3) % 7) / kMinute),
                               static_cast<int>((one.begins((weekday + 3) % 7) + kShift) / kMinute)});
  }
  for (int weekday = 0; weekday < 7; ++weekday)
    roster.shifts.push_back({agents_[random().below(agents_.size())].user, weekday, 1'320, 1'800});
  const auto away = agents_.size() < 4 ? 0 : random().below(agents_.size() / 4 + 1);
  for (std::uint64_t n = 0; n < away; ++n) {
    const auto one = random().below(agents_.size());
    const auto other = random().below(agents_.size());
    const auto day = zone_->local(desk_.clock.now_ms()) / kDay + static_cast<std::int64_t>(random().below(3));
    roster.leaves.push_back({agents_[one].user, day, day + static_cast<std::int64_t>(random().below(3)),
                             one == other ? 0 : agents_[other].user});
  }
  return roster;
}

void Life::lead() {
  if (winding_up_) return;
  if (random().below(2) == 0) {
    told_.rosters.push_back(new_roster());
    desk_.set_roster(told_.rosters.back().json());
    ++statistics.rosters;
    return;
  }
  told_.books.push_back({new_book(), desk_.clock.now_ms(), {}});
  desk_.set_book(told_.books.back().book.json());
  ++statistics.books;
  // The keeper comes to it while people work on.
  add(desk_.clock.now_ms() + seconds(0, 120), What::kPlan, 0);
}

void Life::plan_anew() {
  must(desk_.keeper->plan_anew(kWorkspace), "plan anew");
  for (auto& one : told_.books) {
    if (!one.planned_at) one.planned_at = desk_.clock.now_ms();
  }
}

// What is answered is done with, or comes back when the customer says nothing more.
void Life::end_case(Id case_id) {
  const auto row = [&] {
    auto reader = must(desk_.db().reader(), "reader");
    return must(cases::read_row(*reader, kWorkspace, case_id), "case");
  }();
  if (row.status != model::CaseStatus::kWaiting || winding_up_) return;
  const cases::Change change{kWorkspace, case_id, kFirstAgent, row.version};
  if (random().below(4) == 0) {
    must(desk_.cases->snooze(change, desk_.clock.now_ms() + seconds(3'600, 30 * 3'600)), "put off");
  } else {
    must(desk_.cases->resolve(change), "resolve");
  }
}

TimeMs Life::of_day() const {
  return zone_->local(desk_.clock.now_ms()) % kDay;
}

void Life::add(TimeMs at, What what, std::size_t who) {
  events_.push({std::max(at, desk_.clock.now_ms()), next_number_++, what, who,
                what == What::kAgent ? agents_[who].turn : 0});
}

void Life::plan_days() {
  for (int day = 0; day < plan_.days; ++day) {
    for (int i = 0; i < plan_.needs_a_day; ++i) {
      const auto n = needs_.size();
      // A few customers have several needs at once.
      const auto customer = needs_.empty() || random().below(5) != 0 ? "c" + std::to_string(n)
                                                                     : needs_[random().below(n)].customer;
      needs_.push_back({customer, "t" + std::to_string(n), static_cast<int>(1 + random().below(4))});
      need_of_[needs_.back().thread] = n;
      // More in the day than at night.
      const auto hours = random().below(4) == 0 ? random().below(24) : random().below(11);
      add(start_ms_ + day * kDay + static_cast<TimeMs>(hours) * kHour +
              static_cast<TimeMs>(random().below(kHour)),
          What::kPost, n);
    }
  }
  for (std::size_t i = 0; i < agents_.size(); ++i) add(start_ms_ + seconds(0, 7'200), What::kAgent, i);
  for (int day = 0; day < plan_.days; ++day) {
    if (random().below(static_cast<std::uint64_t>(plan_.leads_one_in)) == 0)
      add(start_ms_ + day * kDay + seconds(1'800, 23 * 3'600), What::kLead, 0);
  }
}

std::vector<std::string> Life::run() {
  const TimeMs end_of_days = start_ms_ + plan_.days * kDay;
  while (true) {
    while (!events_.empty() && (events_.top().at <= end_of_days || winding_up_)) {
      const auto event = events_.top();
      events_.pop();
      step(event);
      if (winding_up_ && (nothing_waits() || desk_.clock.now_ms() > start_ms_ + kWindUpMost)) break;
    }
    if (winding_up_) break;
    // No new needs and no more faults: everything that waits must come to its end.
    winding_up_ = true;
    desk_.heal();
  }
  statistics.deaths = desk_.deaths;
  auto wrong = std::move(wrong_);
  check_outbox(wrong);
  check_nobody_starves(wrong);
  check_seconds(wrong);
  check_counts(wrong);
  check_load(wrong);
  told_.to = desk_.clock.now_ms();
  const auto recounted = recount(desk_, told_, wrong);
  statistics.promises = recounted.ended;
  statistics.resolutions = recounted.resolutions;
  statistics.broken = recounted.broken;
  statistics.warnings = recounted.warned;
  statistics.rules = recounted.rules;
  return wrong;
}

bool Life::nothing_waits() {
  if (!unheard_.empty() || upkeep_at_) return false;
  for (const auto& one : agents_) {
    if (!one.request.empty()) return false;
  }
  auto reader = must(desk_.calm_db().reader(), "reader");
  return !must(reader->one("SELECT 1 FROM cases WHERE status IN ('open', 'snoozed', 'found') LIMIT 1", {},
                           [](const store::Row&) { return true; }),
               "waits");
}

void Life::step(const Event& event) {
  desk_.clock.advance_ms(event.at - desk_.clock.now_ms());
  try {
    switch (event.what) {
      case What::kPost:
        post(event.who);
        break;
      case What::kAgent:
        if (event.turn != agents_[event.who].turn) return;
        agents_[event.who].sleeps = false;
        agent(agents_[event.who]);
        break;
      case What::kUpkeep:
        upkeep_at_.reset();
        upkeep();
        break;
      case What::kEnd:
        end_case(answered_[event.who]);
        break;
      case What::kLead:
        lead();
        break;
      case What::kPlan:
        plan_anew();
        break;
      case What::kRules:
        waiting_->look(told_, wrong_);
        add(desk_.clock.now_ms() + waiting_->next_look_in(), What::kRules, 0);
        break;
    }
  } catch (const Died&) {
    desk_.restart();
    // Who was given what next, and who left what, is forgotten.
    given_.clear();
    left_.clear();
    // Whoever was at it tries again: the network offers what was not acknowledged, the console repeats its
    // request.
    if (event.what != What::kUpkeep) add(desk_.clock.now_ms() + seconds(2, 20), event.what, event.who);
  }
  const auto due = desk_.next_due();
  if (due && (!upkeep_at_ || *due < *upkeep_at_)) {
    upkeep_at_ = std::max(*due, desk_.clock.now_ms() + 1'000);
    add(*upkeep_at_, What::kUpkeep, 0);
  }
}

void Life::upkeep() {
  must(desk_.work_due(), "upkeep");
  wake_idle();
}

// Screens are live: some of those who have nothing to do see at once what came, the others later.
void Life::wake_idle() {
  constexpr int kAtOnce = 4;
  int woken = 0;
  const auto first = random().below(agents_.size());
  for (std::size_t n = 0; n < agents_.size() && woken < kAtOnce; ++n) {
    const auto i = (first + n) % agents_.size();
    if (!agents_[i].sleeps || !on_duty(agents_[i])) continue;
    agents_[i].sleeps = false;
    ++agents_[i].turn;  // the event of the long sleep is void
    ++woken;
    add(desk_.clock.now_ms() + seconds(2, 40), What::kAgent, i);
  }
}

// --- customers

void Life::post(std::size_t n) {
  auto& need = needs_[n];
  auto& sent = sent_[n];
  // After a death the same post comes again; now and then the network offers a copy anyway.
  const bool again = !sent.empty() && unheard_.contains(sent.back().external_id);
  if (!again) {
    if (need.posts_left == 0 || winding_up_) return;
    --need.posts_left;
    InPost next;
    next.external_id = "p" + std::to_string(next_post_++);
    next.thread = need.thread;
    next.customer = need.customer;
    next.text = "About the " + std::string(kWords[random().below(kWords.size())]) + ", please";
    next.posted_at = desk_.clock.now_ms() - seconds(0, 50);
    unheard_.insert(next.external_id);
    sent.push_back(std::move(next));
    ++statistics.posts;
    // Some do not wait for an answer.
    if (need.posts_left > 0 && random().below(4) == 0)
      add(desk_.clock.now_ms() + seconds(60, 5'400), What::kPost, n);
  }
  must(desk_.take(sent.back()), "post");
  unheard_.erase(sent.back().external_id);
  wake_idle();
  if (random().below(12) == 0) must(desk_.take(sent[random().below(sent.size())]), "copy");
}

void Life::follow_up(Id case_id) {
  auto reader = must(desk_.calm_db().reader(), "reader");
  const auto thread =
      must(reader->one("SELECT external_id FROM conversations WHERE workspace_id = $1 AND case_id = $2",
                       {kWorkspace, case_id}, [](const store::Row& row) { return row.string(0); }),
           "thread");
  const auto n = need_of_.at(thread.value_or(""));
  if (needs_[n].posts_left > 0 && !winding_up_)
    add(desk_.clock.now_ms() + seconds(90, 4 * 3'600), What::kPost, n);
}

// --- agents

bool Life::on_duty(const Agent& one) const {
  return of_day() >= one.begins(today()) && of_day() < one.begins(today()) + kShift &&
         !told_.rosters.back().is_away(one.user, today());
}

Life::Agent* Life::agent_of(Id user) {
  const auto n = static_cast<std::size_t>(user - kFirstAgent);
  return n < agents_.size() ? &agents_[n] : nullptr;
}

// Consoles say every 20 s who is at what.
void Life::show_presence() {
  for (const auto& one : agents_) {
    if (one.case_id == 0 || one.doing == Doing::kOpening || one.doing == Doing::kTakingBack) continue;
    desk_.presence->set(
        {kWorkspace, one.case_id, one.user, "Agent", "",
         one.doing == Doing::kWriting ? live::PresenceState::kWriting : live::PresenceState::kLooking});
  }
}

std::set<Id> Life::cases_of_others(const Agent& one) const {
  std::set<Id> cases;
  for (const auto& present : desk_.presence->of_workspace(kWorkspace)) {
    if (present.user_id != one.user) cases.insert(present.case_id);
  }
  return cases;
}

bool Life::warned_goes_on(Agent& one) {
  if (!plan_.agents_look) return true;
  ++statistics.warned;
  if (one.habits.stubborn_one_in == 0 || chance(one.habits.stubborn_one_in) != 0) return false;
  ++statistics.chose;
  one.chose = true;
  return true;
}

void Life::let_go(Agent& one) {
  if (one.case_id != 0)
    desk_.presence->set({kWorkspace, one.case_id, one.user, "Agent", "", live::PresenceState::kGone});
  one.doing = Doing::kIdle;
  one.case_id = 0;
  one.chose = false;
  one.request.clear();
  one.reply_id = 0;
}

void Life::agent(Agent& one) {
  const auto self = static_cast<std::size_t>(one.user - kFirstAgent);
  if (!on_duty(one)) {
    if (one.case_id != 0 && one.habits.gives_back && one.request.empty()) {
      // Unfinished work goes back to the list.
      const auto back = desk_.cases->assign({kWorkspace, one.case_id, one.user, {}}, std::nullopt);
      must(back.ok() ? Result<void>() : Result<void>(back.error()), "give back");
    }
    let_go(one);
    const bool comes_today = of_day() < one.begins(today());
    const auto until =
        comes_today ? one.begins(today()) - of_day() : kDay - of_day() + one.begins(today() + 1);
    add(desk_.clock.now_ms() + until + seconds(0, 120), What::kAgent, self);
    return;
  }
  switch (one.doing) {
    case Doing::kIdle:
      return idle(one);
    case Doing::kOpening:
      return open_case(one);
    case Doing::kReading:
      return read_case(one);
    case Doing::kWriting:
      return write_reply(one);
    case Doing::kTakingBack: {
      const auto cancelled = desk_.replies->cancel(kWorkspace, one.user, one.reply_id);
      if (!cancelled.ok() && cancelled.error().code != "not_held")
        must(Result<void>(cancelled.error()), "take back");
      let_go(one);
      add(desk_.clock.now_ms() + seconds(5, 60), What::kAgent, self);
      return;
    }
  }
}

// A reply that failed asks for a person: whoever sees it sends it again, unless somebody answered since.
bool Life::retry_failed(Agent& one) {
  auto reader = must(desk_.calm_db().reader(), "reader");
  const auto failed = must(
      reader->one(
          "SELECT o.id FROM outbox o JOIN posts p ON p.workspace_id = o.workspace_id AND p.id = o.post_id "
          "JOIN "
          "cases c ON c.workspace_id = o.workspace_id AND c.id = o.case_id WHERE o.workspace_id = $1 AND "
          "o.state = 'failed' AND c.status = 'open' AND NOT EXISTS (SELECT 1 FROM posts n WHERE "
          "n.workspace_id "
          "= o.workspace_id AND n.case_id = o.case_id AND n.id > p.id) LIMIT 1",
          {kWorkspace}, [](const store::Row& row) { return row.integer(0); }),
      "failed");
  if (!failed || random().below(2) == 0) return false;
  const auto again = desk_.replies->retry(kWorkspace, one.user, *failed);
  must(again.ok() ? Result<void>() : Result<void>(again.error()), "retry");
  ++statistics.failed;
  return true;
}

std::optional<Id> Life::expected_next(const cases::NextQuery& query) {
  const auto now_ms = desk_.clock.now_ms();
  std::erase_if(given_, [&](const auto& one) { return one.second.second <= now_ms; });
  std::erase_if(left_, [&](const auto& one) { return one.second.first <= now_ms; });
  auto reader = must(desk_.calm_db().reader(), "reader");
  struct Open {
    Id id = 0;
    Id assignee = 0;
    std::int64_t posts = 0;
  };
  const auto all = must(
      reader->all(
          "SELECT id, COALESCE(assignee_id, 0), post_count FROM cases WHERE status = 'open' AND lane = 0 "
          "ORDER BY rank_at, id",
          {}, [](const store::Row& row) { return Open{row.integer(0), row.integer(1), row.integer(2)}; }),
      "open cases");
  if (query.leave) {
    const auto posts = must(reader->one("SELECT post_count FROM cases WHERE id = $1", {*query.leave},
                                        [](const store::Row& row) { return row.integer(0); }),
                            "posts");
    left_[{query.user_id, *query.leave}] = {now_ms + cases::kPassedMs, posts.value_or(0)};
    const auto held = given_.find(*query.leave);
    if (held != given_.end() && held->second.first == query.user_id) given_.erase(held);
  }
  std::optional<Id> next;
  for (const auto& one : all) {
    if (one.assignee != 0 && one.assignee != query.user_id) continue;
    if (std::ranges::find(query.busy, one.id) != query.busy.end()) continue;
    const auto left = left_.find({query.user_id, one.id});
    if (left != left_.end() && left->second.second >= one.posts) continue;  // and nothing new was written
    const auto held = given_.find(one.id);
    if (held != given_.end() && held->second.first != query.user_id) continue;
    next = one.id;
    break;
  }
  std::erase_if(given_, [&](const auto& one) { return one.second.first == query.user_id; });
  if (next) given_[*next] = {query.user_id, now_ms + cases::kLeaseMs};
  return next;
}

std::optional<cases::CaseRow> Life::take_next(Agent& one) {
  cases::NextQuery query;
  query.workspace_id = kWorkspace;
  query.user_id = one.user;
  query.leave = std::exchange(one.leaves, std::nullopt);
  for (const Id id : cases_of_others(one)) query.busy.push_back(id);
  const auto expected = expected_next(query);
  auto row = must(desk_.next_case->take(query), "next case");
  const auto got = row ? std::optional(row->id) : std::nullopt;
  if (got != expected)
    wrong_.push_back("next for " + std::to_string(one.user) + " at " + to_rfc3339(desk_.clock.now_ms()) +
                     ": case " + std::to_string(got.value_or(0)) + ", expected case " +
                     std::to_string(expected.value_or(0)));
  if (row) ++statistics.next;
  return row;
}

void Life::idle(Agent& one) {
  const auto self = static_cast<std::size_t>(one.user - kFirstAgent);
  if (plan_.faults.network_one_in != 0 && retry_failed(one)) {
    add(desk_.clock.now_ms() + seconds(10, 60), What::kAgent, self);
    return;
  }
  show_presence();
  if (one.habits.takes_next && plan_.agents_look) {
    if (const auto next = take_next(one)) {
      if (chance(one.habits.passes_one_in) == 0) {
        ++statistics.passed;
        one.leaves = next->id;
        add(desk_.clock.now_ms() + seconds(2, 15), What::kAgent, self);
        return;
      }
      one.case_id = next->id;
      one.seen_version = next->version;
      one.doing = Doing::kOpening;
      add(desk_.clock.now_ms() + seconds(1, 8), What::kAgent, self);
      return;
    }
    // Nothing of theirs or of nobody: perhaps a colleague has left something.
  }
  auto reader = must(desk_.db().reader(), "reader");
  cases::ListQuery query;
  query.workspace_id = kWorkspace;
  query.user_id = one.user;
  query.limit = kListRows;
  std::vector<const cases::CaseRow*> wanted;
  const auto taken = cases_of_others(one);
  const auto page = must(cases::list_cases(*reader, query), "list");
  for (const auto& row : page.rows) {
    const bool is_mine = row.assignee_id == one.user;
    if (is_mine) {
      wanted.insert(wanted.begin(), &row);
      continue;
    }
    if (plan_.agents_look && row.assignee_id) {
      // Somebody else's: left to them while they are at it, or will be.
      const auto* other = agent_of(*row.assignee_id);
      const bool is_there = other != nullptr && on_duty(*other) && other->case_id == row.id;
      const bool late = row.due_at && *row.due_at < desk_.clock.now_ms() + 10 * kMinute;
      const bool is_away = other != nullptr && told_.rosters.back().is_away(other->user, today());
      if (is_there || (!late && !is_away)) continue;
    } else if (plan_.agents_look && taken.contains(row.id)) {
      continue;
    }
    wanted.push_back(&row);
  }
  if (wanted.empty()) {
    one.sleeps = true;
    add(desk_.clock.now_ms() + seconds(900, 1'800), What::kAgent, self);
    return;
  }
  const auto* row = wanted[random().below(std::min<std::uint64_t>(wanted.size(), one.habits.picks_among))];
  one.case_id = row->id;
  one.seen_version = row->version;
  one.doing = Doing::kOpening;
  add(desk_.clock.now_ms() + seconds(1, 8), What::kAgent, self);
}

// Opening a case claims it, as of what the list showed: too late is too late.
void Life::open_case(Agent& one) {
  const auto self = static_cast<std::size_t>(one.user - kFirstAgent);
  const auto give_up = [&] {
    let_go(one);
    add(desk_.clock.now_ms() + seconds(2, 10), What::kAgent, self);
  };
  const auto row = [&] {
    auto reader = must(desk_.db().reader(), "reader");
    return must(cases::read_row(*reader, kWorkspace, one.case_id), "case");
  }();
  if (row.status != model::CaseStatus::kOpen) return give_up();
  if (plan_.agents_look) {
    show_presence();
    const bool is_taken = cases_of_others(one).contains(one.case_id);
    const auto* other =
        row.assignee_id && *row.assignee_id != one.user ? agent_of(*row.assignee_id) : nullptr;
    const bool theirs = other != nullptr && on_duty(*other);
    if ((theirs || is_taken) && !warned_goes_on(one)) {
      const bool late = row.due_at && *row.due_at < desk_.clock.now_ms() + 10 * kMinute;
      const bool away = other != nullptr && other->case_id != row.id && !is_taken;
      if (!late || !away) return give_up();
      one.chose = true;  // a colleague's case that nobody is at, and it is late: taken over knowingly
    } else if (other != nullptr && !theirs) {
      one.chose = true;  // of somebody who has gone home
    }
    const auto claimed = desk_.cases->assign({kWorkspace, one.case_id, one.user, one.seen_version}, one.user);
    if (!claimed.ok()) {
      if (claimed.error().code != "changed") must(Result<void>(claimed.error()), "claim");
      ++statistics.conflicts;
      return give_up();
    }
  }
  one.newest_answer = newest_answer(one.case_id).post_id;
  one.seen_post = newest_post(one.case_id);
  one.doing = Doing::kReading;
  show_presence();
  add(desk_.clock.now_ms() + seconds(20, 120), What::kAgent, self);
}

void Life::read_case(Agent& one) {
  const auto self = static_cast<std::size_t>(one.user - kFirstAgent);
  const cases::Change change{kWorkspace, one.case_id, one.user, {}};
  const auto done = [&](TimeMs pause) {
    let_go(one);
    add(desk_.clock.now_ms() + pause, What::kAgent, self);
  };
  // Somebody else finished it while this one read.
  if (newest_answer(one.case_id).post_id != one.newest_answer) return done(seconds(2, 10));
  const auto finish = [&](Result<cases::CaseRow> result) {
    must(result.ok() ? Result<void>() : Result<void>(result.error()), "work");
    done(seconds(5, 60));
  };
  const auto row = [&] {
    auto reader = must(desk_.db().reader(), "reader");
    return must(cases::read_row(*reader, kWorkspace, one.case_id), "case");
  }();
  if (row.status != model::CaseStatus::kOpen) return done(seconds(2, 10));  // somebody else ended it
  if (!row.waiting_since) return finish(desk_.cases->resolve(change));      // put off, and nothing more came
  if (chance(one.habits.dismisses_one_in) == 0) return finish(desk_.cases->dismiss(change, "no question"));
  if (chance(one.habits.snoozes_one_in) == 0)
    return finish(desk_.cases->snooze(change, desk_.clock.now_ms() + seconds(600, 7'200)));
  if (chance(one.habits.snoozes_one_in) == 0) return finish(desk_.cases->resolve(change));
  if (chance(one.habits.wanders_off_one_in) == 0) {
    if (one.habits.takes_next) one.leaves = one.case_id;
    return done(seconds(600, 3'600));
  }
  one.doing = Doing::kWriting;
  one.request = "r" + std::to_string(next_request_++);
  one.text = "Dear customer, about your " + std::string(kWords[random().below(kWords.size())]) + " and the " +
             std::string(kWords[random().below(kWords.size())]) + ": answer " + one.request;
  show_presence();
  add(desk_.clock.now_ms() + seconds(60, 420), What::kAgent, self);
}

Life::Answer Life::newest_answer(Id case_id) {
  auto reader = must(desk_.calm_db().reader(), "reader");
  return must(reader->one("SELECT id, author_user_id FROM posts WHERE workspace_id = $1 AND case_id = $2 AND "
                          "direction "
                          "= 'out' ORDER BY id DESC LIMIT 1",
                          {kWorkspace, case_id},
                          [](const store::Row& row) { return Answer{row.integer(0), row.integer(1)}; }),
              "newest answer")
      .value_or(Answer{});
}

Id Life::newest_post(Id case_id) {
  auto reader = must(desk_.calm_db().reader(), "reader");
  return must(reader->one("SELECT MAX(id) FROM posts WHERE workspace_id = $1 AND case_id = $2",
                          {kWorkspace, case_id}, [](const store::Row& row) { return row.integer(0); }),
              "newest post")
      .value_or(0);
}

void Life::write_reply(Agent& one) {
  const auto self = static_cast<std::size_t>(one.user - kFirstAgent);
  const auto now_ms = desk_.clock.now_ms();
  Id target = 0;
  std::optional<Id> assignee;
  {
    auto reader = must(desk_.db().reader(), "reader");
    assignee = must(cases::read_row(*reader, kWorkspace, one.case_id), "case").assignee_id;
    target =
        must(reader->one(
                 "SELECT id FROM posts WHERE workspace_id = $1 AND case_id = $2 AND direction = 'in' ORDER "
                 "BY posted_at DESC, id DESC LIMIT 1",
                 {kWorkspace, one.case_id}, [](const store::Row& row) { return row.integer(0); }),
             "target")
            .value_or(0);
  }
  // The screen is live: a colleague's answer, or their claim, is seen before the own one is sent.
  // Who does not look is held back by the server alone.
  const bool looks = !plan_.guarded || (plan_.agents_look && chance(one.habits.blind_one_in) != 0);
  if (looks) one.seen_post = newest_post(one.case_id);
  const auto newest = newest_answer(one.case_id);
  const bool answered = newest.post_id != one.newest_answer && newest.user_id != one.user;
  if (looks && (answered || (assignee && *assignee != one.user)) && !one.chose && !warned_goes_on(one)) {
    let_go(one);
    add(now_ms + seconds(2, 10), What::kAgent, self);
    return;
  }
  reply::NewReply reply;
  reply.workspace_id = kWorkspace;
  reply.case_id = one.case_id;
  reply.user_id = one.user;
  reply.account_id = kAccount;
  reply.target_post_id = target;
  reply.text = one.text;
  reply.request_id = one.request;
  reply.undo_send_ms = 5'000;
  reply.has_second_person = false;
  if (plan_.guarded) reply.seen_post_id = one.seen_post;
  const auto sent = desk_.replies->submit(reply);
  if (!sent.ok() && sent.error().code == "answered_meanwhile") {
    ++statistics.refused;
    one.seen_post = newest_post(one.case_id);
    // Now it is on the screen: nearly always that is enough.
    if (!plan_.agents_look || !warned_goes_on(one)) let_go(one);
    add(now_ms + seconds(5, 30), What::kAgent, self);
    return;
  }
  must(sent.ok() ? Result<void>() : Result<void>(sent.error()), "reply");
  ++statistics.replies;
  count_answer(one);
  if (one.chose) chosen_.emplace(one.case_id, sent->post_id);
  const auto case_id = one.case_id;
  if (chance(one.habits.takes_back_one_in) == 0) {
    one.doing = Doing::kTakingBack;
    one.reply_id = sent->id;
    add(now_ms + seconds(1, 8), What::kAgent, self);
    return;
  }
  const auto ends_one_in = one.habits.ends_one_in;
  let_go(one);
  if (chance(ends_one_in) == 0) {
    answered_.push_back(case_id);
    add(now_ms + seconds(60, 6 * 3'600), What::kEnd, answered_.size() - 1);
  }
  follow_up(case_id);
  add(now_ms + seconds(5, 90), What::kAgent, self);
}

// --- what must hold

void Life::check_outbox(std::vector<std::string>& wrong) {
  auto reader = must(desk_.calm_db().reader(), "reader");
  std::set<std::string> known;
  must(reader->query("SELECT network_key, state, request_id, error_code FROM outbox", {},
                     [&](const store::Row& row) {
                       const auto key = row.string(0);
                       const auto state = row.text(1);
                       known.insert(key);
                       const auto found = desk_.network->arrived.find(key);
                       const int times = found == desk_.network->arrived.end() ? 0 : found->second;
                       const bool is_out = state == "sent" || state == "confirmed";
                       if (times > 1)
                         wrong.push_back("reply " + key + " went out " + std::to_string(times) + " times");
                       if (is_out && times != 1) wrong.push_back("reply " + key + " says sent and is not");
                       if (state == "cancelled" && times != 0)
                         wrong.push_back("reply " + key + " was taken back and sent");
                       if (!is_out && state != "cancelled" && state != "failed")
                         wrong.push_back("reply " + key + " never ends: " + std::string(state));
                     })
               .ok()
           ? Result<void>()
           : Result<void>(internal_error("outbox")),
       "outbox");
  for (const auto& [key, times] : desk_.network->arrived) {
    if (!known.contains(key)) wrong.push_back("reply " + key + " is on the network and nobody here knows it");
  }
}

void Life::check_nobody_starves(std::vector<std::string>& wrong) {
  auto reader = must(desk_.calm_db().reader(), "reader");
  const auto left =
      must(reader->all("SELECT number, status FROM cases WHERE status IN ('open', 'snoozed', 'found')", {},
                       [](const store::Row& row) {
                         return "case " + std::to_string(row.integer(0)) + " still waits: " + row.string(1);
                       }),
           "left");
  wrong.insert(wrong.end(), left.begin(), left.end());
  const auto lost = must(reader->one("SELECT COUNT(*) FROM posts WHERE direction = 'in'", {},
                                     [](const store::Row& row) { return row.integer(0); }),
                         "posts");
  if (lost != statistics.posts)
    wrong.push_back("posts: " + std::to_string(lost.value_or(0)) + " of " + std::to_string(statistics.posts));
  // From when a customer began to wait to the end of it, without nights and what was put off on purpose.
  const auto waits = must(
      reader->all(
          "SELECT case_id, from_at, ended_at FROM promise_results r WHERE kind <> 'resolution' AND NOT "
          "EXISTS "
          "(SELECT 1 FROM events e WHERE e.case_id = r.case_id AND (e.kind = 'case.woken' OR e.data LIKE "
          "'%failed%'))",
          {},
          [](const store::Row& row) {
            return std::array<std::int64_t, 3>{row.integer(0), row.integer(1), row.integer(2)};
          }),
      "waits");
  for (const auto& [case_id, from, to] : waits) {
    TimeMs waited = 0;
    for (TimeMs at = from; at < to; at += kMinute) {
      const auto minute = zone_->local(at) % kDay;
      if (minute >= 8 * kHour && minute < 19 * kHour) waited += kMinute;
    }
    statistics.longest_wait_ms = std::max(statistics.longest_wait_ms, waited);
    if (waited > kStarvesAfter)
      wrong.push_back("case " + std::to_string(case_id) + " waited " + std::to_string(waited / kMinute) +
                      " min");
  }
}

// The numbers beside the lists are a count of the cases.
void Life::check_counts(std::vector<std::string>& wrong) {
  auto reader = must(desk_.calm_db().reader(), "reader");
  const auto line = [](const store::Row& row) {
    return row.string(0) + " of " + std::to_string(row.integer(1)) + ": " + std::to_string(row.integer(2));
  };
  const auto kept =
      must(reader->all("SELECT status, assignee_id, cases FROM case_counts WHERE cases <> 0 ORDER BY 1, 2",
                       {}, line),
           "counts");
  const auto counted = must(
      reader->all("SELECT status, COALESCE(assignee_id, 0), COUNT(*) FROM cases GROUP BY 1, 2 ORDER BY 1, 2",
                  {}, line),
      "count");
  if (kept != counted) wrong.push_back("the counts of the lists are wrong");
}

// Two of our answers by different people, with no word of the customer between them.
void Life::check_seconds(std::vector<std::string>& wrong) {
  struct Post {
    Id case_id = 0;
    Id id = 0;
    std::string direction;
    Id user_id = 0;
  };
  auto reader = must(desk_.calm_db().reader(), "reader");
  const auto posts = must(
      reader->all("SELECT p.case_id, p.id, p.direction, p.author_user_id FROM posts p LEFT JOIN outbox o ON "
                  "o.workspace_id = p.workspace_id AND o.post_id = p.id WHERE COALESCE(o.state, '') <> "
                  "'failed' ORDER "
                  "BY p.case_id, p.posted_at, p.id",
                  {},
                  [](const store::Row& row) {
                    return Post{row.integer(0), row.integer(1), row.string(2), row.integer(3)};
                  }),
      "posts");
  const Post* before = nullptr;
  for (const auto& post : posts) {
    if (before != nullptr && before->case_id == post.case_id && before->direction == "out" &&
        post.direction == "out" && before->user_id != post.user_id &&
        !chosen_.contains({post.case_id, post.id}))
      wrong.push_back("case " + std::to_string(post.case_id) + " was answered by " +
                      std::to_string(before->user_id) + " and " + std::to_string(post.user_id) +
                      " unknowingly");
    before = &post;
  }
}

// Each answer was everybody's to give who was at work then.
void Life::count_answer(Agent& one) {
  ++one.answers;
  std::vector<Agent*> there;
  for (auto& other : agents_)
    if (other.user == one.user || on_duty(other)) there.push_back(&other);
  for (auto* other : there) other->share += 1.0 / static_cast<double>(there.size());
}

// Against one's share of what was answered while one was at work. A short life says little; in a long one
// nobody has twice of it or less than half.
void Life::check_load(std::vector<std::string>& wrong) {
  const bool is_long = plan_.days >= 7;
  for (const auto& one : agents_) {
    const auto say = [&] {
      wrong.push_back("agent " + std::to_string(one.user) + " answered " + std::to_string(one.answers) +
                      ", the share is " + std::to_string(one.share));
    };
    if (one.share > 20) {
      const auto load = one.answers / one.share;
      statistics.least_load = statistics.most_load > 0 ? std::min(statistics.least_load, load) : load;
      statistics.most_load = std::max(statistics.most_load, load);
    }
    if (one.answers > one.share * (is_long ? 2 : 3) + 10) say();
    // Half, less what chance alone makes of so few.
    const auto least = is_long ? one.share / 2 - 2 * std::sqrt(one.share) : one.share / 5;
    if (one.share > 15 && one.answers < least) say();
  }
}

}  // namespace kiki::sim
