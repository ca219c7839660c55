#include "accounts/usual_traffic.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.hpp"

namespace kiki::accounts {

namespace {
constexpr TimeMs kDayMs = 24 * 3'600'000;
constexpr TimeMs kLeastSilenceMs = 12 * 3'600'000;
constexpr int kLeastDays = 3;
}  // namespace

void UsualTraffic::heard(TimeMs now_ms) {
  const auto number = now_ms / kDayMs;
  auto& day = days_[static_cast<std::size_t>(number % 7)];
  if (day.number != number) day = {number, 0, 0};
  ++day.calls;
  if (last_ms_ != 0) day.longest_pause_ms = std::max(day.longest_pause_ms, now_ms - last_ms_);
  last_ms_ = std::max(last_ms_, now_ms);
}

bool UsualTraffic::is_silent(TimeMs now_ms) const {
  if (last_ms_ == 0) return false;
  const auto last_day = last_ms_ / kDayMs;
  int days = 0;
  TimeMs longest = 0;
  for (const auto& day : days_) {
    if (day.calls == 0 || day.number <= last_day - 7) continue;
    ++days;
    longest = std::max(longest, day.longest_pause_ms);
  }
  return days >= kLeastDays && now_ms - last_ms_ > std::max(kLeastSilenceMs, 2 * longest);
}

std::string UsualTraffic::to_text() const {
  json::array days;
  for (const auto& day : days_) {
    if (day.calls == 0) continue;
    days.push_back(
        json::object{{"day", day.number}, {"calls", day.calls}, {"longest_pause_ms", day.longest_pause_ms}});
  }
  return json::serialize(json::object{{"last_ms", last_ms_}, {"days", std::move(days)}});
}

UsualTraffic UsualTraffic::parse(std::string_view text) {
  UsualTraffic traffic;
  const auto document = JsonDocument::parse(text);
  if (!document.ok()) return traffic;
  traffic.last_ms_ = document->root()["last_ms"].number_or_zero();
  const auto read = document->root()["days"].each([&](JsonView one) -> Result<void> {
    const auto number = one["day"].number_or_zero();
    if (number < 0) return {};
    traffic.days_[static_cast<std::size_t>(number % 7)] = {number, one["calls"].number_or_zero(),
                                                           one["longest_pause_ms"].number_or_zero()};
    return {};
  });
  return read.ok() ? traffic : UsualTraffic{};
}

}  // namespace kiki::accounts
