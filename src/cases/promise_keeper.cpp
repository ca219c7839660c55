#include "cases/promise_keeper.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "base/json.hpp"
#include "base/log.hpp"
#include "cases/case_state.hpp"
#include "promises/books.hpp"

namespace kiki::cases {

namespace {

constexpr std::int64_t kLookEveryMs = 1'000;
constexpr int kNoticesInOneTransaction = 100;
constexpr int kPlansInOneTransaction = 100;
constexpr int kIdsAtOnce = 50'000;

using promises::Kind;

class Teller {
 public:
  Teller(store::Transaction& tx, events::EventLog& log, TimeMs now_ms)
      : tx_(tx), log_(log), now_ms_(now_ms) {}

  Result<void> tell(std::string_view event_kind, Id workspace_id, Id case_id, std::string_view promise,
                    TimeMs due_at, std::string_view policy) {
    json::object data;
    data["promise"] = promise;
    data["due_at"] = to_rfc3339(due_at);
    data["policy"] = policy;
    data["on_duty"] = TRY(on_duty(workspace_id));
    events::Event event;
    event.workspace_id = workspace_id;
    event.kind = event_kind;
    event.case_id = case_id;
    event.data = json::serialize(data);
    return log_.append(tx_, std::move(event));
  }

 private:
  Result<json::array> on_duty(Id workspace_id) {
    const auto known = on_duty_.find(workspace_id);
    if (known != on_duty_.end()) return known->second;
    const auto roster = TRY(promises::read_roster(tx_.db(), workspace_id));
    json::array ids;
    for (const auto& duty : promises::on_duty(roster.roster, now_ms_))
      ids.emplace_back(to_string(duty.user_id));
    on_duty_.emplace(workspace_id, ids);
    return ids;
  }
  store::Transaction& tx_;
  events::EventLog& log_;
  TimeMs now_ms_;
  std::map<Id, json::array> on_duty_;
};

// One promise of a case: what is to be told by now.
struct Running {
  Kind kind = Kind::kFirstReply;
  std::optional<TimeMs> from;
  std::optional<TimeMs> due_at;
  Noticed noticed = Noticed::kNothing;
};

// Warned at: the plan is not stored, but asked again, which costs microseconds.
std::optional<TimeMs> warn_at(const Running& one, const CaseState& state, const promises::Book& book) {
  const auto policy = std::find_if(book.policies.begin(), book.policies.end(),
                                   [&](auto& candidate) { return candidate.key == state.promise.policy; });
  if (policy == book.policies.end() || !one.due_at) return std::nullopt;
  const auto plan = promises::plan(one.kind, *one.from, {}, policy->terms, book.calendar_of(*policy));
  const auto warn_ms = std::min(policy->terms.warn_minutes, plan.minutes / 2) * promises::kMinuteMs;
  return warn_ms > 0 ? std::optional(std::max(*one.from, *one.due_at - warn_ms)) : std::nullopt;
}

}  // namespace

void PromiseKeeper::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void PromiseKeeper::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void PromiseKeeper::book_changed(Id workspace_id) {
  {
    const std::lock_guard lock(mutex_);
    if (std::find(to_plan_.begin(), to_plan_.end(), workspace_id) == to_plan_.end())
      to_plan_.push_back(workspace_id);
  }
  changed_.notify_all();
}

Result<std::int64_t> PromiseKeeper::notice(TimeMs now_ms) {
  std::int64_t told = 0;
  while (true) {
    const auto some = TRY(notice_running(now_ms)) + TRY(notice_ended(now_ms));
    told += some;
    if (some < kNoticesInOneTransaction) return told;
  }
}

Result<std::int64_t> PromiseKeeper::notice_running(TimeMs now_ms) {
  {
    auto reader = TRY(db_.reader());
    const auto any = TRY(reader->one("SELECT 1 FROM cases WHERE promise_look_at <= $1 LIMIT 1", {now_ms},
                                     [](const store::Row&) { return true; }));
    if (!any) return 0;
  }
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<std::int64_t> {
    static const std::string sql =
        "SELECT " + kStateFields +
        " FROM cases c WHERE c.promise_look_at <= $1 ORDER BY c.promise_look_at LIMIT $2";
    auto cases = TRY(tx.db().all(sql, {now_ms, kNoticesInOneTransaction},
                                 [](const store::Row& row) { return read_state(row); }));
    Teller teller(tx, log_, now_ms);
    BookMemo books;
    for (auto& state : cases) {
      auto& book = books[state.workspace_id];
      if (!book) book = TRY(promises::read_book(tx.db(), state.workspace_id));
      auto& promise = state.promise;
      const auto looked_at = promise.look_at;
      promise.look_at.reset();
      std::vector<std::pair<std::string_view, Running>> tell;
      const auto look = [&](Running one) {
        if (!one.from || !one.due_at || one.noticed == Noticed::kBroken) return one.noticed;
        const auto warn = one.noticed == Noticed::kNothing ? warn_at(one, state, *book) : std::nullopt;
        if (*one.due_at <= now_ms) {
          tell.emplace_back("promise.broken", one);
          return Noticed::kBroken;
        }
        auto noticed = one.noticed;
        if (warn && *warn <= now_ms) {
          tell.emplace_back("promise.warned", one);
          noticed = Noticed::kWarned;
        }
        const auto next = noticed == Noticed::kNothing && warn ? *warn : *one.due_at;
        promise.look_at = std::min(promise.look_at.value_or(next), next);
        return noticed;
      };
      promise.reply_noticed = look({state.first_reply_at ? Kind::kNextReply : Kind::kFirstReply,
                                    promise.reply_from, promise.reply_due_at, promise.reply_noticed});
      promise.resolve_noticed =
          look({Kind::kResolution, promise.resolve_from, promise.resolve_due_at, promise.resolve_noticed});
      // Another node of the desk may have told it between our reading and now.
      const auto written = TRY(
          tx.db().run("UPDATE cases SET reply_noticed = $4, resolve_noticed = $5, promise_look_at = $6 WHERE "
                      "workspace_id = $1 "
                      "AND id = $2 AND version = $3 AND promise_look_at = $7",
                      {state.workspace_id, state.id, state.version, static_cast<int>(promise.reply_noticed),
                       static_cast<int>(promise.resolve_noticed), promise.look_at, looked_at}));
      if (written == 0) continue;
      for (const auto& [kind, one] : tell) {
        TRY(teller.tell(kind, state.workspace_id, state.id, name(one.kind), *one.due_at, promise.policy));
      }
    }
    return static_cast<std::int64_t>(cases.size());
  });
}

// Answers that came after the promise broke, and before we had noticed.
Result<std::int64_t> PromiseKeeper::notice_ended(TimeMs now_ms) {
  {
    auto reader = TRY(db_.reader());
    const auto any = TRY(reader->one("SELECT 1 FROM promise_results WHERE broken = 1 AND noticed = 0 LIMIT 1",
                                     {}, [](const store::Row&) { return true; }));
    if (!any) return 0;
  }
  struct Ended {
    Id workspace_id = 0;
    Id case_id = 0;
    std::string kind;
    TimeMs from = 0;
    TimeMs due_at = 0;
    std::string policy;
  };
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<std::int64_t> {
    const auto ended =
        TRY(tx.db().all("SELECT workspace_id, case_id, kind, from_at, due_at, policy FROM promise_results "
                        "WHERE broken = 1 AND "
                        "noticed = 0 LIMIT $1",
                        {kNoticesInOneTransaction}, [](const store::Row& row) {
                          return Ended{row.integer(0), row.integer(1), row.string(2),
                                       row.integer(3), row.integer(4), row.string(5)};
                        }));
    Teller teller(tx, log_, now_ms);
    for (const auto& one : ended) {
      const auto written = TRY(tx.db().run(
          "UPDATE promise_results SET noticed = 1 WHERE workspace_id = $1 AND case_id = $2 AND kind = $3 AND "
          "from_at = $4 AND noticed = 0",
          {one.workspace_id, one.case_id, one.kind, one.from}));
      if (written == 0) continue;
      TRY(teller.tell("promise.broken", one.workspace_id, one.case_id, one.kind, one.due_at, one.policy));
    }
    return static_cast<std::int64_t>(ended.size());
  });
}

Result<std::int64_t> PromiseKeeper::plan_anew(Id workspace_id, std::stop_token stop) {
  std::int64_t planned = 0;
  for (const auto status :
       {model::CaseStatus::kOpen, model::CaseStatus::kSnoozed, model::CaseStatus::kWaiting}) {
    for (bool more = true; more && !stop.stop_requested();) {
      std::vector<Id> ids;
      {
        auto reader = TRY(db_.reader());
        const auto book = TRY(promises::read_book(*reader, workspace_id));
        ids = TRY(reader->all(
            "SELECT id FROM cases WHERE workspace_id = $1 AND status = $2 AND promise_book <> $3 LIMIT $4",
            {workspace_id, model::name(status), book->version, kIdsAtOnce},
            [](const store::Row& row) { return row.integer(0); }));
      }
      more = ids.size() == static_cast<std::size_t>(kIdsAtOnce);
      for (std::size_t at = 0; at < ids.size() && !stop.stop_requested(); at += kPlansInOneTransaction) {
        const auto end = std::min(ids.size(), at + kPlansInOneTransaction);
        planned += TRY(db_.writer().write_result([&](store::Transaction& tx) -> Result<std::int64_t> {
          BookMemo books;
          WeightsMemo weights;
          std::int64_t done = 0;
          for (std::size_t i = at; i < end; ++i) {
            auto state = TRY(load_state(tx.db(), workspace_id, ids[i]));
            if (!state) continue;
            TRY(plan_promises(tx.db(), *state, books, true));
            TRY(plan_rank(tx.db(), *state, weights));
            if (TRY(write_promises(tx.db(), *state))) ++done;
          }
          return done;
        }));
      }
    }
  }
  if (planned > 0) {
    TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
      events::Event event;
      event.workspace_id = workspace_id;
      event.kind = "promises.planned";
      event.data = R"({"cases":)" + std::to_string(planned) + "}";
      return log_.append(tx, std::move(event));
    }));
  }
  return planned;
}

Result<std::vector<Id>> PromiseKeeper::workspaces_with_books() {
  auto reader = TRY(db_.reader());
  return reader->all("SELECT DISTINCT workspace_id FROM promise_documents WHERE kind = 'book'", {},
                     [](const store::Row& row) { return row.integer(0); });
}

void PromiseKeeper::run(std::stop_token stop) {
  bool resumed = false;  // what was not planned when the desk stopped last
  while (!stop.stop_requested()) {
    if (!resumed) {
      if (auto all = workspaces_with_books(); all.ok()) {
        for (const Id id : *all) book_changed(id);
        resumed = true;
      }
    }
    std::vector<Id> to_plan;
    {
      const std::lock_guard lock(mutex_);
      to_plan.swap(to_plan_);
    }
    for (const Id id : to_plan) {
      if (auto planned = plan_anew(id, stop); !planned.ok()) {
        log::error("promises not planned anew", planned.error());
        book_changed(id);
      }
      if (auto told = notice(clock_.now_ms()); !told.ok()) log::error("promises not watched", told.error());
    }
    if (auto told = notice(clock_.now_ms()); !told.ok()) log::error("promises not watched", told.error());
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, std::chrono::milliseconds(kLookEveryMs), [&] { return !to_plan_.empty(); });
  }
}

}  // namespace kiki::cases
