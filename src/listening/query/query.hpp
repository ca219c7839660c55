#pragma once
// A query as plain values: what the parser gives, and what is printed, explained, exported and compiled.
// docs/use/query-language.md says what each part means.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kiki::listening::query {

inline constexpr std::size_t kQueryLimitCharacters = 20'000;
inline constexpr std::size_t kQueryLimitTerms = 2'000;
inline constexpr std::size_t kDepthLimit = 100;           // brackets, NOTs and NEARs inside each other
inline constexpr std::size_t kTermLimitCharacters = 300;  // of one term or phrase
inline constexpr std::size_t kAnyCharacterLimit = 20;     // `?` in one term
inline constexpr std::size_t kNearLimit = 1'000;
inline constexpr std::size_t kNearDefault = 4;

// Bytes of the query's text.
struct SourceRange {
  std::size_t begin = 0;
  std::size_t end = 0;  // one past the last byte
  friend bool operator==(const SourceRange&, const SourceRange&) = default;
};

enum class Kind : std::uint8_t {
  kAnd,   // two children or more, none of them kAnd
  kOr,    // two children or more, none of them kOr
  kNot,   // one child
  kNear,  // two children, each a leaf that is_near_side(), or a kOr of such leaves
  // Leaves: found in the text.
  kTerm,     // iphone, 電池*, wom?n
  kWord,     // word:ロン
  kRaw,      // raw:"iPhone"
  kPhrase,   // "battery life"
  kTag,      // #tag
  kMention,  // @name
  // Leaves: facts of the post.
  kFrom,
  kTo,
  kLang,
  kNetwork,
  kUrl,
  kHas,        // fact: kLink … kQuestion
  kIs,         // fact: kReply … kQuote
  kFollowers,  // compare, number
  kAccount,    // fact: kOwn, kOthers, kAny, or kNamed with text
};

enum class Fact : std::uint8_t {
  kNone,
  kLink,
  kImage,
  kVideo,
  kQuestion,
  kReply,
  kRepost,
  kQuote,
  kOwn,
  kOthers,
  kAny,
  kNamed
};
enum class Compare : std::uint8_t { kLess, kLessOrEqual, kEqual, kGreaterOrEqual, kGreater };

struct Node {
  Kind kind = Kind::kAnd;
  SourceRange source;
  std::vector<Node> children;

  std::string text;         // of a leaf: as written, without field name, quotes, # or @, and `*` at its ends
  bool open_left = false;   // *phone
  bool open_right = false;  // phone*
  bool has_any = false;     // each `?` in text is one character, not a question mark
  bool in_order = false;    // kNear: ONEAR
  std::uint32_t distance = 0;  // kNear
  Fact fact = Fact::kNone;
  Compare compare = Compare::kGreater;
  std::int64_t number = 0;  // kFollowers

  // The same meaning and form; where it was written does not count.
  friend bool operator==(const Node& a, const Node& b) {
    return a.kind == b.kind && a.children == b.children && a.text == b.text && a.open_left == b.open_left &&
           a.open_right == b.open_right && a.has_any == b.has_any && a.in_order == b.in_order &&
           a.distance == b.distance && a.fact == b.fact && a.compare == b.compare && a.number == b.number;
  }
};

struct Query {
  Node root;
  std::size_t terms = 0;          // leaves
  bool asks_for_account = false;  // has an `account:`; without one, posts of our own accounts never match
  // Every post it matches has one of its terms, authors, links …; without, each post has to be looked at.
  bool anchored = true;
  friend bool operator==(const Query& a, const Query& b) { return a.root == b.root; }
};

bool is_leaf(Kind kind);
// Has characters that are looked for in the text: kTerm … kMention.
bool is_text_leaf(Kind kind);
bool is_near_side(const Node& node);
bool is_anchored(const Node& node);
// Fills in what Query says about its root.
Query make_query(Node root);

// The one normal form: AND is a space, NOT is `-`, brackets where AND stands in OR. parse(print(q)) gives q
// again.
std::string print(const Node& node);
inline std::string print(const Query& query) {
  return print(query.root);
}

std::string_view name(Fact fact);        // "link", "own"; empty for kNone and kNamed
std::string_view name(Kind kind);        // snake_case, for the API ("and", "near", "term", "from")
std::string_view sign(Compare compare);  // ">="

}  // namespace kiki::listening::query
