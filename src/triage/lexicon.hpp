#pragma once
// Finds words that carry signals. Words of an unspaced script match anywhere, words of spaced scripts as
// whole words; of words that lie inside each other only the longest counts.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "text/normalize.hpp"

namespace kiki::triage {

struct Hit {
  std::uint16_t signal = 0;
  std::int16_t weight = 0;
  std::uint32_t word = 0;
  text::ByteRange range;  // in the folded text
};

class Lexicon {
 public:
  // Lines "SIGNAL WEIGHT: word | word …", "#" comments. kInvalid with the line's number.
  static Result<Lexicon> read(std::string_view lines);
  Result<void> add(std::string_view lines);

  // Ascending by place; a word that occurs twice is there twice.
  std::vector<Hit> find(std::string_view folded) const;
  std::string_view signal(std::uint16_t index) const { return signals_[index]; }
  std::uint16_t signals() const { return static_cast<std::uint16_t>(signals_.size()); }
  std::size_t words() const { return words_.size(); }

 private:
  struct Word {
    std::string text;                                          // folded
    std::vector<std::pair<std::uint16_t, std::int16_t>> uses;  // signal, weight; none: it only shields
    bool whole_start = false;
    bool whole_end = false;
  };
  Result<void> add_word(std::string_view word, std::uint16_t signal, std::int16_t weight, int line);
  std::uint16_t signal_index(std::string_view name);

  std::vector<std::string> signals_;
  std::vector<Word> words_;
  std::unordered_map<std::string, std::uint32_t> known_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_start_;  // first two characters, or one
  std::vector<bool> starts_ = std::vector<bool>(std::size_t{1} << 16);      // says no for nearly all places
};

}  // namespace kiki::triage
