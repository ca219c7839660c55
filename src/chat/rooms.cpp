#include "chat/rooms.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/log.hpp"

namespace kiki::chat {

std::shared_ptr<Rooms::Room> Rooms::find(const Key& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = rooms_.find(key);
  return found == rooms_.end() ? nullptr : found->second;
}

Result<std::shared_ptr<net::EventStream>> Rooms::open(const Visitor& visitor, std::int64_t change_seq) {
  auto page = net::make_event_stream({.queued_frames = 512, .queued_bytes = 512 << 10});
  TRY(open(visitor, change_seq, page));
  return page;
}

Result<void> Rooms::open(const Visitor& visitor, std::int64_t change_seq,
                         std::shared_ptr<net::EventStream> page) {
  const Key key{visitor.workspace_id, visitor.id};
  std::shared_ptr<Room> room;
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (pages_ >= kPagesMost) return unavailable("Too many visitors at once.");
    auto& count = counts_[key];
    if (count >= kPagesOfVisitorMost)
      return Error{ErrorKind::kRateLimited, "Too many open pages.", {}, "too_many_pages", 10'000};
    first = ++count == 1;
    ++pages_;
    auto& made = rooms_[key];
    if (!made) made = std::make_shared<Room>();
    room = made;
  }
  page->on_close([weak = weak_from_this(), key, raw = page.get()] {
    if (const auto self = weak.lock()) self->leave(key, raw);
  });
  {
    const std::lock_guard lock(room->mutex);
    room->pages.push_back({std::move(page), change_seq, visitor.known_until});
    bring_up_to_date(key, *room);
  }
  if (first && on_here_) on_here_(key.first, key.second, true);
  return {};
}

void Rooms::bring_up_to_date(const Key& key, Room& room) {
  for (auto& page : room.pages) {
    if (page.until && *page.until <= clock_.now_ms()) page.stream->close();
    while (!page.stream->closed()) {
      const auto news = conversations_.read(key.first, key.second, page.change_seq);
      if (!news.ok()) {
        // It comes back with its cursor, and misses nothing.
        log::warning("a conversation could not be read", news.error());
        page.stream->close();
        break;
      }
      for (const auto& message : *news) {
        page.change_seq = message.change_seq;
        (void)page.stream->push(std::make_shared<const std::string>(net::event_frame(
            std::to_string(message.change_seq), "message", json::serialize(to_json(message)))));
      }
      if (news->size() < static_cast<std::size_t>(kPageMost)) break;
    }
  }
}

void Rooms::look(Id workspace_id, Id visitor_id) {
  const Key key{workspace_id, visitor_id};
  const auto room = find(key);
  if (!room) return;
  const std::lock_guard lock(room->mutex);
  bring_up_to_date(key, *room);
}

void Rooms::tell(Id workspace_id, Id visitor_id, std::string_view event, std::string_view data) {
  const auto room = find({workspace_id, visitor_id});
  if (!room) return;
  const auto frame = std::make_shared<const std::string>(net::event_frame("", event, data));
  const std::lock_guard lock(room->mutex);
  for (const auto& page : room->pages) (void)page.stream->push(frame);
}

void Rooms::leave(const Key& key, const net::EventStream* page) {
  bool last = false;
  if (const auto room = find(key)) {
    // Its own thread may be pushing to it now: the list is changed by whoever holds the room.
    const std::lock_guard lock(room->mutex);
    std::erase_if(room->pages, [&](const Page& other) { return other.stream.get() == page; });
  }
  {
    const std::lock_guard lock(mutex_);
    const auto count = counts_.find(key);
    if (count == counts_.end()) return;
    --pages_;
    last = --count->second == 0;
    if (last) {
      counts_.erase(count);
      rooms_.erase(key);
    }
  }
  if (last && on_here_) on_here_(key.first, key.second, false);
}

bool Rooms::is_here(Id workspace_id, Id visitor_id) const {
  const std::lock_guard lock(mutex_);
  return counts_.contains({workspace_id, visitor_id});
}

bool Rooms::is_empty() const {
  const std::lock_guard lock(mutex_);
  return rooms_.empty();
}

void Rooms::close_all() {
  std::vector<std::shared_ptr<Room>> rooms;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, room] : rooms_) rooms.push_back(room);
  }
  for (const auto& room : rooms) {
    const std::lock_guard lock(room->mutex);
    for (const auto& page : room->pages) page.stream->close();
  }
}

}  // namespace kiki::chat
