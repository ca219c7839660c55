// prometheus-cpp throws on a bad name and on a name used for two types; both are our own mistakes, so that
// they end in CHECK here. Its families already are thread-safe; the mutex guards our own list of them.

#include "base/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "base/check.hpp"

namespace kiki {

struct Metrics::Impl {
  struct Name {
    void* family = nullptr;
    char type = ' ';
    std::vector<double> bounds;
    std::set<prometheus::Labels> seen;
  };
  mutable std::mutex mutex;
  prometheus::Registry registry;
  std::map<std::string, Name, std::less<>> names;

  // Finds or registers the family, and counts its label sets.
  template <class Builder, class Family>
  std::pair<Name*, prometheus::Labels> enter(std::string_view name, std::string_view help, char type,
                                             MetricLabels given, Builder builder, Family*) {
    auto found = names.find(name);
    if (found == names.end()) {
      found = names.emplace(std::string(name), Name{}).first;
      Family& family = builder().Name(std::string(name)).Help(std::string(help)).Register(registry);
      found->second.family = &family;
      found->second.type = type;
    }
    Name& entry = found->second;
    CHECK(entry.type == type);
    prometheus::Labels labels;
    for (const auto& [key, value] : given) labels.emplace(key, value);
    if (!entry.seen.contains(labels)) {
      if (entry.seen.size() >= kMaxSeriesPerName) {
        for (auto& [key, value] : labels) value = "other";
      } else {
        entry.seen.insert(labels);
      }
    }
    return {&entry, std::move(labels)};
  }
};

namespace {

template <class F>
auto or_check(F f) -> decltype(f()) {
  try {
    return f();
  } catch (const std::exception& fault) {
    check_failed(fault.what(), __FILE__, __LINE__);
  }
}

}  // namespace

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(std::string_view name, std::string_view help, MetricLabels labels) {
  const std::lock_guard lock(impl_->mutex);
  return or_check([&] {
    using Family = prometheus::Family<prometheus::Counter>;
    auto [entry, all] =
        impl_->enter(name, help, 'c', labels, prometheus::BuildCounter, static_cast<Family*>(nullptr));
    Counter handle;
    handle.counter_ = &static_cast<Family*>(entry->family)->Add(all);
    return handle;
  });
}

Gauge Metrics::gauge(std::string_view name, std::string_view help, MetricLabels labels) {
  const std::lock_guard lock(impl_->mutex);
  return or_check([&] {
    using Family = prometheus::Family<prometheus::Gauge>;
    auto [entry, all] =
        impl_->enter(name, help, 'g', labels, prometheus::BuildGauge, static_cast<Family*>(nullptr));
    Gauge handle;
    handle.gauge_ = &static_cast<Family*>(entry->family)->Add(all);
    return handle;
  });
}

Histogram Metrics::histogram(std::string_view name, std::string_view help, std::span<const double> bounds,
                             MetricLabels labels) {
  const std::lock_guard lock(impl_->mutex);
  return or_check([&] {
    using Family = prometheus::Family<prometheus::Histogram>;
    auto [entry, all] =
        impl_->enter(name, help, 'h', labels, prometheus::BuildHistogram, static_cast<Family*>(nullptr));
    if (entry->bounds.empty()) entry->bounds.assign(bounds.begin(), bounds.end());
    Histogram handle;
    handle.histogram_ = &static_cast<Family*>(entry->family)->Add(all, entry->bounds);
    return handle;
  });
}

std::string Metrics::render() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

void Counter::add(double by) {
  if (counter_ != nullptr) static_cast<prometheus::Counter*>(counter_)->Increment(by);
}
double Counter::value() const {
  return counter_ == nullptr ? 0 : static_cast<const prometheus::Counter*>(counter_)->Value();
}
void Gauge::set(double value) {
  if (gauge_ != nullptr) static_cast<prometheus::Gauge*>(gauge_)->Set(value);
}
void Gauge::add(double by) {
  if (gauge_ != nullptr) static_cast<prometheus::Gauge*>(gauge_)->Increment(by);
}
double Gauge::value() const {
  return gauge_ == nullptr ? 0 : static_cast<const prometheus::Gauge*>(gauge_)->Value();
}
void Histogram::observe(double value) {
  if (histogram_ != nullptr) static_cast<prometheus::Histogram*>(histogram_)->Observe(value);
}

}  // namespace kiki
