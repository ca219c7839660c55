#include "events/event_log.hpp"

#include <algorithm>

namespace kiki::events {
namespace {

constexpr int kReadLimitEvents = 1'000;

Event read_event(const store::Row& row) {
  return {row.integer(0), row.integer(1), row.integer(2), row.string(3),
          row.integer(4), row.integer(5), row.integer(6), row.string(7)};
}

std::optional<Id> or_null(Id id) {
  return id == 0 ? std::nullopt : std::optional(id);
}

}  // namespace

void EventBus::subscribe(Subscriber subscriber) {
  subscribers_.push_back(std::move(subscriber));
}

void EventBus::publish(const Event& event) const {
  for (const auto& subscriber : subscribers_) subscriber(event);
}

Result<void> EventLog::append(store::Transaction& tx, Event event) {
  if (event.seq == 0) event.seq = tx.next_event_seq();
  if (event.at == 0) event.at = clock_.now_ms();
  TRY(
      tx.db().run("INSERT INTO events (seq, workspace_id, at, kind, case_id, post_id, actor_id, data) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                  {event.seq, event.workspace_id, event.at, event.kind, or_null(event.case_id),
                   or_null(event.post_id), or_null(event.actor_id), event.data}));
  tx.after_commit([&bus = bus_, event = std::move(event)] { bus.publish(event); });
  return {};
}

Result<std::vector<Event>> read_after(store::Connection& db, Id workspace_id, std::int64_t seq, int limit) {
  return db.all(
      "SELECT seq, workspace_id, at, kind, case_id, post_id, actor_id, data FROM events "
      "WHERE workspace_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
      {workspace_id, seq, std::min(limit, kReadLimitEvents)}, read_event);
}

Result<std::int64_t> last_seq(store::Connection& db) {
  const auto seq =
      TRY(db.one("SELECT MAX(seq) FROM events", {}, [](const store::Row& row) { return row.integer(0); }));
  return seq.value_or(0);
}

}  // namespace kiki::events
