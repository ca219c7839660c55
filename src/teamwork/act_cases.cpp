#include "teamwork/act_cases.hpp"

#include <boost/json.hpp>

#include "base/json.hpp"

namespace kiki::teamwork {

Result<std::vector<ActCase>> read_act_cases(store::Connection& db, Id workspace_id, Id act_id,
                                            std::int64_t after_place, int limit) {
  const auto known = TRY(db.one("SELECT 1 FROM acts WHERE workspace_id = $1 AND id = $2",
                                {workspace_id, act_id}, [](const store::Row&) { return true; }));
  if (!known) return not_found("There is no such act.");
  return db.all(
      "SELECT r.place, r.case_id, COALESCE(c.number, 0), COALESCE(i.name, ''), r.state, r.why FROM act_cases "
      "r LEFT JOIN cases c ON c.workspace_id = r.workspace_id AND c.id = r.case_id LEFT JOIN identities i ON "
      "i.workspace_id = c.workspace_id AND i.id = c.identity_id WHERE r.workspace_id = $1 AND r.act_id = $2 "
      "AND r.place > $3 ORDER BY r.place LIMIT $4",
      {workspace_id, act_id, after_place, limit}, [](const store::Row& row) {
        return ActCase{row.integer(0), row.integer(1), row.integer(2),
                       row.string(3),  row.string(4),  row.string(5)};
      });
}

json::object to_json(const ActCase& one) {
  return {{"case_id", to_string(one.case_id)},
          {"number", one.number},
          {"name", one.name},
          {"state", one.state},
          {"code", one.code}};
}

}  // namespace kiki::teamwork
