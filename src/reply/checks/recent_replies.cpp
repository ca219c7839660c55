#include "reply/checks/recent_replies.hpp"

#include <algorithm>
#include <optional>

#include "text/normalize.hpp"
#include "text/script.hpp"
#include "text/utf8.hpp"

namespace kiki::reply::checks {

namespace {

std::uint64_t mix(std::uint64_t value) {  // the finalizer of splitmix64
  value ^= value >> 30;
  value *= 0xbf58476d1ce4e5b9ULL;
  value ^= value >> 27;
  value *= 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

// Nothing for a text that is too short to be compared.
std::optional<Signature> sign(std::string_view text) {
  std::vector<char32_t> points;
  const auto folded = text::fold(text);
  for (const auto& c : text::code_points(folded)) {
    if (text::class_of(c.value) != text::CharacterClass::kSeparator) points.push_back(c.value);
  }
  if (points.size() < kShortestCompared) return std::nullopt;
  std::array<std::uint32_t, kSignatureHashes> least;
  least.fill(0xffffffffU);
  for (std::size_t i = 0; i + 3 <= points.size(); ++i) {
    const auto base = mix((std::uint64_t{points[i]} << 42) ^ (std::uint64_t{points[i + 1]} << 21) ^
                          std::uint64_t{points[i + 2]});
    const auto low = static_cast<std::uint32_t>(base);
    const auto high = static_cast<std::uint32_t>(base >> 32) | 1U;
    for (std::size_t k = 0; k < kSignatureHashes; ++k) {
      auto hash = low + static_cast<std::uint32_t>(k) * high;
      hash ^= hash >> 15;
      hash *= 0x2c1b3c6dU;
      hash ^= hash >> 12;
      least[k] = std::min(least[k], hash);
    }
  }
  Signature signature;
  for (std::size_t k = 0; k < kSignatureHashes; ++k) {
    signature[k] = static_cast<std::uint16_t>(least[k] ^ (least[k] >> 16));
  }
  return signature;
}

}  // namespace

void RecentReplies::add(Id reply_id, std::string_view text, TimeMs at) {
  newest_ = std::max(newest_, reply_id);
  const auto signature = sign(text);
  if (!signature) return;
  const Entry entry{reply_id, at, *signature};
  if (entries_.size() < kRecentLimit) {
    entries_.push_back(entry);
  } else {
    entries_[next_] = entry;
    next_ = (next_ + 1) % kRecentLimit;
  }
}

std::vector<RecentReplies::Match> RecentReplies::find(std::string_view text, TimeMs since,
                                                      std::int64_t percent, std::size_t limit) const {
  std::vector<Match> matches;
  const auto signature = sign(text);
  if (!signature) return matches;
  const auto wanted = static_cast<std::uint32_t>(percent * static_cast<std::int64_t>(kSignatureHashes) / 100);
  for (const Entry& entry : entries_) {
    if (entry.at < since) continue;
    std::uint32_t equal = 0;
    for (std::size_t k = 0; k < kSignatureHashes; ++k) {
      equal += entry.signature[k] == (*signature)[k] ? 1U : 0U;
    }
    if (equal >= wanted) {
      matches.push_back({entry.reply_id, std::int64_t{equal} * 100 / std::int64_t{kSignatureHashes}});
    }
  }
  std::sort(matches.begin(), matches.end(), [](const Match& a, const Match& b) {
    return a.percent != b.percent ? a.percent > b.percent : a.reply_id > b.reply_id;
  });
  if (matches.size() > limit) matches.resize(limit);
  return matches;
}

}  // namespace kiki::reply::checks
