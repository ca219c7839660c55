#pragma once
// The words of a text as a person would count them: for "top words", and for learning from them. Japanese is
// cut with ICU's dictionary. Addresses and @names are left out; a hashtag is one word with its #. (Search and
// matching never use this: a dictionary does not know new names.)

#include <string>
#include <string_view>
#include <vector>

namespace kiki::text {

struct Word {
  std::string text;    // folded
  bool tells = false;  // a name, thing or hashtag, fit to be shown; not an ending, a particle, "the"
  friend bool operator==(const Word&, const Word&) = default;
};

inline constexpr std::size_t kWordsLimit = 400;  // of one text

// Each once, in the order of their first place.
std::vector<Word> words_of(std::string_view text);
// The links' addresses as written, each once.
std::vector<std::string> links_of(std::string_view text);

}  // namespace kiki::text
