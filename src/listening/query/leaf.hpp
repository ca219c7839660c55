#pragma once
// One word or quoted text of a query read as a leaf: what its wildcards, its field and its value mean.

#include <optional>
#include <string>

#include "listening/query/lexer.hpp"
#include "listening/query/parse.hpp"

namespace kiki::listening::query {

// A mistake without its UTF-16 place, which the parser fills in at the end.
Mistake mistake(std::string code, SourceRange bytes,
                std::vector<std::pair<std::string, std::string>> values = {},
                std::optional<std::string> instead = {});

struct Leaf {
  Node node;
  std::optional<Mistake> mistake;
};

// Of a kWord or kQuoted token.
Leaf read_leaf(const Token& token);

}  // namespace kiki::listening::query
