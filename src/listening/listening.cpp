#include "listening/listening.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "text/normalize.hpp"

namespace kiki::listening {
namespace {

constexpr TimeMs kHourMs = 3'600'000;
constexpr std::string_view kFields =
    "t.workspace_id, t.id, t.name, t.keywords, t.excluded, t.enabled, t.created_at, t.updated_at";

std::vector<std::string> parse_words(std::string_view text) {
  std::vector<std::string> words;
  boost::system::error_code error;
  const auto value = boost::json::parse(text, error);
  if (error || !value.is_array()) return words;
  for (const auto& word : value.get_array()) {
    if (word.is_string()) words.emplace_back(word.get_string());
  }
  return words;
}

std::string words_json(const std::vector<std::string>& words) {
  boost::json::array list;
  for (const auto& word : words) list.emplace_back(word);
  return boost::json::serialize(list);
}

Topic read_topic(const store::Row& row) {
  Topic topic;
  topic.workspace_id = row.integer(0);
  topic.id = row.integer(1);
  topic.name = row.string(2);
  topic.keywords = parse_words(row.text(3));
  topic.excluded = parse_words(row.text(4));
  topic.enabled = row.boolean(5);
  topic.created_at = row.integer(6);
  topic.updated_at = row.integer(7);
  return topic;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// Trimmed, each once, in the order they were given.
Result<std::vector<std::string>> check_words(const std::vector<std::string>& words,
                                             const std::string& pointer) {
  if (words.size() > kKeywordsLimit) {
    return invalid("more than " + std::to_string(kKeywordsLimit) + " words", pointer);
  }
  std::vector<std::string> checked;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto where = pointer + "/" + std::to_string(i);
    const auto word = trimmed(words[i]);
    if (word.size() > kKeywordLimitBytes) return invalid("is too long", where);
    if (trimmed(text::fold(word)).empty())
      return invalid("has nothing in it that can be searched for", where);
    if (std::find(checked.begin(), checked.end(), word) == checked.end()) checked.emplace_back(word);
  }
  return checked;
}

Result<Listening::Change> check(const Listening::Change& change) {
  Listening::Change checked = change;
  if (change.name) {
    checked.name = trimmed(*change.name);
    if (checked.name->empty()) return invalid("must not be empty", "/name");
    if (checked.name->size() > kTopicNameLimitBytes) return invalid("is too long", "/name");
  }
  if (change.keywords) {
    checked.keywords = TRY(check_words(*change.keywords, "/keywords"));
    if (checked.keywords->empty()) return invalid("at least one keyword is needed", "/keywords");
  }
  if (change.excluded) checked.excluded = TRY(check_words(*change.excluded, "/excluded"));
  return checked;
}

Result<void> tell(events::EventLog& log, store::Transaction& tx, Id workspace_id, Id topic_id, Id actor_id) {
  events::Event event;
  event.workspace_id = workspace_id;
  event.kind = "topic.changed";
  event.actor_id = actor_id;
  event.data = R"({"topic_id":")" + to_string(topic_id) + "\"}";
  return log.append(tx, std::move(event));
}

// The last 24 hours: a desk works over midnight, and a number that falls to nothing at 0:00 tells little.
Result<void> add_found_today(store::Connection& db, Id workspace_id, TimeMs now_ms,
                             std::vector<Topic>& topics) {
  TRY(db.query(
      "SELECT topic_id, SUM(posts) FROM topic_counts WHERE workspace_id = $1 AND hour > $2 GROUP BY topic_id",
      std::initializer_list<store::Param>{workspace_id, now_ms / kHourMs - 24}, [&](const store::Row& row) {
        for (auto& topic : topics) {
          if (topic.id == row.integer(0)) topic.found_today = row.integer(1);
        }
      }));
  return {};
}

}  // namespace

Result<void> Listening::load() {
  const std::lock_guard one_at_a_time(loads_);
  auto reader = TRY(db_.reader());
  static const std::string sql = "SELECT " + std::string(kFields) +
                                 " FROM topics t JOIN workspaces w ON w.id = t.workspace_id WHERE "
                                 "t.archived_at IS NULL AND t.enabled = 1 AND "
                                 "w.archived_at IS NULL";
  auto set = build_topic_set(TRY(reader->all(sql, {}, read_topic)));
  const std::lock_guard lock(mutex_);
  set_ = std::move(set);
  return {};
}

std::shared_ptr<const TopicSet> Listening::topic_set() const {
  const std::lock_guard lock(mutex_);
  return set_;
}

Result<std::vector<Topic>> Listening::list(Id workspace_id) {
  auto reader = TRY(db_.reader());
  static const std::string sql =
      "SELECT " + std::string(kFields) +
      " FROM topics t WHERE t.workspace_id = $1 AND t.archived_at IS NULL ORDER BY t.id";
  auto topics = TRY(reader->all(sql, {workspace_id}, read_topic));
  TRY(add_found_today(*reader, workspace_id, clock_.now_ms(), topics));
  return topics;
}

Result<Topic> Listening::read(Id workspace_id, Id topic_id) {
  for (auto& topic : TRY(list(workspace_id))) {
    if (topic.id == topic_id) return std::move(topic);
  }
  return not_found("There is no such topic.");
}

Result<Topic> Listening::create(Id workspace_id, Id actor_id, const Change& values_in) {
  const auto values = TRY(check(values_in));
  if (!values.name) return invalid("is required", "/name");
  if (!values.keywords) return invalid("is required", "/keywords");
  const auto id = ids_.next();
  const auto now_ms = clock_.now_ms();
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto count =
        TRY(tx.db().one("SELECT COUNT(*) FROM topics WHERE workspace_id = $1 AND archived_at IS NULL",
                        {workspace_id}, [](const store::Row& row) { return row.integer(0); }));
    if (count.value_or(0) >= static_cast<std::int64_t>(kTopicsLimit)) {
      return Error{ErrorKind::kUnprocessable, "There are too many topics.", {}, "too_many", 0};
    }
    TRY(tx.db().run(
        "INSERT INTO topics (workspace_id, id, name, keywords, excluded, enabled, created_at, updated_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {workspace_id, id, *values.name, words_json(*values.keywords),
         words_json(values.excluded.value_or(std::vector<std::string>())), values.enabled.value_or(true),
         now_ms, now_ms}));
    return tell(log_, tx, workspace_id, id, actor_id);
  }));
  TRY(load());
  return read(workspace_id, id);
}

Result<Topic> Listening::change(Id workspace_id, Id topic_id, Id actor_id, const Change& values_in) {
  const auto values = TRY(check(values_in));
  std::optional<std::string> keywords;
  std::optional<std::string> excluded;
  std::optional<std::int64_t> enabled;
  if (values.keywords) keywords = words_json(*values.keywords);
  if (values.excluded) excluded = words_json(*values.excluded);
  if (values.enabled) enabled = *values.enabled ? 1 : 0;
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto changed =
        TRY(tx.db().run("UPDATE topics SET name = COALESCE($3, name), keywords = COALESCE($4, keywords), "
                        "excluded = COALESCE($5, excluded), enabled = COALESCE($6, enabled), updated_at = $7 "
                        "WHERE workspace_id = $1 AND id = $2 AND archived_at IS NULL",
                        {workspace_id, topic_id, values.name, keywords, excluded, enabled, clock_.now_ms()}));
    if (changed == 0) return not_found("There is no such topic.");
    return tell(log_, tx, workspace_id, topic_id, actor_id);
  }));
  TRY(load());
  return read(workspace_id, topic_id);
}

Result<void> Listening::archive(Id workspace_id, Id topic_id, Id actor_id) {
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto changed = TRY(tx.db().run(
        "UPDATE topics SET archived_at = $3 WHERE workspace_id = $1 AND id = $2 AND archived_at IS NULL",
        {workspace_id, topic_id, clock_.now_ms()}));
    if (changed == 0) return not_found("There is no such topic.");
    return tell(log_, tx, workspace_id, topic_id, actor_id);
  }));
  return load();
}

boost::json::object to_json(const Topic& topic) {
  const auto list = [](const std::vector<std::string>& words) {
    boost::json::array items;
    for (const auto& word : words) items.emplace_back(word);
    return items;
  };
  boost::json::object body;
  body["id"] = to_string(topic.id);
  body["name"] = topic.name;
  body["keywords"] = list(topic.keywords);
  body["excluded"] = list(topic.excluded);
  body["enabled"] = topic.enabled;
  body["found_today"] = topic.found_today;
  body["created_at"] = to_rfc3339(topic.created_at);
  body["updated_at"] = to_rfc3339(topic.updated_at);
  return body;
}

}  // namespace kiki::listening
