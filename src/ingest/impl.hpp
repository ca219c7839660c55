#pragma once
// The inside of Ingest, for its own files: the apply thread, and what the inlets ask of it.

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "ingest/account_table.hpp"
#include "ingest/apply.hpp"
#include "ingest/ingest.hpp"
#include "ingest/prepare.hpp"
#include "store/journal.hpp"

namespace kiki::ingest {

class Ingest::Impl {
 public:
  explicit Impl(Parts parts) : parts_(std::move(parts)), accounts_(std::make_shared<AccountTable>()) {}

  const Parts& parts() const { return parts_; }
  std::shared_ptr<const AccountTable> accounts() const;

  Result<void> start();
  void stop();
  Result<std::int64_t> accept(const std::vector<Entry>& entries, const std::optional<CursorMove>& cursor);
  // Inside a transaction of the caller's: appends, moves the cursor, and wakes the apply thread after the
  // commit.
  Result<std::int64_t> journal(store::Transaction& tx, const std::vector<Entry>& entries,
                               const std::optional<CursorMove>& cursor);
  Result<void> drain(std::int64_t timeout_ms);
  Result<void> reload_accounts();
  Result<Id> ensure_listener(Id workspace_id, std::string_view network);
  void on_thread_wanted(ThreadWanted f) { thread_wanted_ = std::move(f); }
  void on_author_wanted(AuthorWanted f) { author_wanted_ = std::move(f); }
  void on_files_wanted(FilesWanted f) { files_wanted_ = std::move(f); }
  Result<ReplayResult> replay(Id workspace_id, std::optional<std::int64_t> seq);
  Statistics statistics() const;

 private:
  struct Batch {
    std::int64_t until = 0;                                   // all entries up to here are in it, or gone
    std::vector<PreparedItem> items;                          // until it is submitted
    std::shared_ptr<const std::vector<PreparedItem>> shared;  // afterwards
    std::future<Result<void>> answer;
  };
  void journaled(std::int64_t last_seq);
  void applied(const ApplyCounts& counts, std::int64_t last_seq);
  void run();
  std::optional<Batch> read_batch(std::int64_t after);  // nothing: the journal could not be read
  void submit(Batch& batch);
  bool finish(Batch& batch);
  bool recover(const Error& why);
  Result<void> apply_all(store::Transaction& tx, std::span<const PreparedItem> items);
  Preparation preparation() const;
  Preparation preparation_for(const std::vector<store::journal::Entry>& entries);
  Result<bool> replay_one(const store::journal::Failure& failure);

  const Parts parts_;
  ThreadWanted thread_wanted_;
  AuthorWanted author_wanted_;
  FilesWanted files_wanted_;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;  // something was journaled or applied, or we stop
  bool stopping_ = false;
  std::int64_t journaled_ = 0;
  std::int64_t applied_ = 0;
  Statistics totals_;
  mutable std::mutex accounts_mutex_;
  std::shared_ptr<const AccountTable> accounts_;
};

std::unique_ptr<channels::Inlet> make_inlet(Ingest::Impl& ingest, const channels::Account& account);
std::unique_ptr<channels::StreamInlet> make_stream_inlet(Ingest::Impl& ingest, std::string_view network);

}  // namespace kiki::ingest
