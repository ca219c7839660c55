#pragma once
// What is allowed in a query and yet bites people: each with its place and, where one can say it, what to
// write instead.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "listening/query/query.hpp"

namespace kiki::listening::query {

struct Advice {
  // i18n: query.lint.<code>, whose {places} are filled by `values`.
  std::string code;
  SourceRange bytes;
  SourceRange utf16;
  std::vector<std::pair<std::string, std::string>> values;
  std::optional<std::string> instead;  // in place of `bytes`
};

// What the stored posts say; all 0 when nobody looked.
struct Seen {
  std::size_t posts = 0;    // looked at
  std::size_t matched = 0;  // of these, by the query
  struct Leaf {
    SourceRange leaf;  // as Node::source
    std::size_t posts = 0;
  };
  std::vector<Leaf> leaves;  // in how many posts each leaf stands by itself
};

inline constexpr std::size_t kAdviceLimit = 50;
inline constexpr std::size_t kSeenPostsForJudging = 200;  // fewer posts say nothing about shares
inline constexpr std::size_t kCommonWordPercent = 5;
inline constexpr std::size_t kMuchPercent = 20;

// `text` is what `query` was parsed from. In the order of the text.
std::vector<Advice> lint(const Query& query, std::string_view text, const Seen& seen = {});

}  // namespace kiki::listening::query
