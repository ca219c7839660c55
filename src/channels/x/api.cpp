#include "channels/x/api.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <ctime>

#include "base/log.hpp"
#include "channels/x/spend.hpp"
#include "net/hmac.hpp"
#include "text/utf8.hpp"

namespace kiki::channels::x {

namespace {

constexpr std::size_t kAnswerLimitBytes = 16 << 20;
constexpr std::int64_t kRenewBeforeMs = 60'000;
constexpr std::int64_t kUntoldWaitMs = 60'000;
constexpr std::int64_t kLongestWaitMs = 24LL * 3'600'000;
constexpr std::size_t kBudgetsLimit = 10'000;
constexpr std::int64_t kSignedAnewMs = 60'000;  // X takes a signature of some minutes ago
constexpr std::int64_t kSkewIgnoredMs = 2'000;  // the header knows seconds, and an answer takes its time

std::string owner_of(const Account& account) {
  return std::to_string(account.workspace_id) + "/" + std::to_string(account.id);
}

std::int64_t number(std::string_view text, std::int64_t otherwise) {
  std::int64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() && !text.empty() ? value : otherwise;
}

std::string short_text(std::string_view text, std::size_t bytes) {
  return text::to_valid_utf8(text::cut_at_code_point(text, bytes));
}

bool contains(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(), [](char a, char b) {
           const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
           return small(a) == small(b);
         }) != text.end();
}

struct Words {
  std::string title, detail, type;
  std::int64_t code = 0;  // of the old form
};

// {title, detail, type}, {"errors": [{"message": …}]}, {"errors": [{"code": 88, …}]}, {"error": …}
Words read_words(std::string_view body) {
  Words words;
  const auto document = JsonDocument::parse(body.substr(0, 256 << 10));
  if (!document.ok()) return words;
  const auto root = document->root();
  words.title = short_text(root["title"].text(), 200);
  words.detail = short_text(root["detail"].text(), 500);
  words.type = short_text(root["type"].text(), 200);
  (void)root["errors"]
      .each([&](JsonView one) -> Result<void> {
        if (words.detail.empty()) words.detail = short_text(one["detail"].text(), 500);
        if (words.detail.empty()) words.detail = short_text(one["message"].text(), 500);
        if (words.type.empty()) words.type = short_text(one["type"].text(), 200);
        if (words.title.empty()) words.title = short_text(one["title"].text(), 200);
        if (words.code == 0) words.code = one["code"].number_or_zero();
        return {};
      })
      .ok();
  if (words.title.empty()) words.title = short_text(root["error"].text(), 200);
  if (words.detail.empty()) words.detail = short_text(root["error_description"].text(), 500);
  // The host of `type` is api.x.com or api.twitter.com: the last part tells.
  words.type = words.type.substr(std::min(words.type.rfind('/') + 1, words.type.size()));
  return words;
}

}  // namespace

std::optional<TimeMs> read_http_date(std::string_view text) {
  std::tm parts{};
  const std::string copy(text.substr(0, 40));
  const char* end = strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (copy.empty() || end == nullptr || *end != 0) return std::nullopt;
  return TimeMs{timegm(&parts)} * 1'000;
}

std::string setting(const Account& account, std::string_view key) {
  const auto settings = JsonDocument::parse(account.settings.empty() ? "{}" : account.settings);
  return settings.ok() ? std::string(settings->root()[key].text()) : std::string();
}

Error api_error(int status, std::string_view body, bool writes) {
  const auto words = read_words(body);
  Error error;
  error.code = words.type == "about:blank" || words.type == "blank" ? "" : words.type;
  error.message = "X answered " + std::to_string(status);
  if (!words.title.empty()) error.message += " " + words.title;
  if (!words.detail.empty()) error.message += ": " + words.detail;
  const auto& detail = words.detail;

  if (status == 401) {
    error.kind = ErrorKind::kUnauthenticated;
  } else if (status == 402 || contains(words.title, "CreditsDepleted") || words.type == "credits") {
    error.kind = ErrorKind::kForbidden;
    error.code = "credits_depleted";
  } else if (status == 403) {
    error.kind = writes ? ErrorKind::kUnprocessable : ErrorKind::kForbidden;
    // Wordings of 2026; X gives no code of its own. https://docs.x.com/changelog (2026-02-23)
    if (contains(detail, "where you are mentioned") || contains(detail, "not been mentioned") ||
        contains(detail, "reply to this conversation is not allowed") ||
        contains(detail, "otherwise engaged by the author")) {
      error.code = "not_summoned";
      error.message = "X takes a reply only when its author mentioned you or quoted a post of yours";
    } else if (contains(detail, "duplicate content") || words.code == 187) {
      error.code = "duplicate";
      error.message = "X refuses the same text twice";
    } else if (words.code == 349 || words.code == 150 ||
               contains(detail, "cannot send messages to this user") ||
               contains(detail, "do not have permission to DM")) {
      error.code = "closed_messages";
      error.message = "this person takes no direct messages from you";
    } else if (error.code.empty() || error.code == "client-forbidden" || error.code == "oauth1-permissions") {
      error.code = "not_allowed";
    }
  } else if (status == 404) {
    error.kind = ErrorKind::kNotFound;
  } else if (status == 409) {
    error.kind = ErrorKind::kConflict;
  } else if (status == 413) {
    error.kind = ErrorKind::kTooLarge;
  } else if (status == 429) {
    error.kind = ErrorKind::kRateLimited;
    if (error.code.empty()) error.code = "rate_limited";
  } else if (status >= 400 && status < 500) {
    error.kind = writes ? ErrorKind::kUnprocessable : ErrorKind::kInvalid;
  } else {
    error.kind = writes ? ErrorKind::kUnclear : ErrorKind::kUnavailable;
  }
  return error;
}

std::string Api::url_of(const ApiCall& call) const {
  auto url =
      (call.upload && !options_.upload_url.empty() ? options_.upload_url : options_.api_url) + call.path;
  if (!call.query.empty()) url += "?" + write_form(call.query);
  return url;
}

Result<void> Api::enter(const std::string& budget) {
  const std::lock_guard lock(mutex_);
  const auto found = closed_until_.find(budget);
  if (found == closed_until_.end()) return {};
  const auto left_ms = found->second - tools_.clock.now_ms();
  if (left_ms > 0)
    return Error{ErrorKind::kRateLimited, "X's rate limit is used up", {}, "rate_limited", left_ms};
  closed_until_.erase(found);
  return {};
}

// x-rate-limit-reset is Unix seconds. https://docs.x.com/x-api/fundamentals/rate-limits
std::int64_t Api::note(const std::string& budget, const net::HttpAnswer& answer) {
  const auto remaining = number(answer.headers.get("x-rate-limit-remaining"), -1);
  if (answer.status != 429 && remaining != 0) return 0;
  const auto now_ms = tools_.clock.now_ms();
  std::int64_t wait = 0;
  if (const auto reset_s = number(answer.headers.get("x-rate-limit-reset"), 0); reset_s > 0)
    wait = reset_s * 1'000 - x_now_ms();
  if (const auto after_s = number(answer.headers.get("retry-after"), -1); after_s >= 0)
    wait = std::max(wait, after_s * 1'000);
  if (answer.status == 429 && wait <= 0) wait = kUntoldWaitMs;
  wait = std::clamp<std::int64_t>(wait, answer.status == 429 ? 1'000 : 0, kLongestWaitMs);
  if (wait > 0) {
    const std::lock_guard lock(mutex_);
    if (closed_until_.size() >= kBudgetsLimit) closed_until_.clear();
    closed_until_[budget] = now_ms + wait;
  }
  return answer.status == 429 ? wait : 0;
}

Result<std::string> Api::exchange(const std::string& owner, const std::string& authorization,
                                  const ApiCall& call, const std::string& url, std::stop_token stop) {
  const auto budget = owner + " " + call.method + " " + (call.budget.empty() ? call.path : call.budget);
  TRY(enter(budget));
  net::HttpCall http;
  http.method = call.method;
  http.url = url;
  http.headers.add("Accept", "application/json");
  http.headers.add("Authorization", authorization);
  if (!call.body.empty()) http.headers.add("Content-Type", call.content_type);
  http.body = call.body;
  http.timeout_ms = call.timeout_ms;
  http.answer_limit_bytes = kAnswerLimitBytes;
  auto answer = tools_.http.call(http, stop);
  if (!answer.ok()) {
    Error error = std::move(answer).error();
    // A lost answer to a question is only a reason to ask again.
    if (!call.writes() && error.kind == ErrorKind::kUnclear) error.kind = ErrorKind::kUnavailable;
    return error;
  }
  if (const auto told = read_http_date(answer->headers.get("date"))) {
    const auto skew = *told - tools_.clock.now_ms();
    skew_ms_ = std::abs(skew) <= kSkewIgnoredMs ? 0 : skew;
  }
  const auto wait = note(budget, *answer);
  if (answer->status >= 200 && answer->status < 300) return std::move(answer->body);
  Error error = api_error(answer->status, answer->body, call.writes());
  error.retry_after_ms = wait;
  return error;
}

Result<std::string> Api::authorization(const Account& account, AccountState& state, const ApiCall& call,
                                       const std::string& url, std::string& used, std::stop_token stop) {
  if (call.as == As::kApp) return "Bearer " + TRY(app_token(account, state, stop));
  used = TRY(state.secret(kAccessToken));
  if (setting(account, "auth") == "oauth1") {
    const OAuth1Keys keys{setting(account, "consumer_key"), TRY(state.secret(kConsumerSecret)), used,
                          TRY(state.secret(kTokenSecret))};
    SignedCall to_sign{call.method, url, {}, {}};
    if (call.content_type == "application/x-www-form-urlencoded") to_sign.form = read_form(call.body);
    return oauth1_header(keys, to_sign, tools_.random.token(16), x_now_ms() / 1'000);
  }
  const auto expires_at = number(TRY(state.secret(kExpiresAt)), 0);
  const bool ends_soon = expires_at > 0 && expires_at - kRenewBeforeMs <= tools_.clock.now_ms();
  if (used.empty() || (ends_soon && !TRY(state.secret(kRefreshToken)).empty()))
    used = TRY(fresh_token(account, state, used, stop));
  return "Bearer " + used;
}

Result<std::string> Api::call(const Account& account, AccountState& state, const ApiCall& call,
                              std::stop_token stop) {
  const auto url = url_of(call);
  std::string used;
  auto authorization_value = TRY(authorization(account, state, call, url, used, stop));
  const auto now_ms = tools_.clock.now_ms();
  TRY(spend(account, state, call.cost, now_ms));
  const auto skew_before = skew_ms();
  auto answer = exchange(owner_of(account), authorization_value, call, url, stop);
  if (!answer.ok() && answer.error().kind == ErrorKind::kUnauthenticated && call.as == As::kUser &&
      setting(account, "auth") == "oauth1" && std::abs(skew_ms() - skew_before) > kSignedAnewMs) {
    // It was signed at a time that is not X's; the refusal said X's.
    authorization_value = TRY(authorization(account, state, call, url, used, stop));
    answer = exchange(owner_of(account), authorization_value, call, url, stop);
  } else if (!answer.ok() && answer.error().kind == ErrorKind::kUnauthenticated && call.as == As::kUser &&
             setting(account, "auth") != "oauth1") {
    auto token = fresh_token(account, state, used, stop);
    if (token.ok()) {
      answer = exchange(owner_of(account), "Bearer " + *token, call, url, stop);
    } else {
      answer = std::move(token).error();
    }
  }
  // What X refused is not billed; what may have happened stays counted.
  if (!answer.ok() && answer.error().kind != ErrorKind::kUnclear) give_back(state, call.cost, now_ms);
  return answer;
}

Result<std::string> Api::call_with_bearer(const std::string& bearer, const ApiCall& call,
                                          std::stop_token stop) {
  return exchange("app", "Bearer " + bearer, call, url_of(call), stop);
}

Result<std::string> Api::authorization_for(const Account& account, AccountState& state,
                                           std::string_view method, const std::string& url,
                                           std::stop_token stop) {
  ApiCall call;
  call.method = method;
  std::string used;
  return authorization(account, state, call, url, used, stop);
}

std::shared_ptr<std::mutex> Api::refresher(const std::string& owner) {
  const std::lock_guard lock(mutex_);
  auto& one = refreshers_[owner];
  if (!one) one = std::make_shared<std::mutex>();
  return one;
}

Result<std::string> Api::fresh_token(const Account& account, AccountState& state, const std::string& used,
                                     std::stop_token stop) {
  const auto owner = owner_of(account);
  const auto mutex = refresher(owner);
  const std::lock_guard one_at_a_time(*mutex);
  // Another thread may have been faster: its token is as good as a new one.
  const auto token = TRY(state.secret(kAccessToken));
  if (!token.empty() && token != used) return token;

  const Error dead{ErrorKind::kUnauthenticated,
                   "X no longer accepts this account's sign-in; connect it again",
                   {},
                   "session_ended",
                   0};
  const auto refresh = TRY(state.secret(kRefreshToken));
  if (refresh.empty()) return dead;
  {
    const std::lock_guard lock(mutex_);
    const auto found = dead_.find(owner);
    if (found != dead_.end() && found->second == refresh) return dead;
  }
  const auto client_id = setting(account, "client_id");
  auto pair =
      fetch_tokens({{"grant_type", "refresh_token"}, {"refresh_token", refresh}, {"client_id", client_id}},
                   client_id, TRY(state.secret(kClientSecret)), stop);
  if (!pair.ok()) {
    Error error = std::move(pair).error();
    if (error.kind == ErrorKind::kUnclear) error.kind = ErrorKind::kUnavailable;
    const bool refused = error.kind == ErrorKind::kUnprocessable || error.kind == ErrorKind::kInvalid ||
                         error.kind == ErrorKind::kUnauthenticated;
    if (!refused) return error;
    log::info("x: a refresh token was refused", {{"account_id", account.id}, {"message", error.message}});
    const std::lock_guard lock(mutex_);
    dead_[owner] = refresh;
    return dead;
  }
  TRY(state.set_secrets(
      {{std::string(kAccessToken), pair->access_token},
       {std::string(kRefreshToken), pair->refresh_token.empty() ? refresh : pair->refresh_token},
       {std::string(kExpiresAt), std::to_string(pair->expires_at)}}));
  return pair->access_token;
}

Result<TokenPair> Api::fetch_tokens(const Params& form, std::string_view client_id,
                                    std::string_view client_secret, std::stop_token stop) {
  net::HttpCall http;
  http.method = "POST";
  http.url = options_.api_url + "/2/oauth2/token";
  http.headers.add("Content-Type", "application/x-www-form-urlencoded");
  http.headers.add("Accept", "application/json");
  // A confidential client proves itself, a public one only names itself in the form.
  if (!client_secret.empty())
    http.headers.add("Authorization",
                     "Basic " + net::base64(std::string(client_id) + ":" + std::string(client_secret)));
  http.body = write_form(form);
  http.answer_limit_bytes = 64 << 10;
  const auto answer = TRY(tools_.http.call(http, stop));
  if (answer.status < 200 || answer.status >= 300) return api_error(answer.status, answer.body, true);
  const auto document = TRY(JsonDocument::parse(answer.body));
  const auto root = document.root();
  TokenPair pair;
  pair.access_token = TRY(root["access_token"].string(4'096));
  pair.refresh_token = TRY(root["refresh_token"].string_or("", 4'096));
  pair.scope = short_text(root["scope"].text(), 1'000);
  const auto lives_s = std::clamp<std::int64_t>(root["expires_in"].number_or_zero(), 0, 366LL * 86'400);
  pair.expires_at = lives_s > 0 ? tools_.clock.now_ms() + lives_s * 1'000 : 0;
  if (pair.access_token.empty()) return unavailable("X gave no token");
  return pair;
}

Result<Params> Api::fetch_oauth1(const OAuth1Keys& keys, const std::string& path, const Params& extra,
                                 std::stop_token stop) {
  net::HttpCall http;
  http.method = "POST";
  http.url = options_.api_url + path;
  http.headers.add("Authorization", oauth1_header(keys, {http.method, http.url, {}, extra},
                                                  tools_.random.token(16), x_now_ms() / 1'000));
  http.answer_limit_bytes = 64 << 10;
  const auto answer = TRY(tools_.http.call(http, stop));
  if (answer.status < 200 || answer.status >= 300) return api_error(answer.status, answer.body, true);
  return read_form(answer.body);
}

Result<std::string> Api::app_token(const Account& account, AccountState& state, std::stop_token stop) {
  auto token = TRY(state.secret(kBearerToken));
  if (!token.empty()) return token;
  const auto key = setting(account, "consumer_key");
  const auto secret = TRY(state.secret(kConsumerSecret));
  // The desk's own app is for accounts that bring none.
  if ((key.empty() || secret.empty()) && !options_.bearer_token.empty()) return options_.bearer_token;
  if (key.empty() || secret.empty())
    return Error{
        ErrorKind::kForbidden, "the app's bearer token or its consumer key is needed", {}, "no_app_token", 0};
  // https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/bearer-tokens
  net::HttpCall http;
  http.method = "POST";
  http.url = options_.api_url + "/oauth2/token";
  http.headers.add("Content-Type", "application/x-www-form-urlencoded");
  http.headers.add("Authorization",
                   "Basic " + net::base64(net::percent_encode(key) + ":" + net::percent_encode(secret)));
  http.body = "grant_type=client_credentials";
  http.answer_limit_bytes = 64 << 10;
  const auto answer = TRY(tools_.http.call(http, stop));
  if (answer.status < 200 || answer.status >= 300) return api_error(answer.status, answer.body, false);
  const auto document = TRY(JsonDocument::parse(answer.body));
  token = TRY(document.root()["access_token"].string(4'096));
  TRY(state.set_secrets({{std::string(kBearerToken), token}}));
  return token;
}

}  // namespace kiki::channels::x
