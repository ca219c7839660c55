#pragma once
// Posts that are stored, as the query language sees them: for previews, explanations and suggestions.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "listening/query/post.hpp"
#include "store/database.hpp"

namespace kiki::listening {

struct StoredPost {
  Id id = 0;
  Id case_id = 0;
  Id identity_id = 0;
  TimeMs posted_at = 0;
  std::string network;
  std::string language;
  std::string text;
  std::string topic_ids;  // JSON
  bool is_reply = false;
  bool has_image = false;
  bool has_video = false;
  bool is_quote = false;
  std::vector<std::string> links;
  // Only when asked for.
  std::string author_id;  // of the network
  std::string handle;
  std::string name;
  std::string bio;
  std::optional<std::int64_t> followers;

  query::Post seen() const;  // valid while this is, and unchanged
};

// Customers' posts with ids in (after_id, before_id), newest first, at most `limit`.
Result<std::vector<StoredPost>> read_posts_between(store::Connection& db, Id workspace_id, Id after_id,
                                                   Id before_id, int limit, bool with_author);
// Those of the ids that are customers' posts and still there, in the order of the ids.
Result<std::vector<StoredPost>> read_posts(store::Connection& db, Id workspace_id, std::span<const Id> ids,
                                           bool with_author);

// The first id that a post of this time can have.
Id first_id_of(TimeMs time);

std::vector<Id> stored_ids(std::string_view json_text);  // ["1","2"]

}  // namespace kiki::listening
