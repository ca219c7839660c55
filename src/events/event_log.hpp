#pragma once
// The event log: what happened to a case, appended in the transaction of the change. Live screens, webhooks,
// audit and counters read it; nothing is told to anybody that is not in it.

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "store/database.hpp"

namespace kiki::events {

// Kinds (closed list; the console knows the same): post.received post.edited post.deleted case.opened
// case.reopened case.assigned case.status case.tagged case.woken note.added note.deleted reply.state
// approval.state reply_rules.changed alarm.raised alarm.ended notice.made
// case.priority promise.warned promise.broken promises.changed promises.planned roster.changed
// case.team case.followed escalation.state act.changed team.changed macro.changed view.changed rule.changed
// saved_replies.changed rewards.changed rewards.low reward.given reward.returned
// private.offered private.came private.refused chat.mailed chat.mail_failed
// post.file reply.receipt reply.returned reply.settled reply.copy_failed account.problem
// draft.changed person.changed account.status topic.changed member.changed journal.failed case.folded
struct Event {
  std::int64_t seq = 0;
  Id workspace_id = 0;
  TimeMs at = 0;
  std::string kind;
  Id case_id = 0;
  Id post_id = 0;
  Id actor_id = 0;
  std::string data = "{}";  // JSON object, small
};

// Tells subscribers of durable events, on the writer thread, in order: they must only hand over.
class EventBus {
 public:
  using Subscriber = std::function<void(const Event&)>;
  void subscribe(Subscriber subscriber);  // at start-up only
  void publish(const Event& event) const;

 private:
  std::vector<Subscriber> subscribers_;
};

class EventLog {
 public:
  explicit EventLog(EventBus& bus, const Clock& clock) : bus_(bus), clock_(clock) {}
  // Fills seq (and at, when 0), inserts, and publishes once the group is durable.
  Result<void> append(store::Transaction& tx, Event event);

 private:
  EventBus& bus_;
  const Clock& clock_;
};

// Events of a workspace after `seq`, oldest first.
Result<std::vector<Event>> read_after(store::Connection& db, Id workspace_id, std::int64_t seq, int limit);
Result<std::int64_t> last_seq(store::Connection& db);

}  // namespace kiki::events
