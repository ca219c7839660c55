#pragma once
// What kind of writing a character belongs to, as far as finding words needs it.

#include <cstdint>
#include <string_view>

namespace kiki::text {

enum class Script : std::uint8_t { kHan, kHiragana, kKatakana, kHangul, kLatin, kDigit, kOther };

// ー, 々, half-width kana and full-width letters count to the script they are written in; ・ and all
// punctuation are kOther.
Script script_of(char32_t code_point);
// Written without spaces between words (or, for Korean, with particles glued on): searched by pairs of
// characters.
bool is_unspaced(Script script);
// snake_case name, for logs and tests ("katakana").
std::string_view name(Script script);

// How the index reads a character.
enum class CharacterClass : std::uint8_t {
  kSeparator,  // spaces, punctuation, controls: ends a run, is not searched
  kPair,       // unspaced scripts, Thai and its neighbours, pictographs: index by pairs
  kWord,       // letters and digits of spaced scripts: index by words
  kMark,       // belongs to the character before it
};
CharacterClass class_of(char32_t code_point);

}  // namespace kiki::text
