#pragma once
// A query as a tree in words: which sentence of i18n (query.tree.…) each part is, and what fills its places.

#include <string>
#include <utility>
#include <vector>

#include "listening/query/query.hpp"

namespace kiki::listening::query {

struct Explained {
  std::string key;  // "query.tree.term.whole"
  std::vector<std::pair<std::string, std::string>> values;
  SourceRange source;
  std::vector<Explained> children;
};

Explained explain(const Node& node);

}  // namespace kiki::listening::query
