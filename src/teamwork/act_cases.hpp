#pragma once
// Which cases an act was for, and what became of each: the number in the log, case by case.

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "store/database.hpp"

namespace kiki::teamwork {

struct ActCase {
  std::int64_t place = 0;
  Id case_id = 0;
  std::int64_t number = 0;
  std::string name;   // the customer's
  std::string state;  // waiting, done, refused, cancelled, undone, not_undone
  std::string code;   // of a refusal: why
};

// In the act's order, from the one after `after_place`. kNotFound.
Result<std::vector<ActCase>> read_act_cases(store::Connection& db, Id workspace_id, Id act_id,
                                            std::int64_t after_place, int limit);
boost::json::object to_json(const ActCase& one);

}  // namespace kiki::teamwork
