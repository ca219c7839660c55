#pragma once
// The open pages of visitors: each gets what changes in its conversation, in order and without gaps. A page's
// place is the cursor it came with; whatever is durable behind it is read from the store and pushed, so that
// it does not matter which thread tells of a change first, or how often.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "chat/conversations.hpp"
#include "net/event_stream.hpp"

namespace kiki::chat {

inline constexpr std::size_t kPagesOfVisitorMost = 8;
inline constexpr std::size_t kPagesMost = 20'000;

class Rooms : public std::enable_shared_from_this<Rooms> {  // thread-safe
 public:
  Rooms(Conversations& conversations, const Clock& clock) : conversations_(conversations), clock_(clock) {}

  // Told when the first page of a visitor opens and the last one closes, also on threads that must not wait.
  // At start-up only.
  void on_here(std::function<void(Id workspace_id, Id visitor_id, bool here)> f) { on_here_ = std::move(f); }

  // kRateLimited "too_many_pages"; kUnavailable when there are too many of all.
  Result<std::shared_ptr<net::EventStream>> open(const Visitor& visitor, std::int64_t change_seq);
  Result<void> open(const Visitor& visitor, std::int64_t change_seq, std::shared_ptr<net::EventStream> page);
  void look(Id workspace_id, Id visitor_id);  // something may have changed
  void tell(Id workspace_id, Id visitor_id, std::string_view event, std::string_view data);
  bool is_here(Id workspace_id, Id visitor_id) const;
  bool is_empty() const;
  void close_all();

 private:
  struct Page {
    std::shared_ptr<net::EventStream> stream;
    std::int64_t change_seq = 0;
    std::optional<TimeMs> until;  // nothing is told after the brand's word for them has ended
  };
  struct Room {
    std::mutex mutex;  // held while the store is read: one conversation waits, not all
    std::vector<Page> pages;
  };
  using Key = std::pair<Id, Id>;
  std::shared_ptr<Room> find(const Key& key) const;
  void bring_up_to_date(const Key& key, Room& room);
  void leave(const Key& key, const net::EventStream* page);

  Conversations& conversations_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<Key, std::shared_ptr<Room>> rooms_;
  std::map<Key, std::size_t> counts_;
  std::size_t pages_ = 0;
  std::function<void(Id, Id, bool)> on_here_;
};

}  // namespace kiki::chat
