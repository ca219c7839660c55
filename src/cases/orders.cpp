#include "cases/orders.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <functional>
#include <unordered_map>

#include "cases/case_rank.hpp"

namespace kiki::cases {

namespace {

constexpr std::int64_t kVersionsKept = 200;

// The top so far, in order; at most kPreviewedCases.
struct Top {
  struct One {
    TimeMs at = 0;
    Id id = 0;
    std::vector<RankReason> reasons;
  };
  std::vector<One> list;
  void add(One one) {
    const auto before = [](const One& a, const One& b) {
      return std::pair(a.at, a.id) < std::pair(b.at, b.id);
    };
    if (list.size() == kPreviewedCases && !before(one, list.back())) return;
    list.insert(std::upper_bound(list.begin(), list.end(), one, before), std::move(one));
    if (list.size() > kPreviewedCases) list.pop_back();
  }
  std::vector<Id> ids() const {
    std::vector<Id> ids;
    for (const auto& one : list) ids.push_back(one.id);
    return ids;
  }
};

}  // namespace

Result<void> rank_all(store::Connection& db, Id workspace_id, const Weights& weights, bool only_others,
                      const std::function<void(Ranked&&)>& f) {
  std::unordered_map<Id, std::vector<std::string>> groups;
  for (const auto& group : weights.groups) {
    TRY(db.query("SELECT person_id FROM person_groups WHERE workspace_id = $1 AND name = $2",
                 std::initializer_list<store::Param>{workspace_id, group.name},
                 [&](const store::Row& row) { groups[row.integer(0)].push_back(group.name); }));
  }
  const std::vector<std::string> none;
  for (const std::string_view status : {"open", "found"}) {
    TRY(db.query(
        "SELECT id, version, lane, rank_at, due_at, waiting_since, last_in_at, last_post_at, triage, "
        "priority, "
        "earlier_complaints, person_id FROM cases WHERE workspace_id = $1 AND status = $2 AND rank_at IS NOT "
        "NULL AND "
        "rank_order <> $3",
        std::initializer_list<store::Param>{workspace_id, status, only_others ? weights.version : -2},
        [&](const store::Row& row) {
          RankFacts facts;
          const auto waiting_since = row.maybe_integer(5);
          const auto last_in_at = row.maybe_integer(6);
          facts.from = waiting_since.value_or(row.integer(7));
          facts.due_at = row.maybe_integer(4);
          if (!row.text(8).empty()) facts.triage = parse_triage(row.text(8));
          facts.wrote_again = waiting_since && last_in_at && *last_in_at > *waiting_since;
          facts.priority = row.text(9);
          facts.complaints = row.integer(10);
          const auto found = groups.find(row.integer(11));
          facts.groups = found == groups.end() ? none : found->second;
          f({row.integer(0), row.integer(1), row.integer(2), row.integer(3), rank(facts, weights)});
        }));
  }
  return {};
}

Result<OrderPreview> Orders::preview(Id workspace_id, const Weights& weights) {
  auto reader = TRY(db_.reader());
  OrderPreview preview;
  Top before;
  Top after;
  TRY(rank_all(*reader, workspace_id, weights, false, [&](Ranked&& one) {
    if (one.lane != kDeskLane) return;
    ++preview.cases;
    if (one.now.at != one.at_before) ++preview.moved;
    before.add({one.at_before, one.id, {}});
    after.add({one.now.at, one.id, std::move(one.now.reasons)});
  }));
  preview.before = TRY(read_rows(*reader, workspace_id, before.ids()));
  preview.after = TRY(read_rows(*reader, workspace_id, after.ids()));
  for (auto& row : preview.after) {
    const auto one = std::ranges::find(after.list, row.id, &Top::One::id);
    row.rank_at = one->at;
    row.rank_why = to_text(one->reasons);
  }
  return preview;
}

Result<std::int64_t> Orders::save(Id workspace_id, Id actor_id, const Weights& weights) {
  const auto body = boost::json::serialize(to_json(weights));
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<std::int64_t> {
    const auto stored = TRY(tx.db().one("SELECT MAX(version) FROM case_orders WHERE workspace_id = $1",
                                        {workspace_id}, [](const store::Row& row) { return row.integer(0); }))
                            .value_or(0);
    if (stored != weights.version)
      return conflict("Somebody else has changed this since you opened it.", "changed");
    const auto version = stored + 1;
    const auto inserted = TRY(tx.db().run(
        "INSERT INTO case_orders (workspace_id, version, body, changed_at, changed_by) VALUES ($1, $2, "
        "$3, $4, $5) ON CONFLICT (workspace_id, version) DO NOTHING",
        {workspace_id, version, body, clock_.now_ms(), actor_id}));
    if (inserted == 0) return conflict("Somebody else has changed this since you opened it.", "changed");
    TRY(tx.db().run("DELETE FROM case_orders WHERE workspace_id = $1 AND version <= $2",
                    {workspace_id, version - kVersionsKept}));
    events::Event event;
    event.workspace_id = workspace_id;
    event.kind = "order.changed";
    event.actor_id = actor_id;
    event.data = R"({"version":)" + std::to_string(version) + "}";
    TRY(log_.append(tx, std::move(event)));
    return version;
  });
}

}  // namespace kiki::cases
