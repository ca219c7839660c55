#pragma once
// Calls of XRPC, with and without an account's session. A session is a pair of tokens, sealed in
// AccountState: the access token lives minutes to hours, the refresh token months and is replaced by every
// refresh. Logging in is limited to a few dozen times a day by real servers, so it happens only when
// refreshing is refused and an app password is stored. https://atproto.com/specs/xrpc,
// https://docs.bsky.app/docs/api/com-atproto-server-refresh-session

#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "channels/bluesky/rate_gate.hpp"
#include "channels/contract/channel.hpp"

namespace kiki::channels::bluesky {

struct XrpcCall {
  std::string nsid;
  bool procedure = false;  // POST: may change something, so a lost answer is kUnclear
  std::vector<std::pair<std::string, std::string>> params;
  std::string body;
  std::string content_type = "application/json";
  std::int64_t timeout_ms = 20'000;
};

struct Session {
  std::string did;
  std::string handle;
  std::string access_jwt;
  std::string refresh_jwt;
  std::string pds_url;  // from the DID document in the answer; may be empty
};

class Xrpc {
 public:
  explicit Xrpc(Tools& tools) : tools_(tools), gate_(tools.clock) {}

  // Without an account. `base_url` has been checked or is a setting of ours. The answer's body, JSON.
  Result<std::string> open_call(const std::string& base_url, const XrpcCall& call, std::stop_token stop);
  // As the account, at its data server (which passes app.bsky.* on to the AppView). Refreshes an expired
  // session once. kUnauthenticated: the credentials are dead, a person must connect the account again.
  Result<std::string> call(const Account& account, AccountState& state, const XrpcCall& call,
                           std::stop_token stop);

  Result<Session> create_session(const std::string& service, const std::string& identifier,
                                 const std::string& password, std::stop_token stop);

 private:
  Result<std::string> exchange(const std::string& base_url, const std::string& token,
                               const std::string& budget_owner, const XrpcCall& call, std::stop_token stop);
  // A token other than `used`: what another thread has fetched meanwhile, or a new one.
  Result<std::string> fresh_token(const Account& account, AccountState& state, const std::string& used,
                                  std::stop_token stop);
  std::shared_ptr<std::mutex> refresher(const std::string& owner);

  Tools& tools_;
  RateGate gate_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<std::mutex>> refreshers_;
  std::map<std::string, std::string>
      dead_;  // account → the refresh token that was refused, so that it is not tried again
};

// Names of the sealed secrets.
constexpr std::string_view kAccessSecret = "access_jwt";
constexpr std::string_view kRefreshSecret = "refresh_jwt";
constexpr std::string_view kPasswordSecret = "app_password";

// The account's data server, from its settings.
Result<std::string> pds_url_of(const Account& account);
// The error of an answer that is not 2xx. Public for its test.
Error xrpc_error(int status, std::string_view body, bool procedure);

}  // namespace kiki::channels::bluesky
