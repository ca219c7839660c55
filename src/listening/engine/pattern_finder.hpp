#pragma once
// Finds a term's pattern in a folded text, with the rules for its ends. The exact comparison behind every
// index.

#include <cstdint>
#include <string>
#include <vector>

#include "listening/engine/fold_table.hpp"
#include "listening/query/pattern.hpp"

namespace kiki::listening::engine {

struct Range {  // of code units
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool spaced = false;  // found by a pattern of a spaced script: NEAR counts words
};

// A query::Pattern in UTF-16. `?` is a unit that no folded text can have in the place of a character.
struct UnitPattern {
  static constexpr char16_t kAny = 0xDFFF;  // a low surrogate where a character begins
  const char16_t* units = nullptr;
  std::uint32_t size = 0;
  bool unspaced = false;
  bool open_left = false;
  bool open_right = false;
  bool by_kind = false;
  bool has_any = false;
};

std::u16string to_units(const std::u32string& code_points);

// The first match at or after `from`. Its range has not grown over the open ends yet. False: none.
bool find_pattern(const FoldedText& text, const UnitPattern& pattern, std::size_t from, Range& found);
// The range as marks and NEAR see it.
void grow(const FoldedText& text, const UnitPattern& pattern, Range& range);
// Words that stand one after another with nothing but separators between.
bool find_phrase(const FoldedText& text, const UnitPattern* words, std::size_t count, std::size_t from,
                 Range& found);

}  // namespace kiki::listening::engine
