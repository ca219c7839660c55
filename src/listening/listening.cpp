#include "listening/listening.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/log.hpp"
#include "listening/counts.hpp"
#include "listening/query/reference_evaluator.hpp"
#include "listening/topic_json.hpp"
#include "listening/topic_query.hpp"
#include "text/normalize.hpp"

namespace kiki::listening {
namespace {

constexpr TimeMs kHourMs = 3'600'000;
constexpr std::string_view kFields =
    "t.workspace_id, t.id, t.name, t.query, t.folding, t.themes, t.mutes, t.is_competitor, t.enabled, "
    "t.created_at, "
    "t.updated_at, t.archived_at";

Topic read_topic(const store::Row& row) {
  Topic topic;
  topic.workspace_id = row.integer(0);
  topic.id = row.integer(1);
  topic.name = row.string(2);
  topic.query = row.string(3);
  topic.folding = stored_folding(row.text(4));
  topic.themes = stored_themes(row.text(5));
  topic.mutes = stored_mutes(row.text(6));
  topic.is_competitor = row.boolean(7);
  topic.enabled = row.boolean(8);
  topic.created_at = row.integer(9);
  topic.updated_at = row.integer(10);
  topic.archived_at = row.maybe_integer(11);
  return topic;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
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
  const auto hours = TRY(sum_counts(db, workspace_id, (now_ms / kHourMs - 23) * kHourMs, now_ms + 1));
  for (auto& topic : topics) {
    if (const auto found = hours.find(topic.id); found != hours.end()) topic.found_today = found->second;
  }
  return {};
}

// Room for one more, and its query may be one that every post must be held against.
Result<void> check_room(store::Connection& db, Id workspace_id, Id except_topic_id,
                        const std::string& query_text) {
  std::int64_t topics = 0;
  std::size_t unanchored = 0;
  TRY(db.query("SELECT query FROM topics WHERE workspace_id = $1 AND id <> $2 AND archived_at IS NULL",
               std::initializer_list<store::Param>{workspace_id, except_topic_id},
               [&](const store::Row& row) {
                 ++topics;
                 const auto parsed = query::parse(row.text(0));
                 if (parsed.query && !parsed.query->anchored) ++unanchored;
               }));
  if (topics >= static_cast<std::int64_t>(kTopicsLimit))
    return Error{ErrorKind::kUnprocessable, "There are too many topics.", {}, "too_many", 0};
  const auto parsed = TRY(parse_query(query_text, "/query"));
  if (!parsed.anchored && unanchored >= kUnanchoredLimit) {
    return Error{ErrorKind::kUnprocessable, "Too many topics have a query without a single word to look for.",
                 "/query", "too_many_unanchored", 0};
  }
  return {};
}

}  // namespace

TopicFacts::TopicFacts(const std::vector<Topic>& topics) {
  for (const auto& topic : topics) put(topic);
}

void TopicFacts::put(const Topic& topic) {
  Facts facts{topic.mutes, topic.is_competitor, topic.folding, {}};
  for (const auto& theme : topic.themes) {
    auto parsed = query::parse(theme.query);
    if (parsed.query) facts.themes.emplace_back(theme.id, std::move(*parsed.query));
  }
  if (facts.is_competitor || !facts.themes.empty() || facts.mutes.bots || !facts.mutes.authors.empty()) {
    topics_[topic.id] = std::make_shared<Facts>(std::move(facts));
  } else {
    topics_.erase(topic.id);
  }
}

std::shared_ptr<const TopicFacts> TopicFacts::with(const Topic& topic) const {
  auto changed = std::make_shared<TopicFacts>(*this);
  changed->put(topic);
  return changed;
}

std::shared_ptr<const TopicFacts> TopicFacts::without(Id topic_id) const {
  auto changed = std::make_shared<TopicFacts>(*this);
  changed->topics_.erase(topic_id);
  return changed;
}

bool TopicFacts::mutes(Id topic_id, const Writer& writer) const {
  const auto found = topics_.find(topic_id);
  if (found == topics_.end()) return false;
  const auto& mutes = found->second->mutes;
  const auto handle = text::fold(writer.handle);
  const bool named = std::any_of(mutes.authors.begin(), mutes.authors.end(), [&](const MutedAuthor& author) {
    return (!author.id.empty() && author.id == writer.id) ||
           (!author.handle.empty() && !handle.empty() && text::fold(author.handle) == handle);
  });
  return named || (mutes.bots && looks_like_bot(writer.handle, writer.name, writer.bio));
}

bool TopicFacts::is_competitor(Id topic_id) const {
  const auto found = topics_.find(topic_id);
  return found != topics_.end() && found->second->is_competitor;
}

std::vector<std::string> TopicFacts::themes(Id topic_id, const query::Post& post) const {
  std::vector<std::string> ids;
  const auto found = topics_.find(topic_id);
  if (found == topics_.end()) return ids;
  for (const auto& [id, query] : found->second->themes) {
    if (query::matches(query, post, found->second->folding)) ids.push_back(id);
  }
  return ids;
}

namespace {

const std::string& listening_topics_sql() {
  static const std::string sql = "SELECT " + std::string(kFields) +
                                 " FROM topics t JOIN workspaces w ON w.id = t.workspace_id WHERE "
                                 "t.archived_at IS NULL AND t.enabled = 1 AND w.archived_at IS NULL";
  return sql;
}

}  // namespace

Result<void> Listening::load() {
  const std::lock_guard one_at_a_time(loads_);
  TRY(write_missing_queries());
  auto reader = TRY(db_.reader());
  const auto topics = TRY(reader->all(listening_topics_sql(), {}, read_topic));
  live_.load(topics);
  swap(std::make_shared<TopicFacts>(topics));
  return {};
}

Result<void> Listening::load(Id topic_id) {
  const std::lock_guard one_at_a_time(loads_);
  auto reader = TRY(db_.reader());
  static const std::string sql = listening_topics_sql() + " AND t.id = $1";
  const auto topics = TRY(reader->all(sql, {topic_id}, read_topic));
  if (topics.empty()) {
    live_.remove(topic_id);
    swap(facts()->without(topic_id));
  } else {
    live_.put(topics.front());
    swap(facts()->with(topics.front()));
  }
  return {};
}

void Listening::swap(std::shared_ptr<const TopicFacts> facts) {
  auto set = live_.set();
  const std::lock_guard lock(mutex_);
  set_ = std::move(set);
  facts_ = std::move(facts);
}

Result<void> Listening::write_missing_queries() {
  struct Old {
    Id workspace_id = 0;
    Id id = 0;
    std::vector<std::string> keywords;
    std::vector<std::string> excluded;
  };
  std::vector<Old> old;
  {
    auto reader = TRY(db_.reader());
    old = TRY(reader->all("SELECT workspace_id, id, keywords, excluded FROM topics WHERE query = ''", {},
                          [](const store::Row& row) {
                            return Old{row.integer(0), row.integer(1), stored_words(row.text(2)),
                                       stored_words(row.text(3))};
                          }));
  }
  if (old.empty()) return {};
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    for (const auto& topic : old) {
      const auto query = query_of_words(topic.keywords, topic.excluded);
      if (query.empty()) continue;
      TRY(tx.db().run("UPDATE topics SET query = $3 WHERE workspace_id = $1 AND id = $2 AND query = ''",
                      {topic.workspace_id, topic.id, query}));
    }
    return {};
  });
}

std::shared_ptr<const TopicSet> Listening::topic_set() const {
  const std::lock_guard lock(mutex_);
  return set_;
}

std::shared_ptr<const TopicFacts> Listening::facts() const {
  const std::lock_guard lock(mutex_);
  return facts_;
}

Result<std::vector<Topic>> Listening::list(Id workspace_id, bool archived) {
  auto reader = TRY(db_.reader());
  static const std::string listening =
      "SELECT " + std::string(kFields) +
      " FROM topics t WHERE t.workspace_id = $1 AND t.archived_at IS NULL ORDER BY t.id";
  static const std::string away =
      "SELECT " + std::string(kFields) +
      " FROM topics t WHERE t.workspace_id = $1 AND t.archived_at IS NOT NULL ORDER BY "
      "t.archived_at DESC, t.id";
  auto topics = TRY(reader->all(archived ? away : listening, {workspace_id}, read_topic));
  if (!archived) TRY(add_found_today(*reader, workspace_id, clock_.now_ms(), topics));
  return topics;
}

Result<Topic> Listening::read(Id workspace_id, Id topic_id) {
  auto reader = TRY(db_.reader());
  static const std::string sql =
      "SELECT " + std::string(kFields) + " FROM topics t WHERE t.workspace_id = $1 AND t.id = $2";
  std::vector<Topic> topics = TRY(reader->all(sql, {workspace_id, topic_id}, read_topic));
  if (topics.empty()) return not_found("There is no such topic.");
  TRY(add_found_today(*reader, workspace_id, clock_.now_ms(), topics));
  return std::move(topics.front());
}

Result<Listening::Change> Listening::check(const Change& change) {
  Change checked = change;
  if (change.name) {
    checked.name = trimmed(*change.name);
    if (checked.name->empty()) return invalid("must not be empty", "/name");
    if (checked.name->size() > kTopicNameLimitBytes) return invalid("is too long", "/name");
  }
  if (change.query) {
    checked.query = trimmed(*change.query);
    TRY(parse_query(*checked.query, "/query"));
  }
  if (change.themes) {
    if (change.themes->size() > kThemesLimit) return invalid("too many themes", "/themes");
    for (std::size_t i = 0; i < checked.themes->size(); ++i) {
      auto& theme = (*checked.themes)[i];
      const auto where = "/themes/" + std::to_string(i);
      theme.name = trimmed(theme.name);
      if (theme.name.empty()) return invalid("must not be empty", where + "/name");
      TRY(parse_query(theme.query, where + "/query"));
      if (theme.id.empty()) theme.id = to_string(ids_.next());
    }
  }
  if (change.mutes && change.mutes->authors.size() > kMutedAuthorsLimit)
    return invalid("too many muted authors", "/mutes/authors");
  return checked;
}

Result<Topic> Listening::create(Id workspace_id, Id actor_id, const Change& values_in) {
  const auto values = TRY(check(values_in));
  if (!values.name) return invalid("is required", "/name");
  if (!values.query) return invalid("is required", "/query");
  const auto id = ids_.next();
  const auto now_ms = clock_.now_ms();
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(check_room(tx.db(), workspace_id, 0, *values.query));
    TRY(tx.db().run(
        "INSERT INTO topics (workspace_id, id, name, query, folding, themes, mutes, is_competitor, enabled, "
        "created_at, "
        "updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
        {workspace_id, id, *values.name, *values.query,
         boost::json::serialize(to_json(values.folding.value_or(text::SearchFold()))),
         boost::json::serialize(to_json(values.themes.value_or(std::vector<Theme>()))),
         boost::json::serialize(to_json(values.mutes.value_or(Mutes()))),
         values.is_competitor.value_or(false) ? 1 : 0, values.enabled.value_or(true) ? 1 : 0, now_ms}));
    return tell(log_, tx, workspace_id, id, actor_id);
  }));
  TRY(load(id));
  return read(workspace_id, id);
}

Result<Topic> Listening::change(Id workspace_id, Id topic_id, Id actor_id, const Change& values_in) {
  const auto values = TRY(check(values_in));
  std::optional<std::string> folding;
  std::optional<std::string> themes;
  std::optional<std::string> mutes;
  std::optional<std::int64_t> is_competitor;
  std::optional<std::int64_t> enabled;
  if (values.folding) folding = boost::json::serialize(to_json(*values.folding));
  if (values.themes) themes = boost::json::serialize(to_json(*values.themes));
  if (values.mutes) mutes = boost::json::serialize(to_json(*values.mutes));
  if (values.is_competitor) is_competitor = *values.is_competitor ? 1 : 0;
  if (values.enabled) enabled = *values.enabled ? 1 : 0;
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    if (values.query) TRY(check_room(tx.db(), workspace_id, topic_id, *values.query));
    const auto changed = TRY(tx.db().run(
        "UPDATE topics SET name = COALESCE($3, name), query = COALESCE($4, query), folding = COALESCE($5, "
        "folding), themes "
        "= COALESCE($6, themes), mutes = COALESCE($7, mutes), is_competitor = COALESCE($8, is_competitor), "
        "enabled = "
        "COALESCE($9, enabled), updated_at = $10 WHERE workspace_id = $1 AND id = $2 AND archived_at IS NULL",
        {workspace_id, topic_id, values.name, values.query, folding, themes, mutes, is_competitor, enabled,
         clock_.now_ms()}));
    if (changed == 0) return not_found("There is no such topic.");
    return tell(log_, tx, workspace_id, topic_id, actor_id);
  }));
  TRY(load(topic_id));
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
  return load(topic_id);
}

Result<Topic> Listening::restore(Id workspace_id, Id topic_id, Id actor_id) {
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto query = TRY(tx.db().one(
        "SELECT query FROM topics WHERE workspace_id = $1 AND id = $2 AND archived_at IS NOT NULL",
        {workspace_id, topic_id}, [](const store::Row& row) { return row.string(0); }));
    if (!query) return not_found("There is no such archived topic.");
    TRY(check_room(tx.db(), workspace_id, topic_id, *query));
    TRY(tx.db().run(
        "UPDATE topics SET archived_at = NULL, updated_at = $3 WHERE workspace_id = $1 AND id = $2",
        {workspace_id, topic_id, clock_.now_ms()}));
    return tell(log_, tx, workspace_id, topic_id, actor_id);
  }));
  TRY(load(topic_id));
  return read(workspace_id, topic_id);
}

}  // namespace kiki::listening
