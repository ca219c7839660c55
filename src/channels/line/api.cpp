#include "channels/line/api.hpp"

#include <charconv>

#include "base/json.hpp"
#include "net/hmac.hpp"
#include "text/utf8.hpp"

namespace kiki::channels::line {

namespace {

constexpr std::int64_t kRenewEarlyMs = 120'000;
constexpr std::size_t kWordsLimitBytes = 500;
constexpr std::int64_t kUntoldWaitMs = 5'000;
constexpr std::int64_t kLongestWaitMs = 3'600'000;

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Error token_refused(const std::string& words) {
  return {ErrorKind::kUnauthenticated,
          "LINE does not accept the channel access token; connect the account again" +
              (words.empty() ? std::string() : " (" + words + ")"),
          {},
          "token_refused",
          0};
}

}  // namespace

Api::Api(Tools& tools, LineOptions options) : tools_(tools), options_(std::move(options)) {
  for (auto* url : {&options_.api_url, &options_.data_api_url}) {
    while (url->ends_with('/')) url->pop_back();
  }
}

Result<net::HttpAnswer> Api::call_with(std::string_view token, const ApiCall& call, std::stop_token stop) {
  net::HttpCall http;
  http.method = call.method;
  http.url = (call.of_data ? options_.data_api_url : options_.api_url) + call.path;
  http.headers.add("Authorization", "Bearer " + std::string(token));
  if (!call.body.empty()) http.headers.add("Content-Type", "application/json");
  // Only where LINE knows it: elsewhere the header makes a 400.
  if (!call.retry_key.empty()) http.headers.add("X-Line-Retry-Key", call.retry_key);
  http.body = call.body;
  http.timeout_ms = call.timeout_ms;
  http.answer_limit_bytes = call.answer_limit_bytes;
  auto answer = tools_.http.call(http, stop);
  if (!answer.ok()) {
    Error error = std::move(answer).error();
    // A question changes nothing, so a lost answer is only a reason to ask again.
    if (call.method == "GET" && error.kind == ErrorKind::kUnclear) error.kind = ErrorKind::kUnavailable;
    return error;
  }
  return answer;
}

Result<net::HttpAnswer> Api::call(const Account& account, AccountState& state, const ApiCall& call,
                                  std::stop_token stop) {
  auto token = TRY(token_of(account, state, {}, stop));
  auto answer = TRY(call_with(token, call, stop));
  if (answer.status == 401) {  // certainly not done
    token = TRY(token_of(account, state, token, stop));
    answer = TRY(call_with(token, call, stop));
    if (answer.status == 401) return token_refused(words_of(answer));
  }
  return answer;
}

Result<IssuedToken> Api::issue_token(std::string_view channel_id, std::string_view channel_secret,
                                     std::stop_token stop) {
  net::HttpCall http;
  http.method = "POST";
  http.url = options_.api_url + "/oauth2/v3/token";
  http.headers.add("Content-Type", "application/x-www-form-urlencoded");
  http.body = "grant_type=client_credentials&client_id=" + net::percent_encode(channel_id) +
              "&client_secret=" + net::percent_encode(channel_secret);
  auto answer = tools_.http.call(http, stop);
  if (!answer.ok()) {
    Error error = std::move(answer).error();
    if (error.kind == ErrorKind::kUnclear) error.kind = ErrorKind::kUnavailable;  // one token more is no harm
    return error;
  }
  if (answer->status == 400 || answer->status == 401 || answer->status == 403) {
    return Error{ErrorKind::kInvalid,
                 "LINE does not accept this channel id with this channel secret",
                 {},
                 "wrong_channel",
                 0};
  }
  const auto document = TRY(read_json(std::move(answer)));
  IssuedToken issued;
  issued.token = TRY(document.root()["access_token"].string(8'192));
  issued.lives_ms = TRY(document.root()["expires_in"].integer()) * 1'000;
  if (issued.token.empty()) return unavailable("LINE issued an empty token");
  return issued;
}

std::shared_ptr<std::mutex> Api::issuer(const Account& account) {
  const std::lock_guard lock(mutex_);
  auto& one = issuers_[{account.workspace_id, account.id}];
  if (!one) one = std::make_shared<std::mutex>();
  return one;
}

// A token other than `refused`.
Result<std::string> Api::token_of(const Account& account, AccountState& state, std::string_view refused,
                                  std::stop_token stop) {
  auto pasted = TRY(state.secret(kAccessToken));
  if (!pasted.empty()) {
    if (pasted == refused) return token_refused({});
    return pasted;
  }
  const auto good = [&](const std::string& token, const std::string& until) {
    return !token.empty() && token != refused && number(until) > tools_.clock.now_ms() + kRenewEarlyMs;
  };
  auto issued = TRY(state.secret(kIssuedToken));
  if (good(issued, TRY(state.secret(kIssuedUntil)))) return issued;
  const auto mutex = issuer(account);
  const std::lock_guard one_at_a_time(*mutex);
  issued = TRY(state.secret(kIssuedToken));  // another thread may have been first
  if (good(issued, TRY(state.secret(kIssuedUntil)))) return issued;
  const auto channel_id = setting(account, "channel_id");
  if (channel_id.empty()) return token_refused({});
  auto fresh = issue_token(channel_id, TRY(state.secret(kChannelSecret)), stop);
  if (!fresh.ok()) {
    if (fresh.error().kind == ErrorKind::kInvalid) return token_refused(fresh.error().message);
    return std::move(fresh).error();
  }
  TRY(state.set_secrets(
      {{std::string(kIssuedToken), fresh->token},
       {std::string(kIssuedUntil), std::to_string(tools_.clock.now_ms() + fresh->lives_ms)}}));
  return fresh->token;
}

std::string words_of(const net::HttpAnswer& answer) {
  const auto document = JsonDocument::parse(answer.body.substr(0, 64 << 10));
  if (!document.ok()) return {};
  std::string words(document->root()["message"].text());
  (void)document->root()["details"].each([&](JsonView detail) -> Result<void> {
    words += "; " + std::string(detail["property"].text()) + ": " + std::string(detail["message"].text());
    return {};
  });
  return std::string(text::cut_at_code_point(words, kWordsLimitBytes));
}

Error api_error(const net::HttpAnswer& answer) {
  const int status = answer.status;
  const auto words = words_of(answer);
  Error error;
  error.message = "LINE answered " + std::to_string(status) + (words.empty() ? "" : ": " + words);
  error.code = "line_" + std::to_string(status);
  if (status == 401) {
    error.kind = ErrorKind::kUnauthenticated;
  } else if (status == 403) {
    error.kind = ErrorKind::kForbidden;
  } else if (status == 404 || status == 410) {
    error.kind = ErrorKind::kNotFound;
  } else if (status == 413) {
    error.kind = ErrorKind::kTooLarge;
  } else if (status == 429) {
    error.kind = ErrorKind::kRateLimited;
    const auto after_ms = number(answer.headers.get("retry-after")) * 1'000;
    error.retry_after_ms = after_ms > 0 ? std::min(after_ms, kLongestWaitMs) : kUntoldWaitMs;
  } else if (status >= 400 && status < 500) {
    error.kind = ErrorKind::kUnprocessable;
  } else {
    error.kind = ErrorKind::kUnavailable;
  }
  return error;
}

std::string setting(const Account& account, std::string_view name) {
  auto settings = JsonDocument::parse(account.settings.empty() ? "{}" : account.settings);
  if (!settings.ok()) return {};
  return std::string(settings->root()[name].text());
}

Result<JsonDocument> read_json(Result<net::HttpAnswer> answer) {
  if (!answer.ok()) return std::move(answer).error();
  if (answer->status < 200 || answer->status > 299) return api_error(*answer);
  auto document = JsonDocument::parse(answer->body);
  if (!document.ok()) return unavailable("LINE's answer cannot be read");
  return document;
}

}  // namespace kiki::channels::line
