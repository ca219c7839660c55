#include "cases/case_triage.hpp"

#include <gtest/gtest.h>

namespace kiki::cases {
namespace {

CaseTriage judged(std::string_view text) {
  return of_first(triage::rules().judge({.text = text, .to_us = true}));
}
void add(CaseTriage& to, std::string_view text) {
  add_post(to, triage::rules().judge({.text = text, .to_us = true}));
}

TEST(CaseTriage, KeepsTheWorstOfWhatWaits) {
  auto triage = judged("ケトルから煙が出ました。至急お願いします");
  EXPECT_TRUE(triage.danger);
  EXPECT_EQ(triage.kind, triage::Kind::kComplaint);
  const auto urgency = triage.urgency;
  add(triage, "型番はどこですか？");
  EXPECT_TRUE(triage.danger);
  EXPECT_EQ(triage.urgency, urgency);
  EXPECT_EQ(triage.kind, triage::Kind::kQuestion);
}

TEST(CaseTriage, ReadsWhatItWrote) {
  for (const auto* text : {"最悪。二重請求されています", "thank you, great service", "", "リプ不要です"}) {
    const auto triage = judged(text);
    EXPECT_EQ(parse_triage(to_text(triage)), triage) << text;
  }
}

TEST(CaseTriage, WhatCannotBeReadWasNeverJudged) {
  for (const auto* text : {"", "{", "[]", R"({"kind":7,"urgency":"x"})", R"({"urgency":99999})"}) {
    const auto triage = parse_triage(text);
    EXPECT_EQ(triage.kind, triage::Kind::kChatter);
    EXPECT_LE(triage.urgency, 3);
  }
}

}  // namespace
}  // namespace kiki::cases
