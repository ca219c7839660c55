#include "cases/next_case.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "cases/case_rank.hpp"

namespace kiki::cases {

namespace {

constexpr int kLookedAtOnce = 50;
constexpr std::size_t kPassedLimit = 1'000;  // cases one person passes over; then the first comes again

struct Place {
  TimeMs rank_at = std::numeric_limits<TimeMs>::min();
  Id case_id = 0;
  std::int64_t posts = 0;

  bool operator<(const Place& other) const {
    return std::pair(rank_at, case_id) < std::pair(other.rank_at, other.case_id);
  }
};

Place read_place(const store::Row& row) {
  return {row.integer(0), row.integer(1), row.integer(2)};
}

// The lists that a person's next case comes from. A status is written out: so the index of free ones serves.
constexpr std::string_view kMine = "c.assignee_id = $2 AND c.status = 'open'";
constexpr std::string_view kFree = "c.assignee_id IS NULL AND $2 <> 0 AND c.status = 'open'";
constexpr std::string_view kFound = "c.assignee_id IS NULL AND $2 <> 0 AND c.status = 'found'";

std::string with(Id user_id) {
  return "c.assignee_id = " + to_string(user_id) + " AND $2 <> 0 AND c.status = 'open'";
}

// One of them, in order, some at a time.
class Waiting {
 public:
  Waiting(store::Connection& db, const NextQuery& query, std::string_view list)
      : db_(db),
        query_(query),
        sql_(
            "SELECT c.rank_at, c.id, c.post_count FROM cases c WHERE c.workspace_id = $1 AND " +
            std::string(list) +
            " AND c.lane = $3 AND c.rank_at IS NOT NULL AND (c.rank_at, c.id) > ($4, $5) ORDER BY c.rank_at, "
            "c.id LIMIT $6") {}

  // The place at the front; nothing at the end.
  Result<std::optional<Place>> front() {
    if (at_ == places_.size() && more_) {
      const auto after = places_.empty() ? Place() : places_.back();
      places_ =
          TRY(db_.all(sql_,
                      {query_.workspace_id, query_.user_id, query_.purchases ? kPurchaseLane : kDeskLane,
                       after.rank_at, after.case_id, kLookedAtOnce},
                      read_place));
      at_ = 0;
      more_ = places_.size() == static_cast<std::size_t>(kLookedAtOnce);
    }
    return at_ < places_.size() ? std::optional(places_[at_]) : std::nullopt;
  }
  void pass() { ++at_; }

 private:
  store::Connection& db_;
  const NextQuery& query_;
  const std::string sql_;
  std::vector<Place> places_;
  std::size_t at_ = 0;
  bool more_ = true;
};

}  // namespace

void NextCase::give_back(const NextQuery& query, std::optional<std::int64_t> posts, TimeMs now_ms) {
  const std::lock_guard lock(mutex_);
  std::erase_if(leases_, [&](const auto& lease) { return lease.second.until <= now_ms; });
  auto& passed = passed_[{query.workspace_id, query.user_id}];
  std::erase_if(passed, [&](const auto& one) { return one.second.until <= now_ms; });
  if (!query.leave || !posts) return;
  if (const auto held = leases_.find({query.workspace_id, *query.leave});
      held != leases_.end() && held->second.user_id == query.user_id)
    leases_.erase(held);
  if (passed.size() >= kPassedLimit)
    passed.erase(std::ranges::min_element(passed, {}, [](const auto& one) { return one.second.until; }));
  passed[*query.leave] = {now_ms + kPassedMs, *posts};
}

bool NextCase::hold(const NextQuery& query, Id case_id, std::int64_t posts, TimeMs now_ms) {
  if (std::ranges::find(query.busy, case_id) != query.busy.end()) return false;
  const std::lock_guard lock(mutex_);
  const auto& passed = passed_[{query.workspace_id, query.user_id}];
  if (const auto left = passed.find(case_id); left != passed.end() && left->second.posts >= posts)
    return false;
  auto& lease = leases_.try_emplace({query.workspace_id, case_id}, Lease{query.user_id, 0}).first->second;
  if (lease.user_id != query.user_id) return false;
  lease.until = now_ms + kLeaseMs;
  return true;
}

void NextCase::keep_only(const NextQuery& query, Id case_id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(leases_, [&](const auto& lease) {
    return lease.first.first == query.workspace_id && lease.first.second != case_id &&
           lease.second.user_id == query.user_id;
  });
}

Result<std::optional<CaseRow>> NextCase::take(const NextQuery& query) {
  const auto now_ms = clock_.now_ms();
  auto reader = TRY(db_.reader());
  std::optional<std::int64_t> left_posts;
  if (query.leave) {
    left_posts = TRY(reader->one("SELECT post_count FROM cases WHERE workspace_id = $1 AND id = $2",
                                 {query.workspace_id, *query.leave},
                                 [](const store::Row& row) { return row.integer(0); }));
  }
  give_back(query, left_posts, now_ms);
  std::vector<Waiting> lists;
  lists.emplace_back(*reader, query, kMine);
  lists.emplace_back(*reader, query, kFree);
  for (const Id user_id : query.away) lists.emplace_back(*reader, query, with(user_id));
  // Who wants to buy is answered before anybody addressed us.
  if (query.purchases) lists.emplace_back(*reader, query, kFound);
  while (true) {
    Waiting* first = nullptr;
    Place place;
    for (auto& list : lists) {
      const auto front = TRY(list.front());
      if (!front || (first != nullptr && place < *front)) continue;
      first = &list;
      place = *front;
    }
    if (first == nullptr) break;
    first->pass();
    if (!hold(query, place.case_id, place.posts, now_ms)) continue;
    // Whoever held it until a moment ago may have dealt with it meanwhile.
    auto row = TRY(read_row(*reader, query.workspace_id, place.case_id));
    const Id assignee = row.assignee_id.value_or(query.user_id);
    const bool here = std::ranges::find(query.away, assignee) == query.away.end();
    if (row.rank_at && (assignee == query.user_id || !here)) {
      keep_only(query, place.case_id);
      return std::optional(std::move(row));
    }
  }
  keep_only(query, 0);
  return std::optional<CaseRow>();
}

}  // namespace kiki::cases
