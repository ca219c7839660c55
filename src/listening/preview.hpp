#pragma once
// Which of the stored posts a query would have caught: counted, the newest shown with what matched. And why a
// post was caught by its topics.

#include <cstdint>
#include <string>
#include <vector>

#include "listening/listening.hpp"
#include "listening/query/lint.hpp"
#include "listening/stored_post.hpp"

namespace kiki::listening {

inline constexpr int kPreviewDays = 30;
inline constexpr std::size_t kPreviewShown = 30;
inline constexpr std::int64_t kPreviewBudgetMs = 150;
inline constexpr std::size_t kPreviewCandidates = 50'000;
inline constexpr int kPreviewSample = 1'000;  // of the newest posts, for advice

struct PreviewedPost {
  StoredPost post;
  std::vector<model::Mark> marks;
  std::string case_status;
  bool is_new = false;  // the asked topic has not found it yet
};

struct Preview {
  std::int64_t posts = 0;     // found among those looked at
  std::int64_t estimate = 0;  // in all, when not all were looked at; otherwise the same
  std::int64_t looked_at = 0;
  bool complete = true;  // every post that could match was looked at
  TimeMs since = 0;
  std::vector<PreviewedPost> shown;  // newest first
  // What a look at the newest posts says of the query: that it catches nothing or far too much, and which of
  // its words stand in many posts and catch one alone.
  std::vector<query::Advice> advice;
};

// `topic`: name and id may be empty; its query, folding and mutes count.
Result<Preview> preview(store::Connection& db, const Clock& clock, const Topic& topic);

struct Reason {
  Id topic_id = 0;
  std::string name;
  std::string query;
  bool matches = false;  // still; a query may have changed since
  struct Term {
    std::string text;       // as it stands in the query
    std::int32_t from = 0;  // of the query, UTF-16
    std::int32_t to = 0;
    std::vector<model::Mark> marks;  // of the post's text; none for a fact of the post
  };
  std::vector<Term> terms;
};
// Of the topics that found it, and those that would find it now. kNotFound when it is not there.
Result<std::vector<Reason>> why(store::Connection& db, Id workspace_id, Id post_id,
                                const std::vector<Topic>& topics);

}  // namespace kiki::listening
