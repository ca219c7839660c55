// The set of all topics: the engine says which of them want a post, and only those are evaluated for what to
// mark.

#include <algorithm>

#include "base/check.hpp"
#include "base/log.hpp"
#include "listening/engine/live_set.hpp"
#include "listening/listening.hpp"
#include "listening/query/reference_evaluator.hpp"
#include "listening/topic_query.hpp"

namespace kiki::listening {
namespace {

struct Heard {
  Id workspace_id = 0;
  std::shared_ptr<const query::Query> query;
  text::SearchFold folding;
};

// One a thread, so that matching allocates nothing.
engine::Scratch& scratch() {
  thread_local engine::Scratch instance;
  return instance;
}

// A topic's id is its rule's.
using Topics = std::vector<std::pair<Id, std::shared_ptr<const Heard>>>;  // by id

class EngineTopicSet final : public TopicSet {
 public:
  EngineTopicSet(std::shared_ptr<const Topics> topics, std::shared_ptr<const engine::LayeredSet> rules)
      : topics_(std::move(topics)), rules_(std::move(rules)) {}

  std::size_t topics() const override { return topics_->size(); }

  void each_query(const std::function<void(Id workspace_id, const query::Query& query)>& f) const override {
    for (const auto& [id, topic] : *topics_) f(topic->workspace_id, *topic->query);
  }

  bool matches(const query::Post& post) const override {
    return !topics_->empty() && rules_->matches_any(post, scratch());
  }

  std::vector<Match> match(const query::Post& post) const override {
    std::vector<Match> found;
    if (topics_->empty()) return found;
    std::vector<std::uint64_t> wanted;
    rules_->match(post, scratch(), wanted);
    found.reserve(wanted.size());
    for (const auto id : wanted) {
      const auto topic = place_of(*topics_, static_cast<Id>(id));
      CHECK(topic != topics_->end() && topic->first == static_cast<Id>(id));
      const auto& heard = *topic->second;
      const auto marks = query::evaluate(*heard.query, post, heard.folding).marks;
      found.push_back({heard.workspace_id, topic->first, query::to_utf16(post.text, marks)});
    }
    std::sort(found.begin(), found.end(), [](const Match& a, const Match& b) {
      return std::pair(a.workspace_id, a.topic_id) < std::pair(b.workspace_id, b.topic_id);
    });
    return found;
  }

  static Topics::const_iterator place_of(const Topics& topics, Id id) {
    return std::lower_bound(topics.begin(), topics.end(), id,
                            [](const auto& one, Id wanted) { return one.first < wanted; });
  }

 private:
  std::shared_ptr<const Topics> topics_;
  std::shared_ptr<const engine::LayeredSet> rules_;
};

// Nothing, with a line in the log, for a query that cannot be read.
std::shared_ptr<const Heard> heard(const Topic& topic) {
  auto query = heard_query(topic);
  if (!query.ok()) {
    log::error("a topic's query cannot be read; it hears nothing", query.error(), {{"topic_id", topic.id}});
    return nullptr;
  }
  return std::make_shared<Heard>(
      Heard{topic.workspace_id, std::make_shared<query::Query>(std::move(*query)), topic.folding});
}

}  // namespace

struct LiveTopicSet::State {
  std::shared_ptr<const Topics> topics = std::make_shared<Topics>();
  engine::LiveSet rules;
};

LiveTopicSet::LiveTopicSet() : state_(std::make_unique<State>()) {}
LiveTopicSet::~LiveTopicSet() = default;

void LiveTopicSet::load(const std::vector<Topic>& all) {
  Topics topics;
  std::vector<engine::LiveSet::Change> changes;
  for (const auto& topic : all) {
    if (!topic.enabled) continue;
    auto one = heard(topic);
    if (!one) continue;
    changes.push_back({static_cast<std::uint64_t>(topic.id), one->query, one->folding});
    topics.emplace_back(topic.id, std::move(one));
  }
  std::sort(topics.begin(), topics.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  state_->rules.load(changes);
  state_->topics = std::make_shared<Topics>(std::move(topics));
}

void LiveTopicSet::put(const Topic& topic) {
  auto one = topic.enabled ? heard(topic) : nullptr;
  if (!one) return remove(topic.id);
  auto topics = *state_->topics;
  const auto at = topics.begin() + (EngineTopicSet::place_of(topics, topic.id) - topics.cbegin());
  state_->rules.put({static_cast<std::uint64_t>(topic.id), one->query, one->folding});
  if (at != topics.end() && at->first == topic.id) {
    at->second = std::move(one);
  } else {
    topics.emplace(at, topic.id, std::move(one));
  }
  state_->topics = std::make_shared<Topics>(std::move(topics));
}

void LiveTopicSet::remove(Id topic_id) {
  auto topics = *state_->topics;
  std::erase_if(topics, [&](const auto& one) { return one.first == topic_id; });
  state_->rules.remove(static_cast<std::uint64_t>(topic_id));
  state_->topics = std::make_shared<Topics>(std::move(topics));
}

std::shared_ptr<const TopicSet> LiveTopicSet::set() const {
  return std::make_shared<EngineTopicSet>(state_->topics, state_->rules.set());
}

std::shared_ptr<const TopicSet> build_topic_set(const std::vector<Topic>& topics) {
  LiveTopicSet live;
  live.load(topics);
  return live.set();
}

}  // namespace kiki::listening
