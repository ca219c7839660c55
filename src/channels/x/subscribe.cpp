#include "channels/x/subscribe.hpp"

#include <array>
#include <boost/json.hpp>
#include <map>

#include "base/log.hpp"
#include "channels/contract/door.hpp"
#include "channels/x/json_read.hpp"
#include "channels/x/parse.hpp"

namespace kiki::channels::x {

namespace {

struct Wanted {
  const char* event;
  bool needed;  // without it the webhook is of no use
};

// post.mention.create does not fire for implied names, post.reply.create only for direct answers: both, and
// the post's id tells repeats. What an app may not have is left out; polling brings it.
constexpr std::array<Wanted, 10> kWanted = {{{"post.mention.create", true},
                                             {"post.reply.create", false},
                                             {"post.quote.create", false},
                                             {"post.create", false},
                                             {"post.delete", false},
                                             {"dm.received", false},
                                             {"dm.sent", false},
                                             {"chat.received", false},
                                             {"follow.follow", false},
                                             {"follow.unfollow", false}}};

constexpr int kPagesLimit = 20;

std::string path_of(std::string_view url) {
  const auto scheme = url.find("://");
  const auto begin = scheme == std::string_view::npos ? scheme : url.find('/', scheme + 3);
  return begin == std::string_view::npos ? std::string() : std::string(url.substr(begin));
}

Result<std::string> make_webhook(Api& api, const Account& account, AccountState& state,
                                 std::string_view webhook_url, std::stop_token stop) {
  ApiCall list;
  list.path = "/2/webhooks";
  list.as = As::kApp;
  auto known = api.call(account, state, list, stop);
  if (known.ok()) {
    const auto document = TRY(JsonDocument::parse(*known));
    std::string id;
    bool valid = false;
    std::vector<std::string> older;  // of this account, from when the desk had another address
    for_each(document.root()["data"], [&](JsonView one) {
      const auto url = one["url"].text();
      if (!is_id(one["id"].text())) return;
      if (url == webhook_url) {
        id = one["id"].text();
        valid = one["valid"].raw() == "true";
      } else if (path_of(url) == path_of(webhook_url)) {
        older.emplace_back(one["id"].text());
      }
    });
    for (const auto& old : older) {
      ApiCall drop;
      drop.method = "DELETE";
      drop.path = "/2/webhooks/" + old;
      drop.budget = "/2/webhooks/:id";
      drop.as = As::kApp;
      if (auto dropped = api.call(account, state, drop, stop); !dropped.ok())
        log::info("x: an old webhook stays", {{"message", dropped.error().message}});
    }
    if (!id.empty() && !valid) {
      ApiCall again;
      again.method = "PUT";
      again.path = "/2/webhooks/" + id;
      again.budget = "/2/webhooks/:id";
      again.as = As::kApp;
      TRY(api.call(account, state, again, stop));
    }
    if (!id.empty()) return id;
  } else if (known.error().code != "no_app_token") {
    return std::move(known).error();
  }
  ApiCall make;
  make.method = "POST";
  make.path = "/2/webhooks";
  make.as = known.ok() ? As::kApp : As::kUser;
  make.body = json::serialize(json::object{{"url", webhook_url}});
  const auto made = TRY(api.call(account, state, make, stop));
  const auto document = TRY(JsonDocument::parse(made));
  const auto root = document.root();
  const auto id = (root["data"].is_object() ? root["data"]["id"] : root["id"]).text();
  if (!is_id(id)) return unavailable("X did not name the webhook");
  return std::string(id);
}

// What X knows of this account: event → subscription.
struct Subscription {
  std::string id;
  std::string webhook_id;
};
using Subscriptions = std::map<std::string, Subscription, std::less<>>;

Result<Subscriptions> subscriptions_there(Api& api, const Account& account, AccountState& state,
                                          std::stop_token stop) {
  Subscriptions there;
  std::string next;
  for (int page = 0; page < kPagesLimit; ++page) {
    ApiCall list;
    list.path = "/2/activity/subscriptions";
    if (!next.empty()) list.query.emplace_back("pagination_token", next);
    const auto known = TRY(api.call(account, state, list, stop));
    const auto document = TRY(JsonDocument::parse(known, JsonLimits{16 << 20, 64}));
    for_each(document.root()["data"], [&](JsonView one) {
      if (one["filter"]["user_id"].text() == account.external_id && is_id(one["subscription_id"].text()))
        there[std::string(one["event_type"].text())] = {std::string(one["subscription_id"].text()),
                                                        std::string(one["webhook_id"].text())};
    });
    next = document.root()["meta"]["next_token"].text();
    if (next.empty()) break;
  }
  return there;
}

// Everything we want by this door ("" = the stream alone); kept in `cursor`.
Result<void> subscribe_to_events(Api& api, const Account& account, AccountState& state,
                                 const std::string& webhook_id, std::string_view cursor,
                                 std::stop_token stop) {
  const auto there = TRY(subscriptions_there(api, account, state, stop));
  std::string agreed = " ";
  for (const auto& [event, needed] : kWanted) {
    ApiCall make;
    make.path = "/2/activity/subscriptions";
    if (const auto known = there.find(event); known == there.end()) {
      json::object body{{"event_type", event},
                        {"filter", json::object{{"user_id", account.external_id}}},
                        {"tag", std::string("kikimimi ") + event}};
      if (!webhook_id.empty()) body["webhook_id"] = webhook_id;
      make.method = "POST";
      make.body = json::serialize(body);
    } else if (webhook_id.empty() || known->second.webhook_id == webhook_id) {
      agreed += std::string(event) + " ";  // what has a webhook comes by the stream as well
      continue;
    } else {  // made for the stream, or for another address
      make.method = "PUT";
      make.path += "/" + known->second.id;
      make.budget = "/2/activity/subscriptions/:id";
      make.as = As::kApp;
      make.body = json::serialize(json::object{{"webhook_id", webhook_id}});
    }
    auto made = api.call(account, state, make, stop);
    if (made.ok() || made.error().kind == ErrorKind::kConflict) {
      agreed += std::string(event) + " ";
      continue;
    }
    const auto kind = made.error().kind;
    if (needed || kind == ErrorKind::kUnavailable || kind == ErrorKind::kUnauthenticated ||
        kind == ErrorKind::kRateLimited)
      return std::move(made).error();
    log::info("x: an event cannot be subscribed to",
              {{"account_id", account.id}, {"event", event}, {"message", made.error().message}});
  }
  return state.set_cursor(cursor, agreed);
}

Result<void> subscribe_webhook(Api& api, const Account& account, AccountState& state,
                               std::string_view webhook_url, std::stop_token stop) {
  if (TRY(state.secret(kConsumerSecret)).empty())
    return Error{
        ErrorKind::kUnprocessable,
        "X's calls can only be checked with the app's consumer secret; until then this desk listens to "
        "X's stream, or asks",
        "consumer_secret", "no_consumer_secret", 0};
  const auto webhook_id = TRY(make_webhook(api, account, state, webhook_url, stop));
  TRY(state.set_cursor(kWebhookId, webhook_id));
  return subscribe_to_events(api, account, state, webhook_id, kWebhookEvents, stop);
}

// A desk without the app's token, or whose contract has no such events, asks instead: nobody need do
// anything.
Result<void> subscribe_stream(Api& api, const Account& account, AccountState& state, std::stop_token stop) {
  auto agreed = api.app_token(account, state, stop);
  Result<void> told;
  if (agreed.ok()) {
    told = subscribe_to_events(api, account, state, "", kStreamEvents, stop);
  } else {
    told = std::move(agreed).error();
  }
  if (told.ok()) return told;
  const auto kind = told.error().kind;
  if (kind == ErrorKind::kUnavailable || kind == ErrorKind::kRateLimited || kind == ErrorKind::kCancelled)
    return told;  // tried again
  log::info("x: no events by the stream, so it is asked",
            {{"account_id", account.id}, {"message", told.error().message}});
  return state.set_cursor(kStreamEvents, "");
}

// X bills what it is to tell, also when nobody wants it any more.
Result<void> unsubscribe(Api& api, const Account& account, AccountState& state, std::stop_token stop) {
  const auto there = TRY(subscriptions_there(api, account, state, stop));
  for (const auto& [event, known] : there) {
    ApiCall drop;
    drop.method = "DELETE";
    drop.path = "/2/activity/subscriptions/" + known.id;
    drop.budget = "/2/activity/subscriptions/:id";
    drop.as = As::kApp;
    if (auto dropped = api.call(account, state, drop, stop);
        !dropped.ok() && dropped.error().kind != ErrorKind::kNotFound)
      return std::move(dropped).error();
  }
  return state.set_cursor(kWebhookId, "");
}

}  // namespace

std::string door_of(const Account& account) {
  const auto door = setting(account, "door");
  return door == "both" || door == "ask" ? door : "auto";
}

Result<void> note_door(AccountState& state) {
  const bool called = !TRY(state.cursor(kWebhookEvents)).empty();
  const bool streamed = !TRY(state.cursor(kStreamEvents)).empty();
  return state.set_cursor(kDoor, called ? "webhook" : streamed ? "stream" : "asking");
}

namespace {

Result<void> open_doors(Api& api, const Account& account, AccountState& state, std::string_view webhook_url,
                        std::stop_token stop) {
  const auto door = door_of(account);
  Result<void> called;
  if (door == "ask" && (!TRY(state.cursor(kWebhookId)).empty() || !TRY(state.cursor(kStreamEvents)).empty()))
    TRY(unsubscribe(api, account, state, stop));
  if (door == "ask" || webhook_url.empty()) {
    TRY(state.set_cursor(kWebhookEvents, ""));
  } else {
    called = subscribe_webhook(api, account, state, webhook_url, stop);
    if (!called.ok()) TRY(state.set_cursor(kWebhookEvents, ""));
  }
  const bool streams = door == "both" || (door == "auto" && (webhook_url.empty() || !called.ok()));
  if (streams) {
    auto streamed = subscribe_stream(api, account, state, stop);
    if (!streamed.ok() && called.ok()) return streamed;
    // Without the secret the stream does as well: nobody need act.
    if (streamed.ok() && !called.ok() && called.error().code == "no_consumer_secret" &&
        !TRY(state.cursor(kStreamEvents)).empty())
      return {};
  } else {
    TRY(state.set_cursor(kStreamEvents, ""));
  }
  return called;
}

}  // namespace

Result<void> subscribe_account(Api& api, const Account& account, AccountState& state,
                               std::string_view webhook_url, std::stop_token stop) {
  auto told = open_doors(api, account, state, webhook_url, stop);
  TRY(note_door(state));
  return told;
}

}  // namespace kiki::channels::x
