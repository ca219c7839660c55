#include "ingest/ingest.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "ingest/apply.hpp"
#include "ingest/impl.hpp"
#include "store/cursors.hpp"
#include "store/journal.hpp"

namespace kiki::ingest {
namespace {

// A batch writes each case it touches once and costs one commit: in a flood larger ones are cheaper. An
// agent's write waits for the batch before it, some 60 ms.
constexpr std::size_t kBatchItems = 2'000;
constexpr std::chrono::milliseconds kRetryMs{500};  // while the store is away

bool is_store_away(const Error& error) {
  return error.kind == ErrorKind::kUnavailable || error.kind == ErrorKind::kUnclear ||
         error.kind == ErrorKind::kCancelled;
}

}  // namespace

// --- accepting

Result<std::int64_t> Ingest::Impl::accept(const std::vector<Entry>& entries,
                                          const std::optional<CursorMove>& cursor) {
  return parts_.db.writer().write_result(
      [&](store::Transaction& tx) -> Result<std::int64_t> { return journal(tx, entries, cursor); });
}

Result<std::int64_t> Ingest::Impl::journal(store::Transaction& tx, const std::vector<Entry>& entries,
                                           const std::optional<CursorMove>& cursor) {
  const auto now_ms = parts_.clock.now_ms();
  std::vector<store::journal::RawEntry> raw;
  raw.reserve(entries.size());
  for (const auto& entry : entries) {
    raw.push_back({entry.workspace_id, entry.account_id, now_ms, entry.item.source, entry.item.body});
  }
  const auto first = TRY(store::journal::append(tx, raw));
  if (cursor) {
    TRY(store::set_cursor(tx, {cursor->workspace_id, cursor->account_id, cursor->name}, cursor->value,
                          now_ms));
  }
  if (entries.empty()) return 0;
  const auto last = first + static_cast<std::int64_t>(entries.size()) - 1;
  tx.after_commit([this, last] { journaled(last); });
  return last;
}

void Ingest::Impl::journaled(std::int64_t last_seq) {
  {
    const std::lock_guard lock(mutex_);
    journaled_ = std::max(journaled_, last_seq);
  }
  wake_.notify_all();
}

// --- the apply thread

Result<void> Ingest::Impl::start() {
  TRY(reload_accounts());
  {
    auto reader = TRY(parts_.db.reader());
    const auto applied = TRY(store::journal::applied(*reader));
    const auto last = TRY(reader->one("SELECT MAX(seq) FROM journal", {},
                                      [](const store::Row& row) { return row.integer(0); }));
    const std::lock_guard lock(mutex_);
    applied_ = applied;
    journaled_ = std::max({journaled_, last.value_or(0), applied});
    stopping_ = false;
  }
  thread_ = std::thread([this] { run(); });
  return {};
}

void Ingest::Impl::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<void> Ingest::Impl::drain(std::int64_t timeout_ms) {
  std::unique_lock lock(mutex_);
  const auto until = journaled_;
  const bool done =
      wake_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return applied_ >= until; });
  if (!done) return unavailable("the journal is not applied yet");
  return {};
}

// Two batches are on their way at once: one in the writer, the next being parsed. `read_until` is the last
// entry of the newest of them.
void Ingest::Impl::run() {
  std::int64_t read_until = 0;
  {
    const std::lock_guard lock(mutex_);
    read_until = applied_;
  }
  std::optional<Batch> writing;
  while (true) {
    auto next = read_batch(read_until);
    if (writing) {
      const bool went = finish(*writing);
      writing.reset();
      if (!went) {  // the store was away: go on from what it says
        const std::lock_guard lock(mutex_);
        read_until = applied_;
        if (stopping_) return;
        continue;
      }
    }
    const bool was_read = next.has_value();
    if (was_read) read_until = std::max(read_until, next->until);
    if (next && !next->items.empty()) {
      submit(*next);
      writing = std::move(next);
      const std::lock_guard lock(mutex_);
      if (!stopping_) continue;
    }
    if (writing) continue;
    std::unique_lock lock(mutex_);
    if (!was_read) wake_.wait_for(lock, kRetryMs, [&] { return stopping_; });
    wake_.wait(lock, [&] { return stopping_ || journaled_ > read_until; });
    if (stopping_) return;
  }
}

std::optional<Ingest::Impl::Batch> Ingest::Impl::read_batch(std::int64_t after) {
  Batch batch;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || journaled_ <= after) return batch;
    batch.until = journaled_;
  }
  auto reader = parts_.db.reader();
  if (!reader.ok()) {
    log::warning("the journal cannot be read", reader.error());
    return std::nullopt;
  }
  auto entries = store::journal::read_after(**reader, after, kBatchItems);
  if (!entries.ok()) {
    log::warning("the journal cannot be read", entries.error());
    return std::nullopt;
  }
  batch.items.reserve(entries->size());
  const auto with = preparation_for(*entries);
  for (auto& entry : *entries) batch.items.push_back(prepare(with, std::move(entry)));
  if (!batch.items.empty()) {
    batch.until = batch.items.back().entry.seq;
  } else {  // old entries were removed; nothing is left to apply
    const std::lock_guard lock(mutex_);
    applied_ = std::max(applied_, batch.until);
    wake_.notify_all();
  }
  return batch;
}

void Ingest::Impl::submit(Batch& batch) {
  auto items = batch.shared = std::make_shared<std::vector<PreparedItem>>(std::move(batch.items));
  auto answer = std::make_shared<std::promise<Result<void>>>();
  batch.answer = answer->get_future();
  parts_.db.writer().write_async(
      [this, items](store::Transaction& tx) -> Result<void> { return apply_all(tx, *items); },
      [answer](Result<void> result) { answer->set_value(std::move(result)); });
}

Result<void> Ingest::Impl::apply_all(store::Transaction& tx, std::span<const PreparedItem> items) {
  const auto with = preparation();
  const ApplyContext context{tx,   parts_.log,     parts_.ids,     parts_.clock.now_ms(),
                             with, thread_wanted_, author_wanted_, files_wanted_};
  const auto counts = TRY(apply_items(context, items));
  TRY(store::journal::set_applied(tx, items.back().entry.seq));
  tx.after_commit([this, counts, last = items.back().entry.seq] { applied(counts, last); });
  return {};
}

void Ingest::Impl::applied(const ApplyCounts& counts, std::int64_t last_seq) {
  {
    const std::lock_guard lock(mutex_);
    totals_.applied_items += counts.items;
    totals_.new_posts += counts.new_posts;
    totals_.duplicates += counts.duplicates;
    totals_.failures += counts.failures;
    applied_ = std::max(applied_, last_seq);
  }
  wake_.notify_all();
}

// Waits for a batch. When one of its items cannot be stored, each is tried alone, so that the others are not
// held up. False when the store is away.
bool Ingest::Impl::finish(Batch& batch) {
  const auto result = batch.answer.get();
  if (result.ok()) return true;
  if (is_store_away(result.error())) return recover(result.error());
  for (const auto& item : *batch.shared) {
    const std::span one(&item, 1);
    auto alone = parts_.db.writer().write([&](store::Transaction& tx) { return apply_all(tx, one); });
    if (alone.ok()) continue;
    if (is_store_away(alone.error())) return recover(alone.error());
    log::warning("an item could not be stored", alone.error(),
                 {{"workspace_id", item.entry.workspace_id},
                  {"account_id", item.entry.account_id},
                  {"journal_id", item.entry.seq}});
    auto failed = item;
    failed.error = std::move(alone).error();
    const std::span as_failure(&failed, 1);
    auto recorded =
        parts_.db.writer().write([&](store::Transaction& tx) { return apply_all(tx, as_failure); });
    if (!recorded.ok()) return recover(recorded.error());
  }
  return true;
}

bool Ingest::Impl::recover(const Error& why) {
  log::warning("the store is away; what came in waits in the journal", why);
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, kRetryMs, [&] { return stopping_; });
  lock.unlock();
  auto reader = parts_.db.reader();
  if (!reader.ok()) return false;
  const auto applied = store::journal::applied(**reader);
  if (!applied.ok()) return false;
  lock.lock();
  applied_ = *applied;
  wake_.notify_all();
  return false;
}

// --- accounts

Result<void> Ingest::Impl::reload_accounts() {
  auto reader = TRY(parts_.db.reader());
  auto table = TRY(AccountTable::load(*reader));
  const std::lock_guard lock(accounts_mutex_);
  accounts_ = std::move(table);
  return {};
}

std::shared_ptr<const AccountTable> Ingest::Impl::accounts() const {
  const std::lock_guard lock(accounts_mutex_);
  return accounts_;
}

Preparation Ingest::Impl::preparation() const {
  return {accounts(), parts_.listening.topic_set(), parts_.listening.facts(), parts_.channel,
          parts_.db.dialect()};
}

// With a table that knows the accounts of these entries, if they are there at all.
Preparation Ingest::Impl::preparation_for(const std::vector<store::journal::Entry>& entries) {
  auto table = accounts();
  const bool missing = std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
    return table->find(entry.workspace_id, entry.account_id) == nullptr;
  });
  if (missing) {
    auto loaded = reload_accounts();
    if (!loaded.ok()) log::warning("the accounts cannot be read", loaded.error());
  }
  return preparation();
}

Result<Id> Ingest::Impl::ensure_listener(Id workspace_id, std::string_view network) {
  const auto known = accounts()->listener(workspace_id, network);
  if (known != 0) return known;
  const auto id = TRY(parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<Id> {
    const auto now_ms = parts_.clock.now_ms();
    const auto row = TRY(tx.db().one(
        "INSERT INTO accounts (workspace_id, id, network, kind, external_id, handle, status, status_at, "
        "created_at) "
        "VALUES ($1, $2, $3, 'listener', '', '', 'ok', $4, $5) "
        "ON CONFLICT (workspace_id, network, kind, external_id) DO UPDATE SET removed_at = NULL RETURNING id",
        {workspace_id, parts_.ids.next(), network, now_ms, now_ms},
        [](const store::Row& r) { return r.integer(0); }));
    if (!row) return internal_error("a listener could not be made");
    return *row;
  }));
  TRY(reload_accounts());
  return id;
}

// --- replay

Result<ReplayResult> Ingest::Impl::replay(Id workspace_id, std::optional<std::int64_t> seq) {
  constexpr std::size_t kPage = 200;
  ReplayResult result;
  std::int64_t before = 0;
  while (true) {
    std::vector<store::journal::Failure> page;
    {
      auto reader = TRY(parts_.db.reader());
      page =
          TRY(store::journal::list_failures(*reader, workspace_id, seq ? *seq + 1 : before, seq ? 1 : kPage));
    }
    if (seq && (page.empty() || page.front().seq != *seq)) return not_found("There is no such failure.");
    for (const auto& failure : page) {
      if (TRY(replay_one(failure))) {
        ++result.replayed;
      } else {
        ++result.still_failing;
      }
    }
    if (seq || page.size() < kPage) return result;
    before = page.back().seq;
  }
}

Result<bool> Ingest::Impl::replay_one(const store::journal::Failure& failure) {
  std::optional<store::journal::Entry> entry;
  {
    auto reader = TRY(parts_.db.reader());
    entry = TRY(store::journal::read_one(*reader, failure.seq));
  }
  std::optional<PreparedItem> item;
  if (entry) {
    const auto with = preparation_for({*entry});
    item = prepare(with, *std::move(entry));
  }
  const auto write = [&](bool only_record) {
    return parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
      const auto with = preparation();
      const ApplyContext context{tx,   parts_.log,     parts_.ids,     parts_.clock.now_ms(),
                                 with, thread_wanted_, author_wanted_, files_wanted_};
      if (only_record) return record_failure(context, *item, *item->error);
      if (item) TRY(apply_items(context, std::span(&*item, 1)));
      return store::journal::mark_replayed(tx, failure.workspace_id, failure.seq);
    });
  };
  if (!item || !item->error) {
    auto done = write(false);
    if (done.ok()) return true;
    if (is_store_away(done.error())) return std::move(done).error();
    item->error = std::move(done).error();
  }
  TRY(write(true));
  return false;
}

Statistics Ingest::Impl::statistics() const {
  const std::lock_guard lock(mutex_);
  auto statistics = totals_;
  statistics.behind_items = std::max<std::int64_t>(0, journaled_ - applied_);
  return statistics;
}

// --- the public class

Ingest::Ingest(Parts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
Ingest::~Ingest() {
  stop();
}
Result<void> Ingest::start() {
  return impl_->start();
}
void Ingest::stop() {
  impl_->stop();
}
Result<std::int64_t> Ingest::accept(std::vector<Entry> entries, const std::optional<CursorMove>& cursor) {
  return impl_->accept(entries, cursor);
}
Result<void> Ingest::drain(std::int64_t timeout_ms) {
  return impl_->drain(timeout_ms);
}
Result<void> Ingest::reload_accounts() {
  return impl_->reload_accounts();
}
Result<Id> Ingest::ensure_listener(Id workspace_id, std::string_view network) {
  return impl_->ensure_listener(workspace_id, network);
}
void Ingest::on_thread_wanted(ThreadWanted f) {
  impl_->on_thread_wanted(std::move(f));
}
void Ingest::on_author_wanted(AuthorWanted f) {
  impl_->on_author_wanted(std::move(f));
}
void Ingest::on_files_wanted(FilesWanted f) {
  impl_->on_files_wanted(std::move(f));
}
Result<ReplayResult> Ingest::replay(Id workspace_id, std::optional<std::int64_t> seq) {
  return impl_->replay(workspace_id, seq);
}
Statistics Ingest::statistics() const {
  return impl_->statistics();
}
std::unique_ptr<channels::Inlet> Ingest::inlet(const channels::Account& account) {
  return make_inlet(*impl_, account);
}
std::unique_ptr<channels::StreamInlet> Ingest::stream_inlet(std::string_view network) {
  return make_stream_inlet(*impl_, network);
}

}  // namespace kiki::ingest
