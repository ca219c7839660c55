// A text and a query out of the same bytes: a match means containment, and a text is found by itself.

#include "base/check.hpp"
#include "text/bigram.hpp"
#include "text/script.hpp"
#include "text/snippet.hpp"
#include "text/utf8.hpp"

using namespace kiki::text;

namespace {

std::string squeezed(std::string_view folded) {
  std::string out;
  for (const CodePoint& c : code_points(folded)) {
    if (class_of(c.value) != CharacterClass::kSeparator) out += folded.substr(c.offset, c.bytes);
  }
  return out;
}

// A mark at the start or after a space belongs to nothing and is not searched: take such marks out to
// compare.
std::string without_loose_marks(std::string_view folded) {
  std::string out;
  bool loose = true;
  for (const CodePoint& c : code_points(folded)) {
    const CharacterClass kind = class_of(c.value);
    if (kind == CharacterClass::kMark && loose) continue;
    loose = kind == CharacterClass::kSeparator;
    out += folded.substr(c.offset, c.bytes);
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t cut = std::min<std::size_t>(data[0], bytes.size());
  const std::string_view query = bytes.substr(0, cut);
  const std::string_view text = bytes.substr(cut);
  const std::vector<std::string> tokens = index_tokens(text);
  CHECK(tokens.size() <= kMaxIndexTokens);
  for (const std::string& token : tokens) {
    CHECK(!token.empty() && !find_invalid_utf8(token));
    CHECK(token.find_first_of(" '\"\\") == std::string::npos);
  }
  const std::string have = squeezed(without_loose_marks(fold(text)));
  for (const Phrase& phrase : query_tokens(query)) {
    CHECK(!phrase.tokens.empty());
    if (find_phrase(tokens, phrase) == tokens.size()) continue;
    // Put the phrase together again: pairs overlap by one unit, so that each pair adds what follows its first
    // unit.
    CHECK(phrase.tokens.size() > 1 || have.find(phrase.tokens[0]) != std::string::npos);
  }
  // One phrase at most: no spaces, no quotes. Then the whole query must be inside the text.
  const std::string folded_query = without_loose_marks(fold(query));
  const std::vector<Phrase> phrases = query_tokens(query);
  if (phrases.size() == 1 && phrases[0].tokens.size() < kMaxQueryTokens &&
      folded_query.find_first_of("\" \t\r\n") == std::string::npos && matches(tokens, phrases)) {
    bool plain = true;
    for (const CodePoint& c : code_points(folded_query)) {
      if (c.value <= ' ' || c.value == 0x85 || c.value == 0x201C || c.value == 0x201D || c.value == 0x2028 ||
          c.value == 0x2029) {
        plain = false;
      }
    }
    if (plain) CHECK(have.find(squeezed(folded_query)) != std::string::npos);
  }
  const Snippet snippet = make_snippet(text, query, data[0]);
  CHECK(!find_invalid_utf8(snippet.text));
  std::size_t before = 0;
  for (const auto& [begin, end] : snippet.marks) {
    CHECK(begin >= before && begin < end && end <= utf16_length(snippet.text));
    before = end;
  }
  // A text without spaces finds itself.
  if (!tokens.empty() && tokens.size() < 100) {
    bool spaced = false;
    const std::string folded = fold(text);
    for (const CodePoint& c : code_points(folded)) {
      if (c.value <= ' ' || c.value == '"' || c.value == 0x85 || (c.value >= 0x201C && c.value <= 0x201D) ||
          c.value == 0x2028 || c.value == 0x2029) {
        spaced = true;
      }
    }
    if (!spaced) CHECK(matches(tokens, query_tokens(text)));
  }
  return 0;
}
