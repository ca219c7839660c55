#pragma once
// What saved replies were used for: the kinds of cases they answered, and the latest of those cases.

#include <boost/json/fwd.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "store/database.hpp"

namespace kiki::reply {

inline constexpr std::size_t kKindsShown = 3;
inline constexpr std::size_t kLatestShown = 3;

struct SavedUses {
  struct Kind {
    std::string name;  // triage's
    std::int64_t count = 0;
  };
  struct Case {
    Id id = 0;
    std::int64_t number = 0;
    std::string title;
  };
  std::vector<Kind> kinds;   // the most frequent first
  std::vector<Case> latest;  // the newest first, each case once
};

// By saved reply; over the newest uses of the workspace that results() counts as well.
Result<std::map<Id, SavedUses>> read_saved_uses(store::Connection& db, Id workspace_id);
boost::json::object to_json(const SavedUses& uses);

}  // namespace kiki::reply
