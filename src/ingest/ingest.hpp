#pragma once
// From the network's raw item to a post in a case.
//
//   accept(): journal, durable ─▶ apply thread: parse, match ─▶ one transaction: dedupe, person,
//   conversation, case, event
//
// The apply stage keeps one cursor, meta "journal.applied", and moves it in the transaction of its work:
// after a crash it goes on where it stood, and nothing is done twice. What cannot be read stays in the
// journal and is listed in journal_failures until it is replayed.

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
#include "cases/cases.hpp"
#include "channels/contract/channel.hpp"
#include "events/event_log.hpp"
#include "listening/listening.hpp"
#include "store/database.hpp"

namespace kiki::ingest {

struct Entry {
  Id workspace_id = 0;
  Id account_id = 0;
  channels::RawItem item;
};

struct CursorMove {
  Id workspace_id = 0;  // 0: a stream that serves all workspaces
  Id account_id = 0;
  std::string name;
  std::string value;
};

// What the stage works with. References outlive it.
struct Parts {
  store::Database& db;
  events::EventLog& log;
  IdGenerator& ids;
  const Clock& clock;
  listening::Listening& listening;
  // The channel of a network, or nullptr. Thread-safe.
  std::function<const channels::Channel*(std::string_view network)> channel;
};

struct ReplayResult {
  std::int64_t replayed = 0;
  std::int64_t still_failing = 0;
};

struct Statistics {
  std::int64_t applied_items = 0;
  std::int64_t new_posts = 0;
  std::int64_t duplicates = 0;
  std::int64_t failures = 0;
  std::int64_t behind_items = 0;  // journaled, not applied yet
};

class Ingest {
 public:
  explicit Ingest(Parts parts);
  ~Ingest();  // stops

  // Starts and stops the apply thread. Stopping finishes the running batch.
  Result<void> start();
  void stop();

  // Durable when it returns: the items, and the cursor with them. Returns the journal's seq of the last item.
  Result<std::int64_t> accept(std::vector<Entry> entries, const std::optional<CursorMove>& cursor = {});
  // Waits until everything accepted so far is applied. kUnavailable when it takes longer.
  Result<void> drain(std::int64_t timeout_ms = 30'000);

  // The doors for a channel's readers. They must not outlive this object.
  std::unique_ptr<channels::Inlet> inlet(const channels::Account& account);
  std::unique_ptr<channels::StreamInlet> stream_inlet(std::string_view network);

  // Call after a row of `accounts` was added, changed or removed: readers of the public stream and the apply
  // stage keep a copy of them.
  Result<void> reload_accounts();
  // The row of kind "listener" under which a workspace's finds of a public stream are kept; made when
  // missing.
  Result<Id> ensure_listener(Id workspace_id, std::string_view network);

  // Called on the writer thread for every new customer post that answers a post we do not hold: only hand
  // over. Whoever reads the thread puts what it finds into accept(). At start-up only.
  using ThreadWanted = std::function<void(Id workspace_id, Id account_id, const std::string& external_id)>;
  void on_thread_wanted(ThreadWanted f);
  // The same for the author of a new customer post whose page on the network nobody has read yet, where the
  // network shows one.
  using AuthorWanted = std::function<void(Id workspace_id, Id case_id)>;
  void on_author_wanted(AuthorWanted f);
  // A post brought files that only its account can fetch.
  using FilesWanted = std::function<void()>;
  void on_files_wanted(FilesWanted f);

  // One failed item, or all of the workspace; applied before it returns.
  Result<ReplayResult> replay(Id workspace_id, std::optional<std::int64_t> seq);

  Statistics statistics() const;

  class Impl;  // for this folder's own files

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiki::ingest
