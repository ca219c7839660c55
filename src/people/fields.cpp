#include "people/fields.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <optional>
#include <set>

#include "people/contacts.hpp"

namespace kiki::people {

namespace {

constexpr std::array<std::string_view, 8> kKindNames = {"text",   "number", "date",  "yes_no",
                                                        "choice", "link",   "email", "phone"};
constexpr std::size_t kDateBytes = 10;

std::optional<FieldKind> parse_kind(std::string_view text) {
  const auto* const found = std::ranges::find(kKindNames, text);
  if (found == kKindNames.end()) return std::nullopt;
  return static_cast<FieldKind>(found - kKindNames.begin());
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool is_date(std::string_view text) {
  if (text.size() != kDateBytes || text[4] != '-' || text[7] != '-') return false;
  int parts[3] = {0, 0, 0};
  int part = 0;
  for (const char c : text) {
    if (c == '-') {
      ++part;
    } else if (c >= '0' && c <= '9' && part < 3) {
      parts[part] = parts[part] * 10 + (c - '0');
    } else {
      return false;
    }
  }
  if (part != 2) return false;
  return std::chrono::year_month_day(std::chrono::year(parts[0]),
                                     std::chrono::month(static_cast<unsigned>(parts[1])),
                                     std::chrono::day(static_cast<unsigned>(parts[2])))
      .ok();
}

Result<Field> parse_field(JsonView given) {
  Field field;
  if (!given["id"].is_null()) {
    const auto id = parse_id(TRY(given["id"].view()));
    if (!id) return invalid("is no id", given["id"].pointer());
    field.id = *id;
  }
  field.name = TRY(given["name"].string(kFieldNameLimitBytes));
  if (is_blank(field.name)) return invalid("must not be empty", given["name"].pointer());
  const auto kind = parse_kind(TRY(given["kind"].view()));
  if (!kind) return invalid("is no kind of field", given["kind"].pointer());
  field.kind = *kind;
  if (field.kind == FieldKind::kChoice) {
    const auto choices = given["choices"];
    if (!choices.is_array() || choices.size() == 0)
      return invalid("at least one is needed", given.pointer() + "/choices");
    if (choices.size() > kChoicesLimit) return invalid("too many", choices.pointer());
    TRY(choices.each([&](JsonView choice) -> Result<void> {
      auto text = TRY(choice.string(kFieldNameLimitBytes));
      if (is_blank(text)) return invalid("must not be empty", choice.pointer());
      if (std::ranges::find(field.choices, text) != field.choices.end())
        return invalid("stands here twice", choice.pointer());
      field.choices.push_back(std::move(text));
      return {};
    }));
  }
  return field;
}

json::array stored_json(const std::vector<Field>& fields) {
  json::array list;
  for (const auto& field : fields) {
    json::array choices;
    for (const auto& choice : field.choices) choices.emplace_back(choice);
    list.push_back(json::object{{"id", to_string(field.id)},
                                {"name", field.name},
                                {"kind", name(field.kind)},
                                {"choices", std::move(choices)}});
  }
  return list;
}

}  // namespace

std::string_view name(FieldKind kind) {
  return kKindNames[static_cast<std::size_t>(kind)];
}

Result<FieldSet> read_fields(store::Connection& db, Id workspace_id) {
  const auto stored =
      TRY(db.one("SELECT version, fields FROM person_fields WHERE workspace_id = $1", {workspace_id},
                 [](const store::Row& row) { return std::pair(row.integer(0), row.string(1)); }));
  FieldSet set;
  if (!stored) return set;
  set.version = stored->first;
  const auto document = TRY(JsonDocument::parse(stored->second));
  TRY(document.root().each([&](JsonView one) -> Result<void> {
    set.fields.push_back(TRY(parse_field(one)));
    return {};
  }));
  return set;
}

Result<FieldSet> save_fields(store::Transaction& tx, IdGenerator& ids, Id workspace_id, Id actor_id,
                             TimeMs now_ms, JsonView wanted) {
  const auto known = TRY(read_fields(tx.db(), workspace_id));
  if (TRY(wanted["version"].integer()) != known.version)
    return conflict("Somebody else changed the fields since.", "changed");
  const auto list = wanted["fields"];
  if (!list.is_array()) return invalid("expected an array", "/fields");
  if (list.size() > kFieldsLimit) return invalid("more than 50 fields", "/fields");
  FieldSet set;
  set.version = known.version + 1;
  std::set<std::string> names;
  std::set<Id> used;
  TRY(list.each([&](JsonView one) -> Result<void> {
    auto field = TRY(parse_field(one));
    if (!names.insert(field.name).second) return invalid("stands here twice", one.pointer() + "/name");
    if (field.id != 0) {
      const auto before = std::ranges::find(known.fields, field.id, &Field::id);
      if (before == known.fields.end() || !used.insert(field.id).second)
        return invalid("is no field of this desk", one.pointer() + "/id");
      if (before->kind != field.kind) return invalid("the kind of a field stays", one.pointer() + "/kind");
    } else {
      field.id = ids.next();
    }
    set.fields.push_back(std::move(field));
    return {};
  }));
  TRY(
      tx.db().run("INSERT INTO person_fields (workspace_id, version, fields, changed_by, changed_at) VALUES "
                  "($1, $2, $3, $4, $5) "
                  "ON CONFLICT (workspace_id) DO UPDATE SET version = excluded.version, fields = "
                  "excluded.fields, changed_by = "
                  "excluded.changed_by, changed_at = excluded.changed_at",
                  {workspace_id, set.version, json::serialize(stored_json(set.fields)), actor_id, now_ms}));
  return set;
}

Result<std::string> checked_value(const Field& field, JsonView value) {
  const auto& where = value.pointer();
  switch (field.kind) {
    case FieldKind::kNumber: {
      const auto number = TRY(value.number());
      if (!std::isfinite(number)) return invalid("is no number", where);
      return value.raw();
    }
    case FieldKind::kYesNo:
      return std::string(TRY(value.boolean()) ? "true" : "false");
    default:
      break;
  }
  const auto text = TRY(value.string(kValueLimitBytes));
  if (is_blank(text)) return invalid("must not be empty", where);
  if (field.kind == FieldKind::kDate && !is_date(text)) return invalid("is no day, as 2026-04-01", where);
  if (field.kind == FieldKind::kChoice && std::ranges::find(field.choices, text) == field.choices.end())
    return invalid("is none of the choices", where);
  if (field.kind == FieldKind::kLink && !text.starts_with("https://") && !text.starts_with("http://"))
    return invalid("must begin with https://", where);
  if (field.kind == FieldKind::kEmail && !mail_key(text)) return invalid("is no e-mail address", where);
  if (field.kind == FieldKind::kPhone && !phone_key(text)) return invalid("is no telephone number", where);
  return json::serialize(json::string(text));
}

json::object to_json(const FieldSet& set) {
  return {{"version", set.version}, {"fields", stored_json(set.fields)}};
}

}  // namespace kiki::people
