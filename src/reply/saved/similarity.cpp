#include "reply/saved/similarity.hpp"

#include <algorithm>

#include "reply/checks/word_lists.hpp"
#include "text/search_fold.hpp"

namespace kiki::reply::saved {

namespace {

constexpr std::uint32_t kTells = 10;
constexpr std::uint32_t kMixed = 4;   // 壊れ: a character of meaning beside an ending
constexpr std::uint32_t kEnding = 1;  // hiragana on both sides, or a common word

std::uint64_t hash_of(const char32_t* from, std::size_t count) {
  std::uint64_t hash = 14'695'981'039'346'656'037ull;  // FNV-1a
  for (std::size_t i = 0; i < count; ++i) {
    hash ^= from[i];
    hash *= 1'099'511'628'211ull;
  }
  return hash;
}

std::uint64_t weight_of(const std::vector<Gram>& grams) {
  std::uint64_t sum = 0;
  for (const auto& gram : grams) sum += gram.weight;
  return sum;
}

std::uint64_t shared_weight(const std::vector<Gram>& a, const std::vector<Gram>& b) {
  std::uint64_t sum = 0;
  auto at = a.begin();
  auto other = b.begin();
  while (at != a.end() && other != b.end()) {
    if (at->hash < other->hash) {
      ++at;
    } else if (other->hash < at->hash) {
      ++other;
    } else {
      sum += at->weight;
      ++at;
      ++other;
    }
  }
  return sum;
}

}  // namespace

std::vector<Gram> grams_of(std::string_view text) {
  using text::CharKind;
  const auto folded = text::fold_for_search(text);
  std::vector<Gram> grams;
  for (std::size_t i = 0; i < folded.size() && grams.size() < kGramsLimit;) {
    const auto kind = folded.kinds[i];
    if (kind == CharKind::kWord) {
      auto end = i;
      std::string ascii;
      while (end < folded.size() && folded.kinds[end] == CharKind::kWord) {
        const auto c = folded.code_points[end++];
        if (c < 0x80) ascii += static_cast<char>(c);
      }
      const bool common = end - i < 3 || checks::is_common_english(ascii);
      grams.push_back({hash_of(&folded.code_points[i], end - i), common ? kEnding : kTells});
      i = end;
      continue;
    }
    if (text::is_unspaced(kind) && i + 1 < folded.size() && text::is_unspaced(folded.kinds[i + 1])) {
      const bool first = kind == CharKind::kHiragana;
      const bool second = folded.kinds[i + 1] == CharKind::kHiragana;
      grams.push_back({hash_of(&folded.code_points[i], 2), first && second   ? kEnding
                                                           : first || second ? kMixed
                                                                             : kTells});
    } else if (kind == CharKind::kPictograph) {
      grams.push_back({hash_of(&folded.code_points[i], 1), kEnding});
    }
    ++i;
  }
  // The same pair may come as ending and as meaning (カタ is かた): the heavier one stays.
  std::sort(grams.begin(), grams.end(), [](const Gram& a, const Gram& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.weight > b.weight;
  });
  grams.erase(std::unique(grams.begin(), grams.end()), grams.end());
  return grams;
}

int covered_percent(const std::vector<Gram>& wanted, const std::vector<Gram>& text) {
  const auto whole = weight_of(wanted);
  return whole == 0 ? 0 : static_cast<int>(shared_weight(wanted, text) * 100 / whole);
}

int alike_percent(const std::vector<Gram>& a, const std::vector<Gram>& b) {
  const auto whole = weight_of(a) + weight_of(b);
  if (whole == 0) return 0;
  return static_cast<int>(std::min<std::uint64_t>(100, shared_weight(a, b) * 200 / whole));
}

}  // namespace kiki::reply::saved
