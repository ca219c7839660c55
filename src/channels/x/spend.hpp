#pragma once
// Money. X bills what is read and written; an account has a budget a day (UTC, as X bills), and every call is
// paid from it before it is made. What was reserved and not used comes back.

#include <cstdint>
#include <string>
#include <string_view>

#include "channels/contract/channel.hpp"

namespace kiki::channels::x {

// In microdollars. https://docs.x.com/x-api/getting-started/pricing
namespace price {
inline constexpr std::int64_t kOwnedRead = 1'000;  // what is addressed to us: mentions, our own posts
inline constexpr std::int64_t kPostRead = 5'000;   // any other post, and each delivered activity event
inline constexpr std::int64_t kUserRead = 10'000;
inline constexpr std::int64_t kMessageRead = 10'000;
inline constexpr std::int64_t kSummonedReply = 10'000;
inline constexpr std::int64_t kPost = 15'000;
inline constexpr std::int64_t kPostWithLink = 200'000;
inline constexpr std::int64_t kMessage = 15'000;
inline constexpr std::int64_t kReaction = 15'000;  // like, repost, hide
inline constexpr std::int64_t kDelete = 10'000;
}  // namespace price

// "spend.2026-11-30"
std::string spend_counter(TimeMs now_ms);
TimeMs next_utc_day(TimeMs now_ms);
// Setting budget_usd_per_day in microdollars; 0: no limit.
std::int64_t budget_of(const Account& account);
// What is left of the day's, in microdollars; below 0 when X delivered more. Without a budget: more than
// anything costs.
std::int64_t left_of_budget(const Account& account, AccountState& state, TimeMs now_ms);
// Dollars as people write them: "5", "0.50". Nothing for what is no such amount.
std::optional<std::int64_t> read_dollars(std::string_view text);

// Takes the amount from the day's budget. kRateLimited, code "budget", with the time until the next day.
Result<void> spend(const Account& account, AccountState& state, std::int64_t microdollars, TimeMs now_ms);
// Gives back; never fails loudly: a count that is too high errs on the safe side.
void give_back(AccountState& state, std::int64_t microdollars, TimeMs now_ms);
// What was spent by being told (a delivered event): counted even over the limit.
void note_spent(AccountState& state, std::int64_t microdollars, TimeMs now_ms);

}  // namespace kiki::channels::x
