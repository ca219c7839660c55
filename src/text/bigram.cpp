// A text is cut into units (a character with its marks); runs of pair units and words of word units follow
// from their classes. Index and query go through the same cutter, so that they cannot disagree; they differ
// only in the end of a run: the index adds the last single character, a query does so only inside a phrase.

#include "text/bigram.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "text/script.hpp"
#include "text/utf8.hpp"

namespace kiki::text {

namespace {

// A stretch of units of one class: a run of pair characters, or (a piece of) a word.
struct Run {
  bool pairs = false;
  std::vector<ByteRange> units;
};

// Calls f(Run) for each run of the folded text, until f says stop (false).
template <class F>
void each_run(std::string_view folded, F f) {
  Run run;
  CharacterClass before = CharacterClass::kSeparator;
  const auto finish = [&] {
    const bool go_on = run.units.empty() || f(run);
    run.units.clear();
    return go_on;
  };
  std::size_t word_code_points = 0;
  for (const CodePoint& c : code_points(folded)) {
    CharacterClass kind = class_of(c.value);
    if (kind == CharacterClass::kMark) {
      // A mark alone, after a space or at the start, is nothing one searches for.
      if (before == CharacterClass::kSeparator) continue;
      // Marks count as code points of a word: a letter under a thousand accents is split like any long word.
      if (!run.units.empty() && word_code_points < kMaxWordCodePoints) {
        run.units.back().end = c.offset + c.bytes;
        ++word_code_points;
        continue;
      }
      kind = before;
    }
    const bool pairs = kind == CharacterClass::kPair;
    const bool same_run = kind == before && (pairs || word_code_points < kMaxWordCodePoints);
    if (!same_run) {
      if (!finish()) return;
      word_code_points = 0;
    }
    if (pairs) word_code_points = 0;
    before = kind;
    if (kind == CharacterClass::kSeparator) continue;
    run.pairs = pairs;
    run.units.push_back({c.offset, c.offset + c.bytes});
    ++word_code_points;
  }
  finish();
}

template <class Token, class TextOf>
std::size_t find_phrase_in(std::span<const Token> tokens, const Phrase& phrase, std::size_t from,
                           TextOf text_of) {
  const std::size_t length = phrase.tokens.size();
  if (length == 0 || tokens.size() < length) return tokens.size();
  for (std::size_t start = from; start + length <= tokens.size(); ++start) {
    bool same = true;
    for (std::size_t i = 0; same && i < length; ++i) {
      const std::string& have = text_of(tokens[start + i]);
      const bool prefix = phrase.last_is_prefix && i + 1 == length;
      same = prefix ? have.starts_with(phrase.tokens[i]) : have == phrase.tokens[i];
    }
    if (same) return start;
  }
  return tokens.size();
}

// The tokens of one phrase: all runs of `folded`, one after another.
Phrase make_phrase(std::string_view folded, bool whole_words, std::size_t max_tokens) {
  Phrase phrase;
  std::optional<std::string> open_single;  // the last character of a run that may turn out not to be the last
  each_run(folded, [&](const Run& run) {
    const auto slice = [&](std::size_t first, std::size_t last) {
      return std::string(folded.substr(run.units[first].begin, run.units[last].end - run.units[first].begin));
    };
    if (auto single = std::exchange(open_single, std::nullopt)) phrase.tokens.push_back(std::move(*single));
    if (run.pairs) {
      for (std::size_t i = 0; i + 1 < run.units.size(); ++i) phrase.tokens.push_back(slice(i, i + 1));
      open_single = slice(run.units.size() - 1, run.units.size() - 1);
      phrase.last_is_prefix = false;
      // A single character is the front of some token of the text.
      if (run.units.size() == 1) {
        phrase.tokens.push_back(*open_single);
        phrase.last_is_prefix = true;
        open_single.reset();
      }
    } else {
      phrase.tokens.push_back(slice(0, run.units.size() - 1));
      phrase.last_is_prefix = !whole_words;
    }
    return phrase.tokens.size() < max_tokens;
  });
  return phrase;
}

}  // namespace

std::vector<PlacedToken> place_tokens(std::string_view folded_text, std::size_t max_tokens) {
  std::vector<PlacedToken> tokens;
  each_run(folded_text, [&](const Run& run) {
    const auto add = [&](std::size_t begin, std::size_t end) {
      if (tokens.size() >= max_tokens) return;
      tokens.push_back({std::string(folded_text.substr(begin, end - begin)), {begin, end}});
    };
    if (run.pairs) {
      for (std::size_t i = 0; i + 1 < run.units.size() && tokens.size() < max_tokens; ++i) {
        add(run.units[i].begin, run.units[i + 1].end);
      }
      add(run.units.back().begin, run.units.back().end);
    } else {
      add(run.units.front().begin, run.units.back().end);
    }
    return tokens.size() < max_tokens;
  });
  return tokens;
}

std::vector<std::string> index_tokens(std::string_view text) {
  std::vector<std::string> tokens;
  for (PlacedToken& token : place_tokens(fold(text))) tokens.push_back(std::move(token.text));
  return tokens;
}

std::string index_text(std::string_view text) {
  std::string joined;
  for (const PlacedToken& token : place_tokens(fold(text))) {
    if (!joined.empty()) joined += ' ';
    joined += token.text;
  }
  return joined;
}

std::vector<Phrase> query_tokens(std::string_view query) {
  // Folded as a whole first: ＂ and the ideographic space turn into " and a space on the way.
  const std::string folded = fold(query);
  std::vector<Phrase> phrases;
  std::size_t budget_tokens = kMaxQueryTokens;
  std::size_t begin = 0;
  bool in_quotes = false;
  const auto finish = [&](std::size_t end) {
    if (budget_tokens == 0) return;
    Phrase phrase =
        make_phrase(std::string_view(folded).substr(begin, end - begin), in_quotes, budget_tokens);
    if (phrase.tokens.empty()) return;
    if (phrase.tokens.size() > budget_tokens) {
      phrase.tokens.resize(budget_tokens);
      phrase.last_is_prefix = true;
    }
    budget_tokens -= phrase.tokens.size();
    if (std::find(phrases.begin(), phrases.end(), phrase) == phrases.end())
      phrases.push_back(std::move(phrase));
  };
  for (const CodePoint& c : code_points(folded)) {
    // Typographic quotes are quotes too: phones write them.
    const bool quote = c.value == '"' || c.value == 0x201C || c.value == 0x201D;
    const bool space = c.value <= ' ' || c.value == 0x85 || c.value == 0x2028 || c.value == 0x2029;
    if (!quote && (!space || in_quotes)) continue;
    finish(c.offset);
    begin = c.offset + c.bytes;
    if (quote) in_quotes = !in_quotes;
  }
  finish(folded.size());
  return phrases;
}

std::size_t find_phrase(std::span<const std::string> tokens, const Phrase& phrase, std::size_t from) {
  return find_phrase_in(tokens, phrase, from, std::identity());
}

std::size_t find_phrase(std::span<const PlacedToken> tokens, const Phrase& phrase, std::size_t from) {
  return find_phrase_in(tokens, phrase, from,
                        [](const PlacedToken& token) -> const std::string& { return token.text; });
}

bool matches(std::span<const std::string> tokens, std::span<const Phrase> phrases) {
  return std::all_of(phrases.begin(), phrases.end(),
                     [&](const Phrase& phrase) { return find_phrase(tokens, phrase) < tokens.size(); });
}

}  // namespace kiki::text
