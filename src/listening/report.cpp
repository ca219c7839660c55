#include "listening/report.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <map>

namespace kiki::listening {
namespace {

namespace json = boost::json;
constexpr TimeMs kHourMs = 3'600'000;

struct Count {
  std::string value;
  std::int64_t posts = 0;
};

Result<std::vector<Count>> top(store::Connection& db, Id workspace_id, Id topic_id, std::string_view kind,
                               Hours hours, int limit = kTopLimit) {
  return db.all(
      "SELECT value, SUM(posts) AS n FROM topic_facts WHERE workspace_id = $1 AND topic_id = $2 AND kind = "
      "$3 AND hour >= "
      "$4 AND hour < $5 GROUP BY value HAVING SUM(posts) > 0 ORDER BY n DESC, value LIMIT $6",
      {workspace_id, topic_id, kind, hours.from, hours.to, limit},
      [](const store::Row& row) { return Count{row.string(0), row.integer(1)}; });
}

json::array counts_json(const std::vector<Count>& counts, std::string_view name) {
  json::array list;
  for (const auto& count : counts) list.push_back(json::object{{name, count.value}, {"posts", count.posts}});
  return list;
}

Result<json::array> volume(store::Connection& db, Id workspace_id, Id topic_id, Hours hours) {
  std::vector<std::int64_t> posts(static_cast<std::size_t>(hours.length()));
  TRY(
      db.query("SELECT hour, posts FROM topic_facts WHERE workspace_id = $1 AND topic_id = $2 AND kind = "
               "'post' AND hour >= $3 AND "
               "hour < $4",
               std::initializer_list<store::Param>{workspace_id, topic_id, hours.from, hours.to},
               [&](const store::Row& row) {
                 posts[static_cast<std::size_t>(row.integer(0) - hours.from)] += row.integer(1);
               }));
  json::array list;
  list.reserve(posts.size());
  for (const auto count : posts) list.emplace_back(std::max<std::int64_t>(count, 0));
  return list;
}

std::int64_t sum_of(const json::array& volume) {
  std::int64_t sum = 0;
  for (const auto& count : volume) sum += count.as_int64();
  return sum;
}

Result<json::array> authors(store::Connection& db, Id workspace_id, Id topic_id, Hours hours) {
  json::array list;
  for (const auto& count : TRY(top(db, workspace_id, topic_id, "author", hours))) {
    const auto row =
        TRY(db.one("SELECT person_id, network, handle, name, avatar_url, followers FROM identities WHERE "
                   "workspace_id = $1 AND id = "
                   "$2",
                   {workspace_id, parse_id(count.value).value_or(0)}, [&](const store::Row& found) {
                     json::object author{{"value", count.value},
                                         {"posts", count.posts},
                                         {"person_id", to_string(found.integer(0))},
                                         {"network", found.string(1)},
                                         {"handle", found.string(2)},
                                         {"name", found.string(3)},
                                         {"avatar_url", found.string(4)}};
                     const auto followers = found.maybe_integer(5);
                     author["followers"] = followers ? json::value(*followers) : json::value(nullptr);
                     return author;
                   }));
    if (row) list.push_back(*row);
  }
  return list;
}

// This topic beside those that listen to competitors.
Result<json::array> share_of_voice(store::Connection& db, Id workspace_id, Id topic_id, Hours hours) {
  struct Voice {
    Id id = 0;
    std::string name;
    bool is_competitor = false;
    std::int64_t posts = 0;
    std::int64_t previous = 0;
  };
  auto voices =
      TRY(db.all("SELECT id, name, is_competitor FROM topics WHERE workspace_id = $1 AND (id = $2 OR "
                 "(is_competitor = 1 AND "
                 "archived_at IS NULL)) ORDER BY id",
                 {workspace_id, topic_id}, [](const store::Row& row) {
                   return Voice{row.integer(0), row.string(1), row.boolean(2), 0, 0};
                 }));
  for (auto& voice : voices) {
    const auto sum = [&](Hours time) -> Result<std::int64_t> {
      return TRY(db.one("SELECT COALESCE(SUM(posts), 0) FROM topic_facts WHERE workspace_id = $1 AND "
                        "topic_id = $2 AND "
                        "kind = 'post' AND hour >= $3 AND hour < $4",
                        {workspace_id, voice.id, time.from, time.to},
                        [](const store::Row& row) { return row.integer(0); }))
          .value_or(0);
    };
    voice.posts = TRY(sum(hours));
    voice.previous = TRY(sum(hours.before()));
  }
  std::stable_sort(voices.begin(), voices.end(),
                   [](const Voice& a, const Voice& b) { return a.posts > b.posts; });
  json::array list;
  for (const auto& voice : voices) {
    list.push_back(json::object{{"topic_id", to_string(voice.id)},
                                {"name", voice.name},
                                {"is_competitor", voice.is_competitor},
                                {"posts", voice.posts},
                                {"previous_posts", voice.previous}});
  }
  return list;
}

// % and _ mean something to LIKE; so does the escape.
std::string like_quoted(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '!') quoted += '!';
    quoted += c;
  }
  return quoted;
}

}  // namespace

Result<json::object> topic_report(store::Connection& db, Id workspace_id, Id topic_id, Hours hours) {
  struct Topic {
    std::string name;
    std::string themes;
  };
  const auto topic = TRY(db.one("SELECT name, themes FROM topics WHERE workspace_id = $1 AND id = $2",
                                {workspace_id, topic_id},
                                [](const store::Row& row) { return Topic{row.string(0), row.string(1)}; }));
  if (!topic) return not_found("There is no such topic.");
  json::object body;
  body["topic_id"] = to_string(topic_id);
  body["name"] = topic->name;
  body["from"] = to_rfc3339(hours.from * kHourMs);
  body["to"] = to_rfc3339(hours.to * kHourMs);
  auto now = TRY(volume(db, workspace_id, topic_id, hours));
  auto previous = TRY(volume(db, workspace_id, topic_id, hours.before()));
  body["posts"] = sum_of(now);
  body["previous_posts"] = sum_of(previous);
  body["volume"] = std::move(now);
  body["previous_volume"] = std::move(previous);
  body["share"] = TRY(share_of_voice(db, workspace_id, topic_id, hours));
  body["words"] = counts_json(TRY(top(db, workspace_id, topic_id, "word", hours)), "value");
  body["links"] = counts_json(TRY(top(db, workspace_id, topic_id, "link", hours)), "value");
  body["networks"] = counts_json(TRY(top(db, workspace_id, topic_id, "network", hours)), "value");
  body["authors"] = TRY(authors(db, workspace_id, topic_id, hours));
  std::map<std::string, std::int64_t> by_theme;
  for (const auto& count : TRY(top(db, workspace_id, topic_id, "theme", hours, 200)))
    by_theme[count.value] = count.posts;
  json::array themes;
  boost::system::error_code error;
  const auto stored = json::parse(topic->themes, error);
  if (!error && stored.is_array()) {
    for (const auto& theme : stored.get_array()) {
      const auto id = json::value_to<std::string>(theme.at("id"));
      themes.push_back(json::object{{"value", id}, {"name", theme.at("name")}, {"posts", by_theme[id]}});
    }
  }
  body["themes"] = std::move(themes);
  return body;
}

Result<std::vector<Behind>> posts_behind(store::Connection& db, const BehindQuery& query) {
  static const std::string kSelect =
      "SELECT t.hour, t.post_id, p.case_id, p.posted_at, p.network, COALESCE(i.name, ''), COALESCE(i.handle, "
      "''), p.text, "
      "p.marks, p.url, c.status FROM topic_posts t JOIN posts p ON p.workspace_id = t.workspace_id AND p.id "
      "= t.post_id "
      "JOIN cases c ON c.workspace_id = t.workspace_id AND c.id = p.case_id LEFT JOIN identities i ON "
      "i.workspace_id = "
      "t.workspace_id AND i.id = t.identity_id WHERE t.workspace_id = $1 AND t.topic_id = $2 AND t.hour >= "
      "$3 AND t.hour < "
      "$4 AND (t.hour, t.post_id) < ($5, $6) ";
  static const std::string kOrder = " ORDER BY t.hour DESC, t.post_id DESC LIMIT $7";
  static const std::string kAll = kSelect + kOrder;
  static const std::string kByNetwork = kSelect + "AND t.network = $8" + kOrder;
  static const std::string kByAuthor = kSelect + "AND t.identity_id = $8" + kOrder;
  static const std::string kByFact = kSelect + "AND t.facts LIKE $8 ESCAPE '!'" + kOrder;
  const auto before_hour = query.before_hour == 0 ? query.hours.to : query.before_hour;
  const auto before_post = query.before_hour == 0 ? INT64_MAX : query.before_post_id;
  const auto read = [](const store::Row& row) {
    return Behind{row.integer(0), row.integer(1), row.integer(2), row.integer(3),
                  row.string(4),  row.string(5),  row.string(6),  row.string(7),
                  row.string(8),  row.string(9),  row.string(10)};
  };
  const store::Param shared[] = {query.workspace_id, query.topic_id, query.hours.from, query.hours.to,
                                 before_hour,        before_post,    query.limit};
  if (query.kind.empty())
    return db.all(kAll, {shared[0], shared[1], shared[2], shared[3], shared[4], shared[5], shared[6]}, read);
  if (query.kind == "network") {
    return db.all(kByNetwork,
                  {shared[0], shared[1], shared[2], shared[3], shared[4], shared[5], shared[6], query.value},
                  read);
  }
  if (query.kind == "author") {
    const auto id = parse_id(query.value);
    if (!id) return invalid("expected an id", "value");
    return db.all(kByAuthor,
                  {shared[0], shared[1], shared[2], shared[3], shared[4], shared[5], shared[6], *id}, read);
  }
  if (query.kind != "word" && query.kind != "link" && query.kind != "theme")
    return invalid("is no such kind", "kind");
  // `facts` is our own JSON: "word":[…] holds each value as a JSON string, and the lists stand in this order.
  const auto value = json::serialize(json::value(query.value));
  const auto pattern = "%\"" + query.kind + "\":[%" + like_quoted(value) + "%";
  return db.all(kByFact,
                {shared[0], shared[1], shared[2], shared[3], shared[4], shared[5], shared[6], pattern}, read);
}

}  // namespace kiki::listening
