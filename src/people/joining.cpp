#include "people/joining.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "base/json.hpp"
#include "people/contacts.hpp"

namespace kiki::people {

namespace {

constexpr int kChangesShown = 50;

Error too_much(std::string_view what) {
  return {ErrorKind::kUnprocessable,
          "One card cannot hold the " + std::string(what) + " of both.",
          {},
          "too_much",
          0};
}

json::array ids_json(const std::vector<Id>& ids) {
  json::array list;
  for (const Id id : ids) list.emplace_back(to_string(id));
  return list;
}

std::vector<std::string> texts_of(const json::object& from, std::string_view name) {
  std::vector<std::string> texts;
  if (const auto* list = from.if_contains(name); list != nullptr && list->is_array()) {
    for (const auto& one : list->get_array()) {
      if (one.is_string()) texts.emplace_back(one.get_string());
    }
  }
  return texts;
}

std::string text_of(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Result<void> move_identity(store::Transaction& tx, Id workspace_id, Id identity_id, Id to) {
  TRY(tx.db().run("UPDATE identities SET person_id = $3 WHERE workspace_id = $1 AND id = $2",
                  {workspace_id, identity_id, to}));
  return {};
}

// Cases follow the identity they began with. No new version: a colleague's edit under way is not disturbed.
Result<void> move_cases(store::Transaction& tx, Id workspace_id, Id from, Id to) {
  TRY(tx.db().run(
      "UPDATE cases SET person_id = $3 WHERE workspace_id = $1 AND person_id = $2 AND identity_id IN "
      "(SELECT id FROM identities WHERE workspace_id = $1 AND person_id = $3)",
      {workspace_id, from, to}));
  return {};
}

Result<void> set_merged(store::Transaction& tx, Id workspace_id, Id person_id, std::optional<Id> into) {
  TRY(tx.db().run("UPDATE persons SET merged_into = $3 WHERE workspace_id = $1 AND id = $2",
                  {workspace_id, person_id, into}));
  return {};
}

Result<void> write_customer_id(store::Transaction& tx, Id workspace_id, Id person_id,
                               std::string_view customer_id) {
  TRY(tx.db().run("UPDATE persons SET customer_id = $3 WHERE workspace_id = $1 AND id = $2",
                  {workspace_id, person_id, customer_id}));
  return {};
}

Result<void> write_note(store::Transaction& tx, Id workspace_id, Id person_id, std::string_view note) {
  TRY(tx.db().run("UPDATE persons SET note = $3 WHERE workspace_id = $1 AND id = $2",
                  {workspace_id, person_id, note}));
  return write_contacts_of_person(tx, workspace_id, person_id);
}

}  // namespace

// The one who goes keeps what they had; the one who stays gets a copy of what they lack.
Result<void> Joining::absorb(store::Transaction& tx, Id workspace_id, const Person& kept, const Person& gone,
                             json::object& undo) {
  if (kept.identities.size() + gone.identities.size() > kIdentitiesLimit) return too_much("identities");
  std::vector<Id> moved;
  for (const auto& identity : gone.identities) {
    moved.push_back(identity.id);
    TRY(move_identity(tx, workspace_id, identity.id, kept.id));
  }
  TRY(move_cases(tx, workspace_id, gone.id, kept.id));
  TRY(set_merged(tx, workspace_id, gone.id, kept.id));
  json::array groups;
  for (const auto& group : gone.groups) {
    if (std::ranges::find(kept.groups, group) != kept.groups.end()) continue;
    groups.emplace_back(group);
    TRY(tx.db().run("INSERT INTO person_groups (workspace_id, person_id, name) VALUES ($1, $2, $3)",
                    {workspace_id, kept.id, group}));
  }
  if (kept.groups.size() + groups.size() > kGroupsLimit) return too_much("groups");
  json::array values;
  for (const auto& [field_id, value] : gone.values) {
    if (kept.values.contains(field_id)) continue;
    values.emplace_back(to_string(field_id));
    TRY(tx.db().run(
        "INSERT INTO person_values (workspace_id, person_id, field_id, value) VALUES ($1, $2, $3, $4)",
        {workspace_id, kept.id, field_id, value}));
  }
  if (kept.customer_id.empty() && !gone.customer_id.empty()) {
    TRY(write_customer_id(tx, workspace_id, kept.id, gone.customer_id));
    undo["customer_id"] = gone.customer_id;
  }
  if (!gone.note.empty() && gone.note != kept.note) {
    const auto note = kept.note.empty() ? gone.note : kept.note + "\n\n" + gone.note;
    if (note.size() > kNoteLimitBytes) return too_much("notes");
    TRY(write_note(tx, workspace_id, kept.id, note));
    undo["note_before"] = kept.note;
    undo["note_after"] = note;
  } else {
    TRY(write_contacts_of_person(tx, workspace_id, kept.id));
  }
  undo["identities"] = ids_json(moved);
  undo["groups"] = std::move(groups);
  undo["values"] = std::move(values);
  return {};
}

Result<void> Joining::finish(store::Transaction& tx, Id workspace_id, Id person_id, Id other_id, Id actor_id,
                             Id change_id, std::string_view what) {
  for (const Id id : {person_id, other_id}) {
    // What the company's system said was said about other identities.
    TRY(tx.db().run("DELETE FROM customer_facts WHERE workspace_id = $1 AND person_id = $2",
                    {workspace_id, id}));
    TRY(regrouped_(tx, workspace_id, id));
    events::Event event;
    event.workspace_id = workspace_id;
    event.kind = "person.changed";
    event.actor_id = actor_id;
    event.data = json::serialize(json::object{{"person_id", to_string(id)},
                                              {"other_id", to_string(id == person_id ? other_id : person_id)},
                                              {"change", what},
                                              {"change_id", to_string(change_id)}});
    TRY(log_.append(tx, std::move(event)));
  }
  return {};
}

Result<Joined> Joining::merge(Id workspace_id, Id person_id, Id other_id, Id actor_id) {
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<Joined> {
    const auto kept = TRY(read_person(tx.db(), workspace_id, person_id));
    const auto gone = TRY(read_person(tx.db(), workspace_id, other_id));
    if (kept.id == gone.id) return conflict("These are one person already.", "same_person");
    json::object undo;
    TRY(absorb(tx, workspace_id, kept, gone, undo));
    const Id change_id = ids_.next();
    TRY(tx.db().run(
        "INSERT INTO person_changes (workspace_id, id, kind, person_id, other_id, undo, done_by, done_at) "
        "VALUES "
        "($1, $2, 'merge', $3, $4, $5, $6, $7)",
        {workspace_id, change_id, kept.id, gone.id, json::serialize(undo), actor_id, clock_.now_ms()}));
    TRY(finish(tx, workspace_id, kept.id, gone.id, actor_id, change_id, "merged"));
    return Joined{change_id, TRY(read_person(tx.db(), workspace_id, kept.id))};
  });
}

Result<Joined> Joining::split(Id workspace_id, Id person_id, const std::vector<Id>& identity_ids,
                              Id actor_id) {
  if (identity_ids.empty()) return invalid("at least one identity is needed", "/identity_ids");
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<Joined> {
    const auto person = TRY(read_person(tx.db(), workspace_id, person_id));
    const std::set<Id> wanted(identity_ids.begin(), identity_ids.end());
    std::vector<const Identity*> leaving;
    for (const auto& identity : person.identities) {
      if (wanted.contains(identity.id)) leaving.push_back(&identity);
    }
    if (leaving.size() != wanted.size()) return invalid("is no identity of this person", "/identity_ids");
    if (leaving.size() == person.identities.size())
      return invalid("one identity must stay with this person", "/identity_ids");
    const auto& first = *leaving.front();
    const Id new_id = ids_.next();
    const auto now_ms = clock_.now_ms();
    TRY(tx.db().run(
        "INSERT INTO persons (workspace_id, id, name, note, created_at) VALUES ($1, $2, $3, '', $4)",
        {workspace_id, new_id,
         !first.name.empty()     ? first.name
         : !first.handle.empty() ? first.handle
                                 : first.external_id,
         now_ms}));
    std::vector<Id> moved;
    for (const auto* identity : leaving) {
      moved.push_back(identity->id);
      TRY(move_identity(tx, workspace_id, identity->id, new_id));
    }
    TRY(move_cases(tx, workspace_id, person.id, new_id));
    const Id change_id = ids_.next();
    const json::object undo{{"identities", ids_json(moved)}};
    TRY(
        tx.db().run("INSERT INTO person_changes (workspace_id, id, kind, person_id, other_id, undo, done_by, "
                    "done_at) VALUES "
                    "($1, $2, 'split', $3, $4, $5, $6, $7)",
                    {workspace_id, change_id, person.id, new_id, json::serialize(undo), actor_id, now_ms}));
    // Nobody suggests to join again what a person took apart.
    TRY(tx.db().run(
        "INSERT INTO person_apart (workspace_id, person_id, other_id, said_by, said_at) VALUES ($1, $2, $3, "
        "$4, $5) "
        "ON CONFLICT (workspace_id, person_id, other_id) DO NOTHING",
        {workspace_id, std::min(person.id, new_id), std::max(person.id, new_id), actor_id, now_ms}));
    TRY(finish(tx, workspace_id, person.id, new_id, actor_id, change_id, "split"));
    return Joined{change_id, TRY(read_person(tx.db(), workspace_id, new_id))};
  });
}

Result<Joined> Joining::undo(Id workspace_id, Id change_id, Id actor_id) {
  struct Done {
    std::string kind;
    Id person_id = 0;
    Id other_id = 0;
    std::string undo;
    bool undone = false;
  };
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<Joined> {
    const auto done = TRY(
        tx.db().one("SELECT kind, person_id, other_id, undo, undone_at FROM person_changes WHERE "
                    "workspace_id = $1 AND id = $2",
                    {workspace_id, change_id}, [](const store::Row& row) {
                      return Done{row.string(0), row.integer(1), row.integer(2), row.string(3), !row.null(4)};
                    }));
    if (!done) return not_found("There is no such change.");
    if (done->undone) return conflict("This was taken back already.", "undone");
    const auto later = TRY(tx.db().one(
        "SELECT 1 FROM person_changes WHERE workspace_id = $1 AND id > $2 AND undone_at IS NULL AND "
        "(person_id IN "
        "($3, $4) OR other_id IN ($3, $4)) LIMIT 1",
        {workspace_id, change_id, done->person_id, done->other_id}, [](const store::Row&) { return true; }));
    if (later) return conflict("Take back the later change of this person first.", "undo_later_first");
    const auto parsed = json::parse(done->undo);
    const auto& undo = parsed.as_object();
    if (done->kind == "merge") {
      for (const auto& text : texts_of(undo, "identities"))
        TRY(move_identity(tx, workspace_id, parse_id(text).value_or(0), done->other_id));
      TRY(move_cases(tx, workspace_id, done->person_id, done->other_id));
      TRY(set_merged(tx, workspace_id, done->other_id, std::nullopt));
      for (const auto& group : texts_of(undo, "groups")) {
        TRY(tx.db().run("DELETE FROM person_groups WHERE workspace_id = $1 AND person_id = $2 AND name = $3",
                        {workspace_id, done->person_id, group}));
      }
      for (const auto& field : texts_of(undo, "values")) {
        // One that was changed since was meant for the person it stands with.
        TRY(
            tx.db().run("DELETE FROM person_values WHERE workspace_id = $1 AND person_id = $2 AND field_id = "
                        "$4 AND value = "
                        "(SELECT o.value FROM person_values o WHERE o.workspace_id = $1 AND o.person_id = $3 "
                        "AND o.field_id = $4)",
                        {workspace_id, done->person_id, done->other_id, parse_id(field).value_or(0)}));
      }
      if (undo.contains("customer_id")) {
        TRY(tx.db().run(
            "UPDATE persons SET customer_id = '' WHERE workspace_id = $1 AND id = $2 AND customer_id = $3",
            {workspace_id, done->person_id, text_of(undo, "customer_id")}));
      }
      if (undo.contains("note_after")) {
        const auto note = TRY(tx.db().one("SELECT note FROM persons WHERE workspace_id = $1 AND id = $2",
                                          {workspace_id, done->person_id},
                                          [](const store::Row& row) { return row.string(0); }));
        if (note == text_of(undo, "note_after"))
          TRY(write_note(tx, workspace_id, done->person_id, text_of(undo, "note_before")));
      }
      TRY(write_contacts_of_person(tx, workspace_id, done->person_id));
    } else {
      const auto kept = TRY(read_person(tx.db(), workspace_id, done->person_id));
      const auto gone = TRY(read_person(tx.db(), workspace_id, done->other_id));
      json::object gained;
      TRY(absorb(tx, workspace_id, kept, gone, gained));
      TRY(tx.db().run("DELETE FROM person_apart WHERE workspace_id = $1 AND person_id = $2 AND other_id = $3",
                      {workspace_id, std::min(kept.id, gone.id), std::max(kept.id, gone.id)}));
    }
    TRY(tx.db().run(
        "UPDATE person_changes SET undone_by = $3, undone_at = $4 WHERE workspace_id = $1 AND id = $2",
        {workspace_id, change_id, actor_id, clock_.now_ms()}));
    TRY(finish(tx, workspace_id, done->person_id, done->other_id, actor_id, change_id,
               done->kind == "merge" ? "merge_undone" : "split_undone"));
    return Joined{change_id, TRY(read_person(tx.db(), workspace_id, done->person_id))};
  });
}

Result<std::vector<PersonChange>> Joining::changes(Id workspace_id, Id person_id) {
  auto reader = TRY(db_.reader());
  const Id now_id = TRY(current_person(*reader, workspace_id, person_id));
  // Also of those who went into this person, and into them. Who had no name yet was called by the network's
  // id: the name it has now says more.
  auto list = TRY(reader->all(
      "WITH RECURSIVE one (id) AS ("
      "SELECT id FROM persons WHERE workspace_id = $1 AND id = $2 "
      "UNION SELECT p.id FROM persons p JOIN one ON p.merged_into = one.id WHERE p.workspace_id = $1) "
      "SELECT c.id, c.kind, c.person_id, c.other_id, "
      "COALESCE((SELECT MAX(i.name) FROM identities i WHERE i.workspace_id = $1 AND i.person_id = $2 "
      "AND i.external_id = o.name AND i.name <> ''), o.name), "
      "c.done_by, COALESCE(u.name, ''), c.done_at, c.undone_at, "
      "CASE WHEN c.undone_at IS NOT NULL OR EXISTS (SELECT 1 FROM person_changes l "
      "WHERE l.workspace_id = $1 AND l.id > c.id AND l.undone_at IS NULL "
      "AND (l.person_id IN (c.person_id, c.other_id) OR l.other_id IN (c.person_id, c.other_id))) "
      "THEN 0 ELSE 1 END "
      "FROM person_changes c "
      "JOIN persons o ON o.workspace_id = c.workspace_id AND o.id = c.other_id "
      "LEFT JOIN users u ON u.id = c.done_by "
      "WHERE c.workspace_id = $1 "
      "AND (c.person_id IN (SELECT id FROM one) OR c.other_id IN (SELECT id FROM one)) "
      "ORDER BY c.id DESC LIMIT $3",
      {workspace_id, now_id, kChangesShown}, [](const store::Row& row) {
        PersonChange change;
        change.id = row.integer(0);
        change.kind = row.string(1);
        change.person_id = row.integer(2);
        change.other_id = row.integer(3);
        change.other_name = row.string(4);
        change.done_by = row.integer(5);
        change.done_by_name = row.string(6);
        change.done_at = row.integer(7);
        change.undone_at = row.maybe_integer(8);
        change.can_undo = row.boolean(9);
        return change;
      }));
  return list;
}

Result<void> Joining::keep_apart(Id workspace_id, Id person_id, Id other_id, Id actor_id, bool apart) {
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const Id one = TRY(current_person(tx.db(), workspace_id, person_id));
    const Id other = TRY(current_person(tx.db(), workspace_id, other_id));
    if (one == other) return conflict("These are one person already.", "same_person");
    if (apart) {
      TRY(
          tx.db().run("INSERT INTO person_apart (workspace_id, person_id, other_id, said_by, said_at) VALUES "
                      "($1, $2, $3, $4, $5) "
                      "ON CONFLICT (workspace_id, person_id, other_id) DO NOTHING",
                      {workspace_id, std::min(one, other), std::max(one, other), actor_id, clock_.now_ms()}));
    } else {
      TRY(tx.db().run("DELETE FROM person_apart WHERE workspace_id = $1 AND person_id = $2 AND other_id = $3",
                      {workspace_id, std::min(one, other), std::max(one, other)}));
    }
    events::Event event;
    event.workspace_id = workspace_id;
    event.kind = "person.changed";
    event.actor_id = actor_id;
    event.data = json::serialize(json::object{{"person_id", to_string(one)}, {"other_id", to_string(other)}});
    return log_.append(tx, std::move(event));
  });
}

json::object to_json(const PersonChange& change) {
  json::object body{{"id", to_string(change.id)},
                    {"kind", change.kind},
                    {"person_id", to_string(change.person_id)},
                    {"other_id", to_string(change.other_id)},
                    {"other_name", change.other_name},
                    {"done_by", to_string(change.done_by)},
                    {"done_by_name", change.done_by_name},
                    {"done_at", to_rfc3339(change.done_at)},
                    {"undone_at", nullptr},
                    {"can_undo", change.can_undo}};
  if (change.undone_at) body["undone_at"] = to_rfc3339(*change.undone_at);
  return body;
}

}  // namespace kiki::people
