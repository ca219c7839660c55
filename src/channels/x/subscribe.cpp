#include "channels/x/subscribe.hpp"

#include <array>
#include <boost/json.hpp>
#include <set>

#include "base/log.hpp"
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

}  // namespace

Result<void> subscribe_account(Api& api, const Account& account, AccountState& state,
                               std::string_view webhook_url, std::stop_token stop) {
  if (webhook_url.empty()) return {};  // nobody can call us: the reader polls
  if (TRY(state.secret(kConsumerSecret)).empty())
    return Error{ErrorKind::kUnprocessable,
                 "X's calls can only be checked with the app's consumer secret; polling goes on",
                 "consumer_secret", "no_consumer_secret", 0};
  const auto webhook_id = TRY(make_webhook(api, account, state, webhook_url, stop));
  TRY(state.set_cursor(kWebhookId, webhook_id));

  std::set<std::string, std::less<>> there;
  ApiCall list;
  list.path = "/2/activity/subscriptions";
  const auto known = TRY(api.call(account, state, list, stop));
  const auto document = TRY(JsonDocument::parse(known));
  for_each(document.root()["data"], [&](JsonView one) {
    if (one["webhook_id"].text() == webhook_id && one["filter"]["user_id"].text() == account.external_id)
      there.emplace(one["event_type"].text());
  });
  for (const auto& [event, needed] : kWanted) {
    if (there.contains(event)) continue;
    ApiCall make;
    make.method = "POST";
    make.path = "/2/activity/subscriptions";
    make.body = json::serialize(json::object{{"event_type", event},
                                             {"filter", json::object{{"user_id", account.external_id}}},
                                             {"tag", std::string("kikimimi ") + event},
                                             {"webhook_id", webhook_id}});
    auto made = api.call(account, state, make, stop);
    if (made.ok() || made.error().kind == ErrorKind::kConflict) {
      there.emplace(event);
      continue;
    }
    const auto kind = made.error().kind;
    if (needed || kind == ErrorKind::kUnavailable || kind == ErrorKind::kUnauthenticated ||
        kind == ErrorKind::kRateLimited)
      return std::move(made).error();
    log::info("x: an event cannot be subscribed to",
              {{"account_id", account.id}, {"event", event}, {"message", made.error().message}});
  }
  std::string agreed = " ";
  for (const auto& event : there) agreed += event + " ";
  return state.set_cursor(kWebhookEvents, agreed);
}

}  // namespace kiki::channels::x
