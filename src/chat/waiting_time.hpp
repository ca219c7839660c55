#pragma once
// How long a first answer takes at present, as visitors are told.

#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "store/database.hpp"

namespace kiki::chat {

inline constexpr TimeMs kLookedBackMs = 4 * 3'600'000;
inline constexpr int kCasesLooked = 200;
inline constexpr std::size_t kCasesLeast = 3;  // of fewer nothing is concluded
inline constexpr TimeMs kWaitingKeptMs = 60'000;

// The median of the first replies of the last hours, and of those who wait still when they wait longer.
// Nothing when too few were answered.
Result<std::optional<TimeMs>> read_waiting_time(store::Connection& db, Id workspace_id, Id account_id,
                                                TimeMs now_ms);

// Remembers it for a minute.
class WaitingTime {  // thread-safe
 public:
  WaitingTime(store::Database& db, const Clock& clock) : db_(db), clock_(clock) {}
  std::optional<TimeMs> of(Id workspace_id, Id account_id);

 private:
  struct Kept {
    std::optional<TimeMs> waiting_ms;
    TimeMs until = 0;
  };
  store::Database& db_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::pair<Id, Id>, Kept> kept_;
};

}  // namespace kiki::chat
