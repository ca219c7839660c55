#pragma once
// Books and rosters in the store: every version is kept, the newest counts.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "events/event_log.hpp"
#include "promises/book.hpp"
#include "store/database.hpp"

namespace kiki::promises {

// The book that counts now. Reading its version costs one small statement; parsing it is remembered.
Result<std::shared_ptr<const Book>> read_book(store::Connection& db, Id workspace_id);

struct RosterVersion {
  std::int64_t version = 0;  // 0: never written
  Roster roster;
};
Result<RosterVersion> read_roster(store::Connection& db, Id workspace_id);

struct Version {
  std::int64_t version = 0;
  TimeMs changed_at = 0;
  Id changed_by = 0;
  std::string body;  // JSON
};
// Of the book, newest first.
Result<std::vector<Version>> read_history(store::Connection& db, Id workspace_id, int limit);

struct BookChange {
  Id workspace_id = 0;
  Id actor_id = 0;
  std::int64_t version = 0;  // the one it was made from
};

class Books {
 public:
  Books(store::Database& db, events::EventLog& log, const Clock& clock) : db_(db), log_(log), clock_(clock) {}

  // kConflict "changed" when somebody else has saved since. Appends promises.changed, by which open cases are
  // planned anew.
  Result<std::int64_t> save(const BookChange& change, const Book& book);
  // The same for the roster. kInvalid for somebody who does not work here. Appends roster.changed.
  Result<std::int64_t> save(const BookChange& change, const Roster& roster);

 private:
  Result<std::int64_t> save(store::Transaction& tx, const BookChange& change, std::string_view kind,
                            const std::string& body);
  store::Database& db_;
  events::EventLog& log_;
  const Clock& clock_;
};

}  // namespace kiki::promises
