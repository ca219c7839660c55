// Identities are written on the path of every post: one read for somebody known, nothing more when nothing
// changed.

#include <algorithm>
#include <boost/json.hpp>

#include "people/contacts.hpp"
#include "people/fields.hpp"
#include "people/people.hpp"
#include "search/search_index.hpp"

namespace kiki::people {
namespace {

constexpr std::string_view kIdentityFields =
    "id, person_id, network, external_id, handle, name, avatar_url, bio, followers, url, profile_at, "
    "relation, customer_id";

Identity read_identity_row(const store::Row& row) {
  return {row.integer(0),  row.integer(1), row.string(2), row.string(3),        row.string(4),
          row.string(5),   row.string(6),  row.string(7), row.maybe_integer(8), row.string(9),
          row.integer(10), row.string(11), row.string(12)};
}

std::string_view shown_name(const IdentityFacts& facts) {
  if (!facts.name.empty()) return facts.name;
  return facts.handle.empty() ? facts.external_id : facts.handle;
}

// What is told replaces what is stored; what is not told stays.
bool take(std::string& stored, std::string_view told) {
  if (told.empty() || stored == told) return false;
  stored = told;
  return true;
}

// External ids that are e-mail addresses count, numbers do not: many networks count their users.
std::vector<std::string> contacts_of(std::initializer_list<std::string_view> id_and_texts) {
  std::vector<std::string> keys;
  bool is_id = true;
  for (const auto text : id_and_texts) {
    for (auto& key : contact_keys_in(text)) {
      if ((!is_id || key.starts_with("mail:")) && std::ranges::find(keys, key) == keys.end())
        keys.push_back(std::move(key));
    }
    is_id = false;
  }
  return keys;
}

std::vector<std::string> with_customer(std::string_view customer_id, std::vector<std::string> keys) {
  if (auto key = customer_key(customer_id)) keys.insert(keys.begin(), *std::move(key));
  return keys;
}

// They may have followed us before they wrote.
Result<void> take_relation(store::Connection& db, Id workspace_id, Id identity_id,
                           const IdentityFacts& facts) {
  struct Relation {
    std::string relation;
    TimeMs at = 0;
  };
  const auto told = TRY(
      db.one("DELETE FROM stranger_relations WHERE workspace_id = $1 AND network = $2 AND external_id = $3 "
             "RETURNING relation, relation_at",
             {workspace_id, facts.network, facts.external_id},
             [](const store::Row& row) { return Relation{row.string(0), row.integer(1)}; }));
  if (!told) return {};
  TRY(db.run("UPDATE identities SET relation = $3, relation_at = $4 WHERE workspace_id = $1 AND id = $2",
             {workspace_id, identity_id, told->relation, told->at}));
  return {};
}

Result<Known> make(store::Transaction& tx, IdGenerator& ids, Id workspace_id, const IdentityFacts& facts,
                   TimeMs now_ms) {
  const Known known{ids.next(), ids.next(), true, facts.full_profile};
  TRY(tx.db().run(
      "INSERT INTO persons (workspace_id, id, name, note, created_at) VALUES ($1, $2, $3, '', $4)",
      {workspace_id, known.person_id, shown_name(facts), now_ms}));
  TRY(
      tx.db().run("INSERT INTO identities (workspace_id, id, person_id, network, external_id, handle, name, "
                  "avatar_url, bio, "
                  "followers, url, profile_at, created_at, customer_id) VALUES ($1, $2, $3, $4, $5, $6, $7, "
                  "$8, $9, $10, $11, $12, $13, $14)",
                  {workspace_id, known.identity_id, known.person_id, facts.network, facts.external_id,
                   facts.handle, facts.name, facts.avatar_url, facts.bio, facts.followers, facts.url,
                   facts.full_profile ? now_ms : 0, now_ms, facts.customer_id}));
  TRY(take_relation(tx.db(), workspace_id, known.identity_id, facts));
  TRY(search::index_identity(tx, workspace_id, known.identity_id, facts.name, facts.handle));
  TRY(write_contacts(
      tx, workspace_id, "identity", known.identity_id,
      with_customer(facts.customer_id, contacts_of({facts.external_id, facts.handle, facts.name, facts.bio})),
      true));
  return known;
}

}  // namespace

Result<std::optional<Identity>> find_identity(store::Connection& db, Id workspace_id,
                                              std::string_view network, std::string_view external_id) {
  static const std::string sql =
      "SELECT " + std::string(kIdentityFields) +
      " FROM identities WHERE workspace_id = $1 AND network = $2 AND external_id = $3";
  return db.one(sql, {workspace_id, network, external_id}, read_identity_row);
}

Result<std::optional<Identity>> read_identity(store::Connection& db, Id workspace_id, Id identity_id) {
  static const std::string sql =
      "SELECT " + std::string(kIdentityFields) + " FROM identities WHERE workspace_id = $1 AND id = $2";
  return db.one(sql, {workspace_id, identity_id}, read_identity_row);
}

Result<Known> upsert_identity(store::Transaction& tx, IdGenerator& ids, Id workspace_id,
                              const IdentityFacts& facts, TimeMs now_ms) {
  auto found = TRY(find_identity(tx.db(), workspace_id, facts.network, facts.external_id));
  if (!found) return make(tx, ids, workspace_id, facts, now_ms);
  const std::string old_name = found->name;
  const std::string old_handle = found->handle;
  const auto keys_before = keys_of(*found);
  // As make() called them: some networks name nobody until their page was read.
  const std::string shown_before = !old_name.empty()     ? old_name
                                   : !old_handle.empty() ? old_handle
                                                         : found->external_id;
  bool changed = take(found->handle, facts.handle);
  changed = take(found->name, facts.name) || changed;
  changed = take(found->avatar_url, facts.avatar_url) || changed;
  changed = take(found->url, facts.url) || changed;
  const bool linked = take(found->customer_id, facts.customer_id);
  changed = linked || changed;
  if (facts.full_profile && (found->bio != facts.bio || found->followers != facts.followers)) {
    found->bio = facts.bio;
    if (facts.followers) found->followers = facts.followers;
    changed = true;
  } else if (facts.followers && found->followers != facts.followers) {
    found->followers = facts.followers;
    changed = true;
  }
  if (changed || facts.full_profile) {
    TRY(tx.db().run(
        "UPDATE identities SET handle = $3, name = $4, avatar_url = $5, bio = $6, followers = $7, url = $8, "
        "profile_at = COALESCE($9, profile_at), customer_id = $10 WHERE workspace_id = $1 AND id = $2",
        {workspace_id, found->id, found->handle, found->name, found->avatar_url, found->bio, found->followers,
         found->url, facts.full_profile ? std::optional(now_ms) : std::nullopt, found->customer_id}));
    // By that number the company's system may know them now.
    if (linked) TRY(forget_facts(tx, workspace_id, found->person_id));
    if (auto keys = keys_of(*found); keys != keys_before)
      TRY(write_contacts(tx, workspace_id, "identity", found->id, keys, keys_before.empty()));
    if (found->name != old_name || found->handle != old_handle) {
      TRY(search::remove_identity(tx, workspace_id, found->id, old_name, old_handle));
      TRY(search::index_identity(tx, workspace_id, found->id, found->name, found->handle));
    }
    // The person is called as the identity was, unless somebody gave another name.
    const std::string shown = found->name.empty() ? found->handle : found->name;
    if (!shown.empty() && shown != shown_before) {
      TRY(tx.db().run("UPDATE persons SET name = $3 WHERE workspace_id = $1 AND id = $2 AND name = $4",
                      {workspace_id, found->person_id, shown, shown_before}));
    }
  }
  return Known{found->id, found->person_id, changed, facts.full_profile || found->profile_at != 0};
}

std::vector<std::string> keys_of(const Identity& identity) {
  return with_customer(identity.customer_id,
                       contacts_of({identity.external_id, identity.handle, identity.name, identity.bio}));
}

Result<void> write_contacts_of_person(store::Transaction& tx, Id workspace_id, Id person_id) {
  const auto person = TRY(read_person(tx.db(), workspace_id, person_id));
  auto keys = with_customer(person.customer_id, contact_keys_in(person.note));
  const auto fields = TRY(read_fields(tx.db(), workspace_id));
  for (const auto& field : fields.fields) {
    const auto value = person.values.find(field.id);
    if (value == person.values.end()) continue;
    boost::system::error_code bad;
    const auto parsed = boost::json::parse(value->second, bad);
    if (bad || !parsed.is_string()) continue;
    std::optional<std::string> key;
    if (field.kind == FieldKind::kEmail) key = mail_key(parsed.get_string());
    if (field.kind == FieldKind::kPhone) key = phone_key(parsed.get_string());
    if (key && std::ranges::find(keys, *key) == keys.end()) keys.push_back(*std::move(key));
  }
  return write_contacts(tx, workspace_id, "person", person.id, keys, false);
}

Result<void> forget_facts(store::Transaction& tx, Id workspace_id, Id person_id) {
  TRY(tx.db().run("DELETE FROM customer_facts WHERE workspace_id = $1 AND person_id = $2",
                  {workspace_id, person_id}));
  return {};
}

const std::string& Person::known_customer_id() const {
  if (!customer_id.empty()) return customer_id;
  for (const auto& identity : identities) {
    if (!identity.customer_id.empty()) return identity.customer_id;
  }
  return customer_id;
}

Result<Id> current_person(store::Connection& db, Id workspace_id, Id person_id) {
  constexpr int kStepsLimit = 100;
  for (int i = 0; i < kStepsLimit; ++i) {
    const auto into =
        TRY(db.one("SELECT merged_into FROM persons WHERE workspace_id = $1 AND id = $2",
                   {workspace_id, person_id}, [](const store::Row& row) { return row.maybe_integer(0); }));
    if (!into) return not_found("There is no such person.");
    if (!*into) return person_id;
    person_id = **into;
  }
  return internal_error("a person was joined in a circle");
}

Result<Person> read_person(store::Connection& db, Id workspace_id, Id asked_id) {
  const Id person_id = TRY(current_person(db, workspace_id, asked_id));
  auto person =
      TRY(db.one("SELECT id, name, note, created_at, (SELECT COUNT(*) FROM cases c WHERE c.workspace_id = "
                 "p.workspace_id AND "
                 "c.person_id = p.id), customer_id FROM persons p WHERE workspace_id = $1 AND id = $2",
                 {workspace_id, person_id}, [](const store::Row& row) {
                   Person read;
                   read.id = row.integer(0);
                   read.name = row.string(1);
                   read.note = row.string(2);
                   read.created_at = row.integer(3);
                   read.case_count = row.integer(4);
                   read.customer_id = row.string(5);
                   return read;
                 }));
  if (!person) return not_found("There is no such person.");
  static const std::string sql =
      "SELECT " + std::string(kIdentityFields) +
      " FROM identities WHERE workspace_id = $1 AND person_id = $2 ORDER BY created_at, id LIMIT 100";
  person->identities = TRY(db.all(sql, {workspace_id, person_id}, read_identity_row));
  person->groups =
      TRY(db.all("SELECT name FROM person_groups WHERE workspace_id = $1 AND person_id = $2 ORDER BY name",
                 {workspace_id, person_id}, [](const store::Row& row) { return row.string(0); }));
  TRY(db.query("SELECT field_id, value FROM person_values WHERE workspace_id = $1 AND person_id = $2",
               std::initializer_list<store::Param>{workspace_id, person_id},
               [&](const store::Row& row) { person->values.emplace(row.integer(0), row.string(1)); }));
  return *std::move(person);
}

}  // namespace kiki::people
