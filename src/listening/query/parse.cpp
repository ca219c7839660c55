// A recursive descent over the lexer's tokens: NEAR binds before NOT, NOT before AND, AND before OR. After a
// mistake it goes on with what is left, so that all are told at once.

#include "listening/query/parse.hpp"

#include <algorithm>
#include <charconv>

#include "listening/query/leaf.hpp"
#include "listening/query/lexer.hpp"
#include "text/utf8.hpp"

namespace kiki::listening::query {
namespace {

bool begins_operand(TokenKind kind) {
  return kind == TokenKind::kWord || kind == TokenKind::kQuoted || kind == TokenKind::kOpen ||
         kind == TokenKind::kMinus || kind == TokenKind::kNot;
}

// a AND (b AND c) is one list of three.
Node join(Kind kind, std::vector<Node> sides) {
  if (sides.size() == 1) return std::move(sides.front());
  Node node;
  node.kind = kind;
  node.source = {sides.front().source.begin, sides.back().source.end};
  for (Node& side : sides) {
    if (side.kind == kind) {
      std::move(side.children.begin(), side.children.end(), std::back_inserter(node.children));
    } else {
      node.children.push_back(std::move(side));
    }
  }
  return node;
}

// Stands where a mistake was.
Node broken(SourceRange source) {
  Node node;
  node.source = source;
  return node;
}
bool is_broken(const Node& node) {
  return node.kind == Kind::kAnd && node.children.empty();
}

class Parser {
 public:
  Parser(std::string_view text, std::vector<Mistake>& mistakes)
      : text_(text), tokens_(lex(text)), mistakes_(mistakes) {}

  Node run() {
    if (tokens_.size() == 1) {
      wrong("empty", {0, text_.size()});
      return {};
    }
    std::vector<Node> parts;
    while (!at_end()) {
      if (is(TokenKind::kClose)) {
        wrong("unopened_bracket", token().source);
        ++at_;
        continue;
      }
      const std::size_t before = at_;
      parts.push_back(parse_or());
      if (at_ == before) ++at_;  // every token is looked at once
    }
    return parts.empty() ? Node{} : join(Kind::kAnd, std::move(parts));
  }

 private:
  const Token& token() const { return tokens_[at_]; }
  bool is(TokenKind kind) const { return token().kind == kind; }
  bool at_end() const { return is(TokenKind::kEnd); }

  void wrong(std::string code, SourceRange place,
             std::vector<std::pair<std::string, std::string>> values = {},
             std::optional<std::string> instead = {}) {
    if (mistakes_.size() < kMistakesLimit) {
      mistakes_.push_back(mistake(std::move(code), place, std::move(values), std::move(instead)));
    }
  }

  std::string written(SourceRange place) const {
    return std::string(text_.substr(place.begin, place.end - place.begin));
  }

  void missing(const char* code, const Token& op) {
    wrong(code, op.source, {{"operator", written(op.source)}});
  }

  Node parse_or() {
    std::vector<Node> sides;
    sides.push_back(parse_and());
    while (is(TokenKind::kOr)) {
      const Token& op = token();
      ++at_;
      if (begins_operand(token().kind)) {
        sides.push_back(parse_and());
      } else if (is(TokenKind::kOr) || is(TokenKind::kAnd) || is(TokenKind::kNear)) {
        two_operators(op);
      } else {
        missing("missing_right", op);
      }
    }
    return join(Kind::kOr, std::move(sides));
  }

  void two_operators(const Token& first) {
    wrong("two_operators", {first.source.begin, token().source.end},
          {{"first", written(first.source)}, {"second", written(token().source)}});
    ++at_;
    if (begins_operand(token().kind)) parse_and();
  }

  Node parse_and() {
    std::vector<Node> sides;
    while (true) {
      if (is(TokenKind::kAnd)) {
        const Token& op = token();
        ++at_;
        if (sides.empty()) missing("missing_left", op);
        if (is(TokenKind::kOr) || is(TokenKind::kAnd) || is(TokenKind::kNear)) {
          two_operators(op);
        } else if (!begins_operand(token().kind)) {
          missing("missing_right", op);
        }
      } else if (begins_operand(token().kind)) {
        sides.push_back(parse_not());
      } else if (is(TokenKind::kNear)) {
        missing("missing_left", token());  // parse_near() takes those with a left side
        ++at_;
      } else {
        break;
      }
    }
    if (sides.empty()) {
      if (is(TokenKind::kOr)) missing("missing_left", token());
      return broken(token().source);
    }
    return join(Kind::kAnd, std::move(sides));
  }

  Node parse_not() {
    if (!is(TokenKind::kNot) && !is(TokenKind::kMinus)) return parse_near();
    const Token& op = token();
    ++at_;
    if (op.kind == TokenKind::kMinus && !(op.glued && begins_operand(token().kind))) {
      wrong("stray_minus", op.source);
      return begins_operand(token().kind) ? parse_not() : broken(op.source);
    }
    if (!begins_operand(token().kind)) {
      missing("missing_right", op);
      return broken(op.source);
    }
    if (too_deep(op)) return broken(op.source);
    Node node;
    node.kind = Kind::kNot;
    node.children.push_back(parse_not());
    node.source = {op.source.begin, node.children.front().source.end};
    --depth_;
    return node;
  }

  bool too_deep(const Token& op) {
    if (++depth_ <= kDepthLimit) return false;
    wrong("too_deep", op.source, {{"limit", std::to_string(kDepthLimit)}});
    at_ = tokens_.size() - 1;  // what follows cannot be understood without this
    given_up_ = true;
    return true;
  }

  Node parse_near() {
    Node left = parse_primary();
    if (!is(TokenKind::kNear)) return left;
    const Token& op = token();
    ++at_;
    Node node;
    node.kind = Kind::kNear;
    node.in_order = op.in_order;
    read_distance(op, node);
    if (!begins_operand(token().kind)) {
      missing("missing_right", op);
      return left;
    }
    const bool negated = is(TokenKind::kNot) || is(TokenKind::kMinus);
    Node right = negated ? parse_not() : parse_primary();
    for (const Node* side : {&left, &right}) {
      // What was wrong itself has been told.
      if (!is_near_side(*side) && !is_broken(*side)) {
        wrong("near_side", side->source, {{"operator", written(op.source)}});
      }
    }
    while (is(TokenKind::kNear)) {
      missing("near_chain", token());
      ++at_;
      if (begins_operand(token().kind)) parse_primary_or_not();
    }
    node.source = {left.source.begin, right.source.end};
    node.children.push_back(std::move(left));
    node.children.push_back(std::move(right));
    return node;
  }

  void parse_primary_or_not() {
    if (is(TokenKind::kNot) || is(TokenKind::kMinus)) {
      parse_not();
    } else {
      parse_primary();
    }
  }

  void read_distance(const Token& op, Node& node) {
    std::string_view word = op.text;
    const std::string narrowed = narrow(word);
    const std::string_view rest = std::string_view(narrowed).substr(op.in_order ? 5 : 4);
    if (rest.empty()) {
      node.distance = kNearDefault;
      return;
    }
    std::size_t distance = 0;
    const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), distance);
    const std::string keyword = op.in_order ? "ONEAR" : "NEAR";
    const bool right = rest[0] == '/' && rest.size() > 1 && error == std::errc() &&
                       end == rest.data() + rest.size() && distance <= kNearLimit;
    if (!right) {
      wrong("bad_distance", op.source,
            {{"limit", std::to_string(kNearLimit)}, {"operator", keyword}, {"text", written(op.source)}},
            keyword + "/" + std::to_string(kNearDefault));
    }
    node.distance = right ? static_cast<std::uint32_t>(distance) : kNearDefault;
  }

  Node parse_primary() {
    if (is(TokenKind::kOpen)) return parse_brackets();
    const Token& here = token();
    ++at_;
    if (++terms_ == kQueryLimitTerms + 1) {
      wrong("too_many_terms", here.source, {{"limit", std::to_string(kQueryLimitTerms)}});
    }
    if (!here.field.empty() && here.text.empty() && here.glued && is(TokenKind::kOpen)) {
      wrong("field_before_bracket", here.source, {{"field", here.field}});
      return broken(here.source);
    }
    Leaf leaf = read_leaf(here);
    if (leaf.mistake) {
      if (!here.closed) {  // the opening quote alone
        leaf.mistake->bytes.end = here.value.begin + text::code_point_at(text_, here.value.begin).bytes;
      }
      if (mistakes_.size() < kMistakesLimit) mistakes_.push_back(std::move(*leaf.mistake));
      return broken(here.source);
    }
    return std::move(leaf.node);
  }

  Node parse_brackets() {
    const Token& open = token();
    if (too_deep(open)) return broken(open.source);
    ++at_;
    Node node = broken(open.source);
    if (is(TokenKind::kClose)) {
      wrong("empty_brackets", {open.source.begin, token().source.end});
    } else {
      node = parse_or();
    }
    if (is(TokenKind::kClose)) {
      node.source = {open.source.begin, token().source.end};
      ++at_;
    } else if (!given_up_) {
      wrong("unclosed_bracket", open.source);
    }
    --depth_;
    return node;
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::vector<Mistake>& mistakes_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t terms_ = 0;
  bool given_up_ = false;
};

// Brackets and NOTs inside each other, as print() writes them: what is printed has to be read again.
std::size_t depth_of(const Node& node) {
  std::size_t deepest = 0;
  for (const Node& child : node.children) {
    const bool brackets = child.kind == Kind::kAnd || child.kind == Kind::kOr || child.kind == Kind::kNear;
    deepest = std::max(deepest, depth_of(child) + (brackets ? 1 : 0));
  }
  return deepest + (node.kind == Kind::kNot ? 1 : 0);
}

// Bytes to UTF-16 for all places in one walk over the text.
void place_in_utf16(std::string_view text, std::vector<Mistake>& mistakes) {
  for (Mistake& each : mistakes) {
    each.utf16.begin = text::utf16_offset(text, each.bytes.begin);
    each.utf16.end = each.utf16.begin +
                     text::utf16_length(text.substr(each.bytes.begin, each.bytes.end - each.bytes.begin));
  }
}

}  // namespace

Parsed parse(std::string_view text) {
  Parsed parsed;
  if (const auto at = text::find_invalid_utf8(text)) {
    parsed.mistakes.push_back(mistake("not_utf8", {*at, *at + 1}));
  } else if (text::count_code_points(text) > kQueryLimitCharacters) {
    parsed.mistakes.push_back(
        mistake("too_long", {0, text.size()}, {{"limit", std::to_string(kQueryLimitCharacters)}}));
  } else {
    Node root = Parser(text, parsed.mistakes).run();
    if (parsed.mistakes.empty() && depth_of(root) > kDepthLimit) {
      parsed.mistakes.push_back(mistake("too_deep", root.source, {{"limit", std::to_string(kDepthLimit)}}));
    }
    if (parsed.mistakes.empty()) parsed.query = make_query(std::move(root));
  }
  std::stable_sort(parsed.mistakes.begin(), parsed.mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return a.bytes.begin < b.bytes.begin; });
  place_in_utf16(text, parsed.mistakes);
  return parsed;
}

}  // namespace kiki::listening::query
