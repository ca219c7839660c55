// The language of a text by its script, and for Latin letters by small words that hardly another language
// has.

#include <algorithm>
#include <array>

#include "text/script.hpp"
#include "text/utf8.hpp"
#include "triage/triage.hpp"

namespace kiki::triage {
namespace {

struct SmallWord {
  std::string_view word;
  std::string_view language;
};

constexpr auto kSmallWords = std::to_array<SmallWord>({
    {"the", "en"},    {"and", "en"},  {"is", "en"},    {"my", "en"},    {"you", "en"},   {"it", "en"},
    {"this", "en"},   {"that", "en"}, {"with", "en"},  {"have", "en"},  {"not", "en"},   {"your", "en"},
    {"are", "en"},    {"does", "en"}, {"of", "en"},    {"to", "en"},    {"i", "en"},     {"please", "en"},
    {"thanks", "en"}, {"how", "en"},  {"why", "en"},   {"der", "de"},   {"und", "de"},   {"ist", "de"},
    {"nicht", "de"},  {"ich", "de"},  {"ein", "de"},   {"das", "de"},   {"les", "fr"},   {"est", "fr"},
    {"pas", "fr"},    {"je", "fr"},   {"vous", "fr"},  {"une", "fr"},   {"et", "fr"},    {"el", "es"},
    {"los", "es"},    {"que", "es"},  {"por", "es"},   {"una", "es"},   {"muy", "es"},   {"pero", "es"},
    {"il", "it"},     {"che", "it"},  {"sono", "it"},  {"della", "it"}, {"per", "it"},   {"não", "pt"},
    {"uma", "pt"},    {"você", "pt"}, {"muito", "pt"}, {"com", "pt"},   {"het", "nl"},   {"een", "nl"},
    {"niet", "nl"},   {"voor", "nl"}, {"yang", "id"},  {"dan", "id"},   {"tidak", "id"}, {"saya", "id"},
});

std::string of_small_words(const std::string& folded) {
  std::array<std::pair<std::string_view, int>, 8> counts{};
  std::size_t languages = 0;
  std::size_t at = 0;
  while (at < folded.size()) {
    const auto begin = folded.find_first_not_of(" \t\n.,!?:;()\"'", at);
    if (begin == std::string::npos) break;
    at = std::min(folded.find_first_of(" \t\n.,!?:;()\"'", begin), folded.size());
    const std::string_view word = std::string_view(folded).substr(begin, at - begin);
    for (const auto& small : kSmallWords) {
      if (small.word != word) continue;
      auto place = std::find_if(counts.begin(), counts.begin() + languages,
                                [&](const auto& count) { return count.first == small.language; });
      if (place == counts.begin() + languages) {
        if (languages == counts.size()) continue;
        *place = {small.language, 0};
        ++languages;
      }
      ++place->second;
    }
  }
  const auto best = std::max_element(counts.begin(), counts.begin() + languages,
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return best == counts.begin() + languages ? std::string() : std::string(best->first);
}

}  // namespace

std::string language_of(std::string_view text) {
  int kana = 0;
  int han = 0;
  int hangul = 0;
  int latin = 0;
  int cyrillic = 0;
  int thai = 0;
  int arabic = 0;
  for (const auto& c : text::code_points(text)) {
    switch (text::script_of(c.value)) {
      case text::Script::kHiragana:
      case text::Script::kKatakana:
        ++kana;
        break;
      case text::Script::kHan:
        ++han;
        break;
      case text::Script::kHangul:
        ++hangul;
        break;
      case text::Script::kLatin:
        ++latin;
        break;
      default:
        if (c.value >= 0x400 && c.value < 0x530) ++cyrillic;
        if (c.value >= 0xe00 && c.value < 0xe80) ++thai;
        if (c.value >= 0x600 && c.value < 0x700) ++arabic;
    }
  }
  if (kana > 0 && (kana + han) * 3 >= latin) return "ja";
  if (hangul > 0 && hangul * 3 >= latin) return "ko";
  if (cyrillic > 0 && cyrillic >= latin) return "ru";
  if (thai > 0 && thai >= latin) return "th";
  if (arabic > 0 && arabic >= latin) return "ar";
  if (latin > 0) return of_small_words(text::fold(text));
  return {};  // Han alone is Japanese as well as Chinese
}

}  // namespace kiki::triage
