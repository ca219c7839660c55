#include "delivery/sender.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>

#include "base/log.hpp"
#include "channels/contract/status_detail.hpp"
#include "delivery/rates.hpp"
#include "reply/outgoing.hpp"

namespace kiki::delivery {

namespace {

constexpr int kDueLimitRows = 200;
constexpr std::int64_t kIdleWaitMs = 30'000;
constexpr std::int64_t kFirstLookMs = 400;  // a network needs a moment until everybody sees a post

std::pair<Id, Id> account_key(const reply::OutboxRow& row) {
  return {row.workspace_id, row.account_id};
}

}  // namespace

std::int64_t backoff_ms(std::int64_t attempt, Random& random) {
  static constexpr std::array<std::int64_t, 14> kSteps = {
      1'000,     3'000,     10'000,    30'000,    60'000,     300'000,    900'000,
      1'800'000, 3'600'000, 7'200'000, 7'200'000, 14'400'000, 14'400'000, 14'400'000};
  const auto index = std::clamp<std::int64_t>(attempt, 1, static_cast<std::int64_t>(kSteps.size())) - 1;
  const auto step = kSteps[static_cast<std::size_t>(index)];
  return step + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(step / 5)));
}

Sender::Sender(SenderParts parts, SenderOptions options) : parts_(std::move(parts)), options_(options) {}

Sender::~Sender() {
  stop();
}

Result<void> Sender::start() {
  TRY(recover());
  workers_ = std::make_unique<WorkerPool>("delivery", options_.workers, kDueLimitRows);
  thread_ = std::jthread([this](std::stop_token stop) { loop(stop); });
  return {};
}

void Sender::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void Sender::stop() {
  stop_source_.request_stop();
  thread_.request_stop();
  wake();
  if (thread_.joinable()) thread_.join();
  if (workers_) workers_->stop();
}

Result<void> Sender::recover() {
  return parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run(
        "UPDATE outbox SET state = 'unclear', next_at = $1 WHERE next_at IS NOT NULL AND state = 'sending'",
        {parts_.clock.now_ms()}));
    return {};
  });
}

void Sender::loop(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const auto now_ms = parts_.clock.now_ms();
    std::int64_t wait_ms = kIdleWaitMs;
    auto reader = parts_.db.reader();
    if (reader.ok()) {
      auto rows = reply::due(**reader, now_ms, kDueLimitRows);
      auto next = reply::next_due(**reader);
      reader = unavailable("given back");  // not held while we work and wait
      if (rows.ok()) {
        std::set<std::pair<Id, Id>> with_others;
        for (const auto& row : *rows) {
          if (!reply::is_in_doubt(row)) with_others.insert(account_key(row));
        }
        for (auto& row : *rows) {
          const std::lock_guard lock(mutex_);
          const auto key = account_key(row);
          // Rows in doubt come first, but a place that cannot be looked at does not hold up what is new.
          if (reply::is_in_doubt(row) && looked_in_vain_.contains(key) && with_others.contains(key)) continue;
          if (auto quiet = quiet_until_.find(key); quiet != quiet_until_.end()) {
            if (quiet->second > now_ms) {
              wait_ms = std::min(wait_ms, quiet->second - now_ms);
              continue;
            }
            quiet_until_.erase(quiet);
          }
          if (!busy_accounts_.insert(key).second) continue;  // its end wakes us
          if (!workers_->submit([this, row, key] {
                handle(row, stop_source_.get_token());
                {
                  const std::lock_guard done(mutex_);
                  if (!reply::is_in_doubt(row)) looked_in_vain_.erase(key);
                  busy_accounts_.erase(key);
                  woken_ = true;
                }
                changed_.notify_all();
              })) {
            busy_accounts_.erase(key);
            wait_ms = std::min<std::int64_t>(wait_ms, 100);
          }
        }
        if (rows->empty() && next.ok() && *next)
          wait_ms = std::min(wait_ms, std::max<std::int64_t>(**next - now_ms, 1));
      } else {
        log::error("outbox cannot be read", rows.error());
        wait_ms = 1'000;
      }
    } else {
      wait_ms = 1'000;
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, std::chrono::milliseconds(wait_ms), [&] { return woken_; });
    woken_ = false;
  }
}

Result<int> Sender::run_due() {
  const auto now_ms = parts_.clock.now_ms();
  std::vector<reply::OutboxRow> rows;
  {
    auto reader = TRY(parts_.db.reader());
    rows = TRY(reply::due(*reader, now_ms, kDueLimitRows));
  }
  for (auto& row : rows) {
    if (auto quiet = quiet_until_.find(account_key(row));
        quiet != quiet_until_.end() && quiet->second > now_ms)
      continue;
    handle(row, stop_source_.get_token());
  }
  return static_cast<int>(rows.size());
}

void Sender::handle(reply::OutboxRow row, std::stop_token stop) {
  if (stop.stop_requested()) return;
  Result<void> done;
  if (row.state == "held" || row.state == "queued") {
    done = send(row, stop);
  } else if (row.state == "unclear" || row.state == "sending") {
    done = look_up(row, stop);
  } else if (row.state == "sent") {
    done = confirm(row, stop);
  }
  // Only our own store can fail here; the row is due still and comes again.
  if (!done.ok()) {
    log::error("outbox row not handled", done.error(),
               {{"workspace_id", row.workspace_id}, {"outbox_id", row.id}});
  }
}

Result<std::optional<Sender::Way>> Sender::find_way(const reply::OutboxRow& row) {
  auto account = parts_.accounts.read(row.workspace_id, row.account_id);
  if (!account.ok()) {
    if (account.error().kind != ErrorKind::kNotFound) return std::move(account).error();
    TRY(record_fault(row,
                     Error{ErrorKind::kUnprocessable, "The account was removed.", {}, "account_removed", 0}));
    return std::optional<Way>();
  }
  auto* channel = parts_.channel(account->account.network);
  if (channel == nullptr) {
    TRY(record_fault(
        row, Error{ErrorKind::kUnprocessable, "This network is not available.", {}, "no_channel", 0}));
    return std::optional<Way>();
  }
  return std::optional(Way{std::move(account->account), channel});
}

Result<void> Sender::send(const reply::OutboxRow& row, std::stop_token stop) {
  const auto way = TRY(find_way(row));
  if (!way) return {};
  const auto& [account, channel] = *way;

  if (channel->is_pulled(account)) {
    return parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
      TRY(move(tx, parts_.log, row, {.state = "queued", .next_at = std::nullopt}, parts_.clock.now_ms()));
      return {};
    });
  }

  channels::Outgoing outgoing;
  {
    auto reader = TRY(parts_.db.reader());
    auto complete = reply::to_outgoing(*reader, row, true);
    if (!complete.ok()) {
      auto error = std::move(complete).error();
      if (error.kind == ErrorKind::kUnavailable) return error;
      error.kind = ErrorKind::kUnprocessable;
      return record_fault(row, error);
    }
    outgoing = std::move(*complete);
  }
  if (channel->descriptor().capabilities.public_files && parts_.links != nullptr) {
    for (auto& image : outgoing.images) {
      image.public_url = parts_.links->url_of(row.workspace_id, image.id);
      image.preview_url =
          image.preview_id == 0 ? image.public_url : parts_.links->url_of(row.workspace_id, image.preview_id);
    }
  }
  auto sending = row;
  sending.state = "sending";
  sending.attempts = row.attempts + 1;
  const auto& rates = channel->descriptor().capabilities.rates;
  const bool in_private = outgoing.visibility == channels::Visibility::kPrivate && row.action == "reply";
  std::optional<TimeMs> wait_until;
  const bool claimed = TRY(parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<bool> {
    const auto now_ms = parts_.clock.now_ms();
    wait_until =
        TRY(count_or_wait(tx, parts_.ids, rates,
                          {row.workspace_id, row.account_id, in_private ? "message" : row.action}, now_ms));
    if (wait_until) {
      if (row.state == "queued" && row.error_code == "paced") {
        TRY(
            tx.db().run("UPDATE outbox SET next_at = $3 WHERE workspace_id = $1 AND id = $2 AND state = "
                        "'queued'",
                        {row.workspace_id, row.id, *wait_until}));
      } else {
        TRY(move(tx, parts_.log, row,
                 {.state = "queued",
                  .next_at = *wait_until,
                  .error = "The network lets this account send only so much at a time.",
                  .error_code = "paced"},
                 now_ms));
      }
      return false;
    }
    // next_at stays set: it marks the row as unfinished business for recover().
    return move(tx, parts_.log, row,
                {.state = "sending", .next_at = parts_.clock.now_ms() + 600'000, .count_attempt = true},
                parts_.clock.now_ms());
  }));
  if (!claimed) return {};  // cancelled or taken in the meantime

  auto state = parts_.state(row.workspace_id, row.account_id);
  std::vector<channels::Delivery> tries;
  auto sent = channel->send(account, *state, outgoing, tries, stop);
  TRY(record_log(row, tries, sent.ok()));
  if (!sent.ok()) return record_fault(sending, sent.error());
  return record_sent(sending, *sent);
}

Result<void> Sender::look_up(const reply::OutboxRow& row, std::stop_token stop) {
  const auto way = TRY(find_way(row));
  if (!way) return {};
  const auto& [account, channel] = *way;
  channels::Outgoing outgoing;
  {
    auto reader = TRY(parts_.db.reader());
    auto complete = reply::to_outgoing(*reader, row, false);
    if (complete.ok())
      outgoing = std::move(*complete);
    else
      return record_fault(
          row, Error{ErrorKind::kUnprocessable, complete.error().message, {}, complete.error().code, 0});
  }
  auto state = parts_.state(row.workspace_id, row.account_id);
  auto found = channel->look_up(account, *state, outgoing, stop);
  if (!found.ok()) {
    auto error = std::move(found).error();
    if (row.error_code == reply::kSendAgain && error.kind == ErrorKind::kUnclear) return send_again(row);
    {
      const std::lock_guard lock(mutex_);
      looked_in_vain_.insert(account_key(row));
    }
    return stay_in_doubt(row, error);
  }
  if (*found) return record_sent(row, **found);
  return send_again(row);  // certainly not there
}

// We still do not know. Asking often enough makes no certainty: after the last look it stays for a person to
// say, and the customer counts as waiting again.
Result<void> Sender::stay_in_doubt(const reply::OutboxRow& row, const Error& error) {
  const auto now_ms = parts_.clock.now_ms();
  const bool was_last = row.attempts >= options_.tries;
  // A passing fault is no news about what only a person can tell.
  const bool is_asked = row.error_code == reply::kMaybeSent || row.error_code == reply::kReplyInDoubt;
  const bool keeps = is_asked && error.kind != ErrorKind::kUnclear;
  reply::Change change{.state = "unclear",
                       .next_at = std::nullopt,
                       .error = keeps ? row.error : error.message,
                       .error_code = keeps ? row.error_code : error.code,
                       .count_attempt = true};
  if (!was_last)
    change.next_at = now_ms + std::max(error.retry_after_ms, backoff_ms(row.attempts + 1, parts_.random));
  TRY(parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto stored = TRY(reply::find(tx.db(), row.workspace_id, row.id));
    const bool again = stored && stored->error_code == reply::kSendAgain;
    // A person spoke while we looked: it is due, and looked for once more.
    if (again && row.error_code != reply::kSendAgain) return {};
    // What they said could not be done: they are asked anew.
    if (again) change.error_code = was_last ? reply::kMaybeSent : reply::kSendAgain;
    const bool moved = TRY(move(tx, parts_.log, row, change, now_ms));
    if (moved && was_last && row.action == "reply")
      TRY(parts_.cases.refresh_waiting(tx, row.workspace_id, row.case_id));
    return {};
  }));
  if (error.kind != ErrorKind::kUnauthenticated) return {};
  return parts_.accounts.set_status(row.workspace_id, row.account_id, "action_needed",
                                    channels::status_detail(error));
}

Result<void> Sender::send_again(const reply::OutboxRow& row) {
  TRY(parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto now_ms = parts_.clock.now_ms();
    TRY(move(tx, parts_.log, row, {.state = "queued", .next_at = now_ms}, now_ms));
    return {};
  }));
  wake();
  return {};
}

Result<void> Sender::confirm(const reply::OutboxRow& row, std::stop_token stop) {
  const auto account = parts_.accounts.read(row.workspace_id, row.account_id);
  auto* channel = account.ok() ? parts_.channel(account->account.network) : nullptr;
  const auto now_ms = parts_.clock.now_ms();
  const auto age_ms = now_ms - row.sent_at.value_or(row.created_at);
  Result<bool> visible = false;
  if (channel != nullptr) {
    auto state = parts_.state(row.workspace_id, row.account_id);
    channels::Sent sent;
    channels::Outgoing outgoing;
    {
      auto reader = TRY(parts_.db.reader());
      auto post =
          TRY(reader->one("SELECT external_id, revision, url FROM posts WHERE workspace_id = $1 AND id = $2",
                          {row.workspace_id, row.post_id}, [](const store::Row& found) {
                            return channels::Sent{found.string(0), found.string(1), found.string(2)};
                          }));
      if (post) sent = std::move(*post);
      auto complete = reply::to_outgoing(*reader, row, false);
      if (complete.ok()) outgoing = std::move(*complete);
    }
    visible = channel->is_visible(account->account, *state, outgoing, sent, stop);
  }
  return parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    if (visible.ok() && *visible) {
      TRY(move(tx, parts_.log, row, {.state = "confirmed", .next_at = std::nullopt}, now_ms));
    } else if (channel == nullptr || age_ms > options_.visible_within_ms) {
      // The network took it, but we never saw it: it stays "sent", and says so.
      TRY(move(tx, parts_.log, row, {.state = "sent", .next_at = std::nullopt, .error_code = "not_seen"},
               now_ms));
    } else {
      const auto wait_ms = std::clamp<std::int64_t>(age_ms, kFirstLookMs, 60'000);
      TRY(tx.db().run("UPDATE outbox SET next_at = $1 WHERE workspace_id = $2 AND id = $3 AND state = 'sent'",
                      {now_ms + wait_ms, row.workspace_id, row.id}));
    }
    return {};
  });
}

Result<void> Sender::record_sent(const reply::OutboxRow& row, const channels::Sent& sent) {
  const auto now_ms = parts_.clock.now_ms();
  TRY(parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    if (row.action == "reply") {
      TRY(parts_.cases.reply_sent(tx, row.workspace_id, row.post_id, sent.external_id, sent.revision,
                                  sent.url));
      TRY(move(tx, parts_.log, row, {.state = "sent", .next_at = now_ms + kFirstLookMs}, now_ms));
      for (const auto& detail : sent.refused_copies) {
        TRY(reply::tell(tx, parts_.log, row, "reply.copy_failed", 0, {{"detail", detail}}));
      }
      return {};
    }
    if (row.action == "delete") {
      TRY(parts_.cases.post_deleted(tx, row.workspace_id, row.target_external_id, now_ms));
    }
    TRY(move(tx, parts_.log, row, {.state = "confirmed", .next_at = std::nullopt}, now_ms));
    return {};
  }));
  log::info("sent", {{"workspace_id", row.workspace_id},
                     {"case_id", row.case_id},
                     {"outbox_id", row.id},
                     {"post_id", row.post_id},
                     {"action", row.action},
                     {"attempts", row.attempts}});
  wake();
  return {};
}

Result<void> Sender::record_fault(const reply::OutboxRow& row, const Error& error) {
  const auto now_ms = parts_.clock.now_ms();
  reply::Change change;
  change.error = error.message;
  change.error_code = error.code.empty() ? std::string(name(error.kind)) : error.code;
  const bool gave_up = row.attempts >= options_.tries;
  switch (error.kind) {
    case ErrorKind::kUnclear:
    case ErrorKind::kCancelled:  // we were stopped in the middle of it
      change.state = "unclear";
      change.next_at = now_ms + 1'000;
      break;
    case ErrorKind::kRateLimited:
    case ErrorKind::kUnavailable:
      change.state = "queued";
      change.next_at = now_ms + std::max(error.retry_after_ms, backoff_ms(row.attempts, parts_.random));
      break;
    default:
      change.state = "failed";
  }
  if (gave_up && change.state == "queued") {  // what is in doubt is no failure
    change.state = "failed";
    change.error_code = "gave_up";
  }
  if (change.state == "failed") change.next_at.reset();
  if (error.kind == ErrorKind::kRateLimited && change.next_at) {
    const std::lock_guard lock(mutex_);
    quiet_until_[account_key(row)] = *change.next_at;
  }
  TRY(parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(move(tx, parts_.log, row, change, now_ms));
    // Nobody answered the customer after all: the case comes back.
    if (change.state == "failed" && row.action == "reply") {
      TRY(parts_.cases.refresh_waiting(tx, row.workspace_id, row.case_id));
    }
    return {};
  }));
  if (error.kind == ErrorKind::kUnauthenticated) {
    TRY(parts_.accounts.set_status(row.workspace_id, row.account_id, "action_needed",
                                   channels::status_detail(error)));
  }
  log::warning("not sent", error,
               {{"workspace_id", row.workspace_id},
                {"case_id", row.case_id},
                {"outbox_id", row.id},
                {"action", row.action},
                {"state", change.state},
                {"attempts", row.attempts}});
  return {};
}

Result<void> record_try(store::Transaction& tx, IdGenerator& ids, Id workspace_id, Id receiver_id, Id item_id,
                        const channels::Delivery& attempt, bool delivered, TimeMs now_ms) {
  const auto* outcome = delivered                                       ? "delivered"
                        : attempt.status >= 400 && attempt.status < 500 ? "refused"
                                                                        : "failed";
  TRY(
      tx.db().run("INSERT INTO deliveries (workspace_id, id, account_id, outbox_id, url, attempted_at, "
                  "duration_ms, status, "
                  "outcome, excerpt) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                  {workspace_id, ids.next(), receiver_id, item_id, attempt.url, now_ms, attempt.duration_ms,
                   attempt.status, outcome, attempt.excerpt}));
  return {};
}

Result<void> Sender::record_log(const reply::OutboxRow& row, const std::vector<channels::Delivery>& tries,
                                bool delivered) {
  if (tries.empty()) return {};
  return parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    for (const auto& attempt : tries) {
      const bool last = &attempt == &tries.back();
      TRY(record_try(tx, parts_.ids, row.workspace_id, row.account_id, row.id, attempt, last && delivered,
                     parts_.clock.now_ms()));
    }
    return {};
  });
}

}  // namespace kiki::delivery
