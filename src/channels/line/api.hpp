#pragma once
// Calls of the Messaging API as the account. The token is the long-lived one a person pasted, or one that we
// issue ourselves from channel id and secret: a stateless token, good for 15 minutes, of which there may be
// any number (https://developers.line.biz/en/reference/messaging-api/#issue-stateless-channel-access-token).

#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "channels/contract/channel.hpp"
#include "channels/line/line_channel.hpp"

namespace kiki::channels::line {

struct ApiCall {
  std::string method = "GET";
  std::string path;       // "/v2/bot/info"
  std::string body = {};  // JSON
  std::string retry_key = {};
  bool of_data = false;  // at the host for files
  std::int64_t timeout_ms = 15'000;
  std::size_t answer_limit_bytes = 1 << 20;
};

struct IssuedToken {
  std::string token;
  std::int64_t lives_ms = 0;
};

// Names of the sealed secrets.
constexpr std::string_view kChannelSecret = "channel_secret";
constexpr std::string_view kAccessToken = "access_token";
constexpr std::string_view kIssuedToken = "issued_token";
constexpr std::string_view kIssuedUntil = "issued_until_ms";

class Api {
 public:
  Api(Tools& tools, LineOptions options);

  // Every status but 401 is an answer. A token of ours that is refused is replaced once. kUnauthenticated: a
  // person must connect the account again.
  Result<net::HttpAnswer> call(const Account& account, AccountState& state, const ApiCall& call,
                               std::stop_token stop);
  // Before there is an account.
  Result<net::HttpAnswer> call_with(std::string_view token, const ApiCall& call, std::stop_token stop);
  // kInvalid: LINE does not accept this pair.
  Result<IssuedToken> issue_token(std::string_view channel_id, std::string_view channel_secret,
                                  std::stop_token stop);

 private:
  Result<std::string> token_of(const Account& account, AccountState& state, std::string_view refused,
                               std::stop_token stop);
  std::shared_ptr<std::mutex> issuer(const Account& account);

  Tools& tools_;
  LineOptions options_;
  std::mutex mutex_;
  std::map<std::pair<Id, Id>, std::shared_ptr<std::mutex>> issuers_;
};

// What an answer other than 2xx means for a call that changes nothing when it is refused. 5xx is
// kUnavailable.
Error api_error(const net::HttpAnswer& answer);
// LINE's own words about a fault, at most 500 bytes: its message and the details.
std::string words_of(const net::HttpAnswer& answer);
// One setting of the account; "" when there is none.
std::string setting(const Account& account, std::string_view name);
// The call asked for `2xx`: its JSON.
Result<JsonDocument> read_json(Result<net::HttpAnswer> answer);

}  // namespace kiki::channels::line
