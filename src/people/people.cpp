#include "people/people.hpp"

namespace kiki::people {
namespace {

Result<void> tell(events::EventLog& log, store::Transaction& tx, Id workspace_id, Id person_id, Id actor_id) {
  events::Event event;
  event.workspace_id = workspace_id;
  event.kind = "person.changed";
  event.actor_id = actor_id;
  event.data = R"({"person_id":")" + to_string(person_id) + "\"}";
  return log.append(tx, std::move(event));
}

}  // namespace

Result<Person> People::read(Id workspace_id, Id person_id) {
  auto reader = TRY(db_.reader());
  return read_person(*reader, workspace_id, person_id);
}

Result<Person> People::patch(Id workspace_id, Id asked_id, Id actor_id, const Patch& patch) {
  if (patch.name && patch.name->empty()) return invalid("must not be empty", "/name");
  if (patch.name && patch.name->size() > kNameLimitBytes) return invalid("is too long", "/name");
  if (patch.note && patch.note->size() > kNoteLimitBytes) return invalid("is too long", "/note");
  if (patch.customer_id && patch.customer_id->size() > kCustomerIdLimitBytes)
    return invalid("is too long", "/customer_id");
  if (patch.groups) {
    if (patch.groups->size() > kGroupsLimit) return invalid("too many groups", "/groups");
    for (std::size_t i = 0; i < patch.groups->size(); ++i) {
      const auto& group = (*patch.groups)[i];
      const auto where = "/groups/" + std::to_string(i);
      if (group.find_first_not_of(' ') == std::string::npos) return invalid("must not be empty", where);
      if (group.size() > kGroupLimitBytes) return invalid("is too long", where);
    }
  }
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<Person> {
    const Id person_id = TRY(current_person(tx.db(), workspace_id, asked_id));
    const auto changed = TRY(
        tx.db().run("UPDATE persons SET name = COALESCE($3, name), note = COALESCE($4, note), customer_id = "
                    "COALESCE($5, customer_id) WHERE workspace_id = $1 AND id = $2",
                    {workspace_id, person_id, patch.name, patch.note, patch.customer_id}));
    if (changed == 0) return not_found("There is no such person.");
    if (patch.groups) {
      TRY(tx.db().run("DELETE FROM person_groups WHERE workspace_id = $1 AND person_id = $2",
                      {workspace_id, person_id}));
      for (const auto& group : *patch.groups) {
        TRY(
            tx.db().run("INSERT INTO person_groups (workspace_id, person_id, name) VALUES ($1, $2, $3) "
                        "ON CONFLICT (workspace_id, person_id, name) DO NOTHING",
                        {workspace_id, person_id, group}));
      }
      if (regrouped_) TRY(regrouped_(tx, workspace_id, person_id));
    }
    for (const auto& [field_id, value] : patch.values) {
      if (!value) {
        TRY(tx.db().run(
            "DELETE FROM person_values WHERE workspace_id = $1 AND person_id = $2 AND field_id = $3",
            {workspace_id, person_id, field_id}));
        continue;
      }
      TRY(
          tx.db().run("INSERT INTO person_values (workspace_id, person_id, field_id, value) VALUES ($1, $2, "
                      "$3, $4) ON CONFLICT "
                      "(workspace_id, person_id, field_id) DO UPDATE SET value = excluded.value",
                      {workspace_id, person_id, field_id, *value}));
    }
    // A customer number that was just written down may be what the company's system knows them by.
    if (!patch.values.empty() || patch.customer_id) TRY(forget_facts(tx, workspace_id, person_id));
    if (patch.note || patch.customer_id || !patch.values.empty())
      TRY(write_contacts_of_person(tx, workspace_id, person_id));
    TRY(tell(log_, tx, workspace_id, person_id, actor_id));
    return read_person(tx.db(), workspace_id, person_id);
  });
}

Result<People::Refreshed> People::refresh(Id workspace_id, Id person_id, Id actor_id) {
  Refreshed refreshed{TRY(read(workspace_id, person_id)), {}};
  const auto& person = refreshed.person;
  if (!profile_source_) return refreshed;
  std::vector<std::pair<const Identity*, Profile>> answers;
  for (const auto& identity : person.identities) {
    auto profile = profile_source_(workspace_id, identity);
    if (!profile.ok()) {
      refreshed.failed.push_back({identity.network, std::move(profile).error()});
    } else if (*profile) {
      answers.emplace_back(&identity, **std::move(profile));
    }
  }
  if (answers.empty()) return refreshed;
  refreshed.person = TRY(db_.writer().write_result([&](store::Transaction& tx) -> Result<Person> {
    for (const auto& [identity, profile] : answers) {
      IdentityFacts facts;
      facts.network = identity->network;
      facts.external_id = identity->external_id;
      facts.handle = profile.handle;
      facts.name = profile.name;
      facts.avatar_url = profile.avatar_url;
      facts.bio = profile.bio;
      facts.followers = profile.followers;
      facts.url = profile.url;
      facts.full_profile = true;
      TRY(upsert_identity(tx, ids_, workspace_id, facts, clock_.now_ms()));
    }
    TRY(tell(log_, tx, workspace_id, person.id, actor_id));
    return read_person(tx.db(), workspace_id, person.id);
  }));
  return refreshed;
}

}  // namespace kiki::people
