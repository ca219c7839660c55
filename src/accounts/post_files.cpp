#include "accounts/post_files.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "base/log.hpp"
#include "store/journal.hpp"

namespace kiki::accounts {

namespace {

constexpr int kThreads = 2;
constexpr std::int64_t kClaimMs = 600'000;  // a fetch that a crash cut short comes again after so long
constexpr std::int64_t kTries = 14;         // about a day
constexpr std::int64_t kLongestWaitMs = 30'000;
constexpr std::size_t kNameBytes = 200;

std::int64_t backoff_ms(std::int64_t tries, Random& random) {
  std::int64_t wait_ms = 2'000;
  for (std::int64_t i = 1; i < tries && wait_ms < 4 * 3'600'000; ++i) wait_ms *= 3;
  wait_ms = std::min<std::int64_t>(wait_ms, 4 * 3'600'000);
  return wait_ms + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(wait_ms / 5)));
}

// A name for people and for saving: no path, nothing that ends a line or turns the writing direction.
std::string safe_name(std::string_view told) {
  if (const auto slash = told.find_last_of("/\\"); slash != std::string_view::npos)
    told.remove_prefix(slash + 1);
  std::string name;
  for (std::size_t i = 0; i < told.size(); ++i) {
    const auto byte = static_cast<unsigned char>(told[i]);
    if (byte < 0x20 || byte == 0x7f) continue;
    // U+202A…202E and U+2066…2069 hide how a name really ends ("gpj.exe" shown as "exe.jpg").
    if (byte == 0xE2 && i + 2 < told.size()) {
      const auto second = static_cast<unsigned char>(told[i + 1]);
      const auto third = static_cast<unsigned char>(told[i + 2]);
      if ((second == 0x80 && third >= 0xAA && third <= 0xAE) ||
          (second == 0x81 && third >= 0xA6 && third <= 0xA9)) {
        i += 2;
        continue;
      }
    }
    name += told[i];
  }
  while (name.starts_with('.')) name.erase(0, 1);
  if (name.size() > kNameBytes) {
    name.resize(kNameBytes);
    while (!name.empty() && (static_cast<unsigned char>(name.back()) & 0xC0) == 0x80) name.pop_back();
    if (!name.empty() && static_cast<unsigned char>(name.back()) >= 0xC0) name.pop_back();
  }
  return name;
}

}  // namespace

Result<std::vector<std::pair<std::int64_t, PostFile>>> list_files(store::Connection& db, Id workspace_id,
                                                                  Id post_id) {
  return db.all(
      "SELECT number, state, name, content_type, size_bytes FROM post_files WHERE workspace_id = $1 AND "
      "post_id = $2 ORDER BY number",
      {workspace_id, post_id}, [](const store::Row& row) {
        return std::pair(row.integer(0),
                         PostFile{row.string(1), safe_name(row.text(2)), row.string(3), row.integer(4), {}});
      });
}

Result<PostFile> read_file(store::Connection& db, Id workspace_id, Id post_id, std::int64_t number) {
  auto file =
      TRY(db.one("SELECT state, name, content_type, size_bytes, body FROM post_files WHERE workspace_id = $1 "
                 "AND post_id "
                 "= $2 AND number = $3",
                 {workspace_id, post_id, number}, [](const store::Row& row) {
                   return PostFile{row.string(0), safe_name(row.text(1)), row.string(2), row.integer(3),
                                   std::string(row.blob(4))};
                 }));
  if (!file) return not_found("There is no such file.");
  return std::move(*file);
}

void PostFiles::start() {
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this](std::stop_token stop) { run(stop); });
}

void PostFiles::wake() {
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  changed_.notify_all();
}

void PostFiles::stop() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
}

void PostFiles::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::uint64_t seen = 0;
    {
      const std::lock_guard lock(mutex_);
      seen = wakes_;
    }
    auto did = step(stop);
    if (did.ok() && *did) continue;
    std::int64_t wait_ms = 1'000;
    if (!did.ok()) {
      log::warning("files of posts not looked after", did.error());
    } else if (auto reader = parts_.db.reader(); reader.ok()) {
      const auto next =
          (*reader)->one("SELECT MIN(next_try_at) FROM post_files WHERE next_try_at IS NOT NULL", {},
                         [](const store::Row& row) { return row.maybe_integer(0); });
      wait_ms = kLongestWaitMs;
      if (next.ok() && *next && **next)
        wait_ms = std::clamp<std::int64_t>(***next - parts_.clock.now_ms(), 50, kLongestWaitMs);
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, std::chrono::milliseconds(wait_ms), [&] { return wakes_ != seen; });
  }
}

Result<std::optional<PostFiles::Due>> PostFiles::claim() {
  const auto now_ms = parts_.clock.now_ms();
  std::vector<Due> due;
  {
    auto reader = TRY(parts_.db.reader());
    due = TRY(reader->all(
        "SELECT workspace_id, post_id, number, account_id, journal_seq, reference, tries, next_try_at FROM "
        "post_files WHERE next_try_at <= $1 ORDER BY next_try_at LIMIT $2",
        {now_ms, kThreads}, [](const store::Row& row) {
          return Due{row.integer(0), row.integer(1), row.integer(2), row.integer(3),
                     row.integer(4), row.string(5),  row.integer(6), row.integer(7)};
        }));
  }
  for (auto& one : due) {
    const bool mine = TRY(parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<bool> {
      return TRY(tx.db().run(
                 "UPDATE post_files SET next_try_at = $4, tries = tries + 1 WHERE workspace_id = "
                 "$1 AND post_id = $2 AND number = $3 AND next_try_at = $5 AND state = 'wanted'",
                 {one.workspace_id, one.post_id, one.number, now_ms + kClaimMs, one.next_try_at})) == 1;
    }));
    if (!mine) continue;  // another thread or node has it, or the post is gone
    ++one.tries;
    return std::optional(std::move(one));
  }
  return std::optional<Due>();
}

Result<bool> PostFiles::step(std::stop_token stop) {
  const auto due = TRY(claim());
  if (!due) return false;
  auto media = fetch(*due, stop);
  if (media.ok() && media->body.size() > kFileLimitBytes)
    media = Error{ErrorKind::kTooLarge, "the file is larger than we keep", {}, "file_too_large", 0};
  if (media.ok()) {
    TRY(keep(*due, *media));
  } else {
    TRY(give_up_or_wait(*due, media.error()));
  }
  return true;
}

Result<channels::Media> PostFiles::fetch(const Due& due, std::stop_token stop) {
  std::optional<AccountRow> row;
  std::optional<store::journal::Entry> entry;
  {
    auto reader = TRY(parts_.db.reader());
    row = TRY(reader->one(
        "SELECT network, kind, external_id, handle, name, settings FROM accounts WHERE workspace_id = $1 AND "
        "id = $2 AND removed_at IS NULL",
        {due.workspace_id, due.account_id}, [&](const store::Row& found) {
          AccountRow account;
          account.account = {due.workspace_id, due.account_id,  found.string(0), found.string(1),
                             found.string(2),  found.string(3), found.string(4), found.string(5)};
          return account;
        }));
    entry = TRY(store::journal::read_one(*reader, due.journal_seq));
  }
  // Connected again one day, it can be fetched still.
  if (!row) return unavailable("the account is not connected");
  auto* channel = parts_.channel(row->account.network);
  if (channel == nullptr) return unavailable("this network is not available");
  if (!entry || entry->body.empty()) return not_found("what the file was named in is gone");
  auto state = parts_.state(due.workspace_id, due.account_id);
  return channel->media(row->account, *state, {entry->source, entry->body}, due.reference, stop);
}

Result<void> PostFiles::keep(const Due& due, const channels::Media& media) {
  const auto name = safe_name(media.name);
  return parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    // A post that was deleted meanwhile has no row any more, and keeps no file.
    const auto kept = TRY(tx.db().run(
        "UPDATE post_files SET state = 'kept', next_try_at = NULL, body = $4, content_type = $5, size_bytes "
        "= "
        "$6, name = CASE WHEN $7 = '' THEN name ELSE $7 END WHERE workspace_id = $1 AND post_id = $2 AND "
        "number = $3 AND state = 'wanted' AND reference = $8",
        {due.workspace_id, due.post_id, due.number, store::Blob{media.body}, media.content_type,
         media.body.size(), name, due.reference}));
    if (kept == 0) return {};
    return tell(tx, due, "kept");
  });
}

Result<void> PostFiles::give_up_or_wait(const Due& due, const Error& error) {
  const bool gone = error.kind == ErrorKind::kNotFound || error.kind == ErrorKind::kGone;
  const bool refused = error.kind == ErrorKind::kTooLarge || due.tries >= kTries;
  if (!gone && !refused && error.kind == ErrorKind::kCancelled) {
    return parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
      TRY(
          tx.db().run("UPDATE post_files SET next_try_at = $4, tries = tries - 1 WHERE workspace_id = $1 AND "
                      "post_id = $2 AND number = $3 AND state = 'wanted'",
                      {due.workspace_id, due.post_id, due.number, due.next_try_at}));
      return {};
    });
  }
  log::info("file of a post not fetched", {{"workspace_id", due.workspace_id},
                                           {"account_id", due.account_id},
                                           {"post_id", due.post_id},
                                           {"attempts", due.tries},
                                           {"reason", error.message}});
  const std::string_view state = gone ? "gone" : refused ? "refused" : "wanted";
  std::optional<TimeMs> next_at;
  if (state == "wanted") {
    next_at = parts_.clock.now_ms() + std::max(error.retry_after_ms, backoff_ms(due.tries, random_));
  }
  return parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto changed = TRY(tx.db().run(
        "UPDATE post_files SET state = $4, next_try_at = $5 WHERE workspace_id = $1 AND post_id = $2 AND "
        "number = $3 AND state = 'wanted' AND reference = $6",
        {due.workspace_id, due.post_id, due.number, state, next_at, due.reference}));
    if (changed == 0 || state == "wanted") return {};
    return tell(tx, due, state);
  });
}

Result<void> PostFiles::tell(store::Transaction& tx, const Due& due, std::string_view state) {
  const auto case_id =
      TRY(tx.db().one("SELECT case_id FROM posts WHERE workspace_id = $1 AND id = $2",
                      {due.workspace_id, due.post_id}, [](const store::Row& row) { return row.integer(0); }));
  if (!case_id) return {};
  events::Event event;
  event.workspace_id = due.workspace_id;
  event.kind = "post.file";
  event.case_id = *case_id;
  event.post_id = due.post_id;
  event.data = json::serialize(json::object{{"number", due.number}, {"state", state}});
  return parts_.log.append(tx, std::move(event));
}

}  // namespace kiki::accounts
