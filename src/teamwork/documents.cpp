#include "teamwork/documents.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/log.hpp"
#include "teamwork/teams.hpp"

namespace kiki::teamwork {

namespace {

constexpr std::int64_t kWaitingMostMinutes = 90 * 24 * 60;
constexpr std::string_view kTriggers[] = {"case_opened", "case_found", "customer_wrote", "reopened",
                                          "tagged",      "assigned",   "team_changed",   "priority_changed",
                                          "resolved",    "note_added", "promise_warned", "promise_broken",
                                          "waiting"};
const std::string kColumns =
    "workspace_id, id, name, owner_id, enabled, place, version, uses, enabled_seq, updated_at, updated_by, "
    "body FROM "
    "desk_documents ";

struct Stored {
  Document document;
  std::string body;
};
Stored read_stored(const store::Row& row) {
  Stored stored;
  auto& one = stored.document;
  one.workspace_id = row.integer(0);
  one.id = row.integer(1);
  one.name = row.string(2);
  one.owner_id = row.maybe_integer(3);
  one.enabled = row.boolean(4);
  one.place = row.integer(5);
  one.version = row.integer(6);
  one.uses = row.integer(7);
  one.enabled_seq = row.integer(8);
  one.updated_at = row.integer(9);
  one.updated_by = row.integer(10);
  stored.body = row.string(11);
  return stored;
}

Result<Document> parsed(Kind kind, Stored stored) {
  const auto document = TRY(JsonDocument::parse(stored.body));
  stored.document.body = TRY(parse_body(kind, document.root()));
  return std::move(stored.document);
}

Result<Trigger> parse_trigger(JsonView view) {
  Trigger trigger;
  trigger.on = TRY(view["on"].string(40));
  if (std::find(std::begin(kTriggers), std::end(kTriggers), trigger.on) == std::end(kTriggers))
    return invalid("starts no rule", view["on"].pointer());
  if (trigger.on == "waiting") {
    trigger.minutes = TRY(view["minutes"].integer());
    if (trigger.minutes < 1 || trigger.minutes > kWaitingMostMinutes)
      return invalid("must be 1 to 129600", view["minutes"].pointer());
    trigger.open_time = TRY(view["open_time"].boolean_or(true));
  }
  if (trigger.on == "tagged" && !view["tags"].is_null()) {
    if (!view["tags"].is_array() || view["tags"].size() > cases::kTagsLimit)
      return invalid("expected tags", view["tags"].pointer());
    TRY(view["tags"].each([&](JsonView tag) -> Result<void> {
      trigger.tags.push_back(TRY(tag.string(cases::kTagLimitBytes)));
      return {};
    }));
  }
  return trigger;
}

Error no_document() {
  return not_found("There is no such thing here.");
}
Error may_not() {
  return {ErrorKind::kForbidden, "Only a lead may change what all share.", {}, "role", 0};
}

}  // namespace

std::string_view name(Kind kind) {
  return kind == Kind::kMacro ? "macro" : kind == Kind::kView ? "view" : "rule";
}

Result<Body> parse_body(Kind kind, JsonView document) {
  Body body;
  if (kind == Kind::kRule) body.trigger = TRY(parse_trigger(document["trigger"]));
  if (kind != Kind::kMacro) body.conditions = TRY(parse_conditions(document["conditions"]));
  if (kind != Kind::kView)
    body.actions = TRY(parse_actions(document["actions"], kind == Kind::kRule ? For::kRule : For::kPeople));
  if (kind == Kind::kRule) {
    for (std::size_t i = 0; i < body.conditions.size(); ++i) {
      for (const auto& value : body.conditions[i].values) {
        if (value == "me" || value == "mine")
          return invalid("a rule is nobody's", "/conditions/" + std::to_string(i));
      }
    }
  }
  return body;
}

json::object to_json(Kind kind, const Body& body) {
  json::object written;
  if (kind == Kind::kRule) {
    json::array tags;
    for (const auto& tag : body.trigger.tags) tags.emplace_back(tag);
    written["trigger"] = {{"on", body.trigger.on},
                          {"tags", std::move(tags)},
                          {"minutes", body.trigger.minutes},
                          {"open_time", body.trigger.open_time}};
  }
  if (kind != Kind::kMacro) written["conditions"] = to_json(body.conditions);
  if (kind != Kind::kView) written["actions"] = to_json(body.actions);
  return written;
}

Result<std::vector<Document>> read_documents(store::Connection& db, Id workspace_id, Kind kind, Id user_id) {
  static const std::string sql =
      "SELECT " + kColumns +
      "WHERE workspace_id = $1 AND kind = $2 AND removed_at IS NULL AND (owner_id IS NULL OR "
      "owner_id = $3) ORDER BY place, id";
  std::vector<Document> documents;
  for (auto& stored : TRY(db.all(sql, {workspace_id, name(kind), user_id}, read_stored)))
    documents.push_back(TRY(parsed(kind, std::move(stored))));
  return documents;
}

Result<Document> read_document(store::Connection& db, Id workspace_id, Kind kind, Id id, Id user_id) {
  static const std::string sql =
      "SELECT " + kColumns +
      "WHERE workspace_id = $1 AND id = $2 AND kind = $3 AND removed_at IS NULL AND "
      "(owner_id IS NULL OR owner_id = $4)";
  auto stored = TRY(db.one(sql, {workspace_id, id, name(kind), user_id}, read_stored));
  if (!stored) return no_document();
  return parsed(kind, std::move(*stored));
}

Result<std::vector<Document>> read_all_rules(store::Connection& db) {
  static const std::string sql =
      "SELECT " + kColumns +
      "WHERE kind = 'rule' AND removed_at IS NULL AND enabled = 1 ORDER BY workspace_id, "
      "place, id";
  std::vector<Document> rules;
  for (auto& stored : TRY(db.all(sql, {}, read_stored))) {
    auto rule = parsed(Kind::kRule, std::move(stored));
    if (rule.ok()) {
      rules.push_back(std::move(*rule));
    } else {
      log::error("a rule cannot be read", rule.error());
    }
  }
  return rules;
}

Result<void> Documents::tell(store::Transaction& tx, Id workspace_id, Id actor_id, Kind kind, Id id) {
  events::Event event;
  event.workspace_id = workspace_id;
  event.kind = std::string(name(kind)) + ".changed";
  event.actor_id = actor_id;
  event.data = R"({"id":")" + to_string(id) + "\"}";
  return log_.append(tx, std::move(event));
}

Result<Document> Documents::make(Id workspace_id, Id actor_id, Kind kind, bool may_share,
                                 const DocumentChange& change) {
  if (!change.name || change.name->empty() || change.name->size() > kNameMostBytes)
    return invalid("a name of at most 200 bytes is needed", "/name");
  if (!change.body) return invalid("says nothing");
  const bool shared = kind == Kind::kRule || change.shared.value_or(false);
  if (shared && !may_share) return may_not();
  const Id id = ids_.next();
  const auto body = json::serialize(to_json(kind, *change.body));
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto count =
        TRY(tx.db().one("SELECT COUNT(*), COALESCE(MAX(place), 0) FROM desk_documents WHERE workspace_id = "
                        "$1 AND kind = $2 AND "
                        "removed_at IS NULL",
                        {workspace_id, name(kind)},
                        [](const store::Row& row) { return std::pair(row.integer(0), row.integer(1)); }));
    if (count->first >= kDocumentsMost)
      return Error{ErrorKind::kUnprocessable, "There are too many of these.", {}, "too_many", 0};
    TRY(tx.db().run(
        "INSERT INTO desk_documents (workspace_id, id, kind, name, owner_id, enabled, place, body, "
        "enabled_seq, "
        "updated_at, updated_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        {workspace_id, id, name(kind), *change.name, shared ? std::optional<Id>() : std::optional(actor_id),
         change.enabled.value_or(true) ? 1 : 0, change.place.value_or(count->second + 1), body,
         TRY(events::last_seq(tx.db())), clock_.now_ms(), actor_id}));
    return tell(tx, workspace_id, actor_id, kind, id);
  }));
  auto reader = TRY(db_.reader());
  return read_document(*reader, workspace_id, kind, id, actor_id);
}

Result<Document> Documents::change(Id workspace_id, Id actor_id, Kind kind, Id id, bool may_share,
                                   const DocumentChange& change) {
  if (change.name && (change.name->empty() || change.name->size() > kNameMostBytes))
    return invalid("a name of at most 200 bytes is needed", "/name");
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    auto now = TRY(read_document(tx.db(), workspace_id, kind, id, actor_id));
    const bool was_shared = !now.owner_id;
    const bool shared = kind == Kind::kRule || change.shared.value_or(was_shared);
    if ((was_shared || shared) && !may_share) return may_not();
    if (change.version && *change.version != now.version)
      return conflict("Somebody else has changed this since you opened it.", "changed");
    const bool enabled = change.enabled.value_or(now.enabled);
    if (enabled && !now.enabled) now.enabled_seq = TRY(events::last_seq(tx.db()));
    const auto body = json::serialize(to_json(kind, change.body ? *change.body : now.body));
    TRY(tx.db().run(
        "UPDATE desk_documents SET name = $3, owner_id = $4, enabled = $5, place = $6, body = $7, version = "
        "version + 1, "
        "enabled_seq = $8, updated_at = $9, updated_by = $10 WHERE workspace_id = $1 AND id = $2",
        {workspace_id, id, change.name.value_or(now.name),
         shared ? std::optional<Id>() : std::optional(now.owner_id.value_or(actor_id)), enabled ? 1 : 0,
         change.place.value_or(now.place), body, now.enabled_seq, clock_.now_ms(), actor_id}));
    return tell(tx, workspace_id, actor_id, kind, id);
  }));
  auto reader = TRY(db_.reader());
  return read_document(*reader, workspace_id, kind, id, actor_id);
}

Result<void> Documents::remove(Id workspace_id, Id actor_id, Kind kind, Id id, bool may_share) {
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto now = TRY(read_document(tx.db(), workspace_id, kind, id, actor_id));
    if (!now.owner_id && !may_share) return may_not();
    TRY(tx.db().run("UPDATE desk_documents SET removed_at = $3 WHERE workspace_id = $1 AND id = $2",
                    {workspace_id, id, clock_.now_ms()}));
    return tell(tx, workspace_id, actor_id, kind, id);
  });
}

Result<ViewCount> Documents::count(store::Connection& db, const Document& view, const Asker& asker) {
  constexpr TimeMs kRememberedMs = 4'000;
  constexpr std::size_t kRememberedCounts = 5'000;
  bool personal = false;
  for (const auto& condition : view.body.conditions) {
    for (const auto& value : condition.values) personal |= value == "me" || value == "mine";
  }
  const std::tuple key(view.id, view.version, personal ? asker.user_id : 0);
  {
    const std::lock_guard lock(mutex_);
    const auto known = counted_.find(key);
    if (known != counted_.end() && asker.now_ms - known->second.at < kRememberedMs)
      return known->second.count;
    if (counted_.size() >= kRememberedCounts) counted_.clear();
  }
  const auto count = TRY(count_view(db, view.body.conditions, asker));
  const std::lock_guard lock(mutex_);
  counted_[key] = {asker.now_ms, count};
  return count;
}

json::object to_json(Kind kind, const Document& document) {
  auto body = to_json(kind, document.body);
  body["id"] = to_string(document.id);
  body["name"] = document.name;
  body["shared"] = !document.owner_id.has_value();
  if (kind == Kind::kRule) body["enabled"] = document.enabled;
  body["place"] = document.place;
  body["version"] = document.version;
  if (kind != Kind::kView) body["uses"] = document.uses;
  body["updated_at"] = to_rfc3339(document.updated_at);
  return body;
}

}  // namespace kiki::teamwork
