#include "channels/line/connect.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/json.hpp"
#include "base/log.hpp"
#include "channels/contract/status_detail.hpp"

namespace kiki::channels::line {

namespace {

constexpr std::string_view kWebhookUrl = "webhook_url";  // what we told LINE; "none": there is no address
constexpr std::size_t kWebhookUrlLimit = 500;            // of LINE
constexpr std::int64_t kTestTimeoutMs = 30'000;          // LINE itself waits for our answer
constexpr std::int64_t kFirstLookMs = 1'000;
constexpr std::int64_t kTroubleWaitMs = 60'000;

std::string field(const Fields& fields, std::string_view key) {
  for (const auto& [name, value] : fields) {
    if (name != key) continue;
    const auto begin = value.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return {};
    return value.substr(begin, value.find_last_not_of(" \t\r\n") - begin + 1);
  }
  return {};
}

Error wrong(std::string where, std::string code, std::string message) {
  return {ErrorKind::kInvalid, std::move(message), std::move(where), std::move(code), 0};
}

Error needs_person(std::string code, std::string message) {
  return {ErrorKind::kUnprocessable, std::move(message), {}, std::move(code), 0};
}

bool wait_ms(std::stop_token stop, std::int64_t time_ms) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, std::chrono::milliseconds(time_ms), [] { return false; });
  return !stop.stop_requested();
}

// Hears LINE us? The account's state in words.
void tell_health(Inlet& inlet, const std::string& told, const JsonDocument& endpoint) {
  if (told == "none") {
    inlet.health("action_needed", "line_no_public_url");
    return;
  }
  const auto active = endpoint.root()["active"].boolean_or(false);
  if (!told.empty() && endpoint.root()["endpoint"].text() != told) {
    inlet.health("action_needed", "line_other_address");
  } else if (!active.ok() || !*active) {
    inlet.health("action_needed", "webhook_off");
  } else {
    inlet.health("ok", "");
  }
}

}  // namespace

Result<Connected> connect_account(Api& api, Tools& tools, const Fields& fields, std::stop_token stop) {
  const auto secret = field(fields, "channel_secret");
  const auto pasted = field(fields, "access_token");
  const auto channel_id = field(fields, "channel_id");
  const auto reserve = field(fields, "quota_reserve");
  const auto link_text = field(fields, "link_text");
  const auto account_link = field(fields, "account_link_url");
  if (secret.empty() || secret.size() > 200)
    return wrong("channel_secret", "required", "the channel secret is missing");
  const auto is_number = [](const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (channel_id.size() > 20 || !is_number(channel_id))
    return wrong("channel_id", "invalid_channel_id", "a channel id has digits only");
  if (pasted.empty() && channel_id.empty())
    return wrong("access_token", "required", "an access token, or the channel id, is needed");
  if (pasted.size() > 8'192) return wrong("access_token", "wrong_token", "this is no access token");
  if (reserve.size() > 9 || !is_number(reserve))
    return wrong("quota_reserve", "invalid_number", "a number of messages is needed");
  if (link_text.size() > 400) return wrong("link_text", "too_long", "longer than 400 bytes");
  if (!account_link.empty()) {
    if (account_link.size() > 1'000) return wrong("account_link_url", "too_long", "longer than 1,000 bytes");
    if (auto checked = net::check_url(account_link, tools.ssrf); !checked.ok())
      return wrong("account_link_url", "invalid_url", checked.error().message);
  }

  Connected connected;
  auto token = pasted;
  connected.secrets = {{std::string(kChannelSecret), secret}, {std::string(kAccessToken), pasted}};
  if (!channel_id.empty()) {
    // Also with a pasted token: the only way to know that the secret belongs to the channel.
    auto issued = api.issue_token(channel_id, secret, stop);
    if (!issued.ok()) {
      auto error = std::move(issued).error();
      if (error.kind == ErrorKind::kInvalid) error.where = "channel_secret";
      return error;
    }
    if (token.empty()) {
      token = issued->token;
      connected.secrets.emplace_back(std::string(kIssuedToken), issued->token);
      connected.secrets.emplace_back(std::string(kIssuedUntil),
                                     std::to_string(tools.clock.now_ms() + issued->lives_ms));
    }
  }
  auto answer = TRY(api.call_with(token, {.path = "/v2/bot/info"}, stop));
  if (answer.status == 401 || answer.status == 403)
    return wrong("access_token", "wrong_token", "LINE does not accept this access token");
  const auto document = TRY(read_json(std::move(answer)));
  const auto info = document.root();
  connected.external_id = TRY(info["userId"].string(100));
  const auto basic_id = TRY(info["basicId"].string(100));
  const auto premium_id = info["premiumId"].text();
  connected.handle = premium_id.empty() ? basic_id : std::string(premium_id);
  connected.name = info["displayName"].text();
  connected.avatar_url = info["pictureUrl"].text();
  connected.settings = json::serialize(json::object{{"basic_id", basic_id},
                                                    {"channel_id", channel_id},
                                                    {"quota_reserve", reserve},
                                                    {"link_text", link_text},
                                                    {"account_link_url", account_link}});
  return connected;
}

Result<void> set_webhook(Api& api, const Account& account, AccountState& state, std::string_view url,
                         std::stop_token stop) {
  if (url.empty()) return state.set_cursor(kWebhookUrl, "none");
  if (url.size() > kWebhookUrlLimit)
    return needs_person("webhook_refused",
                        "the webhook address is longer than the 500 characters LINE takes");
  const auto body = json::serialize(json::object{{"endpoint", url}});
  const ApiCall put{.method = "PUT", .path = "/v2/bot/channel/webhook/endpoint", .body = body};
  auto answer = api.call(account, state, put, stop);
  if (!answer.ok()) {
    auto error = std::move(answer).error();
    if (error.kind == ErrorKind::kUnclear)
      error.kind = ErrorKind::kUnavailable;  // the same once more is no harm
    return error;
  }
  if (answer->status == 400)
    return needs_person("webhook_refused", "LINE does not take the webhook address: " + words_of(*answer));
  if (answer->status < 200 || answer->status > 299) return api_error(*answer);
  TRY(state.set_cursor(kWebhookUrl, url));

  const auto endpoint =
      TRY(read_json(api.call(account, state, {.path = "/v2/bot/channel/webhook/endpoint"}, stop)));
  if (const auto active = endpoint.root()["active"].boolean_or(false); !active.ok() || !*active)
    return needs_person("webhook_off",
                        "\"Use webhook\" is switched off in LINE's console; switch it on there");
  const ApiCall test{
      .method = "POST", .path = "/v2/bot/channel/webhook/test", .body = body, .timeout_ms = kTestTimeoutMs};
  const auto tried = read_json(api.call(account, state, test, stop));
  if (!tried.ok()) {
    // 60 tests an hour are allowed; one more or less decides nothing.
    log::info("line: the webhook was not tried",
              {{"account_id", account.id}, {"reason", tried.error().message}});
    return {};
  }
  const auto success = tried->root()["success"].boolean_or(false);
  if (success.ok() && *success) return {};
  const auto status = tried->root()["statusCode"].number_or_zero();
  if (status == 401)
    return needs_person("wrong_secret",
                        "the channel secret is another channel's: LINE's signature does not fit it");
  return needs_person(
      "webhook_unreachable",
      "LINE cannot reach this desk: " + std::string(tried->root()["reason"].text().substr(0, 100)) + " " +
          std::string(tried->root()["detail"].text().substr(0, 200)));
}

Result<void> watch(Api& api, std::int64_t interval_ms, const Account& account, AccountState& state,
                   Inlet& inlet, std::stop_token stop) {
  auto next_ms = std::min(kFirstLookMs, interval_ms);
  while (wait_ms(stop, next_ms)) {
    next_ms = interval_ms;
    const auto told = state.cursor(kWebhookUrl);
    const auto endpoint =
        read_json(api.call(account, state, {.path = "/v2/bot/channel/webhook/endpoint"}, stop));
    if (stop.stop_requested()) break;
    if (endpoint.ok() && told.ok()) {
      tell_health(inlet, *told, *endpoint);
    } else if (!endpoint.ok() && endpoint.error().kind == ErrorKind::kUnauthenticated) {
      return endpoint.error();
    } else if (!endpoint.ok() && endpoint.error().kind == ErrorKind::kNotFound) {
      // No address was ever set.
      inlet.health("action_needed", "line_no_address");
    } else if (!endpoint.ok()) {
      inlet.health("waiting", status_detail(endpoint.error()));
      next_ms = std::min(std::max(kTroubleWaitMs, endpoint.error().retry_after_ms), interval_ms);
    }
  }
  return {};
}

}  // namespace kiki::channels::line
