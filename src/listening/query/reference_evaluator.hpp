#pragma once
// What a query means, plainly: no index, no cleverness, each rule of docs/use/query-language.md once. The
// engine is held against it, and where speed does not count (a preview of few posts, "why did this match") it
// is used.

#include <map>
#include <vector>

#include "listening/query/pattern.hpp"
#include "listening/query/post.hpp"
#include "listening/query/query.hpp"
#include "model/mark.hpp"
#include "text/search_fold.hpp"

namespace kiki::listening::query {

// What one leaf found. A fact of the post (from:, has: …) that is true has no ranges.
struct Finding {
  SourceRange leaf;                     // where the leaf stands in the query
  std::vector<text::ByteRange> ranges;  // of the original text, ascending
};

struct Evaluation {
  bool matches = false;
  std::vector<Finding> findings;       // of the leaves that made it match, in the order of the query
  std::vector<text::ByteRange> marks;  // all ranges, ascending, overlapping ones joined
};

// For asking many posts: its terms are folded once. The query has to live as long.
class PreparedQuery {
 public:
  explicit PreparedQuery(const Query& query, const text::SearchFold& fold = {});
  Evaluation evaluate(const Post& post) const;

  // Of a leaf of the query; of a phrase one for each word.
  const std::vector<Pattern>& patterns(const Node& leaf) const;

 private:
  void prepare(const Node& node);
  const Query& query_;
  text::SearchFold fold_;
  std::map<const Node*, std::vector<Pattern>> patterns_;
};

Evaluation evaluate(const Query& query, const Post& post, const text::SearchFold& fold = {});
bool matches(const Query& query, const Post& post, const text::SearchFold& fold = {});

// Bytes to what the console counts in.
std::vector<model::Mark> to_utf16(std::string_view text, const std::vector<text::ByteRange>& ranges);

}  // namespace kiki::listening::query
