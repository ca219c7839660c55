#include "channels/bluesky/notification_reader.hpp"

#include <algorithm>
#include <map>

#include "base/json.hpp"
#include "base/log.hpp"
#include "channels/bluesky/dag_json.hpp"
#include "channels/bluesky/identity.hpp"
#include "channels/bluesky/parse.hpp"
#include "channels/bluesky/syntax.hpp"
#include "channels/bluesky/wait.hpp"
#include "channels/contract/status_detail.hpp"
#include "net/hmac.hpp"

namespace kiki::channels::bluesky {

namespace {

constexpr std::string_view kCursorName = "notifications";
constexpr const char* kFirstPageItems = "40";
constexpr const char* kPageItems = "100";

// 64 bits of a hash are enough to tell a few hundred posts apart, and keep the cursor small.
std::string key_of(std::string_view uri) {
  return net::hex(net::sha256(uri).substr(0, 8));
}

std::string deletion_body(std::string_view uri, TimeMs now_ms) {
  std::string body = "{\"uri\":";
  append_json_string(body, uri);
  body += ",\"time\":\"" + to_rfc3339(now_ms) + "\",\"found_by\":\"recheck\"}";
  return body;
}

// As the public stream would tell it.
std::string edit_body(JsonView post, TimeMs now_ms) {
  std::string body = "{\"uri\":";
  append_json_string(body, post["uri"].text());
  body += ",\"cid\":";
  append_json_string(body, post["cid"].text());
  body += ",\"did\":";
  append_json_string(body, post["author"]["did"].text());
  body += ",\"time\":\"" + to_rfc3339(now_ms) + "\",\"operation\":\"update\",\"found_by\":\"recheck\"";
  return body + ",\"record\":" + std::string(post["record"].raw()) + "}";
}

}  // namespace

void NotificationReader::health(std::string_view status, std::string_view detail) {
  if (health_status_ == status && health_detail_ == detail) return;
  health_status_ = status;
  health_detail_ = detail;
  inlet_.health(status, detail);
}

Result<void> NotificationReader::load_cursor() {
  if (loaded_) return {};
  const std::string value = TRY(state_.cursor(kCursorName));
  first_time_ = value.empty();
  if (!value.empty()) {
    const auto document = TRY(JsonDocument::parse(value));
    TRY(document.root()["known"].each([&](JsonView key) -> Result<void> {
      remember(std::string(key.text()));
      return {};
    }));
  }
  loaded_ = true;
  return {};
}

std::string NotificationReader::cursor_value() const {
  std::string value = "{\"known\":[";
  for (const auto& key : known_) {
    if (value.back() != '[') value.push_back(',');
    append_json_string(value, key);
  }
  return value + "]}";
}

void NotificationReader::remember(std::string key) {
  if (!known_set_.insert(key).second) return;
  known_.push_back(std::move(key));
  while (known_.size() > kKnownLimit) {
    known_set_.erase(known_.front());
    known_.pop_front();
  }
}

Result<std::vector<NotificationReader::Item>> NotificationReader::collect(std::stop_token stop) {
  std::vector<Item> items;  // newest first
  std::vector<std::string> too_old;
  std::set<std::string> on_pages;
  const TimeMs oldest = tools_.clock.now_ms() - kFirstLookBackMs;
  std::string cursor;
  for (int page = 0; page < kPagesLimit; ++page) {
    XrpcCall call;
    call.nsid = "app.bsky.notification.listNotifications";
    call.params = {{"limit", page == 0 ? kFirstPageItems : kPageItems},
                   {"reasons", "mention"},
                   {"reasons", "reply"},
                   {"reasons", "quote"}};
    if (!cursor.empty()) call.params.emplace_back("cursor", cursor);
    const std::string body = TRY(xrpc_.call(account_, state_, call, stop));
    const auto document = TRY(JsonDocument::parse(body, JsonLimits{16 << 20, 64}));
    const JsonView root = document.root();
    bool met_known = false;
    TRY(root["notifications"].each([&](JsonView notification) -> Result<void> {
      const auto uri = notification["uri"].text();
      if (uri.empty()) return {};
      std::string key = key_of(uri);
      if (known_set_.contains(key)) {
        met_known = true;
      } else if (on_pages.insert(key).second) {
        const auto time = parse_rfc3339(notification["indexedAt"].text());
        if (first_time_ && time && *time < oldest) {
          too_old.push_back(std::move(key));
        } else {
          items.push_back({std::move(key), RawItem{std::string(kNotificationSource), notification.raw()}});
        }
      }
      return {};
    }));
    const std::string_view next = root["cursor"].text();
    if (met_known || first_time_ || next.empty() || next == cursor || root["notifications"].size() == 0)
      break;
    if (page + 1 == kPagesLimit)
      log::warning("bluesky: more notifications than a gap may hold", {{"account_id", account_.id}});
    cursor = next;
  }
  for (auto key = too_old.rbegin(); key != too_old.rend(); ++key) remember(std::move(*key));
  std::reverse(items.begin(), items.end());
  return items;
}

Result<void> NotificationReader::mark_seen(std::stop_token stop) {
  XrpcCall call;
  call.nsid = "app.bsky.notification.updateSeen";
  call.procedure = true;
  call.body = "{\"seenAt\":\"" + to_rfc3339(tools_.clock.now_ms()) + "\"}";
  TRY(xrpc_.call(account_, state_, call, stop));
  return {};
}

Result<std::size_t> NotificationReader::poll(std::stop_token stop) {
  TRY(load_cursor());
  auto items = TRY(collect(stop));
  const std::size_t count = items.size();
  for (std::size_t from = 0; from < count; from += kBatchItems) {
    const std::size_t to = std::min(count, from + kBatchItems);
    std::vector<RawItem> batch;
    for (std::size_t i = from; i < to; ++i) {
      remember(items[i].key);
      batch.push_back(std::move(items[i].raw));
    }
    auto stored = inlet_.accept(std::move(batch), kCursorName, cursor_value());
    if (!stored.ok()) {
      // Not durable: forget what we thought we had, and read the stored cursor again.
      loaded_ = false;
      known_.clear();
      known_set_.clear();
      return std::move(stored).error();
    }
  }
  if (first_time_) {
    if (count == 0) TRY(state_.set_cursor(kCursorName, cursor_value()));
    first_time_ = false;
  }
  if (count > 0) {
    // The items are safe; a badge that stays on in the network's own app is not worth an error.
    if (auto seen = mark_seen(stop); !seen.ok())
      log::debug("bluesky: updateSeen failed", {{"account_id", account_.id}});
  }
  return count;
}

Result<bool> NotificationReader::is_deleted(const std::string& uri, std::stop_token stop) {
  const auto parts = parse_post_uri(uri);
  if (!parts) return false;
  const auto author = TRY(resolve_did(tools_, options_, std::string(parts->authority), stop));
  XrpcCall call;
  call.nsid = "com.atproto.repo.getRecord";
  call.params = {{"repo", std::string(parts->authority)},
                 {"collection", std::string(parts->collection)},
                 {"rkey", std::string(parts->rkey)}};
  call.timeout_ms = 5'000;
  const auto answer = xrpc_.open_call(author.pds_url, call, stop);
  if (answer.ok()) return false;
  if (answer.error().code == "RecordNotFound") return true;
  return answer.error();
}

Result<void> NotificationReader::recheck(std::stop_token stop) {
  if (to_check_.empty()) {
    const TimeMs now = tools_.clock.monotonic_ms();
    if (next_round_at_ == 0) next_round_at_ = now + options_.recheck_interval_ms;
    if (now < next_round_at_) return {};
    next_round_at_ = now + options_.recheck_interval_ms;
    missing_before_ = std::move(missing_now_);
    missing_now_.clear();
    for (auto& post : TRY(inlet_.recent_posts(kRecheckPosts))) {
      if (parse_post_uri(post.external_id)) to_check_.push_back(std::move(post));
    }
    if (to_check_.empty()) return {};
  }
  const std::size_t count = std::min(kPostsPerCall, to_check_.size());
  const std::vector<HeldPost> chunk(to_check_.end() - static_cast<std::ptrdiff_t>(count), to_check_.end());
  // Asked without our account: a customer who blocks us has not deleted anything, but would be missing for
  // us.
  XrpcCall call;
  call.nsid = "app.bsky.feed.getPosts";
  for (const auto& post : chunk) call.params.emplace_back("uris", post.external_id);
  const std::string body = TRY(xrpc_.open_call(options_.appview_url, call, stop));
  const auto document = TRY(JsonDocument::parse(body, JsonLimits{16 << 20, 64}));
  if (!document.root()["posts"].is_array()) return unavailable("the AppView's answer cannot be read");
  to_check_.resize(to_check_.size() - count);
  std::map<std::string, JsonView, std::less<>> there;
  TRY(document.root()["posts"].each([&](JsonView post) -> Result<void> {
    there.emplace(post["uri"].text(), post);
    return {};
  }));
  std::vector<RawItem> changes;
  std::size_t asked = 0;
  for (const auto& [uri, revision] : chunk) {
    if (const auto found = there.find(uri); found != there.end()) {
      const auto cid = found->second["cid"].text();
      if (!revision.empty() && !cid.empty() && cid != revision && found->second["record"].is_object())
        changes.push_back({std::string(kRecordSource), edit_body(found->second, tools_.clock.now_ms())});
      continue;
    }
    // Only what was missing in two rounds is asked for: the AppView may not have seen a new post yet.
    if (!missing_before_.contains(uri) || asked == kAskedPerStep) {
      missing_now_.insert(uri);
      continue;
    }
    ++asked;
    const auto deleted = is_deleted(uri, stop);
    if (!deleted.ok()) {
      missing_now_.insert(uri);  // away, deactivated …: no proof of anything; asked again in the next round
    } else if (*deleted) {
      changes.push_back({std::string(kDeletionSource), deletion_body(uri, tools_.clock.now_ms())});
    }
  }
  if (!changes.empty()) TRY(inlet_.accept(std::move(changes)));
  return {};
}

Result<void> NotificationReader::run(std::stop_token stop) {
  const bool listener =
      account_.kind == "listener";  // hears the public stream elsewhere; here only the check
  Backoff backoff(tools_.random);
  while (!stop.stop_requested()) {
    std::int64_t pause_ms = options_.poll_interval_ms;
    if (!listener) {
      const auto polled = poll(stop);
      if (polled.ok()) {
        backoff.reset();
        health("ok", "");
      } else {
        const Error& error = polled.error();
        if (error.kind == ErrorKind::kCancelled || stop.stop_requested()) return {};
        if (error.kind == ErrorKind::kUnauthenticated) {
          health("action_needed", status_detail(error));
          return error;
        }
        health("waiting", status_detail(error));
        log::info("bluesky: polling failed",
                  {{"account_id", account_.id}, {"kind", name(error.kind)}, {"message", error.message}});
        pause_ms = std::max(backoff.next_ms(), error.retry_after_ms);
      }
    }
    if (auto checked = recheck(stop); !checked.ok() && checked.error().kind != ErrorKind::kCancelled) {
      log::debug("bluesky: the check for deletions failed",
                 {{"account_id", account_.id}, {"message", checked.error().message}});
    }
    if (!wait_ms(stop, pause_ms)) return {};
  }
  return {};
}

}  // namespace kiki::channels::bluesky
