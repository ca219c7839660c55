#pragma once
// Counters, gauges and histograms with labels, rendered in Prometheus' text format for /metrics.
// prometheus-cpp's core is behind it; only metrics.cpp includes it.
//
//   Counter posts = metrics.counter("kikimimi_posts_total", "Posts taken in.", {{"network", "bluesky"}});
//   posts.add();
//
// Names and labels follow Prometheus' rules (units last: _seconds, _bytes; counters end in _total). Labels
// are for few values: never an id, a URL, or text of people. Handles are cheap to copy and live as long as
// the Metrics.

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace kiki {

using MetricLabels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// Upper bounds in seconds for spans between a millisecond and ten seconds.
inline constexpr double kSecondsBuckets[] = {.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};

// A handle made without a Metrics counts nothing: stages need no test double.
class Counter {
 public:
  Counter() = default;
  void add(double by = 1);  // by >= 0
  double value() const;

 private:
  friend class Metrics;
  void* counter_ = nullptr;
};

class Gauge {
 public:
  Gauge() = default;
  void set(double value);
  void add(double by);  // may be negative
  double value() const;

 private:
  friend class Metrics;
  void* gauge_ = nullptr;
};

class Histogram {
 public:
  Histogram() = default;
  void observe(double value);

 private:
  friend class Metrics;
  void* histogram_ = nullptr;
};

class Metrics {  // thread-safe
 public:
  // More label sets than this under one name all count into one series whose label values are "other".
  static constexpr std::size_t kMaxSeriesPerName = 500;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The same name and labels give the same series. A name that is used for two types, or breaks Prometheus'
  // rules, is our own mistake and ends the program.
  Counter counter(std::string_view name, std::string_view help, MetricLabels labels = {});
  Gauge gauge(std::string_view name, std::string_view help, MetricLabels labels = {});
  // `bounds` are the upper bounds of the buckets, ascending; the first call of a name decides them.
  Histogram histogram(std::string_view name, std::string_view help,
                      std::span<const double> bounds = kSecondsBuckets, MetricLabels labels = {});

  // Prometheus' text format 0.0.4 ("text/plain; version=0.0.4; charset=utf-8").
  std::string render() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiki
