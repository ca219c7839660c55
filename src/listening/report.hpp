#pragma once
// The dashboard of a topic: what its counters say of a time, against the same length of time before it; and
// the posts behind each number. No post is read to count: the counters were kept when it came (follow.hpp).

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "store/database.hpp"

namespace kiki::listening {

inline constexpr std::int64_t kReportLimitHours = std::int64_t{24} * 400;
inline constexpr int kTopLimit = 20;  // of words, authors, links

// Whole hours since 1970, the last one not included.
struct Hours {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::int64_t length() const { return to - from; }
  Hours before() const { return {from - length(), from}; }
};

// As `TopicReport` in types.ts. kNotFound when the topic is not in this workspace (an archived one is).
Result<boost::json::object> topic_report(store::Connection& db, Id workspace_id, Id topic_id, Hours hours);

// One number's posts: all, or those counted under a kind (network, author, word, link, theme) and value.
struct BehindQuery {
  Id workspace_id = 0;
  Id topic_id = 0;
  Hours hours;
  std::string kind;  // empty: all
  std::string value;
  std::int64_t before_hour = 0;  // of the last row of the page before; 0: from the newest
  Id before_post_id = 0;
  int limit = 50;
};
struct Behind {
  std::int64_t hour = 0;
  Id post_id = 0;
  Id case_id = 0;
  TimeMs at = 0;
  std::string network;
  std::string name;
  std::string handle;
  std::string text;
  std::string marks;  // JSON
  std::string url;
  std::string status;  // of its case
};
// Newest first.
Result<std::vector<Behind>> posts_behind(store::Connection& db, const BehindQuery& query);

}  // namespace kiki::listening
