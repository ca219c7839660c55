#include "teamwork/conditions.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "promises/book.hpp"
#include "promises/books.hpp"
#include "text/normalize.hpp"
#include "triage/triage.hpp"

namespace kiki::teamwork {

namespace {

constexpr std::size_t kValueMostBytes = 400;
constexpr int kPostsRead = 100;  // of a case, for its words

enum class Values : std::uint8_t { kAny, kIds, kNames, kGrade };
struct Field {
  std::string_view name;
  Values values;
  std::vector<std::string_view> names;  // kNames: all; kIds: those beside ids
};

const std::vector<Field>& fields() {
  static const std::vector<Field> all = {
      {"status", Values::kNames, {"found", "open", "waiting", "snoozed", "resolved", "dismissed"}},
      {"origin", Values::kNames, {"addressed", "found"}},
      {"network", Values::kAny, {}},
      {"account", Values::kIds, {}},
      {"topic", Values::kIds, {}},
      {"language", Values::kAny, {}},
      {"kind", Values::kNames, {"question", "complaint", "praise", "wish", "purchase", "chatter", "noise"}},
      {"feeling", Values::kNames, {"bad", "neutral", "good"}},
      {"harm", Values::kNames, {"danger", "legal", "money"}},
      {"urgency", Values::kGrade, {}},
      {"reach", Values::kGrade, {}},
      {"priority", Values::kNames, {"low", "normal", "high", "urgent"}},
      {"group", Values::kAny, {}},
      {"tag", Values::kAny, {}},
      {"assignee", Values::kIds, {"me", "nobody"}},
      {"team", Values::kIds, {"mine", "none"}},
      {"follower", Values::kIds, {"me"}},
      {"due", Values::kNames, {"overdue", "soon"}},
      {"hours", Values::kNames, {"inside", "outside"}},
      {"text", Values::kAny, {}}};
  return all;
}

const Field* find_field(std::string_view name) {
  for (const auto& field : fields()) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

bool fits(const Field& field, std::string_view value) {
  const bool named = std::find(field.names.begin(), field.names.end(), value) != field.names.end();
  switch (field.values) {
    case Values::kAny:
      return !value.empty();
    case Values::kNames:
      return named;
    case Values::kIds:
      return named || parse_id(value).has_value();
    case Values::kGrade:
      return value == "1" || value == "2" || value == "3";
  }
  return false;
}

bool is_afterwards(const Condition& condition) {
  return condition.field == "text" || condition.field == "hours";
}

std::string list_of(const std::vector<std::string>& values, Sql& sql) {
  std::string list;
  for (const auto& value : values) list += (list.empty() ? "" : ", ") + sql.bind(value);
  return "(" + list + ")";
}

std::string either(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : " OR ") + part;
  return "(" + text + ")";
}

// A part of cases.triage, which is written in one fixed way (cases/case_triage.hpp).
std::string triage_has(const std::string& part, Sql& sql) {
  return "c.triage LIKE " + sql.bind("%" + part + "%");
}

// Ids, and what the words beside them mean.
std::string ids_of(const Condition& condition, const std::string& column, const Asker& asker, Sql& sql) {
  std::vector<std::string> parts;
  std::string ids;
  for (const auto& value : condition.values) {
    if (value == "nobody" || value == "none") {
      parts.push_back(column + " IS NULL");
    } else if (value == "mine") {
      parts.push_back(
          column +
          " IN (SELECT tm.team_id FROM team_members tm WHERE tm.workspace_id = c.workspace_id AND "
          "tm.user_id = " +
          sql.bind(asker.user_id) + ")");
    } else {
      const Id id = value == "me" ? asker.user_id : parse_id(value).value_or(0);
      ids += (ids.empty() ? "" : ", ") + sql.bind(id);
    }
  }
  if (!ids.empty()) parts.push_back("(" + column + " IS NOT NULL AND " + column + " IN (" + ids + "))");
  return either(parts);
}

std::string sql_of(const Condition& condition, const Asker& asker, Sql& sql) {
  const auto& field = condition.field;
  const auto& values = condition.values;
  std::vector<std::string> parts;
  if (field == "status") return "c.status IN " + list_of(values, sql);
  if (field == "origin") return "c.origin IN " + list_of(values, sql);
  if (field == "network") return "c.network IN " + list_of(values, sql);
  if (field == "priority") return "c.priority IN " + list_of(values, sql);
  if (field == "account") return ids_of(condition, "c.account_id", asker, sql);
  if (field == "assignee") return ids_of(condition, "c.assignee_id", asker, sql);
  if (field == "team") return ids_of(condition, "c.team_id", asker, sql);
  if (field == "tag")
    return "EXISTS (SELECT 1 FROM case_tags t WHERE t.workspace_id = c.workspace_id AND t.case_id = c.id AND "
           "t.tag IN " +
           list_of(values, sql) + ")";
  if (field == "group")
    return "EXISTS (SELECT 1 FROM person_groups g WHERE g.workspace_id = c.workspace_id AND g.person_id = "
           "c.person_id "
           "AND g.name IN " +
           list_of(values, sql) + ")";
  if (field == "topic")
    return "EXISTS (SELECT 1 FROM case_topics ct WHERE ct.workspace_id = c.workspace_id AND ct.case_id = "
           "c.id AND " +
           ids_of(condition, "ct.topic_id", asker, sql) + ")";
  if (field == "follower")
    return "EXISTS (SELECT 1 FROM case_followers f WHERE f.workspace_id = c.workspace_id AND f.case_id = "
           "c.id AND " +
           ids_of(condition, "f.user_id", asker, sql) + ")";
  if (field == "language") {
    for (const auto& value : values)
      parts.push_back("p.language = " + sql.bind(value) + " OR p.language LIKE " + sql.bind(value + "-%"));
    return "EXISTS (SELECT 1 FROM posts p WHERE p.workspace_id = c.workspace_id AND p.case_id = c.id AND "
           "p.direction = "
           "'in' AND " +
           either(parts) + ")";
  }
  if (field == "due") {
    for (const auto& value : values)
      parts.push_back("(c.due_at IS NOT NULL AND c.due_at <= " +
                      sql.bind(asker.now_ms + (value == "soon" ? kSoonMs : 0)) + ")");
    return either(parts);
  }
  // Of the console's own list; nobody chooses it by hand.
  if (field == "reply")
    return "EXISTS (SELECT 1 FROM outbox o WHERE o.workspace_id = c.workspace_id AND o.case_id = c.id AND "
           "o.state IN " +
           list_of(values, sql) + ")";
  if (field == "kind") {
    for (const auto& value : values) parts.push_back(triage_has(R"("kind":")" + value + '"', sql));
    return either(parts);
  }
  if (field == "harm") {
    for (const auto& value : values) parts.push_back(triage_has('"' + value + R"(":true)", sql));
    return either(parts);
  }
  if (field == "feeling") {
    for (const auto& value : values) {
      const auto [low, high] = value == "bad"    ? std::pair(-5, -2)
                               : value == "good" ? std::pair(2, 5)
                                                 : std::pair(-1, 1);
      for (int n = low; n <= high; ++n)
        parts.push_back(triage_has(R"("feeling":)" + std::to_string(n) + ',', sql));
    }
    return either(parts);
  }
  // urgency, reach: at least
  for (const auto& value : values) {
    for (int n = value[0] - '0'; n <= 3; ++n)
      parts.push_back(triage_has('"' + field + R"(":)" + std::to_string(n) + ',', sql));
  }
  return either(parts);
}

Result<bool> words_hold(store::Connection& db, const Condition& condition, const Asker& asker, Id case_id,
                        Id post_id) {
  std::vector<std::string> texts =
      TRY(db.all("SELECT text FROM posts WHERE workspace_id = $1 AND case_id = $2 AND direction = 'in' AND "
                 "($3 = 0 OR id = $3) "
                 "AND deleted_at IS NULL ORDER BY posted_at DESC, id DESC LIMIT $4",
                 {asker.workspace_id, case_id, post_id, kPostsRead},
                 [](const store::Row& row) { return row.string(0); }));
  if (post_id == 0) {
    const auto title =
        TRY(db.one("SELECT title FROM cases WHERE workspace_id = $1 AND id = $2",
                   {asker.workspace_id, case_id}, [](const store::Row& row) { return row.string(0); }));
    if (title) texts.push_back(*title);
  }
  std::vector<std::string> wanted;
  for (const auto& value : condition.values) wanted.push_back(text::fold(value));
  for (const auto& one : texts) {
    const auto folded = text::fold(one);
    for (const auto& value : wanted) {
      if (folded.find(value) != std::string::npos) return true;
    }
  }
  return false;
}

Result<bool> hours_hold(store::Connection& db, const Condition& condition, const Asker& asker, Id case_id) {
  const auto book = TRY(promises::read_book(db, asker.workspace_id));
  const auto key =
      TRY(db.one("SELECT promise_policy FROM cases WHERE workspace_id = $1 AND id = $2",
                 {asker.workspace_id, case_id}, [](const store::Row& row) { return row.string(0); }));
  const auto* policy = &book->policies.back();
  for (const auto& one : book->policies) {
    if (key && one.key == *key) policy = &one;
  }
  const bool open = promises::is_open(book->calendar_of(*policy), asker.now_ms);
  return std::find(condition.values.begin(), condition.values.end(), open ? "inside" : "outside") !=
         condition.values.end();
}

}  // namespace

Result<Conditions> parse_conditions(JsonView list) {
  Conditions conditions;
  if (list.is_null()) return conditions;
  if (!list.is_array()) return invalid("expected an array", list.pointer());
  if (list.size() > kConditionsMost) return invalid("too many conditions", list.pointer());
  TRY(list.each([&](JsonView one) -> Result<void> {
    Condition condition;
    condition.field = TRY(one["field"].string(40));
    const auto* field = find_field(condition.field);
    if (field == nullptr) return invalid("is no field of a case", one["field"].pointer());
    condition.negated = TRY(one["not"].boolean_or(false));
    const auto values = one["values"];
    if (!values.is_array() || values.size() == 0)
      return invalid("expected values", one.pointer() + "/values");
    if (values.size() > kValuesMost) return invalid("too many values", values.pointer());
    TRY(values.each([&](JsonView value) -> Result<void> {
      auto text = TRY(value.string(kValueMostBytes));
      if (!fits(*field, text)) return invalid("is no value of " + condition.field, value.pointer());
      condition.values.push_back(std::move(text));
      return {};
    }));
    conditions.push_back(std::move(condition));
    return {};
  }));
  return conditions;
}

json::array to_json(const Conditions& conditions) {
  json::array list;
  for (const auto& condition : conditions) {
    json::array values;
    for (const auto& value : condition.values) values.emplace_back(value);
    list.push_back(
        json::object{{"field", condition.field}, {"not", condition.negated}, {"values", std::move(values)}});
  }
  return list;
}

std::string sql_of(const Conditions& conditions, const Asker& asker, Sql& sql) {
  std::string text;
  for (const auto& condition : conditions) {
    if (is_afterwards(condition)) continue;
    text += condition.negated ? " AND NOT (" : " AND (";
    text += sql_of(condition, asker, sql) + ")";
  }
  return text;
}

bool is_exact(const Conditions& conditions) {
  return std::none_of(conditions.begin(), conditions.end(), is_afterwards);
}

Result<bool> rest_holds(store::Connection& db, const Conditions& conditions, const Asker& asker, Id case_id,
                        Id post_id) {
  for (const auto& condition : conditions) {
    if (!is_afterwards(condition)) continue;
    const bool held = condition.field == "text" ? TRY(words_hold(db, condition, asker, case_id, post_id))
                                                : TRY(hours_hold(db, condition, asker, case_id));
    if (held == condition.negated) return false;
  }
  return true;
}

Result<bool> holds(store::Connection& db, const Conditions& conditions, const Asker& asker, Id case_id,
                   Id post_id) {
  Sql sql;
  sql.text = "SELECT 1 FROM cases c WHERE c.workspace_id = " + sql.bind(asker.workspace_id) +
             " AND c.id = " + sql.bind(case_id);
  sql.text += sql_of(conditions, asker, sql);
  bool found = false;
  TRY(db.query(sql.text, sql.params(), [&](const store::Row&) { found = true; }));
  if (!found) return false;
  return rest_holds(db, conditions, asker, case_id, post_id);
}

std::vector<model::CaseStatus> statuses_of(const Conditions& conditions) {
  std::vector<model::CaseStatus> wanted;
  bool asked = false;
  for (const auto status : model::kAllCaseStatuses) {
    bool fit = true;
    for (const auto& condition : conditions) {
      if (condition.field != "status") continue;
      asked = true;
      const bool named = std::find(condition.values.begin(), condition.values.end(), model::name(status)) !=
                         condition.values.end();
      fit = fit && named != condition.negated;
    }
    if (fit) wanted.push_back(status);
  }
  if (!asked) return {model::CaseStatus::kOpen};
  return wanted;
}

}  // namespace kiki::teamwork
