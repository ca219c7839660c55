#include "channels/x/spend.hpp"

#include <charconv>
#include <limits>

#include "base/log.hpp"
#include "channels/x/api.hpp"
#include "channels/x/json_read.hpp"

namespace kiki::channels::x {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max() / 4;

}  // namespace

std::string spend_counter(TimeMs now_ms) {
  return "spend." + to_rfc3339(now_ms).substr(0, 10);
}

TimeMs next_utc_day(TimeMs now_ms) {
  return (now_ms / kDayMs + 1) * kDayMs;
}

std::optional<std::int64_t> read_dollars(std::string_view text) {
  std::int64_t whole = 0;
  auto end = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (end.ec != std::errc() || whole < 0 || whole > 1'000'000) return std::nullopt;
  auto rest = text.substr(static_cast<std::size_t>(end.ptr - text.data()));
  std::int64_t micro = whole * 1'000'000;
  if (rest.empty()) return micro;
  if (rest.front() != '.' || rest.size() < 2 || rest.size() > 7) return std::nullopt;
  std::int64_t unit = 100'000;
  for (const char c : rest.substr(1)) {
    if (c < '0' || c > '9') return std::nullopt;
    micro += (c - '0') * unit;
    unit /= 10;
  }
  return micro;
}

std::int64_t budget_of(const Account& account) {
  return read_dollars(setting(account, "budget_usd_per_day")).value_or(0);
}

std::int64_t left_of_budget(const Account& account, AccountState& state, TimeMs now_ms) {
  const auto budget = budget_of(account);
  if (budget <= 0) return kNoLimit;
  const auto used = state.cursor(spend_counter(now_ms));
  return budget - (used.ok() ? number_of(*used) : 0);
}

Result<void> spend(const Account& account, AccountState& state, std::int64_t microdollars, TimeMs now_ms) {
  if (microdollars <= 0) return {};
  const auto budget = budget_of(account);
  auto sum = state.add(spend_counter(now_ms), microdollars, budget > 0 ? budget : kNoLimit);
  if (sum.ok()) return {};
  if (sum.error().kind != ErrorKind::kRateLimited) return std::move(sum).error();
  return Error{ErrorKind::kRateLimited,
               "today's budget for X is used up; it goes on at 00:00 UTC",
               {},
               "budget",
               next_utc_day(now_ms) - now_ms};
}

void give_back(AccountState& state, std::int64_t microdollars, TimeMs now_ms) {
  if (microdollars <= 0) return;
  if (auto sum = state.add(spend_counter(now_ms), -microdollars, kNoLimit); !sum.ok())
    log::warning("x: what was not spent could not be given back", sum.error());
}

void note_spent(AccountState& state, std::int64_t microdollars, TimeMs now_ms) {
  if (microdollars <= 0) return;
  if (auto sum = state.add(spend_counter(now_ms), microdollars, kNoLimit); !sum.ok())
    log::warning("x: what was spent could not be counted", sum.error());
}

}  // namespace kiki::channels::x
