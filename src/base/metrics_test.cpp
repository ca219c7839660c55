#include "base/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace kiki {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, RendersPrometheusText) {
  Metrics metrics;
  metrics.counter("posts_total", "Posts taken in.", {{"network", "bluesky"}}).add();
  metrics.counter("posts_total", "Posts taken in.", {{"network", "bluesky"}}).add(2);
  metrics.counter("posts_total", "Posts taken in.", {{"network", "open"}}).add();
  metrics.gauge("queue_items", "Waiting.").set(7);
  const double bounds[] = {0.1, 1};
  Histogram seconds = metrics.histogram("answer_seconds", "Time to answer.", bounds, {{"route", "/x"}});
  seconds.observe(0.05);
  seconds.observe(0.5);
  seconds.observe(5);
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("# HELP posts_total Posts taken in.\n# TYPE posts_total counter\n"));
  EXPECT_THAT(text, HasSubstr("posts_total{network=\"bluesky\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("posts_total{network=\"open\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("queue_items 7\n"));
  EXPECT_THAT(text, HasSubstr("answer_seconds_bucket{route=\"/x\",le=\"0.1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("answer_seconds_bucket{route=\"/x\",le=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("answer_seconds_bucket{route=\"/x\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("answer_seconds_count{route=\"/x\"} 3\n"));
}

TEST(Metrics, EscapesLabelValues) {
  Metrics metrics;
  metrics.counter("a_total", "A.", {{"x", "say \"hi\"\\\n"}}).add();
  EXPECT_THAT(metrics.render(), HasSubstr(R"(a_total{x="say \"hi\"\\\n"} 1)"));
}

TEST(Metrics, LimitsTheSeriesOfAName) {
  Metrics metrics;
  for (std::size_t i = 0; i < Metrics::kMaxSeriesPerName + 10; ++i) {
    metrics.counter("many_total", "Many.", {{"n", std::to_string(i)}}).add();
  }
  EXPECT_THAT(metrics.render(), HasSubstr("many_total{n=\"other\"} 10\n"));
  EXPECT_THAT(metrics.render(), Not(HasSubstr("n=\"505\"")));
}

TEST(Metrics, AnEmptyHandleCountsNothing) {
  Counter counter;
  counter.add();
  EXPECT_EQ(counter.value(), 0);
  Gauge().set(1);
  Histogram().observe(1);
}

TEST(Metrics, CountsOverThreads) {
  Metrics metrics;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 1000; ++k) metrics.counter("n_total", "N.").add();
    });
  }
  threads.clear();
  EXPECT_EQ(metrics.counter("n_total", "N.").value(), 4000);
}

TEST(MetricsDeathTest, ANameHasOneType) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Metrics metrics;
  metrics.counter("x_total", "X.").add();
  EXPECT_DEATH(metrics.gauge("x_total", "X."), "CHECK failed");
  EXPECT_DEATH(metrics.gauge("no name", "X."), "CHECK failed");
}

}  // namespace
}  // namespace kiki
