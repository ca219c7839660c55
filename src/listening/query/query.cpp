#include "listening/query/query.hpp"

#include <algorithm>

namespace kiki::listening::query {
namespace {

std::size_t count_leaves(const Node& node) {
  if (is_leaf(node.kind)) return 1;
  std::size_t sum = 0;
  for (const Node& child : node.children) sum += count_leaves(child);
  return sum;
}

bool has_account(const Node& node) {
  return node.kind == Kind::kAccount || std::any_of(node.children.begin(), node.children.end(), has_account);
}

}  // namespace

bool is_leaf(Kind kind) {
  return kind >= Kind::kTerm;
}

bool is_text_leaf(Kind kind) {
  return kind >= Kind::kTerm && kind <= Kind::kMention;
}

bool is_near_side(const Node& node) {
  if (node.kind == Kind::kOr) {
    return std::all_of(node.children.begin(), node.children.end(), [](const Node& child) {
      return child.kind >= Kind::kTerm && child.kind <= Kind::kPhrase;
    });
  }
  return node.kind >= Kind::kTerm && node.kind <= Kind::kPhrase;
}

bool is_anchored(const Node& node) {
  switch (node.kind) {
    case Kind::kAnd:
      return std::any_of(node.children.begin(), node.children.end(), is_anchored);
    case Kind::kOr:
      return std::all_of(node.children.begin(), node.children.end(), is_anchored);
    case Kind::kNot:
    case Kind::kLang:
    case Kind::kNetwork:
    case Kind::kHas:
    case Kind::kIs:
    case Kind::kFollowers:
      return false;
    case Kind::kAccount:
      return node.fact == Fact::kOwn || node.fact == Fact::kNamed;
    case Kind::kNear:
    case Kind::kTerm:
    case Kind::kWord:
    case Kind::kRaw:
    case Kind::kPhrase:
    case Kind::kTag:
    case Kind::kMention:
    case Kind::kFrom:
    case Kind::kTo:
    case Kind::kUrl:
      return true;
  }
  return true;
}

Query make_query(Node root) {
  Query query;
  query.root = std::move(root);
  query.terms = count_leaves(query.root);
  query.asks_for_account = has_account(query.root);
  query.anchored = is_anchored(query.root);
  return query;
}

std::string_view name(Fact fact) {
  switch (fact) {
    case Fact::kNone:
    case Fact::kNamed:
      return "";
    case Fact::kLink:
      return "link";
    case Fact::kImage:
      return "image";
    case Fact::kVideo:
      return "video";
    case Fact::kQuestion:
      return "question";
    case Fact::kReply:
      return "reply";
    case Fact::kRepost:
      return "repost";
    case Fact::kQuote:
      return "quote";
    case Fact::kOwn:
      return "own";
    case Fact::kOthers:
      return "others";
    case Fact::kAny:
      return "any";
  }
  return "";
}

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::kAnd:
      return "and";
    case Kind::kOr:
      return "or";
    case Kind::kNot:
      return "not";
    case Kind::kNear:
      return "near";
    case Kind::kTerm:
      return "term";
    case Kind::kWord:
      return "word";
    case Kind::kRaw:
      return "raw";
    case Kind::kPhrase:
      return "phrase";
    case Kind::kTag:
      return "tag";
    case Kind::kMention:
      return "mention";
    case Kind::kFrom:
      return "from";
    case Kind::kTo:
      return "to";
    case Kind::kLang:
      return "lang";
    case Kind::kNetwork:
      return "network";
    case Kind::kUrl:
      return "url";
    case Kind::kHas:
      return "has";
    case Kind::kIs:
      return "is";
    case Kind::kFollowers:
      return "followers";
    case Kind::kAccount:
      return "account";
  }
  return "";
}

std::string_view sign(Compare compare) {
  switch (compare) {
    case Compare::kLess:
      return "<";
    case Compare::kLessOrEqual:
      return "<=";
    case Compare::kEqual:
      return "=";
    case Compare::kGreaterOrEqual:
      return ">=";
    case Compare::kGreater:
      return ">";
  }
  return "";
}

}  // namespace kiki::listening::query
