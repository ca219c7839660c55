// The rows a list shows and the rows a live screen gets are made by the same function.

#include "live/case_sources.hpp"

#include <boost/json.hpp>

#include "base/json.hpp"
#include "cases/case_row.hpp"

namespace kiki::live {

Sources case_sources(const Clock& clock) {
  Sources sources;
  sources.case_rows = [](store::Connection& db, Id workspace_id,
                         std::span<const Id> case_ids) -> Result<std::map<Id, std::string>> {
    std::map<Id, std::string> rows;
    for (const auto& row : TRY(cases::read_rows(db, workspace_id, case_ids))) {
      rows.emplace(row.id, json::serialize(cases::to_json(row)));
    }
    return rows;
  };
  sources.counts = [&clock](store::Connection& db, Id workspace_id, Id user_id) -> Result<std::string> {
    return json::serialize(
        cases::to_json(TRY(cases::read_counts(db, workspace_id, user_id, clock.now_ms()))));
  };
  return sources;
}

}  // namespace kiki::live
