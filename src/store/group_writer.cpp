// The life of a group: begin, jobs in savepoints, commit, answers. What fails before the commit is rolled
// back or run again; what fails inside it is cleared up first. Why it is one thread:
// docs/decisions/group-commit.md.

#include "store/group_writer.hpp"

#include <algorithm>
#include <exception>

#include "base/check.hpp"
#include "base/log.hpp"
#include "store/journal.hpp"

namespace kiki::store {
namespace {

// The connection a job sees. After the first failed statement every other one fails too, and so does the job:
// that is how PostgreSQL behaves, and SQLite must not let code pass its tests that would fail there.
class JobConnection final : public Connection {
 public:
  explicit JobConnection(Connection& inner) : inner_(inner) {}
  Dialect dialect() const override { return inner_.dialect(); }
  Result<std::int64_t> query(std::string_view sql, Params params,
                             const std::function<void(const Row&)>& f) override {
    if (failed_) return *failed_;
    auto done = inner_.query(sql, params, f);
    if (!done.ok()) failed_ = done.error();
    return done;
  }
  Result<void> script(std::string_view sql) override {
    if (failed_) return *failed_;
    auto done = inner_.script(sql);
    if (!done.ok()) failed_ = done.error();
    return done;
  }
  const std::optional<Error>& failed() const { return failed_; }

 private:
  Connection& inner_;
  std::optional<Error> failed_;
};

class JobTransaction final : public Transaction {
 public:
  JobTransaction(Connection& connection, GroupWriter::Sequences& sequences, GroupWriter::Item& item)
      : connection_(connection), sequences_(sequences), item_(item) {}
  Connection& db() override { return connection_; }
  void after_commit(std::function<void()> f) override { item_.after_commit.push_back(std::move(f)); }
  std::int64_t next_event_seq() override { return ++sequences_.event; }
  std::int64_t next_journal_seqs(std::int64_t count) override {
    const auto first = sequences_.journal + 1;
    sequences_.journal += count;
    return first;
  }
  const std::optional<Error>& failed() const { return connection_.failed(); }

 private:
  JobConnection connection_;
  GroupWriter::Sequences& sequences_;
  GroupWriter::Item& item_;
};

// The journal may be empty because old entries were removed, so whatever remembers a seq counts as well: a
// new entry must lie behind the cursor of the stage that reads it.
Result<GroupWriter::Sequences> load_sequences(Connection& db) {
  GroupWriter::Sequences sequences;
  const auto number = [](const Row& row) { return row.integer(0); };
  sequences.event = TRY(db.one("SELECT max(seq) FROM events", {}, number)).value_or(0);
  sequences.journal = TRY(db.one("SELECT max(seq) FROM journal", {}, number)).value_or(0);
  const auto failed = TRY(db.one("SELECT max(seq) FROM journal_failures", {}, number)).value_or(0);
  const auto applied = TRY(journal::applied(db));
  sequences.journal = std::max({sequences.journal, failed, applied});
  return sequences;
}

}  // namespace

Result<std::unique_ptr<GroupWriter>> GroupWriter::start(std::unique_ptr<WriteSession> session,
                                                        Options options) {
  auto sequences = TRY(load_sequences(session->db()));
  return std::unique_ptr<GroupWriter>(new GroupWriter(std::move(session), options, sequences));
}

GroupWriter::GroupWriter(std::unique_ptr<WriteSession> session, Options options, Sequences sequences)
    : session_(std::move(session)), options_(options), sequences_(sequences), thread_([this] { loop(); }) {}

GroupWriter::~GroupWriter() {
  stop();
}

void GroupWriter::stop() {
  std::call_once(stopped_, [this] {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  });
}

Result<void> GroupWriter::enqueue(Item item) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return Error{ErrorKind::kCancelled, "the store is closing", {}, {}, 0};
    if (queue_.size() >= kWriterQueueLimitJobs) return unavailable("too many writes are waiting");
    queue_.push_back(std::move(item));
  }
  wake_.notify_one();
  return {};
}

Result<void> GroupWriter::write(Job job) {
  CHECK(std::this_thread::get_id() != thread_.get_id());  // it would wait for itself
  struct Waiter {
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<Result<void>> result;
  } waiter;
  auto queued = enqueue({std::move(job),
                         [&waiter](Result<void> result) {
                           // Notified under the lock: the waiter's stack is gone as soon as it can be taken.
                           const std::lock_guard lock(waiter.mutex);
                           waiter.result = std::move(result);
                           waiter.answered.notify_one();
                         },
                         {},
                         {}});
  if (!queued.ok()) return queued;
  std::unique_lock lock(waiter.mutex);
  waiter.answered.wait(lock, [&] { return waiter.result.has_value(); });
  return *std::move(waiter.result);
}

void GroupWriter::write_async(Job job, std::function<void(Result<void>)> done) {
  auto queued = enqueue({std::move(job), done, {}, {}});
  if (!queued.ok()) done(std::move(queued));
}

void GroupWriter::loop() {
  std::vector<Item> group;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const auto count = std::min(queue_.size(), kGroupLimitJobs);
      for (std::size_t i = 0; i < count; ++i) {
        group.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    run_group(group);
    for (auto& item : group) {
      if (item.result.ok()) {
        for (auto& f : item.after_commit) f();
      }
      item.done(std::move(item.result));
    }
    group.clear();
  }
}

void GroupWriter::run_group(std::vector<Item>& group) {
  deadline_ = std::chrono::steady_clock::now() + options_.retry_for;
  std::chrono::milliseconds back_off{50};
  while (true) {
    Error why;
    const auto outcome = try_group(group, why);
    if (outcome == Outcome::kDone) return;
    const bool again =
        outcome == Outcome::kRetry && std::chrono::steady_clock::now() < deadline_ && pause(back_off);
    if (!again) {
      log::error("write group failed", why, {{"jobs", group.size()}});
      for (auto& item : group) item.result = why;
      return;
    }
    back_off = std::min(back_off * 2, std::chrono::milliseconds(1000));
  }
}

GroupWriter::Outcome GroupWriter::try_group(std::vector<Item>& group, Error& why) {
  const auto broken = [&](Error error) {
    session_->rollback();
    why = std::move(error);
    // Whatever broke it: the jobs did not happen, and may succeed later.
    if (why.kind != ErrorKind::kUnclear) why.kind = ErrorKind::kUnavailable;
    return session_->worth_retrying() ? Outcome::kRetry : Outcome::kFailed;
  };

  auto begun = session_->begin();
  if (!begun.ok()) return broken(std::move(begun).error());
  if (begun.value()) {
    auto sequences = load_sequences(session_->db());
    if (!sequences.ok()) return broken(std::move(sequences).error());
    sequences_ = sequences.value();
  }

  const bool alone = group.size() == 1;
  bool anything = false;
  for (auto& item : group) {
    item.after_commit.clear();
    if (!alone) {
      auto marked = session_->begin_job();
      if (!marked.ok()) return broken(std::move(marked).error());
    }
    run_job(item);
    if (session_->broken())
      return broken(item.result.ok() ? unavailable("the store is away") : item.result.error());
    anything = anything || item.result.ok();
    if (alone) continue;
    auto closed = item.result.ok() ? session_->keep_job() : session_->undo_job();
    if (!closed.ok()) return broken(std::move(closed).error());
  }
  if (!anything) {
    session_->rollback();
    return Outcome::kDone;
  }
  auto committed = session_->commit();
  if (committed.ok()) return Outcome::kDone;
  if (committed.error().kind == ErrorKind::kUnclear) return clear_up_commit(deadline_, why);
  return broken(std::move(committed).error());
}

void GroupWriter::run_job(Item& item) {
  JobTransaction transaction(session_->db(), sequences_, item);
  try {
    item.result = item.job(transaction);
  } catch (const std::exception& e) {
    item.result = internal_error(std::string("a write job threw: ") + e.what());
  }
  if (item.result.ok() && transaction.failed()) item.result = *transaction.failed();
}

// The connection broke during COMMIT. Only the database knows; until it can be asked nobody may be told
// anything but "unclear", and the group must not be run again.
GroupWriter::Outcome GroupWriter::clear_up_commit(std::chrono::steady_clock::time_point deadline,
                                                  Error& why) {
  std::chrono::milliseconds back_off{50};
  while (true) {
    auto applied = session_->committed();
    if (applied.ok()) {
      if (applied.value()) return Outcome::kDone;
      why = unavailable("the commit did not happen");
      return Outcome::kRetry;
    }
    if (std::chrono::steady_clock::now() >= deadline || !pause(back_off)) {
      why = {ErrorKind::kUnclear, "the store went away during the commit", {}, {}, 0};
      return Outcome::kFailed;
    }
    back_off = std::min(back_off * 2, std::chrono::milliseconds(1000));
  }
}

// False when the writer is stopping.
bool GroupWriter::pause(std::chrono::milliseconds for_ms) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, for_ms, [&] { return stopping_; });
}

}  // namespace kiki::store
