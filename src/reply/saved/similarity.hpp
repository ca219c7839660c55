#pragma once
// How alike two short texts are in what they are about: pairs of neighbouring characters where words are
// written without spaces, whole words elsewhere, after the folding of search (text/search_fold.hpp). Pairs of
// hiragana and everybody's words weigh little. Pure; the same texts always give the same number.

#include <cstdint>
#include <string_view>
#include <vector>

namespace kiki::reply::saved {

inline constexpr std::size_t kGramsLimit = 2'000;

struct Gram {
  std::uint64_t hash = 0;
  std::uint32_t weight = 0;
  friend auto operator<=>(const Gram& a, const Gram& b) { return a.hash <=> b.hash; }
  friend bool operator==(const Gram& a, const Gram& b) { return a.hash == b.hash; }
};
// Ascending, each once.
std::vector<Gram> grams_of(std::string_view text);

// Percent of what `wanted` says that `text` has too.
int covered_percent(const std::vector<Gram>& wanted, const std::vector<Gram>& text);
// Percent of both that they share.
int alike_percent(const std::vector<Gram>& a, const std::vector<Gram>& b);

}  // namespace kiki::reply::saved
