#pragma once
// Which rules may be worth a look for a text: every rule is filed under a few keys, at least one of which is
// in each text that it matches. A key is a window of up to four units, anywhere, or a whole word. A bitmap
// says no to nearly everything, exact tables say the rest.

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "listening/engine/fold_table.hpp"
#include "listening/engine/large_pages.hpp"

namespace kiki::listening::engine {

// A small picture of a text: a bit for each pair of neighbours and for each word. What is not in the picture
// is not in the text.
struct Signature {
  static constexpr std::size_t kBits = 4096;
  static constexpr std::uint16_t kAlways = kBits;  // a bit that every text has

  std::array<std::uint64_t, kBits / 64 + 1> bits{};
  void clear() {
    bits.fill(0);
    bits[kBits / 64] = 1;
  }
  void set(std::uint32_t bit) { bits[bit >> 6U] |= std::uint64_t{1} << (bit & 63U); }
  bool has(std::uint32_t bit) const { return (bits[bit >> 6U] >> (bit & 63U) & 1U) != 0; }
};

inline std::uint32_t hash_pair(const char16_t* units) {
  std::uint32_t pair = 0;
  std::memcpy(&pair, units, sizeof pair);
  pair *= 0x9E3779B1U;
  return pair ^ (pair >> 15U);
}
inline std::uint16_t pair_bit(std::uint32_t hash) {
  return static_cast<std::uint16_t>(hash >> 20U);
}
inline std::uint64_t window_key(const char16_t* units, std::size_t size) {
  std::uint64_t key = 0;
  std::memcpy(&key, units, size * sizeof(char16_t));
  return key;
}
inline std::uint64_t mix(std::uint64_t key) {
  key *= 0x9E3779B97F4A7C15ULL;
  return key ^ (key >> 29U);
}
// Reads up to three units over the end; these do not count.
inline std::uint64_t hash_word(const char16_t* units, std::size_t size) {
  std::uint64_t hash = size;
  for (; size > 4; size -= 4, units += 4) {
    hash = (hash ^ window_key(units, 4)) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 32U;
  }
  std::uint64_t last = 0;
  std::memcpy(&last, units, sizeof last);
  last &= ~std::uint64_t{0} >> (64U - 16U * size);
  hash = (hash ^ last) * 0x9E3779B97F4A7C15ULL;
  return hash ^ (hash >> 32U);
}
inline std::uint16_t word_bit(std::uint64_t hash) {
  return static_cast<std::uint16_t>(hash >> 52U);
}

struct Posting {
  static constexpr std::uint32_t kSure = 1U << 31U;
  std::uint32_t rule = 0;  // with kSure: the key alone makes it match
  // The text must have bits a and b, or c and d.
  std::uint16_t a = Signature::kAlways, b = Signature::kAlways, c = Signature::kAlways,
                d = Signature::kAlways;
};

struct Key {
  bool is_word = false;
  std::u16string units;  // 1 … 4, or a word
  friend bool operator==(const Key&, const Key&) = default;
};

class KeyIndex {
 public:
  struct Filed {
    Key key;
    Posting posting;
  };
  static void sort(std::vector<Filed>& filed);  // by key, then by rule
  void build(std::vector<Filed> filed);

  // Calls hit(list) for each key in the text, again when it is there again. `hashes` are hash_pair() of all
  // places.
  template <typename Hit>
  void windows_in(const FoldedText& text, const std::uint32_t* hashes, Hit&& hit) const {
    const auto* units = text.units.data();
    const std::size_t n = text.size;
    if (has_singles_) {
      for (std::size_t i = 0; i < n; ++i) {
        if ((singles_[units[i] >> 6U] >> (units[i] & 63U) & 1U) != 0) look_up(window_key(units + i, 1), hit);
      }
    }
    if (pairs_.empty()) return;
    // What passes the bitmaps is looked up in runs, so that its places in the table are fetched side by side.
    std::array<std::uint64_t, 32> passed;
    std::size_t count = 0;
    const auto flush = [&] {
      for (std::size_t i = 0; i < count; ++i) look_up(passed[i], hit);
      count = 0;
    };
    const auto try_window = [&](std::uint64_t key) {
      const auto hash = mix(key);
      const auto bit = hash >> windows_shift_;
      if ((windows_filter_[bit >> 6U] >> (bit & 63U) & 1U) == 0) return;
      __builtin_prefetch(&windows_[hash & windows_mask_]);
      passed[count++] = key;
    };
    for (std::size_t i = 0; i + 1 < n; ++i) {
      const auto bit = hashes[i] >> pairs_shift_;
      if ((pairs_[bit >> 6U] >> (bit & 63U) & 1U) == 0) continue;
      if (count + 3 > passed.size()) flush();
      const auto key = window_key(units + i, 4);
      try_window(key & 0xFFFF'FFFFULL);
      if (i + 3 <= n) try_window(key & 0xFFFF'FFFF'FFFFULL);
      if (i + 4 <= n) try_window(key);
    }
    flush();
  }
  template <typename Hit>
  void word(std::uint64_t hash, const char16_t* units, std::size_t size, Hit&& hit) const {
    if (words_filter_.empty()) return;
    const auto bit = hash >> words_shift_;
    if ((words_filter_[bit >> 6U] >> (bit & 63U) & 1U) == 0) return;
    for (auto at = hash & words_mask_;; at = (at + 1) & words_mask_) {
      const auto& slot = words_[at];
      if (slot.size == 0) return;
      if (slot.hash == hash && slot.size == size &&
          std::memcmp(&letters_[slot.letters], units, size * sizeof(char16_t)) == 0) {
        hit(slot.list);
        return;
      }
    }
  }
  std::span<const Posting> postings(std::uint32_t list) const {
    return {postings_.data() + lists_[list], postings_.data() + lists_[list + 1]};
  }
  std::size_t lists() const { return lists_.empty() ? 0 : lists_.size() - 1; }
  std::size_t bytes() const;

 private:
  struct Window {
    std::uint64_t key = 0;
    std::uint32_t list = kNone;
  };
  struct Word {
    std::uint64_t hash = 0;
    std::uint32_t letters = 0;
    std::uint32_t size = 0;
    std::uint32_t list = 0;
  };
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  template <typename Hit>
  void look_up(std::uint64_t key, Hit&& hit) const {
    for (auto at = mix(key) & windows_mask_;; at = (at + 1) & windows_mask_) {
      const auto& slot = windows_[at];
      if (slot.list == kNone) return;
      if (slot.key == key) {
        hit(slot.list);
        return;
      }
    }
  }

  bool has_singles_ = false;
  std::vector<std::uint64_t> singles_;
  LargeVector<std::uint64_t> pairs_, windows_filter_, words_filter_;  // bitmaps
  unsigned pairs_shift_ = 0, windows_shift_ = 0, words_shift_ = 0;
  LargeVector<Window> windows_;
  LargeVector<Word> words_;
  std::uint64_t windows_mask_ = 0, words_mask_ = 0;
  std::u16string letters_;
  LargeVector<std::uint32_t> lists_;  // where each begins in postings_
  LargeVector<Posting> postings_;
};

}  // namespace kiki::listening::engine
