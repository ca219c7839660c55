// The set of all topics: the engine says which of them want a post, and only those are evaluated for what to mark.

#include <algorithm>

#include "base/log.hpp"
#include "listening/engine/rule_set.hpp"
#include "listening/listening.hpp"
#include "listening/query/reference_evaluator.hpp"
#include "listening/topic_query.hpp"

namespace kiki::listening {
namespace {

struct Heard {
  Id workspace_id = 0;
  Id topic_id = 0;
  query::Query query;
  text::SearchFold folding;
};

// One a thread, so that matching allocates nothing.
engine::Scratch& scratch() {
  thread_local engine::Scratch instance;
  return instance;
}

class EngineTopicSet final : public TopicSet {
 public:
  explicit EngineTopicSet(const std::vector<Topic>& topics) {
    for (const auto& topic : topics) {
      if (!topic.enabled) continue;
      auto query = heard_query(topic);
      if (query.ok()) {
        topics_.push_back({topic.workspace_id, topic.id, std::move(*query), topic.folding});
      } else {
        log::error("a topic's query cannot be read; it hears nothing", query.error(),
                   {{"topic_id", topic.id}});
      }
    }
    std::sort(topics_.begin(), topics_.end(), [](const Heard& a, const Heard& b) {
      return std::pair(a.workspace_id, a.topic_id) < std::pair(b.workspace_id, b.topic_id);
    });
    engine::RuleSetBuilder builder;
    for (std::size_t i = 0; i < topics_.size(); ++i) builder.add(i, topics_[i].query, topics_[i].folding);
    rules_ = builder.build();
  }

  std::size_t topics() const override { return topics_.size(); }

  bool matches(const query::Post& post) const override {
    if (topics_.empty()) return false;
    scratch().read(post, rules_->needs());
    return rules_->matches_any(scratch());
  }

  std::vector<Match> match(const query::Post& post) const override {
    std::vector<Match> found;
    if (topics_.empty()) return found;
    std::vector<std::uint64_t> wanted;
    scratch().read(post, rules_->needs());
    rules_->match(scratch(), wanted);
    found.reserve(wanted.size());
    for (const auto index : wanted) {
      const auto& heard = topics_[index];
      const auto marks = query::evaluate(heard.query, post, heard.folding).marks;
      found.push_back({heard.workspace_id, heard.topic_id, query::to_utf16(post.text, marks)});
    }
    return found;
  }

 private:
  std::vector<Heard> topics_;  // a rule's id is its place here
  std::shared_ptr<const engine::RuleSet> rules_;
};

}  // namespace

std::shared_ptr<const TopicSet> build_topic_set(const std::vector<Topic>& topics) {
  return std::make_shared<EngineTopicSet>(topics);
}

}  // namespace kiki::listening
