#pragma once
// Calls of X's API as an account or as the app: signed (OAuth 1.0a) or with a token (OAuth 2.0) that is
// renewed in time, within the rate limits X tells and the money the account may spend.
//
// A refresh token is good once, and X gives a new one with every access token: one refresher at a time for
// each account, the secret read again behind the lock, the new pair stored in one step.
// https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/authorization-code

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/json.hpp"
#include "channels/contract/channel.hpp"
#include "channels/x/oauth1.hpp"
#include "channels/x/x_channel.hpp"

namespace kiki::channels::x {

// Names of the sealed secrets. Every connecting stores all of them, so that none stays from another way.
inline constexpr std::string_view kAccessToken = "access_token";
inline constexpr std::string_view kTokenSecret = "access_token_secret";  // OAuth 1.0a
inline constexpr std::string_view kRefreshToken = "refresh_token";       // OAuth 2.0
inline constexpr std::string_view kExpiresAt = "expires_at";             // Unix milliseconds; with the tokens
inline constexpr std::string_view kConsumerSecret = "consumer_secret";   // signs, and proves webhooks
inline constexpr std::string_view kClientSecret = "client_secret";
inline constexpr std::string_view kBearerToken = "bearer_token";  // app-only

// Settings of an account: auth (oauth1, oauth2), client_id, consumer_key, reply_rule, budget_usd_per_day.
std::string setting(const Account& account, std::string_view key);

enum class As : std::uint8_t { kUser, kApp };

struct ApiCall {
  std::string method = "GET";
  std::string path;  // "/2/users/me"
  Params query;
  std::string body;
  std::string content_type = "application/json";
  As as = As::kUser;
  std::string budget;     // calls that X counts together; empty: the path
  std::int64_t cost = 0;  // microdollars, taken before the call
  std::int64_t timeout_ms = 20'000;
  bool upload = false;  // at upload_url

  bool writes() const { return method != "GET"; }
};

// An answer of OAuth 2.0's token endpoint.
struct TokenPair {
  std::string access_token;
  std::string refresh_token;
  std::string scope;
  TimeMs expires_at = 0;
};

class Api {
 public:
  Api(Tools& tools, const XOptions& options) : tools_(tools), options_(options) {}

  // The body of a 2xx answer. kUnclear: a write that may have happened.
  Result<std::string> call(const Account& account, AccountState& state, const ApiCall& call,
                           std::stop_token stop);
  // The app's own token: pasted, from the settings, or fetched with the consumer key.
  Result<std::string> app_token(const Account& account, AccountState& state, std::stop_token stop);
  // With a token at hand, outside any account.
  Result<std::string> call_with_bearer(const std::string& bearer, const ApiCall& call, std::stop_token stop);
  // POST of a form to the token endpoints.
  Result<TokenPair> fetch_tokens(const Params& form, std::string_view client_id,
                                 std::string_view client_secret, std::stop_token stop);
  Result<Params> fetch_oauth1(const OAuth1Keys& keys, const std::string& path, const Params& extra,
                              std::stop_token stop);
  // The Authorization header of a call that is made elsewhere.
  Result<std::string> authorization_for(const Account& account, AccountState& state, std::string_view method,
                                        const std::string& url, std::stop_token stop);
  std::string url_of(const ApiCall& call) const;
  // X's time less ours, as its latest answer told: what X dates is compared in X's time.
  std::int64_t skew_ms() const { return skew_ms_; }
  TimeMs x_now_ms() const { return tools_.clock.now_ms() + skew_ms_; }

 private:
  Result<std::string> authorization(const Account& account, AccountState& state, const ApiCall& call,
                                    const std::string& url, std::string& used, std::stop_token stop);
  Result<std::string> fresh_token(const Account& account, AccountState& state, const std::string& used,
                                  std::stop_token stop);
  Result<std::string> exchange(const std::string& owner, const std::string& authorization,
                               const ApiCall& call, const std::string& url, std::stop_token stop);
  Result<void> enter(const std::string& budget);
  std::int64_t note(const std::string& budget, const net::HttpAnswer& answer);
  std::shared_ptr<std::mutex> refresher(const std::string& owner);

  Tools& tools_;
  const XOptions& options_;
  std::atomic<std::int64_t> skew_ms_{0};
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<std::mutex>> refreshers_;
  std::map<std::string, std::string> dead_;  // owner → refresh token that was refused
  std::map<std::string, TimeMs> closed_until_;
};

// An HTTP date ("Tue, 15 Nov 1994 08:12:31 GMT"); nothing for anything else.
std::optional<TimeMs> read_http_date(std::string_view text);

// The error of an answer that is not 2xx. Its code is one of: not_summoned, duplicate, not_allowed,
// credits_depleted, closed_messages, or the last part of the problem's type.
Error api_error(int status, std::string_view body, bool writes);

}  // namespace kiki::channels::x
