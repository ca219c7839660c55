#pragma once
// Listening topics, and which of them a text belongs to.
//
// For now a topic is a list of keywords and a list of excluded words. Whoever matches knows only
// TopicSet::match and Match: the query language of the next change replaces what stands behind them and
// nothing else.

#include <atomic>
#include <boost/json/fwd.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "events/event_log.hpp"
#include "model/mark.hpp"
#include "store/database.hpp"

namespace kiki::listening {

inline constexpr std::size_t kTopicsLimit = 500;      // per workspace
inline constexpr std::size_t kKeywordsLimit = 1'000;  // per topic and list
inline constexpr std::size_t kKeywordLimitBytes = 400;
inline constexpr std::size_t kTopicNameLimitBytes = 400;

struct Topic {
  Id workspace_id = 0;
  Id id = 0;
  std::string name;
  std::vector<std::string> keywords;
  std::vector<std::string> excluded;
  bool enabled = true;
  std::int64_t found_today = 0;  // posts in the last 24 hours
  TimeMs created_at = 0;
  TimeMs updated_at = 0;
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
  // Every topic of every workspace that wants the text, each once, by workspace and topic.
  virtual std::vector<Match> match(std::string_view text) const = 0;
  // The same without the marks.
  virtual bool matches(std::string_view text) const = 0;
  virtual std::size_t topics() const = 0;
};
// Topics that are not enabled are left out.
std::shared_ptr<const TopicSet> build_topic_set(const std::vector<Topic>& topics);

class Listening {
 public:
  Listening(store::Database& db, events::EventLog& log, IdGenerator& ids, const Clock& clock)
      : db_(db), log_(log), ids_(ids), clock_(clock), set_(build_topic_set({})) {}

  // Reads all topics of all workspaces and swaps the set. Call at start; the changes below do it by
  // themselves.
  Result<void> load();
  std::shared_ptr<const TopicSet> topic_set() const;

  struct Change {
    std::optional<std::string> name;
    std::optional<std::vector<std::string>> keywords;
    std::optional<std::vector<std::string>> excluded;
    std::optional<bool> enabled;
  };
  Result<std::vector<Topic>> list(Id workspace_id);
  Result<Topic> read(Id workspace_id, Id topic_id);
  Result<Topic> create(Id workspace_id, Id actor_id, const Change& values);  // name and keywords are required
  Result<Topic> change(Id workspace_id, Id topic_id, Id actor_id, const Change& values);
  Result<void> archive(Id workspace_id, Id topic_id, Id actor_id);

 private:
  store::Database& db_;
  events::EventLog& log_;
  IdGenerator& ids_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards set_; loads_ makes one load at a time
  std::mutex loads_;
  std::shared_ptr<const TopicSet> set_;
};

boost::json::object to_json(const Topic& topic);

}  // namespace kiki::listening
