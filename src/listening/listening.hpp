#pragma once
// Listening topics, and which of them a post belongs to.
//
// A topic is a query (query/query.hpp) with what is the same to it, what it mutes, and themes that divide
// what it found. Whoever matches knows only TopicSet and Match.

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "events/event_log.hpp"
#include "listening/query/post.hpp"
#include "listening/query/query.hpp"
#include "model/mark.hpp"
#include "store/database.hpp"
#include "text/search_fold.hpp"

namespace kiki::listening {

inline constexpr std::size_t kTopicsLimit = 500;      // per workspace
inline constexpr std::size_t kKeywordsLimit = 1'000;  // of a list of plain words
inline constexpr std::size_t kKeywordLimitBytes = 400;
inline constexpr std::size_t kTopicNameLimitBytes = 400;
inline constexpr std::size_t kQueryLimitBytes = 80'000;   // the language's own limit is 20,000 characters
inline constexpr std::size_t kThemesLimit = 50;           // per topic
inline constexpr std::size_t kMutedAuthorsLimit = 2'000;  // per topic
inline constexpr std::size_t kUnanchoredLimit =
    20;  // topics whose every post must be looked at, per workspace

// A part of a topic's posts. It catches nothing by itself.
struct Theme {
  std::string id;  // chosen here, for the counters
  std::string name;
  std::string query;
};

struct MutedAuthor {
  std::string id;      // of the network (DID …); empty when only the handle is known
  std::string handle;  // without @
};
struct Mutes {
  std::vector<MutedAuthor> authors;
  bool bots = false;
  bool giveaways = false;
};

struct Topic {
  Id workspace_id = 0;
  Id id = 0;
  std::string name;
  std::string query;
  text::SearchFold folding;
  std::vector<Theme> themes;
  Mutes mutes;
  bool is_competitor = false;  // for the share of voice: what only such topics find asks nobody to act
  bool enabled = true;
  std::int64_t found_today = 0;  // posts in the last 24 hours
  TimeMs created_at = 0;
  TimeMs updated_at = 0;
  std::optional<TimeMs> archived_at;
};

struct Match {
  Id workspace_id = 0;
  Id topic_id = 0;
  std::vector<model::Mark> marks;  // in the original text, ascending, not overlapping
};

// Immutable; shared by all threads and swapped as a whole, so that an edited topic is live in milliseconds.
class TopicSet {
 public:
  virtual ~TopicSet() = default;
  // Every topic of every workspace that wants the post, each once, by workspace and topic.
  virtual std::vector<Match> match(const query::Post& post) const = 0;
  // The same without the marks.
  virtual bool matches(const query::Post& post) const = 0;
  virtual std::size_t topics() const = 0;
  // Every topic as it is heard, with what it mutes.
  virtual void each_query(const std::function<void(Id workspace_id, const query::Query& query)>& f) const = 0;
};
// The set while people edit topics, each change without the others being read again. Its callers take turns.
class LiveTopicSet {
 public:
  LiveTopicSet();
  ~LiveTopicSet();
  void load(const std::vector<Topic>& all);
  void put(const Topic& topic);  // one that is not enabled is removed
  void remove(Id topic_id);
  std::shared_ptr<const TopicSet> set() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};
// Topics that are not enabled are left out.
std::shared_ptr<const TopicSet> build_topic_set(const std::vector<Topic>& topics);

// Who wrote a post, as far as muting asks.
struct Writer {
  std::string_view id;
  std::string_view handle;
  std::string_view name;
  std::string_view bio;
};

// What goes with the set: everything about live topics that is no matching. Immutable as well.
class TopicFacts {
 public:
  explicit TopicFacts(const std::vector<Topic>& topics);
  // The same with this topic as it is now, and without it.
  std::shared_ptr<const TopicFacts> with(const Topic& topic) const;
  std::shared_ptr<const TopicFacts> without(Id topic_id) const;
  bool mutes(Id topic_id, const Writer& writer) const;
  bool is_competitor(Id topic_id) const;
  // The ids of the themes a post of this topic belongs to.
  std::vector<std::string> themes(Id topic_id, const query::Post& post) const;

 private:
  struct Facts {
    Mutes mutes;
    bool is_competitor = false;
    text::SearchFold folding;
    std::vector<std::pair<std::string, query::Query>> themes;
  };
  void put(const Topic& topic);
  std::map<Id, std::shared_ptr<const Facts>> topics_;  // only those with something to say
};

class Listening {
 public:
  Listening(store::Database& db, events::EventLog& log, IdGenerator& ids, const Clock& clock)
      : db_(db),
        log_(log),
        ids_(ids),
        clock_(clock),
        set_(build_topic_set({})),
        facts_(std::make_shared<TopicFacts>(std::vector<Topic>())) {}

  // Reads all topics of all workspaces. Call at start; the changes below keep the set up to date by
  // themselves. Topics from before there were queries get theirs.
  Result<void> load();
  std::shared_ptr<const TopicSet> topic_set() const;
  std::shared_ptr<const TopicFacts> facts() const;

  struct Change {
    std::optional<std::string> name;
    std::optional<std::string> query;
    std::optional<text::SearchFold> folding;
    std::optional<std::vector<Theme>> themes;  // a theme without an id is a new one
    std::optional<Mutes> mutes;
    std::optional<bool> is_competitor;
    std::optional<bool> enabled;
  };
  // Either those that listen, or the archived ones.
  Result<std::vector<Topic>> list(Id workspace_id, bool archived = false);
  Result<Topic> read(Id workspace_id, Id topic_id);                          // archived ones too
  Result<Topic> create(Id workspace_id, Id actor_id, const Change& values);  // name and query are required
  Result<Topic> change(Id workspace_id, Id topic_id, Id actor_id, const Change& values);
  // It hears nothing more; what it found stays.
  Result<void> archive(Id workspace_id, Id topic_id, Id actor_id);
  Result<Topic> restore(Id workspace_id, Id topic_id, Id actor_id);

 private:
  // One topic as it stands in the store now.
  Result<void> load(Id topic_id);
  void swap(std::shared_ptr<const TopicFacts> facts);
  Result<void> write_missing_queries();
  Result<Change> check(const Change& change);

  store::Database& db_;
  events::EventLog& log_;
  IdGenerator& ids_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards set_ and facts_
  std::mutex loads_;          // one load at a time; guards live_
  LiveTopicSet live_;
  std::shared_ptr<const TopicSet> set_;
  std::shared_ptr<const TopicFacts> facts_;
};

boost::json::object to_json(const Topic& topic);
boost::json::object to_json(const text::SearchFold& folding);
// As the API and the store write them. `pointer` of the view names the place of an error.
Result<text::SearchFold> read_folding(JsonView value);
Result<Mutes> read_mutes(JsonView value);
Result<std::vector<Theme>> read_themes(JsonView value);

}  // namespace kiki::listening
