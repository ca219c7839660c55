#pragma once
// The order of the list: what is lost by waiting. A pure function of a case's facts and the workspace's
// weights, and of no clock: the time a case stands at changes only when its facts or the weights do, so a
// list sorted by it stays sorted while time goes by, and no case can be overtaken for ever.
//
//   rank_at = the promise's end - the minutes of every reason

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "cases/case_triage.hpp"

namespace kiki::cases {

inline constexpr std::int64_t kWeightMostMinutes = 7 * 24 * 60;
inline constexpr std::int64_t kWaitingMostPercent = 90;
inline constexpr std::size_t kGroupWeightsMost = 20;
inline constexpr std::size_t kGroupNameMostBytes = 200;
inline constexpr std::int64_t kNoPromiseMinutes = 720;  // what nothing is promised for stands as if this were
inline constexpr int kComplaintsMost = 3;               // of earlier cases; more say no more

struct GroupWeight {
  std::string name;
  std::int64_t minutes = 0;
  friend bool operator==(const GroupWeight&, const GroupWeight&) = default;
};

// By how many minutes earlier a case stands; below zero: later.
struct Weights {
  std::int64_t version = 0;  // 0: those every workspace starts with
  std::int64_t danger = 240;
  std::int64_t legal = 120;
  std::int64_t money = 60;
  std::int64_t urgency = 30;      // for each level, 1 to 3
  std::int64_t reach = 30;        // for each level, 1 to 3
  std::int64_t anger = 10;        // for each level of an angry feeling, 1 to 5
  std::int64_t wrote_again = 30;  // while waiting for us
  std::int64_t complaints = 20;   // for each earlier complaint, at most kComplaintsMost
  std::int64_t chatter = -60;     // wants nothing
  std::int64_t among_users = -60;
  std::int64_t low = -60;  // priorities
  std::int64_t high = 60;
  std::int64_t urgent = 240;
  // Of the time between the customer's post and the promise's end: 0 keeps the order of promises, more moves
  // towards the order of posts.
  std::int64_t waiting_percent = 10;
  std::vector<GroupWeight> groups = {{"VIP", 60}};
};
// kInvalid with the place of the fault. Missing members keep what every workspace starts with.
Result<Weights> parse_weights(JsonView document);
boost::json::object to_json(const Weights& weights);

struct RankFacts {
  TimeMs from = 0;               // since when the customer waits
  std::optional<TimeMs> due_at;  // the promise
  std::optional<CaseTriage> triage;
  bool wrote_again = false;
  std::int64_t complaints = 0;
  std::string_view priority = "normal";
  std::vector<std::string> groups;  // of the customer
};

struct RankReason {
  std::string key;  // a weight's name as above, or "group:NAME"
  std::int64_t minutes = 0;
  friend bool operator==(const RankReason&, const RankReason&) = default;
};
struct Rank {
  TimeMs at = 0;
  std::vector<RankReason> reasons;  // the weightiest first
};
Rank rank(const RankFacts& facts, const Weights& weights);

// For the column cases.rank_why and for the API, the same array.
std::string to_text(const std::vector<RankReason>& reasons);

// Interest in buying is a queue of its own, but for what may do harm.
inline bool is_purchase(const CaseTriage& triage) {
  return triage.kind == triage::Kind::kPurchase && !triage.danger && !triage.legal && !triage.money;
}

}  // namespace kiki::cases
