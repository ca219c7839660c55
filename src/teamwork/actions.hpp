#pragma once
// What is done to a case: by a macro, in bulk, by a rule.
//
//   [{"do": "assign", "user_id": "12"}, {"do": "add_tags", "tags": ["refund"]}, {"do": "note", "text": "…"}]

#include <boost/json/fwd.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "cases/cases.hpp"
#include "notify/notify.hpp"
#include "store/database.hpp"

namespace kiki::teamwork {

inline constexpr std::size_t kActionsMost = 20;

struct Action {
  std::string what;           // assign, assign_me, team, open, resolve, dismiss, snooze, priority, add_tags,
                              // remove_tags, note, reply (begins the person's answer), escalate, notify
  std::optional<Id> user_id;  // assign: nothing = nobody
  std::optional<Id> team_id;  // team: nothing = none; escalate
  std::string skill;          // team: of who gets it
  std::vector<std::string> tags;
  std::string priority;
  std::string text;          // note, reply, escalate, notify; the reason of dismiss
  std::int64_t minutes = 0;  // snooze
  std::vector<Id> users;     // notify, beside the members of team_id
};
using Actions = std::vector<Action>;

enum class For : std::uint8_t { kPeople, kRule };
// kInvalid with the place. A rule has no person: no assign_me and no reply; only a rule notifies.
Result<Actions> parse_actions(JsonView list, For whom);
json::array to_json(const Actions& actions);

// What is needed to do them.
struct Hands {
  cases::Cases& cases;
  events::EventLog& log;
  IdGenerator& ids;
  const Clock& clock;
  std::function<Result<void>(store::Transaction& tx, const notify::Notice& notice)> tell;
};

struct Doing {
  Id workspace_id = 0;
  Id case_id = 0;
  Id actor_id = 0;   // 0: the desk itself
  std::string by;    // "macro:ID", "rule:ID", "bulk:ID"
  std::string name;  // of the macro or rule, for notices
  std::string key;   // of what it is done for: notices of the same are one
};

struct Did {
  std::string changes;  // JSON: [{"do": the event's kind, and "from", "to" … where there are some}, …]
  std::string undo;     // JSON: {"events": ["12", …] in order, "draft": {"before", "after"}}
  std::vector<std::int64_t> events;
  bool anything = false;  // was not so already
};
// One case, in the caller's transaction. Refused (kInvalid, kConflict, kNotFound): nothing of it may stand,
// the caller lets the transaction go.
Result<Did> perform(store::Transaction& tx, const Hands& hands, const Doing& doing, const Actions& actions);
// Will the same go through later? Everything else is a refusal: it is written down, and stops nobody.
bool may_pass(const Error& error);
// Takes it back, the last change first. kConflict when the case has moved on since.
Result<void> take_back(store::Transaction& tx, const Hands& hands, const Doing& doing, std::string_view undo);

}  // namespace kiki::teamwork
