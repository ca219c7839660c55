#include <gtest/gtest.h>

#include <sstream>

#include "base/random.hpp"
#include "listening/rise/burst.hpp"
#include "listening/rise/detector.hpp"

namespace kiki::listening::rise {
namespace {

constexpr TimeMs kHourMs = 3'600'000;
constexpr TimeMs kStepMs = 600'000;
constexpr TimeMs kStartMs = 1'700'006'400'000;  // midnight

struct Course {
  Detector detector;
  TimeMs at_ms = kStartMs;
  int raised = 0;
  int ended = 0;
  Verdict last;
  void feed(double value, TimeMs for_ms = kStepMs) {
    for (const auto until_ms = at_ms + for_ms; at_ms < until_ms; at_ms += kStepMs) {
      last = detector.add(at_ms, value);
      raised += last.raised;
      ended += last.ended;
    }
  }
};

TEST(DetectorTest, AQuietTopicThatRisesIsToldOnceAndEnds) {
  Course course;
  course.feed(2, 3 * 24 * kHourMs);
  EXPECT_EQ(course.raised, 0);
  course.feed(12);
  EXPECT_TRUE(course.last.raised);
  EXPECT_NEAR(course.last.expected, 2, 0.2);
  EXPECT_GE(course.last.severity, 1);
  EXPECT_GE(course.last.score, 0.5);
  course.feed(14, kHourMs);
  EXPECT_EQ(course.raised, 1) << "a rise that lasts is one alarm";
  EXPECT_LT(course.last.score, 0.5) << "it was told already";
  EXPECT_TRUE(course.detector.lasting());
  course.feed(2, 3 * kHourMs);
  EXPECT_EQ(course.ended, 1);
  EXPECT_FALSE(course.detector.lasting());
  course.feed(12);
  EXPECT_EQ(course.raised, 1) << "no greater than what was told a moment ago";
  course.feed(200);
  EXPECT_EQ(course.raised, 2) << "much greater is news";
}

TEST(DetectorTest, SeverityGrowsWithTheDistance) {
  int before = 0;
  for (const double value : {12.0, 30.0, 100.0, 1'000.0}) {
    Course course;
    course.feed(2, 3 * 24 * kHourMs);
    course.feed(value);
    EXPECT_GT(course.last.severity, before) << value;
    before = course.last.severity;
  }
  EXPECT_EQ(before, 10);
  EXPECT_EQ(severity_of(4.9, 5), 0);
  EXPECT_EQ(severity_of(5, 5), 1);
  EXPECT_EQ(severity_of(10, 5), 4);
  EXPECT_EQ(severity_of(1e9, 5), 10);
}

TEST(DetectorTest, NothingIsRaisedBeforeADayWasSeenNorBelowTheLeastValue) {
  Course young;
  young.feed(0, 20 * kHourMs);
  young.feed(500);
  EXPECT_EQ(young.raised, 0);
  Course silent;
  silent.feed(0, 10 * 24 * kHourMs);
  silent.feed(4);
  EXPECT_EQ(silent.raised, 0);
  silent.feed(8);
  EXPECT_EQ(silent.raised, 1);
}

TEST(DetectorTest, WhatComesEveryDayIsUsualAfterAWhile) {
  Course course;
  for (int day = 0; day < 30; ++day) {
    course.feed(4, 12 * kHourMs);
    course.feed(40, kHourMs);  // the noon news
    course.feed(4, 11 * kHourMs);
    if (day == 20) course.raised = 0;
  }
  EXPECT_EQ(course.raised, 0) << "in the last nine days";
}

TEST(DetectorTest, AnOutlierDoesNotBlind) {
  Course course;
  course.feed(3, 5 * 24 * kHourMs);
  course.feed(5'000, kHourMs);
  course.feed(3, 40 * kHourMs);
  EXPECT_LT(course.detector.look(course.at_ms, 3).expected, 6);
  course.feed(60);
  EXPECT_GE(course.last.distance, 5);
}

TEST(DetectorTest, ChanceAloneRaisesNearlyNothing) {
  // 60 days of counts around 9 per ten minutes (a sum of 18 coins), and no alarm more often than once in ten
  // days.
  SeededRandom random(7);
  Course course;
  for (int i = 0; i < 60 * 144; ++i) {
    double value = 0;
    for (int coin = 0; coin < 18; ++coin) value += static_cast<double>(random.below(2));
    course.feed(value);
  }
  EXPECT_LE(course.raised, 6);
}

TEST(DetectorTest, LookingLearnsNothing) {
  Course a;
  a.feed(2, 2 * 24 * kHourMs);
  Course b = a;
  for (int i = 0; i < 1'000; ++i) (void)a.detector.look(a.at_ms, 900);
  EXPECT_EQ(a.detector.add(a.at_ms, 12).distance, b.detector.add(b.at_ms, 12).distance);
}

struct Ran {
  int status;
  std::string out, problems;
};
Ran run(const std::string& text) {
  std::istringstream in(text);
  std::ostringstream out, problems;
  const int status = burst(in, out, problems);
  return {status, out.str(), problems.str()};
}

TEST(BurstTest, AnswersEachLineWithItsOwnTimestamp) {
  const auto ran = run("timestamp,value\n2015-02-26 21:42:53,104\r\n2015-02-26T21:47:53Z, 100\n\n");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "timestamp,score,alarm\n2015-02-26 21:42:53,0.0000,0\n2015-02-26T21:47:53Z,0.0000,0\n");
  EXPECT_EQ(ran.problems, "");
  EXPECT_EQ(run("").out, "timestamp,score,alarm\n");
  EXPECT_EQ(run("\xEF\xBB\xBFtimestamp,value\n").status, 0);
}

TEST(BurstTest, ABadLineIsNamedAndTheRestGoesOn) {
  const auto ran =
      run("2015-02-26 21:42:53,1\nyesterday,2\n2015-02-26 21:43:53,many\n2015-02-26 21:44:53\n"
          "2015-02-26 21:40:00,5\n2015-02-26 21:45:53,-1\n2015-02-26 21:46:53,nan\n2015-02-26 21:47:53,3\n");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "timestamp,score,alarm\n2015-02-26 21:42:53,0.0000,0\n2015-02-26 21:47:53,0.0000,0\n");
  for (const int line : {2, 3, 4, 5, 6, 7})
    EXPECT_NE(ran.problems.find("line " + std::to_string(line) + ":"), std::string::npos) << ran.problems;
}

}  // namespace
}  // namespace kiki::listening::rise
