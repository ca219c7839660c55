#pragma once
// Who is looking at a case or writing in it, now. In memory only: a console says it again every 20 seconds,
// and whoever has not been heard for 45 is gone.

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace kiki::live {

inline constexpr TimeMs kPresenceLifeMs = 45'000;
inline constexpr std::size_t kPresencesMost = 50'000;

enum class PresenceState : std::uint8_t { kLooking, kWriting, kAway, kGone };
std::string_view name(PresenceState state);
std::optional<PresenceState> parse_presence_state(std::string_view text);

struct Presence {
  Id workspace_id = 0;
  Id case_id = 0;
  Id user_id = 0;
  std::string name;
  std::string initials;
  PresenceState state = PresenceState::kGone;
};
std::string presence_json(const Presence& presence);  // as in types.ts

class PresenceRegistry {  // thread-safe
 public:
  explicit PresenceRegistry(const Clock& clock) : clock_(clock) {}

  // True when others should be told: the state is another one than before.
  bool set(const Presence& presence);
  // Removes who has not been heard; each comes back as gone.
  std::vector<Presence> expire();
  std::vector<Presence> of_workspace(Id workspace_id) const;

 private:
  struct Entry {
    Presence presence;
    TimeMs heard_at_ms = 0;
  };
  using Key = std::pair<std::pair<Id, Id>, Id>;  // workspace, case, person

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<Key, Entry> entries_;
};

}  // namespace kiki::live
