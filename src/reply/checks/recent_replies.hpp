#pragma once
// Which of the last replies says nearly the same: 64 minimal hashes of a text's triples of characters stand
// for it, and the share of equal ones is about the share of triples that two texts have in common (Broder
// 1997). 10,000 replies are 1.3 MB and compared one by one in well under a millisecond, so no index is needed
// above that.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace kiki::reply::checks {

inline constexpr std::size_t kRecentLimit = 10'000;  // replies of a workspace
inline constexpr std::size_t kSignatureHashes = 64;
// Shorter texts (code points, folded, without spaces and marks) are alike by nature: "Thank you!".
inline constexpr std::size_t kShortestCompared = 15;

using Signature = std::array<std::uint16_t, kSignatureHashes>;

class RecentReplies {
 public:
  struct Match {
    Id reply_id = 0;
    std::int64_t percent = 0;
  };

  // Ids must grow. The oldest goes when there are more than kRecentLimit.
  void add(Id reply_id, std::string_view text, TimeMs at);
  // The most alike first, at most `limit`, none older than `since`, none less alike than `percent`.
  std::vector<Match> find(std::string_view text, TimeMs since, std::int64_t percent, std::size_t limit) const;
  Id newest() const { return newest_; }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Id reply_id = 0;
    TimeMs at = 0;
    Signature signature;
  };
  std::vector<Entry> entries_;  // a ring once it is full
  std::size_t next_ = 0;
  Id newest_ = 0;
};

}  // namespace kiki::reply::checks
