#include "listening/engine/fold_table.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>

#include "base/check.hpp"
#include "text/script.hpp"
#include "text/utf8.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace kiki::listening::engine {
namespace {

using text::CharKind;

constexpr std::size_t kMargin = 32;
constexpr char16_t kLongVowel = u'ー';

// An entry: in its low half what to add to the character (or which expansion), then its kind, then what is
// rare.
constexpr std::uint32_t kKindShift = 16;
constexpr std::uint32_t kKindMask = 7U << kKindShift;
constexpr std::uint32_t kRare = 1U << 19U;         // from here on: look closer
constexpr std::uint32_t kInherits = 1U << 20U;     // its kind is that of what stands before
constexpr std::uint32_t kIsLongVowel = 1U << 21U;  // katakana, unless hiragana stands before
constexpr std::uint32_t kAccent = 1U << 22U;       // goes away behind a Latin letter
constexpr std::uint32_t kMayJoin = 1U << 23U;      // with what stands before it
constexpr std::uint32_t kExpands = 1U << 24U;      // to none or several units
constexpr std::uint32_t kPair = 1U << 25U;         // stays what it is, beyond the basic plane

bool is_latin(char16_t unit) {
  if (unit < 0x80) return (unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z');
  return text::script_of(unit) == text::Script::kLatin;
}

bool is_accent(char32_t c) {
  return c >= 0x300 && u_charType(static_cast<UChar32>(c)) == U_NON_SPACING_MARK;
}

const icu::Normalizer2& normalizer() {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* found = icu::Normalizer2::getNFKCCasefoldInstance(status);
  CHECK(U_SUCCESS(status));
  return *found;
}

void append_utf16(std::u16string& out, char32_t c) {
  if (c < 0x10000) {
    out += static_cast<char16_t>(c);
  } else {
    out += static_cast<char16_t>(0xD7C0 + (c >> 10U));
    out += static_cast<char16_t>(0xDC00 + (c & 0x3FFU));
  }
}

}  // namespace

void FoldedText::reserve_more(std::size_t more) {
  const auto wanted = size + more + kMargin;
  if (units.size() >= wanted) return;
  units.resize(wanted + wanted / 2);
  kinds.resize(units.size());
}

void FoldedText::end() {
  std::memset(&units[size], 0, kMargin * sizeof(char16_t));
  std::memset(&kinds[size], 0, kMargin);
}

const FoldTable& FoldTable::of(const text::SearchFold& options) {
  static std::array<std::once_flag, 16> made;
  static std::array<std::unique_ptr<FoldTable>, 16> tables;
  const auto number = (options.kana ? 8U : 0U) + (options.dashes ? 4U : 0U) + (options.small_kana ? 2U : 0U) +
                      (options.runs ? 1U : 0U);
  std::call_once(made[number], [&] { tables[number].reset(new FoldTable(options)); });
  return *tables[number];
}

FoldTable::FoldTable(const text::SearchFold& options) : options_(options) {
  std::map<std::vector<std::uint32_t>, std::uint16_t> known;  // Han, Hangul … share one page
  std::vector<std::uint32_t> page(256);
  // Ideographs and syllables fold to themselves; asking for each of them would double the time.
  const auto like = [](std::uint32_t number) -> std::uint32_t {
    if (number > 0x34 && number < 0x4D) return 0x34;
    if (number > 0x4E && number < 0x9F) return 0x4E;
    if (number > 0xAC && number < 0xD7) return 0xAC;
    if (number > 0xE0 && number < 0xF8) return 0xE0;     // private use
    if (number > 0x200 && number < 0x2A6) return 0x200;  // ideographs beyond the basic plane
    if (number > 0x2A7 && number < 0x2B7) return 0x2A7;
    if (number > 0x2B9 && number < 0x2CE) return 0x2B9;
    if (number > 0x300 && number < 0x313) return 0x300;
    if (number > 0x340 && number < 0xE00) return 0x340;  // nothing
    if (number > 0xE10 && number < 0xF00) return 0xE10;
    if (number > 0xF00 && number < 0xFFF) return 0xF00;  // private use
    if (number > 0x1000 && number < 0x10FF) return 0x1000;
    return number;
  };
  for (std::uint32_t number = 0; number < pages_.size(); ++number) {
    if (const auto other = like(number); other != number) {
      pages_[number] = pages_[other];
      continue;
    }
    for (std::uint32_t i = 0; i < 256; ++i) page[i] = make_entry((number << 8U) | i);
    const auto [place, is_new] = known.emplace(page, static_cast<std::uint16_t>(entries_.size() >> 8U));
    if (is_new) entries_.insert(entries_.end(), page.begin(), page.end());
    pages_[number] = place->second;
  }
  word_.resize(0x10000);
  mark_.resize(0x10000);
  for (char32_t c = 0; c < 0x10000; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) {
      mark_[c] = true;  // half a character: not known
      continue;
    }
    word_[c] = text::class_of(c) == text::CharacterClass::kWord;
    mark_[c] = text::class_of(c) == text::CharacterClass::kMark;
  }
  // The fast way through ASCII relies on this.
  for (char32_t c = 0; c < 0x80; ++c) {
    const auto lower = c >= 'A' && c <= 'Z' ? c + 32 : c;
    const bool exception = (c >= 9 && c <= 13) || c == '-' || c == '~';
    CHECK(exception || entry(c) == (entry(c) & (kKindMask | 0xFFFFU)));
    CHECK(exception || ((c + entry(c)) & 0xFFFFU) == lower);
  }
}

std::uint32_t FoldTable::make_entry(char32_t c) {
  if (c >= 0xD800 && c <= 0xDFFF) return 0;
  static const icu::Normalizer2& composer = normalizer();
  auto options = options_;
  options.runs = false;  // done at the end, over the whole text
  std::string bytes;
  text::append_utf8(bytes, c);
  const auto folded = text::fold_for_search(bytes, options);
  std::uint32_t entry = 0;
  if (folded.size() != 0 && composer.hasBoundaryBefore(static_cast<UChar32>(c)) == 0)
    entry |= kRare | kMayJoin;
  if (folded.size() == 1) {
    const auto to = folded.code_points[0];
    entry |= static_cast<std::uint32_t>(folded.kinds[0]) << kKindShift;
    if (text::class_of(to) == text::CharacterClass::kMark) {
      entry |= kRare | kInherits;
      if (is_accent(to)) entry |= kAccent;
    }
    if (c == kLongVowel || c == 0xFF70) entry |= kRare | kIsLongVowel;
    if (to < 0x10000) return entry | ((to - c) & 0xFFFFU);
    if (to == c) return entry | kRare | kPair;
  }
  Expansion expansion;
  for (std::size_t i = 0; i < folded.size(); ++i) {
    append_utf16(expansion.units, folded.code_points[i]);
    expansion.kinds.resize(expansion.units.size(), folded.kinds[i]);
  }
  // Its first may be marks: these depend on the text (ำ is a mark and a letter).
  for (std::size_t i = 0; i < folded.size() && folded.code_points[i] < 0x10000; ++i) {
    const auto one = folded.code_points[i];
    if (text::class_of(one) != text::CharacterClass::kMark) break;
    ++expansion.marks;
    if (expansion.accents == i && is_accent(one)) ++expansion.accents;
  }
  const auto same = std::find_if(expansions_.begin(), expansions_.end(), [&](const Expansion& other) {
    return other.units == expansion.units && other.kinds == expansion.kinds &&
           other.marks == expansion.marks && other.accents == expansion.accents;
  });
  const auto index = static_cast<std::size_t>(same - expansions_.begin());
  CHECK(index < 0x10000);
  if (same == expansions_.end()) expansions_.push_back(std::move(expansion));
  return (entry & ~kKindMask) | kRare | kExpands | static_cast<std::uint32_t>(index);
}

void FoldTable::append(std::string_view text, FoldedText& out) const {
  const auto begin = out.size;
  const bool had_pairs = out.has_pairs;
  if (!append_plain(text, false, out)) {
    out.size = begin;
    out.has_pairs = had_pairs;
    append_plain(text::fold(text), true, out);
  }
  if (options_.runs) fold_runs(begin, out);
  out.end();
}

// False when a character may join another, unless the text is normalised.
bool FoldTable::append_plain(std::string_view text, bool normalised, FoldedText& out) const {
  // A byte gives at most one unit, except where characters expand: those make room for themselves.
  out.reserve_more(text.size());
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const std::size_t size = text.size();
  std::size_t at = 0;
  char16_t* units = out.units.data();
  CharKind* kinds = out.kinds.data();
  std::size_t n = out.size;
  while (at < size) {
#ifdef __SSE2__
    if (bytes[at] < 0x80 && size - at >= 16) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + at));
      const auto in = [](__m128i x, char first, char last) {  // signed: bytes from 0x80 on are negative
        return _mm_and_si128(_mm_cmpgt_epi8(x, _mm_set1_epi8(static_cast<char>(first - 1))),
                             _mm_cmplt_epi8(x, _mm_set1_epi8(static_cast<char>(last + 1))));
      };
      const __m128i odd = _mm_or_si128(
          _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('-')), _mm_cmpeq_epi8(v, _mm_set1_epi8('~'))),
          in(v, 9, 13));
      const auto stop = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(v, odd)));
      const std::size_t count = stop == 0 ? 16 : static_cast<std::size_t>(__builtin_ctz(stop));
      if (count != 0) {
        const __m128i upper = in(v, 'A', 'Z');
        const __m128i lower = _mm_add_epi8(v, _mm_and_si128(upper, _mm_set1_epi8(32)));
        const __m128i word = _mm_or_si128(in(lower, 'a', 'z'), in(lower, '0', '9'));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(units + n),
                         _mm_unpacklo_epi8(lower, _mm_setzero_si128()));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(units + n + 8),
                         _mm_unpackhi_epi8(lower, _mm_setzero_si128()));
        static_assert(static_cast<int>(CharKind::kSeparator) == 0 && static_cast<int>(CharKind::kWord) == 1);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(kinds + n), _mm_and_si128(word, _mm_set1_epi8(1)));
        n += count;
        at += count;
        continue;
      }
    }
#endif
    char32_t c = bytes[at];
    std::size_t length = 1;
    if (c >= 0x80) {
      const auto follows = [&](std::size_t i) { return (bytes[at + i] & 0xC0U) == 0x80; };
      if (c >= 0xE1 && c <= 0xEC && size - at >= 3 && follows(1) && follows(2)) {
        c = ((c & 0x0FU) << 12U) | ((bytes[at + 1] & 0x3FU) << 6U) | (bytes[at + 2] & 0x3FU);
        length = 3;
      } else {
        const auto found = text::code_point_at(text, at);
        c = found.value;
        length = found.bytes;
      }
    }
    at += length;
    const auto what = entry(c);
    if (what < kRare) {
      units[n] = static_cast<char16_t>(c + what);
      kinds[n] = static_cast<CharKind>(what >> kKindShift);
      ++n;
      continue;
    }
    if ((what & kMayJoin) != 0 && !normalised) return false;
    out.size = n;
    if ((what & kExpands) != 0) out.reserve_more(size - at + expansions_[what & 0xFFFFU].units.size());
    append_rare(what, c, out);
    units = out.units.data();
    kinds = out.kinds.data();
    n = out.size;
  }
  out.size = n;
  return true;
}

void FoldTable::append_rare(std::uint32_t entry, char32_t c, FoldedText& out) const {
  auto& n = out.size;
  const CharKind before = n == 0 ? CharKind::kSeparator : out.kinds[n - 1];
  if ((entry & kExpands) != 0) {
    const auto& expansion = expansions_[entry & 0xFFFFU];
    const bool after_latin = n > 0 && is_latin(out.units[n - 1]);
    for (std::size_t i = after_latin ? expansion.accents : 0; i < expansion.units.size(); ++i) {
      out.units[n] = expansion.units[i];
      out.kinds[n] = i < expansion.marks ? before : expansion.kinds[i];
      out.has_pairs = out.has_pairs || (expansion.units[i] >= 0xD800 && expansion.units[i] <= 0xDFFF);
      ++n;
    }
    return;
  }
  if ((entry & kAccent) != 0 && n > 0 && is_latin(out.units[n - 1])) return;
  auto kind = static_cast<CharKind>((entry & kKindMask) >> kKindShift);
  if ((entry & kInherits) != 0) kind = before;
  if ((entry & kIsLongVowel) != 0) kind = before == CharKind::kHiragana ? before : CharKind::kKatakana;
  if ((entry & kPair) != 0) {
    out.has_pairs = true;
    out.units[n] = static_cast<char16_t>(0xD7C0 + (c >> 10U));
    out.kinds[n++] = kind;
    out.units[n] = static_cast<char16_t>(0xDC00 + (c & 0x3FFU));
    out.kinds[n++] = kind;
    return;
  }
  out.units[n] = static_cast<char16_t>(c + entry);
  out.kinds[n++] = kind;
}

void FoldTable::fold_runs(std::size_t begin, FoldedText& out) const {
  const std::size_t n = out.size;
  const char16_t* units = out.units.data();
  bool found = out.has_pairs;
#ifdef __SSE2__
  out.end();  // so that what stands behind the end makes no run of the text's last characters
  const __m128i vowel = _mm_set1_epi16(static_cast<short>(kLongVowel));
  for (std::size_t i = begin; i < n && !found; i += 8) {
    const auto load = [&](std::size_t at) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(units + at));
    };
    const __m128i a = load(i);
    const __m128i two = _mm_cmpeq_epi16(a, load(i + 1));
    if (_mm_movemask_epi8(two) == 0) continue;
    const __m128i three = _mm_and_si128(two, _mm_cmpeq_epi16(a, load(i + 2)));
    found = _mm_movemask_epi8(_mm_or_si128(three, _mm_and_si128(two, _mm_cmpeq_epi16(a, vowel)))) != 0;
  }
#else
  for (std::size_t i = begin; i + 1 < n && !found; ++i) {
    found = units[i] == units[i + 1] && (units[i] == kLongVowel || (i + 2 < n && units[i] == units[i + 2]));
  }
#endif
  if (!found) return;
  std::size_t to = begin;
  std::size_t run = 0;
  char32_t last = 0xFFFFFFFF;
  for (std::size_t from = begin; from < n;) {
    char32_t c = units[from];
    const bool pair = c >= 0xD800 && c <= 0xDBFF;
    if (pair) c = (c << 16U) | units[from + 1];
    const std::size_t length = pair ? 2 : 1;
    run = c == last ? run + 1 : 1;
    last = c;
    if (run <= (c == kLongVowel ? 1U : 2U)) {
      for (std::size_t i = 0; i < length; ++i) {
        out.units[to] = out.units[from + i];
        out.kinds[to++] = out.kinds[from + i];
      }
    }
    from += length;
  }
  out.size = to;
}

}  // namespace kiki::listening::engine
