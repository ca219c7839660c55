#pragma once
// A query's text cut into tokens; also what the console colours by.

#include <string>
#include <string_view>
#include <vector>

#include "listening/query/query.hpp"

namespace kiki::listening::query {

enum class TokenKind : std::uint8_t { kWord, kQuoted, kOpen, kClose, kMinus, kAnd, kOr, kNot, kNear, kEnd };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  SourceRange source;
  std::string text;       // of a word: as written, without the field; of quotes: what is in them
  std::string field;      // of `field:text`: the field's own name, in small letters; empty otherwise
  bool quoted = false;    // the text was in quotes
  bool closed = true;     // kQuoted, or quoted: there was a closing quote
  bool glued = false;     // the next token follows without a space
  bool in_order = false;  // kNear: ONEAR
  SourceRange value;      // of `field:value`: the value
};

// Ends with one kEnd. The text must be UTF-8.
std::vector<Token> lex(std::string_view text);

// snake_case, for the console's colours: "word", "tag", "mention", "quoted", "field", "operator", "bracket".
std::string_view colour(const Token& token);

// ＡＮＤ → AND, ： → :; other characters stay as they are.
std::string narrow(std::string_view text);
bool is_query_space(char32_t c);
bool is_query_quote(char32_t c);
bool is_query_bracket(char32_t c);
// from, lang, has …, and other names people know them by ("author"). Empty when there is no such field.
std::string_view canonical_field(std::string_view small_name);
const std::vector<std::string_view>& field_names();

}  // namespace kiki::listening::query
