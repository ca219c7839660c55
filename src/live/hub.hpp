#pragma once
// The hub of live screens. It takes every durable event from the bus, makes one frame of it with the case's
// row as it is now, and gives the same bytes to all consoles of that workspace. All of this happens on one
// thread of its own, so the order of the log is the order on every screen.
//
//   event: change    id: seq   one durable event (LiveChange)
//   event: counts              for this person, at most twice a second
//   event: presence            who looks or writes
//   event: reset               too far behind: load again
//
// Events that wait together (one group commit, a burst) are read with one query and sent as one piece of
// bytes.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "events/event_log.hpp"
#include "live/presence.hpp"
#include "net/event_stream.hpp"
#include "store/database.hpp"

namespace kiki::live {

// What the hub asks of the stages before it, as JSON text.
struct Sources {
  // The cases' rows (CaseRow), as many as exist in this workspace.
  std::function<Result<std::map<Id, std::string>>(store::Connection&, Id workspace_id,
                                                  std::span<const Id> case_ids)>
      case_rows;
  std::function<Result<std::string>(store::Connection&, Id workspace_id, Id user_id)> counts;
};
// case_rows from one that reads a single row.
using CaseRowJson =
    std::function<Result<std::optional<std::string>>(store::Connection&, Id workspace_id, Id case_id)>;
Sources make_sources(
    CaseRowJson case_row,
    std::function<Result<std::string>(store::Connection&, Id workspace_id, Id user_id)> counts);

struct HubLimits {
  std::size_t queued_events = 200'000;  // beyond: everybody gets reset
  std::size_t batch_events = 500;
  int replay_events = 1'000;  // after Last-Event-ID; more is reset
  std::size_t replay_bytes = 1'500'000;
  TimeMs counts_every_ms = 500;
  TimeMs counts_anyway_ms = 30'000;  // promises run out without any event
  TimeMs recheck_every_ms = 60'000;  // is everybody still allowed to watch?
  std::size_t crowd = 100;           // with more consoles than this …
  TimeMs crowd_pause_ms = 20;        // … frames are collected for so long
  std::size_t consoles = 20'000;
};

// One console that wants to watch.
struct Watcher {
  Id workspace_id = 0;
  Id user_id = 0;
  std::optional<std::int64_t> last_event_id;
  // Asked again when sessions end, memberships change, and every minute. Runs on the hub's thread.
  std::function<bool()> is_still_allowed;
};

class Hub {
 public:
  Hub(store::Database& database, events::EventBus& bus, const Clock& clock, PresenceRegistry& presence,
      Sources sources, HubLimits limits = {});
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // Starts the thread. Call after the store is open and before the first event is written.
  Result<void> start();
  void stop();  // closes all streams; idempotent

  // kUnavailable when there are too many. The stream is for HttpResponse::stream.
  Result<std::shared_ptr<net::EventStream>> watch(Watcher watcher);
  // The same with a stream of the caller's, for tests.
  Result<void> watch(Watcher watcher, std::shared_ptr<net::EventStream> stream);

  // Someone's presence has changed: tell the workspace.
  void tell_presence(const Presence& presence);
  // Something passing that is no event of the log, such as a visitor who types: JSON text.
  void tell(Id workspace_id, std::string_view event, std::string_view data);
  // A person's sessions have ended, or may have: look again at what they watch.
  void recheck_user(Id user_id);

  bool is_online(Id workspace_id, Id user_id) const;
  std::size_t consoles() const;

  // For tests without the thread: does everything that is due by the clock.
  void run_once();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace kiki::live
