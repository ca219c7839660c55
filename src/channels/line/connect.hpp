#pragma once
// Connecting an account, telling LINE where to call, and watching that it does.

#include <stop_token>

#include "channels/contract/channel.hpp"
#include "channels/line/api.hpp"

namespace kiki::channels::line {

using Fields = std::vector<std::pair<std::string, std::string>>;

Result<Connected> connect_account(Api& api, Tools& tools, const Fields& fields, std::stop_token stop);

// Sets the address and lets LINE try it. kUnprocessable "webhook_off": only a person can switch it on in
// LINE's console; "webhook_refused", "webhook_unreachable" with LINE's own reason.
Result<void> set_webhook(Api& api, const Account& account, AccountState& state, std::string_view url,
                         std::stop_token stop);

// Looks now and then whether the token is good and LINE still calls us. An error only for a dead token.
Result<void> watch(Api& api, std::int64_t interval_ms, const Account& account, AccountState& state,
                   Inlet& inlet, std::stop_token stop);

}  // namespace kiki::channels::line
