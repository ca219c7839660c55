// A map in memory: what is lost at a restart is said again within 20 seconds.

#include "live/presence.hpp"

#include <boost/json.hpp>

#include "base/json.hpp"

namespace kiki::live {

std::string_view name(PresenceState state) {
  switch (state) {
    case PresenceState::kLooking:
      return "looking";
    case PresenceState::kWriting:
      return "writing";
    case PresenceState::kAway:
      return "away";
    case PresenceState::kGone:
      return "gone";
  }
  return "";
}

std::optional<PresenceState> parse_presence_state(std::string_view text) {
  for (const auto state :
       {PresenceState::kLooking, PresenceState::kWriting, PresenceState::kAway, PresenceState::kGone}) {
    if (name(state) == text) return state;
  }
  return std::nullopt;
}

std::string presence_json(const Presence& presence) {
  json::object body;
  body["case_id"] = to_string(presence.case_id);
  body["user_id"] = to_string(presence.user_id);
  body["name"] = presence.name;
  body["initials"] = presence.initials;
  body["state"] = name(presence.state);
  return json::serialize(body);
}

bool PresenceRegistry::set(const Presence& presence) {
  const std::lock_guard lock(mutex_);
  const Key key{{presence.workspace_id, presence.case_id}, presence.user_id};
  if (presence.state == PresenceState::kGone) return entries_.erase(key) > 0;
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    if (entries_.size() >= kPresencesMost) return false;
    entries_.emplace(key, Entry{presence, clock_.monotonic_ms()});
    return true;
  }
  const bool is_news = found->second.presence.state != presence.state;
  found->second = Entry{presence, clock_.monotonic_ms()};
  return is_news;
}

std::vector<Presence> PresenceRegistry::expire() {
  const std::lock_guard lock(mutex_);
  const TimeMs now = clock_.monotonic_ms();
  std::vector<Presence> gone;
  std::erase_if(entries_, [&](auto& item) {
    if (now - item.second.heard_at_ms < kPresenceLifeMs) return false;
    gone.push_back(item.second.presence);
    gone.back().state = PresenceState::kGone;
    return true;
  });
  return gone;
}

std::vector<Presence> PresenceRegistry::of_workspace(Id workspace_id) const {
  const std::lock_guard lock(mutex_);
  std::vector<Presence> here;
  for (auto i = entries_.lower_bound(Key{{workspace_id, 0}, 0});
       i != entries_.end() && i->first.first.first == workspace_id; ++i) {
    here.push_back(i->second.presence);
  }
  return here;
}

}  // namespace kiki::live
