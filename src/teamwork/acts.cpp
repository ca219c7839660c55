#include "teamwork/acts.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <future>
#include <unordered_set>

#include "base/log.hpp"
#include "cases/done_requests.hpp"

namespace kiki::teamwork {

namespace {

constexpr int kAtOnceCases = 20;  // done before the answer, and between two looks for others who wait
constexpr std::int64_t kLongestWaitMs = 30'000;
constexpr std::int64_t kAfterFaultMs = 1'000;

std::string code_of(const Error& error) {
  if (!error.code.empty()) return error.code;
  return std::string(name(error.kind)) + (error.where.empty() ? "" : ":" + error.where);
}

Error no_act() {
  return not_found("There is no such act.");
}

const char* const kActColumns =
    "a.id, a.source, a.source_id, a.name, a.actions, a.actor_id, a.state, a.cases, a.done, a.refused, "
    "a.not_undone, "
    "a.created_at, COALESCE(f.case_id, 0), COALESCE(c.number, 0), COALESCE(i.name, '') FROM acts a LEFT JOIN "
    "act_cases "
    "f ON f.workspace_id = a.workspace_id AND f.act_id = a.id AND f.place = 0 LEFT JOIN cases c ON "
    "c.workspace_id = "
    "a.workspace_id AND c.id = f.case_id LEFT JOIN identities i ON i.workspace_id = c.workspace_id AND i.id "
    "= "
    "c.identity_id ";

Act read_act(const store::Row& row) {
  Act act;
  act.id = row.integer(0);
  act.source = row.string(1);
  act.source_id = row.integer(2);
  act.name = row.string(3);
  act.actions = row.string(4);
  act.actor_id = row.integer(5);
  act.state = row.string(6);
  act.cases = row.integer(7);
  act.done = row.integer(8);
  act.refused = row.integer(9);
  act.not_undone = row.integer(10);
  act.created_at = row.integer(11);
  act.case_id = row.integer(12);
  act.number = row.integer(13);
  act.case_name = row.string(14);
  return act;
}

std::string by_of(std::string_view source, Id source_id, Id act_id) {
  return std::string(source) + ":" + to_string(source_id == 0 ? act_id : source_id);
}

}  // namespace

struct Acts::Task {
  Id workspace_id = 0;
  Id act_id = 0;
  std::string source;
  Id source_id = 0;
  std::string name;
  Id actor_id = 0;
  bool undoing = false;
  Id seen_id = 0;
  Actions actions;
};

namespace {

bool ends_the_matter(const Actions& actions) {
  return std::any_of(actions.begin(), actions.end(), [](const Action& one) {
    return one.what == "resolve" || one.what == "dismiss" || one.what == "snooze";
  });
}

// Ids grow with time: a post of a greater id came after the person looked.
Result<void> require_seen(store::Connection& db, Id workspace_id, Id case_id, Id seen_id) {
  const auto newer = TRY(db.one(
      "SELECT 1 FROM posts WHERE workspace_id = $1 AND case_id = $2 AND direction = 'in' AND id > $3 LIMIT 1",
      {workspace_id, case_id, seen_id}, [](const store::Row&) { return true; }));
  if (newer) return conflict("The customer wrote meanwhile.", "changed");
  return {};
}

Result<void> read_refusals(store::Connection& db, Id workspace_id, Act& act, int limit) {
  act.refusals = TRY(db.all(
      "SELECT r.case_id, COALESCE(c.number, 0), COALESCE(i.name, ''), r.why FROM act_cases r "
      "LEFT JOIN cases c ON c.workspace_id = r.workspace_id AND c.id = r.case_id LEFT JOIN identities i "
      "ON i.workspace_id = c.workspace_id AND i.id = c.identity_id WHERE r.workspace_id = $1 AND "
      "r.act_id = $2 AND r.state IN ('refused', 'not_undone') ORDER BY r.place LIMIT $3",
      {workspace_id, act.id, limit}, [](const store::Row& row) {
        return Refusal{row.integer(0), row.integer(1), row.string(2), row.string(3)};
      }));
  return {};
}

}  // namespace

void Acts::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void Acts::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Acts::look() {
  {
    const std::lock_guard lock(mutex_);
    look_ = true;
  }
  changed_.notify_all();
}

void Acts::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::int64_t wait_ms = kLongestWaitMs;
    if (auto done = work(kAtOnceCases); !done.ok()) {
      log::error("an act stands still", done.error());
      wait_ms = kAfterFaultMs;
    } else if (*done > 0) {
      continue;
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, std::chrono::milliseconds(wait_ms), [&] { return look_; });
    look_ = false;
  }
}

Result<std::vector<Preview>> Acts::preview(const NewAct& act) {
  std::vector<Preview> previews;
  for (std::size_t i = 0; i < std::min(act.case_ids.size(), kPreviewCasesMost); ++i) {
    const Id case_id = act.case_ids[i];
    Preview preview;
    preview.case_id = case_id;
    {
      auto reader = TRY(db_.reader());
      const auto row = cases::read_row(*reader, act.workspace_id, case_id);
      if (row.ok()) {
        preview.number = row->number;
        preview.name = row->name;
      }
    }
    std::optional<Error> failed;
    auto done = db_.writer().write([&](store::Transaction& tx) -> Result<void> {
      failed.reset();
      preview.anything = false;
      auto did = perform(
          tx, hands_, {act.workspace_id, case_id, act.actor_id, "preview", act.name, "preview"}, act.actions);
      if (did.ok()) {
        preview.changes = std::move(did->changes);
        preview.anything = did->anything;
      } else {
        failed = did.error();
      }
      return conflict("only looked at", "preview");  // the transaction goes
    });
    if (!done.ok() && done.error().code != "preview") return std::move(done).error();
    if (failed) {
      if (may_pass(*failed)) return std::move(*failed);
      preview.code = code_of(*failed);
    }
    previews.push_back(std::move(preview));
  }
  return previews;
}

Result<Act> Acts::make(const NewAct& act) {
  if (act.case_ids.empty()) return invalid("no cases", "/case_ids");
  if (act.case_ids.size() > kActCasesMost) return invalid("too many cases at once", "/case_ids");
  const Id id = hands_.ids.next();
  std::vector<Id> each;
  std::unordered_set<Id> once;
  for (const Id case_id : act.case_ids) {
    if (once.insert(case_id).second) each.push_back(case_id);
  }
  std::optional<Id> before;
  const auto actions = json::serialize(to_json(act.actions));
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const cases::DoneRequest request{act.workspace_id, act.actor_id, act.request_id};
    before = TRY(cases::find_done(tx, request));
    if (before) return {};
    TRY(cases::keep_done(tx, request, id, hands_.clock.now_ms()));
    TRY(tx.db().run(
        "INSERT INTO acts (workspace_id, id, source, source_id, trigger_key, name, actions, actor_id, state, "
        "cases, created_at, seen_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'running', $9, $10, $11)",
        {act.workspace_id, id, act.source, act.source_id, to_string(id), act.name, actions, act.actor_id,
         static_cast<std::int64_t>(each.size()), hands_.clock.now_ms(), act.seen_id}));
    if (act.source_id != 0)
      TRY(tx.db().run("UPDATE desk_documents SET uses = uses + 1 WHERE workspace_id = $1 AND id = $2",
                      {act.workspace_id, act.source_id}));
    for (std::size_t i = 0; i < each.size(); ++i)
      TRY(tx.db().run(
          "INSERT INTO act_cases (workspace_id, act_id, place, case_id, state) VALUES ($1, $2, $3, $4, "
          "'waiting')",
          {act.workspace_id, id, i, each[i]}));
    return {};
  }));
  if (before) return read(act.workspace_id, *before);
  // It stands: what cannot be done at once is done soon.
  if (auto begun = work_on(act.workspace_id, id, kAtOnceCases); !begun.ok())
    log::warning("an act goes on later", begun.error());
  look();
  return read(act.workspace_id, id);
}

Result<Act> Acts::read(Id workspace_id, Id act_id) {
  auto reader = TRY(db_.reader());
  static const std::string sql =
      std::string("SELECT ") + kActColumns + "WHERE a.workspace_id = $1 AND a.id = $2";
  auto act = TRY(reader->one(sql, {workspace_id, act_id}, read_act));
  if (!act) return no_act();
  TRY(read_refusals(*reader, workspace_id, *act, kRefusalsShown));
  return std::move(*act);
}

Result<std::vector<Act>> Acts::list(Id workspace_id, std::string_view source, Id source_id, Id before,
                                    int limit) {
  auto reader = TRY(db_.reader());
  static const std::string all = std::string("SELECT ") + kActColumns +
                                 "WHERE a.workspace_id = $1 AND a.id < $2 ORDER BY a.id DESC LIMIT $3";
  static const std::string of_one = std::string("SELECT ") + kActColumns +
                                    "WHERE a.workspace_id = $1 AND a.source = $4 AND a.source_id = $5 AND "
                                    "a.id < $2 ORDER BY a.id DESC LIMIT $3";
  auto acts =
      TRY(source.empty() ? reader->all(all, {workspace_id, before, limit}, read_act)
                         : reader->all(of_one, {workspace_id, before, limit, source, source_id}, read_act));
  for (auto& act : acts) {
    if (act.refused + act.not_undone > 0) TRY(read_refusals(*reader, workspace_id, act, kRefusalsInLists));
  }
  return acts;
}

Result<Act> Acts::cancel(Id workspace_id, Id act_id) {
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto stopped =
        TRY(tx.db().run("UPDATE acts SET state = 'cancelled', ended_at = $3 WHERE workspace_id = $1 AND id = "
                        "$2 AND state = 'running'",
                        {workspace_id, act_id, hands_.clock.now_ms()}));
    if (stopped == 0) return {};
    TRY(tx.db().run(
        "UPDATE act_cases SET state = 'cancelled' WHERE workspace_id = $1 AND act_id = $2 AND state = "
        "'waiting'",
        {workspace_id, act_id}));
    return tell(tx, workspace_id, act_id);
  }));
  return read(workspace_id, act_id);
}

Result<Act> Acts::undo(Id workspace_id, Id act_id, Id actor_id) {
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto state =
        TRY(tx.db().one("SELECT state FROM acts WHERE workspace_id = $1 AND id = $2", {workspace_id, act_id},
                        [](const store::Row& row) { return row.string(0); }));
    if (!state) return no_act();
    if (*state == "undoing" || *state == "undone")
      return conflict("It was taken back already.", "not_undoable");
    TRY(tx.db().run(
        "UPDATE act_cases SET state = 'cancelled' WHERE workspace_id = $1 AND act_id = $2 AND state = "
        "'waiting'",
        {workspace_id, act_id}));
    TRY(tx.db().run("UPDATE acts SET state = 'undoing', undone_by = $3 WHERE workspace_id = $1 AND id = $2",
                    {workspace_id, act_id, actor_id}));
    return {};
  }));
  TRY(work_on(workspace_id, act_id, kAtOnceCases));
  look();
  return read(workspace_id, act_id);
}

Result<std::int64_t> Acts::work(int cases) {
  std::vector<std::pair<Id, Id>> acts;
  {
    auto reader = TRY(db_.reader());
    acts = TRY(reader->all(
        "SELECT workspace_id, id FROM acts WHERE state IN ('running', 'undoing') ORDER BY id LIMIT 50", {},
        [](const store::Row& row) { return std::pair(row.integer(0), row.integer(1)); }));
  }
  std::int64_t done = 0;
  for (const auto& [workspace_id, act_id] : acts) done += TRY(work_on(workspace_id, act_id, cases));
  return done;
}

Result<std::int64_t> Acts::work_on(Id workspace_id, Id act_id, int cases) {
  std::optional<Task> task;
  std::vector<std::pair<std::int64_t, Id>> places;
  {
    auto reader = TRY(db_.reader());
    std::string actions;
    task =
        TRY(reader->one("SELECT source, source_id, name, COALESCE(undone_by, actor_id), state, actions, "
                        "seen_id FROM acts WHERE "
                        "workspace_id = $1 AND id = $2 AND "
                        "state IN ('running', 'undoing')",
                        {workspace_id, act_id}, [&](const store::Row& row) {
                          actions = row.string(5);
                          return Task{workspace_id,
                                      act_id,
                                      row.string(0),
                                      row.integer(1),
                                      row.string(2),
                                      row.integer(3),
                                      row.text(4) == "undoing",
                                      row.integer(6),
                                      {}};
                        }));
    if (!task) return 0;
    const auto document = TRY(JsonDocument::parse(actions));
    task->actions = TRY(parse_actions(document.root(), task->source == "rule" ? For::kRule : For::kPeople));
    places = TRY(reader->all(
        task->undoing
            ? "SELECT place, case_id FROM act_cases WHERE workspace_id = $1 AND act_id = $2 AND state = "
              "'done' ORDER BY place LIMIT $3"
            : "SELECT place, case_id FROM act_cases WHERE workspace_id = $1 AND act_id = $2 AND state = "
              "'waiting' ORDER BY place LIMIT $3",
        {workspace_id, act_id, cases},
        [](const store::Row& row) { return std::pair(row.integer(0), row.integer(1)); }));
  }
  // All are handed to the writer together, which commits them together; each is rolled back alone.
  std::vector<std::future<Result<void>>> pending;
  const auto doing_of = [&](Id case_id) {
    return Doing{workspace_id, case_id,          task->actor_id, by_of(task->source, task->source_id, act_id),
                 task->name,   to_string(act_id)};
  };
  for (const auto& [place, case_id] : places) {
    auto answer = std::make_shared<std::promise<Result<void>>>();
    pending.push_back(answer->get_future());
    db_.writer().write_async(
        [this, &task, &doing_of, workspace_id, act_id, place = place,
         case_id = case_id](store::Transaction& tx) -> Result<void> {
          const auto taken = TRY(tx.db().one(
              task->undoing ? "UPDATE act_cases SET state = 'undone' WHERE workspace_id = $1 AND act_id = $2 "
                              "AND place = "
                              "$3 AND state = 'done' RETURNING undo"
                            : "UPDATE act_cases SET state = 'done' WHERE workspace_id = $1 AND act_id = $2 "
                              "AND place = $3 "
                              "AND state = 'waiting' RETURNING undo",
              {workspace_id, act_id, place}, [](const store::Row& row) { return row.string(0); }));
          if (!taken) return {};  // another node, or cancelled
          if (!task->undoing && task->seen_id != 0 && ends_the_matter(task->actions))
            TRY(require_seen(tx.db(), workspace_id, case_id, task->seen_id));
          if (task->undoing) return take_back(tx, hands_, doing_of(case_id), *taken);
          const auto did = TRY(perform(tx, hands_, doing_of(case_id), task->actions));
          TRY(tx.db().run(
              "UPDATE act_cases SET undo = $4 WHERE workspace_id = $1 AND act_id = $2 AND place = $3",
              {workspace_id, act_id, place, did.undo}));
          TRY(tx.db().run("UPDATE acts SET done = done + 1 WHERE workspace_id = $1 AND id = $2",
                          {workspace_id, act_id}));
          return {};
        },
        [answer](Result<void> result) { answer->set_value(std::move(result)); });
  }
  std::optional<Error> fault;
  std::vector<std::pair<std::int64_t, std::string>> refused;
  for (std::size_t i = 0; i < pending.size(); ++i) {
    auto result = pending[i].get();
    if (result.ok()) continue;
    if (may_pass(result.error())) {
      fault = std::move(result).error();
    } else {
      refused.emplace_back(places[i].first, code_of(result.error()));
    }
  }
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    for (const auto& [place, why] : refused) {
      const auto marked = TRY(tx.db().run(task->undoing ? "UPDATE act_cases SET state = 'not_undone', why = "
                                                          "$4 WHERE workspace_id = $1 AND act_id = $2 AND "
                                                          "place = $3 AND state = 'done'"
                                                        : "UPDATE act_cases SET state = 'refused', why = $4 "
                                                          "WHERE workspace_id = $1 AND act_id = $2 AND "
                                                          "place = $3 AND state = 'waiting'",
                                          {workspace_id, act_id, place, why}));
      if (marked > 0)
        TRY(tx.db().run(
            task->undoing ? "UPDATE acts SET not_undone = not_undone + 1 WHERE workspace_id = $1 AND id = $2"
                          : "UPDATE acts SET refused = refused + 1 WHERE workspace_id = $1 AND id = $2",
            {workspace_id, act_id}));
    }
    TRY(tx.db().run(
        task->undoing
            ? "UPDATE acts SET state = 'undone', ended_at = $3 WHERE workspace_id = $1 AND id = $2 AND state "
              "= "
              "'undoing' AND NOT EXISTS (SELECT 1 FROM act_cases WHERE workspace_id = $1 AND act_id = $2 AND "
              "state = 'done')"
            : "UPDATE acts SET state = 'done', ended_at = $3 WHERE workspace_id = $1 AND id = $2 AND state = "
              "'running' AND NOT EXISTS (SELECT 1 FROM act_cases WHERE workspace_id = $1 AND act_id = $2 AND "
              "state = 'waiting')",
        {workspace_id, act_id, hands_.clock.now_ms()}));
    return tell(tx, workspace_id, act_id);
  }));
  if (fault) return std::move(*fault);
  return static_cast<std::int64_t>(places.size());
}

Result<void> Acts::tell(store::Transaction& tx, Id workspace_id, Id act_id) {
  const auto data = TRY(tx.db().one(
      "SELECT state, cases, done, refused, not_undone FROM acts WHERE workspace_id = $1 AND id = $2",
      {workspace_id, act_id}, [&](const store::Row& row) {
        return json::object{{"act_id", to_string(act_id)}, {"state", row.string(0)},
                            {"cases", row.integer(1)},     {"done", row.integer(2)},
                            {"refused", row.integer(3)},   {"not_undone", row.integer(4)}};
      }));
  if (!data) return {};
  events::Event event;
  event.workspace_id = workspace_id;
  event.kind = "act.changed";
  event.data = json::serialize(*data);
  return hands_.log.append(tx, std::move(event));
}

Result<bool> Acts::begin_once(store::Transaction& tx, const Once& once, const Actions& actions, Id* act_id) {
  const auto text = json::serialize(to_json(actions));
  const auto made = TRY(tx.db().one(
      "INSERT INTO acts (workspace_id, id, source, source_id, trigger_key, name, actions, actor_id, state, "
      "cases, "
      "created_at, ended_at) VALUES ($1, $2, 'rule', $3, $4, $5, $6, 0, 'done', 1, $7, $7) ON CONFLICT "
      "(workspace_id, "
      "source, source_id, trigger_key) DO NOTHING RETURNING id",
      {once.workspace_id, hands_.ids.next(), once.rule_id, once.key, once.name, text, hands_.clock.now_ms()},
      [](const store::Row& row) { return row.integer(0); }));
  if (!made) return false;
  *act_id = *made;
  return true;
}

Result<void> Acts::end_once(store::Transaction& tx, const Once& once, Id act_id, std::string_view why,
                            std::string_view undo) {
  TRY(tx.db().run(
      "INSERT INTO act_cases (workspace_id, act_id, place, case_id, state, why, undo) VALUES ($1, $2, 0, $3, "
      "$4, $5, $6)",
      {once.workspace_id, act_id, once.case_id, why.empty() ? "done" : "refused", why, undo}));
  TRY(tx.db().run(why.empty() ? "UPDATE acts SET done = 1 WHERE workspace_id = $1 AND id = $2"
                              : "UPDATE acts SET refused = 1 WHERE workspace_id = $1 AND id = $2",
                  {once.workspace_id, act_id}));
  TRY(tx.db().run("UPDATE desk_documents SET uses = uses + 1 WHERE workspace_id = $1 AND id = $2",
                  {once.workspace_id, once.rule_id}));
  return tell(tx, once.workspace_id, act_id);
}

namespace {
json::value parsed(std::string_view text) {
  boost::system::error_code bad;
  auto value = json::parse(text, bad);
  return bad ? json::value(json::array()) : value;
}
}  // namespace

json::object to_json(const Act& act) {
  json::array refusals;
  for (const auto& one : act.refusals)
    refusals.push_back(json::object{
        {"case_id", to_string(one.case_id)}, {"number", one.number}, {"name", one.name}, {"code", one.code}});
  const auto id = [](Id value) { return value == 0 ? json::value() : json::value(to_string(value)); };
  return {{"id", to_string(act.id)},
          {"source", act.source},
          {"source_id", id(act.source_id)},
          {"name", act.name},
          {"actions", parsed(act.actions)},
          {"actor_id", id(act.actor_id)},
          {"state", act.state},
          {"cases", act.cases},
          {"done", act.done},
          {"refused", act.refused},
          {"not_undone", act.not_undone},
          {"created_at", to_rfc3339(act.created_at)},
          {"case", act.case_id == 0 ? json::value()
                                    : json::value(json::object{{"id", to_string(act.case_id)},
                                                               {"number", act.number},
                                                               {"name", act.case_name}})},
          {"refusals", std::move(refusals)}};
}

json::object to_json(const Preview& preview) {
  return {{"case_id", to_string(preview.case_id)},
          {"number", preview.number},
          {"name", preview.name},
          {"changes", parsed(preview.changes)},
          {"code", preview.code}};
}

}  // namespace kiki::teamwork
