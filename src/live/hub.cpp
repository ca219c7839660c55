// Everything that reaches the hub (an event, a console that comes or goes, a presence) stands in one queue in
// the order it came, and one thread works it off. That settles the one hard question, what a console that has
// just come back must be sent: the log up to the last event the hub has delivered, and the rest arrives
// through the queue.

#include "live/hub.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/log.hpp"
#include "live/change_frame.hpp"

namespace kiki::live {

namespace {

using Frame = std::shared_ptr<const std::string>;

struct Join {
  std::uint64_t console = 0;
  Watcher watcher;
  std::shared_ptr<net::EventStream> stream;
};
struct Leave {
  std::uint64_t console = 0;
};
struct Recheck {
  Id user_id = 0;
};
struct Passing {
  Id workspace_id = 0;
  std::shared_ptr<const std::string> frame;
};
using Item = std::variant<events::Event, Join, Leave, Presence, Recheck, Passing>;

// A queue without consoles at the other end must still wake up for what the clock brings.
constexpr TimeMs kTickMs = 250;
constexpr int kBatchesAtOnce = 50;

net::EventStreamLimits stream_limits() {
  net::EventStreamLimits limits;
  limits.queued_bytes = 2 << 20;  // a whole replay fits
  return limits;
}

}  // namespace

Sources make_sources(
    CaseRowJson case_row,
    std::function<Result<std::string>(store::Connection&, Id workspace_id, Id user_id)> counts) {
  Sources sources;
  sources.counts = std::move(counts);
  sources.case_rows = [case_row = std::move(case_row)](
                          store::Connection& db, Id workspace_id,
                          std::span<const Id> case_ids) -> Result<std::map<Id, std::string>> {
    std::map<Id, std::string> rows;
    for (const Id case_id : case_ids) {
      if (auto row = TRY(case_row(db, workspace_id, case_id))) rows.emplace(case_id, std::move(*row));
    }
    return rows;
  };
  return sources;
}

struct Hub::State : std::enable_shared_from_this<Hub::State> {
  State(store::Database& database_in, const Clock& clock_in, PresenceRegistry& presence_in,
        Sources sources_in, HubLimits limits_in)
      : database(database_in),
        clock(clock_in),
        presence(presence_in),
        sources(std::move(sources_in)),
        limits(limits_in) {}

  struct Console {
    Watcher watcher;
    std::shared_ptr<net::EventStream> stream;
  };
  struct Room {  // the consoles of one workspace
    std::unordered_map<std::uint64_t, Console> consoles;
    std::map<Id, std::string> sent_counts;  // per person, to say nothing twice
    bool counts_due = true;
    TimeMs counts_at_ms = 0;  // when they may be sent next
    TimeMs counts_anyway_at_ms = 0;
  };

  store::Database& database;
  const Clock& clock;
  PresenceRegistry& presence;
  const Sources sources;
  const HubLimits limits;

  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Item> queue;
  std::size_t queued_events = 0;
  bool overflowed = false;
  bool stopping = false;
  std::map<std::pair<Id, Id>, int> online;  // workspace, person: open streams
  std::size_t console_count = 0;
  std::uint64_t next_console = 1;

  // On the hub's thread only.
  std::unordered_map<Id, Room> rooms;
  std::int64_t delivered_seq = 0;
  TimeMs next_recheck_ms = 0;
  TimeMs next_expiry_ms = 0;
  std::mutex working;  // run_once() of a test against the thread
  std::thread thread;

  void put(Item item) {
    {
      const std::lock_guard lock(mutex);
      if (stopping) return;
      if (std::holds_alternative<events::Event>(item)) {
        if (queued_events >= limits.queued_events) {
          overflowed = true;
          return;
        }
        ++queued_events;
      }
      queue.push_back(std::move(item));
    }
    wake.notify_one();
  }

  void loop() {
    while (true) {
      {
        std::unique_lock lock(mutex);
        wake.wait_for(lock, std::chrono::milliseconds(kTickMs),
                      [&] { return stopping || overflowed || !queue.empty(); });
        if (stopping) return;
        if (console_count > limits.crowd && !queue.empty()) {
          wake.wait_for(lock, std::chrono::milliseconds(limits.crowd_pause_ms), [&] { return stopping; });
        }
      }
      work();
    }
  }

  void work() {
    const std::lock_guard lock(working);
    // Under steady load the queue is never empty, and the clock's work must be done all the same.
    for (int batches = 0; batches < kBatchesAtOnce && work_batch(); ++batches) {
    }
    const TimeMs now = clock.monotonic_ms();
    if (now >= next_expiry_ms) {
      next_expiry_ms = now + 1'000;
      for (const Presence& gone : presence.expire()) send_presence(gone);
    }
    if (now >= next_recheck_ms) {
      next_recheck_ms = now + limits.recheck_every_ms;
      recheck([](Id, const Console&) { return true; });
    }
    for (auto& [workspace_id, room] : rooms) {
      if (now >= room.counts_anyway_at_ms) room.counts_due = true;
      if (room.counts_due && now >= room.counts_at_ms) send_counts(workspace_id, room);
    }
  }

  // Takes a run of events, or one other thing. False when the queue is empty.
  bool work_batch() {
    std::vector<events::Event> batch;
    std::optional<Item> other;
    bool reset_all = false;
    {
      const std::lock_guard lock(mutex);
      reset_all = std::exchange(overflowed, false);
      while (!queue.empty() && batch.size() < limits.batch_events) {
        if (auto* event = std::get_if<events::Event>(&queue.front())) {
          batch.push_back(std::move(*event));
          queue.pop_front();
          --queued_events;
          continue;
        }
        if (batch.empty()) {
          other = std::move(queue.front());
          queue.pop_front();
        }
        break;
      }
    }
    if (reset_all) reset_everybody();
    if (!batch.empty()) deliver(batch);
    if (other) handle(std::move(*other));
    return !batch.empty() || other.has_value();
  }

  void handle(Item item) {
    if (auto* come = std::get_if<Join>(&item)) {
      join(std::move(*come));
    } else if (auto* gone = std::get_if<Leave>(&item)) {
      leave(gone->console);
    } else if (auto* who = std::get_if<Presence>(&item)) {
      send_presence(*who);
    } else if (auto* passing = std::get_if<Passing>(&item)) {
      if (const auto room = rooms.find(passing->workspace_id); room != rooms.end())
        send(room->second, passing->frame);
    } else if (auto* again = std::get_if<Recheck>(&item)) {
      recheck([user_id = again->user_id](Id, const Console& console) {
        return console.watcher.user_id == user_id;
      });
    }
  }

  // Frames of these events, one after the other. `all` must be of one workspace.
  Result<std::string> frames_of(store::Connection& db, Id workspace_id,
                                const std::vector<const events::Event*>& all) {
    std::vector<Id> case_ids;
    for (const auto* event : all) {
      if (event->case_id != 0) case_ids.push_back(event->case_id);
    }
    std::sort(case_ids.begin(), case_ids.end());
    case_ids.erase(std::unique(case_ids.begin(), case_ids.end()), case_ids.end());
    std::map<Id, std::string> rows;
    if (!case_ids.empty()) rows = TRY(sources.case_rows(db, workspace_id, case_ids));
    std::string bytes;
    for (const auto* event : all) {
      const auto row = rows.find(event->case_id);
      bytes += change_frame(*event, row == rows.end() ? std::string_view() : std::string_view(row->second));
    }
    return bytes;
  }

  void deliver(const std::vector<events::Event>& batch) {
    std::map<Id, std::vector<const events::Event*>> by_workspace;
    for (const auto& event : batch) {
      delivered_seq = std::max(delivered_seq, event.seq);
      if (rooms.contains(event.workspace_id)) by_workspace[event.workspace_id].push_back(&event);
    }
    for (const auto& [workspace_id, all] : by_workspace) {
      Room& room = rooms[workspace_id];
      auto reader = database.reader();
      auto bytes = reader.ok() ? frames_of(**reader, workspace_id, all) : Result<std::string>(reader.error());
      if (!bytes.ok()) {
        // Better to load everything again than to miss something without a word.
        log::warning("live changes not read", bytes.error(), {{"workspace_id", workspace_id}});
        send(room, std::make_shared<const std::string>(net::event_frame("", "reset", "{}")));
      } else {
        send(room, std::make_shared<const std::string>(std::move(*bytes)));
      }
      room.counts_due = true;
      const bool members_changed = std::any_of(
          all.begin(), all.end(), [](const auto* event) { return event->kind == "member.changed"; });
      if (members_changed) recheck([id = workspace_id](Id where, const Console&) { return where == id; });
    }
  }

  static void send(Room& room, const Frame& frame) {
    for (auto& [id, console] : room.consoles) (void)console.stream->push(frame);  // a full one closes itself
  }

  void reset_everybody() {
    const auto frame = std::make_shared<const std::string>(net::event_frame("", "reset", "{}"));
    for (auto& [id, room] : rooms) send(room, frame);
    auto reader = database.reader();
    if (!reader.ok()) return;
    const auto last = events::last_seq(**reader);
    if (last.ok()) delivered_seq = std::max(delivered_seq, *last);
  }

  void join(Join come) {
    if (come.stream->closed()) return leave_count(come.watcher);
    const Id workspace_id = come.watcher.workspace_id;
    const auto fresh = [&](std::string_view event, std::string_view data) {
      return std::make_shared<const std::string>(
          net::event_frame(std::to_string(delivered_seq), event, data));
    };
    if (come.watcher.last_event_id) {
      auto missed = replay(workspace_id, *come.watcher.last_event_id);
      if (!missed) {
        (void)come.stream->push(fresh("reset", "{}"));
      } else if (!missed->empty()) {
        (void)come.stream->push(std::make_shared<const std::string>(std::move(*missed)));
      }
    }
    // The first counts carry an id, so that even a console that has seen no change yet can come back without
    // a gap.
    if (auto reader = database.reader(); reader.ok()) {
      const auto counts = sources.counts(**reader, workspace_id, come.watcher.user_id);
      if (counts.ok()) (void)come.stream->push(fresh("counts", *counts));
    }
    for (const Presence& present : presence.of_workspace(workspace_id)) {
      (void)come.stream->push(
          std::make_shared<const std::string>(net::event_frame("", "presence", presence_json(present))));
    }
    Room& room = rooms[workspace_id];
    if (room.consoles.empty()) room.counts_anyway_at_ms = clock.monotonic_ms() + limits.counts_anyway_ms;
    room.counts_due = room.consoles.empty() ? false : room.counts_due;
    auto stream = come.stream;
    const std::uint64_t id = come.console;
    room.consoles.emplace(id, Console{std::move(come.watcher), std::move(come.stream)});
    stream->on_close([weak = weak_from_this(), id] {
      if (const auto self = weak.lock()) self->put(Leave{id});
    });
  }

  // Everything after `after` that was delivered already. Nothing: too much, or it cannot be known.
  std::optional<std::string> replay(Id workspace_id, std::int64_t after) {
    if (after == delivered_seq) return std::string();
    auto reader = database.reader();
    if (!reader.ok() || after < 0) return std::nullopt;
    if (after > delivered_seq) {
      // Written, and about to be delivered to all; or of another life of this desk.
      const auto last = events::last_seq(**reader);
      if (!last.ok() || after > *last) return std::nullopt;
      return std::string();
    }
    auto missed = events::read_after(**reader, workspace_id, after, limits.replay_events + 1);
    if (!missed.ok()) return std::nullopt;
    std::vector<const events::Event*> all;
    for (const auto& event : *missed) {
      if (event.seq <= delivered_seq) all.push_back(&event);
    }
    if (all.size() > static_cast<std::size_t>(limits.replay_events)) return std::nullopt;
    auto bytes = frames_of(**reader, workspace_id, all);
    if (!bytes.ok() || bytes->size() > limits.replay_bytes) return std::nullopt;
    return std::move(*bytes);
  }

  void leave_count(const Watcher& watcher) {
    const std::lock_guard lock(mutex);
    --console_count;
    const auto found = online.find({watcher.workspace_id, watcher.user_id});
    if (found != online.end() && --found->second == 0) online.erase(found);
  }

  void leave(std::uint64_t console) {
    for (auto room = rooms.begin(); room != rooms.end(); ++room) {
      const auto found = room->second.consoles.find(console);
      if (found == room->second.consoles.end()) continue;
      leave_count(found->second.watcher);
      room->second.consoles.erase(found);
      if (room->second.consoles.empty()) rooms.erase(room);
      return;
    }
  }

  void send_presence(const Presence& who) {
    const auto room = rooms.find(who.workspace_id);
    if (room == rooms.end()) return;
    send(room->second,
         std::make_shared<const std::string>(net::event_frame("", "presence", presence_json(who))));
  }

  void send_counts(Id workspace_id, Room& room) {
    const auto began = std::chrono::steady_clock::now();
    room.counts_due = false;
    auto reader = database.reader();
    if (!reader.ok()) return;
    std::map<Id, Frame> frames;
    for (auto& [id, console] : room.consoles) {
      const Id user_id = console.watcher.user_id;
      auto frame = frames.find(user_id);
      if (frame == frames.end()) {
        auto counts = sources.counts(**reader, workspace_id, user_id);
        Frame made;
        if (counts.ok() && room.sent_counts[user_id] != *counts) {
          made = std::make_shared<const std::string>(net::event_frame("", "counts", *counts));
          room.sent_counts[user_id] = std::move(*counts);
        }
        frame = frames.emplace(user_id, std::move(made)).first;
      }
      if (frame->second) (void)console.stream->push(frame->second);
    }
    // Counting for many people takes a while: never more than a tenth of this thread's time.
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    const TimeMs now = clock.monotonic_ms();
    room.counts_at_ms = now + std::max<TimeMs>(limits.counts_every_ms, took.count() * 10);
    room.counts_anyway_at_ms = now + limits.counts_anyway_ms;
  }

  template <class F>
  void recheck(F concerns) {
    for (auto& [workspace_id, room] : rooms) {
      for (auto& [id, console] : room.consoles) {
        if (!concerns(workspace_id, console) || !console.watcher.is_still_allowed) continue;
        if (!console.watcher.is_still_allowed()) console.stream->close();
      }
    }
  }
};

Hub::Hub(store::Database& database, events::EventBus& bus, const Clock& clock, PresenceRegistry& presence,
         Sources sources, HubLimits limits)
    : state_(std::make_shared<State>(database, clock, presence, std::move(sources), limits)) {
  bus.subscribe([weak = std::weak_ptr(state_)](const events::Event& event) {
    if (const auto state = weak.lock()) state->put(event);
  });
}

Hub::~Hub() {
  stop();
}

Result<void> Hub::start() {
  auto reader = TRY(state_->database.reader());
  state_->delivered_seq = std::max(state_->delivered_seq, TRY(events::last_seq(*reader)));
  state_->thread = std::thread([state = state_.get()] { state->loop(); });
  return {};
}

void Hub::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
  const std::lock_guard lock(state_->working);
  for (auto& [id, room] : state_->rooms) {
    for (auto& [number, console] : room.consoles) console.stream->close();
  }
  const std::lock_guard queue_lock(state_->mutex);
  for (auto& item : state_->queue) {
    if (auto* come = std::get_if<Join>(&item)) come->stream->close();
  }
  state_->queue.clear();
}

Result<std::shared_ptr<net::EventStream>> Hub::watch(Watcher watcher) {
  auto stream = net::make_event_stream(stream_limits());
  TRY(watch(std::move(watcher), stream));
  return stream;
}

Result<void> Hub::watch(Watcher watcher, std::shared_ptr<net::EventStream> stream) {
  std::uint64_t console = 0;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping) return Error{ErrorKind::kCancelled, "The desk is stopping.", {}, {}, 1'000};
    if (state_->console_count >= state_->limits.consoles) {
      Error full = unavailable("Too many consoles are open.");
      full.retry_after_ms = 10'000;
      return full;
    }
    ++state_->console_count;
    ++state_->online[{watcher.workspace_id, watcher.user_id}];
    console = state_->next_console++;
  }
  state_->put(Join{console, std::move(watcher), std::move(stream)});
  return {};
}

void Hub::tell_presence(const Presence& presence) {
  state_->put(presence);
}
void Hub::tell(Id workspace_id, std::string_view event, std::string_view data) {
  state_->put(Passing{workspace_id, std::make_shared<const std::string>(net::event_frame("", event, data))});
}
void Hub::recheck_user(Id user_id) {
  state_->put(Recheck{user_id});
}

bool Hub::is_online(Id workspace_id, Id user_id) const {
  const std::lock_guard lock(state_->mutex);
  return state_->online.contains({workspace_id, user_id});
}

std::size_t Hub::consoles() const {
  const std::lock_guard lock(state_->mutex);
  return state_->console_count;
}

void Hub::run_once() {
  state_->work();
}

}  // namespace kiki::live
