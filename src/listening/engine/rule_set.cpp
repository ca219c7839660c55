#include "listening/engine/rule_set.hpp"

#include <algorithm>

#include "text/normalize.hpp"
#include "text/utf8.hpp"

namespace kiki::listening::engine {

// One set against one post.
class RuleSet::Run {
 public:
  Run(const RuleSet& set, Scratch& scratch) : set_(set), scratch_(scratch), post_(scratch.post()) {
    scratch.begin_match(set.rules_.size(), set.leaves_.size(), set.keys_.lists());
  }

  // Rules that match, each once, into scratch_.matched_; stops at the first when `any`.
  //
  // A large set stands in no cache, and what a rule costs is mostly the wait for its memory. So it goes in
  // rounds over all rules that are worth a look, and each round fetches what the next one reads, side by
  // side.
  void find(bool any) {
    collect_hits();
    collect_candidates();
    rule_out();
    const auto& candidates = scratch_.candidates_;
    for (const auto& candidate : candidates) {
      __builtin_prefetch(&set_.owners_begin_[candidate.rule]);
      if (!candidate.sure)
        each_look(set_.rules_[candidate.rule].root, [&](std::uint32_t leaf) { fetch_units(leaf); });
    }
    for (const auto& [rule, sure] : candidates) {
      if (sure || is_true(set_.rules_[rule].root)) {
        scratch_.matched_.push_back(rule);
        __builtin_prefetch(&set_.owners_[set_.owners_begin_[rule]]);
        if (any) return;
      }
    }
    try_all(set_.always_, any);
    if (!post_.own_account.empty()) try_all(set_.own_, any);
  }

 private:
  static constexpr std::size_t kAhead = 8;

  void fetch_program(const Scratch::Candidate& candidate) const {
    const auto* node = &set_.nodes_[set_.rules_[candidate.rule].root];
    __builtin_prefetch(node);
    __builtin_prefetch(node + 4);
  }
  void fetch_leaf(std::uint32_t leaf) const {
    __builtin_prefetch(&scratch_.leaf_known_[leaf], 1);
    __builtin_prefetch(&set_.leaves_[leaf]);
  }
  void fetch_units(std::uint32_t number) const {
    const auto& leaf = set_.leaves_[number];
    if (leaf.kind == Leaf::Kind::kPattern) __builtin_prefetch(&set_.units_[leaf.pattern.first]);
  }

  // Calls f with the first leaves that will be looked for.
  template <typename F>
  void each_look(std::uint32_t root, F&& f) const {
    constexpr std::uint32_t kNodes = 6;
    const auto end = std::min(set_.nodes_[root].next, root + kNodes);
    for (auto at = root; at < end; ++at) {
      const auto& node = set_.nodes_[at];
      if (node.op == Node::Op::kLeaf && is_in_picture(node)) f(node.leaf);
    }
  }
  bool is_in_picture(const Node& leaf) const {
    return scratch_.signature_.has(leaf.a) && scratch_.signature_.has(leaf.b);
  }

  // Leaves of the candidates, each once, those which the signature does not say no to.
  void rule_out() {
    auto& candidates = scratch_.candidates_;
    const bool own = !post_.own_account.empty();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < std::min(kAhead, candidates.size()); ++i) fetch_program(candidates[i]);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (i + kAhead < candidates.size()) fetch_program(candidates[i + kAhead]);
      const auto candidate = candidates[i];
      if (own && !set_.rules_[candidate.rule].asks_for_account) continue;
      auto& seen = scratch_.rule_seen_[candidate.rule];
      if (seen == scratch_.epoch_) continue;
      const auto root = set_.rules_[candidate.rule].root;
      if (!candidate.sure) {
        if (!may_be_true(root)) continue;
        each_look(root, [&](std::uint32_t leaf) { fetch_leaf(leaf); });
      }
      seen = scratch_.epoch_;
      candidates[kept++] = candidate;
    }
    candidates.resize(kept);
  }

  // By the signature alone.
  // NOLINTNEXTLINE(misc-no-recursion): as deep as the query's brackets, which the parser limits
  bool may_be_true(std::uint32_t at) const {
    const auto& node = set_.nodes_[at];
    switch (node.op) {
      case Node::Op::kLeaf:
        return is_in_picture(node);
      case Node::Op::kAnd:
        for (auto child = at + 1; child < node.next; child = set_.nodes_[child].next) {
          if (!may_be_true(child)) return false;
        }
        return true;
      case Node::Op::kOr:
        for (auto child = at + 1; child < node.next; child = set_.nodes_[child].next) {
          if (may_be_true(child)) return true;
        }
        return false;
      case Node::Op::kNot:
        return true;
    }
    return true;
  }

  // What the post's keys point at and its signature does not rule out; the same rule perhaps more than once.
  void collect_candidates() {
    auto& candidates = scratch_.candidates_;
    candidates.clear();
    const auto& picture = scratch_.signature_;
    for (const auto& hit : scratch_.hits_) __builtin_prefetch(set_.keys_.postings(hit.list).data());
    for (const auto& hit : scratch_.hits_) {
      for (const auto& posting : set_.keys_.postings(hit.list)) {
        if (!(picture.has(posting.a) && picture.has(posting.b)) &&
            !(picture.has(posting.c) && picture.has(posting.d)))
          continue;
        const auto rule = posting.rule & ~Posting::kSure;
        __builtin_prefetch(&set_.rules_[rule]);
        __builtin_prefetch(&scratch_.rule_seen_[rule], 1);
        candidates.push_back({rule, (posting.rule & Posting::kSure) != 0 && hit.in_text});
      }
    }
  }

  void collect_hits() {
    auto& hits = scratch_.hits_;
    bool in_text = true;
    const auto hit = [&](std::uint32_t list) {
      auto& seen = scratch_.list_seen_[list];
      if (seen == scratch_.epoch_) return;
      seen = scratch_.epoch_;
      hits.push_back({list, in_text});
    };
    const auto& text = scratch_.forms_[kStrongForm].text;
    const auto& words = scratch_.words_;
    set_.keys_.windows_in(text, scratch_.hashes_.data(), hit);
    for (std::size_t i = 0; i < scratch_.text_words_; ++i)
      set_.keys_.word(words[i].hash, &text.units[words[i].begin], words[i].size, hit);
    if (scratch_.extra_.size == 0) return;
    in_text = false;
    set_.keys_.windows_in(scratch_.extra_, scratch_.extra_hashes_.data(), hit);
    for (std::size_t i = scratch_.text_words_; i < words.size(); ++i)
      set_.keys_.word(words[i].hash, &scratch_.extra_.units[words[i].begin], words[i].size, hit);
  }

  void try_all(const std::vector<std::uint32_t>& rules, bool any) {
    auto& matched = scratch_.matched_;
    if (any && !matched.empty()) return;
    const bool own = !post_.own_account.empty();
    for (const auto rule : rules) {
      auto& seen = scratch_.rule_seen_[rule];
      if (seen == scratch_.epoch_) continue;
      seen = scratch_.epoch_;
      if (own && !set_.rules_[rule].asks_for_account) continue;
      if (!is_true(set_.rules_[rule].root)) continue;
      matched.push_back(rule);
      if (any) return;
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): as deep as the query's brackets, which the parser limits
  bool is_true(std::uint32_t at) {
    const auto& node = set_.nodes_[at];
    switch (node.op) {
      case Node::Op::kLeaf:
        return is_in_picture(node) && is_there(node.leaf);
      case Node::Op::kAnd:
        for (auto child = at + 1; child < node.next; child = set_.nodes_[child].next) {
          if (!is_true(child)) return false;
        }
        return true;
      case Node::Op::kOr:
        for (auto child = at + 1; child < node.next; child = set_.nodes_[child].next) {
          if (is_true(child)) return true;
        }
        return false;
      case Node::Op::kNot:
        return !is_true(at + 1);
    }
    return false;
  }

  bool is_there(std::uint32_t number) {
    auto& known = scratch_.leaf_known_[number];
    if (known >> 1U == scratch_.epoch_) return (known & 1U) != 0;
    const bool answer = look(set_.leaves_[number]);
    known = scratch_.epoch_ << 1U | (answer ? 1U : 0U);
    return answer;
  }

  bool look(const Leaf& leaf) {
    Range found;
    const auto is_named = [&](std::string_view handle) {
      return query::is_handle(set_.texts_[leaf.first], text::fold(handle), leaf.open_right);
    };
    switch (leaf.kind) {
      case Leaf::Kind::kPattern:
        return find_pattern(scratch_.form(leaf.form).text, set_.pattern(leaf.pattern), 0, found);
      case Leaf::Kind::kPhrase:
        return find_words(leaf, 0, found);
      case Leaf::Kind::kRaw:
        return each_raw(leaf, [](Range) { return true; });
      case Leaf::Kind::kNear:
        return is_near(leaf);
      case Leaf::Kind::kTag:
        return has_tag(leaf);
      case Leaf::Kind::kMention: {
        const auto& handles = scratch_.mentions();
        return std::any_of(handles.begin(), handles.end(), [&](const std::string& handle) {
          return query::is_handle(set_.texts_[leaf.first], handle, leaf.open_right);
        });
      }
      case Leaf::Kind::kFrom:
        return is_named(post_.author);
      case Leaf::Kind::kTo:
        return is_named(post_.reply_to);
      case Leaf::Kind::kNamed:
        return is_named(post_.own_account);
      case Leaf::Kind::kUrl: {
        const auto& links = scratch_.links();
        return std::any_of(links.begin(), links.end(), [&](const FoldedText& link) {
          return find_pattern(link, set_.pattern(leaf.pattern), 0, found);
        });
      }
      case Leaf::Kind::kLanguage:
        return query::is_language(set_.texts_[leaf.first], post_.language);
      case Leaf::Kind::kNetwork:
        return set_.texts_[leaf.first] == text::fold(post_.network);
      case Leaf::Kind::kFollowers:
        return post_.followers && compare(*post_.followers, leaf.compare, leaf.number);
      case Leaf::Kind::kFact:
        return holds(leaf.fact);
    }
    return false;
  }

  static bool compare(std::int64_t value, query::Compare compare, std::int64_t number) {
    switch (compare) {
      case query::Compare::kLess:
        return value < number;
      case query::Compare::kLessOrEqual:
        return value <= number;
      case query::Compare::kEqual:
        return value == number;
      case query::Compare::kGreaterOrEqual:
        return value >= number;
      case query::Compare::kGreater:
        return value > number;
    }
    return false;
  }

  bool holds(query::Fact fact) {
    switch (fact) {
      case query::Fact::kLink:
        return scratch_.has_link();
      case query::Fact::kImage:
        return post_.has_image;
      case query::Fact::kVideo:
        return post_.has_video;
      case query::Fact::kQuestion:
        return scratch_.asks_question();
      case query::Fact::kReply:
        return post_.is_reply || !post_.reply_to.empty();
      case query::Fact::kRepost:
        return post_.is_repost;
      case query::Fact::kQuote:
        return post_.is_quote;
      case query::Fact::kOwn:
        return !post_.own_account.empty();
      case query::Fact::kOthers:
        return post_.own_account.empty();
      case query::Fact::kAny:
        return true;
      case query::Fact::kNamed:
      case query::Fact::kNone:
        break;
    }
    return false;
  }

  bool find_words(const Leaf& leaf, std::size_t from, Range& found) {
    std::array<UnitPattern, 16> few;
    std::vector<UnitPattern> many;
    UnitPattern* words = few.data();
    if (leaf.count > few.size()) {
      many.resize(leaf.count);
      words = many.data();
    }
    for (std::uint32_t i = 0; i < leaf.count; ++i) words[i] = set_.pattern(set_.patterns_[leaf.first + i]);
    return find_phrase(scratch_.form(leaf.form).text, words, leaf.count, from, found);
  }

  // Exact bytes; their place in the folded text says where they end. Stops when f returns true.
  template <typename F>
  bool each_raw(const Leaf& leaf, F&& f) {
    const std::string_view raw = set_.texts_[leaf.count];
    auto at = post_.text.find(raw);
    if (raw.empty() || at == std::string_view::npos) return false;
    const auto& text = scratch_.search_text(leaf.form);
    const bool unspaced = leaf.pattern.unspaced;
    for (; at != std::string_view::npos; at = post_.text.find(raw, at + 1)) {
      const auto begin = static_cast<std::size_t>(
          std::partition_point(text.origins.begin(), text.origins.end(),
                               [&](const text::ByteRange& origin) { return origin.end <= at; }) -
          text.origins.begin());
      auto end = begin;
      while (end < text.size() && text.origins[end].begin < at + raw.size()) ++end;
      if (!unspaced &&
          (!query::raw_may_end_at(text, begin, at) || !query::raw_may_end_at(text, end, at + raw.size())))
        continue;
      if (f(Range{to_unit(text, begin), to_unit(text, end), !unspaced})) return true;
    }
    return false;
  }

  static std::uint32_t to_unit(const text::SearchText& text, std::size_t at) {
    std::size_t units = at;
    for (std::size_t i = 0; i < at; ++i) units += text.code_points[i] >= 0x10000 ? 1 : 0;
    return static_cast<std::uint32_t>(units);
  }

  bool has_tag(const Leaf& leaf) {
    std::u32string wanted;
    for (const auto& c : text::code_points(set_.texts_[leaf.first])) wanted += c.value;
    const auto is_wanted = [&](std::u32string_view tag) {
      return leaf.open_right ? tag.starts_with(wanted) : tag == wanted;
    };
    const auto& form = scratch_.tags(leaf.form);
    const std::u32string_view text = form.search_text.code_points;
    return std::any_of(form.tags.begin(), form.tags.end(),
                       [&](const query::TextRange& range) {
                         return is_wanted(text.substr(range.begin + 1, range.end - range.begin - 1));
                       }) ||
           std::any_of(form.hashtags.begin(), form.hashtags.end(), is_wanted);
  }

  void add_matches(std::uint32_t number, std::vector<Range>& out) {
    const auto& leaf = set_.leaves_[number];
    Range found;
    if (leaf.kind == Leaf::Kind::kRaw) {
      each_raw(leaf, [&](Range range) {
        out.push_back(range);
        return false;
      });
      return;
    }
    const auto& text = scratch_.form(leaf.form).text;
    if (leaf.kind == Leaf::Kind::kPhrase) {
      for (std::size_t from = 0; find_words(leaf, from, found); from = found.begin + 1) out.push_back(found);
      return;
    }
    const auto pattern = set_.pattern(leaf.pattern);
    for (std::size_t from = 0; find_pattern(text, pattern, from, found);) {
      from = found.begin + 1;
      grow(text, pattern, found);
      out.push_back(found);
    }
  }

  bool is_near(const Leaf& leaf) {
    const auto& near = set_.nears_[leaf.first];
    auto& [left, right] = scratch_.sides_;
    left.clear();
    right.clear();
    for (auto i = near.left; i < near.right; ++i) {
      if (is_there(set_.near_leaves_[i])) add_matches(set_.near_leaves_[i], left);
    }
    if (left.empty()) return false;
    for (auto i = near.right; i < near.end; ++i) {
      if (is_there(set_.near_leaves_[i])) add_matches(set_.near_leaves_[i], right);
    }
    if (right.empty()) return false;
    auto& form = scratch_.form(leaf.form);
    return stands_before(near.distance, form, left, right) ||
           (!near.in_order && stands_before(near.distance, form, right, left));
  }

  // Does one of `first` end at most so far before one of `second` begins? Of all that follow, the next one is
  // the nearest; words are counted only where both are of spaced scripts, so each kind is compared with each.
  bool stands_before(std::uint32_t distance, Scratch::Form& form, std::vector<Range>& first,
                     std::vector<Range>& second) {
    std::sort(first.begin(), first.end(), [](const Range& x, const Range& y) { return x.end < y.end; });
    std::sort(second.begin(), second.end(), [](const Range& x, const Range& y) { return x.begin < y.begin; });
    for (const bool spaced : {false, true}) {
      std::size_t next = 0;
      std::size_t next_other = 0;
      for (const auto& range : first) {
        if (range.spaced != spaced) continue;
        // The nearest of the same kind and the nearest of the other kind.
        const auto advance = [&](std::size_t& at, bool wanted) {
          while (at < second.size() && (second[at].spaced != wanted || second[at].begin < range.end)) ++at;
          return at < second.size();
        };
        if (advance(next, spaced)) {
          const auto begin = second[next].begin;
          const auto between = spaced ? scratch_.words_between(form, range.end, begin)
                                      : scratch_.characters_between(form, range.end, begin);
          if (between <= distance) return true;
        }
        if (advance(next_other, !spaced) &&
            scratch_.characters_between(form, range.end, second[next_other].begin) <= distance) {
          return true;
        }
      }
    }
    return false;
  }

  const RuleSet& set_;
  Scratch& scratch_;
  const query::Post& post_;
};

void RuleSet::match(Scratch& scratch, std::vector<std::uint64_t>& ids) const {
  ids.clear();
  Run(*this, scratch).find(false);
  for (const auto rule : scratch.matched_)
    ids.insert(ids.end(), owners_.begin() + owners_begin_[rule], owners_.begin() + owners_begin_[rule + 1]);
  if (ids.size() > 1 && !std::is_sorted(ids.begin(), ids.end())) std::sort(ids.begin(), ids.end());
}

bool RuleSet::matches_any(Scratch& scratch) const {
  Run(*this, scratch).find(true);
  return !scratch.matched_.empty();
}

bool RuleSet::has(std::uint64_t id) const {
  return std::binary_search(ids_.begin(), ids_.end(), id);
}

std::size_t RuleSet::bytes() const {
  std::size_t texts = 0;
  for (const auto& text : texts_) texts += sizeof(std::string) + (text.size() > 15 ? text.capacity() : 0);
  return keys_.bytes() + nodes_.size() * sizeof(Node) + rules_.size() * sizeof(Rule) +
         owners_begin_.size() * 4 + (owners_.size() + ids_.size()) * 8 +
         (always_.size() + own_.size() + near_leaves_.size()) * 4 + leaves_.size() * sizeof(Leaf) +
         patterns_.size() * sizeof(StoredPattern) + units_.size() * 2 + nears_.size() * sizeof(Near) + texts;
}

}  // namespace kiki::listening::engine
