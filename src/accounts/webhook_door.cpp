#include "accounts/webhook_door.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "base/log.hpp"
#include "channels/contract/status_detail.hpp"
#include "ingest/account_problems.hpp"
#include "store/cursors.hpp"

namespace kiki::accounts {

namespace {

constexpr std::size_t kCallsKept = 50;
constexpr int kRefusedIsFailing = 10;  // in a row: a stranger who tries one or two is no alarm
constexpr TimeMs kSaveEveryMs = 5'000;
constexpr std::size_t kNoteBytes = 200;
constexpr std::chrono::milliseconds kLookEvery{600'000};
constexpr std::chrono::milliseconds kTellAgainEvery{30'000};
constexpr TimeMs kLongestTellWaitMs = 3'600'000;
constexpr std::string_view kTraffic = "webhook.traffic";

net::HttpResponse plain(int status) {
  net::HttpResponse response;
  response.status = status;
  return response;
}

}  // namespace

Result<void> WebhookDoor::start() {
  TRY(reload());
  thread_ = std::jthread([this](std::stop_token stop) {
    while (!stop.stop_requested()) {
      auto told = subscribe_all(stop);
      if (auto looked = look_for_silence(); !looked.ok())
        log::warning("webhooks not looked after", looked.error());
      const bool is_done = told.ok() && *told;
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, is_done ? kLookEvery : kTellAgainEvery, [&] { return woken_; });
      woken_ = false;
    }
  });
  return {};
}

void WebhookDoor::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

Result<void> WebhookDoor::reload() {
  std::map<Id, Entry> fresh;
  for (auto& row : TRY(parts_.accounts.list_all())) {
    const auto* channel = parts_.channel(row.account.network);
    if (row.account.kind != "account" || channel == nullptr) continue;
    if (!channel->descriptor().capabilities.webhooks) continue;
    const auto id = row.account.id;
    fresh[id].is_paused = row.status == "paused";
    fresh[id].account = std::make_shared<const channels::Account>(std::move(row.account));
  }
  auto reader = TRY(parts_.db.reader());
  for (auto& [id, entry] : fresh) {
    const auto& account = *entry.account;
    if (const auto text = TRY(store::get_cursor(*reader, {account.workspace_id, id, kTraffic})))
      entry.traffic = UsualTraffic::parse(*text);
    entry.has_problem =
        TRY(reader->one("SELECT 1 FROM account_problems WHERE workspace_id = $1 AND "
                        "account_id = $2 AND kind = $3",
                        {account.workspace_id, id, ingest::kWebhook}, [](const store::Row&) { return true; }))
            .has_value();
  }
  const std::lock_guard lock(mutex_);
  for (auto& [id, entry] : fresh) {
    const auto known = entries_.find(id);
    if (known == entries_.end()) continue;
    auto account = std::move(entry.account);
    const bool has_problem = entry.has_problem;
    const bool is_paused = entry.is_paused;
    entry = std::move(known->second);
    entry.account = std::move(account);
    entry.has_problem = has_problem;
    entry.is_paused = is_paused;
    entry.subscribe_at = 0;
  }
  entries_ = std::move(fresh);
  woken_ = true;
  changed_.notify_all();
  return {};
}

Result<net::HttpResponse> WebhookDoor::call(Id account_id, const net::HttpRequest& request) {
  std::shared_ptr<const channels::Account> account;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(account_id); found != entries_.end())
      account = found->second.account;
  }
  auto* channel = account ? parts_.channel(account->network) : nullptr;
  if (channel == nullptr) return not_found("There is nothing at this address.");
  auto state = parts_.state(account->workspace_id, account->id);
  HookCall noted{parts_.clock.now_ms(), 0, {}, 0};
  auto answer = channel->webhook(*account, *state, request);
  if (!answer.ok()) {
    // Whoever calls learns the status alone; the account's page has the reason.
    noted.status = http_status(answer.error().kind);
    noted.note = answer.error().message;
    note(account_id, noted);
    auto response = plain(noted.status);
    if (answer.error().retry_after_ms > 0)
      response.headers.set("Retry-After", std::to_string((answer.error().retry_after_ms + 999) / 1000));
    return response;
  }
  if (answer->status < 200 || (answer->status >= 300 && answer->status < 400)) {
    log::error("a webhook may not lead elsewhere", internal_error("status of a redirect"),
               {{"account_id", account_id}});
    return plain(500);
  }
  noted.status = answer->status;
  noted.note = std::move(answer->note);
  noted.items = static_cast<std::int64_t>(answer->items.size());
  std::optional<ingest::CursorMove> moved;
  if (noted.status < 400) {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(account_id); found != entries_.end()) {
      auto& entry = found->second;
      if (noted.at - entry.saved_at >= kSaveEveryMs) {
        auto traffic = entry.traffic;
        traffic.heard(noted.at);
        entry.saved_at = noted.at;
        moved =
            ingest::CursorMove{account->workspace_id, account_id, std::string(kTraffic), traffic.to_text()};
      }
    }
  }
  if (!answer->items.empty() || moved) {
    std::vector<ingest::Entry> entries;
    entries.reserve(answer->items.size());
    for (auto& item : answer->items) entries.push_back({account->workspace_id, account->id, std::move(item)});
    const bool brought = !entries.empty();
    auto stored = parts_.ingest.accept(std::move(entries), moved);
    if (!stored.ok() && brought) {
      log::warning("a webhook was not stored; the network is asked to call again", stored.error(),
                   {{"account_id", account_id}});
      noted.status = 503;
      noted.note = "not stored, asked to call again";
      note(account_id, noted);
      auto response = plain(503);
      response.headers.set("Retry-After", "5");
      return response;
    }
  }
  note(account_id, noted);
  net::HttpResponse response;
  response.status = answer->status;
  response.headers.set("Content-Type", answer->content_type);
  response.body = std::move(answer->body);
  return response;
}

// The ring, and whether calls are refused again and again. What came is durable by now: a mark of ours that
// cannot be stored is no reason to ask the network again.
void WebhookDoor::note(Id account_id, HookCall call) {
  std::shared_ptr<const channels::Account> account;
  bool is_failing = false;
  call.note.resize(std::min(call.note.size(), kNoteBytes));
  const auto detail = channels::status_detail("calls_refused", call.note);
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(account_id);
    if (found == entries_.end()) return;
    auto& entry = found->second;
    if (call.status < 400) {
      entry.refused_in_row = 0;
      entry.traffic.heard(call.at);
      if (std::exchange(entry.has_problem, false)) account = entry.account;
    } else if (call.status < 500) {
      is_failing = ++entry.refused_in_row >= kRefusedIsFailing && !entry.has_problem;
      if (is_failing) {
        entry.has_problem = true;
        account = entry.account;
      }
    }
    entry.calls.push_front(std::move(call));
    if (entry.calls.size() > kCallsKept) entry.calls.pop_back();
  }
  if (!account) return;
  auto told =
      is_failing ? set_problem(*account, detail) : parts_.db.writer().write([&](store::Transaction& tx) {
        return ingest::clear_problem(tx, parts_.log, account->workspace_id, account->id, ingest::kWebhook);
      });
  if (!told.ok()) log::warning("the state of a webhook was not stored", told.error());
}

Result<void> WebhookDoor::set_problem(const channels::Account& account, std::string_view detail) {
  return parts_.db.writer().write([&](store::Transaction& tx) {
    return ingest::set_problem(tx, parts_.log, {account.workspace_id, account.id, ingest::kWebhook, detail},
                               parts_.clock.now_ms());
  });
}

HookState WebhookDoor::state(Id account_id) const {
  HookState out;
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(account_id);
  if (found == entries_.end()) return out;
  out.last_success_at = found->second.traffic.last_ms();
  out.refused_in_row = found->second.refused_in_row;
  out.calls.assign(found->second.calls.begin(), found->second.calls.end());
  return out;
}

std::string WebhookDoor::url_of(Id account_id) const {
  return parts_.public_url.empty() ? std::string() : parts_.public_url + "/hooks/" + to_string(account_id);
}

Result<bool> WebhookDoor::subscribe_all(std::stop_token stop) {
  std::vector<std::shared_ptr<const channels::Account>> accounts;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, entry] : entries_) {
      if (!entry.is_paused && entry.subscribe_at <= parts_.clock.now_ms()) accounts.push_back(entry.account);
    }
  }
  for (const auto& account : accounts) {
    if (stop.stop_requested()) return false;
    // "." before it: no public address is an address too, told once.
    const auto url = url_of(account->id);
    {
      auto reader = TRY(parts_.db.reader());
      if (TRY(store::get_cursor(*reader, {account->workspace_id, account->id, kSubscribed})) == "." + url)
        continue;
    }
    // What fails is a problem of the account by now.
    static_cast<void>(subscribe(*account, url, stop));
  }
  const std::lock_guard lock(mutex_);
  return std::ranges::none_of(entries_, [](const auto& entry) { return entry.second.subscribe_at > 0; });
}

Result<void> WebhookDoor::tell_again(Id account_id, std::stop_token stop) {
  std::shared_ptr<const channels::Account> account;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(account_id); found != entries_.end() && !found->second.is_paused)
      account = found->second.account;
  }
  if (!account) return {};
  auto told = subscribe(*account, url_of(account_id), stop);
  if (!told.ok()) {  // the thread looks when it is to be tried again
    const std::lock_guard lock(mutex_);
    woken_ = true;
    changed_.notify_all();
  }
  return told;
}

Result<void> WebhookDoor::subscribe(const channels::Account& account, const std::string& url,
                                    std::stop_token stop) {
  auto told = tell(account, url, stop);
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(account.id);
  if (entry == entries_.end()) return told;
  const int tries = told.ok() ? 0 : entry->second.subscribe_tries + 1;
  entry->second.subscribe_tries = tries;
  entry->second.subscribe_at =
      told.ok() ? 0
                : parts_.clock.now_ms() +
                      std::min<TimeMs>(TimeMs{30'000} << std::min(tries, 8), kLongestTellWaitMs);
  return told;
}

Result<void> WebhookDoor::tell(const channels::Account& account, const std::string& url,
                               std::stop_token stop) {
  auto* channel = parts_.channel(account.network);
  if (channel == nullptr) return {};
  auto state = parts_.state(account.workspace_id, account.id);
  auto told = channel->subscribe(account, *state, url, stop);
  if (stop.stop_requested()) return {};
  TRY(parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto now_ms = parts_.clock.now_ms();
    if (!told.ok()) {
      // Told before, perhaps, but no longer: it is to be told again.
      TRY(store::set_cursor(tx, {account.workspace_id, account.id, kSubscribed}, "", now_ms));
      return ingest::set_problem(
          tx, parts_.log,
          {account.workspace_id, account.id, ingest::kSubscription, channels::status_detail(told.error())},
          now_ms);
    }
    TRY(store::set_cursor(tx, {account.workspace_id, account.id, kSubscribed}, "." + url, now_ms));
    return ingest::clear_problem(tx, parts_.log, account.workspace_id, account.id, ingest::kSubscription);
  }));
  return told;
}

Result<void> WebhookDoor::look_for_silence() {
  std::vector<std::shared_ptr<const channels::Account>> silent;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, entry] : entries_) {
      if (entry.has_problem || !entry.traffic.is_silent(parts_.clock.now_ms())) continue;
      entry.has_problem = true;
      silent.push_back(entry.account);
    }
  }
  for (const auto& account : silent) TRY(set_problem(*account, "calls_silent"));
  return {};
}

}  // namespace kiki::accounts
