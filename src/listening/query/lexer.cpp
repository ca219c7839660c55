#include "listening/query/lexer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "text/utf8.hpp"

namespace kiki::listening::query {
namespace {

bool is_open(char32_t c) {
  return c == '(' || c == 0xFF08 || c == 0xFE59 || c == 0x207D;
}
bool is_close(char32_t c) {
  return c == ')' || c == 0xFF09 || c == 0xFE5A || c == 0x207E;
}
// Telephones write dashes for a minus. ー stays a letter: it begins no word, but people leave it alone.
bool is_minus(char32_t c) {
  return c == '-' || c == 0xFF0D || c == 0xFE63 || c == 0x2212 || (c >= 0x2010 && c <= 0x2014);
}

std::string small(std::string_view text) {
  std::string out = narrow(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_near(std::string_view word, std::string_view keyword) {
  if (!word.starts_with(keyword)) return false;
  // NEAR4 and NEAR~4 are taken for it, too, so that the mistake can be named; NEARBY is a word.
  word.remove_prefix(keyword.size());
  return word.empty() || word[0] == '/' || word[0] == '~' || (word[0] >= '0' && word[0] <= '9');
}

TokenKind word_kind(std::string_view word, bool& in_order) {
  const std::string narrowed = narrow(word);
  if (narrowed == "AND") return TokenKind::kAnd;
  if (narrowed == "OR") return TokenKind::kOr;
  if (narrowed == "NOT") return TokenKind::kNot;
  in_order = is_near(narrowed, "ONEAR");
  if (in_order || is_near(narrowed, "NEAR")) return TokenKind::kNear;
  return TokenKind::kWord;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    while (at_ < text_.size()) {
      const text::CodePoint c = text::code_point_at(text_, at_);
      if (is_query_space(c.value)) {
        at_ += c.bytes;
      } else if (is_open(c.value)) {
        add(TokenKind::kOpen, c.bytes);
      } else if (is_close(c.value)) {
        add(TokenKind::kClose, c.bytes);
      } else if (is_minus(c.value)) {
        add(TokenKind::kMinus, c.bytes);
      } else if (is_query_quote(c.value)) {
        Token token;
        token.kind = TokenKind::kQuoted;
        token.source.begin = at_;
        read_quoted(token);
        token.value = token.source;
        push(std::move(token));
      } else {
        read_word();
      }
    }
    push(Token{.kind = TokenKind::kEnd, .source = {text_.size(), text_.size()}});
    return std::move(tokens_);
  }

 private:
  void add(TokenKind kind, std::size_t bytes) {
    push(Token{.kind = kind, .source = {at_, at_ + bytes}});
    at_ += bytes;
  }

  void push(Token token) {
    if (!tokens_.empty()) tokens_.back().glued = tokens_.back().source.end == token.source.begin;
    tokens_.push_back(std::move(token));
  }

  // Stands on the opening quote.
  void read_quoted(Token& token) {
    at_ += text::code_point_at(text_, at_).bytes;
    const std::size_t begin = at_;
    token.quoted = true;
    token.closed = false;
    while (at_ < text_.size()) {
      const text::CodePoint c = text::code_point_at(text_, at_);
      if (is_query_quote(c.value)) {
        token.text = text_.substr(begin, at_ - begin);
        token.closed = true;
        at_ += c.bytes;
        break;
      }
      at_ += c.bytes;
    }
    if (!token.closed) token.text = text_.substr(begin);
    token.source.end = at_;
  }

  void read_word() {
    Token token;
    token.kind = TokenKind::kWord;
    token.source.begin = at_;
    std::size_t value = at_;
    while (at_ < text_.size()) {
      const text::CodePoint c = text::code_point_at(text_, at_);
      if (is_query_space(c.value) || is_open(c.value) || is_close(c.value)) break;
      if (is_query_quote(c.value)) {
        if (token.field.empty() || at_ != value) break;
        read_quoted(token);
        token.value = {value, at_};
        push(std::move(token));
        return;
      }
      if ((c.value == ':' || c.value == 0xFF1A) && token.field.empty()) {
        token.field = canonical_field(small(text_.substr(token.source.begin, at_ - token.source.begin)));
        if (!token.field.empty()) value = at_ + c.bytes;
      }
      at_ += c.bytes;
    }
    token.source.end = at_;
    token.value = {value, at_};
    token.text = text_.substr(value, at_ - value);
    if (token.field.empty()) token.kind = word_kind(token.text, token.in_order);
    push(std::move(token));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 23> kFields = {{
    {"from", "from"},
    {"to", "to"},
    {"lang", "lang"},
    {"network", "network"},
    {"url", "url"},
    {"has", "has"},
    {"is", "is"},
    {"followers", "followers"},
    {"account", "account"},
    {"word", "word"},
    {"raw", "raw"},
    {"author", "from"},
    {"language", "lang"},
    {"site", "url"},
    {"link", "url"},
    {"links", "url"},
    {"tag", "tag"},
    {"hashtag", "tag"},
    {"mention", "mention"},
    {"follower", "followers"},
    {"accounts", "account"},
    {"channel", "network"},
    {"mentions", "mention"},
}};

}  // namespace

std::vector<Token> lex(std::string_view text) {
  return Lexer(text).run();
}

std::string narrow(std::string_view text) {
  std::string out;
  for (const text::CodePoint& c : text::code_points(text)) {
    const bool wide = c.value >= 0xFF01 && c.value <= 0xFF5E;
    text::append_utf8(out, wide ? c.value - 0xFF01 + '!' : c.value);
  }
  return out;
}

bool is_query_space(char32_t c) {
  return c <= ' ' || c == 0x7F || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200B) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

bool is_query_quote(char32_t c) {
  return c == '"' || c == 0xFF02 || (c >= 0x201C && c <= 0x201F) || (c >= 0x301D && c <= 0x301F);
}

bool is_query_bracket(char32_t c) {
  return is_open(c) || is_close(c);
}

std::string_view canonical_field(std::string_view small_name) {
  const auto* found = std::find_if(kFields.begin(), kFields.end(),
                                   [&](const auto& field) { return field.first == small_name; });
  return found == kFields.end() ? std::string_view() : found->second;
}

const std::vector<std::string_view>& field_names() {
  static const std::vector<std::string_view> names = {"from", "to",        "lang",    "network", "url", "has",
                                                      "is",   "followers", "account", "word",    "raw"};
  return names;
}

std::string_view colour(const Token& token) {
  switch (token.kind) {
    case TokenKind::kWord: {
      if (!token.field.empty()) return "field";
      const char32_t first = text::code_point_at(token.text, 0).value;
      if (first == '#' || first == 0xFF03) return "tag";
      if (first == '@' || first == 0xFF20) return "mention";
      return "word";
    }
    case TokenKind::kQuoted:
      return "quoted";
    case TokenKind::kOpen:
    case TokenKind::kClose:
      return "bracket";
    case TokenKind::kMinus:
    case TokenKind::kAnd:
    case TokenKind::kOr:
    case TokenKind::kNot:
    case TokenKind::kNear:
    case TokenKind::kEnd:
      break;
  }
  return "operator";
}

}  // namespace kiki::listening::query
