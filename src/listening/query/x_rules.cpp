#include "listening/query/x_rules.hpp"

#include <algorithm>
#include <optional>

#include "listening/query/pattern.hpp"
#include "text/utf8.hpp"

namespace kiki::listening::query {
namespace {

constexpr std::string_view kNetworkOfX = "x";

// What X can be asked for.
struct Ask {
  enum class Kind : std::uint8_t {
    kAnything,  // no condition: the rest is checked here
    kNothing,   // never on X
    kWords,     // `text`: a condition that can stand alone
    kLimit,     // `text`: one that cannot (lang:, has:, is:, a negation)
    kAnd,
    kOr,
  };
  Kind kind = Kind::kAnything;
  std::string text;
  std::vector<Ask> parts;
  bool exact = true;  // X means the same, so that it may be negated
  SourceRange source;
};

Ask simple(Ask::Kind kind, const Node& node, std::string text, bool exact = true) {
  return {kind, std::move(text), {}, exact, node.source};
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// Bare only what X cannot take for anything else.
std::string x_term(const std::string& text) {
  const bool operator_word = text == "OR" || text == "AND" || text == "or" || text == "and";
  bool plain = !operator_word;
  for (const text::CodePoint& c : text::code_points(text)) {
    const bool ascii_word = (c.value >= '0' && c.value <= '9') || (c.value >= 'a' && c.value <= 'z') ||
                            (c.value >= 'A' && c.value <= 'Z') || c.value >= 0x80;
    plain &= ascii_word;
  }
  return plain ? text : quoted(text);
}

bool stands_alone(const Ask& ask) {
  if (ask.kind == Ask::Kind::kAnd) return std::any_of(ask.parts.begin(), ask.parts.end(), stands_alone);
  if (ask.kind == Ask::Kind::kOr) return std::all_of(ask.parts.begin(), ask.parts.end(), stands_alone);
  return ask.kind == Ask::Kind::kWords;
}

std::string written(const Ask& ask) {
  if (ask.parts.empty()) return ask.text;
  if (ask.parts.size() == 1) return written(ask.parts.front());
  std::string out;
  for (const Ask& part : ask.parts) {
    if (!out.empty()) out += ask.kind == Ask::Kind::kOr ? " OR " : " ";
    const bool brackets =
        part.kind == Ask::Kind::kOr || (part.kind == Ask::Kind::kAnd && ask.kind == Ask::Kind::kOr);
    out += brackets ? '(' + written(part) + ')' : written(part);
  }
  return out;
}

class Exporter {
 public:
  explicit Exporter(std::size_t limit) : limit_(limit) {}

  XRules run(const Query& query) {
    const Ask ask = ask_for(query.root);
    if (ask.kind == Ask::Kind::kNothing) {
      lose("network", query.root.source);
    } else if (stands_alone(ask)) {
      split(ask);
    } else if (ask.kind != Ask::Kind::kOr) {
      lose("anchorless", query.root.source);
    } else {
      Ask standing{Ask::Kind::kOr, "", {}, true, ask.source};
      for (const Ask& part : ask.parts) {
        if (stands_alone(part)) {
          standing.parts.push_back(part);
        } else {
          lose("anchorless", part.source);
        }
      }
      if (!standing.parts.empty()) split(standing);
    }
    std::stable_sort(out_.unsaid.begin(), out_.unsaid.end(),
                     [](const Unsaid& a, const Unsaid& b) { return a.bytes.begin < b.bytes.begin; });
    return std::move(out_);
  }

 private:
  void lose(std::string code, SourceRange place) { out_.unsaid.push_back({std::move(code), place, true}); }

  Ask anything(const Node& node, std::string code) {
    out_.unsaid.push_back({std::move(code), node.source, false});
    return simple(Ask::Kind::kAnything, node, "", false);
  }

  Ask ask_for(const Node& node) {
    switch (node.kind) {
      case Kind::kAnd:
        return ask_for_all(node);
      case Kind::kOr:
        return ask_for_any(node);
      case Kind::kNot:
        return ask_without(node);
      case Kind::kNear: {
        out_.unsaid.push_back({"distance", node.source, false});
        Ask both = ask_for_all(node);
        both.exact = false;
        return both;
      }
      default:
        return ask_for_leaf(node);
    }
  }

  Ask ask_for_leaf(const Node& node) {
    using K = Ask::Kind;
    const std::string field = std::string(name(node.kind)) + ':';
    switch (node.kind) {
      case Kind::kTerm:
        if (node.has_any) return anything(node, "any_character");
        if ((node.open_left || node.open_right) && !make_pattern(node, {}).unspaced) {
          return anything(node, "any_character");
        }
        return simple(K::kWords, node, x_term(node.text));
      case Kind::kWord:
        if (node.has_any || node.open_left || node.open_right) return anything(node, "any_character");
        [[fallthrough]];
      case Kind::kRaw:
        out_.unsaid.push_back({"exact", node.source, false});
        return simple(K::kWords, node, x_term(node.text), false);
      case Kind::kPhrase:
        return simple(K::kWords, node, quoted(node.text));
      case Kind::kTag:
        if (node.open_right) return anything(node, "any_character");
        return simple(K::kWords, node, '#' + node.text);
      case Kind::kMention:
      case Kind::kFrom:
      case Kind::kTo: {
        if (node.open_right) return anything(node, "any_character");
        const std::string sign = node.kind == Kind::kMention ? "@" : field;
        return simple(K::kWords, node, sign + node.text.substr(0, node.text.find_first_of(".@")));
      }
      case Kind::kUrl:
        return simple(K::kWords, node, "url:" + quoted(node.text), false);
      case Kind::kLang:
        return simple(K::kLimit, node, "lang:" + node.text.substr(0, node.text.find('-')),
                      node.text.find('-') == std::string::npos);
      case Kind::kNetwork:
        return simple(node.text == kNetworkOfX ? K::kAnything : K::kNothing, node, "");
      case Kind::kHas:
        if (node.fact == Fact::kQuestion) return anything(node, "question");
        return simple(K::kLimit, node, "has:" + std::string(name(node.fact)) + "s");
      case Kind::kIs:
        return simple(K::kLimit, node,
                      node.fact == Fact::kRepost ? "is:retweet" : "is:" + std::string(name(node.fact)));
      case Kind::kFollowers:
        return anything(node, "followers");
      default:
        return anything(node, "account");
    }
  }

  Ask ask_inside(const Node& node) {
    ++depth_;
    Ask part = ask_for(node);
    --depth_;
    return part;
  }

  Ask ask_for_all(const Node& node) {
    Ask all{Ask::Kind::kAnd, "", {}, true, node.source};
    for (const Node& child : node.children) {
      Ask part = ask_inside(child);
      all.exact &= part.exact;
      if (part.kind == Ask::Kind::kNothing) return simple(Ask::Kind::kNothing, node, "", part.exact);
      if (part.kind == Ask::Kind::kAnything) continue;
      if (part.kind == Ask::Kind::kAnd) {
        for (Ask& inner : part.parts) all.parts.push_back(std::move(inner));
      } else {
        all.parts.push_back(std::move(part));
      }
    }
    if (all.parts.empty()) return simple(Ask::Kind::kAnything, node, "", all.exact);
    if (all.parts.size() > 1) return all;
    Ask one = std::move(all.parts.front());
    one.exact = all.exact;
    return one;
  }

  Ask ask_for_any(const Node& node) {
    Ask any{Ask::Kind::kOr, "", {}, true, node.source};
    bool anything = false;
    for (const Node& child : node.children) {
      Ask part = ask_for(child);
      any.exact &= part.exact;
      if (part.kind == Ask::Kind::kNothing) continue;
      anything |= part.kind == Ask::Kind::kAnything;
      any.parts.push_back(std::move(part));
    }
    if (any.parts.empty()) return simple(Ask::Kind::kNothing, node, "", any.exact);
    // At the top the other sides can still be had; inside an AND this side is then no condition at all.
    if (anything && depth_ > 0) return simple(Ask::Kind::kAnything, node, "", any.exact);
    if (any.parts.size() > 1) return any;
    Ask one = std::move(any.parts.front());
    one.exact = any.exact;
    return one;
  }

  Ask ask_without(const Node& node) {
    const Node& inner = node.children.front();
    if (inner.kind == Kind::kNot) return ask_inside(inner.children.front());
    const auto before = out_.unsaid.size();
    Ask out = ask_inside(inner);
    out_.unsaid.resize(before);  // inside a negation they would say the wrong thing
    if (out.kind == Ask::Kind::kNothing && out.exact) return simple(Ask::Kind::kAnything, node, "");
    if (out.kind == Ask::Kind::kAnything && out.exact) return simple(Ask::Kind::kNothing, node, "");
    if (!out.exact || out.kind == Ask::Kind::kAnd) return anything(node, "not");
    if (out.kind != Ask::Kind::kOr)
      return simple(Ask::Kind::kLimit, node, '-' + out.text, !out.text.starts_with('-'));
    Ask all{Ask::Kind::kAnd, "", {}, true, node.source};
    for (const Ask& part : out.parts) {
      if (!part.parts.empty() || part.text.empty() || part.text.starts_with('-'))
        return anything(node, "not");
      all.parts.push_back(simple(Ask::Kind::kLimit, node, '-' + part.text));
    }
    return all;
  }

  static std::size_t characters(const Ask& ask) { return text::count_code_points(written(ask)); }

  // One rule when it fits; otherwise its longest list of alternatives is cut in two, as often as needed.
  void split(const Ask& ask) {
    const std::string text = written(ask);
    if (text::count_code_points(text) <= limit_) {
      out_.rules.push_back(text);
      return;
    }
    if (ask.kind == Ask::Kind::kOr) return pack(ask);
    std::size_t longest = ask.parts.size();
    for (std::size_t i = 0; i < ask.parts.size(); ++i) {
      if (ask.parts[i].kind != Ask::Kind::kOr) continue;
      if (longest == ask.parts.size() || characters(ask.parts[i]) > characters(ask.parts[longest]))
        longest = i;
    }
    if (longest == ask.parts.size()) return lose("too_long", ask.source);
    const std::vector<Ask>& sides = ask.parts[longest].parts;
    const std::size_t middle = sides.size() / 2;
    for (const bool front : {true, false}) {
      Ask half = ask;
      std::vector<Ask>& kept = half.parts[longest].parts;
      kept.erase(front ? kept.begin() + static_cast<std::ptrdiff_t>(middle) : kept.begin(),
                 front ? kept.end() : kept.begin() + static_cast<std::ptrdiff_t>(middle));
      if (kept.size() == 1) {
        Ask one = std::move(kept.front());
        half.parts[longest] = std::move(one);
      }
      split(half);
    }
  }

  // As many alternatives in a rule as fit.
  void pack(const Ask& ask) {
    Ask rule{Ask::Kind::kOr, "", {}, true, ask.source};
    for (const Ask& part : ask.parts) {
      Ask longer = rule;
      longer.parts.push_back(part);
      if (characters(longer) <= limit_) {
        rule = std::move(longer);
        continue;
      }
      if (!rule.parts.empty()) out_.rules.push_back(written(rule));
      rule.parts.clear();
      if (characters(part) <= limit_) {
        rule.parts.push_back(part);
      } else {
        split(part);
      }
    }
    if (!rule.parts.empty()) out_.rules.push_back(written(rule));
  }

  std::size_t limit_;
  std::size_t depth_ = 0;
  XRules out_;
};

}  // namespace

XRules to_x_rules(const Query& query, std::size_t limit_characters) {
  return Exporter(limit_characters).run(query);
}

}  // namespace kiki::listening::query
