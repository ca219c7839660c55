#include "text/words.hpp"

#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <unordered_set>

#include "text/normalize.hpp"
#include "text/script.hpp"
#include "text/utf8.hpp"

namespace kiki::text {
namespace {

constexpr std::size_t kLongestWordBytes = 96;
constexpr std::size_t kLinksLimit = 20;

// What every text is full of, in the two languages of the desk. Japanese particles and endings fall out by
// their script; these are the nouns and adverbs that tell nothing.
constexpr std::string_view kSayNothing[] = {
    "about", "after",  "again", "all",    "also",  "and",   "any",   "are",     "been",  "before", "being",
    "but",   "can",    "could", "did",    "does",  "don",   "even",  "ever",    "for",   "from",   "get",
    "got",   "had",    "has",   "have",   "her",   "here",  "him",   "his",     "how",   "into",   "its",
    "just",  "like",   "made",  "make",   "many",  "may",   "more",  "most",    "much",  "must",   "new",
    "not",   "now",    "off",   "one",    "only",  "other", "our",   "out",     "over",  "really", "same",
    "she",   "should", "since", "some",   "still", "such",  "than",  "thank",   "that",  "the",    "their",
    "them",  "then",   "there", "these",  "they",  "this",  "those", "through", "too",   "two",    "under",
    "very",  "was",    "way",   "well",   "were",  "what",  "when",  "where",   "which", "while",  "who",
    "why",   "will",   "with",  "would",  "you",   "your",  "yours", "http",    "https", "www",    "com",
    "isn",   "doesn",  "didn",  "won",    "ain",   "amp",   "via",   "ve",      "ll",    "re",     "want",
    "going", "thing",  "today", "今日",   "明日",  "昨日",  "今年",  "自分",    "感じ",  "時間",   "場合",
    "人間",  "本当",   "最近",  "最後",   "最初",  "以上",  "以下",  "一番",    "全部",  "全然",   "結構",
    "普通",  "今回",   "前回",  "毎日",   "今朝",  "今夜",  "誰か",  "何か",    "場所",  "一つ",   "二つ",
    "他の",  "笑笑",   "マジ",  "ホント", "コレ",  "ソレ",  "アレ",  "コト",    "モノ",  "ヤツ",   "トコ"};

bool is_address_end(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>' || c == '"' || c == '\'' || c == ')' ||
         c == '(';
}

// "https://…" from `at` on; ends at spaces, brackets and the first character that is not ASCII.
std::size_t address_end(std::string_view text, std::size_t at) {
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80 && !is_address_end(text[at])) ++at;
  return at;
}

bool begins_address(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  return rest.starts_with("http://") || rest.starts_with("https://");
}

// Addresses and @names blanked out, so that their pieces are no words.
std::string without_addresses(std::string text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::size_t end = at;
    if (begins_address(text, at)) end = address_end(text, at);
    if (text[at] == '@') {
      end = at + 1;
      while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 ||
                                   text[end] == '_' || text[end] == '.' || text[end] == '-'))
        ++end;
    }
    if (end == at) continue;
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(at), text.begin() + static_cast<std::ptrdiff_t>(end),
              ' ');
    at = end - 1;
  }
  return text;
}

struct Shape {
  std::size_t characters = 0;
  std::size_t hiragana = 0;
  std::size_t letters = 0;  // of any script; not digits
  std::size_t latin = 0;
};

Shape shape_of(std::string_view word) {
  Shape shape;
  for (const auto& c : code_points(word)) {
    ++shape.characters;
    const auto script = script_of(c.value);
    if (script == Script::kHiragana) ++shape.hiragana;
    if (script == Script::kLatin) ++shape.latin;
    if (script != Script::kDigit && script != Script::kOther) ++shape.letters;
  }
  return shape;
}

std::size_t count_han(std::string_view word) {
  std::size_t count = 0;
  for (const auto& c : code_points(word)) count += script_of(c.value) == Script::kHan ? 1 : 0;
  return count;
}

bool tells_something(std::string_view word) {
  static const std::unordered_set<std::string_view> say_nothing(std::begin(kSayNothing),
                                                                std::end(kSayNothing));
  if (say_nothing.contains(word)) return false;
  const auto shape = shape_of(word);
  if (shape.letters == 0) return false;
  if (shape.latin == shape.letters) return shape.characters >= 3;
  return shape.characters >= 2 && shape.hiragana == 0;
}

icu::BreakIterator* word_breaker() {
  thread_local const std::unique_ptr<icu::BreakIterator> breaker = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> made(
        icu::BreakIterator::createWordInstance(icu::Locale::getJapan(), status));
    return U_SUCCESS(status) ? std::move(made) : nullptr;
  }();
  return breaker.get();
}

}  // namespace

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  auto* breaker = word_breaker();
  if (breaker == nullptr) return words;
  const auto cleaned = icu::UnicodeString::fromUTF8(fold(without_addresses(std::string(text))));
  std::unordered_set<std::string> seen;
  const auto add = [&](std::string word, bool tells) {
    if (word.size() > kLongestWordBytes || words.size() >= kWordsLimit) return;
    if (seen.insert(word).second) words.push_back({std::move(word), tells});
  };
  breaker->setText(cleaned);
  bool hash = false;  // a '#' stands right before
  std::string tag;    // what followed it so far, without a space
  const auto finish_tag = [&] {
    if (tag.size() > 1) add(tag, true);
    tag.clear();
    hash = false;
  };
  // The dictionary cuts 炊飯器 into 炊飯 and 器: a lone character behind a noun belongs to it.
  std::string noun;
  const auto finish_noun = [&] {
    if (!noun.empty()) add(noun, tells_something(noun));
    noun.clear();
  };
  std::int32_t from = breaker->first();
  for (std::int32_t to = breaker->next(); to != icu::BreakIterator::DONE; from = to, to = breaker->next()) {
    std::string piece;
    cleaned.tempSubStringBetween(from, to).toUTF8String(piece);
    const bool is_word = breaker->getRuleStatus() >= UBRK_WORD_NUMBER;
    if (piece == "#") {
      finish_noun();
      finish_tag();
      hash = true;
      tag = "#";
      continue;
    }
    if (hash) {
      if (is_word || piece == "_" || piece == "ー") {
        tag += piece;
        continue;
      }
      finish_tag();
    }
    const auto shape = shape_of(piece);
    const bool is_han = is_word && shape.characters > 0 && count_han(piece) == shape.characters;
    if (is_han && shape.characters == 1 && !noun.empty()) {
      noun += piece;
      continue;
    }
    finish_noun();
    if (is_han && shape.characters > 1) {
      noun = std::move(piece);
    } else if (is_word) {
      add(piece, tells_something(piece));
    }
  }
  finish_noun();
  finish_tag();
  return words;
}

std::vector<std::string> links_of(std::string_view text) {
  std::vector<std::string> links;
  for (std::size_t at = 0; at < text.size() && links.size() < kLinksLimit; ++at) {
    if (!begins_address(text, at)) continue;
    const auto end = address_end(text, at);
    auto link = text.substr(at, end - at);
    while (!link.empty() && std::string_view(".,!?:;").find(link.back()) != std::string_view::npos)
      link.remove_suffix(1);
    if (link.size() > std::string_view("https://").size() &&
        std::find(links.begin(), links.end(), link) == links.end())
      links.emplace_back(link);
    at = end > at ? end - 1 : at;
  }
  return links;
}

}  // namespace kiki::text
