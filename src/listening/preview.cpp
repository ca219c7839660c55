#include "listening/preview.hpp"

#include <algorithm>
#include <limits>

#include "listening/engine/rule_set.hpp"
#include "listening/index_condition.hpp"
#include "listening/query/parse.hpp"
#include "listening/query/reference_evaluator.hpp"
#include "listening/topic_query.hpp"
#include "search/search_index.hpp"
#include "text/utf8.hpp"

namespace kiki::listening {
namespace {

constexpr int kPageRows = 400;
constexpr TimeMs kDayMs = 86'400'000;

bool asks_for_author(const query::Node& node) {
  if (node.kind == query::Kind::kFrom || node.kind == query::Kind::kFollowers) return true;
  return std::any_of(node.children.begin(), node.children.end(), asks_for_author);
}

// Leaves that catch a post by themselves: nothing else is asked for beside them.
void collect_alternatives(const query::Node& node, std::vector<const query::Node*>& leaves) {
  if (query::is_text_leaf(node.kind)) leaves.push_back(&node);
  if (node.kind != query::Kind::kOr) return;
  for (const auto& child : node.children) collect_alternatives(child, leaves);
}

Result<std::vector<query::Advice>> advice_of_posts(store::Connection& db, const Topic& topic, Id since_id,
                                                   const query::Query& query, const Preview& found) {
  const auto asked = query::parse(topic.query);
  if (!asked.query) return std::vector<query::Advice>();
  std::vector<const query::Node*> leaves;
  collect_alternatives(asked.query->root, leaves);
  engine::RuleSetBuilder builder;
  for (std::size_t i = 0; i < leaves.size(); ++i)
    builder.add(i, query::make_query(*leaves[i]), topic.folding);
  builder.add(leaves.size(), query, topic.folding);
  const auto set = builder.build();

  query::Seen seen;
  std::vector<std::size_t> posts_with(leaves.size() + 1);
  engine::Scratch scratch;
  std::vector<std::uint64_t> ids;
  for (const auto& post : TRY(read_posts_between(db, topic.workspace_id, since_id,
                                                 std::numeric_limits<Id>::max(), kPreviewSample, false))) {
    const auto view = post.seen();
    scratch.read(view, set->needs());
    set->match(scratch, ids);
    for (const auto id : ids) ++posts_with[id];
    ++seen.posts;
  }
  seen.matched = posts_with.back();
  if (seen.matched == 0 && (found.posts > 0 || !found.complete)) seen.matched = 1;  // among the older ones
  for (std::size_t i = 0; i < leaves.size(); ++i) seen.leaves.push_back({leaves[i]->source, posts_with[i]});
  auto advice = query::lint(*asked.query, topic.query, seen);
  std::erase_if(advice, [](const query::Advice& one) {
    return one.code != "matches_nothing" && one.code != "matches_much" && one.code != "common_word";
  });
  return advice;
}

Result<std::string> case_status(store::Connection& db, Id workspace_id, Id case_id) {
  return TRY(db.one("SELECT status FROM cases WHERE workspace_id = $1 AND id = $2", {workspace_id, case_id},
                    [](const store::Row& row) { return row.string(0); }))
      .value_or("");
}

}  // namespace

Result<Preview> preview(store::Connection& db, const Clock& clock, const Topic& topic) {
  Topic asked = topic;
  asked.enabled = true;
  const auto query = TRY(heard_query(asked));
  const auto set = build_topic_set({asked});
  const TopicFacts facts({asked});
  const bool with_author = asks_for_author(query.root) || asked.mutes.bots || !asked.mutes.authors.empty();
  const auto began = clock.now_ms();
  Preview result;
  result.since = began - kPreviewDays * kDayMs;
  const auto since_id = first_id_of(result.since);

  std::vector<Id> hits;
  const auto look = [&](const std::vector<StoredPost>& posts) {
    for (const auto& post : posts) {
      ++result.looked_at;
      if (!set->matches(post.seen())) continue;
      if (with_author && facts.mutes(asked.id, {post.author_id, post.handle, post.name, post.bio})) continue;
      ++result.posts;
      if (hits.size() < kPreviewShown) hits.push_back(post.id);
    }
  };
  const auto out_of_time = [&] { return clock.now_ms() - began > kPreviewBudgetMs; };

  std::int64_t candidates = 0;
  if (const auto condition = index_condition(query)) {
    const auto ids =
        TRY(search::find_posts(db, asked.workspace_id, *condition, since_id, kPreviewCandidates));
    candidates = static_cast<std::int64_t>(ids.size());
    std::size_t at = 0;
    while (at < ids.size() && !out_of_time()) {
      const auto count = std::min<std::size_t>(kPageRows, ids.size() - at);
      look(TRY(read_posts(db, asked.workspace_id, std::span(ids).subspan(at, count), with_author)));
      at += count;
    }
    result.complete = at == ids.size() && ids.size() < kPreviewCandidates;
  } else {
    Id before = std::numeric_limits<Id>::max();
    while (true) {
      const auto page =
          TRY(read_posts_between(db, asked.workspace_id, since_id, before, kPageRows, with_author));
      look(page);
      if (page.size() < kPageRows) break;
      before = page.back().id;
      if (out_of_time()) {
        result.complete = false;
        break;
      }
    }
    // Posts come at an even pace, near enough for "about": what was looked at reaches back this far.
    candidates = result.looked_at;
    if (!result.complete) {
      const auto reached = std::max<TimeMs>(began - time_of(before), 1);
      candidates =
          static_cast<std::int64_t>(static_cast<double>(result.looked_at) *
                                    static_cast<double>(began - result.since) / static_cast<double>(reached));
    }
  }
  result.estimate = result.posts;
  if (!result.complete && result.looked_at > 0) {
    result.estimate =
        static_cast<std::int64_t>(static_cast<double>(result.posts) * static_cast<double>(candidates) /
                                  static_cast<double>(result.looked_at));
  }
  for (auto& post : TRY(read_posts(db, asked.workspace_id, hits, true))) {
    PreviewedPost shown;
    const auto evaluation = query::evaluate(query, post.seen(), asked.folding);
    shown.marks = query::to_utf16(post.text, evaluation.marks);
    shown.case_status = TRY(case_status(db, asked.workspace_id, post.case_id));
    const auto topics = stored_ids(post.topic_ids);
    shown.is_new = std::find(topics.begin(), topics.end(), asked.id) == topics.end();
    shown.post = std::move(post);
    result.shown.push_back(std::move(shown));
  }
  result.advice = TRY(advice_of_posts(db, asked, since_id, query, result));
  return result;
}

Result<std::vector<Reason>> why(store::Connection& db, Id workspace_id, Id post_id,
                                const std::vector<Topic>& topics) {
  const Id ids[] = {post_id};
  const auto posts = TRY(read_posts(db, workspace_id, ids, true));
  if (posts.empty()) return not_found("There is no such post.");
  const auto& post = posts.front();
  const auto found_by = stored_ids(post.topic_ids);
  std::vector<Reason> reasons;
  for (const auto& topic : topics) {
    const bool found = std::find(found_by.begin(), found_by.end(), topic.id) != found_by.end();
    if (!found && (topic.archived_at || !topic.enabled)) continue;
    const auto query = query::parse(topic.query);
    if (!query.query) continue;
    const auto evaluation = query::evaluate(*query.query, post.seen(), topic.folding);
    if (!found && !evaluation.matches) continue;
    Reason reason{topic.id, topic.name, topic.query, evaluation.matches, {}};
    for (const auto& finding : evaluation.findings) {
      const auto utf16 = [&](std::size_t byte) {
        return static_cast<std::int32_t>(text::utf16_offset(topic.query, byte));
      };
      reason.terms.push_back({topic.query.substr(finding.leaf.begin, finding.leaf.end - finding.leaf.begin),
                              utf16(finding.leaf.begin), utf16(finding.leaf.end),
                              query::to_utf16(post.text, finding.ranges)});
    }
    reasons.push_back(std::move(reason));
  }
  return reasons;
}

}  // namespace kiki::listening
