#include "waiting.hpp"

#include <algorithm>
#include <set>

#include "teamwork/documents.hpp"

namespace kiki::sim {

namespace {
constexpr TimeMs kWaitsMost = 30 * kDay;
}

WaitingHabit::WaitingHabit(SimDesk& desk, std::uint64_t seed, int rules)
    : desk_(desk), random_(seed * 104'729 + 7) {
  teamwork::Documents documents(desk.calm_db(), desk.log, desk.ids, desk.clock);
  for (int n = 0; n < rules; ++n) {
    WaitingRule rule;
    rule.minutes = static_cast<int>(5 + random_.below(90));
    rule.in_hours = n == 0 || random_.below(2) == 0;
    const auto name = "rule " + std::to_string(n);
    const auto document =
        must(JsonDocument::parse(R"({"trigger":{"on":"waiting","minutes":)" + std::to_string(rule.minutes) +
                                 R"(,"open_time":)" + (rule.in_hours ? "true" : "false") +
                                 R"(},"conditions":[],"actions":[{"do":"note","text":")" + name + "\"}]}"),
             "rule");
    teamwork::DocumentChange change;
    change.name = name;
    change.body = must(teamwork::parse_body(teamwork::Kind::kRule, document.root()), "rule");
    rule.id = must(documents.make(kWorkspace, kFirstAgent, teamwork::Kind::kRule, true, change), "rule").id;
    rules_.push_back(rule);
  }
}

const Hours& WaitingHabit::hours(const Told& told) {
  if (books_ != told.books.size()) {
    books_ = told.books.size();
    now_ = std::make_unique<OfBook>(told.books.back().book, told.from - 4 * kDay, told.from + kWaitsMost);
  }
  return now_->hours;
}

void WaitingHabit::look(Told& told, std::vector<std::string>& wrong) {
  must(desk_.rules->run_once(), "rules");
  auto reader = must(desk_.calm_db().reader(), "reader");
  const auto acted =
      must(reader->all("SELECT source_id, trigger_key FROM acts WHERE source = 'rule'", {},
                       [](const store::Row& row) { return std::pair(row.integer(0), row.string(1)); }),
           "acts");
  const std::set<std::pair<Id, std::string>> done(acted.begin(), acted.end());
  const auto now_ms = desk_.clock.now_ms();
  const auto& open = hours(told);
  must(reader->query(
           "SELECT id, waiting_since FROM cases WHERE status = 'open' AND waiting_since IS NOT NULL", {},
           [&](const store::Row& row) {
             const auto since = row.integer(1);
             const auto key = "waiting:" + to_string(row.integer(0)) + ":" + std::to_string(since);
             for (const auto& rule : rules_) {
               if (rule.has_waited(open, since, now_ms) && !done.contains({rule.id, key}))
                 wrong.push_back("case " + to_string(row.integer(0)) + " waits since " + to_rfc3339(since) +
                                 ", and at " + to_rfc3339(now_ms) + " the rule on " +
                                 std::to_string(rule.minutes) + " min has not acted");
             }
           }),
       "waiting");
}

// The desk looks every ten seconds; here seldom, and never twice within them.
TimeMs WaitingHabit::next_look_in() {
  return static_cast<TimeMs>(random_.below(3) == 0 ? 11 + random_.below(120) : 300 + random_.below(4'500)) *
         1'000;
}

}  // namespace kiki::sim
