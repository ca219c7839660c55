#include "channels/x/reader.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/log.hpp"
#include "channels/contract/status_detail.hpp"
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

bool Reader::is_told(std::string_view event) const {
  if (is_called(state_, event, tools_.clock.now_ms())) return true;
  if (!seat_ || !seat_->is_connected()) return false;
  const auto agreed = state_.cursor(kStreamEvents);
  return agreed.ok() && agreed->find(" " + std::string(event) + " ") != std::string::npos;
}

// At the app's stream while X agreed to it and there is money for what it brings.
void Reader::take_seat(std::stop_token stop) {
  const auto agreed = state_.cursor(kStreamEvents);
  const bool wanted = agreed.ok() && !agreed->empty() && affordable(price::kPostRead, 0, 1) > 0;
  if (!wanted) {
    seat_.reset();
    return;
  }
  const auto token = api_.app_token(account_, state_, stop);
  if (!token.ok()) {
    log::info("x: the stream needs the app's token",
              {{"account_id", account_.id}, {"message", token.error().message}});
    seat_.reset();
  } else if (!seat_ || seat_->token() != *token) {
    seat_.reset();
    seat_ = streams_.join(*token, account_, state_, inlet_);
  }
}

// How many results the day's budget still allows to ask for.
std::int64_t Reader::affordable(std::int64_t price, std::int64_t least, std::int64_t most) {
  return std::clamp(left_of_budget(account_, state_, tools_.clock.now_ms()) / price, least, most);
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

// X gives them by time; what came in another order is put right, or the cursor would pass over some.
Result<std::size_t> Reader::keep_in_order(std::vector<PageItem> found, std::string_view cursor) {
  std::ranges::sort(found, [](const auto& a, const auto& b) { return id_less(a.id, b.id); });
  std::vector<RawItem> items;
  std::vector<std::string> ids;
  for (auto& item : found) {
    items.push_back(std::move(item.raw));
    ids.push_back(std::move(item.id));
  }
  return keep(std::move(items), std::move(ids), cursor);
}

Result<std::vector<PageItem>> Reader::ask_page(ApiCall call, std::int64_t asked, std::string& next,
                                               std::stop_token stop) {
  call.query.emplace_back("max_results", std::to_string(asked));
  if (!next.empty()) call.query.emplace_back("pagination_token", next);
  call.cost = asked * price::kOwnedRead;
  const auto now_ms = tools_.clock.now_ms();
  const auto body = TRY(api_.call(account_, state_, call, stop));
  auto items = TRY(split_page(body, kPostSource));
  give_back(state_, (asked - std::min<std::int64_t>(asked, std::ssize(items))) * price::kOwnedRead, now_ms);
  const auto document = TRY(JsonDocument::parse(body, JsonLimits{16 << 20, 64}));
  next = document.root()["meta"]["next_token"].text();
  return items;
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
    if (!first) call.query.emplace_back("since_id", since);
    for (auto& item : TRY(ask_page(std::move(call), asked, next, stop))) {
      if (first && time_of_id(item.id) < oldest) continue;
      if (first || id_less(since, item.id)) found.push_back(std::move(item));
    }
    if (next.empty()) break;
    if (page + 1 == kMentionPagesLimit)
      log::warning("x: more mentions than X keeps for us", {{"account_id", account_.id}});
  }
  return keep_in_order(std::move(found), kMentionsCursor);
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
  return keep_in_order(std::move(found), kMessagesCursor);
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

Result<std::size_t> Reader::poll_own(TimeMs opened_at, std::stop_token stop) {
  if (own_since_.empty()) {
    constexpr TimeMs kBeforeMs = 120'000;  // X's clock and ours
    const auto opened = std::max<TimeMs>(0, opened_at + api_.skew_ms() - kBeforeMs - kSnowflakeEpochMs) << 22;
    own_since_ = std::to_string(opened);
    // Where we were before a restart: one opened earlier may be awaited as well.
    const auto kept = TRY(state_.cursor(kOwnCursor));
    if (!none_awaited_ && is_id(kept) && id_less(kept, own_since_) &&
        tools_.clock.now_ms() - time_of_id(kept) < 2 * kRecheckMs)
      own_since_ = kept;
  }
  std::vector<PageItem> found;
  std::string newest = own_since_;
  std::string next;
  for (int page = 0; page < kOwnPagesLimit; ++page) {
    const auto asked = affordable(price::kOwnedRead, 5, page == 0 ? 20 : 100);
    ApiCall call;
    call.path = "/2/users/" + account_.external_id + "/tweets";
    call.query = post_fields();
    call.query.emplace_back("exclude", "retweets");
    call.query.emplace_back("since_id", own_since_);
    for (auto& item : TRY(ask_page(std::move(call), asked, next, stop))) {
      if (id_less(newest, item.id)) newest = item.id;
      // Only an answer can be what is awaited.
      const auto document = JsonDocument::parse(item.raw.body, JsonLimits{4 << 20, 64});
      if (document.ok() &&
          either(document->root()["data"], "referenced_tweets", "referenced_posts").is_array())
        found.push_back(std::move(item));
    }
    if (next.empty()) break;
  }
  const auto count = TRY(keep_in_order(std::move(found), kOwnCursor));
  own_since_ = newest;
  return count;
}

void Reader::note_heard(std::size_t posts) {
  constexpr std::int64_t kStepMs = 60'000;
  const auto now_ms = tools_.clock.now_ms();
  const auto before = state_.cursor(kHeardAt);
  if (!before.ok() || now_ms - number_of(*before) < kStepMs) return;
  const auto away_ms =
      std::max<std::int64_t>(kAwayMs, 2 * std::min(options_.poll_interval_ms, options_.messages_interval_ms));
  if (!before->empty() && now_ms - number_of(*before) > away_ms)
    inlet_.gap_closed(static_cast<std::int64_t>(posts), number_of(*before));
  if (auto kept = state_.set_cursor(kHeardAt, std::to_string(now_ms)); !kept.ok())
    log::warning("x: when all was heard was not kept", kept.error());
}

struct Reader::Round {
  bool first = true;
  TimeMs mentions_at = 0, messages_at = 0, own_at = 0;  // when to ask next
  TimeMs mentions_asked = 0, messages_asked = 0;
  // What went wrong when it was asked last: it is so until it is asked again, also while nothing is due.
  std::optional<Error> mentions_failed, messages_failed;
  std::string messages_closed;  // why there are none to read
  std::size_t came = 0;         // since all was heard last
};

// Whatever is due. Returns what went wrong.
std::optional<Error> Reader::look(Round& round, std::stop_token stop) {
  const auto now = tools_.clock.monotonic_ms();
  if (seat_ && seat_->take_reconnected()) round.first = true, round.mentions_at = round.messages_at = 0;
  const auto due = [&](TimeMs at, TimeMs asked, bool failed, std::string_view event) {
    return now >= at && (round.first || failed || !is_told(event) || now - asked >= kWebhookFreshMs);
  };
  const auto next = [&](const Error* error, std::int64_t interval_ms) {
    const auto wait = error != nullptr ? std::min(error->retry_after_ms, kLongestPauseMs) : 0;
    return tools_.clock.monotonic_ms() + (wait > 0 ? wait : interval_ms);
  };
  if (due(round.mentions_at, round.mentions_asked, round.mentions_failed.has_value(),
          "post.mention.create")) {
    const auto polled = poll_mentions(stop);
    round.mentions_failed.reset();
    if (polled.ok()) {
      round.came += *polled;
      round.mentions_asked = now;
    } else {
      round.mentions_failed = polled.error();
    }
    round.mentions_at = next(polled.ok() ? nullptr : &polled.error(), options_.poll_interval_ms);
  }
  if (due(round.messages_at, round.messages_asked, round.messages_failed.has_value(), "dm.received") &&
      !(round.mentions_failed && needs_person(*round.mentions_failed))) {
    const auto polled = poll_messages(stop);
    round.messages_failed.reset();
    round.messages_at = next(polled.ok() ? nullptr : &polled.error(), options_.messages_interval_ms);
    if (polled.ok()) {
      round.came += *polled;
      round.messages_asked = now;
      round.messages_closed.clear();
    } else if (polled.error().kind == ErrorKind::kForbidden) {
      // An app without the right to read messages still hears the public.
      round.messages_closed = status_detail("no_messages", polled.error().message);
      round.messages_at = tools_.clock.monotonic_ms() + kLongestPauseMs;
    } else {
      round.messages_failed = polled.error();
    }
  }
  return round.mentions_failed ? round.mentions_failed : round.messages_failed;
}

void Reader::look_for_own(Round& round, std::stop_token stop) {
  const auto now = tools_.clock.monotonic_ms();
  if (now < round.own_at) return;
  round.own_at = now + options_.poll_interval_ms;
  const auto opened_at = inlet_.awaits_own_post();
  if (!opened_at.ok()) return;
  if (*opened_at == 0) {
    own_since_.clear();
    none_awaited_ = true;
    return;
  }
  if (is_told("post.create")) return;
  if (tools_.clock.now_ms() - *opened_at > kOwnSoonMs)
    round.own_at = now + std::max(options_.poll_interval_ms, kLongestPauseMs);
  const auto polled = poll_own(*opened_at, stop);
  if (polled.ok()) return;
  log::info("x: our own posts could not be read",
            {{"account_id", account_.id}, {"message", polled.error().message}});
  if (polled.error().retry_after_ms > 0)
    round.own_at = now + std::min(polled.error().retry_after_ms, kLongestPauseMs);
}

Result<void> Reader::run(std::stop_token stop) {
  if (account_.kind != "account") return {};
  // X was told by a version that did not keep this; nobody tells it again.
  if (auto noted = note_door(state_); !noted.ok())
    log::warning("x: by which door it hears was not kept", noted.error());
  Round round;
  int failures = 0;
  while (!stop.stop_requested()) {
    take_seat(stop);
    const auto trouble = look(round, stop);
    if (stop.stop_requested()) return {};
    std::int64_t pause_ms = std::min(options_.poll_interval_ms, options_.messages_interval_ms);
    if (!trouble) {
      failures = 0;
      round.first = false;
      look_for_own(round, stop);
      note_heard(std::exchange(round.came, 0));
      const auto why = seat_ ? seat_->trouble() : std::string();
      const std::string by = !seat_                  ? ""
                             : seat_->is_connected() ? "by_stream"
                                                     : status_detail("stream_away", why);
      health("ok", round.messages_closed.empty() ? by : round.messages_closed);
      if (auto checked = recheck(stop); !checked.ok())
        log::debug("x: the check for deletions failed",
                   {{"account_id", account_.id}, {"message", checked.error().message}});
    } else if (needs_person(*trouble)) {
      health("action_needed", status_detail(*trouble));
      return *trouble;
    } else if (trouble->kind != ErrorKind::kCancelled) {
      health("waiting", status_detail(*trouble));
      log::info("x: reading failed",
                {{"account_id", account_.id}, {"kind", name(trouble->kind)}, {"message", trouble->message}});
      failures = std::min(failures + 1, 9);
      if (trouble->kind != ErrorKind::kRateLimited) {
        const auto step = std::min<std::int64_t>(options_.backoff_unit_ms << failures, 60'000);
        pause_ms = step / 2 +
                   static_cast<std::int64_t>(tools_.random.below(static_cast<std::uint64_t>(step / 2 + 1)));
        round.mentions_at = round.messages_at = 0;
      }
    }
    // The stream that is there again wakes us, for what came before it.
    if (!(seat_ ? seat_->wait(stop, pause_ms) : wait_ms(stop, pause_ms))) return {};
  }
  return {};
}

}  // namespace kiki::channels::x
