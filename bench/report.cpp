#include "report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace kiki::bench {
namespace {

std::string number(double value) {
  if (std::abs(value) >= 100) return fmt::format("{:.0f}", value);
  return fmt::format("{:.2f}", value);
}

bool is_met(const Row& row) {
  return row.target->is_at_least ? row.value >= row.target->value : row.value < row.target->value;
}

std::string target_text(const Row& row) {
  if (!row.target) return "";
  return (row.target->is_at_least ? "≥ " : "< ") + fmt::format("{:g}", row.target->value);
}

}  // namespace

double quantile(std::vector<double>& values, double part) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto at = static_cast<std::size_t>(std::ceil(part * static_cast<double>(values.size())));
  return values[std::clamp<std::size_t>(at, 1, values.size()) - 1];
}

void Report::add(Row row) {
  row.name += suffix_;
  const auto* mark = !row.target ? " " : is_met(row) ? "✓" : "✗";
  std::puts(
      fmt::format("{} {:<66} {:>10} {:<9} {}", mark, row.name, number(row.value), row.unit, target_text(row))
          .c_str());
  std::fflush(stdout);
  rows_.push_back(std::move(row));
}

void Report::less_than(std::string name, double value, std::string unit, double target) {
  add({std::move(name), value, std::move(unit), Target{false, target}});
}
void Report::at_least(std::string name, double value, std::string unit, double target) {
  add({std::move(name), value, std::move(unit), Target{true, target}});
}
void Report::told(std::string name, double value, std::string unit) {
  add({std::move(name), value, std::move(unit), {}});
}

void Report::remark(const std::string& text) {
  std::puts(("  " + text).c_str());
  std::fflush(stdout);
}

Result<void> Report::write(const std::string& path) const {
  namespace json = boost::json;
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  std::ofstream file(path);
  file << "[";
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto& row = rows_[i];
    json::object one{{"name", row.name}, {"value", row.value}, {"unit", row.unit}};
    if (row.target) {
      one["target"] = target_text(row);
      one["met"] = is_met(row);
    } else {
      one["target"] = nullptr;
      one["met"] = nullptr;
    }
    file << (i == 0 ? "\n  " : ",\n  ") << json::serialize(one);
  }
  file << "\n]\n";
  if (!file.flush()) return internal_error("cannot write " + path);
  return {};
}

bool is_wanted(std::string_view group) {
  const char* only = std::getenv("KIKI_BENCH_ONLY");
  return only == nullptr ||
         ("," + std::string(only) + ",").find("," + std::string(group) + ",") != std::string::npos;
}

}  // namespace kiki::bench
