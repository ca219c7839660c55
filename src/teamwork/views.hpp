#pragma once
// Pages and counts of saved views. As with the desk's own lists: what is open alone has the earliest promise
// first, anything else the newest post first.

#include "cases/case_row.hpp"
#include "teamwork/conditions.hpp"

namespace kiki::teamwork {

Result<cases::RowPage> list_view(store::Connection& db, const Conditions& conditions, const Asker& asker,
                                 std::optional<cases::Position> after, int limit);
// All of them in the list's order, at most `limit`, for bulk work.
Result<std::vector<Id>> cases_in_view(store::Connection& db, const Conditions& conditions, const Asker& asker,
                                      int limit);

struct ViewCount {
  std::int64_t cases = 0;
  bool more = false;  // there are more than were looked at
};
Result<ViewCount> count_view(store::Connection& db, const Conditions& conditions, const Asker& asker);

}  // namespace kiki::teamwork
