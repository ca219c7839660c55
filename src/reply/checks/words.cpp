#include "reply/checks/words.hpp"

#include "reply/checks/word_lists.hpp"
#include "text/script.hpp"
#include "text/utf8.hpp"

namespace kiki::reply::checks {

namespace {

using text::Script;

// The code point that ends before `at`, or that begins there; 0 at the borders.
char32_t before(std::string_view text, std::size_t at) {
  if (at == 0) return 0;
  std::size_t begin = at - 1;
  while (begin > 0 && at - begin < 4 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
  return text::code_point_at(text, begin).value;
}
char32_t after(std::string_view text, std::size_t at) {
  return at < text.size() ? text::code_point_at(text, at).value : 0;
}

bool is_wordly(char32_t c) {
  const auto script = text::script_of(c);
  return c != 0 && (script == Script::kLatin || script == Script::kDigit);
}
bool is_katakana(char32_t c) {
  return c != 0 && text::script_of(c) == Script::kKatakana;
}

// The neighbours that would make the match a part of another word.
bool is_torn(std::string_view folded, std::size_t begin, std::size_t end) {
  const auto first = text::code_point_at(folded, begin).value;
  const auto last = before(folded, end);
  if (is_wordly(first) && is_wordly(before(folded, begin))) return true;
  if (is_wordly(last) && is_wordly(after(folded, end))) return true;
  if (is_katakana(first) && is_katakana(before(folded, begin))) return true;
  return is_katakana(last) && is_katakana(after(folded, end));
}

bool is_inside_of(std::string_view folded, std::size_t begin, std::size_t end, std::string_view longer) {
  while (!longer.empty()) {
    const auto bar = longer.find('|');
    const auto one = longer.substr(0, bar);
    const auto from = begin > one.size() ? begin - one.size() : 0;
    for (auto at = folded.find(one, from); at != std::string_view::npos && at <= begin;
         at = folded.find(one, at + 1)) {
      if (at + one.size() >= end) return true;
    }
    longer = bar == std::string_view::npos ? std::string_view() : longer.substr(bar + 1);
  }
  return false;
}

}  // namespace

std::vector<text::ByteRange> find_word(std::string_view folded, std::string_view word,
                                       std::string_view unless) {
  std::vector<text::ByteRange> places;
  if (word.empty()) return places;
  for (auto at = folded.find(word); at != std::string_view::npos && places.size() < kPlacesLimit;
       at = folded.find(word, at + word.size())) {
    const auto end = at + word.size();
    if (!is_torn(folded, at, end) && !is_inside_of(folded, at, end, unless)) places.push_back({at, end});
  }
  return places;
}

std::vector<std::string> telling_words(std::string_view folded) {
  std::vector<std::string> words;
  std::string run;
  std::size_t points = 0;
  Script script = Script::kOther;
  const auto finish = [&] {
    const bool tells = script == Script::kHan        ? points >= 2
                       : script == Script::kKatakana ? points >= 3
                       : script == Script::kHangul   ? points >= 2
                       : script == Script::kLatin    ? points >= 4 && !is_common_english(run)
                       : script == Script::kDigit    ? points >= 2
                                                     : false;
    if (tells) words.push_back(run);
    run.clear();
    points = 0;
  };
  for (const auto& c : text::code_points(folded)) {
    const auto next = text::script_of(c.value);
    if (next != script) finish();
    script = next;
    if (next == Script::kOther || next == Script::kHiragana) continue;
    run += folded.substr(c.offset, c.bytes);
    ++points;
  }
  finish();
  return words;
}

bool is_japanese(std::string_view text) {
  for (const auto& c : text::code_points(text)) {
    const auto script = text::script_of(c.value);
    if (script == Script::kHiragana || script == Script::kKatakana) return true;
  }
  return false;
}

}  // namespace kiki::reply::checks
