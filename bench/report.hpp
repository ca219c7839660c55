#pragma once
// What was measured: a table on the screen, and the same as JSON.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace kiki::bench {

struct Target {
  bool is_at_least = false;  // otherwise: less than
  double value = 0;
};

struct Row {
  std::string name;
  double value = 0;
  std::string unit;
  std::optional<Target> target;  // nothing: told beside the promises, to understand them
};

class Report {
 public:
  // Also prints the row.
  void add(Row row);
  void less_than(std::string name, double value, std::string unit, double target);
  void at_least(std::string name, double value, std::string unit, double target);
  void told(std::string name, double value, std::string unit);
  void remark(const std::string& text);
  // Stands behind the names of all following rows: data smaller than promised.
  void set_suffix(std::string suffix) { suffix_ = std::move(suffix); }
  Result<void> write(const std::string& path) const;

 private:
  std::vector<Row> rows_;
  std::string suffix_;
};

// KIKI_BENCH_ONLY names the groups to run, with commas; all without it. Then the whole table is not replaced.
bool is_wanted(std::string_view group);

// The value below which `part` (0 … 1) of all stand; 0 for none. Sorts.
double quantile(std::vector<double>& values, double part);

}  // namespace kiki::bench
