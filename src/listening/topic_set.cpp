// The set of all topics: every query held against the post, one after another.

#include <algorithm>

#include "base/log.hpp"
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

class PlainTopicSet final : public TopicSet {
 public:
  explicit PlainTopicSet(const std::vector<Topic>& topics) {
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
  }

  std::size_t topics() const override { return topics_.size(); }

  bool matches(const query::Post& post) const override {
    return std::any_of(topics_.begin(), topics_.end(),
                       [&](const Heard& heard) { return query::matches(heard.query, post, heard.folding); });
  }

  std::vector<Match> match(const query::Post& post) const override {
    std::vector<Match> found;
    for (const auto& heard : topics_) {
      const auto evaluation = query::evaluate(heard.query, post, heard.folding);
      if (!evaluation.matches) continue;
      found.push_back({heard.workspace_id, heard.topic_id, query::to_utf16(post.text, evaluation.marks)});
    }
    return found;
  }

 private:
  std::vector<Heard> topics_;
};

}  // namespace

std::shared_ptr<const TopicSet> build_topic_set(const std::vector<Topic>& topics) {
  return std::make_shared<PlainTopicSet>(topics);
}

}  // namespace kiki::listening
