#include "text/search_fold.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <array>
#include <atomic>

#include "base/check.hpp"
#include "text/script.hpp"
#include "text/utf8.hpp"

namespace kiki::text {

namespace {

constexpr char32_t kLongVowel = U'ー';

bool is_latin(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return script_of(c) == Script::kLatin;
}

bool is_combining(char32_t c) {
  return c >= 0x300 && u_charType(static_cast<UChar32>(c)) == U_NON_SPACING_MARK;
}

// é → e. Only Latin: が and й would become other letters.
char32_t without_accent(char32_t c) {
  // NFKC has left Latin letters with accents in these blocks only.
  const bool may_have = (c >= 0xC0 && c < 0x250) || (c >= 0x1E00 && c < 0x1F00);
  if (!may_have || !is_latin(c)) return c;
  static const icu::Normalizer2* const nfd = [] {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* found = icu::Normalizer2::getNFDInstance(status);
    CHECK(U_SUCCESS(status));
    return found;
  }();
  icu::UnicodeString parts;
  if (!nfd->getDecomposition(static_cast<UChar32>(c), parts)) return c;
  const UChar32 base = parts.char32At(0);
  for (std::int32_t i = U16_LENGTH(base); i < parts.length(); i += U16_LENGTH(parts.char32At(i))) {
    if (!is_combining(static_cast<char32_t>(parts.char32At(i)))) return c;
  }
  return static_cast<char32_t>(base);
}

char32_t hiragana(char32_t c) {
  if ((c >= U'ァ' && c <= U'ヶ') || c == U'ヽ' || c == U'ヾ') return c - 0x60;
  return c;
}

bool is_dash(char32_t c) {
  switch (c) {
    case U'-':
    case U'~':
    case 0x2010:  // hyphen
    case 0x2011:  // non-breaking hyphen
    case 0x2012:  // figure dash
    case 0x2013:  // en dash
    case 0x2014:  // em dash
    case 0x2015:  // horizontal bar
    case 0x2053:  // swung dash
    case 0x2212:  // minus sign
    case 0x223C:  // tilde operator
    case 0x2500:  // box drawing, typed as a dash
    case 0x2501:
    case 0x301C:  // wave dash
    case 0x3030:  // wavy dash
      return true;
    default:
      return false;
  }
}

char32_t large_kana(char32_t c) {
  switch (c) {
    case U'ぁ':
    case U'ぃ':
    case U'ぅ':
    case U'ぇ':
    case U'ぉ':
    case U'っ':
    case U'ゃ':
    case U'ゅ':
    case U'ょ':
    case U'ゎ':
    case U'ァ':
    case U'ィ':
    case U'ゥ':
    case U'ェ':
    case U'ォ':
    case U'ッ':
    case U'ャ':
    case U'ュ':
    case U'ョ':
    case U'ヮ':
      return c + 1;
    case U'ゕ':
      return U'か';
    case U'ゖ':
      return U'け';
    case U'ヵ':
      return U'カ';
    case U'ヶ':
      return U'ケ';
    default:
      break;
  }
  constexpr std::u32string_view kAinuLarge = U"クシストヌハヒフヘホムラリルレロ";
  if (c >= 0x31F0 && c <= 0x31FF) return kAinuLarge[c - 0x31F0];
  return c;
}

bool is_space(char32_t c) {
  return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x80 && u_isUWhiteSpace(static_cast<UChar32>(c)));
}

bool is_apostrophe(char32_t c) {
  return c == 0x2018 || c == 0x2019 || c == 0x201B || c == 0x02BC;
}

// As a number: a CharKind, or kMark, which takes the kind of what stands before it.
constexpr std::uint8_t kMark = 0xFE;

std::uint8_t look_up_kind(char32_t c) {
  switch (script_of(c)) {
    case Script::kHan:
      return static_cast<std::uint8_t>(CharKind::kHan);
    case Script::kHiragana:
      return static_cast<std::uint8_t>(CharKind::kHiragana);
    case Script::kKatakana:
      return static_cast<std::uint8_t>(CharKind::kKatakana);
    case Script::kHangul:
      return static_cast<std::uint8_t>(CharKind::kHangul);
    case Script::kLatin:
    case Script::kDigit:
      return static_cast<std::uint8_t>(CharKind::kWord);
    case Script::kOther:
      break;
  }
  switch (class_of(c)) {
    case CharacterClass::kWord:
      return static_cast<std::uint8_t>(CharKind::kWord);
    case CharacterClass::kPair: {
      const bool letter = (U_GET_GC_MASK(static_cast<UChar32>(c)) & (U_GC_L_MASK | U_GC_N_MASK)) != 0;
      return static_cast<std::uint8_t>(letter ? CharKind::kOtherUnspaced : CharKind::kPictograph);
    }
    case CharacterClass::kMark:
      return kMark;
    case CharacterClass::kSeparator:
      break;
  }
  return static_cast<std::uint8_t>(CharKind::kSeparator);
}

CharKind kind_of(char32_t c, CharKind before) {
  if (c < 0x80) {
    const bool word = (c >= '0' && c <= '9') || is_latin(c);
    return word ? CharKind::kWord : CharKind::kSeparator;
  }
  if (c == kLongVowel) return before == CharKind::kHiragana ? before : CharKind::kKatakana;
  // Asking ICU costs more than all the rest of folding: each character is asked for once. 0 is not asked yet.
  static std::array<std::atomic<std::uint8_t>, 0x10000> known;
  std::uint8_t kind = 0;
  if (c < known.size()) {
    kind = known[c].load(std::memory_order_relaxed);
    if (kind == 0)
      known[c].store(kind = static_cast<std::uint8_t>(look_up_kind(c) + 1), std::memory_order_relaxed);
    --kind;
  } else {
    kind = look_up_kind(c);
  }
  return kind == kMark ? before : static_cast<CharKind>(kind);
}

}  // namespace

bool is_unspaced(CharKind kind) {
  switch (kind) {
    case CharKind::kHan:
    case CharKind::kHiragana:
    case CharKind::kKatakana:
    case CharKind::kHangul:
    case CharKind::kOtherUnspaced:
      return true;
    case CharKind::kSeparator:
    case CharKind::kWord:
    case CharKind::kPictograph:
      break;
  }
  return false;
}

bool is_searchable(CharKind kind) {
  return kind != CharKind::kSeparator;
}

SearchText fold_for_search(std::string_view text, const SearchFold& options) {
  const FoldedText folded = fold_with_origins(text);
  SearchText out;
  out.code_points.reserve(folded.text().size());
  out.kinds.reserve(folded.text().size());
  out.origins.reserve(folded.text().size());
  CharKind before = CharKind::kSeparator;
  bool after_latin = false;
  std::size_t run = 0;  // how often the last character stood in a row, before runs were folded
  for (const CodePoint& at : code_points(folded.text())) {
    const ByteRange origin = folded.original({at.offset, at.offset + at.bytes});
    if (after_latin && is_combining(at.value)) {
      out.origins.back().end = origin.end;
      continue;
    }
    char32_t c = at.value;
    if (is_space(c)) c = U' ';
    if (is_apostrophe(c)) c = U'\'';
    c = without_accent(c);
    const CharKind kind = kind_of(c, before);
    after_latin = kind == CharKind::kWord && is_latin(c);
    before = kind;
    if (options.kana) c = hiragana(c);
    if (options.dashes && is_dash(c)) c = kLongVowel;
    if (options.small_kana) c = large_kana(c);
    run = !out.code_points.empty() && out.code_points.back() == c ? run + 1 : 1;
    if (options.runs && run > (c == kLongVowel ? 1U : 2U)) {
      out.origins.back().end = origin.end;
      continue;
    }
    out.code_points.push_back(c);
    out.kinds.push_back(kind);
    out.origins.push_back(origin);
  }
  return out;
}

}  // namespace kiki::text
