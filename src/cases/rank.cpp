#include "cases/rank.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>

#include "base/json.hpp"

namespace kiki::cases {

namespace {

constexpr TimeMs kMinuteMs = 60'000;

struct Member {
  const char* name;
  std::int64_t Weights::* minutes;
};
constexpr Member kMembers[] = {{"danger", &Weights::danger},
                               {"legal", &Weights::legal},
                               {"money", &Weights::money},
                               {"urgency", &Weights::urgency},
                               {"reach", &Weights::reach},
                               {"anger", &Weights::anger},
                               {"wrote_again", &Weights::wrote_again},
                               {"complaints", &Weights::complaints},
                               {"chatter", &Weights::chatter},
                               {"among_users", &Weights::among_users},
                               {"low", &Weights::low},
                               {"high", &Weights::high},
                               {"urgent", &Weights::urgent}};

Result<std::int64_t> number_in(JsonView value, std::int64_t least, std::int64_t most) {
  const auto number = TRY(value.integer());
  if (number < least || number > most)
    return invalid("must be between " + std::to_string(least) + " and " + std::to_string(most),
                   value.pointer());
  return number;
}

}  // namespace

Result<Weights> parse_weights(JsonView document) {
  Weights weights;
  for (const auto& member : kMembers) {
    const auto value = document[member.name];
    if (value.exists())
      weights.*member.minutes = TRY(number_in(value, -kWeightMostMinutes, kWeightMostMinutes));
  }
  if (const auto value = document["waiting_percent"]; value.exists())
    weights.waiting_percent = TRY(number_in(value, 0, kWaitingMostPercent));
  const auto groups = document["groups"];
  if (!groups.exists()) return weights;
  if (!groups.is_array()) return invalid("expected an array", groups.pointer());
  if (groups.size() > kGroupWeightsMost) return invalid("is too long", groups.pointer());
  weights.groups.clear();
  TRY(groups.each([&](JsonView item) -> Result<void> {
    GroupWeight group{TRY(item["name"].string(kGroupNameMostBytes)),
                      TRY(number_in(item["minutes"], -kWeightMostMinutes, kWeightMostMinutes))};
    if (group.name.empty()) return invalid("must not be empty", item["name"].pointer());
    const auto same = [&](const GroupWeight& other) { return other.name == group.name; };
    if (std::ranges::any_of(weights.groups, same))
      return invalid("stands here twice", item["name"].pointer());
    weights.groups.push_back(std::move(group));
    return {};
  }));
  return weights;
}

boost::json::object to_json(const Weights& weights) {
  boost::json::object body;
  for (const auto& member : kMembers) body[member.name] = weights.*member.minutes;
  body["waiting_percent"] = weights.waiting_percent;
  boost::json::array groups;
  for (const auto& group : weights.groups)
    groups.push_back({{"name", group.name}, {"minutes", group.minutes}});
  body["groups"] = std::move(groups);
  return body;
}

Rank rank(const RankFacts& facts, const Weights& weights) {
  Rank rank;
  rank.at = facts.due_at.value_or(facts.from + kNoPromiseMinutes * kMinuteMs);
  const auto promised_ms = std::max<TimeMs>(rank.at - facts.from, 0);
  std::int64_t minutes = 0;
  const auto add = [&](std::string key, std::int64_t by) {
    if (by == 0) return;
    minutes += by;
    rank.reasons.push_back({std::move(key), by});
  };
  if (facts.triage) {
    const auto& triage = *facts.triage;
    if (triage.danger) add("danger", weights.danger);
    if (triage.legal) add("legal", weights.legal);
    if (triage.money) add("money", weights.money);
    add("urgency", triage.urgency * weights.urgency);
    add("reach", triage.reach * weights.reach);
    if (triage.feeling < 0) add("anger", -triage.feeling * weights.anger);
    if (triage.kind == triage::Kind::kChatter || triage.kind == triage::Kind::kNoise)
      add("chatter", weights.chatter);
    if (triage.among_users) add("among_users", weights.among_users);
  }
  if (facts.wrote_again) add("wrote_again", weights.wrote_again);
  add("complaints", std::clamp<std::int64_t>(facts.complaints, 0, kComplaintsMost) * weights.complaints);
  if (facts.priority == "low") add("low", weights.low);
  if (facts.priority == "high") add("high", weights.high);
  if (facts.priority == "urgent") add("urgent", weights.urgent);
  for (const auto& group : weights.groups) {
    if (std::ranges::find(facts.groups, group.name) != facts.groups.end())
      add("group:" + group.name, group.minutes);
  }
  add("waiting", promised_ms / kMinuteMs * weights.waiting_percent / 100);
  std::ranges::stable_sort(rank.reasons, std::greater<>(),
                           [](const RankReason& reason) { return std::abs(reason.minutes); });
  rank.at -= minutes * kMinuteMs;
  return rank;
}

std::string to_text(const std::vector<RankReason>& reasons) {
  boost::json::array list;
  for (const auto& reason : reasons) list.push_back({{"key", reason.key}, {"minutes", reason.minutes}});
  return boost::json::serialize(list);
}

}  // namespace kiki::cases
