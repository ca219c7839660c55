#include "triage/lexicon.hpp"

#include <algorithm>
#include <charconv>

#include "text/script.hpp"
#include "text/utf8.hpp"

namespace kiki::triage {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

bool is_letter(char32_t c) {
  const auto kind = text::class_of(c);
  return kind == text::CharacterClass::kWord || kind == text::CharacterClass::kMark;
}

std::uint64_t start_key(char32_t first, char32_t second) {
  return (std::uint64_t{first} << 32U) | second;
}

std::size_t bit_of(std::uint64_t key) {
  return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15ULL) >> 48U);
}

}  // namespace

Result<Lexicon> Lexicon::read(std::string_view lines) {
  Lexicon lexicon;
  TRY(lexicon.add(lines));
  return lexicon;
}

Result<void> Lexicon::add(std::string_view lines) {
  int number = 0;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    const auto line = trimmed(lines.substr(0, end));
    lines = end == std::string_view::npos ? std::string_view() : lines.substr(end + 1);
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const auto colon = line.find(": ");
    const auto space = line.find(' ');
    const auto wrong = [&] {
      return invalid("a word list's line is wrong", "line " + std::to_string(number));
    };
    if (colon == std::string_view::npos || space >= colon) return wrong();
    const auto digits = line.substr(space + 1, colon - space - 1);
    std::int16_t weight = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), weight);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return wrong();
    const auto signal = signal_index(line.substr(0, space));
    auto rest = line.substr(colon + 2);
    while (!rest.empty()) {
      const auto bar = rest.find(" | ");
      TRY(add_word(trimmed(rest.substr(0, bar)), signal, weight, number));
      rest = bar == std::string_view::npos ? std::string_view() : rest.substr(bar + 3);
    }
  }
  return {};
}

std::uint16_t Lexicon::signal_index(std::string_view name) {
  const auto place = std::find(signals_.begin(), signals_.end(), name);
  if (place != signals_.end()) return static_cast<std::uint16_t>(place - signals_.begin());
  signals_.emplace_back(name);
  return static_cast<std::uint16_t>(signals_.size() - 1);
}

Result<void> Lexicon::add_word(std::string_view word, std::uint16_t signal, std::int16_t weight, int line) {
  const bool open = word.size() > 1 && word.back() == '*';
  if (open) word.remove_suffix(1);
  auto folded = text::fold(word);
  if (folded.empty()) {
    return invalid("an empty word in a word list", "line " + std::to_string(line));
  }
  const auto [place, is_new] = known_.emplace(folded + (open ? "*" : ""), words_.size());
  if (is_new) {
    const auto index = static_cast<std::uint32_t>(words_.size());
    Word entry;
    const auto first = text::code_point_at(folded, 0);
    char32_t last = 0;
    for (const auto& c : text::code_points(folded)) last = c.value;
    entry.whole_start = text::class_of(first.value) == text::CharacterClass::kWord;
    entry.whole_end = !open && is_letter(last);
    const char32_t second = first.bytes == folded.size() ? 0 : text::code_point_at(folded, first.bytes).value;
    by_start_[start_key(first.value, second)].push_back(index);
    starts_[bit_of(start_key(first.value, second))] = true;
    entry.text = std::move(folded);
    words_.push_back(std::move(entry));
  }
  if (signals_[signal] != "shield") words_[place->second].uses.emplace_back(signal, weight);
  return {};
}

std::vector<Hit> Lexicon::find(std::string_view folded) const {
  struct Place {
    std::uint32_t word;
    text::ByteRange range;
  };
  std::vector<Place> places;
  char32_t before = 0;
  char32_t before_that = 0;
  std::size_t before_offset = 0;
  const auto look = [&](char32_t first, char32_t second, std::size_t offset, char32_t in_front) {
    const auto key = start_key(first, second);
    if (!starts_[bit_of(key)]) return;
    const auto list = by_start_.find(key);
    if (list == by_start_.end()) return;
    for (const auto index : list->second) {
      const auto& word = words_[index];
      if (folded.compare(offset, word.text.size(), word.text) != 0) continue;
      const auto end = offset + word.text.size();
      if (word.whole_start && in_front != 0 && is_letter(in_front)) continue;
      if (word.whole_end && end < folded.size() && is_letter(text::code_point_at(folded, end).value))
        continue;
      places.push_back({index, {offset, end}});
    }
  };
  for (const auto& c : text::code_points(folded)) {
    if (c.offset > 0) look(before, c.value, before_offset, before_that);
    look(c.value, 0, c.offset, before);
    before_that = before;
    before = c.value;
    before_offset = c.offset;
  }
  // Widest first at each place, so that one pass drops what lies inside another.
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.range.begin != b.range.begin ? a.range.begin < b.range.begin : a.range.end > b.range.end;
  });
  std::vector<Hit> hits;
  std::size_t covered = 0;
  for (const auto& place : places) {
    if (place.range.end <= covered) continue;
    covered = place.range.end;
    for (const auto& [signal, weight] : words_[place.word].uses) {
      hits.push_back({signal, weight, place.word, place.range});
    }
  }
  return hits;
}

}  // namespace kiki::triage
