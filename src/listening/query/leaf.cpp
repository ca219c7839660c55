#include "listening/query/leaf.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "listening/query/post_facts.hpp"
#include "text/normalize.hpp"
#include "text/search_fold.hpp"
#include "text/utf8.hpp"

namespace kiki::listening::query {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

struct Wrong {  // a mistake at the leaf's place
  std::string code;
  Values values;
  std::optional<std::string> instead;
};
using Maybe = std::optional<Wrong>;

std::string small(std::string_view text) {
  std::string out = narrow(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

std::size_t searchable_characters(std::string_view text) {
  const text::SearchText folded = text::fold_for_search(text, {false, false, false, false});
  return static_cast<std::size_t>(
      std::count_if(folded.kinds.begin(), folded.kinds.end(), [](auto kind) { return is_searchable(kind); }));
}

// Takes ＊ and ？ for * and ?.
std::string narrow_wildcards(std::string_view text) {
  std::string out;
  for (const text::CodePoint& c : text::code_points(text)) {
    const char32_t value = c.value == 0xFF0A ? U'*' : c.value == 0xFF1F ? U'?' : c.value;
    text::append_utf8(out, value);
  }
  return out;
}

std::string quoted(std::string_view text) {
  return '"' + std::string(text) + '"';
}

// `*` at the ends of an unquoted value.
Maybe take_stars(Node& node, bool left_allowed) {
  if (node.text.find_first_not_of("*?") == std::string::npos && node.text.find('*') != std::string::npos) {
    return Wrong{"wildcard_alone", {{"text", node.text}}, {}};
  }
  if (node.text.starts_with('*')) {
    if (!left_allowed) return Wrong{"star_in_front", {{"text", node.text}}, {}};
    node.open_left = true;
    node.text.erase(0, 1);
  }
  if (node.text.ends_with('*')) {
    node.open_right = true;
    node.text.pop_back();
  }
  if (node.text.find('*') != std::string::npos) return Wrong{"star_inside", {{"text", node.text}}, {}};
  return {};
}

Maybe nothing_to_find(const std::string& text) {
  const std::string narrowed = narrow(text);
  if (narrowed == "|" || narrowed == "||")
    return Wrong{"foreign_operator", {{"text", text}, {"right", "OR"}}, "OR"};
  if (narrowed == "&" || narrowed == "&&" || narrowed == "+") {
    return Wrong{"foreign_operator", {{"text", text}, {"right", "AND"}}, "AND"};
  }
  if (narrowed == "!") return Wrong{"foreign_operator", {{"text", text}, {"right", "NOT"}}, "NOT"};
  if (narrowed == "/" || narrowed == "," || text == "、" || text == "・" || narrowed == ";") {
    return Wrong{"separator", {{"text", text}}, {}};
  }
  return Wrong{"nothing_to_find",
               {{"text", text}},
               text.empty() ? std::optional<std::string>() : "raw:" + quoted(text)};
}

Maybe read_wildcards(Node& node) {
  node.text = narrow_wildcards(node.text);
  if (auto wrong = take_stars(node, true)) return wrong;
  const auto any = std::count(node.text.begin(), node.text.end(), '?');
  node.has_any = any > 0;
  if (!node.has_any && !node.open_left && !node.open_right) return {};
  std::string letters = node.text;
  letters.erase(std::remove(letters.begin(), letters.end(), '?'), letters.end());
  if (letters.empty()) return Wrong{"wildcard_alone", {{"text", node.text}}, {}};
  if (searchable_characters(letters) < 2) return Wrong{"wildcard_too_short", {{"text", node.text}}, {}};
  if (static_cast<std::size_t>(any) > kAnyCharacterLimit) {
    return Wrong{"too_many_any", {{"limit", std::to_string(kAnyCharacterLimit)}}, {}};
  }
  return {};
}

Maybe check_length(const Node& node) {
  if (text::count_code_points(node.text) <= kTermLimitCharacters) return {};
  return Wrong{"term_too_long", {{"limit", std::to_string(kTermLimitCharacters)}}, {}};
}

// Names of fields of other tools: people bring them along.
constexpr std::array<std::string_view, 26> kForeignFields = {
    "since",     "until",           "filter",      "place",  "geocode", "near",     "within",  "min_faves",
    "min_likes", "min_retweets",    "min_replies", "title",  "bio",     "context",  "entity",  "sample",
    "domain",    "conversation_id", "subject",     "source", "country", "location", "keyword", "contains",
    "text",      "authorcontaining"};

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)});
      corner = above;
    }
  }
  return row[b.size()];
}

// A colon in a word: a link, a field we do not have, or just a colon (Re:zero, 12:30).
Maybe check_colon(const std::string& text) {
  const std::string word = small(text);
  const std::size_t colon = word.find(':');
  if (colon == std::string::npos || colon == 0) return {};
  const std::string field = word.substr(0, colon);
  if ((field == "http" || field == "https") && word.substr(colon).starts_with("://")) {
    return Wrong{"link_as_term", {{"text", text}}, "url:" + text.substr(text.find("://") + 3)};
  }
  const bool letters =
      std::all_of(field.begin(), field.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  if (!letters || colon + 1 == word.size()) return {};
  if (std::find(kForeignFields.begin(), kForeignFields.end(), field) != kForeignFields.end()) {
    return Wrong{"unknown_field", {{"field", field}}, {}};
  }
  if (field.size() < 3) return {};
  const auto sorted = [](std::string letters_of) {
    std::sort(letters_of.begin(), letters_of.end());
    return letters_of;
  };
  for (const auto name : field_names()) {
    // Two letters wrong in a short name would make anything a field.
    const std::size_t allowed = name.size() >= 6 ? 2 : name.size() >= 4 ? 1 : 0;
    const bool turned = name.size() >= 4 && sorted(field) == sorted(std::string(name));  // form:
    if (turned || edit_distance(field, name) <= allowed) {
      return Wrong{"misspelt_field",
                   {{"field", field}, {"right", std::string(name)}},
                   std::string(name) + ":" + narrow(text).substr(colon + 1)};
    }
  }
  return {};
}

Maybe read_term(Node& node) {
  node.kind = Kind::kTerm;
  if (auto wrong = check_colon(node.text)) return wrong;
  const std::string written = node.text;
  if (auto wrong = read_wildcards(node)) return wrong;
  if (searchable_characters(node.text) == 0) return nothing_to_find(written);
  return check_length(node);
}

bool is_blank(const std::string& text) {
  for (const text::CodePoint& c : text::code_points(text)) {
    if (!is_query_space(c.value)) return false;
  }
  return true;
}

Maybe read_quoted_phrase(Node& node) {
  node.kind = Kind::kPhrase;
  if (is_blank(node.text)) return Wrong{"empty_quotes", {}, {}};
  if (searchable_characters(node.text) == 0) return nothing_to_find(node.text);
  return check_length(node);
}

Maybe read_word(Node& node, const Token& token) {
  node.kind = Kind::kWord;
  if (!token.quoted) {
    if (auto wrong = read_wildcards(node)) return wrong;
  }
  if (searchable_characters(node.text) == 0) return nothing_to_find(node.text);
  const text::SearchText folded = text::fold_for_search(node.text);
  const bool space = folded.code_points.find(U' ') != std::u32string::npos;
  if (space &&
      std::none_of(folded.kinds.begin(), folded.kinds.end(), [](auto kind) { return is_unspaced(kind); })) {
    return Wrong{"word_with_spaces", {}, quoted(node.text)};
  }
  return check_length(node);
}

Maybe read_tag(Node& node) {
  node.kind = Kind::kTag;
  node.text = narrow_wildcards(node.text);
  if (auto wrong = take_stars(node, false)) return wrong;
  const text::SearchText whole = text::fold_for_search("#" + node.text, {false, false, false, false});
  const auto tags = tags_in(whole);
  if (tags.size() != 1 || tags.front() != TextRange{0, whole.size()}) {
    return Wrong{"bad_tag", {{"text", node.text}}, {}};
  }
  return check_length(node);
}

// Of @, from:, to: and account:.
Maybe read_handle(Node& node, const Token& token) {
  std::string narrowed = token.quoted ? node.text : narrow(node.text);
  if (narrowed.starts_with('@')) narrowed.erase(0, 1);
  node.text = std::move(narrowed);
  if (!token.quoted) {
    if (auto wrong = take_stars(node, false)) return wrong;
  }
  if (node.text.starts_with('@') || searchable_characters(node.text) == 0)
    return Wrong{"bad_handle", {{"text", node.text}}, {}};
  if (node.kind == Kind::kMention) {
    // As it can stand in a text: mentions_in() would never find another.
    const bool plain = std::all_of(node.text.begin(), node.text.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
             c == '.' || c == '-' || c == '@' || static_cast<unsigned char>(c) >= 0x80;
    });
    if (!plain) return Wrong{"bad_handle", {{"text", node.text}}, {}};
  }
  return check_length(node);
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kLanguageNames = {{
    {"jp", "ja"},
    {"japanese", "ja"},
    {"日本語", "ja"},
    {"english", "en"},
    {"英語", "en"},
    {"kr", "ko"},
    {"korean", "ko"},
    {"cn", "zh"},
    {"chinese", "zh"},
}};

Maybe read_lang(Node& node) {
  node.text = small(node.text);
  std::replace(node.text.begin(), node.text.end(), '_', '-');
  for (const auto& [name, code] : kLanguageNames) {
    if (node.text == name) {
      return Wrong{"bad_language", {{"text", node.text}}, "lang:" + std::string(code)};
    }
  }
  std::size_t part = 0;  // letters in this part of the tag
  bool first = true;
  bool right = true;
  for (const char c : node.text + "-") {
    if (c == '-') {
      right &= first ? part == 2 || part == 3 : part >= 1 && part <= 8;
      part = 0;
      first = false;
    } else {
      right &= (c >= 'a' && c <= 'z') || (!first && c >= '0' && c <= '9');
      ++part;
    }
  }
  if (!right) return Wrong{"bad_language", {{"text", node.text}}, {}};
  return {};
}

Maybe read_network(Node& node) {
  node.text = small(node.text);
  const bool right = std::all_of(node.text.begin(), node.text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (!right) return Wrong{"bad_network", {{"text", node.text}}, {}};
  return {};
}

Maybe read_url(Node& node, const Token& token) {
  if (!token.quoted) {
    node.text = narrow(node.text);
    if (auto wrong = take_stars(node, true)) return wrong;
  }
  if (searchable_characters(host_and_path(node.text)) == 0)
    return Wrong{"bad_url", {{"text", token.text}}, {}};
  return check_length(node);
}

using Words = std::vector<std::pair<std::string_view, Fact>>;

Maybe read_fact(Node& node, const Words& words, std::string_view allowed) {
  const std::string word = small(node.text);
  for (const auto& [name, fact] : words) {
    if (word == name) {
      node.fact = fact;
      node.text.clear();
      return {};
    }
  }
  return Wrong{
      "bad_value",
      {{"allowed", std::string(allowed)}, {"field", std::string(name(node.kind))}, {"text", node.text}},
      {}};
}

Maybe read_has(Node& node) {
  static const Words words = {
      {"link", Fact::kLink},   {"links", Fact::kLink},   {"url", Fact::kLink},
      {"image", Fact::kImage}, {"images", Fact::kImage}, {"photo", Fact::kImage},
      {"video", Fact::kVideo}, {"videos", Fact::kVideo}, {"question", Fact::kQuestion}};
  return read_fact(node, words, "link, image, video, question");
}

Maybe read_is(Node& node) {
  static const Words words = {{"reply", Fact::kReply},
                              {"repost", Fact::kRepost},
                              {"retweet", Fact::kRepost},
                              {"quote", Fact::kQuote},
                              {"replies", Fact::kReply}};
  return read_fact(node, words, "reply, repost, quote");
}

Maybe read_followers(Node& node) {
  const std::string text = narrow(node.text);
  constexpr std::array<std::pair<std::string_view, Compare>, 7> kSigns = {{{">=", Compare::kGreaterOrEqual},
                                                                           {"<=", Compare::kLessOrEqual},
                                                                           {"≥", Compare::kGreaterOrEqual},
                                                                           {"≤", Compare::kLessOrEqual},
                                                                           {">", Compare::kGreater},
                                                                           {"<", Compare::kLess},
                                                                           {"=", Compare::kEqual}}};
  const auto* found = std::find_if(kSigns.begin(), kSigns.end(),
                                   [&](const auto& sign) { return text.starts_with(sign.first); });
  std::string digits = found == kSigns.end() ? text : text.substr(found->first.size());
  digits.erase(std::remove(digits.begin(), digits.end(), ','), digits.end());
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool right = error == std::errc() && end == digits.data() + digits.size() && number >= 0;
  if (found == kSigns.end()) {
    return Wrong{"bad_followers",
                 {{"text", node.text}},
                 right ? std::optional("followers:>=" + std::to_string(number)) : std::nullopt};
  }
  if (!right) return Wrong{"bad_followers", {{"text", node.text}}, {}};
  node.compare = found->second;
  node.number = number;
  node.text.clear();
  return {};
}

Maybe read_account(Node& node, const Token& token) {
  if (!token.quoted) {
    static const Words words = {{"own", Fact::kOwn},
                                {"ours", Fact::kOwn},
                                {"others", Fact::kOthers},
                                {"any", Fact::kAny},
                                {"all", Fact::kAny}};
    if (!read_fact(node, words, "")) return {};
  }
  node.fact = Fact::kNamed;
  return read_handle(node, token);
}

Maybe read_field(Node& node, const Token& token) {
  const std::string& field = token.field;
  if (is_blank(node.text)) return Wrong{"field_without_value", {{"field", field}}, {}};
  if (field == "word") return read_word(node, token);
  if (field == "raw") {
    node.kind = Kind::kRaw;
    return check_length(node);
  }
  if (field == "tag") {
    if (node.text.starts_with('#')) node.text.erase(0, 1);
    return read_tag(node);
  }
  if (field == "mention") {
    node.kind = Kind::kMention;
    return read_handle(node, token);
  }
  if (field == "from" || field == "to") {
    node.kind = field == "from" ? Kind::kFrom : Kind::kTo;
    return read_handle(node, token);
  }
  if (field == "lang") {
    node.kind = Kind::kLang;
    return read_lang(node);
  }
  if (field == "network") {
    node.kind = Kind::kNetwork;
    return read_network(node);
  }
  if (field == "url") {
    node.kind = Kind::kUrl;
    return read_url(node, token);
  }
  if (field == "has") {
    node.kind = Kind::kHas;
    return read_has(node);
  }
  if (field == "is") {
    node.kind = Kind::kIs;
    return read_is(node);
  }
  if (field == "followers") {
    node.kind = Kind::kFollowers;
    return read_followers(node);
  }
  node.kind = Kind::kAccount;
  return read_account(node, token);
}

Maybe read(Node& node, const Token& token) {
  if (!token.field.empty()) return read_field(node, token);
  if (token.kind == TokenKind::kQuoted) return read_quoted_phrase(node);
  const char32_t first = text::code_point_at(node.text, 0).value;
  const std::size_t bytes = text::code_point_at(node.text, 0).bytes;
  if ((first == '#' || first == 0xFF03) && node.text.size() > bytes) {
    node.text.erase(0, bytes);
    return read_tag(node);
  }
  if ((first == '@' || first == 0xFF20) && node.text.size() > bytes) {
    node.text.erase(0, bytes);
    node.kind = Kind::kMention;
    return read_handle(node, token);
  }
  return read_term(node);
}

}  // namespace

Mistake mistake(std::string code, SourceRange bytes, Values values, std::optional<std::string> instead) {
  Mistake made;
  made.code = std::move(code);
  made.bytes = bytes;
  made.values = std::move(values);
  made.instead = std::move(instead);
  return made;
}

Leaf read_leaf(const Token& token) {
  Leaf leaf;
  leaf.node.source = token.source;
  leaf.node.text = token.text;
  if (!token.closed) {
    leaf.mistake = mistake("unclosed_quote", {token.value.begin, token.value.begin + 1});
  } else if (auto wrong = read(leaf.node, token)) {
    leaf.mistake = mistake(wrong->code, token.source, wrong->values, wrong->instead);
  }
  return leaf;
}

}  // namespace kiki::listening::query
