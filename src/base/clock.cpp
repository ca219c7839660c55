// Wall and monotonic time of the system, and RFC 3339 (section 5.6) both ways.

#include "base/clock.hpp"

#include <algorithm>
#include <chrono>

namespace kiki {

namespace {

constexpr TimeMs kDayMs = 86'400'000;
// 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: RFC 3339 knows no other years.
constexpr TimeMs kFirstMs = -62'167'219'200'000;
constexpr TimeMs kLastMs = 253'402'300'799'999;

void append_digits(std::string& out, TimeMs value, int width) {
  char digits[8];
  for (int i = width - 1; i >= 0; --i, value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out.append(digits, static_cast<std::size_t>(width));
}

// Reads fixed-width fields off the front of a text.
struct Reader {
  std::string_view rest;

  std::optional<int> digits(std::size_t width) {
    if (rest.size() < width) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (rest[i] < '0' || rest[i] > '9') return std::nullopt;
      value = value * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(width);
    return value;
  }
  bool skip(std::string_view any_of) {
    if (rest.empty() || any_of.find(rest.front()) == std::string_view::npos) return false;
    rest.remove_prefix(1);
    return true;
  }
};

}  // namespace

TimeMs SystemClock::now_ms() const {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

TimeMs SystemClock::monotonic_ms() const {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

std::string to_rfc3339(TimeMs time_ms) {
  time_ms = std::clamp(time_ms, kFirstMs, kLastMs);
  TimeMs day = time_ms / kDayMs;
  TimeMs rest_ms = time_ms % kDayMs;
  if (rest_ms < 0) {
    rest_ms += kDayMs;
    --day;
  }
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  std::string out;
  out.reserve(24);
  append_digits(out, static_cast<int>(date.year()), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, rest_ms / 3'600'000, 2);
  out += ':';
  append_digits(out, rest_ms / 60'000 % 60, 2);
  out += ':';
  append_digits(out, rest_ms / 1000 % 60, 2);
  out += '.';
  append_digits(out, rest_ms % 1000, 3);
  out += 'Z';
  return out;
}

std::optional<TimeMs> parse_rfc3339(std::string_view text) {
  Reader reader{text};
  const auto year = reader.digits(4);
  if (!year || !reader.skip("-")) return std::nullopt;
  const auto month = reader.digits(2);
  if (!month || !reader.skip("-")) return std::nullopt;
  const auto day = reader.digits(2);
  if (!day || !reader.skip("Tt")) return std::nullopt;
  const auto hour = reader.digits(2);
  if (!hour || *hour > 23 || !reader.skip(":")) return std::nullopt;
  const auto minute = reader.digits(2);
  if (!minute || *minute > 59 || !reader.skip(":")) return std::nullopt;
  const auto second = reader.digits(2);
  if (!second || *second > 60) return std::nullopt;  // 60 is a leap second; it counts as the next second

  int fraction_ms = 0;
  if (reader.skip(".")) {
    std::size_t count = 0;
    for (; count < reader.rest.size() && reader.rest[count] >= '0' && reader.rest[count] <= '9'; ++count) {
      constexpr int kWeights[] = {100, 10, 1};
      if (count < 3) fraction_ms += kWeights[count] * (reader.rest[count] - '0');
    }
    if (count == 0 || count > 9) return std::nullopt;
    reader.rest.remove_prefix(count);
  }

  TimeMs offset_ms = 0;
  if (!reader.skip("Zz")) {
    const bool west = !reader.rest.empty() && reader.rest.front() == '-';
    if (!reader.skip("+-")) return std::nullopt;
    const auto offset_hour = reader.digits(2);
    if (!offset_hour || *offset_hour > 23 || !reader.skip(":")) return std::nullopt;
    const auto offset_minute = reader.digits(2);
    if (!offset_minute || *offset_minute > 59) return std::nullopt;
    offset_ms = (*offset_hour * 60 + *offset_minute) * TimeMs{60'000};
    if (west) offset_ms = -offset_ms;
  }
  if (!reader.rest.empty()) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  const TimeMs days = std::chrono::sys_days{date}.time_since_epoch().count();
  return days * kDayMs + ((*hour * 60 + *minute) * TimeMs{60} + *second) * 1000 + fraction_ms - offset_ms;
}

}  // namespace kiki
