#include "listening/follow.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <map>
#include <set>
#include <tuple>

#include "base/json.hpp"
#include "base/log.hpp"
#include "listening/relevance.hpp"
#include "text/words.hpp"

namespace kiki::listening {
namespace {

constexpr TimeMs kHourMs = 3'600'000;
constexpr int kBatchEvents = 200;
constexpr std::int64_t kRetryMs = 1'000;
constexpr std::int64_t kLongestWaitMs = 30'000;
constexpr std::size_t kWordsPerPost = 40;
constexpr std::string_view kCursor = "topics.followed";

struct Seen {
  std::int64_t seq = 0;
  Id workspace_id = 0;
  TimeMs at = 0;
  std::string kind;
  Id case_id = 0;
  Id post_id = 0;
  Id actor_id = 0;
};

boost::json::array strings_json(const std::vector<std::string>& strings) {
  boost::json::array list;
  for (const auto& string : strings) list.emplace_back(string);
  return list;
}

std::vector<std::string> strings_of(const boost::json::value& value, std::string_view key) {
  std::vector<std::string> strings;
  if (!value.is_object()) return strings;
  const auto* list = value.get_object().if_contains(key);
  if (list == nullptr || !list->is_array()) return strings;
  for (const auto& item : list->get_array()) {
    if (item.is_string()) strings.emplace_back(item.get_string());
  }
  return strings;
}

boost::json::value parsed(std::string_view text) {
  boost::system::error_code error;
  auto value = boost::json::parse(text, error);
  return error ? boost::json::value(nullptr) : value;
}

// A found post and what is counted of it, worked out before the transaction.
struct Counted {
  StoredPost post;
  Id workspace_id = 0;
  Id identity_id = 0;
  std::vector<Id> topic_ids;
  std::vector<std::string> words;
  std::vector<std::string> links;
  std::map<Id, std::vector<std::string>> themes;  // by topic
  std::vector<std::string> features;
};

// What one batch changes, added up first: a busy topic's counters are written once.
class Changes {
 public:
  void count(Id workspace_id, Id topic_id, std::string_view kind, std::int64_t hour, std::string_view value,
             int by) {
    facts_[{workspace_id, topic_id, std::string(kind), hour, std::string(value)}] += by;
  }
  void learn(Id workspace_id, Id topic_id, const std::string& word, bool wanted, int by) {
    auto& lesson = lessons_[{workspace_id, topic_id, word}];
    (wanted ? lesson.wanted : lesson.skipped) += by;
  }

  Result<void> write(store::Connection& db) {
    for (const auto& [key, by] : facts_) {
      const auto& [workspace_id, topic_id, kind, hour, value] = key;
      if (by == 0) continue;
      TRY(
          db.run("INSERT INTO topic_facts (workspace_id, topic_id, kind, hour, value, posts) VALUES ($1, $2, "
                 "$3, $4, "
                 "$5, $6) ON CONFLICT (workspace_id, topic_id, kind, hour, value) DO UPDATE SET posts = "
                 "topic_facts.posts + excluded.posts",
                 {workspace_id, topic_id, kind, hour, value, by}));
    }
    for (const auto& [key, lesson] : lessons_) {
      const auto& [workspace_id, topic_id, word] = key;
      if (lesson.wanted == 0 && lesson.skipped == 0) continue;
      TRY(db.run(
          "INSERT INTO topic_lessons (workspace_id, topic_id, word, wanted, skipped) VALUES ($1, $2, $3, $4, "
          "$5) ON CONFLICT (workspace_id, topic_id, word) DO UPDATE SET wanted = topic_lessons.wanted + "
          "excluded.wanted, skipped = topic_lessons.skipped + excluded.skipped",
          {workspace_id, topic_id, word, lesson.wanted, lesson.skipped}));
    }
    return {};
  }

 private:
  std::map<std::tuple<Id, Id, std::string, std::int64_t, std::string>, std::int64_t> facts_;
  std::map<std::tuple<Id, Id, std::string>, Lesson> lessons_;
};

Result<std::optional<Counted>> read_found(store::Connection& db, Id workspace_id, Id post_id,
                                          const Follower::ThemesOf& themes_of) {
  const Id ids[] = {post_id};
  auto posts = TRY(read_posts(db, workspace_id, ids, true));
  if (posts.empty() || posts.front().topic_ids == "[]") return std::optional<Counted>();
  auto& post = posts.front();
  Counted counted;
  counted.workspace_id = workspace_id;
  counted.topic_ids = stored_ids(post.topic_ids);
  for (auto& word : text::words_of(post.text)) {
    if (word.tells && counted.words.size() < kWordsPerPost) counted.words.push_back(std::move(word.text));
  }
  counted.links = text::links_of(post.text);
  const auto seen = post.seen();
  for (const Id topic_id : counted.topic_ids) {
    if (themes_of) counted.themes[topic_id] = themes_of(topic_id, seen);
  }
  counted.features = features_of(post.text, post.handle);
  counted.identity_id = post.identity_id;
  counted.post = std::move(post);
  return std::optional(std::move(counted));
}

// One row of topic_posts and everything counted of it, added (1) or taken away (-1).
struct Row {
  Id topic_id = 0;
  std::int64_t hour = 0;
  Id identity_id = 0;
  std::string network;
  std::string facts;
};

void count_row(Changes& changes, Id workspace_id, const Row& row, int by) {
  const auto add = [&](std::string_view kind, std::string_view value) {
    changes.count(workspace_id, row.topic_id, kind, row.hour, value, by);
  };
  add("post", "");
  add("network", row.network);
  add("author", to_string(row.identity_id));
  const auto facts = parsed(row.facts);
  for (const std::string_view kind : {"word", "link", "theme"}) {
    for (const auto& value : strings_of(facts, kind)) add(kind, value);
  }
}

// All counters of a post go; its rows too.
Result<std::optional<std::int64_t>> take_away(store::Connection& db, Changes& changes, Id workspace_id,
                                              Id post_id) {
  const auto rows =
      TRY(db.all("DELETE FROM topic_posts WHERE workspace_id = $1 AND post_id = $2 RETURNING topic_id, hour, "
                 "identity_id, network, "
                 "facts",
                 {workspace_id, post_id}, [](const store::Row& row) {
                   return Row{row.integer(0), row.integer(1), row.integer(2), row.string(3), row.string(4)};
                 }));
  std::optional<std::int64_t> hour;
  for (const auto& row : rows) {
    count_row(changes, workspace_id, row, -1);
    hour = row.hour;
  }
  return hour;
}

Result<void> add(store::Connection& db, Changes& changes, const Counted& counted, std::int64_t hour) {
  const auto& post = counted.post;
  for (const Id topic_id : counted.topic_ids) {
    boost::json::object facts;
    facts["word"] = strings_json(counted.words);
    facts["link"] = strings_json(counted.links);
    const auto themes = counted.themes.find(topic_id);
    facts["theme"] = themes == counted.themes.end() ? boost::json::array() : strings_json(themes->second);
    const Row row{topic_id, hour, counted.identity_id, post.network, boost::json::serialize(facts)};
    const auto added = TRY(db.run(
        "INSERT INTO topic_posts (workspace_id, topic_id, post_id, hour, identity_id, network, facts) VALUES "
        "($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace_id, topic_id, post_id) DO NOTHING",
        {counted.workspace_id, topic_id, post.id, hour, counted.identity_id, post.network, row.facts}));
    if (added > 0) count_row(changes, counted.workspace_id, row, 1);
  }
  return {};
}

void learn_decision(Changes& changes, Id workspace_id, const std::vector<Id>& topic_ids,
                    const std::vector<std::string>& words, bool wanted, int by) {
  auto topics = topic_ids;
  topics.push_back(0);
  for (const Id topic_id : topics) {
    changes.learn(workspace_id, topic_id, "", wanted, by);
    for (const auto& word : words) changes.learn(workspace_id, topic_id, word, wanted, by);
  }
}

// What a person decided about a found case, as the case stands now: taken on, skipped, or nothing yet.
Result<std::optional<bool>> decision_of(store::Connection& db, Id workspace_id, Id case_id) {
  const auto wanted =
      TRY(db.one("SELECT CASE WHEN status = 'dismissed' THEN 0 WHEN status = 'found' THEN NULL ELSE 1 END "
                 "FROM cases WHERE "
                 "workspace_id = $1 AND id = $2 AND origin = 'found'",
                 {workspace_id, case_id}, [](const store::Row& row) { return row.maybe_integer(0); }));
  if (!wanted || !*wanted) return std::optional<bool>();
  return std::optional(**wanted == 1);
}

Result<void> decide(store::Connection& db, Changes& changes, Id workspace_id, Id case_id, TimeMs at) {
  const auto wanted = TRY(decision_of(db, workspace_id, case_id));
  struct Before {
    bool wanted = false;
    std::string facts;
  };
  const auto before = TRY(db.one(
      "SELECT wanted, facts FROM topic_decisions WHERE workspace_id = $1 AND case_id = $2",
      {workspace_id, case_id}, [](const store::Row& row) { return Before{row.boolean(0), row.string(1)}; }));
  if (before && wanted && before->wanted == *wanted) return {};
  if (before) {
    // A decision that was taken back is forgotten word by word.
    const auto facts = parsed(before->facts);
    std::vector<Id> topics;
    for (const auto& id : strings_of(facts, "topics")) topics.push_back(parse_id(id).value_or(0));
    learn_decision(changes, workspace_id, topics, strings_of(facts, "words"), before->wanted, -1);
    TRY(db.run("DELETE FROM topic_decisions WHERE workspace_id = $1 AND case_id = $2",
               {workspace_id, case_id}));
  }
  if (!wanted) return {};
  const auto posts =
      TRY(db.all("SELECT p.text, p.topic_ids, COALESCE(i.handle, '') FROM posts p LEFT JOIN identities i ON "
                 "i.workspace_id = "
                 "p.workspace_id AND i.id = p.identity_id WHERE p.workspace_id = $1 AND p.case_id = $2 AND "
                 "p.direction = 'in' AND "
                 "p.reason = 'found' AND p.deleted_at IS NULL ORDER BY p.posted_at, p.id LIMIT 5",
                 {workspace_id, case_id}, [](const store::Row& row) {
                   return std::tuple(row.string(0), row.string(1), row.string(2));
                 }));
  std::set<Id> topics;
  std::set<std::string> words;
  for (const auto& [text, topic_ids, handle] : posts) {
    for (const Id id : stored_ids(topic_ids)) topics.insert(id);
    for (auto& word : features_of(text, handle)) words.insert(std::move(word));
  }
  if (topics.empty()) return {};
  const std::vector<Id> topic_list(topics.begin(), topics.end());
  const std::vector<std::string> word_list(words.begin(), words.end());
  boost::json::object facts;
  boost::json::array ids;
  for (const Id id : topic_list) ids.emplace_back(to_string(id));
  facts["topics"] = std::move(ids);
  facts["words"] = strings_json(word_list);
  TRY(
      db.run("INSERT INTO topic_decisions (workspace_id, case_id, wanted, facts, decided_at) VALUES ($1, $2, "
             "$3, $4, $5)",
             {workspace_id, case_id, *wanted ? 1 : 0, boost::json::serialize(facts), at}));
  learn_decision(changes, workspace_id, topic_list, word_list, *wanted, 1);
  TRY(db.run("DELETE FROM case_relevance WHERE workspace_id = $1 AND case_id = $2", {workspace_id, case_id}));
  return {};
}

// The text of a deleted post may live on in nothing, also not in what was learnt from it.
Result<void> forget_decision(store::Connection& db, Changes& changes, Id workspace_id, Id case_id,
                             TimeMs at) {
  const auto facts = TRY(
      db.one("DELETE FROM topic_decisions WHERE workspace_id = $1 AND case_id = $2 RETURNING wanted, facts",
             {workspace_id, case_id},
             [](const store::Row& row) { return std::pair(row.boolean(0), row.string(1)); }));
  if (!facts) return {};
  const auto old = parsed(facts->second);
  std::vector<Id> topics;
  for (const auto& id : strings_of(old, "topics")) topics.push_back(parse_id(id).value_or(0));
  learn_decision(changes, workspace_id, topics, strings_of(old, "words"), facts->first, -1);
  return decide(db, changes, workspace_id, case_id, at);
}

Result<std::optional<int>> score(store::Connection& db, Id workspace_id, Id topic_id,
                                 const std::vector<std::string>& features) {
  Lessons lessons;
  const auto read = [&](const std::string& word) -> Result<void> {
    const auto lesson = TRY(db.one(
        "SELECT wanted, skipped FROM topic_lessons WHERE workspace_id = $1 AND topic_id = $2 AND word = $3",
        {workspace_id, topic_id, word},
        [](const store::Row& row) { return Lesson{row.integer(0), row.integer(1)}; }));
    if (lesson) lessons.emplace(word, *lesson);
    return {};
  };
  TRY(read(""));
  if (lessons.empty() || !knows_enough(lessons.begin()->second)) return std::optional<int>();
  for (const auto& feature : features) TRY(read(feature));
  return relevance(lessons, features);
}

// A case is as relevant as its most relevant topic says; a topic that knows too little asks the whole
// workspace.
Result<void> rate(store::Transaction& tx, events::EventLog& log, const Counted& counted, TimeMs at) {
  auto& db = tx.db();
  const auto& post = counted.post;
  const auto found =
      TRY(db.one("SELECT 1 FROM cases WHERE workspace_id = $1 AND id = $2 AND status = 'found'",
                 {counted.workspace_id, post.case_id}, [](const store::Row&) { return true; }));
  if (!found) return {};
  std::optional<int> best;
  for (const Id topic_id : counted.topic_ids) {
    auto one = TRY(score(db, counted.workspace_id, topic_id, counted.features));
    if (!one) one = TRY(score(db, counted.workspace_id, 0, counted.features));
    if (one) best = std::max(best.value_or(0), *one);
  }
  if (!best) return {};
  // A case of several posts keeps its best one's score.
  const auto folded = TRY(db.one(
      "INSERT INTO case_relevance (workspace_id, case_id, score, folded) VALUES ($1, $2, $3, $4) ON CONFLICT "
      "(workspace_id, case_id) DO UPDATE SET score = CASE WHEN excluded.score > case_relevance.score THEN "
      "excluded.score "
      "ELSE case_relevance.score END, folded = CASE WHEN excluded.score > case_relevance.score THEN "
      "excluded.folded ELSE "
      "case_relevance.folded END RETURNING folded",
      {counted.workspace_id, post.case_id, *best, *best < kFoldBelowScore ? 1 : 0},
      [](const store::Row& row) { return row.boolean(0); }));
  if (!folded.value_or(false)) return {};
  events::Event event;
  event.workspace_id = counted.workspace_id;
  event.at = at;
  event.kind = "case.folded";
  event.case_id = post.case_id;
  return log.append(tx, std::move(event));
}

}  // namespace

Result<bool> Follower::step() {
  std::int64_t from = 0;
  std::vector<Seen> seen;
  std::map<std::pair<Id, Id>, Counted> found;  // by workspace and post
  {
    auto reader = TRY(db_.reader());
    from = TRY(reader->one("SELECT value FROM meta WHERE key = $1", {kCursor}, [](const store::Row& row) {
             return std::strtoll(row.string(0).c_str(), nullptr, 10);
           })).value_or(0);
    seen =
        TRY(reader->all("SELECT seq, workspace_id, at, kind, case_id, post_id, actor_id FROM events WHERE "
                        "seq > $1 ORDER BY seq LIMIT $2",
                        {from, kBatchEvents}, [](const store::Row& row) {
                          return Seen{row.integer(0), row.integer(1), row.integer(2), row.string(3),
                                      row.integer(4), row.integer(5), row.integer(6)};
                        }));
    for (const auto& event : seen) {
      if (event.post_id == 0 || (event.kind != "post.received" && event.kind != "post.edited")) continue;
      auto post = TRY(read_found(*reader, event.workspace_id, event.post_id, themes_of_));
      if (post) found.insert_or_assign({event.workspace_id, event.post_id}, *std::move(post));
    }
  }
  if (seen.empty()) return false;
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    auto& db = tx.db();
    const auto moved =
        TRY(db.run("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = "
                   "excluded.value WHERE "
                   "meta.value = $3",
                   {kCursor, std::to_string(seen.back().seq), std::to_string(from)}));
    if (moved == 0) return conflict("somebody else follows the log", "followed");
    Changes changes;
    for (const auto& event : seen) {
      const auto place = found.find({event.workspace_id, event.post_id});
      if (event.kind == "post.received" && place != found.end()) {
        TRY(add(db, changes, place->second, event.at / kHourMs));
        TRY(rate(tx, log_, place->second, event.at));
      } else if (event.kind == "post.edited" && event.post_id != 0) {
        const auto hour = TRY(take_away(db, changes, event.workspace_id, event.post_id));
        if (place != found.end()) TRY(add(db, changes, place->second, hour.value_or(event.at / kHourMs)));
      } else if (event.kind == "post.deleted") {
        TRY(take_away(db, changes, event.workspace_id, event.post_id));
        TRY(forget_decision(db, changes, event.workspace_id, event.case_id, event.at));
      } else if (event.actor_id != 0 && event.case_id != 0 &&
                 (event.kind == "case.status" || event.kind == "reply.state")) {
        TRY(decide(db, changes, event.workspace_id, event.case_id, event.at));
      }
    }
    return changes.write(db);
  }));
  return true;
}

void Follower::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void Follower::look() {
  {
    const std::lock_guard lock(mutex_);
    look_ = true;
  }
  changed_.notify_all();
}

void Follower::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Follower::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    auto went = step();
    if (went.ok() && *went) continue;
    if (!went.ok()) log::warning("what the topics found is not counted yet", went.error());
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, std::chrono::milliseconds(went.ok() ? kLongestWaitMs : kRetryMs),
                      [&] { return look_; });
    look_ = false;
  }
}

}  // namespace kiki::listening
