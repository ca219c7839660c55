#include "listening/query/lint.hpp"

#include <algorithm>
#include <set>

#include "listening/query/lexer.hpp"
#include "text/search_fold.hpp"
#include "text/utf8.hpp"

namespace kiki::listening::query {
namespace {

using text::CharKind;
using Values = std::vector<std::pair<std::string, std::string>>;

class Linter {
 public:
  explicit Linter(std::string_view text) : text_(text) {}

  void visit(const Node& node) {
    switch (node.kind) {
      case Kind::kOr:
        look_at_or(node);
        break;
      case Kind::kAnd:
        look_at_and(node);
        break;
      case Kind::kNot:
        if (node.children.front().kind == Kind::kNot) {
          add("double_not", node.source, {}, print(node.children.front().children.front()));
        }
        break;
      case Kind::kTerm:
        look_at_term(node);
        break;
      case Kind::kPhrase:
        if (node.text.find_first_of("*?") != std::string::npos) add("quoted_wildcard", node.source);
        look_at_runs(node);
        break;
      default:
        break;
    }
    for (const Node& child : node.children) visit(child);
  }

  void add(std::string code, SourceRange place, Values values = {}, std::optional<std::string> instead = {}) {
    if (advice_.size() < kAdviceLimit) {
      advice_.push_back({std::move(code), place, {}, std::move(values), std::move(instead)});
    }
  }

  // The query's own words "or", "and" … between others.
  void look_at_tokens() {
    const std::vector<Token> tokens = lex(text_);
    for (std::size_t i = 1; i + 2 < tokens.size(); ++i) {
      if (tokens[i].kind != TokenKind::kWord || !tokens[i].field.empty()) continue;
      std::string upper = narrow(tokens[i].text);
      for (char& c : upper) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
      }
      const std::string name = upper.substr(0, upper.find('/'));
      const bool near = name == "NEAR" || name == "ONEAR";
      const bool plain = upper == "OR" || upper == "AND" || upper == "NOT";
      if (plain || (near && upper.size() > name.size())) {
        add("small_operator", tokens[i].source, {{"right", upper}, {"text", tokens[i].text}}, upper);
      }
    }
  }

  std::vector<Advice> take() {
    std::stable_sort(advice_.begin(), advice_.end(),
                     [](const Advice& a, const Advice& b) { return a.bytes.begin < b.bytes.begin; });
    for (Advice& each : advice_) {
      each.utf16.begin = text::utf16_offset(text_, each.bytes.begin);
      each.utf16.end = each.utf16.begin +
                       text::utf16_length(text_.substr(each.bytes.begin, each.bytes.end - each.bytes.begin));
    }
    return std::move(advice_);
  }

 private:
  static bool in_brackets(const Node& node) { return node.source.begin < node.children.front().source.begin; }

  void look_at_or(const Node& node) {
    for (const Node& child : node.children) {
      if (child.kind == Kind::kNot) add("or_not", child.source);
      if (child.kind != Kind::kAnd || in_brackets(child)) continue;
      const bool has_not = std::any_of(child.children.begin(), child.children.end(),
                                       [](const Node& part) { return part.kind == Kind::kNot; });
      const bool last = &child == &node.children.back();
      if (has_not && last) {
        add("mixed_or_not", node.source, {{"form", print(node)}}, not_outside(node));
      } else {
        add("mixed_or_and", node.source, {{"form", print(node)}}, print(node));
      }
      break;  // once is enough
    }
    look_for_twins(node);
  }

  // a OR b -c, as most people mean it: (a OR b) -c.
  static std::string not_outside(const Node& node) {
    Node either;
    either.kind = Kind::kOr;
    either.children.assign(node.children.begin(), node.children.end() - 1);
    Node rest;
    rest.kind = Kind::kAnd;
    Node all;
    all.kind = Kind::kAnd;
    std::vector<Node> without;
    for (const Node& part : node.children.back().children) {
      (part.kind == Kind::kNot ? without : rest.children).push_back(part);
    }
    if (rest.children.empty()) return print(node);
    either.children.push_back(rest.children.size() == 1 ? rest.children.front() : rest);
    all.children.push_back(std::move(either));
    for (Node& part : without) all.children.push_back(std::move(part));
    return print(all);
  }

  void look_at_and(const Node& node) {
    look_for_twins(node);
    std::set<std::string> wanted;
    for (const Node& child : node.children) {
      if (child.kind != Kind::kNot) wanted.insert(print(child));
    }
    for (const Node& child : node.children) {
      if (child.kind != Kind::kNot) continue;
      const std::string form = print(child.children.front());
      if (wanted.contains(form)) add("contradiction", child.source, {{"text", form}});
    }
  }

  void look_for_twins(const Node& node) {
    std::set<std::string> seen;
    for (const Node& child : node.children) {
      const std::string form = print(child);
      if (!seen.insert(form).second) add("duplicate", child.source, {{"text", form}});
    }
  }

  void look_at_term(const Node& node) {
    const text::SearchText plain = text::fold_for_search(node.text, {false, false, false, false});
    const auto all = [&](CharKind kind) {
      return std::all_of(plain.kinds.begin(), plain.kinds.end(), [&](CharKind each) { return each == kind; });
    };
    const bool unspaced = std::any_of(plain.kinds.begin(), plain.kinds.end(), text::is_unspaced);
    const bool open = node.open_left || node.open_right;
    if (open && unspaced) add("star_has_no_use", node.source, {{"text", node.text}}, node.text);
    if (node.has_any && node.text.ends_with('?')) add("question_mark", node.source, {{"text", node.text}});
    if (plain.size() == 1 && !all(CharKind::kPictograph)) {
      add("short", node.source, {{"text", node.text}});
    } else if (plain.size() <= 3 && !node.has_any && (all(CharKind::kKatakana) || all(CharKind::kHiragana))) {
      add("short_kana", node.source, {{"text", node.text}}, "word:" + node.text);
    }
    const bool corner = plain.code_points.find_first_of(U"「」『』") != std::u32string::npos;
    if (corner) add("corner_brackets", node.source, {}, '"' + without_corners(node.text) + '"');
    const std::size_t separator = plain.code_points.find_first_of(U"、,，;；");
    // 1,000 is a number.
    const bool number = separator != std::u32string::npos && separator > 0 && separator + 1 < plain.size() &&
                        plain.code_points[separator] == ',' && plain.code_points[separator - 1] <= '9' &&
                        plain.code_points[separator + 1] <= '9';
    if (separator != std::u32string::npos && !number)
      add("separator_inside", node.source, {{"text", node.text}});
    look_at_runs(node);
  }

  static std::string without_corners(const std::string& text) {
    std::string out;
    for (const text::CodePoint& c : text::code_points(text)) {
      if (std::u32string_view(U"「」『』").find(c.value) == std::u32string_view::npos)
        text::append_utf8(out, c.value);
    }
    return out;
  }

  // 1000 is compared as 100.
  void look_at_runs(const Node& node) {
    const text::SearchText plain = text::fold_for_search(node.text, {true, true, true, false});
    for (std::size_t i = 2; i < plain.size(); ++i) {
      const char32_t c = plain.code_points[i];
      if (c == plain.code_points[i - 1] && c == plain.code_points[i - 2] && c >= '0' && c <= '9') {
        add("repeated", node.source, {{"text", node.text}}, "raw:\"" + node.text + '"');
        return;
      }
    }
  }

  std::string_view text_;
  std::vector<Advice> advice_;
};

std::size_t percent(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : part * 100 / whole;
}

void look_at_posts(const Query& query, const Seen& seen, std::string_view text, Linter& linter) {
  if (seen.posts < kSeenPostsForJudging) return;
  const SourceRange whole{0, text.size()};
  if (seen.matched == 0) linter.add("matches_nothing", whole);
  if (percent(seen.matched, seen.posts) >= kMuchPercent && query.anchored) {
    linter.add("matches_much", whole, {{"percent", std::to_string(percent(seen.matched, seen.posts))}});
  }
  for (const Seen::Leaf& leaf : seen.leaves) {
    if (percent(leaf.posts, seen.posts) < kCommonWordPercent) continue;
    linter.add("common_word", leaf.leaf,
               {{"percent", std::to_string(percent(leaf.posts, seen.posts))},
                {"text", std::string(text.substr(leaf.leaf.begin, leaf.leaf.end - leaf.leaf.begin))}});
  }
}

}  // namespace

std::vector<Advice> lint(const Query& query, std::string_view text, const Seen& seen) {
  Linter linter(text);
  linter.look_at_tokens();
  linter.visit(query.root);
  if (!query.anchored) linter.add("anchorless", {0, text.size()});
  look_at_posts(query, seen, text, linter);
  return linter.take();
}

}  // namespace kiki::listening::query
