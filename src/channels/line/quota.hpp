#pragma once
// What the account may still push this month. Replies by token are free and not counted; a push counts once
// for everybody who gets it (https://developers.line.biz/en/docs/messaging-api/pricing/).

#include <stop_token>
#include <vector>

#include "channels/contract/channel.hpp"
#include "channels/line/api.hpp"

namespace kiki::channels::line {

class Quota {
 public:
  Quota(Api& api, Tools& tools) : api_(api), tools_(tools) {}

  // kUnprocessable "monthly_limit" or "quota_reserve" when `chat` cannot get another push. When LINE does not
  // tell, we do not stand in the way: it refuses by itself.
  Result<void> allow(const Account& account, AccountState& state, std::string_view chat,
                     std::stop_token stop);
  // One push was taken.
  Result<void> count(AccountState& state, std::string_view chat);
  // LINE says that the month's messages are used up, though we thought otherwise.
  Result<void> used_up(AccountState& state);
  Result<std::vector<Meter>> meters(const Account& account, AccountState& state, std::stop_token stop);

 private:
  struct Numbers {
    bool is_limited = false;
    std::int64_t limit = 0;
    std::int64_t used = 0;  // as LINE told, and what we pushed since
    TimeMs asked_at = 0;
  };
  Result<Numbers> numbers(const Account& account, AccountState& state, std::int64_t age_ms,
                          std::stop_token stop);
  Result<void> keep(AccountState& state, const Numbers& numbers);
  std::int64_t receivers(const Account& account, AccountState& state, std::string_view chat,
                         std::stop_token stop);

  Api& api_;
  Tools& tools_;
};

// The first moment of the next month in Japan, where LINE counts.
TimeMs next_month(TimeMs now_ms);

}  // namespace kiki::channels::line
