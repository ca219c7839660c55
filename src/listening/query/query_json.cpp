#include "listening/query/query_json.hpp"

#include <boost/json.hpp>

#include "listening/query/lexer.hpp"
#include "listening/query/message.hpp"
#include "listening/query/tree.hpp"
#include "text/utf8.hpp"

namespace kiki::listening::query {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

// Byte offsets to UTF-16, for many places at the price of one walk.
class Places {
 public:
  explicit Places(std::string_view text) {
    units_.reserve(text.size() + 1);
    std::uint32_t units = 0;
    for (const text::CodePoint& c : text::code_points(text)) {
      for (std::size_t i = 0; i < c.bytes; ++i) units_.push_back(units);
      units += c.value > 0xFFFF ? 2 : 1;
    }
    units_.push_back(units);
  }
  void put(boost::json::object& out, SourceRange bytes) const {
    out["start"] = units_[bytes.begin];
    out["end"] = units_[bytes.end];
  }

 private:
  std::vector<std::uint32_t> units_;
};

boost::json::object values_json(const Values& values) {
  boost::json::object out;
  for (const auto& [name, value] : values) out[name] = value;
  return out;
}

boost::json::object mistake_json(const Mistake& mistake) {
  boost::json::object out;
  out["code"] = mistake.code;
  out["message"] = english("query.mistake." + mistake.code, mistake.values);
  out["hint"] = english("query.hint." + mistake.code, mistake.values);
  out["values"] = values_json(mistake.values);
  out["start"] = mistake.utf16.begin;
  out["end"] = mistake.utf16.end;
  if (mistake.instead) out["instead"] = *mistake.instead;
  return out;
}

boost::json::object tree_json(const Explained& part, const Places& places) {
  boost::json::object out;
  out["key"] = part.key;
  out["values"] = values_json(part.values);
  places.put(out, part.source);
  boost::json::array children;
  for (const Explained& child : part.children) children.push_back(tree_json(child, places));
  out["children"] = std::move(children);
  return out;
}

}  // namespace

boost::json::object to_json(const Advice& advice) {
  boost::json::object out;
  out["code"] = advice.code;
  out["message"] = english("query.lint." + advice.code, advice.values);
  out["values"] = values_json(advice.values);
  out["start"] = advice.utf16.begin;
  out["end"] = advice.utf16.end;
  if (advice.instead) out["instead"] = *advice.instead;
  return out;
}

boost::json::object to_json(const Parsed& parsed, std::string_view text, const Seen& seen) {
  boost::json::object out;
  boost::json::array tokens;
  boost::json::array mistakes;
  boost::json::array advice;
  for (const Mistake& mistake : parsed.mistakes) mistakes.push_back(mistake_json(mistake));
  const Places places(text);
  const bool readable =
      !text::find_invalid_utf8(text) && text::count_code_points(text) <= kQueryLimitCharacters;
  if (readable) {
    for (const Token& token : lex(text)) {
      if (token.kind == TokenKind::kEnd) break;
      boost::json::object each;
      each["kind"] = colour(token);
      places.put(each, token.source);
      tokens.push_back(std::move(each));
    }
  }
  out["valid"] = parsed.query.has_value();
  out["tokens"] = std::move(tokens);
  out["mistakes"] = std::move(mistakes);
  if (parsed.query) {
    for (const Advice& each : lint(*parsed.query, text, seen)) advice.push_back(to_json(each));
    out["normal_form"] = print(*parsed.query);
    out["terms"] = parsed.query->terms;
    out["anchored"] = parsed.query->anchored;
    out["tree"] = tree_json(explain(parsed.query->root), places);
  } else {
    out["tree"] = nullptr;
  }
  out["advice"] = std::move(advice);
  return out;
}

}  // namespace kiki::listening::query
