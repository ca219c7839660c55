#pragma once
// Finding words in a folded text: Latin ones whole, katakana ones not inside of longer katakana words,
// everything else wherever it stands.

#include <string>
#include <string_view>
#include <vector>

#include "text/normalize.hpp"

namespace kiki::reply::checks {

inline constexpr std::size_t kPlacesLimit = 20;

// Places in the folded text. `word` is folded too; `unless` are longer words, separated by |, in which it
// does not count.
std::vector<text::ByteRange> find_word(std::string_view folded, std::string_view word,
                                       std::string_view unless = {});

// Words of a text that can only come from its matter: runs of kanji, of katakana, Latin words and numbers
// that are not everybody's.
std::vector<std::string> telling_words(std::string_view folded);

bool is_japanese(std::string_view text);  // has kana

}  // namespace kiki::reply::checks
