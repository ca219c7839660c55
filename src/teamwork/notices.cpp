#include "teamwork/notices.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "cases/done_requests.hpp"
#include "teamwork/teams.hpp"
#include "text/normalize.hpp"

namespace kiki::teamwork {

namespace {

constexpr std::size_t kFollowersMost = 100;

std::string text_in(const json::object& data, std::string_view key) {
  const auto* value = data.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Result<std::string> name_of(store::Connection& db, Id user_id) {
  return TRY(db.one("SELECT name FROM users WHERE id = $1", {user_id},
                    [](const store::Row& row) { return row.string(0); }))
      .value_or("");
}

Result<void> tell(store::Transaction& tx, const Hands& hands, Id workspace_id, Id case_id, Id actor_id,
                  std::string kind, std::string key, int severity, std::vector<Id> users) {
  std::erase(users, actor_id);
  if (users.empty()) return {};
  const auto row = cases::read_row(tx.db(), workspace_id, case_id);
  if (!row.ok()) return {};
  notify::Notice notice;
  notice.workspace_id = workspace_id;
  notice.dedupe_key = kind + ":" + key;
  notice.kind = std::move(kind);
  notice.severity = severity;
  notice.users = std::move(users);
  notice.data =
      json::serialize(json::object{{"by", actor_id == 0 ? std::string() : TRY(name_of(tx.db(), actor_id))},
                                   {"number", row->number},
                                   {"case_id", to_string(case_id)},
                                   {"of_customer", true},
                                   {"path", "/all/case/" + to_string(case_id)}});
  return hands.tell(tx, notice);
}

// What followers hear of, as the kind of their notice; "" for nothing.
std::string_view followed_as(const events::Event& event, const json::object& data) {
  if (data.contains("undone")) return "";
  if (event.kind == "post.received" && text_in(data, "direction") == "in") return "followed_post";
  if (event.kind == "note.added") return "followed_note";
  if (event.kind == "case.assigned") return "followed_assigned";
  if (event.kind == "case.status" && text_in(data, "to") == "resolved") return "followed_resolved";
  return "";
}

Result<std::vector<Id>> mentioned_in_note(store::Connection& db, Id workspace_id, Id note_id) {
  const auto text =
      TRY(db.one("SELECT text FROM notes WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL",
                 {workspace_id, note_id}, [](const store::Row& row) { return row.string(0); }));
  if (!text || text->find('@') == std::string::npos) {
    if (!text || text->find("＠") == std::string::npos) return std::vector<Id>();
  }
  const auto named = [](const store::Row& row) { return Named{row.integer(0), row.string(1)}; };
  auto names =
      TRY(db.all("SELECT u.id, u.name FROM memberships m JOIN users u ON u.id = m.user_id WHERE "
                 "m.workspace_id = $1 AND u.disabled_at IS NULL",
                 {workspace_id}, named));
  const auto teams = TRY(db.all("SELECT id, name FROM teams WHERE workspace_id = $1 AND archived_at IS NULL",
                                {workspace_id}, named));
  names.insert(names.end(), teams.begin(), teams.end());
  std::set<Id> users;
  for (const Id id : mentioned(*text, names)) {
    const bool is_team =
        std::any_of(teams.begin(), teams.end(), [&](const Named& team) { return team.id == id; });
    if (!is_team) {
      users.insert(id);
      continue;
    }
    for (const Id user :
         TRY(db.all("SELECT user_id FROM team_members WHERE workspace_id = $1 AND team_id = $2",
                    {workspace_id, id}, [](const store::Row& row) { return row.integer(0); })))
      users.insert(user);
  }
  return std::vector<Id>(users.begin(), users.end());
}

// A customer wrote to somebody who is away.
Result<void> stand_in(store::Database& db, const Hands& hands, const events::Event& event, NoticeMemo& memo) {
  auto away = memo.away.find(event.workspace_id);
  std::optional<Id> assignee;
  {
    auto reader = TRY(db.reader());
    if (away == memo.away.end()) {
      away = memo.away.emplace(event.workspace_id, std::set<Id>()).first;
      for (const auto& one : TRY(read_work(*reader, event.workspace_id, hands.clock.now_ms()))) {
        if (one.away) away->second.insert(one.user_id);
      }
    }
    if (away->second.empty()) return {};
    const auto row = TRY(reader->one(
        "SELECT assignee_id FROM cases WHERE workspace_id = $1 AND id = $2 AND status = 'open'",
        {event.workspace_id, event.case_id}, [](const store::Row& one) { return one.maybe_integer(0); }));
    if (row) assignee = *row;
    if (!assignee || !away->second.contains(*assignee)) return {};
  }
  return db.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto row = cases::read_row(tx.db(), event.workspace_id, event.case_id);
    if (!row.ok() || row->assignee_id != assignee || row->status != model::CaseStatus::kOpen) return {};
    const auto who = TRY(acting_for(tx.db(), event.workspace_id, *assignee, hands.clock.now_ms()));
    if (!who) return {};  // nobody stands in: it stays where everybody sees whose it is
    const cases::Change change{event.workspace_id, event.case_id, 0, std::nullopt, "away"};
    TRY(hands.cases.assign(tx, change, who));
    return tell(tx, hands, event.workspace_id, event.case_id, 0, "standing_in", std::to_string(event.seq), 5,
                {*who});
  });
}

}  // namespace

std::vector<Id> mentioned(std::string_view text_in, const std::vector<Named>& names) {
  const auto text = text::fold(text_in);  // ＠ becomes @
  std::vector<std::pair<std::string, Id>> folded;
  for (const auto& one : names) {
    if (!one.name.empty()) folded.emplace_back(text::fold(one.name), one.id);
  }
  std::vector<Id> found;
  for (auto at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
    // "hana@example.com" mentions nobody.
    if (at > 0 && (std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0 || text[at - 1] == '.'))
      continue;
    const auto rest = std::string_view(text).substr(at + 1);
    std::size_t longest = 0;
    for (const auto& [name, id] : folded) {
      if (rest.starts_with(name)) longest = std::max(longest, name.size());
    }
    for (const auto& [name, id] : folded) {
      if (longest > 0 && name.size() == longest && rest.starts_with(name) &&
          std::find(found.begin(), found.end(), id) == found.end())
        found.push_back(id);
    }
  }
  return found;
}

Result<void> tell_of(store::Database& db, const Hands& hands, const events::Event& event, NoticeMemo& memo) {
  if (event.case_id == 0) return {};
  boost::system::error_code bad;
  const auto parsed = json::parse(event.data, bad);
  if (bad || !parsed.is_object()) return {};
  const auto& data = parsed.get_object();
  if (event.kind == "post.received" && text_in(data, "direction") == "in")
    TRY(stand_in(db, hands, event, memo));

  std::vector<Id> told;
  const auto key = std::to_string(event.seq);
  if (event.kind == "note.added") {
    const auto note_id = parse_id(text_in(data, "note_id"));
    std::vector<Id> users;
    if (note_id) {
      auto reader = TRY(db.reader());
      users = TRY(mentioned_in_note(*reader, event.workspace_id, *note_id));
    }
    told = users;
    if (!users.empty())
      TRY(db.writer().write([&](store::Transaction& tx) {
        return tell(tx, hands, event.workspace_id, event.case_id, event.actor_id, "mentioned", key, 6, users);
      }));
  }
  if (event.kind == "case.assigned" && event.actor_id != 0 && !data.contains("undone") &&
      text_in(data, "by") != "handover") {
    const auto to = parse_id(text_in(data, "to"));
    if (to && *to != event.actor_id) {
      told.push_back(*to);
      // Many at once are one notice: the act is in the key.
      const auto by = text_in(data, "by");
      TRY(db.writer().write([&](store::Transaction& tx) {
        return tell(tx, hands, event.workspace_id, event.case_id, event.actor_id, "assigned",
                    by.starts_with("bulk:") ? by + ":" + to_string(*to) : key, 5, {*to});
      }));
    }
  }
  const auto kind = followed_as(event, data);
  if (kind.empty()) return {};
  std::vector<Id> users;
  {
    auto reader = TRY(db.reader());
    auto any = memo.has_followers.find(event.workspace_id);
    if (any == memo.has_followers.end()) {
      const auto one = TRY(reader->one("SELECT 1 FROM case_followers WHERE workspace_id = $1 LIMIT 1",
                                       {event.workspace_id}, [](const store::Row&) { return true; }));
      any = memo.has_followers.emplace(event.workspace_id, one.has_value()).first;
    }
    if (!any->second) return {};
    users = TRY(followers(*reader, event.workspace_id, event.case_id));
  }
  std::erase_if(users, [&](Id user) { return std::find(told.begin(), told.end(), user) != told.end(); });
  if (users.empty()) return {};
  return db.writer().write([&](store::Transaction& tx) {
    return tell(tx, hands, event.workspace_id, event.case_id, event.actor_id, std::string(kind), key, 4,
                users);
  });
}

Result<void> follow(store::Database& db, const Hands& hands, Id workspace_id, Id case_id, Id user_id,
                    bool on) {
  return db.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(cases::read_row(tx.db(), workspace_id, case_id));
    if (!on) {
      TRY(tx.db().run("DELETE FROM case_followers WHERE workspace_id = $1 AND case_id = $2 AND user_id = $3",
                      {workspace_id, case_id, user_id}));
    } else {
      const auto count =
          TRY(tx.db().one("SELECT COUNT(*) FROM case_followers WHERE workspace_id = $1 AND case_id = $2",
                          {workspace_id, case_id}, [](const store::Row& row) { return row.integer(0); }));
      if (count.value_or(0) >= static_cast<std::int64_t>(kFollowersMost))
        return Error{ErrorKind::kUnprocessable, "There are too many followers.", {}, "too_many", 0};
      TRY(tx.db().run(
          "INSERT INTO case_followers (workspace_id, case_id, user_id, since) VALUES ($1, $2, $3, $4) ON "
          "CONFLICT (workspace_id, case_id, user_id) DO NOTHING",
          {workspace_id, case_id, user_id, hands.clock.now_ms()}));
    }
    events::Event event;
    event.workspace_id = workspace_id;
    event.kind = "case.followed";
    event.case_id = case_id;
    event.actor_id = user_id;
    event.data = on ? R"({"on":true})" : R"({"on":false})";
    return hands.log.append(tx, std::move(event));
  });
}

Result<std::vector<Id>> followers(store::Connection& db, Id workspace_id, Id case_id) {
  return db.all(
      "SELECT f.user_id FROM case_followers f JOIN memberships m ON m.workspace_id = f.workspace_id AND "
      "m.user_id = f.user_id WHERE f.workspace_id = $1 AND f.case_id = $2 ORDER BY f.since, f.user_id",
      {workspace_id, case_id}, [](const store::Row& row) { return row.integer(0); });
}

Result<cases::CaseRow> hand_over(store::Database& db, const Hands& hands, const Handover& what) {
  if (what.user_id.has_value() == what.team_id.has_value())
    return invalid("expected either a person or a team");
  const bool has_note = what.note.find_first_not_of(" \t\r\n") != std::string::npos;
  return db.writer().write_result([&](store::Transaction& tx) -> Result<cases::CaseRow> {
    const cases::DoneRequest request{what.workspace_id, what.actor_id, what.request_id};
    if (TRY(cases::find_done(tx, request))) return cases::read_row(tx.db(), what.workspace_id, what.case_id);
    TRY(cases::keep_done(tx, request, what.case_id, hands.clock.now_ms()));
    const cases::Change change{what.workspace_id, what.case_id, what.actor_id, std::nullopt, "handover"};
    std::vector<Id> receivers;
    if (what.user_id) {
      TRY(hands.cases.assign(tx, change, what.user_id));
      receivers = {*what.user_id};
    } else {
      const auto before = TRY(cases::read_row(tx.db(), what.workspace_id, what.case_id));
      const Doing doing{what.workspace_id, what.case_id, what.actor_id, "handover", "", ""};
      Action action;
      action.what = "team";
      action.team_id = what.team_id;
      TRY(perform(tx, hands, doing, {action}));
      auto row = TRY(cases::read_row(tx.db(), what.workspace_id, what.case_id));
      // It left this person's hands: the team has it, or the one it was given to.
      if (row.assignee_id && row.assignee_id == before.assignee_id) {
        TRY(hands.cases.assign(tx, change, std::nullopt));
        row.assignee_id.reset();
      }
      if (row.assignee_id) {
        receivers = {*row.assignee_id};
      } else {
        receivers = TRY(tx.db().all(
            "SELECT user_id FROM team_members WHERE workspace_id = $1 AND team_id = $2",
            {what.workspace_id, *what.team_id}, [](const store::Row& one) { return one.integer(0); }));
      }
    }
    if (has_note) TRY(hands.cases.add_note(tx, change, what.note));
    TRY(tell(tx, hands, what.workspace_id, what.case_id, what.actor_id, "handed_over",
             std::to_string(tx.next_event_seq()), 6, receivers));
    return cases::read_row(tx.db(), what.workspace_id, what.case_id);
  });
}

Result<cases::CaseRow> claim(store::Database& db, const Hands& hands, const cases::Change& change) {
  return db.writer().write_result([&](store::Transaction& tx) -> Result<cases::CaseRow> {
    const auto row = TRY(cases::read_row(tx.db(), change.workspace_id, change.case_id));
    if (row.assignee_id == change.actor_id) return row;
    if (row.assignee_id) return conflict("Somebody else has the case.", "taken");
    return hands.cases.assign(tx, change, change.actor_id);
  });
}

Result<std::vector<TagSuggestion>> suggest_tags(store::Connection& db, Id workspace_id, Id case_id,
                                                std::string_view prefix_in, int limit) {
  constexpr int kCasesLookedAt = 300;
  constexpr int kTagsLookedAt = 2'000;
  const auto prefix = text::fold(prefix_in);
  std::vector<TagSuggestion> list;
  const auto add = [&](std::string tag, std::int64_t cases, bool similar) {
    if (!text::fold(tag).starts_with(prefix)) return;
    if (std::any_of(list.begin(), list.end(), [&](const auto& one) { return one.tag == tag; })) return;
    list.push_back({std::move(tag), cases, similar});
  };
  // Like this one: of the same kind with a topic in common, or of the same customer.
  if (case_id != 0) {
    for (auto& [tag, cases] : TRY(db.all(
             "SELECT t.tag, COUNT(*) AS n FROM (SELECT s.id FROM cases c JOIN cases s ON s.workspace_id = "
             "c.workspace_id "
             "AND s.id <> c.id AND s.person_id = c.person_id WHERE c.workspace_id = $1 AND c.id = $2 UNION "
             "SELECT "
             "ct.case_id FROM (SELECT o.case_id FROM case_topics m JOIN case_topics o ON o.workspace_id = "
             "m.workspace_id "
             "AND o.topic_id = m.topic_id AND o.case_id <> m.case_id WHERE m.workspace_id = $1 AND m.case_id "
             "= $2 ORDER "
             "BY o.case_id DESC LIMIT $3) ct JOIN cases s ON s.workspace_id = $1 AND s.id = ct.case_id JOIN "
             "cases c ON "
             "c.workspace_id = $1 AND c.id = $2 WHERE substr(s.triage, 1, 14) = substr(c.triage, 1, 14)) AS "
             "alike JOIN "
             "case_tags t ON t.workspace_id = $1 AND t.case_id = alike.id WHERE t.tag NOT IN (SELECT tag "
             "FROM case_tags "
             "WHERE workspace_id = $1 AND case_id = $2) GROUP BY t.tag ORDER BY n DESC, t.tag LIMIT $4",
             {workspace_id, case_id, kCasesLookedAt, limit},
             [](const store::Row& row) { return std::pair(row.string(0), row.integer(1)); })))
      add(std::move(tag), cases, true);
  }
  for (auto& [tag, cases] : TRY(db.all("SELECT tag, COUNT(*) AS n FROM (SELECT tag FROM case_tags WHERE "
                                       "workspace_id = $1 ORDER BY case_id DESC LIMIT "
                                       "$2) AS recent GROUP BY tag ORDER BY n DESC, tag",
                                       {workspace_id, kTagsLookedAt}, [](const store::Row& row) {
                                         return std::pair(row.string(0), row.integer(1));
                                       }))) {
    if (list.size() >= static_cast<std::size_t>(limit)) break;
    add(std::move(tag), cases, false);
  }
  if (list.size() > static_cast<std::size_t>(limit)) list.resize(static_cast<std::size_t>(limit));
  return list;
}

}  // namespace kiki::teamwork
