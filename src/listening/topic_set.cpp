// Finds thousands of keywords in a text at once.
//
// Keywords and texts are folded the same way (text/normalize.hpp), then every keyword is filed under its
// first two characters. For each place in a text the two characters there ask a bitmap first, which says no
// for nearly all of them, and only then a table. What stands in the table is compared byte by byte, so the
// answer is exact.

#include <algorithm>
#include <array>
#include <bitset>
#include <unordered_map>

#include "listening/listening.hpp"
#include "text/normalize.hpp"
#include "text/script.hpp"
#include "text/utf8.hpp"

namespace kiki::listening {
namespace {

constexpr std::size_t kMarksLimit = 100;  // of one topic in one text
constexpr std::size_t kBitmapBits = std::size_t{1} << 19;

struct Use {
  std::size_t topic = 0;
  bool excludes = false;
};

struct Keyword {
  std::string text;  // folded
  bool whole_start = false;
  bool whole_end = false;  // a letter of a spaced script there: no such letter may follow
  std::vector<Use> uses;
};

struct Hit {
  std::size_t keyword = 0;
  text::ByteRange folded;
};

bool is_word(char32_t c) {
  const auto kind = text::class_of(c);
  return kind == text::CharacterClass::kWord || kind == text::CharacterClass::kMark;
}

std::uint64_t pair_key(char32_t first, char32_t second) {
  return (std::uint64_t{first} << 32U) | second;
}

std::size_t bit_of(std::uint64_t key) {
  return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15ULL) >> (64U - 19U));
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

class KeywordSet final : public TopicSet {
 public:
  explicit KeywordSet(const std::vector<Topic>& topics) {
    std::unordered_map<std::string, std::size_t> known;
    std::vector<const Topic*> sorted;
    for (const auto& topic : topics) {
      if (topic.enabled) sorted.push_back(&topic);
    }
    std::sort(sorted.begin(), sorted.end(), [](const Topic* a, const Topic* b) {
      return std::pair(a->workspace_id, a->id) < std::pair(b->workspace_id, b->id);
    });
    for (const auto* topic : sorted) {
      const auto index = topics_.size();
      topics_.push_back({topic->workspace_id, topic->id, {}});
      for (const auto& word : topic->keywords) add(known, word, {index, false});
      for (const auto& word : topic->excluded) add(known, word, {index, true});
    }
    for (std::size_t i = 0; i < keywords_.size(); ++i) file(i);
  }

  std::size_t topics() const override { return topics_.size(); }

  bool matches(std::string_view text) const override {
    if (keywords_.empty()) return false;
    return !wanted(text::fold(text), nullptr).empty();
  }

  std::vector<Match> match(std::string_view text) const override {
    if (keywords_.empty()) return {};
    const auto folded = text::fold_with_origins(text);
    std::vector<Hit> hits;
    const auto topics = wanted(folded.text(), &hits);
    std::vector<Match> matches;
    for (const auto topic : topics) {
      matches.push_back(topics_[topic]);
      matches.back().marks = marks_of(topic, hits, folded, text);
    }
    return matches;
  }

 private:
  void add(std::unordered_map<std::string, std::size_t>& known, std::string_view word, Use use) {
    auto folded = text::fold(trimmed(word));
    if (folded.empty()) return;
    const auto [place, is_new] = known.emplace(folded, keywords_.size());
    if (is_new) {
      Keyword keyword;
      keyword.whole_start =
          text::class_of(text::code_point_at(folded, 0).value) == text::CharacterClass::kWord;
      char32_t last = 0;
      for (const auto& c : text::code_points(folded)) last = c.value;
      keyword.whole_end = is_word(last);
      keyword.text = std::move(folded);
      keywords_.push_back(std::move(keyword));
    }
    keywords_[place->second].uses.push_back(use);
  }

  void file(std::size_t index) {
    const std::string_view word = keywords_[index].text;
    const auto first = text::code_point_at(word, 0);
    if (first.bytes == word.size()) {
      singles_[first.value].push_back(index);
      return;
    }
    const auto key = pair_key(first.value, text::code_point_at(word, first.bytes).value);
    pairs_[key].push_back(index);
    bitmap_.set(bit_of(key));
  }

  // Topics that want the folded text, ascending; all hits of keywords, when asked for.
  std::vector<std::size_t> wanted(std::string_view folded, std::vector<Hit>* hits) const {
    std::vector<std::size_t> found;
    std::vector<std::size_t> excluded;
    char32_t before = 0;
    char32_t two_before = 0;
    std::size_t before_offset = 0;
    const auto try_keyword = [&](std::size_t index, std::size_t offset, char32_t in_front) {
      const auto& keyword = keywords_[index];
      if (folded.compare(offset, keyword.text.size(), keyword.text) != 0) return;
      const auto end = offset + keyword.text.size();
      if (keyword.whole_start && in_front != 0 && is_word(in_front)) return;
      if (keyword.whole_end && end < folded.size() && is_word(text::code_point_at(folded, end).value)) return;
      for (const auto& use : keyword.uses) (use.excludes ? excluded : found).push_back(use.topic);
      if (hits != nullptr) hits->push_back({index, {offset, end}});
    };
    for (const auto& c : text::code_points(folded)) {
      if (c.offset > 0) {
        const auto key = pair_key(before, c.value);
        if (bitmap_.test(bit_of(key))) {
          const auto place = pairs_.find(key);
          if (place != pairs_.end()) {
            for (const auto index : place->second) try_keyword(index, before_offset, two_before);
          }
        }
      }
      if (!singles_.empty()) {
        const auto place = singles_.find(c.value);
        if (place != singles_.end()) {
          for (const auto index : place->second) try_keyword(index, c.offset, before);
        }
      }
      two_before = before;
      before = c.value;
      before_offset = c.offset;
    }
    const auto tidy = [](std::vector<std::size_t>& list) {
      std::sort(list.begin(), list.end());
      list.erase(std::unique(list.begin(), list.end()), list.end());
    };
    tidy(found);
    tidy(excluded);
    std::vector<std::size_t> left;
    std::set_difference(found.begin(), found.end(), excluded.begin(), excluded.end(),
                        std::back_inserter(left));
    return left;
  }

  std::vector<model::Mark> marks_of(std::size_t topic, const std::vector<Hit>& hits,
                                    const text::FoldedText& folded, std::string_view original) const {
    std::vector<text::ByteRange> ranges;
    for (const auto& hit : hits) {
      const auto& uses = keywords_[hit.keyword].uses;
      const bool ours = std::any_of(uses.begin(), uses.end(),
                                    [&](const Use& use) { return use.topic == topic && !use.excludes; });
      if (ours) ranges.push_back(folded.original(hit.folded));
    }
    std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
    std::vector<text::ByteRange> joined;
    for (const auto& range : ranges) {
      if (!joined.empty() && range.begin <= joined.back().end) {
        joined.back().end = std::max(joined.back().end, range.end);
      } else if (joined.size() < kMarksLimit) {
        joined.push_back(range);
      }
    }
    std::vector<model::Mark> marks;
    for (const auto& range : joined) {
      const auto start = text::utf16_offset(original, range.begin);
      const auto length = text::utf16_length(original.substr(range.begin, range.end - range.begin));
      marks.push_back({static_cast<std::int32_t>(start), static_cast<std::int32_t>(start + length)});
    }
    return marks;
  }

  std::vector<Match> topics_;  // without marks
  std::vector<Keyword> keywords_;
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> pairs_;
  std::unordered_map<char32_t, std::vector<std::size_t>> singles_;
  std::bitset<kBitmapBits> bitmap_;  // 64 kB
};

}  // namespace

std::shared_ptr<const TopicSet> build_topic_set(const std::vector<Topic>& topics) {
  return std::make_shared<KeywordSet>(topics);
}

}  // namespace kiki::listening
