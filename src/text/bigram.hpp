#pragma once
// Search tokens that work without knowing words. After folding (normalize.hpp), a run of characters that are
// written without spaces gives each pair and its last single character; a word of a spaced script gives
// itself:
//
//   "東京タワーとiPhone 14" -> 東京 京タ タワ ワー ーと と iphone 14
//
// The last single character is what keeps 東京 京都 from looking like 東京都, and lets one character be found
// as the front of a token. Both stores index these same tokens, so both give the same answers.
//
// Tokens hold letters, digits, marks and pictographs only: no space, no quote, no control character.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/normalize.hpp"

namespace kiki::text {

// More tokens of one text are not indexed (PostgreSQL's positions end there).
inline constexpr std::size_t kMaxIndexTokens = 16'383;
// Longer words are split into pieces of this many code points.
inline constexpr std::size_t kMaxWordCodePoints = 64;
// What a query says beyond this is ignored; callers refuse such queries before.
inline constexpr std::size_t kMaxQueryTokens = 256;

// In order; neighbours in the text are neighbours in the list.
std::vector<std::string> index_tokens(std::string_view text);
// The same joined by single spaces: the form in which the stores keep them.
std::string index_text(std::string_view text);

struct PlacedToken {
  std::string text;
  ByteRange folded;  // in the folded text
};
std::vector<PlacedToken> place_tokens(std::string_view folded_text, std::size_t max_tokens = kMaxIndexTokens);

// Tokens that must stand one after another, in order.
struct Phrase {
  std::vector<std::string> tokens;
  bool last_is_prefix = false;  // the last token may be only the front of one in the text
  friend bool operator==(const Phrase&, const Phrase&) = default;
};

// A text matches when it has all phrases. Spaces separate phrases; "double quotes" keep words together, and
// whole. A match means that the text contains each phrase, but for punctuation and spaces between its words.
// (The other way round has one limit: a word of a spaced script is found by its front, not by its middle.)
// Nothing to search for: no phrases.
std::vector<Phrase> query_tokens(std::string_view query);

// Where the phrase stands in the tokens, from `from` on; tokens.size() when nowhere.
std::size_t find_phrase(std::span<const std::string> tokens, const Phrase& phrase, std::size_t from = 0);
std::size_t find_phrase(std::span<const PlacedToken> tokens, const Phrase& phrase, std::size_t from = 0);
bool matches(std::span<const std::string> tokens, std::span<const Phrase> phrases);

}  // namespace kiki::text
