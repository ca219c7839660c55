#pragma once
// One customer that the desk held for two, and the other way round. A join moves the identities, and with
// each identity its cases; the person who goes stays in the store as they were, and asking for them gives who
// they went into. So what was joined by mistake is taken apart exactly.

#include <boost/json/fwd.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "events/event_log.hpp"
#include "people/people.hpp"
#include "store/database.hpp"

namespace kiki::people {

inline constexpr std::size_t kIdentitiesLimit = 100;  // of one person

struct Joined {
  Id change_id = 0;
  Person person;  // who stays; after a split the new one
};

struct PersonChange {
  Id id = 0;
  std::string kind;  // merge, split
  Id person_id = 0;
  Id other_id = 0;
  std::string other_name;
  Id done_by = 0;
  std::string done_by_name;
  TimeMs done_at = 0;
  std::optional<TimeMs> undone_at;
  bool can_undo = false;  // nothing later stands on it
};

class Joining {
 public:
  // `regrouped` plans promises anew: groups may have come or gone. It runs in the same transaction.
  using Regrouped = std::function<Result<void>(store::Transaction&, Id workspace_id, Id person_id)>;
  Joining(store::Database& db, events::EventLog& log, IdGenerator& ids, const Clock& clock,
          Regrouped regrouped)
      : db_(db), log_(log), ids_(ids), clock_(clock), regrouped_(std::move(regrouped)) {}

  // `other` goes into `person`: identities, cases, groups, values that the one who stays does not have, and
  // the note below theirs. kConflict "same_person"; kUnprocessable "too_much" when one card cannot hold both.
  Result<Joined> merge(Id workspace_id, Id person_id, Id other_id, Id actor_id);
  // These identities, and the cases they began, become a person of their own. At least one must stay.
  Result<Joined> split(Id workspace_id, Id person_id, const std::vector<Id>& identity_ids, Id actor_id);
  // As it was before; what was written since stays with who it was written for. kConflict "undone" and
  // "undo_later_first".
  Result<Joined> undo(Id workspace_id, Id change_id, Id actor_id);
  Result<std::vector<PersonChange>> changes(Id workspace_id, Id person_id);

  // Somebody looked: these are two people. Suggestions heed it.
  Result<void> keep_apart(Id workspace_id, Id person_id, Id other_id, Id actor_id, bool apart);

 private:
  Result<void> absorb(store::Transaction& tx, Id workspace_id, const Person& kept, const Person& gone,
                      boost::json::object& undo);
  Result<void> finish(store::Transaction& tx, Id workspace_id, Id person_id, Id other_id, Id actor_id,
                      Id change_id, std::string_view what);

  store::Database& db_;
  events::EventLog& log_;
  IdGenerator& ids_;
  const Clock& clock_;
  Regrouped regrouped_;
};

boost::json::object to_json(const PersonChange& change);

}  // namespace kiki::people
