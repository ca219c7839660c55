#include "teamwork/teams.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "promises/books.hpp"

namespace kiki::teamwork {

namespace {

std::vector<std::string> strings_of(std::string_view text) {
  std::vector<std::string> list;
  boost::system::error_code bad;
  const auto value = json::parse(text, bad);
  if (bad || !value.is_array()) return list;
  for (const auto& one : value.get_array()) {
    if (one.is_string()) list.emplace_back(one.get_string());
  }
  return list;
}

std::string text_of(const std::vector<std::string>& list) {
  json::array array;
  for (const auto& one : list) array.emplace_back(one);
  return json::serialize(array);
}

// Who is away at a moment, and who stands in for them.
class Presence {
 public:
  static Result<Presence> read(store::Connection& db, Id workspace_id, TimeMs now_ms) {
    Presence presence;
    presence.roster_ = TRY(promises::read_roster(db, workspace_id)).roster;
    presence.day_ = presence.roster_.zone.day_of(now_ms);
    TRY(db.query("SELECT user_id, substitute_id FROM member_work WHERE workspace_id = $1 AND away_until > $2",
                 std::initializer_list<store::Param>{workspace_id, now_ms}, [&](const store::Row& row) {
                   presence.away_.emplace(row.integer(0), row.maybe_integer(1));
                 }));
    TRY(db.query(
        "SELECT m.user_id FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = $1 AND "
        "m.role <> 'viewer' AND u.disabled_at IS NULL",
        std::initializer_list<store::Param>{workspace_id},
        [&](const store::Row& row) { presence.workers_.insert(row.integer(0)); }));
    return presence;
  }
  std::optional<Id> acting_for(Id user_id) const {
    std::set<Id> asked;
    std::optional<Id> who = user_id;
    while (who && asked.insert(*who).second) {
      if (!workers_.contains(*who)) return std::nullopt;
      const auto away = away_.find(*who);
      if (away != away_.end()) {
        who = away->second;
        continue;
      }
      const auto next = promises::acting_for(roster_, *who, day_);
      if (next == who) return who;
      who = next;
    }
    return std::nullopt;
  }
  bool is_away(Id user_id) const { return acting_for(user_id) != user_id; }
  const std::set<Id>& workers() const { return workers_; }

 private:
  promises::Roster roster_;
  promises::Day day_ = 0;
  std::map<Id, std::optional<Id>> away_;
  std::set<Id> workers_;
};

Result<std::map<Id, std::int64_t>> loads(store::Connection& db, Id workspace_id) {
  std::map<Id, std::int64_t> open;
  TRY(
      db.query("SELECT assignee_id, cases FROM case_counts WHERE workspace_id = $1 AND status = 'open' AND "
               "assignee_id <> 0",
               std::initializer_list<store::Param>{workspace_id},
               [&](const store::Row& row) { open[row.integer(0)] = row.integer(1); }));
  return open;
}

Error no_team() {
  return not_found("There is no such team.");
}

}  // namespace

Result<std::vector<Team>> read_teams(store::Connection& db, Id workspace_id) {
  auto teams = TRY(
      db.all("SELECT id, name, assigning, escalation_minutes FROM teams WHERE workspace_id = $1 AND "
             "archived_at IS NULL "
             "ORDER BY name, id",
             {workspace_id}, [](const store::Row& row) {
               return Team{row.integer(0), row.string(1), row.text(2) == "by_load", row.integer(3), {}, 0};
             }));
  std::map<Id, Team*> by_id;
  for (auto& team : teams) by_id[team.id] = &team;
  TRY(
      db.query("SELECT t.team_id, t.user_id FROM team_members t JOIN memberships m ON m.workspace_id = "
               "t.workspace_id AND "
               "m.user_id = t.user_id WHERE t.workspace_id = $1 ORDER BY t.user_id",
               std::initializer_list<store::Param>{workspace_id}, [&](const store::Row& row) {
                 const auto team = by_id.find(row.integer(0));
                 if (team != by_id.end()) team->second->members.push_back(row.integer(1));
               }));
  for (auto& team : teams) {
    team.open_cases =
        TRY(db.one("SELECT COUNT(*) FROM (SELECT 1 FROM cases WHERE workspace_id = $1 AND team_id = $2 "
                   "AND status = 'open' LIMIT $3) AS counted",
                   {workspace_id, team.id, kCountMost}, [](const store::Row& row) { return row.integer(0); }))
            .value_or(0);
  }
  return teams;
}

Result<std::vector<Id>> teams_of(store::Connection& db, Id workspace_id, Id user_id) {
  return db.all("SELECT team_id FROM team_members WHERE workspace_id = $1 AND user_id = $2 ORDER BY team_id",
                {workspace_id, user_id}, [](const store::Row& row) { return row.integer(0); });
}

Result<std::vector<MemberWork>> read_work(store::Connection& db, Id workspace_id, TimeMs now_ms) {
  const auto presence = TRY(Presence::read(db, workspace_id, now_ms));
  const auto open = TRY(loads(db, workspace_id));
  auto list =
      TRY(db.all("SELECT m.user_id, COALESCE(w.capacity, 0), COALESCE(w.skills, '[]'), COALESCE(w.languages, "
                 "'[]'), w.away_until, "
                 "w.substitute_id FROM memberships m LEFT JOIN member_work w ON w.workspace_id = "
                 "m.workspace_id AND w.user_id = "
                 "m.user_id WHERE m.workspace_id = $1 AND m.role <> 'viewer' ORDER BY m.user_id",
                 {workspace_id}, [&](const store::Row& row) {
                   return MemberWork{row.integer(0),
                                     row.integer(1),
                                     strings_of(row.text(2)),
                                     strings_of(row.text(3)),
                                     row.maybe_integer(4),
                                     row.maybe_integer(5),
                                     0,
                                     false};
                 }));
  for (auto& one : list) {
    if (one.away_until && *one.away_until <= now_ms) one.away_until.reset();
    const auto load = open.find(one.user_id);
    one.open_cases = load == open.end() ? 0 : load->second;
    one.away = presence.is_away(one.user_id);
  }
  return list;
}

Result<std::optional<Id>> least_loaded(store::Connection& db, Id workspace_id, const Wanted& wanted,
                                       TimeMs now_ms) {
  const auto presence = TRY(Presence::read(db, workspace_id, now_ms));
  const auto open = TRY(loads(db, workspace_id));
  struct Candidate {
    Id user_id;
    std::int64_t capacity;
    std::vector<std::string> skills, languages;
    std::int64_t last_given_at;
  };
  const auto all = TRY(db.all(
      "SELECT m.user_id, COALESCE(w.capacity, 0), COALESCE(w.skills, '[]'), COALESCE(w.languages, '[]'), "
      "COALESCE(w.last_given_at, 0) FROM memberships m LEFT JOIN member_work w ON w.workspace_id = "
      "m.workspace_id AND "
      "w.user_id = m.user_id WHERE m.workspace_id = $1 AND ($2 = 0 OR EXISTS (SELECT 1 FROM team_members t "
      "WHERE "
      "t.workspace_id = m.workspace_id AND t.team_id = $2 AND t.user_id = m.user_id)) ORDER BY m.user_id",
      {workspace_id, wanted.team_id.value_or(0)}, [](const store::Row& row) {
        return Candidate{row.integer(0), row.integer(1), strings_of(row.text(2)), strings_of(row.text(3)),
                         row.integer(4)};
      }));
  std::optional<Id> best;
  std::tuple<double, std::int64_t> best_load;
  for (const auto& one : all) {
    if (!presence.workers().contains(one.user_id) || presence.is_away(one.user_id)) continue;
    const auto has = [](const std::vector<std::string>& list, const std::string& value) {
      return std::find(list.begin(), list.end(), value) != list.end();
    };
    if (!wanted.skill.empty() && !has(one.skills, wanted.skill)) continue;
    if (!wanted.language.empty() && !one.languages.empty() && !has(one.languages, wanted.language)) continue;
    const auto found = open.find(one.user_id);
    const auto load = found == open.end() ? 0 : found->second;
    if (one.capacity > 0 && load >= one.capacity) continue;
    // Of a capacity the share that is taken; without one as of a middling one.
    constexpr double kUsualCapacity = 20;
    const double share =
        static_cast<double>(load) / (one.capacity > 0 ? static_cast<double>(one.capacity) : kUsualCapacity);
    const std::tuple key(share, one.last_given_at);
    if (best && key >= best_load) continue;
    best = one.user_id;
    best_load = key;
  }
  return best;
}

Result<std::vector<Id>> away_now(store::Connection& db, Id workspace_id, TimeMs now_ms) {
  const auto presence = TRY(Presence::read(db, workspace_id, now_ms));
  std::vector<Id> away;
  for (const Id user_id : presence.workers())
    if (presence.is_away(user_id)) away.push_back(user_id);
  return away;
}

Result<std::optional<Id>> acting_for(store::Connection& db, Id workspace_id, Id user_id, TimeMs now_ms) {
  return TRY(Presence::read(db, workspace_id, now_ms)).acting_for(user_id);
}

Result<std::string> language_of_case(store::Connection& db, Id workspace_id, Id case_id) {
  const auto tag =
      TRY(db.one("SELECT language FROM posts WHERE workspace_id = $1 AND case_id = $2 AND direction = 'in' "
                 "AND language <> '' "
                 "ORDER BY posted_at DESC, id DESC LIMIT 1",
                 {workspace_id, case_id}, [](const store::Row& row) { return row.string(0); }));
  const auto text = tag.value_or("");
  return text.substr(0, text.find('-'));
}

Result<bool> claims_on_open(store::Connection& db, Id workspace_id) {
  return TRY(db.one("SELECT claim_on_open FROM team_settings WHERE workspace_id = $1", {workspace_id},
                    [](const store::Row& row) { return row.boolean(0); }))
      .value_or(false);
}

// --- changes

Result<void> Teams::tell(store::Transaction& tx, Id workspace_id, Id actor_id, json::object data) {
  events::Event event;
  event.workspace_id = workspace_id;
  event.kind = "team.changed";
  event.actor_id = actor_id;
  event.data = json::serialize(data);
  return log_.append(tx, std::move(event));
}

Result<void> Teams::write(store::Transaction& tx, Id workspace_id, Id team_id, const TeamChange& change) {
  if (change.name) {
    if (change.name->empty() || change.name->size() > kNameMostBytes)
      return invalid("a name of at most 200 bytes is needed", "/name");
    const auto taken = TRY(tx.db().one(
        "SELECT 1 FROM teams WHERE workspace_id = $1 AND name = $2 AND id <> $3 AND archived_at IS NULL",
        {workspace_id, *change.name, team_id}, [](const store::Row&) { return true; }));
    if (taken) return conflict("There is a team of this name.", "taken");
    TRY(tx.db().run("UPDATE teams SET name = $3 WHERE workspace_id = $1 AND id = $2",
                    {workspace_id, team_id, *change.name}));
  }
  if (change.by_load)
    TRY(tx.db().run("UPDATE teams SET assigning = $3 WHERE workspace_id = $1 AND id = $2",
                    {workspace_id, team_id, *change.by_load ? "by_load" : "by_hand"}));
  if (change.escalation_minutes) {
    if (*change.escalation_minutes < 1 || *change.escalation_minutes > kEscalationMostMinutes)
      return invalid("must be 1 to 527040", "/escalation_minutes");
    TRY(tx.db().run("UPDATE teams SET escalation_minutes = $3 WHERE workspace_id = $1 AND id = $2",
                    {workspace_id, team_id, *change.escalation_minutes}));
  }
  if (change.members) {
    if (change.members->size() > kMembersMost) return invalid("too many members", "/member_ids");
    TRY(tx.db().run("DELETE FROM team_members WHERE workspace_id = $1 AND team_id = $2",
                    {workspace_id, team_id}));
    const std::set<Id> members(change.members->begin(), change.members->end());
    for (const Id user : members) {
      const auto added =
          TRY(tx.db().run("INSERT INTO team_members (workspace_id, team_id, user_id) SELECT workspace_id, "
                          "CAST($2 AS BIGINT), user_id FROM "
                          "memberships WHERE workspace_id = $1 AND user_id = $3 AND role <> 'viewer'",
                          {workspace_id, team_id, user}));
      if (added == 0) return invalid("somebody who may not answer cannot be in a team", "/member_ids");
    }
  }
  return {};
}

Result<Id> Teams::make(Id workspace_id, Id actor_id, const TeamChange& change) {
  if (!change.name) return invalid("is required", "/name");
  const Id id = ids_.next();
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto count =
        TRY(tx.db().one("SELECT COUNT(*) FROM teams WHERE workspace_id = $1 AND archived_at IS NULL",
                        {workspace_id}, [](const store::Row& row) { return row.integer(0); }));
    if (count.value_or(0) >= static_cast<std::int64_t>(kTeamsMost))
      return Error{ErrorKind::kUnprocessable, "There are too many teams.", {}, "too_many", 0};
    TRY(tx.db().run("INSERT INTO teams (workspace_id, id, name, created_at) VALUES ($1, $2, '', $3)",
                    {workspace_id, id, clock_.now_ms()}));
    TRY(write(tx, workspace_id, id, change));
    return tell(tx, workspace_id, actor_id, {{"team_id", to_string(id)}});
  }));
  return id;
}

Result<void> Teams::change(Id workspace_id, Id actor_id, Id team_id, const TeamChange& change) {
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto known =
        TRY(tx.db().one("SELECT 1 FROM teams WHERE workspace_id = $1 AND id = $2 AND archived_at IS NULL",
                        {workspace_id, team_id}, [](const store::Row&) { return true; }));
    if (!known) return no_team();
    TRY(write(tx, workspace_id, team_id, change));
    return tell(tx, workspace_id, actor_id, {{"team_id", to_string(team_id)}});
  });
}

Result<void> Teams::archive(Id workspace_id, Id actor_id, Id team_id) {
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto archived = TRY(tx.db().run(
        "UPDATE teams SET archived_at = $3 WHERE workspace_id = $1 AND id = $2 AND archived_at IS NULL",
        {workspace_id, team_id, clock_.now_ms()}));
    if (archived == 0) return no_team();
    TRY(tx.db().run(
        "UPDATE cases SET team_id = NULL WHERE workspace_id = $1 AND team_id = $2 AND status IN ('found', "
        "'open', 'waiting', 'snoozed')",
        {workspace_id, team_id}));
    return tell(tx, workspace_id, actor_id, {{"team_id", to_string(team_id)}, {"archived", true}});
  });
}

Result<void> Teams::change_work(Id workspace_id, Id actor_id, Id user_id, const WorkChange& change) {
  const auto check = [](const std::vector<std::string>& list, const char* where) -> Result<void> {
    if (list.size() > kSkillsMost) return invalid("too many", where);
    for (const auto& one : list) {
      if (one.empty() || one.size() > kNameMostBytes) return invalid("must be 1 to 200 bytes each", where);
    }
    return {};
  };
  if (change.skills) TRY(check(*change.skills, "/skills"));
  if (change.languages) TRY(check(*change.languages, "/languages"));
  if (change.capacity && (*change.capacity < 0 || *change.capacity > kCapacityMost))
    return invalid("must be 0 to 10000", "/capacity");
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto is_worker = [&](Id id) {
      return tx.db().one(
          "SELECT 1 FROM memberships WHERE workspace_id = $1 AND user_id = $2 AND role <> 'viewer'",
          {workspace_id, id}, [](const store::Row&) { return true; });
    };
    if (!TRY(is_worker(user_id))) return not_found("Nobody of this desk who may answer.");
    TRY(tx.db().run(
        "INSERT INTO member_work (workspace_id, user_id) VALUES ($1, $2) ON CONFLICT (workspace_id, "
        "user_id) DO NOTHING",
        {workspace_id, user_id}));
    const auto set = [&](const char* sql, const store::Param& value) -> Result<void> {
      TRY(tx.db().run(sql, {workspace_id, user_id, value}));
      return {};
    };
    if (change.capacity)
      TRY(set("UPDATE member_work SET capacity = $3 WHERE workspace_id = $1 AND user_id = $2",
              *change.capacity));
    if (change.skills) {
      const auto text = text_of(*change.skills);
      TRY(set("UPDATE member_work SET skills = $3 WHERE workspace_id = $1 AND user_id = $2", text));
    }
    if (change.languages) {
      const auto text = text_of(*change.languages);
      TRY(set("UPDATE member_work SET languages = $3 WHERE workspace_id = $1 AND user_id = $2", text));
    }
    if (change.away_until)
      TRY(set("UPDATE member_work SET away_until = $3 WHERE workspace_id = $1 AND user_id = $2",
              *change.away_until));
    if (change.substitute_id) {
      const auto& who = *change.substitute_id;
      if (who && (*who == user_id || !TRY(is_worker(*who))))
        return invalid("must be somebody else who may answer", "/substitute_id");
      TRY(set("UPDATE member_work SET substitute_id = $3 WHERE workspace_id = $1 AND user_id = $2", who));
    }
    return tell(tx, workspace_id, actor_id, {{"user_id", to_string(user_id)}});
  });
}

Result<void> Teams::claim_on_open(Id workspace_id, Id actor_id, bool on) {
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(
        tx.db().run("INSERT INTO team_settings (workspace_id, claim_on_open) VALUES ($1, $2) ON CONFLICT "
                    "(workspace_id) DO UPDATE SET claim_on_open = excluded.claim_on_open",
                    {workspace_id, on ? 1 : 0}));
    return tell(tx, workspace_id, actor_id, {{"claim_on_open", on}});
  });
}

json::object to_json(const Team& team) {
  json::array members;
  for (const Id id : team.members) members.emplace_back(to_string(id));
  return {{"id", to_string(team.id)},
          {"name", team.name},
          {"assigning", team.by_load ? "by_load" : "by_hand"},
          {"escalation_minutes", team.escalation_minutes},
          {"member_ids", std::move(members)},
          {"open_cases", team.open_cases}};
}

json::object to_json(const MemberWork& work) {
  const auto strings = [](const std::vector<std::string>& list) {
    json::array array;
    for (const auto& one : list) array.emplace_back(one);
    return array;
  };
  json::object body{
      {"user_id", to_string(work.user_id)},   {"capacity", work.capacity}, {"skills", strings(work.skills)},
      {"languages", strings(work.languages)}, {"away_until", nullptr},     {"substitute_id", nullptr},
      {"open_cases", work.open_cases},        {"away", work.away}};
  if (work.away_until) body["away_until"] = to_rfc3339(*work.away_until);
  if (work.substitute_id) body["substitute_id"] = to_string(*work.substitute_id);
  return body;
}

}  // namespace kiki::teamwork
