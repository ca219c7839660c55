#include "channels/line/quota.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <chrono>

#include "base/json.hpp"
#include "net/hmac.hpp"

namespace kiki::channels::line {

namespace {

constexpr std::string_view kCursor = "quota";
constexpr std::int64_t kShownAgeMs = 60'000;
constexpr std::int64_t kGuardAgeMs = 300'000;
constexpr std::int64_t kCloseAgeMs = 10'000;  // near the limit we ask more often
constexpr std::int64_t kCloseMessages = 200;
constexpr std::int64_t kJapanMs = 9LL * 3'600'000;

std::int64_t reserve_of(const Account& account) {
  const auto text = setting(account, "quota_reserve");
  std::int64_t reserve = 0;
  std::from_chars(text.data(), text.data() + text.size(), reserve);
  return std::max<std::int64_t>(0, reserve);
}

bool is_shared(std::string_view chat) {
  return chat.starts_with('C') || chat.starts_with('R');
}

}  // namespace

TimeMs next_month(TimeMs now_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> there{milliseconds(now_ms + kJapanMs)};
  const year_month_day today{floor<days>(there)};
  const sys_days first = (today.year() / today.month() + months(1)) / 1;
  return sys_time<milliseconds>(first).time_since_epoch().count() - kJapanMs;
}

Result<void> Quota::keep(AccountState& state, const Numbers& numbers) {
  return state.set_cursor(kCursor, json::serialize(json::object{{"limited", numbers.is_limited},
                                                                {"limit", numbers.limit},
                                                                {"used", numbers.used},
                                                                {"at", numbers.asked_at}}));
}

Result<Quota::Numbers> Quota::numbers(const Account& account, AccountState& state, std::int64_t age_ms,
                                      std::stop_token stop) {
  const auto now_ms = tools_.clock.now_ms();
  Numbers known;
  if (const auto kept = JsonDocument::parse(TRY(state.cursor(kCursor))); kept.ok()) {
    const auto limited = kept->root()["limited"].boolean_or(false);
    known.is_limited = limited.ok() && *limited;
    known.limit = kept->root()["limit"].number_or_zero();
    known.used = kept->root()["used"].number_or_zero();
    known.asked_at = kept->root()["at"].number_or_zero();
    if (now_ms - known.asked_at < age_ms && next_month(known.asked_at) > now_ms) return known;
  }
  const auto quota = TRY(read_json(api_.call(account, state, {.path = "/v2/bot/message/quota"}, stop)));
  const auto used =
      TRY(read_json(api_.call(account, state, {.path = "/v2/bot/message/quota/consumption"}, stop)));
  known.is_limited = quota.root()["type"].text() == "limited";
  known.limit = known.is_limited ? quota.root()["value"].number_or_zero() : 0;
  known.used = used.root()["totalUsage"].number_or_zero();
  known.asked_at = now_ms;
  TRY(keep(state, known));
  return known;
}

std::int64_t Quota::receivers(const Account& account, AccountState& state, std::string_view chat,
                              std::stop_token stop) {
  if (!is_shared(chat)) return 1;
  const auto path = std::string(chat.starts_with('C') ? "/v2/bot/group/" : "/v2/bot/room/") +
                    net::percent_encode(chat) + "/members/count";
  const auto counted = read_json(api_.call(account, state, {.path = path}, stop));
  return counted.ok() ? std::max<std::int64_t>(1, counted->root()["count"].number_or_zero()) : 1;
}

Result<void> Quota::allow(const Account& account, AccountState& state, std::string_view chat,
                          std::stop_token stop) {
  auto known = numbers(account, state, kGuardAgeMs, stop);
  if (!known.ok()) return {};
  if (!known->is_limited) return {};
  const auto wanted = receivers(account, state, chat, stop);
  const auto reserve = reserve_of(account);
  if (known->used + wanted + kCloseMessages > known->limit - reserve) {
    known = numbers(account, state, kCloseAgeMs, stop);
    if (!known.ok() || !known->is_limited) return {};
  }
  if (known->used + wanted <= known->limit - reserve) return {};
  const bool by_us = known->used + wanted <= known->limit;
  return Error{ErrorKind::kUnprocessable,
               by_us ? "Only the messages that are kept in reserve are left this month."
                     : "The messages of this month are used up.",
               {},
               by_us ? "quota_reserve" : "monthly_limit",
               0};
}

Result<void> Quota::count(AccountState& state, std::string_view chat) {
  const auto kept = JsonDocument::parse(TRY(state.cursor(kCursor)));
  if (!kept.ok()) return {};
  Numbers known;
  const auto limited = kept->root()["limited"].boolean_or(false);
  if (!limited.ok() || !*limited) return {};
  known.is_limited = true;
  known.limit = kept->root()["limit"].number_or_zero();
  known.used = kept->root()["used"].number_or_zero() + 1;
  // How many a group has is known to LINE: ask before the next one.
  known.asked_at = is_shared(chat) ? 0 : kept->root()["at"].number_or_zero();
  return keep(state, known);
}

Result<void> Quota::used_up(AccountState& state) {
  return state.set_cursor(kCursor, "");  // our numbers were wrong: ask before the next one
}

Result<std::vector<Meter>> Quota::meters(const Account& account, AccountState& state, std::stop_token stop) {
  const auto known = TRY(numbers(account, state, kShownAgeMs, stop));
  return std::vector<Meter>{{"messages", "message", known.used, known.is_limited ? known.limit : 0,
                             next_month(tools_.clock.now_ms())}};
}

}  // namespace kiki::channels::line
