#pragma once
// Everything between a customer and us, over all networks: posts and cases, newest first, and the tags their
// cases carry.

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "store/database.hpp"

namespace kiki::cases {

struct PersonPost {
  Id id = 0;
  Id case_id = 0;
  std::int64_t case_number = 0;
  std::string network;
  std::string visibility;
  std::string direction;  // in, out
  std::string author;     // the customer's identity, or our colleague
  std::string text;
  std::string url;
  TimeMs at = 0;
  bool deleted = false;
};
struct PersonCase {
  Id id = 0;
  std::int64_t number = 0;
  std::string title;
  std::string status;
  std::string network;
  TimeMs last_post_at = 0;
};
struct HistoryPlace {
  TimeMs at = std::numeric_limits<TimeMs>::max();
  Id id = std::numeric_limits<Id>::max();
};

Result<std::vector<PersonPost>> person_posts(store::Connection& db, Id workspace_id, Id person_id,
                                             const HistoryPlace& before, int limit);
// With a tag, when one is given.
Result<std::vector<PersonCase>> person_cases(store::Connection& db, Id workspace_id, Id person_id,
                                             const HistoryPlace& before, int limit,
                                             std::string_view tag = {});
struct TagCount {
  std::string tag;
  std::int64_t cases = 0;
};
Result<std::vector<TagCount>> person_tags(store::Connection& db, Id workspace_id, Id person_id);

boost::json::object to_json(const PersonPost& post);
boost::json::object to_json(const PersonCase& row);

}  // namespace kiki::cases
