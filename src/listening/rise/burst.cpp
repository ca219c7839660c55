#include "listening/rise/burst.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <istream>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "listening/rise/detector.hpp"

namespace kiki::listening::rise {

namespace {

constexpr double kGreatestValue = 1e15;

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::optional<TimeMs> read_time(std::string_view text) {
  std::string time(text);
  if (time.size() > 10 && time[10] == ' ') time[10] = 'T';
  if (time.size() > 10 && time.find_first_of("Zz+-", 10) == std::string::npos) time += 'Z';
  return parse_rfc3339(time);
}

std::optional<double> read_value(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value) || value < 0 || value > kGreatestValue) return std::nullopt;
  return value;
}

}  // namespace

int burst(std::istream& in, std::ostream& out, std::ostream& problems) {
  Detector detector;
  std::optional<TimeMs> before;
  bool bad = false;
  std::string line;
  out << "timestamp,score,alarm\n";
  for (std::int64_t number = 1; std::getline(in, line); ++number) {
    std::string_view text = line;
    if (number == 1 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    text = trimmed(text);
    if (text.empty()) continue;
    const auto comma = text.find(',');
    const auto stamp = trimmed(text.substr(0, comma));
    const auto amount =
        comma == std::string_view::npos ? std::string_view() : trimmed(text.substr(comma + 1));
    const auto complain = [&](std::string_view why) {
      bad = true;
      problems << "kikimimi burst: line " << number << ": " << why << "\n";
    };
    const auto time = read_time(stamp);
    if (number == 1 && stamp == "timestamp") continue;
    if (comma == std::string_view::npos) {
      complain("expected \"timestamp,value\"");
      continue;
    }
    if (!time) {
      complain(
          fmt::format("\"{}\" is no time (expected 2026-01-31T12:00:00Z or 2026-01-31 12:00:00)", stamp));
      continue;
    }
    const auto value = read_value(amount);
    if (!value) {
      complain(fmt::format("\"{}\" is no number from 0 on", amount));
      continue;
    }
    if (before && *time <= *before) {
      complain("the time is not after the one before");
      continue;
    }
    before = time;
    const auto verdict = detector.add(*time, *value);
    out << fmt::format("{},{:.4f},{}\n", stamp, verdict.score, verdict.raised ? 1 : 0);
    // In a pipe of something that lasts, each answer leaves with its question.
    if (in.rdbuf()->in_avail() <= 0) out.flush();
  }
  out.flush();
  if (!out) {
    problems << "kikimimi burst: the output could not be written\n";
    return 1;
  }
  return bad ? 1 : 0;
}

}  // namespace kiki::listening::rise
