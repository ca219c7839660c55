#include "listening/engine/key_index.hpp"

#include <algorithm>
#include <bit>

namespace kiki::listening::engine {
namespace {

// 16 bits for each key, so that few places pass by chance; at most 1 MB, which stays in the cache.
unsigned filter_shift(std::size_t keys, unsigned hash_bits) {
  const auto bits = std::clamp(static_cast<unsigned>(std::bit_width(keys * 16)), 12U, 23U);
  return hash_bits - bits;
}

std::size_t filter_words(unsigned shift, unsigned hash_bits) {
  return (std::size_t{1} << (hash_bits - shift)) / 64;
}

template <typename Bits>
void set_bit(Bits& bits, std::uint64_t bit) {
  bits[bit >> 6U] |= std::uint64_t{1} << (bit & 63U);
}

}  // namespace

void KeyIndex::sort(std::vector<Filed>& filed) {
  std::sort(filed.begin(), filed.end(), [](const Filed& x, const Filed& y) {
    if (x.key.is_word != y.key.is_word) return x.key.is_word < y.key.is_word;
    if (x.key.units != y.key.units) return x.key.units < y.key.units;
    return (x.posting.rule & ~Posting::kSure) < (y.posting.rule & ~Posting::kSure);
  });
}

void KeyIndex::build(std::vector<Filed> filed) {
  sort(filed);
  std::vector<std::size_t> firsts;
  std::size_t words = 0;
  for (std::size_t i = 0; i < filed.size(); ++i) {
    if (i != 0 && filed[i].key == filed[i - 1].key) continue;
    firsts.push_back(i);
    words += filed[i].key.is_word ? 1 : 0;
  }
  const auto windows = firsts.size() - words;
  postings_.reserve(filed.size());
  lists_.reserve(firsts.size() + 1);
  for (const auto& one : filed) postings_.push_back(one.posting);
  for (const auto first : firsts) lists_.push_back(static_cast<std::uint32_t>(first));
  lists_.push_back(static_cast<std::uint32_t>(filed.size()));

  if (windows != 0) {
    windows_.resize(std::bit_ceil(windows * 2 + 2));
    windows_mask_ = windows_.size() - 1;
    windows_shift_ = filter_shift(windows, 64);
    windows_filter_.resize(filter_words(windows_shift_, 64));
    pairs_shift_ = filter_shift(windows, 32);
    pairs_.resize(filter_words(pairs_shift_, 32));
  }
  if (words != 0) {
    words_.resize(std::bit_ceil(words * 2 + 2));
    words_mask_ = words_.size() - 1;
    words_shift_ = filter_shift(words, 64);
    words_filter_.resize(filter_words(words_shift_, 64));
  }
  for (std::uint32_t list = 0; list < firsts.size(); ++list) {
    const auto& key = filed[firsts[list]].key;
    if (key.is_word) {
      auto padded = key.units;
      padded.append(4, u'\0');
      const auto hash = hash_word(padded.data(), key.units.size());
      set_bit(words_filter_, hash >> words_shift_);
      auto at = hash & words_mask_;
      while (words_[at].size != 0) at = (at + 1) & words_mask_;
      words_[at] = {hash, static_cast<std::uint32_t>(letters_.size()),
                    static_cast<std::uint32_t>(key.units.size()), list};
      letters_ += key.units;
      continue;
    }
    const auto window = window_key(key.units.data(), key.units.size());
    auto at = mix(window) & windows_mask_;
    while (windows_[at].list != kNone) at = (at + 1) & windows_mask_;
    windows_[at] = {window, list};
    if (key.units.size() == 1) {
      has_singles_ = true;
      singles_.resize(0x10000 / 64);
      set_bit(singles_, key.units[0]);
    } else {
      set_bit(windows_filter_, mix(window) >> windows_shift_);
      set_bit(pairs_, hash_pair(key.units.data()) >> pairs_shift_);
    }
  }
}

std::size_t KeyIndex::bytes() const {
  return (singles_.size() + pairs_.size() + windows_filter_.size() + words_filter_.size()) * 8 +
         windows_.size() * sizeof(Window) + words_.size() * sizeof(Word) + letters_.size() * 2 +
         lists_.size() * 4 + postings_.size() * sizeof(Posting);
}

}  // namespace kiki::listening::engine
