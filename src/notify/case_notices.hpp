#pragma once
// Which events of cases people are told of, whom, and in which words: promises that run out, replies that
// wait for a second person, second opinions; and of accounts and lists that somebody must see to.

#include <array>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "events/event_log.hpp"
#include "notify/notify.hpp"
#include "store/database.hpp"

namespace kiki::notify {

inline constexpr auto kNoticeEvents =
    std::to_array<std::string_view>({"alarm.raised", "promise.warned", "promise.broken", "approval.state",
                                     "case.opinion", "reply.returned", "account.problem", "rewards.low"});
bool makes_notice(std::string_view event_kind);
// Nothing: nobody need know.
Result<std::optional<Notice>> case_notice(store::Transaction& tx, const events::Event& event);

// A dead token, a webhook that fails: whoever may mend it is told once, with where to go.
Result<std::optional<Notice>> account_notice(store::Transaction& tx, const events::Event& event);

// A list of reward codes runs low, or is empty: leads fill it.
Result<std::optional<Notice>> reward_notice(store::Transaction& tx, const events::Event& event);

}  // namespace kiki::notify
