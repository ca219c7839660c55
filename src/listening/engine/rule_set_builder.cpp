// From queries to a RuleSet: terms are made one where they are the same, each rule becomes a flat program and
// is filed under the terms that cost least.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/check.hpp"
#include "listening/engine/rule_set.hpp"
#include "listening/query/pattern.hpp"
#include "text/normalize.hpp"
#include "text/script.hpp"
#include "text/utf8.hpp"

namespace kiki::listening::engine {
namespace {

using query::Kind;

constexpr double kNever = std::numeric_limits<double>::infinity();

// A piece of a term in the strong form, as far as it can be relied on: no match without these units in the
// text.
struct Piece {
  std::u16string units;  // UnitPattern::kAny: any character
  bool closed_left =
      false;  // no letter of a spaced script stands there, when one is at this end of the piece
  bool closed_right = false;
};

// What is known of a leaf beside what RuleSet keeps.
struct LeafText {
  std::vector<Piece> pieces;  // none: the text cannot say (lang:, or a raw: too short)
  bool always_false = false;  // nothing to look for
  bool is_whole = false;      // one piece, and it says all: no ends to check, or a whole word
  bool only_own = false;      // account: our own posts
  std::uint32_t uses = 0;     // in rules
};

std::string to_utf8(const std::u32string& code_points) {
  std::string out;
  for (const char32_t c : code_points) text::append_utf8(out, c);
  return out;
}

std::u16string strong_units(std::string_view text) {
  static thread_local FoldedText folded;
  FoldTable::of({}).fold(text, folded);
  return {folded.units.data(), folded.size};
}

bool is_surrogate(char16_t unit) {
  return unit >= 0xD800 && unit <= 0xDFFF;
}

// How likely a unit is at some place of some post: rough, and good enough to tell a rare window from a common
// one.
double chance_of(char16_t unit) {
  if (unit < 0x80) {
    if (unit >= 'a' && unit <= 'z') return std::strchr("aeiotnsr", unit) != nullptr ? 0.05 : 0.012;
    if (unit >= '0' && unit <= '9') return 0.01;
    return unit == ' ' ? 0.1 : 0.004;
  }
  if (unit >= 0x3041 && unit <= 0x30FE) return 0.012;
  if (unit >= 0x4E00 && unit <= 0x9FFF) return 0.0015;
  if (unit >= 0xAC00 && unit <= 0xD7A3) return 0.003;
  return 0.002;
}

double chance_of_window(const char16_t* units, std::size_t size) {
  double chance = 80;  // places in a text
  for (std::size_t i = 0; i < size; ++i) chance *= chance_of(units[i]);
  // Neighbours are no strangers: real text repeats itself more than that.
  return std::min(0.9, std::pow(chance, 0.8) + 1e-7);
}

double chance_of_word(std::size_t size) {
  return std::min(0.5, 0.8 * std::pow(0.42, static_cast<double>(size)) + 1e-6);
}

struct Found {
  Key key;
  double chance = 1;
};

// All windows and whole words of a piece, to choose a key from.
template <typename Take>
void each_key(const Piece& piece, const FoldTable& table, Take&& take) {
  const auto& units = piece.units;
  const std::size_t n = units.size();
  const auto ends_word = [&](std::size_t at) {  // surely no letter of a spaced script
    const auto unit = units[at];
    return !table.is_word(unit) && !table.is_mark(unit) && !is_surrogate(unit);
  };
  for (std::size_t i = 0; i < n;) {
    if (!table.is_word(units[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < n && table.is_word(units[end])) ++end;
    const bool left = i == 0 ? piece.closed_left : ends_word(i - 1);
    const bool right = end == n ? piece.closed_right : ends_word(end);
    if (left && right) take(true, i, end - i, chance_of_word(end - i));
    i = end;
  }
  for (std::size_t begin = 0; begin < n;) {
    std::size_t end = begin;
    const auto is_any = [&](std::size_t at) {
      return units[at] == UnitPattern::kAny && (at == 0 || units[at - 1] < 0xD800 || units[at - 1] > 0xDBFF);
    };
    while (end < n && !is_any(end)) ++end;
    const auto size = std::min<std::size_t>(4, end - begin);
    if (size != 0) {
      for (auto i = begin; i + size <= end; ++i) take(false, i, size, chance_of_window(&units[i], size));
    }
    begin = end + 1;
  }
}

}  // namespace

struct RuleSetBuilder::Impl {
  struct Requirement {
    double chance = 1;
    std::uint16_t a = Signature::kAlways, b = Signature::kAlways, c = Signature::kAlways,
                  d = Signature::kAlways;
  };
  struct Bits {
    std::uint16_t a = Signature::kAlways, b = Signature::kAlways;
    double chance = 1;  // of the leaf
  };
  struct Tree {
    std::uint32_t root;
    bool asks_for_account;
    std::uint64_t id;
  };

  std::shared_ptr<RuleSet> set = std::make_shared<RuleSet>();
  const FoldTable& table = FoldTable::of({});
  std::unordered_map<std::string, std::uint32_t> known;  // leaves by what they say
  std::vector<LeafText> texts;                           // beside set->leaves_
  std::vector<Node> nodes;                               // of the queries as they came
  std::vector<Tree> trees;
  // At build().
  std::unordered_map<std::uint64_t, std::uint32_t> shared;  // how many uses a window has
  std::vector<Bits> bits;
  std::vector<Found> keys;    // the best of each leaf
  std::vector<double> costs;  // of it

  // --- queries come in
  // -----------------------------------------------------------------------------------------

  std::uint32_t keep_text(std::string text) {
    set->texts_.push_back(std::move(text));
    return static_cast<std::uint32_t>(set->texts_.size() - 1);
  }

  StoredPattern keep_pattern(const query::Pattern& pattern) {
    const auto units = to_units(pattern.code_points);
    StoredPattern stored;
    stored.first = static_cast<std::uint32_t>(set->units_.size());
    stored.size = static_cast<std::uint16_t>(units.size());
    stored.unspaced = pattern.unspaced;
    stored.open_left = pattern.open_left;
    stored.open_right = pattern.open_right;
    stored.by_kind = pattern.by_kind;
    stored.has_any = pattern.code_points.find(query::kAnyCharacter) != std::u32string::npos;
    set->units_ += units;
    return stored;
  }

  static Piece piece_of(const query::Pattern& strong) {
    const bool ends_count = !strong.unspaced || strong.by_kind;
    return {to_units(strong.code_points), ends_count && !strong.open_left, ends_count && !strong.open_right};
  }

  static std::string leaf_name(const query::Node& node, std::size_t form) {
    std::string name;
    name += static_cast<char>('A' + static_cast<int>(node.kind));
    name += static_cast<char>('A' + static_cast<int>(form));
    name += static_cast<char>('0' + (node.open_left ? 1 : 0) + (node.open_right ? 2 : 0) +
                              (node.has_any ? 4 : 0));
    name += static_cast<char>('A' + static_cast<int>(node.fact));
    if (node.kind == Kind::kFollowers)
      name += std::to_string(static_cast<int>(node.compare)) + ":" + std::to_string(node.number);
    return name + node.text;
  }

  std::uint32_t leaf(const query::Node& node, const text::SearchFold& fold) {
    const auto form = form_number(fold);
    auto [place, is_new] =
        known.emplace(leaf_name(node, form), static_cast<std::uint32_t>(set->leaves_.size()));
    if (is_new) make_leaf(node, fold, form);
    ++texts[place->second].uses;
    return place->second;
  }

  void make_leaf(const query::Node& node, const text::SearchFold& fold, std::size_t form) {
    Leaf made;
    LeafText text;
    made.form = static_cast<std::uint8_t>(form);
    made.open_right = node.open_right;
    const auto one_piece = [&](std::u16string units) {
      text.pieces.push_back({std::move(units), false, false});
    };
    switch (node.kind) {
      case Kind::kTerm:
      case Kind::kWord: {
        made.kind = Leaf::Kind::kPattern;
        made.pattern = keep_pattern(query::make_pattern(node, fold));
        text.pieces.push_back(piece_of(query::make_pattern(node, {})));
        const auto& stored = made.pattern;
        text.always_false = stored.size == 0;
        text.is_whole = form == kStrongForm && !stored.has_any && !stored.by_kind;
        break;
      }
      case Kind::kPhrase: {
        made.kind = Leaf::Kind::kPhrase;
        const auto words = query::make_phrase(node, fold);
        made.first = static_cast<std::uint32_t>(set->patterns_.size());
        made.count = static_cast<std::uint32_t>(words.size());
        for (const auto& word : words) set->patterns_.push_back(keep_pattern(word));
        for (const auto& word : query::make_phrase(node, {})) text.pieces.push_back(piece_of(word));
        text.always_false = words.empty() || words.front().code_points.empty();
        break;
      }
      case Kind::kRaw: {
        made.kind = Leaf::Kind::kRaw;
        made.pattern = keep_pattern(query::make_pattern(node, fold));
        made.count = keep_text(node.text);
        raw_piece(node.text, text);
        text.always_false = node.text.empty();
        break;
      }
      case Kind::kTag: {
        made.kind = Leaf::Kind::kTag;
        made.first = keep_text(to_utf8_exact(query::make_pattern(node, fold).code_points));
        one_piece(strong_units("#" + node.text));
        break;
      }
      case Kind::kMention:
        made.kind = Leaf::Kind::kMention;
        made.first = keep_text(text::fold(node.text));
        one_piece(strong_units("@" + node.text));
        set->needs_.mentions = true;
        break;
      case Kind::kFrom:
      case Kind::kTo: {
        const bool from = node.kind == Kind::kFrom;
        made.kind = from ? Leaf::Kind::kFrom : Leaf::Kind::kTo;
        made.first = keep_text(text::fold(node.text));
        std::string marked;
        text::append_utf8(marked, from ? kAuthorMark : kReplyToMark);
        one_piece(strong_units(marked + node.text));
        (from ? set->needs_.author : set->needs_.reply_to) = true;
        break;
      }
      case Kind::kUrl: {
        made.kind = Leaf::Kind::kUrl;
        auto pattern = query::make_pattern(node, fold);
        made.pattern = keep_pattern(pattern);
        text.always_false = pattern.code_points.empty();
        if (node.has_any) {
          pattern.code_points = query::make_pattern(node, {}).code_points;
          text.pieces.push_back(piece_of(pattern));
        } else {
          auto piece = piece_of(pattern);
          piece.units = strong_units(to_utf8(pattern.code_points));
          text.pieces.push_back(std::move(piece));
        }
        set->needs_.links = true;
        break;
      }
      case Kind::kLang:
        made.kind = Leaf::Kind::kLanguage;
        made.first = keep_text(node.text);
        break;
      case Kind::kNetwork:
        made.kind = Leaf::Kind::kNetwork;
        made.first = keep_text(node.text);
        break;
      case Kind::kHas:
      case Kind::kIs:
        made.kind = Leaf::Kind::kFact;
        made.fact = node.fact;
        break;
      case Kind::kFollowers:
        made.kind = Leaf::Kind::kFollowers;
        made.compare = node.compare;
        made.number = node.number;
        break;
      case Kind::kAccount:
        made.kind = node.fact == query::Fact::kNamed ? Leaf::Kind::kNamed : Leaf::Kind::kFact;
        made.fact = node.fact;
        if (node.fact == query::Fact::kNamed) made.first = keep_text(text::fold(node.text));
        text.only_own = node.fact == query::Fact::kNamed || node.fact == query::Fact::kOwn;
        break;
      case Kind::kAnd:
      case Kind::kOr:
      case Kind::kNot:
      case Kind::kNear:
        CHECK(false);
    }
    if (node.kind == Kind::kTag) set->needs_.hashtags = true;
    set->leaves_.push_back(made);
    texts.push_back(std::move(text));
  }

  // kAnyCharacter has no UTF-8: it stands as what no tag can hold.
  static std::string to_utf8_exact(const std::u32string& code_points) {
    std::string out;
    for (const char32_t c : code_points) {
      if (c == query::kAnyCharacter) {
        out += ' ';
      } else {
        text::append_utf8(out, c);
      }
    }
    return out;
  }

  // Characters at the ends may have folded together with what stands beside them in the text; those between
  // have not, when they are plain.
  void raw_piece(std::string_view raw, LeafText& text) const {
    std::vector<std::string_view> characters;
    for (const auto& c : text::code_points(raw)) {
      const auto kind = text::class_of(c.value);
      const bool plain = c.valid &&
                         (kind == text::CharacterClass::kWord || kind == text::CharacterClass::kPair) &&
                         !(c.value >= 0x1100 && c.value <= 0x11FF) &&
                         !(c.value >= 0xFF9E && c.value <= 0xFF9F) && c.value < 0x10000;
      if (!plain && c.value != ' ') return;
      characters.push_back(raw.substr(c.offset, c.bytes));
    }
    if (characters.size() < 4) return;
    std::string inner;
    for (std::size_t i = 1; i + 1 < characters.size(); ++i) inner += characters[i];
    text.pieces.push_back({strong_units(inner), false, false});
  }

  std::uint32_t add_node(const query::Node& node, const text::SearchFold& fold) {
    const auto at = static_cast<std::uint32_t>(nodes.size());
    nodes.emplace_back();
    switch (node.kind) {
      case Kind::kAnd:
      case Kind::kOr:
      case Kind::kNot:
        for (const auto& child : node.children) add_node(child, fold);
        nodes[at].op = node.kind == Kind::kAnd  ? Node::Op::kAnd
                       : node.kind == Kind::kOr ? Node::Op::kOr
                                                : Node::Op::kNot;
        break;
      case Kind::kNear:
        add_near(at, node, fold);
        break;
      default: {
        const auto number = leaf(node, fold);
        nodes[at].leaf = number;
      }
    }
    nodes[at].next = static_cast<std::uint32_t>(nodes.size());
    return at;
  }

  // Both sides must be there; only then are they measured.
  void add_near(std::uint32_t at, const query::Node& node, const text::SearchFold& fold) {
    nodes[at].op = Node::Op::kAnd;
    std::vector<std::uint32_t> sides[2];
    for (std::size_t side = 0; side < 2; ++side) {
      add_node(node.children[side], fold);
      const auto& child = node.children[side];
      if (child.kind == Kind::kOr) {
        for (const auto& one : child.children) sides[side].push_back(leaf(one, fold));
      } else {
        sides[side].push_back(leaf(child, fold));
      }
    }
    Near near;
    near.distance = node.distance;
    near.in_order = node.in_order;
    std::string name = "~" + std::to_string(near.distance) + (near.in_order ? ">" : "-");
    near.left = static_cast<std::uint32_t>(set->near_leaves_.size());
    for (const auto number : sides[0]) name += std::to_string(number) + ",";
    name += "|";
    for (const auto number : sides[1]) name += std::to_string(number) + ",";
    const auto [place, is_new] =
        known.emplace(std::move(name), static_cast<std::uint32_t>(set->leaves_.size()));
    if (is_new) {
      auto& list = set->near_leaves_;
      list.insert(list.end(), sides[0].begin(), sides[0].end());
      near.right = static_cast<std::uint32_t>(list.size());
      list.insert(list.end(), sides[1].begin(), sides[1].end());
      near.end = static_cast<std::uint32_t>(list.size());
      Leaf made;
      made.kind = Leaf::Kind::kNear;
      made.form = static_cast<std::uint8_t>(form_number(fold));
      made.first = static_cast<std::uint32_t>(set->nears_.size());
      set->nears_.push_back(near);
      set->leaves_.push_back(made);
      texts.emplace_back();
    }
    Node measure;
    measure.leaf = place->second;
    nodes.push_back(measure);
    nodes.back().next = static_cast<std::uint32_t>(nodes.size());
  }

  // --- everything is known
  // ---------------------------------------------------------------------------------------

  static std::uint64_t share_name(bool is_word, const char16_t* units, std::size_t size) {
    return is_word ? 0 : mix(window_key(units, size));
  }

  void judge_leaves() {
    for (const auto& text : texts) {
      if (text.pieces.size() != 1 || text.pieces[0].units.size() <= 4) continue;  // these have no choice
      for (const auto& piece : text.pieces) {
        each_key(piece, table, [&](bool is_word, std::size_t begin, std::size_t size, double) {
          if (!is_word) shared[share_name(false, &piece.units[begin], size)] += text.uses;
        });
      }
    }
    const auto n = texts.size();
    bits.resize(n);
    keys.resize(n);
    costs.assign(n, kNever);
    for (std::size_t i = 0; i < n; ++i) judge(i);
  }

  void judge(std::size_t i) {
    const auto& text = texts[i];
    auto& best = keys[i];
    if (text.always_false || text.only_own) {
      costs[i] = 0;
      bits[i].chance = 0;
      return;
    }
    struct Bit {
      std::uint16_t bit;
      double chance;
    };
    std::vector<Bit> seen;
    for (const auto& piece : text.pieces) {
      const auto* units = piece.units.data();
      std::u16string padded;
      each_key(piece, table, [&](bool is_word, std::size_t begin, std::size_t size, double chance) {
        if (is_word) {
          padded.assign(units + begin, size);
          padded.append(4, u'\0');
          seen.push_back({word_bit(hash_word(padded.data(), size)), chance});
        } else if (size >= 2) {
          for (std::size_t k = begin; k + 1 < begin + size; ++k)
            seen.push_back({pair_bit(hash_pair(units + k)), chance_of_window(units + k, 2)});
        }
        double sharing = text.uses;
        if (!is_word) {
          const auto place = shared.find(share_name(false, units + begin, size));
          if (place != shared.end()) sharing = std::max(sharing, static_cast<double>(place->second));
        }
        // A window costs a look at each place of Latin text; whole words are nearly free.
        const double cost = chance * (8 + sharing) * (is_word ? 1 : 1.5);
        if (cost < costs[i]) {
          costs[i] = cost;
          best.chance = chance;
          best.key.is_word = is_word;
          best.key.units.assign(units + begin, size);
        }
      });
    }
    std::sort(seen.begin(), seen.end(), [](const Bit& x, const Bit& y) { return x.chance < y.chance; });
    auto& mine = bits[i];
    mine.chance = text.pieces.empty() ? 0.5 : best.chance;
    if (seen.empty()) return;
    mine.a = mine.b = seen[0].bit;
    for (const auto& bit : seen) {
      if (bit.bit != mine.a) {
        mine.b = bit.bit;
        break;
      }
    }
  }

  struct Choice {
    double cost = kNever;
    std::vector<std::uint32_t> leaves;
    Requirement also;  // beside them
  };

  // The cheapest leaves one of which is in every text that the node matches.
  Choice choose(std::uint32_t at) const {
    const auto& node = nodes[at];
    Choice choice;
    switch (node.op) {
      case Node::Op::kLeaf:
        choice.cost = costs[node.leaf];
        choice.leaves = {node.leaf};
        return choice;
      case Node::Op::kNot:
        return choice;
      case Node::Op::kOr:
        choice.cost = 0;
        for (auto child = at + 1; child < node.next; child = nodes[child].next) {
          auto one = choose(child);
          choice.cost += one.cost;
          if (choice.cost == kNever) return choice;
          choice.leaves.insert(choice.leaves.end(), one.leaves.begin(), one.leaves.end());
        }
        return choice;
      case Node::Op::kAnd: {
        std::uint32_t chosen = 0;
        for (auto child = at + 1; child < node.next; child = nodes[child].next) {
          auto one = choose(child);
          if (one.cost >= choice.cost) continue;
          choice = std::move(one);
          chosen = child;
        }
        for (auto child = at + 1; child < node.next; child = nodes[child].next) {
          if (child == chosen) continue;
          const auto required = requirement(child);
          if (required.chance < choice.also.chance) choice.also = required;
        }
        return choice;
      }
    }
    return choice;
  }

  Requirement requirement(std::uint32_t at) const {
    const auto& node = nodes[at];
    Requirement required;
    const auto of = [&](const Bits& one, const Bits& other) -> Requirement {
      return {one.chance + other.chance, one.a, one.b, other.a, other.b};
    };
    switch (node.op) {
      case Node::Op::kLeaf:
        if (bits[node.leaf].a != Signature::kAlways) {
          required = of(bits[node.leaf], bits[node.leaf]);
          required.chance /= 2;
        }
        break;
      case Node::Op::kOr: {
        std::vector<std::uint32_t> leaves;
        for (auto child = at + 1; child < node.next; child = nodes[child].next) {
          if (nodes[child].op != Node::Op::kLeaf || leaves.size() == 2) return required;
          leaves.push_back(nodes[child].leaf);
        }
        const auto& one = bits[leaves.front()];
        const auto& other = bits[leaves.back()];
        if (one.a != Signature::kAlways && other.a != Signature::kAlways) required = of(one, other);
        break;
      }
      case Node::Op::kAnd:
        for (auto child = at + 1; child < node.next; child = nodes[child].next) {
          const auto one = requirement(child);
          if (one.chance < required.chance) required = one;
        }
        break;
      case Node::Op::kNot:
        break;
    }
    return required;
  }

  double chance(std::uint32_t at) const {
    const auto& node = nodes[at];
    double result = node.op == Node::Op::kAnd ? 1 : 0;
    switch (node.op) {
      case Node::Op::kLeaf:
        // NEAR is measured last: the leaves beside it must be there first.
        return set->leaves_[node.leaf].kind == Leaf::Kind::kNear ? 2 : bits[node.leaf].chance;
      case Node::Op::kNot:
        return 1;
      case Node::Op::kAnd:
        for (auto child = at + 1; child < node.next; child = nodes[child].next)
          result = std::min(result, chance(child));
        return result;
      case Node::Op::kOr:
        for (auto child = at + 1; child < node.next; child = nodes[child].next) result += chance(child);
        return std::min(result, 1.0);
    }
    return result;
  }

  // Writes the node into the set's program: what most likely decides stands first.
  void emit(std::uint32_t at, std::vector<Node>& out) const {
    const auto& node = nodes[at];
    const auto place = out.size();
    out.push_back(node);
    if (node.op == Node::Op::kLeaf) {
      out[place].a = bits[node.leaf].a;
      out[place].b = bits[node.leaf].b;
    } else {
      std::vector<std::pair<double, std::uint32_t>> children;
      for (auto child = at + 1; child < node.next; child = nodes[child].next)
        children.emplace_back(chance(child), child);
      if (node.op == Node::Op::kAnd) {
        std::stable_sort(children.begin(), children.end(),
                         [](const auto& x, const auto& y) { return x.first < y.first; });
      }
      for (const auto& [ignored, child] : children) emit(child, out);
    }
    out[place].next = static_cast<std::uint32_t>(out.size());
  }

  bool is_or_of_leaves(std::uint32_t at) const {
    if (nodes[at].op == Node::Op::kLeaf) return true;
    if (nodes[at].op != Node::Op::kOr) return false;
    for (auto child = at + 1; child < nodes[at].next; child = nodes[child].next) {
      if (nodes[child].op != Node::Op::kLeaf) return false;
    }
    return true;
  }

  // Does the key alone say that the leaf is there?
  bool is_sure(std::uint32_t number) const {
    const auto& text = texts[number];
    if (!text.is_whole) return false;
    const auto& piece = text.pieces[0];
    const auto& key = keys[number].key;
    if (key.units != piece.units || piece.units.find(u'\0') != std::u16string::npos) return false;
    return key.is_word == (piece.closed_left && piece.closed_right) &&
           (key.is_word ||
            (!piece.closed_left && !piece.closed_right && set->leaves_[number].pattern.unspaced));
  }

  void file(std::uint32_t rule, const Tree& tree, std::vector<KeyIndex::Filed>& filed) {
    auto choice = choose(tree.root);
    if (choice.cost == kNever) {
      set->always_.push_back(rule);
      return;
    }
    const bool by_one = is_or_of_leaves(tree.root);
    bool own = false;
    std::sort(choice.leaves.begin(), choice.leaves.end());
    choice.leaves.erase(std::unique(choice.leaves.begin(), choice.leaves.end()), choice.leaves.end());
    for (const auto number : choice.leaves) {
      if (texts[number].only_own) own = true;
      if (texts[number].always_false || texts[number].only_own) continue;
      Posting posting{rule, choice.also.a, choice.also.b, choice.also.c, choice.also.d};
      if (posting.a == Signature::kAlways) {
        posting.a = posting.c = bits[number].a;
        posting.b = posting.d = bits[number].b;
      }
      if (by_one && is_sure(number)) posting.rule |= Posting::kSure;
      filed.push_back({keys[number].key, posting});
    }
    if (own) set->own_.push_back(rule);
  }

  // Rules filed under the same key stand side by side: a post that has the key reads them one after the
  // other.
  void order_by_key(std::vector<KeyIndex::Filed>& filed,
                    std::vector<std::vector<std::uint64_t>>& owners) const {
    constexpr std::uint32_t kNone = ~std::uint32_t{0};
    KeyIndex::sort(filed);
    std::vector<std::uint32_t> place(set->rules_.size(), kNone);
    std::vector<std::uint32_t> order;
    const auto take = [&](std::uint32_t rule) {
      if (place[rule] != kNone) return;
      place[rule] = static_cast<std::uint32_t>(order.size());
      order.push_back(rule);
    };
    for (const auto& one : filed) take(one.posting.rule & ~Posting::kSure);
    for (std::uint32_t rule = 0; rule < place.size(); ++rule) take(rule);  // those without a key

    for (auto& one : filed)
      one.posting.rule = place[one.posting.rule & ~Posting::kSure] | (one.posting.rule & Posting::kSure);
    for (auto* list : {&set->always_, &set->own_}) {
      for (auto& rule : *list) rule = place[rule];
    }
    LargeVector<Node> nodes;
    LargeVector<RuleSet::Rule> rules;
    std::vector<std::vector<std::uint64_t>> ordered;
    nodes.reserve(set->nodes_.size());
    rules.reserve(order.size());
    for (const auto rule : order) {
      const auto from = set->rules_[rule].root;
      const auto to = static_cast<std::uint32_t>(nodes.size());
      for (auto at = from; at < set->nodes_[from].next; ++at) {
        nodes.push_back(set->nodes_[at]);
        nodes.back().next = nodes.back().next - from + to;
      }
      rules.push_back({to, set->rules_[rule].asks_for_account});
      ordered.push_back(std::move(owners[rule]));
    }
    set->nodes_ = std::move(nodes);
    set->rules_ = std::move(rules);
    owners = std::move(ordered);
  }

  std::shared_ptr<const RuleSet> build() {
    judge_leaves();
    std::unordered_map<std::string, std::uint32_t> programs;
    std::vector<std::vector<std::uint64_t>> owners;
    std::vector<KeyIndex::Filed> filed;
    std::vector<Node> program;
    for (const auto& tree : trees) {
      program.clear();
      emit(tree.root, program);
      std::string name;
      for (const auto& node : program) {
        name += static_cast<char>('0' + static_cast<int>(node.op));
        name.append(reinterpret_cast<const char*>(&node.leaf), sizeof node.leaf);
        name.append(reinterpret_cast<const char*>(&node.next), sizeof node.next);
      }
      name += tree.asks_for_account ? 'a' : '-';
      const auto [place, is_new] =
          programs.emplace(std::move(name), static_cast<std::uint32_t>(set->rules_.size()));
      if (is_new) {
        const auto base = static_cast<std::uint32_t>(set->nodes_.size());
        for (auto node : program) {
          node.next += base;
          set->nodes_.push_back(node);
        }
        set->rules_.push_back({base, tree.asks_for_account});
        owners.emplace_back();
        file(place->second, tree, filed);
      }
      owners[place->second].push_back(tree.id);
    }
    order_by_key(filed, owners);
    for (const auto& list : owners) {
      set->owners_begin_.push_back(static_cast<std::uint32_t>(set->owners_.size()));
      set->owners_.insert(set->owners_.end(), list.begin(), list.end());
    }
    set->owners_begin_.push_back(static_cast<std::uint32_t>(set->owners_.size()));
    set->ids_.assign(set->owners_.begin(), set->owners_.end());
    std::sort(set->ids_.begin(), set->ids_.end());
    set->keys_.build(std::move(filed));
    set->nodes_.shrink_to_fit();
    set->leaves_.shrink_to_fit();
    set->patterns_.shrink_to_fit();
    set->units_.shrink_to_fit();
    return set;
  }
};

RuleSetBuilder::RuleSetBuilder() : impl_(std::make_unique<Impl>()) {}
RuleSetBuilder::~RuleSetBuilder() = default;

void RuleSetBuilder::add(std::uint64_t id, const query::Query& query, const text::SearchFold& fold) {
  const auto root = impl_->add_node(query.root, fold);
  impl_->trees.push_back({root, query.asks_for_account, id});
}

std::shared_ptr<const RuleSet> RuleSetBuilder::build() {
  auto built = impl_->build();
  impl_ = std::make_unique<Impl>();
  return built;
}

}  // namespace kiki::listening::engine
