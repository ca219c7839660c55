// ICU knows the script of every character; ASCII is answered from its bytes.

#include "text/script.hpp"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "base/check.hpp"

namespace kiki::text {

namespace {

bool is_letter_or_digit(UChar32 c) {
  return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_N_MASK)) != 0;
}

UScriptCode icu_script(UChar32 c) {
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(c, &status);
  return U_SUCCESS(status) ? script : USCRIPT_UNKNOWN;
}

}  // namespace

Script script_of(char32_t code_point) {
  const auto c = static_cast<UChar32>(code_point);
  if (c < 0x80) {
    if (c >= '0' && c <= '9') return Script::kDigit;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return Script::kLatin;
    return Script::kOther;
  }
  // The prolonged sound marks are shared by both kana in Unicode, but people write them in katakana words.
  if (c == 0x30FC || c == 0xFF70) return Script::kKatakana;
  if (!is_letter_or_digit(c)) return Script::kOther;
  if (u_isdigit(c)) return Script::kDigit;
  switch (icu_script(c)) {
    case USCRIPT_HAN:
      return Script::kHan;
    case USCRIPT_HIRAGANA:
      return Script::kHiragana;
    case USCRIPT_KATAKANA:
      return Script::kKatakana;
    case USCRIPT_HANGUL:
      return Script::kHangul;
    case USCRIPT_LATIN:
      return Script::kLatin;
    default:
      break;
  }
  // Letters that Unicode shares between scripts: 〆 and 〼 stand with kanji, the vertical repeat marks with
  // kana.
  if (c == 0x3006 || c == 0x303C) return Script::kHan;
  if (c >= 0x3031 && c <= 0x3035) return Script::kHiragana;
  return Script::kOther;
}

bool is_unspaced(Script script) {
  return script == Script::kHan || script == Script::kHiragana || script == Script::kKatakana ||
         script == Script::kHangul;
}

std::string_view name(Script script) {
  switch (script) {
    case Script::kHan:
      return "han";
    case Script::kHiragana:
      return "hiragana";
    case Script::kKatakana:
      return "katakana";
    case Script::kHangul:
      return "hangul";
    case Script::kLatin:
      return "latin";
    case Script::kDigit:
      return "digit";
    case Script::kOther:
      return "other";
  }
  return "other";
}

CharacterClass class_of(char32_t code_point) {
  const auto c = static_cast<UChar32>(code_point);
  const Script script = script_of(code_point);
  if (script == Script::kLatin || script == Script::kDigit) return CharacterClass::kWord;
  if (c < 0x80) return CharacterClass::kSeparator;
  if (is_unspaced(script)) return CharacterClass::kPair;
  if ((U_GET_GC_MASK(c) & U_GC_M_MASK) != 0) return CharacterClass::kMark;
  if (is_letter_or_digit(c)) {
    // Line breaking class SA: Thai, Lao, Khmer, Myanmar, whose words only a dictionary can tell apart.
    const bool needs_dictionary = u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT;
    return needs_dictionary ? CharacterClass::kPair : CharacterClass::kWord;
  }
  if (u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC)) return CharacterClass::kPair;
  return CharacterClass::kSeparator;
}

}  // namespace kiki::text
