#include "cases/rank.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/random.hpp"

namespace kiki::cases {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr TimeMs kMinute = 60'000;
constexpr TimeMs kHour = 60 * kMinute;

Weights promises_alone() {
  Weights weights;
  weights.waiting_percent = 0;
  return weights;
}
RankFacts waits(TimeMs from, TimeMs promised) {
  RankFacts facts;
  facts.from = from;
  facts.due_at = from + promised;
  return facts;
}
CaseTriage complaint() {
  CaseTriage triage;
  triage.kind = triage::Kind::kComplaint;
  return triage;
}
Result<Weights> parsed(std::string_view text) {
  const auto document = JsonDocument::parse(text);
  return parse_weights(document->root());
}

TEST(Rank, WithoutReasonsACaseStandsWhereItsPromiseEnds) {
  const auto made = rank(waits(5 * kHour, kHour), promises_alone());
  EXPECT_EQ(made.at, 6 * kHour);
  EXPECT_THAT(made.reasons, IsEmpty());
  RankFacts nothing_promised;
  nothing_promised.from = 5 * kHour;
  EXPECT_EQ(rank(nothing_promised, promises_alone()).at, 17 * kHour);
}

TEST(Rank, EveryReasonHasItsMinutesAndTheWeightiestIsFirst) {
  auto facts = waits(100 * kHour, kHour);
  auto triage = complaint();
  triage.danger = true;
  triage.urgency = 2;
  triage.reach = 1;
  triage.feeling = -3;
  facts.triage = triage;
  facts.wrote_again = true;
  facts.complaints = 9;
  facts.priority = "high";
  facts.groups = {"VIP", "press"};
  Weights weights;
  weights.groups.push_back({"press", -5});
  const auto made = rank(facts, weights);
  std::vector<std::pair<std::string, std::int64_t>> told;
  std::int64_t minutes = 0;
  for (const auto& reason : made.reasons) {
    told.emplace_back(reason.key, reason.minutes);
    minutes += reason.minutes;
  }
  using P = std::pair<std::string, std::int64_t>;
  EXPECT_THAT(told, ElementsAre(P("danger", 240), P("urgency", 60), P("complaints", 60), P("high", 60),
                                P("group:VIP", 60), P("reach", 30), P("anger", 30), P("wrote_again", 30),
                                P("waiting", 6), P("group:press", -5)));
  // What is said is what was counted.
  EXPECT_EQ(made.at, *facts.due_at - minutes * kMinute);
}

TEST(Rank, DelightIsNoReasonAndAnUnjudgedCaseIsNoChatter) {
  auto facts = waits(0, kHour);
  EXPECT_THAT(rank(facts, promises_alone()).reasons, IsEmpty());
  auto triage = complaint();
  triage.kind = triage::Kind::kPraise;
  triage.feeling = 5;
  facts.triage = triage;
  EXPECT_THAT(rank(facts, promises_alone()).reasons, IsEmpty());
  facts.triage->kind = triage::Kind::kNoise;
  EXPECT_THAT(rank(facts, promises_alone()).reasons, ElementsAre(RankReason{"chatter", -60}));
}

TEST(Rank, TheMoreWaitingCountsTheLessThePromise) {
  // Came first, promised for later.
  auto patient = waits(0, 10 * kHour);
  auto late = waits(2 * kHour, kHour);
  auto weights = promises_alone();
  EXPECT_GT(rank(patient, weights).at, rank(late, weights).at);
  weights.waiting_percent = 90;
  EXPECT_LT(rank(patient, weights).at, rank(late, weights).at);
}

// Whatever the weights: who came early enough is on top at last, so nobody waits for ever.
TEST(Rank, NobodyIsOvertakenForEver) {
  SeededRandom random(7);
  const auto any = [&](std::int64_t most) {
    return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most)));
  };
  const auto weight = [&] { return any(2 * kWeightMostMinutes + 1) - kWeightMostMinutes; };
  for (int round = 0; round < 2'000; ++round) {
    Weights weights;
    for (auto* minutes : {&weights.danger, &weights.legal, &weights.money, &weights.urgency, &weights.reach,
                          &weights.anger, &weights.wrote_again, &weights.complaints, &weights.chatter,
                          &weights.among_users, &weights.low, &weights.high, &weights.urgent})
      *minutes = weight();
    weights.waiting_percent = any(kWaitingMostPercent + 1);
    weights.groups = {{"VIP", weight()}};
    const auto some = [&](TimeMs from) {
      auto facts = waits(from, any(48) * kHour);
      CaseTriage triage;
      triage.kind = triage::kAllKinds[any(7)];
      triage.feeling = static_cast<int>(any(11)) - 5;
      triage.urgency = static_cast<int>(any(4));
      triage.reach = static_cast<int>(any(4));
      triage.danger = any(2) == 1;
      triage.legal = any(2) == 1;
      triage.money = any(2) == 1;
      triage.among_users = any(2) == 1;
      facts.triage = triage;
      facts.wrote_again = any(2) == 1;
      facts.complaints = any(5);
      facts.priority = any(2) == 1 ? "urgent" : "low";
      if (any(2) == 1) facts.groups = {"VIP"};
      return facts;
    };
    const auto first = some(0);
    const auto made = rank(first, weights);
    // Every reason at its worst, both ways: 19 levels of at most a week each, and two days of promise.
    const auto much_later = some(2 * 19 * kWeightMostMinutes * kMinute + 4 * 24 * kHour);
    EXPECT_LT(made.at, rank(much_later, weights).at);
    // And a pure function says the same again.
    EXPECT_EQ(rank(first, weights).at, made.at);
  }
}

TEST(Rank, WeightsAreReadAndWritten) {
  const auto first = parsed("{}").value();
  EXPECT_EQ(to_json(first), to_json(Weights()));
  const auto own =
      parsed(R"({"danger":15,"waiting_percent":0,"groups":[{"name":"常連","minutes":-7}]})").value();
  EXPECT_EQ(own.danger, 15);
  EXPECT_EQ(own.legal, Weights().legal);
  EXPECT_EQ(own.groups, (std::vector<GroupWeight>{{"常連", -7}}));
  EXPECT_EQ(to_json(parsed(boost::json::serialize(to_json(own))).value()), to_json(own));
  const auto where = [](std::string_view text) { return parsed(text).error().where; };
  EXPECT_EQ(where(R"({"danger":10081})"), "/danger");
  EXPECT_EQ(where(R"({"legal":"much"})"), "/legal");
  EXPECT_EQ(where(R"({"waiting_percent":91})"), "/waiting_percent");
  EXPECT_EQ(where(R"({"groups":[{"name":"","minutes":1}]})"), "/groups/0/name");
  EXPECT_EQ(where(R"({"groups":[{"name":"a","minutes":1},{"name":"a","minutes":2}]})"), "/groups/1/name");
}

TEST(Rank, WhoWantsToBuyStandsApartUnlessHarmIsFeared) {
  CaseTriage triage;
  triage.kind = triage::Kind::kPurchase;
  EXPECT_TRUE(is_purchase(triage));
  triage.money = true;
  EXPECT_FALSE(is_purchase(triage));
}

}  // namespace
}  // namespace kiki::cases
