#pragma once
// All queries of all topics made into one immutable set, and which of them a post matches.
//
// A rule is filed under its rarest required terms (key_index.hpp). Whatever rule a post's text points at is
// first held against the text's signature, and what is left runs its program. Every term is looked for at
// most once a post, however many rules ask for it, so that no rule makes the others slow.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "listening/engine/key_index.hpp"
#include "listening/engine/scratch.hpp"
#include "listening/query/query.hpp"

namespace kiki::listening::engine {

struct Node {
  enum class Op : std::uint8_t { kLeaf, kAnd, kOr, kNot };
  Op op = Op::kLeaf;
  std::uint16_t a = Signature::kAlways, b = Signature::kAlways;  // kLeaf: false in a text without both
  std::uint32_t leaf = 0;
  std::uint32_t next = 0;  // behind this node and all in it
};

struct StoredPattern {
  std::uint32_t first = 0;  // in units_
  std::uint16_t size = 0;
  bool unspaced : 1 = false, open_left : 1 = false, open_right : 1 = false, by_kind : 1 = false,
                  has_any : 1 = false;
};

// Two in a line of the cache, with all that most of them are looked for by.
struct alignas(32) Leaf {
  enum class Kind : std::uint8_t {
    kPattern,
    kPhrase,
    kRaw,
    kNear,
    kTag,
    kMention,
    kFrom,
    kTo,
    kUrl,
    kLanguage,
    kNetwork,
    kFact,
    kFollowers,
    kNamed
  };
  Kind kind = Kind::kPattern;
  std::uint8_t form = kStrongForm;
  bool open_right = false;
  query::Fact fact = query::Fact::kNone;
  query::Compare compare = query::Compare::kGreater;
  std::uint32_t first = 0;  // text, near, or first pattern of a phrase
  std::uint32_t count = 0;  // patterns of a phrase; the text of kRaw
  StoredPattern pattern;    // kPattern, kRaw, kUrl
  std::int64_t number = 0;
};

struct Near {
  std::uint32_t distance = 0;
  bool in_order = false;
  std::uint32_t left = 0, right = 0, end = 0;  // in near_leaves_: [left, right) and [right, end)
};

class RuleSet {
 public:
  // Ids of the queries that match what the scratch has read, ascending.
  void match(Scratch& scratch, std::vector<std::uint64_t>& ids) const;
  bool matches_any(Scratch& scratch) const;
  const Needs& needs() const { return needs_; }
  std::size_t queries() const { return owners_.size(); }
  bool has(std::uint64_t id) const;
  std::size_t rules() const { return rules_.size(); }  // with the same program counted once
  std::size_t unanchored() const { return always_.size(); }
  std::size_t bytes() const;

 private:
  friend class RuleSetBuilder;
  struct Rule {
    std::uint32_t root = 0;
    bool asks_for_account = false;
  };
  class Run;
  UnitPattern pattern(const StoredPattern& stored) const {
    return {units_.data() + stored.first,
            stored.size,
            stored.unspaced,
            stored.open_left,
            stored.open_right,
            stored.by_kind,
            stored.has_any};
  }

  Needs needs_;
  KeyIndex keys_;
  LargeVector<Node> nodes_;
  LargeVector<Rule> rules_;
  LargeVector<std::uint32_t> owners_begin_;  // of each rule, in owners_
  LargeVector<std::uint64_t> owners_;
  std::vector<std::uint64_t> ids_;     // ascending
  std::vector<std::uint32_t> always_;  // looked at for every post
  std::vector<std::uint32_t> own_;     // for every post of ours
  LargeVector<Leaf> leaves_;
  LargeVector<StoredPattern> patterns_;  // of phrases
  std::u16string units_;
  std::vector<std::string> texts_;
  std::vector<Near> nears_;
  std::vector<std::uint32_t> near_leaves_;
};

// Compiles queries one by one, then files them all.
class RuleSetBuilder {
 public:
  RuleSetBuilder();
  ~RuleSetBuilder();
  void add(std::uint64_t id, const query::Query& query, const text::SearchFold& fold = {});
  std::shared_ptr<const RuleSet> build();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiki::listening::engine
