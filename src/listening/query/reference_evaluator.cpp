#include "listening/query/reference_evaluator.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "base/check.hpp"
#include "listening/query/pattern.hpp"
#include "listening/query/post_facts.hpp"
#include "text/normalize.hpp"
#include "text/utf8.hpp"

namespace kiki::listening::query {
namespace {

using text::ByteRange;
using text::CharKind;
using text::SearchText;

constexpr text::SearchFold kPlainFold{false, false, false, false};

struct Hit {
  const Node* leaf = nullptr;
  std::size_t begin = 0;  // in the folded text
  std::size_t end = 0;
  ByteRange bytes;      // in the original
  bool spaced = false;  // NEAR counts words between two of these
};

bool stands_at(const Pattern& pattern, const SearchText& text, std::size_t at) {
  const std::size_t size = pattern.code_points.size();
  if (size == 0 || at + size > text.size()) return false;
  for (std::size_t i = 0; i < size; ++i) {
    const char32_t wanted = pattern.code_points[i];
    const char32_t there = text.code_points[at + i];
    if (wanted == kAnyCharacter ? there == ' ' : wanted != there) return false;
  }
  const bool ends_count = !pattern.unspaced || pattern.by_kind;
  if (ends_count && !pattern.open_left && !may_end_at(text, at, pattern.by_kind)) return false;
  if (ends_count && !pattern.open_right && !may_end_at(text, at + size, pattern.by_kind)) return false;
  return true;
}

TextRange grown(const Pattern& pattern, const SearchText& text, TextRange range) {
  if (pattern.unspaced) return range;
  while (pattern.open_left && range.begin > 0 && text.kinds[range.begin - 1] == CharKind::kWord)
    --range.begin;
  while (pattern.open_right && range.end < text.size() && text.kinds[range.end] == CharKind::kWord)
    ++range.end;
  return range;
}

std::vector<TextRange> find_all(const Pattern& pattern, const SearchText& text) {
  std::vector<TextRange> found;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!stands_at(pattern, text, at)) continue;
    const TextRange range = grown(pattern, text, {at, at + pattern.code_points.size()});
    if (found.empty() || found.back() != range) found.push_back(range);
  }
  return found;
}

// Where the phrase ends whose word `i` stands at `at`; nothing when it does not stand there.
std::optional<std::size_t> phrase_end(const std::vector<Pattern>& words, std::size_t i,
                                      const SearchText& text, std::size_t at) {
  if (!stands_at(words[i], text, at)) return std::nullopt;
  const std::size_t end = at + words[i].code_points.size();
  if (i + 1 == words.size()) return end;
  for (std::size_t next = end; next < text.size() && text.kinds[next] == CharKind::kSeparator; ++next) {
    if (const auto last = phrase_end(words, i + 1, text, next + 1)) return last;
  }
  return std::nullopt;
}

std::size_t words_between(const SearchText& text, std::size_t begin, std::size_t end) {
  std::size_t words = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const CharKind kind = text.kinds[i];
    if (kind == CharKind::kSeparator) continue;
    const bool goes_on = kind == CharKind::kWord && i > begin && text.kinds[i - 1] == CharKind::kWord;
    if (!goes_on) ++words;
  }
  return words;
}

class Evaluator {
 public:
  Evaluator(const PreparedQuery& query, const Post& post, const text::SearchFold& fold)
      : query_(query), post_(post), fold_(fold), text_(text::fold_for_search(post.text, fold)) {}

  // Does the node match? Then its findings are added, in the order of the query.
  bool evaluate(const Node& node, std::vector<Finding>& findings) {
    switch (node.kind) {
      case Kind::kAnd: {
        std::vector<Finding> all;
        for (const Node& child : node.children) {
          if (!evaluate(child, all)) return false;
        }
        findings.insert(findings.end(), all.begin(), all.end());
        return true;
      }
      case Kind::kOr: {
        bool any = false;
        for (const Node& child : node.children) any |= evaluate(child, findings);
        return any;
      }
      case Kind::kNot: {
        std::vector<Finding> unwanted;
        return !evaluate(node.children.front(), unwanted);
      }
      case Kind::kNear:
        return evaluate_near(node, findings);
      case Kind::kTerm:
      case Kind::kWord:
      case Kind::kRaw:
      case Kind::kPhrase: {
        const std::vector<Hit> hits = hits_of(node);
        if (hits.empty()) return false;
        add_hits(node, hits, findings);
        return true;
      }
      case Kind::kTag:
        return evaluate_tag(node, findings);
      case Kind::kMention:
        return evaluate_mention(node, findings);
      case Kind::kFrom:
      case Kind::kTo:
      case Kind::kLang:
      case Kind::kNetwork:
      case Kind::kUrl:
      case Kind::kHas:
      case Kind::kIs:
      case Kind::kFollowers:
      case Kind::kAccount:
        if (!is_fact(node)) return false;
        findings.push_back({node.source, {}});
        return true;
    }
    return false;
  }

 private:
  static void add_hits(const Node& leaf, const std::vector<Hit>& hits, std::vector<Finding>& findings) {
    Finding finding{leaf.source, {}};
    for (const Hit& hit : hits) finding.ranges.push_back(hit.bytes);
    findings.push_back(std::move(finding));
  }

  Hit hit(const Node& leaf, TextRange range, bool spaced) const {
    return {&leaf, range.begin, range.end, text_.original(range.begin, range.end), spaced};
  }

  std::vector<Hit> hits_of(const Node& leaf) const {
    if (leaf.kind == Kind::kRaw) return raw_hits(leaf);
    std::vector<Hit> hits;
    if (leaf.kind == Kind::kPhrase) {
      const std::vector<Pattern>& words = query_.patterns(leaf);
      if (words.empty()) return hits;
      for (std::size_t at = 0; at < text_.size(); ++at) {
        if (const auto end = phrase_end(words, 0, text_, at)) {
          hits.push_back(hit(leaf, {at, *end}, !words.front().unspaced));
        }
      }
      return hits;
    }
    const Pattern& pattern = query_.patterns(leaf).front();
    for (const TextRange& range : find_all(pattern, text_)) {
      hits.push_back(hit(leaf, range, !pattern.unspaced));
    }
    return hits;
  }

  std::vector<Hit> raw_hits(const Node& leaf) const {
    std::vector<Hit> hits;
    if (leaf.text.empty()) return hits;
    const bool unspaced = query_.patterns(leaf).front().unspaced;
    for (std::size_t at = post_.text.find(leaf.text); at != std::string_view::npos;
         at = post_.text.find(leaf.text, at + 1)) {
      const ByteRange bytes{at, at + leaf.text.size()};
      std::size_t begin = 0;
      while (begin < text_.size() && text_.origins[begin].end <= bytes.begin) ++begin;
      std::size_t end = begin;
      while (end < text_.size() && text_.origins[end].begin < bytes.end) ++end;
      if (!unspaced && (!raw_may_end_at(text_, begin, bytes.begin) || !raw_may_end_at(text_, end, bytes.end)))
        continue;
      hits.push_back({&leaf, begin, end, bytes, !unspaced});
    }
    return hits;
  }

  bool are_near(const Node& near, const Hit& left, const Hit& right) const {
    const bool forward = left.end <= right.begin;
    const bool backward = right.end <= left.begin && !near.in_order;
    if (!forward && !backward) return false;
    const Hit& first = forward ? left : right;
    const Hit& second = forward ? right : left;
    const std::size_t between = left.spaced && right.spaced ? words_between(text_, first.end, second.begin)
                                                            : second.begin - first.end;
    return between <= near.distance;
  }

  static std::vector<const Node*> leaves_of(const Node& side) {
    std::vector<const Node*> leaves;
    if (side.kind != Kind::kOr) return {&side};
    for (const Node& child : side.children) leaves.push_back(&child);
    return leaves;
  }

  bool evaluate_near(const Node& node, std::vector<Finding>& findings) const {
    std::vector<Hit> sides[2];
    for (std::size_t side = 0; side < 2; ++side) {
      for (const Node* leaf : leaves_of(node.children[side])) {
        for (const Hit& hit : hits_of(*leaf)) sides[side].push_back(hit);
      }
    }
    std::vector<char> used[2] = {std::vector<char>(sides[0].size()), std::vector<char>(sides[1].size())};
    bool any = false;
    for (std::size_t i = 0; i < sides[0].size(); ++i) {
      for (std::size_t j = 0; j < sides[1].size(); ++j) {
        if (!are_near(node, sides[0][i], sides[1][j])) continue;
        used[0][i] = used[1][j] = 1;
        any = true;
      }
    }
    if (!any) return false;
    for (std::size_t side = 0; side < 2; ++side) {
      for (const Node* leaf : leaves_of(node.children[side])) {
        std::vector<Hit> hits;
        for (std::size_t i = 0; i < sides[side].size(); ++i) {
          if (used[side][i] != 0 && sides[side][i].leaf == leaf) hits.push_back(sides[side][i]);
        }
        if (!hits.empty()) add_hits(*leaf, hits, findings);
      }
    }
    return true;
  }

  bool evaluate_tag(const Node& node, std::vector<Finding>& findings) const {
    const std::u32string& wanted = query_.patterns(node).front().code_points;
    const auto is_wanted = [&](std::u32string_view tag) {
      return node.open_right ? tag.starts_with(wanted) : tag == wanted;
    };
    std::vector<Hit> hits;
    for (const TextRange& range : tags_in(text_)) {
      const auto tag =
          std::u32string_view(text_.code_points).substr(range.begin + 1, range.end - range.begin - 1);
      if (is_wanted(tag)) hits.push_back(hit(node, range, false));
    }
    const bool named = std::any_of(post_.hashtags.begin(), post_.hashtags.end(), [&](std::string_view tag) {
      return is_wanted(text::fold_for_search(tag, fold_).code_points);
    });
    if (hits.empty() && !named) return false;
    add_hits(node, hits, findings);
    return true;
  }

  bool evaluate_mention(const Node& node, std::vector<Finding>& findings) const {
    const std::string wanted = text::fold(node.text);
    Finding finding{node.source, {}};
    for (const auto& mention : mentions_in(post_.text)) {
      if (is_handle(wanted, mention.handle, node.open_right)) finding.ranges.push_back(mention.bytes);
    }
    const bool named = std::any_of(
        post_.mentions.begin(), post_.mentions.end(),
        [&](std::string_view handle) { return is_handle(wanted, text::fold(handle), node.open_right); });
    if (finding.ranges.empty() && !named) return false;
    findings.push_back(std::move(finding));
    return true;
  }

  bool is_fact(const Node& node) const {
    const auto is_name = [&](std::string_view handle) {
      return is_handle(text::fold(node.text), text::fold(handle), node.open_right);
    };
    switch (node.kind) {
      case Kind::kFrom:
        return is_name(post_.author);
      case Kind::kTo:
        return is_name(post_.reply_to);
      case Kind::kLang:
        return is_language(node.text, post_.language);
      case Kind::kNetwork:
        return node.text == text::fold(post_.network);
      case Kind::kUrl: {
        const Pattern& pattern = query_.patterns(node).front();
        const auto links = links_of(post_);
        return std::any_of(links.begin(), links.end(), [&](const std::string& link) {
          return !find_all(pattern, text::fold_for_search(link, kPlainFold)).empty();
        });
      }
      case Kind::kFollowers:
        return post_.followers && compare(*post_.followers, node.compare, node.number);
      case Kind::kHas:
      case Kind::kIs:
      case Kind::kAccount:
        return holds(node);
      default:
        break;
    }
    return false;
  }

  static bool compare(std::int64_t value, Compare compare, std::int64_t number) {
    switch (compare) {
      case Compare::kLess:
        return value < number;
      case Compare::kLessOrEqual:
        return value <= number;
      case Compare::kEqual:
        return value == number;
      case Compare::kGreaterOrEqual:
        return value >= number;
      case Compare::kGreater:
        return value > number;
    }
    return false;
  }

  bool holds(const Node& node) const {
    switch (node.fact) {
      case Fact::kLink:
        return !links_of(post_).empty();
      case Fact::kImage:
        return post_.has_image;
      case Fact::kVideo:
        return post_.has_video;
      case Fact::kQuestion:
        return asks_a_question(post_.text);
      case Fact::kReply:
        return post_.is_reply || !post_.reply_to.empty();
      case Fact::kRepost:
        return post_.is_repost;
      case Fact::kQuote:
        return post_.is_quote;
      case Fact::kOwn:
        return !post_.own_account.empty();
      case Fact::kOthers:
        return post_.own_account.empty();
      case Fact::kAny:
        return true;
      case Fact::kNamed:
        return is_handle(text::fold(node.text), text::fold(post_.own_account), node.open_right);
      case Fact::kNone:
        break;
    }
    return false;
  }

  const PreparedQuery& query_;
  const Post& post_;
  const text::SearchFold& fold_;
  SearchText text_;
};

}  // namespace

PreparedQuery::PreparedQuery(const Query& query, const text::SearchFold& fold) : query_(query), fold_(fold) {
  prepare(query.root);
}

void PreparedQuery::prepare(const Node& node) {
  switch (node.kind) {
    case Kind::kPhrase:
      patterns_.emplace(&node, make_phrase(node, fold_));
      break;
    case Kind::kTerm:
    case Kind::kWord:
    case Kind::kRaw:
    case Kind::kTag:
    case Kind::kUrl:
      patterns_.emplace(&node, std::vector{make_pattern(node, fold_)});
      break;
    default:
      break;
  }
  for (const Node& child : node.children) prepare(child);
}

const std::vector<Pattern>& PreparedQuery::patterns(const Node& leaf) const {
  const auto found = patterns_.find(&leaf);
  CHECK(found != patterns_.end());
  return found->second;
}

Evaluation evaluate(const Query& query, const Post& post, const text::SearchFold& fold) {
  return PreparedQuery(query, fold).evaluate(post);
}

Evaluation PreparedQuery::evaluate(const Post& post) const {
  Evaluation result;
  if (!post.own_account.empty() && !query_.asks_for_account) return result;
  Evaluator evaluator(*this, post, fold_);
  result.matches = evaluator.evaluate(query_.root, result.findings);
  if (!result.matches) {
    result.findings.clear();
    return result;
  }
  std::vector<ByteRange> all;
  for (const Finding& finding : result.findings) {
    all.insert(all.end(), finding.ranges.begin(), finding.ranges.end());
  }
  std::sort(all.begin(), all.end(), [](const ByteRange& a, const ByteRange& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  for (const ByteRange& range : all) {
    if (!result.marks.empty() && range.begin < result.marks.back().end) {
      result.marks.back().end = std::max(result.marks.back().end, range.end);
    } else if (result.marks.empty() || range != result.marks.back()) {
      result.marks.push_back(range);
    }
  }
  return result;
}

bool matches(const Query& query, const Post& post, const text::SearchFold& fold) {
  return evaluate(query, post, fold).matches;
}

std::vector<model::Mark> to_utf16(std::string_view text, const std::vector<ByteRange>& ranges) {
  std::vector<model::Mark> marks;
  std::size_t at = 0;  // each stretch is walked once
  std::size_t units = 0;
  const auto to = [&](std::size_t byte) {
    if (byte < at) at = units = 0;
    units += text::utf16_length(text.substr(at, byte - at));
    at = byte;
    return static_cast<std::int32_t>(units);
  };
  for (const ByteRange& range : ranges) {
    const std::int32_t start = to(range.begin);
    marks.push_back({start, to(range.end)});
  }
  return marks;
}

}  // namespace kiki::listening::query
