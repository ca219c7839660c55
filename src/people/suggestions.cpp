#include "people/suggestions.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "base/json.hpp"
#include "people/contacts.hpp"
#include "search/search_index.hpp"
#include "text/normalize.hpp"
#include "text/utf8.hpp"

namespace kiki::people {

namespace {

constexpr std::size_t kSuggestionsLimit = 10;
constexpr std::size_t kCandidatesLimit = 200;
constexpr std::size_t kCommonPeople = 5;  // shared by more: it says nothing

int weight(std::string_view kind) {
  if (kind == "customer_id") return 16;
  if (kind == "email") return 8;
  if (kind == "phone") return 4;
  return kind == "handle" ? 2 : 1;
}

struct Candidates {
  std::map<Id, std::vector<SamePersonReason>> people;

  void add(const std::set<Id>& found, const SamePersonReason& reason) {
    if (found.empty() || found.size() > kCommonPeople) return;
    for (const Id id : found) {
      auto& reasons = people[id];
      if (std::ranges::find(reasons, reason.kind, &SamePersonReason::kind) == reasons.end())
        reasons.push_back(reason);
    }
  }
};

Result<std::set<Id>> holders_of(store::Connection& db, Id workspace_id, std::string_view contact) {
  const auto held = TRY(db.all(
      "SELECT CASE WHEN k.holder = 'identity' THEN i.person_id ELSE k.holder_id END FROM contact_keys k LEFT "
      "JOIN "
      "identities i ON k.holder = 'identity' AND i.workspace_id = k.workspace_id AND i.id = k.holder_id "
      "WHERE "
      "k.workspace_id = $1 AND k.contact = $2 LIMIT $3",
      {workspace_id, contact, kCandidatesLimit}, [](const store::Row& row) { return row.integer(0); }));
  std::set<Id> people;
  for (const Id id : held) {
    if (id != 0) people.insert(TRY(current_person(db, workspace_id, id)));
  }
  return people;
}

// What finds names and handles that are written a little differently: the first two and the last two
// characters of a name without spaces, the words of any other.
std::string search_words(std::string_view text) {
  std::string words;
  for (const char c : text::fold(text))
    words += c == '"' || c == '@' || c == '.' || c == '_' || c == '-' ? ' ' : c;
  if (words.find(' ') == std::string::npos && static_cast<unsigned char>(words.front()) >= 0xE0) {
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if ((static_cast<unsigned char>(words[i]) & 0xC0) != 0x80) starts.push_back(i);
    }
    if (starts.size() >= 4) return words.substr(0, starts[2]) + " " + words.substr(starts[starts.size() - 2]);
  }
  return words;
}

using Key = std::optional<std::string> (*)(std::string_view);

Result<std::set<Id>> alike(store::Connection& db, Id workspace_id, std::string_view text, Key key_of,
                           std::string Identity::* part, std::string_view not_on_network, Id self) {
  std::set<Id> people;
  const auto key = key_of(text);
  if (!key || text.size() > search::kQueryLimitBytes || text::find_invalid_utf8(text)) return people;
  const auto found =
      TRY(search::search_identities(db, workspace_id, search_words(text), 0, kCandidatesLimit));
  for (const Id id : found) {
    const auto identity = TRY(read_identity(db, workspace_id, id));
    if (!identity || identity->person_id == self || identity->network == not_on_network) continue;
    if (key_of((*identity).*part) == key) people.insert(identity->person_id);
  }
  return people;
}

// Persons whom somebody kept apart from this one, or from anybody joined into this one.
Result<std::set<Id>> apart_from(store::Connection& db, Id workspace_id, Id person_id) {
  const auto said =
      TRY(db.all("WITH RECURSIVE one (id) AS (SELECT id FROM persons WHERE workspace_id = $1 AND id = $2 "
                 "UNION SELECT p.id FROM "
                 "persons p JOIN one ON p.merged_into = one.id WHERE p.workspace_id = $1) SELECT a.other_id "
                 "FROM person_apart a "
                 "JOIN one ON a.person_id = one.id WHERE a.workspace_id = $1 UNION SELECT a.person_id FROM "
                 "person_apart a JOIN one "
                 "ON a.other_id = one.id WHERE a.workspace_id = $1",
                 {workspace_id, person_id}, [](const store::Row& row) { return row.integer(0); }));
  std::set<Id> people;
  for (const Id id : said) people.insert(TRY(current_person(db, workspace_id, id)));
  return people;
}

void add_contacts(std::map<std::string, std::string>& contacts, std::string_view text) {
  for (auto& key : contact_keys_in(text)) contacts.emplace(std::move(key), std::string());
}

}  // namespace

Result<std::vector<Suggested>> suggest_same(store::Connection& db, Id workspace_id, Id person_id) {
  const auto person = TRY(read_person(db, workspace_id, person_id));
  Candidates candidates;
  std::map<std::string, std::string> contacts;
  add_contacts(contacts, person.note);
  for (const auto& identity : person.identities) {
    for (const auto& key : keys_of(identity)) contacts.emplace(key, std::string());
  }
  for (const auto& key :
       TRY(db.all("SELECT contact FROM contact_keys WHERE workspace_id = $1 AND holder = 'person' AND "
                  "holder_id = $2",
                  {workspace_id, person.id}, [](const store::Row& row) { return row.string(0); })))
    contacts.emplace(key, std::string());
  for (const auto& [key, unused] : contacts) {
    auto found = TRY(holders_of(db, workspace_id, key));
    found.erase(person.id);
    const auto colon = key.find(':');
    const auto* kind = key.starts_with("customer:") ? "customer_id"
                       : key.starts_with("mail:")   ? "email"
                                                    : "phone";
    candidates.add(found, {kind, key.substr(colon + 1)});
  }
  for (const auto& identity : person.identities) {
    candidates.add(TRY(alike(db, workspace_id, identity.handle, handle_key, &Identity::handle,
                             identity.network, person.id)),
                   {"handle", identity.handle});
    // The same name on the same network is two accounts of that network: most often two people.
    candidates.add(
        TRY(alike(db, workspace_id, identity.name, name_key, &Identity::name, identity.network, person.id)),
        {"name", identity.name});
  }
  const auto apart = TRY(apart_from(db, workspace_id, person.id));
  std::vector<Suggested> list;
  for (auto& [id, reasons] : candidates.people) {
    if (apart.contains(id)) continue;
    std::ranges::sort(reasons, [](const auto& a, const auto& b) { return weight(a.kind) > weight(b.kind); });
    list.push_back({TRY(read_person(db, workspace_id, id)), std::move(reasons)});
  }
  const auto strength = [](const Suggested& one) {
    int sum = 0;
    for (const auto& reason : one.reasons) sum += weight(reason.kind);
    return sum;
  };
  std::ranges::stable_sort(list, [&](const auto& a, const auto& b) { return strength(a) > strength(b); });
  if (list.size() > kSuggestionsLimit) list.resize(kSuggestionsLimit);
  return list;
}

Result<std::vector<Person>> find_people(store::Connection& db, Id workspace_id, std::string_view query,
                                        std::size_t limit) {
  std::vector<Id> ids;
  const auto add = [&](Id id) {
    if (std::ranges::find(ids, id) == ids.end() && ids.size() < limit) ids.push_back(id);
  };
  for (const auto& key : {customer_key(query), mail_key(query), phone_key(query)}) {
    if (!key) continue;
    for (const Id id : TRY(holders_of(db, workspace_id, *key))) add(id);
  }
  for (const Id identity_id : TRY(search::search_identities(db, workspace_id, query, 0, kCandidatesLimit))) {
    if (const auto identity = TRY(read_identity(db, workspace_id, identity_id))) add(identity->person_id);
  }
  std::vector<Person> people;
  for (const Id id : ids) people.push_back(TRY(read_person(db, workspace_id, id)));
  return people;
}

json::object to_json(const Suggested& suggested) {
  json::array reasons;
  for (const auto& reason : suggested.reasons)
    reasons.push_back(json::object{{"kind", reason.kind}, {"text", reason.text}});
  return {{"person", to_json(suggested.person)}, {"reasons", std::move(reasons)}};
}

}  // namespace kiki::people
