#pragma once
// Macros, saved views and rules as they are stored: a name, whose it is, and what it says, which is checked
// when it is written and read with the same function.

#include <boost/json/fwd.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "events/event_log.hpp"
#include "teamwork/actions.hpp"
#include "teamwork/conditions.hpp"
#include "teamwork/views.hpp"

namespace kiki::teamwork {

enum class Kind : std::uint8_t { kMacro, kView, kRule };
std::string_view name(Kind kind);
inline constexpr std::int64_t kDocumentsMost = 500;  // of a kind, in a workspace

// What starts a rule: something that happened, or time that passed.
struct Trigger {
  std::string on;  // case_opened, case_found, customer_wrote, reopened, tagged, assigned, team_changed,
                   // priority_changed, resolved, promise_warned, promise_broken, note_added; waiting
  std::vector<std::string> tags;  // tagged: any of them; none: any tag
  std::int64_t minutes = 0;       // waiting: for an answer, so long …
  bool open_time = true;          // … counted in the opening hours of the case's promise
};

struct Body {
  Trigger trigger;        // rules
  Conditions conditions;  // views, rules
  Actions actions;        // macros, rules
};
// kInvalid with the place. `document` has "trigger", "conditions" and "actions" as its kind needs them.
Result<Body> parse_body(Kind kind, JsonView document);
json::object to_json(Kind kind, const Body& body);

struct Document {
  Id workspace_id = 0;
  Id id = 0;
  std::string name;
  std::optional<Id> owner_id;  // nothing: shared
  bool enabled = true;
  std::int64_t place = 0;
  std::int64_t version = 1;
  std::int64_t uses = 0;
  std::int64_t enabled_seq = 0;
  TimeMs updated_at = 0;
  Id updated_by = 0;
  Body body;
};

struct DocumentChange {
  std::optional<std::string> name;
  std::optional<bool> shared;
  std::optional<bool> enabled;
  std::optional<std::int64_t> place;
  std::optional<Body> body;
  std::optional<std::int64_t> version;  // that it was made from
};

// Shared ones and this person's own, in their order. user_id 0: shared ones alone.
Result<std::vector<Document>> read_documents(store::Connection& db, Id workspace_id, Kind kind, Id user_id);
// kNotFound for somebody else's own.
Result<Document> read_document(store::Connection& db, Id workspace_id, Kind kind, Id id, Id user_id);
// Enabled rules of all workspaces.
Result<std::vector<Document>> read_all_rules(store::Connection& db);

class Documents {
 public:
  Documents(store::Database& db, events::EventLog& log, IdGenerator& ids, const Clock& clock)
      : db_(db), log_(log), ids_(ids), clock_(clock) {}
  // Shared ones and rules need somebody who may manage teams: `may_share`.
  Result<Document> make(Id workspace_id, Id actor_id, Kind kind, bool may_share,
                        const DocumentChange& change);
  Result<Document> change(Id workspace_id, Id actor_id, Kind kind, Id id, bool may_share,
                          const DocumentChange& change);
  Result<void> remove(Id workspace_id, Id actor_id, Kind kind, Id id, bool may_share);
  // How many cases stand in a view; asked by every screen, so it is remembered for a moment.
  Result<ViewCount> count(store::Connection& db, const Document& view, const Asker& asker);

 private:
  Result<void> tell(store::Transaction& tx, Id workspace_id, Id actor_id, Kind kind, Id id);
  store::Database& db_;
  events::EventLog& log_;
  IdGenerator& ids_;
  const Clock& clock_;
  struct Counted {
    TimeMs at = 0;
    ViewCount count;
  };
  std::mutex mutex_;
  std::map<std::tuple<Id, std::int64_t, Id>, Counted>
      counted_;  // by view, its version, and the person it asks for
};

json::object to_json(Kind kind, const Document& document);

}  // namespace kiki::teamwork
