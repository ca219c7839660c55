#pragma once
// What the group writer needs from a store: one writing connection with transactions, savepoints, and the
// truth about what happened when the connection was lost. SQLite and PostgreSQL each implement it once.

#include "base/error.hpp"
#include "store/database.hpp"

namespace kiki::store {

class WriteSession {
 public:
  virtual ~WriteSession() = default;
  virtual Connection& db() = 0;

  // Begins the group's transaction, connecting again if the connection was lost. True when the connection is
  // a new one, so that whatever was remembered of the data has to be read again.
  virtual Result<bool> begin() = 0;
  // Only in groups of several jobs. May be delayed until the job's first statement.
  virtual Result<void> begin_job() = 0;
  virtual Result<void> keep_job() = 0;
  virtual Result<void> undo_job() = 0;
  // kUnclear: the connection was lost while committing; ask committed().
  virtual Result<void> commit() = 0;
  // After an unclear commit: is the group in the database? Connects again; kUnavailable while it cannot tell.
  virtual Result<bool> committed() = 0;
  virtual void rollback() = 0;

  // The group's transaction cannot go on: connection lost, disk full, I/O error. Cleared by begin().
  virtual bool broken() const = 0;
  // A broken group may succeed when it is run again after a pause (the server is away), as opposed to a full
  // disk.
  virtual bool worth_retrying() const = 0;
};

}  // namespace kiki::store
