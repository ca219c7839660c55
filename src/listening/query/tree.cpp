#include "listening/query/tree.hpp"

#include "listening/query/pattern.hpp"

namespace kiki::listening::query {
namespace {

bool is_unspaced(const Node& leaf) {
  if (leaf.kind != Kind::kPhrase) return make_pattern(leaf, {}).unspaced;
  const auto words = make_phrase(leaf, {});
  return !words.empty() && words.front().unspaced;
}

struct Units {
  bool words = false;
  bool characters = false;
};

void add_units(const Node& side, Units& units) {
  if (side.kind == Kind::kOr) {
    for (const Node& child : side.children) add_units(child, units);
  } else if (is_unspaced(side)) {
    units.characters = true;
  } else {
    units.words = true;
  }
}

// Words only between two of spaced scripts; characters as soon as one side has none of these.
std::string near_unit(const Node& near) {
  Units left;
  Units right;
  add_units(near.children[0], left);
  add_units(near.children[1], right);
  if (!left.words || !right.words) return "characters";
  return left.characters || right.characters ? "either" : "words";
}

std::string term_form(const Node& node) {
  if (is_unspaced(node)) return "anywhere";
  if (node.open_left && node.open_right) return "contains";
  if (node.open_left) return "ends";
  return node.open_right ? "begins" : "whole";
}

std::string key_of(const Node& node) {
  std::string kind(name(node.kind));
  switch (node.kind) {
    case Kind::kNear:
      return (node.in_order ? "onear." : "near.") + near_unit(node);
    case Kind::kTerm:
      return "term." + term_form(node);
    case Kind::kPhrase:
      return is_unspaced(node) ? "term.anywhere" : "phrase";
    case Kind::kHas:
    case Kind::kIs:
      return kind + '.' + std::string(name(node.fact));
    case Kind::kAccount:
      return node.fact == Fact::kNamed ? "account.named" : "account." + std::string(name(node.fact));
    default:
      return kind;
  }
}

}  // namespace

Explained explain(const Node& node) {
  Explained out;
  out.key = "query.tree." + key_of(node);
  out.source = node.source;
  if (node.kind == Kind::kNear) {
    out.values = {{"distance", std::to_string(node.distance)}};
  } else if (node.kind == Kind::kFollowers) {
    out.values = {{"number", std::to_string(node.number)}, {"sign", std::string(sign(node.compare))}};
  } else if (!node.text.empty()) {
    // The star of an open end is in the sentence where there is one for it.
    const bool shown = node.kind != Kind::kTerm;
    out.values = {
        {"text", (shown && node.open_left ? "*" : "") + node.text + (shown && node.open_right ? "*" : "")}};
  }
  for (const Node& child : node.children) out.children.push_back(explain(child));
  return out;
}

}  // namespace kiki::listening::query
