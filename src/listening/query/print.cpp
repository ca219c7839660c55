// The normal form of a query.

#include "listening/query/lexer.hpp"
#include "listening/query/query.hpp"
#include "text/utf8.hpp"

namespace kiki::listening::query {
namespace {

// A value that would end, or mean something else, without quotes.
bool needs_quotes(const Node& node) {
  for (const text::CodePoint& c : text::code_points(node.text)) {
    if (is_query_space(c.value) || is_query_quote(c.value) || is_query_bracket(c.value)) return true;
    if (c.value == '*' || c.value == 0xFF0A) return true;
    if ((c.value == '?' || c.value == 0xFF1F) && !node.has_any && node.kind == Kind::kWord) return true;
  }
  return node.text.empty();
}

std::string value(const Node& node) {
  if (node.kind == Kind::kRaw || node.kind == Kind::kPhrase || needs_quotes(node))
    return '"' + node.text + '"';
  return (node.open_left ? "*" : "") + node.text + (node.open_right ? "*" : "");
}

void print(const Node& node, std::string& out);

// A child of AND, OR, NOT or NEAR: brackets wherever a reader could take it for something else.
void print_child(const Node& child, std::string& out) {
  const bool brackets = child.kind == Kind::kAnd || child.kind == Kind::kOr || child.kind == Kind::kNear;
  if (brackets) out += '(';
  print(child, out);
  if (brackets) out += ')';
}

void print_list(const Node& node, std::string_view between, std::string& out) {
  bool first = true;
  for (const Node& child : node.children) {
    if (!first) out += between;
    first = false;
    print_child(child, out);
  }
}

void print(const Node& node, std::string& out) {
  switch (node.kind) {
    case Kind::kAnd:
      return print_list(node, " ", out);
    case Kind::kOr:
      return print_list(node, " OR ", out);
    case Kind::kNot:
      out += '-';
      return print_child(node.children.front(), out);
    case Kind::kNear: {
      const std::string word = (node.in_order ? " ONEAR/" : " NEAR/") + std::to_string(node.distance) + " ";
      return print_list(node, word, out);
    }
    case Kind::kTerm:
    case Kind::kPhrase:
      out += value(node);
      return;
    case Kind::kTag:
      out += '#' + value(node);
      return;
    case Kind::kMention:
      out += '@' + value(node);
      return;
    case Kind::kHas:
    case Kind::kIs:
      ((out += name(node.kind)) += ':') += name(node.fact);
      return;
    case Kind::kFollowers:
      ((out += "followers:") += sign(node.compare)) += std::to_string(node.number);
      return;
    case Kind::kAccount:
      out += "account:";
      out += node.fact == Fact::kNamed ? value(node) : std::string(name(node.fact));
      return;
    case Kind::kWord:
    case Kind::kRaw:
    case Kind::kFrom:
    case Kind::kTo:
    case Kind::kLang:
    case Kind::kNetwork:
    case Kind::kUrl:
      ((out += name(node.kind)) += ':') += value(node);
      return;
  }
}

}  // namespace

std::string print(const Node& node) {
  std::string out;
  print(node, out);
  return out;
}

}  // namespace kiki::listening::query
