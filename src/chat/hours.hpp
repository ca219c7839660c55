#pragma once
// The hours of a desk as a visitor is told them.

#include <boost/json/fwd.hpp>
#include <memory>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "promises/book.hpp"
#include "store/database.hpp"

namespace kiki::chat {

inline constexpr int kDaysAhead = 21;  // in which closed and special days are named

// {"open", "opens_at", "closes_at", "always", "time_zone", "week": [[{from, to}] × 7, from Sunday],
//  "days": [{"day", "holiday" (i18n), "name", "spans"}]}
json::object hours_json(const promises::Calendar& calendar, TimeMs now_ms);

// The calendar with this key; without one that of the policy for the account.
const promises::Calendar& calendar_for(const promises::Book& book, std::string_view key, Id account_id);

}  // namespace kiki::chat
