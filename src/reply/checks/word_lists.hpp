#pragma once
// The words that come with the program, Japanese and English. Folded (text::fold). The English insults are
// chosen from "List of Dirty, Naughty, Obscene, and Otherwise Bad Words" (LDNOOBW, CC BY 4.0); everything
// else was written for this program.

#include <span>
#include <string_view>

namespace kiki::reply::checks {

// A word, and longer words (separated by |) in which it means something else: ばか, but not ばかり.
struct ListedWord {
  std::string_view word;
  std::string_view unless = {};
};

std::span<const ListedWord> insulting_words();
std::span<const ListedWord> insensitive_words();
std::span<const ListedWord> disaster_words();
std::span<const std::string_view> starting_promise_words();
// Hosts that hide where a link goes.
std::span<const std::string_view> link_shorteners();
// English words that say nothing about a customer's own matter.
bool is_common_english(std::string_view folded_word);

}  // namespace kiki::reply::checks
