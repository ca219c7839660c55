#include "listening/engine/pattern_finder.hpp"

#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace kiki::listening::engine {
namespace {

using text::CharKind;

bool is_low(char16_t unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}
bool is_high(char16_t unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}

bool may_end_at(const FoldedText& text, std::size_t at, bool by_kind) {
  if (at == 0 || at == text.size) return true;
  const auto before = text.kinds[at - 1];
  const auto behind = text.kinds[at];
  if (by_kind) {
    const auto no_letter = [](CharKind kind) {
      return kind == CharKind::kSeparator || kind == CharKind::kPictograph;
    };
    return before != behind || no_letter(before) || no_letter(behind);
  }
  return before != CharKind::kWord || behind != CharKind::kWord;
}

bool ends_right(const FoldedText& text, const UnitPattern& pattern, std::size_t begin, std::size_t end) {
  if (pattern.unspaced && !pattern.by_kind) return true;
  return (pattern.open_left || may_end_at(text, begin, pattern.by_kind)) &&
         (pattern.open_right || may_end_at(text, end, pattern.by_kind));
}

// Where the pattern ends when it begins at `at`; 0 when it does not.
std::size_t end_with_any(const FoldedText& text, const UnitPattern& pattern, std::size_t at) {
  for (std::size_t i = 0; i < pattern.size; ++i) {
    if (at >= text.size) return 0;
    if (pattern.units[i] == UnitPattern::kAny && (i == 0 || !is_high(pattern.units[i - 1]))) {
      if (text.units[at] == u' ') return 0;
      at += is_high(text.units[at]) ? 2 : 1;
    } else if (text.units[at++] != pattern.units[i]) {
      return 0;
    }
  }
  return at;
}

// The next place where both units stand side by side; text.size when there is none.
std::size_t find_pair(const FoldedText& text, char16_t first, char16_t second, std::size_t from) {
  const auto* units = text.units.data();
#ifdef __SSE2__
  const __m128i a = _mm_set1_epi16(static_cast<short>(first));
  const __m128i b = _mm_set1_epi16(static_cast<short>(second));
  for (; from + 1 < text.size; from += 8) {
    const auto load = [&](std::size_t at) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(units + at));
    };
    const auto hits = static_cast<unsigned>(
        _mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi16(load(from), a), _mm_cmpeq_epi16(load(from + 1), b))));
    if (hits != 0) {
      const auto at = from + static_cast<std::size_t>(__builtin_ctz(hits)) / 2;
      return at + 1 < text.size ? at : text.size;
    }
  }
#else
  for (; from + 1 < text.size; ++from) {
    if (units[from] == first && units[from + 1] == second) return from;
  }
#endif
  return text.size;
}

}  // namespace

std::u16string to_units(const std::u32string& code_points) {
  std::u16string units;
  units.reserve(code_points.size());
  for (const char32_t c : code_points) {
    if (c == query::kAnyCharacter) {
      units += UnitPattern::kAny;
    } else if (c < 0x10000) {
      units += static_cast<char16_t>(c);
    } else {
      units += static_cast<char16_t>(0xD7C0 + (c >> 10U));
      units += static_cast<char16_t>(0xDC00 + (c & 0x3FFU));
    }
  }
  return units;
}

bool find_pattern(const FoldedText& text, const UnitPattern& pattern, std::size_t from, Range& found) {
  if (pattern.size == 0) return false;
  const auto take = [&](std::size_t begin, std::size_t end) {
    if (!ends_right(text, pattern, begin, end)) return false;
    found = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), !pattern.unspaced};
    return true;
  };
  if (pattern.has_any) {
    for (std::size_t at = from; at < text.size; ++at) {
      if (is_low(text.units[at])) continue;  // not where a character begins
      const auto end = end_with_any(text, pattern, at);
      if (end != 0 && take(at, end)) return true;
    }
    return false;
  }
  if (pattern.size == 1) {
    for (std::size_t at = from; at < text.size; ++at) {
      if (text.units[at] == pattern.units[0] && take(at, at + 1)) return true;
    }
    return false;
  }
  for (auto at = find_pair(text, pattern.units[0], pattern.units[1], from); at + pattern.size <= text.size;
       at = find_pair(text, pattern.units[0], pattern.units[1], at + 1)) {
    if (std::memcmp(&text.units[at], pattern.units, pattern.size * sizeof(char16_t)) == 0 &&
        take(at, at + pattern.size)) {
      return true;
    }
  }
  return false;
}

void grow(const FoldedText& text, const UnitPattern& pattern, Range& range) {
  if (pattern.unspaced) return;
  if (pattern.open_left) {
    while (range.begin > 0 && text.kinds[range.begin - 1] == CharKind::kWord) --range.begin;
  }
  if (pattern.open_right) {
    while (range.end < text.size && text.kinds[range.end] == CharKind::kWord) ++range.end;
  }
}

bool find_phrase(const FoldedText& text, const UnitPattern* words, std::size_t count, std::size_t from,
                 Range& found) {
  if (count == 0) return false;
  while (find_pattern(text, words[0], from, found)) {
    std::size_t end = found.end;
    std::size_t word = 1;
    for (; word < count; ++word) {
      const auto& next = words[word];
      bool fits = false;
      // A word may begin with what is a separator itself (.net), so every place in the gap is one to try.
      for (std::size_t at = end; at < text.size && text.kinds[at] == CharKind::kSeparator && !fits;) {
        ++at;
        if (at + next.size > text.size) break;
        if (std::memcmp(&text.units[at], next.units, next.size * sizeof(char16_t)) != 0) continue;
        if (!ends_right(text, next, at, at + next.size)) continue;
        end = at + next.size;
        fits = true;
      }
      if (!fits) break;
    }
    if (word == count) {
      found.end = static_cast<std::uint32_t>(end);
      return true;
    }
    from = found.begin + 1;
  }
  return false;
}

}  // namespace kiki::listening::engine
