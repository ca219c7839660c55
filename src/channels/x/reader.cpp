#include "channels/x/reader.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/log.hpp"
#include "channels/x/json_read.hpp"
#include "channels/x/parse.hpp"
#include "channels/x/spend.hpp"
#include "channels/x/subscribe.hpp"
#include "channels/x/wait.hpp"
#include "channels/x/webhook.hpp"

namespace kiki::channels::x {

namespace {

constexpr std::size_t kBatchItems = 200;
constexpr std::int64_t kLongestPauseMs = 15 * 60'000;

bool needs_person(const Error& error) {
  return error.kind == ErrorKind::kUnauthenticated;
}

}  // namespace

Params post_fields() {
  return {
      {"tweet.fields",
       "created_at,author_id,conversation_id,in_reply_to_user_id,referenced_tweets,attachments,entities,"
       "lang,edit_history_tweet_ids,note_tweet,display_text_range"},
      {"expansions", "author_id,attachments.media_keys,referenced_tweets.id,referenced_tweets.id.author_id"},
      {"user.fields", "id,name,username,profile_image_url,description,public_metrics"},
      {"media.fields", "media_key,type,url,preview_image_url,alt_text,width,height,variants"}};
}

void Reader::health(std::string_view status, std::string_view detail) {
  if (health_status_ == status && health_detail_ == detail) return;
  health_status_ = status;
  health_detail_ = detail;
  inlet_.health(status, detail);
}

bool Reader::is_called(std::string_view event) const {
  const auto seen = state_.cursor(kWebhookSeen);
  const auto agreed = state_.cursor(kWebhookEvents);
  return seen.ok() && agreed.ok() && tools_.clock.now_ms() - number_of(*seen) < kWebhookFreshMs &&
         agreed->find(" " + std::string(event) + " ") != std::string::npos;
}

// How many results the day's budget still allows to ask for.
std::int64_t Reader::affordable(std::int64_t price, std::int64_t least, std::int64_t most) {
  const auto budget = budget_of(account_);
  if (budget <= 0) return most;
  const auto used = state_.cursor(spend_counter(tools_.clock.now_ms()));
  const auto left = budget - (used.ok() ? number_of(*used) : 0);
  return std::clamp(left / price, least, most);
}

// Oldest first, and the cursor with each batch: what is durable is not read again.
Result<std::size_t> Reader::keep(std::vector<RawItem> items, std::vector<std::string> ids,
                                 std::string_view cursor) {
  const auto count = items.size();
  for (std::size_t from = 0; from < count; from += kBatchItems) {
    const auto to = std::min(count, from + kBatchItems);
    std::vector<RawItem> batch(std::make_move_iterator(items.begin() + static_cast<std::ptrdiff_t>(from)),
                               std::make_move_iterator(items.begin() + static_cast<std::ptrdiff_t>(to)));
    TRY(inlet_.accept(std::move(batch), cursor, ids[to - 1]));
  }
  return count;
}

Result<std::size_t> Reader::poll_mentions(std::stop_token stop) {
  const auto since = TRY(state_.cursor(kMentionsCursor));
  const bool first = !is_id(since);
  const auto oldest = tools_.clock.now_ms() - kFirstLookBackMs;
  std::vector<PageItem> found;  // newest first
  std::string next;
  for (int page = 0; page < (first ? 1 : kMentionPagesLimit); ++page) {
    const auto asked = affordable(price::kOwnedRead, 5, 100);
    ApiCall call;
    call.path = "/2/users/" + account_.external_id + "/mentions";
    call.query = post_fields();
    call.query.emplace_back("max_results", std::to_string(asked));
    if (!first) call.query.emplace_back("since_id", since);
    if (!next.empty()) call.query.emplace_back("pagination_token", next);
    call.cost = asked * price::kOwnedRead;
    const auto now_ms = tools_.clock.now_ms();
    const auto body = TRY(api_.call(account_, state_, call, stop));
    auto items = TRY(split_page(body, kPostSource));
    give_back(state_, (asked - std::min<std::int64_t>(asked, std::ssize(items))) * price::kOwnedRead, now_ms);
    for (auto& item : items) {
      if (first && time_of_id(item.id) < oldest) continue;
      if (first || id_less(since, item.id)) found.push_back(std::move(item));
    }
    const auto document = TRY(JsonDocument::parse(body, JsonLimits{16 << 20, 64}));
    next = document.root()["meta"]["next_token"].text();
    if (next.empty()) break;
    if (page + 1 == kMentionPagesLimit)
      log::warning("x: more mentions than X keeps for us", {{"account_id", account_.id}});
  }
  // X gives them by time; what came in another order is put right, or the cursor would pass over some.
  std::ranges::sort(found, [](const auto& a, const auto& b) { return id_less(a.id, b.id); });
  std::vector<RawItem> items;
  std::vector<std::string> ids;
  for (auto& item : found) {
    items.push_back(std::move(item.raw));
    ids.push_back(std::move(item.id));
  }
  return keep(std::move(items), std::move(ids), kMentionsCursor);
}

Result<std::size_t> Reader::poll_messages(std::stop_token stop) {
  const auto since = TRY(state_.cursor(kMessagesCursor));
  const bool first = !is_id(since);
  const auto oldest = tools_.clock.now_ms() - kFirstLookBackMs;
  std::vector<PageItem> found;
  std::string next;
  for (int page = 0; page < (first ? 1 : kMessagePagesLimit); ++page) {
    // There is no since_id here: a few at first, more when none of them is known.
    const auto asked = affordable(price::kMessageRead, 1, page == 0 && !first ? 10 : 50);
    ApiCall call;
    call.path = "/2/dm_events";
    call.query = {{"max_results", std::to_string(asked)},
                  {"event_types", "MessageCreate"},
                  {"dm_event.fields",
                   "id,event_type,text,sender_id,dm_conversation_id,created_at,attachments,entities"},
                  {"expansions", "sender_id,attachments.media_keys"},
                  {"user.fields", "id,name,username,profile_image_url,description,public_metrics"},
                  {"media.fields", "media_key,type,url,preview_image_url,alt_text,width,height,variants"}};
    if (!next.empty()) call.query.emplace_back("pagination_token", next);
    call.cost = asked * price::kMessageRead;
    const auto now_ms = tools_.clock.now_ms();
    const auto body = TRY(api_.call(account_, state_, call, stop));
    auto items = TRY(split_page(body, kMessageSource));
    bool met_known = items.empty();
    std::int64_t fresh = 0;
    for (auto& item : items) {
      if (first ? time_of_id(item.id) < oldest : !id_less(since, item.id)) {
        met_known = true;
        continue;
      }
      ++fresh;
      found.push_back(std::move(item));
    }
    // The same message read again the same day is not billed again.
    give_back(state_, (asked - fresh) * price::kMessageRead, now_ms);
    const auto document = TRY(JsonDocument::parse(body, JsonLimits{16 << 20, 64}));
    next = document.root()["meta"]["next_token"].text();
    if (met_known || next.empty()) break;
  }
  std::ranges::sort(found, [](const auto& a, const auto& b) { return id_less(a.id, b.id); });
  std::vector<RawItem> items;
  std::vector<std::string> ids;
  for (auto& item : found) {
    items.push_back(std::move(item.raw));
    ids.push_back(std::move(item.id));
  }
  return keep(std::move(items), std::move(ids), kMessagesCursor);
}

Result<void> Reader::recheck(std::stop_token stop) {
  const auto now_ms = tools_.clock.now_ms();
  const auto last = TRY(state_.cursor("recheck_at"));
  if (last.empty()) return state_.set_cursor("recheck_at", std::to_string(now_ms));
  if (now_ms - number_of(last) < kRecheckMs) return {};
  std::string ids;
  std::vector<HeldPost> held;
  for (auto& post : TRY(inlet_.recent_posts(kRecheckPosts * 2))) {
    const auto id = is_id(post.revision) ? std::string_view(post.revision) : post_id_of(post.external_id);
    if (post_id_of(post.external_id).empty() || id.empty() || held.size() == kRecheckPosts) continue;
    ids += (ids.empty() ? "" : ",") + std::string(id);
    held.push_back(std::move(post));
  }
  std::vector<RawItem> changes;
  if (!held.empty()) {
    ApiCall call;
    call.path = "/2/tweets";
    call.query = post_fields();
    call.query.emplace_back("ids", ids);
    call.cost = std::ssize(held) * price::kPostRead;
    const auto body = TRY(api_.call(account_, state_, call, stop));
    for (auto& item : TRY(split_page(body, kPostSource))) {
      const auto document = JsonDocument::parse(item.raw.body, JsonLimits{4 << 20, 64});
      if (!document.ok()) continue;
      std::string newest = item.id;
      std::string first = item.id;
      for_each(either(document->root()["data"], "edit_history_tweet_ids", "edit_history_post_ids"),
               [&](JsonView one) {
                 if (!is_id(one.text())) return;
                 if (id_less(newest, one.text())) newest = one.text();
                 if (id_less(one.text(), first)) first = one.text();
               });
      if (newest == item.id) continue;
      // Edited: the newest version's own text.
      ApiCall again;
      again.path = "/2/tweets/" + newest;
      again.budget = "/2/tweets/:id";
      again.query = post_fields();
      again.cost = price::kPostRead;
      auto edited = api_.call(account_, state_, again, stop);
      if (!edited.ok()) continue;
      for (auto& version : TRY(split_page(*edited, kPostSource))) changes.push_back(std::move(version.raw));
    }
    const auto document = TRY(JsonDocument::parse(body, JsonLimits{16 << 20, 64}));
    for_each(document.root()["errors"], [&](JsonView one) {
      // Only what is gone: a protected or suspended account's post is not-authorized-for-resource.
      if (!one["type"].text().ends_with("/resource-not-found")) return;
      const auto gone = one["resource_id"].text().empty() ? one["value"].text() : one["resource_id"].text();
      for (const auto& post : held) {
        if (post.revision != gone && post_id_of(post.external_id) != gone) continue;
        changes.push_back(
            {std::string(kDeletionSource), json::serialize(json::object{{"id", post_id_of(post.external_id)},
                                                                        {"time", to_rfc3339(now_ms)}})});
      }
    });
  }
  return inlet_.accept(std::move(changes), "recheck_at", std::to_string(now_ms));
}

Result<void> Reader::run(std::stop_token stop) {
  if (account_.kind != "account") return {};
  bool first_round = true;
  TimeMs mentions_at = 0;
  TimeMs messages_at = 0;
  int failures = 0;
  std::string messages_closed;  // why there are none to read
  while (!stop.stop_requested()) {
    std::optional<Error> trouble;
    if (tools_.clock.monotonic_ms() >= mentions_at && (first_round || !is_called("post.mention.create"))) {
      const auto polled = poll_mentions(stop);
      mentions_at = tools_.clock.monotonic_ms() + options_.poll_interval_ms;
      if (!polled.ok()) {
        trouble = polled.error();
        if (polled.error().retry_after_ms > 0)
          mentions_at =
              tools_.clock.monotonic_ms() + std::min(polled.error().retry_after_ms, kLongestPauseMs);
      }
    }
    if (tools_.clock.monotonic_ms() >= messages_at && (first_round || !is_called("dm.received")) &&
        !(trouble && needs_person(*trouble))) {
      const auto polled = poll_messages(stop);
      messages_at = tools_.clock.monotonic_ms() + options_.messages_interval_ms;
      if (polled.ok()) {
        messages_closed.clear();
      } else if (polled.error().kind == ErrorKind::kForbidden) {
        // An app without the right to read messages still hears the public.
        messages_closed = "direct messages cannot be read: " + polled.error().message;
        messages_at = tools_.clock.monotonic_ms() + kLongestPauseMs;
      } else {
        trouble = polled.error();
        if (polled.error().retry_after_ms > 0)
          messages_at =
              tools_.clock.monotonic_ms() + std::min(polled.error().retry_after_ms, kLongestPauseMs);
      }
    }
    if (stop.stop_requested()) return {};
    std::int64_t pause_ms = std::min(options_.poll_interval_ms, options_.messages_interval_ms);
    if (!trouble) {
      failures = 0;
      first_round = false;
      health("ok", messages_closed);
      if (auto checked = recheck(stop); !checked.ok())
        log::debug("x: the check for deletions failed",
                   {{"account_id", account_.id}, {"message", checked.error().message}});
    } else if (needs_person(*trouble)) {
      health("action_needed", trouble->message);
      return *trouble;
    } else if (trouble->kind != ErrorKind::kCancelled) {
      health("waiting", trouble->message);
      log::info("x: reading failed",
                {{"account_id", account_.id}, {"kind", name(trouble->kind)}, {"message", trouble->message}});
      failures = std::min(failures + 1, 9);
      if (trouble->kind != ErrorKind::kRateLimited) {
        const auto step = std::min<std::int64_t>(options_.backoff_unit_ms << failures, 60'000);
        pause_ms = step / 2 +
                   static_cast<std::int64_t>(tools_.random.below(static_cast<std::uint64_t>(step / 2 + 1)));
        mentions_at = messages_at = 0;
      }
    }
    if (!wait_ms(stop, pause_ms)) return {};
  }
  return {};
}

}  // namespace kiki::channels::x
