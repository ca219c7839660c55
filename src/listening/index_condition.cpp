#include "listening/index_condition.hpp"

#include <set>

#include "text/normalize.hpp"
#include "text/utf8.hpp"

namespace kiki::listening {
namespace {

using query::Kind;
using search::Condition;

// Hiragana and katakana stand 0x60 apart, ぁ to ゖ.
std::string in_other_kana(std::string_view text, bool to_katakana) {
  std::string out;
  for (const auto& c : text::code_points(text)) {
    const bool hiragana = c.value >= 0x3041 && c.value <= 0x3096;
    const bool katakana = c.value >= 0x30A1 && c.value <= 0x30F6;
    char32_t value = c.value;
    if (to_katakana && hiragana) value += 0x60;
    if (!to_katakana && katakana) value -= 0x60;
    text::append_utf8(out, value);
  }
  return out;
}

Condition join(Condition::Kind kind, std::vector<Condition> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  Condition condition;
  condition.kind = kind;
  condition.parts = std::move(parts);
  return condition;
}

std::optional<Condition> words_condition(std::string_view words) {
  std::vector<Condition> phrases;
  for (auto& phrase : text::query_tokens(words)) {
    Condition one;
    one.phrase = std::move(phrase);
    // A query's word may go on where the index ends a token; all fronts are asked for, which is never too
    // few.
    one.phrase.last_is_prefix = true;
    phrases.push_back(std::move(one));
  }
  if (phrases.empty()) return std::nullopt;
  return join(Condition::Kind::kAll, std::move(phrases));
}

std::optional<Condition> leaf_condition(const query::Node& node) {
  if (node.has_any || node.open_left) return std::nullopt;
  const auto folded = text::fold(node.text);
  const std::set<std::string> forms{folded, in_other_kana(folded, true), in_other_kana(folded, false)};
  std::vector<Condition> any;
  for (const auto& form : forms) {
    auto one = words_condition(form);
    if (!one) return std::nullopt;
    any.push_back(std::move(*one));
  }
  return join(Condition::Kind::kAny, std::move(any));
}

std::optional<Condition> condition_of(const query::Node& node) {
  switch (node.kind) {
    case Kind::kTerm:
    case Kind::kWord:
    case Kind::kRaw:
    case Kind::kPhrase:
      return leaf_condition(node);
    case Kind::kOr: {
      std::vector<Condition> any;
      for (const auto& child : node.children) {
        auto one = condition_of(child);
        if (!one) return std::nullopt;
        any.push_back(std::move(*one));
      }
      return join(Condition::Kind::kAny, std::move(any));
    }
    case Kind::kAnd:
    case Kind::kNear: {
      std::vector<Condition> all;
      for (const auto& child : node.children) {
        if (auto one = condition_of(child)) all.push_back(std::move(*one));
      }
      if (all.empty()) return std::nullopt;
      return join(Condition::Kind::kAll, std::move(all));
    }
    default:
      return std::nullopt;  // tags may stand in a post's facts alone
  }
}

std::size_t count_phrases(const Condition& condition) {
  if (condition.kind == Condition::Kind::kPhrase) return 1;
  std::size_t count = 0;
  for (const auto& part : condition.parts) count += count_phrases(part);
  return count;
}

}  // namespace

std::optional<search::Condition> index_condition(const query::Query& query) {
  auto condition = condition_of(query.root);
  if (!condition || count_phrases(*condition) > search::kConditionLimitPhrases) return std::nullopt;
  return condition;
}

}  // namespace kiki::listening
