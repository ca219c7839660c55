#include "cases/case_rank.hpp"

#include <algorithm>
#include <list>
#include <mutex>
#include <unordered_map>

#include "cases/case_state.hpp"

namespace kiki::cases {

using model::CaseStatus;

namespace {

constexpr std::size_t kRememberedOrders = 500;
constexpr int kEarlierCasesLooked = 50;  // of one person

// Parsed weights by their text: a text means the same in every database.
class Memo {
 public:
  std::shared_ptr<const Weights> find(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(key);
    return found == known_.end() ? nullptr : found->second;
  }
  void keep(const std::string& key, std::shared_ptr<const Weights> weights) {
    const std::lock_guard lock(mutex_);
    if (!known_.emplace(key, std::move(weights)).second) return;
    order_.push_back(key);
    if (order_.size() <= kRememberedOrders) return;
    known_.erase(order_.front());
    order_.pop_front();
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const Weights>> known_;
  std::list<std::string> order_;
};

}  // namespace

Result<std::shared_ptr<const Weights>> read_weights(store::Connection& db, Id workspace_id) {
  static Memo memo;
  static const auto first = std::make_shared<const Weights>();
  const auto stored = TRY(
      db.one("SELECT version, body FROM case_orders WHERE workspace_id = $1 ORDER BY version DESC LIMIT 1",
             {workspace_id}, [](const store::Row& row) { return std::pair(row.integer(0), row.string(1)); }));
  if (!stored) return first;
  const auto key = std::to_string(stored->first) + '\n' + stored->second;
  if (auto known = memo.find(key)) return known;
  const auto document = TRY(JsonDocument::parse(stored->second));
  auto weights = TRY(parse_weights(document.root()));
  weights.version = stored->first;
  auto shared = std::make_shared<const Weights>(std::move(weights));
  memo.keep(key, shared);
  return std::shared_ptr<const Weights>(std::move(shared));
}

namespace {

// For one transaction: a workspace that puts nobody into groups is not asked for them with every case.
Result<std::shared_ptr<const Weights>> weights_for(store::Connection& db, Id workspace_id) {
  auto weights = TRY(read_weights(db, workspace_id));
  if (weights->groups.empty()) return weights;
  const auto any = TRY(db.one("SELECT 1 FROM person_groups WHERE workspace_id = $1 LIMIT 1", {workspace_id},
                              [](const store::Row&) { return true; }));
  if (any) return weights;
  auto without = std::make_shared<Weights>(*weights);
  without->groups.clear();
  return std::shared_ptr<const Weights>(std::move(without));
}

}  // namespace

Result<void> plan_rank(store::Connection& db, CaseState& state, WeightsMemo& memo, bool anew) {
  auto& rank = state.rank;
  std::optional<CaseTriage> triage;
  if (!state.triage.empty()) triage = parse_triage(state.triage);
  rank.lane = triage && is_purchase(*triage) ? kPurchaseLane : kDeskLane;
  const bool waits =
      state.status == CaseStatus::kOpen || (state.status == CaseStatus::kFound && rank.lane == kPurchaseLane);
  if (!waits) {
    rank.at.reset();
    return {};
  }
  auto& weights = memo[state.workspace_id];
  if (!weights) weights = TRY(weights_for(db, state.workspace_id));
  if (anew || !rank.at) {
    rank.complaints = TRY(db.one("SELECT COUNT(*) FROM (SELECT triage FROM cases WHERE workspace_id = $1 AND "
                                 "person_id = $2 AND "
                                 "id <> $3 ORDER BY last_post_at DESC LIMIT $4) AS earlier WHERE triage LIKE "
                                 "'{\"kind\":\"complaint\"%'",
                                 {state.workspace_id, state.person_id, state.id, kEarlierCasesLooked},
                                 [](const store::Row& row) { return row.integer(0); }))
                          .value_or(0);
    rank.complaints = std::min<std::int64_t>(rank.complaints, kComplaintsMost);
  }
  RankFacts facts;
  facts.from = state.waiting_since.value_or(state.last_post_at);
  facts.due_at = state.due_at;
  facts.triage = triage;
  facts.wrote_again = state.waiting_since && state.last_in_at && *state.last_in_at > *state.waiting_since;
  facts.complaints = rank.complaints;
  facts.priority = state.priority;
  if (!weights->groups.empty()) {
    facts.groups = TRY(db.all("SELECT name FROM person_groups WHERE workspace_id = $1 AND person_id = $2",
                              {state.workspace_id, state.person_id},
                              [](const store::Row& row) { return row.string(0); }));
  }
  const auto made = cases::rank(facts, *weights);
  rank.at = made.at;
  rank.why = to_text(made.reasons);
  rank.order = weights->version;
  return {};
}

}  // namespace kiki::cases
