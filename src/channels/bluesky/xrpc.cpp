#include "channels/bluesky/xrpc.hpp"

#include "base/json.hpp"
#include "base/log.hpp"
#include "channels/bluesky/dag_json.hpp"
#include "channels/bluesky/identity.hpp"
#include "channels/bluesky/utf8.hpp"
#include "net/hmac.hpp"

namespace kiki::channels::bluesky {

namespace {

constexpr std::size_t kAnswerLimitBytes = 16 << 20;

// Methods that servers count together.
std::string budget_of(const std::string& owner, const std::string& nsid) {
  const bool write = nsid == "com.atproto.repo.createRecord" || nsid == "com.atproto.repo.putRecord" ||
                     nsid == "com.atproto.repo.deleteRecord" || nsid == "com.atproto.repo.applyWrites";
  return owner + " " + (write ? "write" : nsid);
}

std::string owner_of(const Account& account) {
  return std::to_string(account.workspace_id) + "/" + std::to_string(account.id);
}

bool token_is_dead(const Error& error) {
  return error.code == "ExpiredToken" || error.code == "InvalidToken";
}

Result<Session> read_session(std::string_view body) {
  const auto document = TRY(JsonDocument::parse(body));
  const JsonView root = document.root();
  Session session;
  session.did = TRY(root["did"].string(2'048));
  session.handle = TRY(root["handle"].string_or("", 253));
  session.access_jwt = TRY(root["accessJwt"].string(16'384));
  session.refresh_jwt = TRY(root["refreshJwt"].string(16'384));
  session.pds_url = pds_url_from(root["didDoc"]);
  return session;
}

Result<void> store(AccountState& state, const Session& session) {
  return state.set_secrets(
      {{std::string(kAccessSecret), session.access_jwt}, {std::string(kRefreshSecret), session.refresh_jwt}});
}

}  // namespace

Error xrpc_error(int status, std::string_view body, bool procedure) {
  Error error;
  std::string words;
  if (const auto document = JsonDocument::parse(body.substr(0, std::min<std::size_t>(body.size(), 64 << 10)));
      document.ok()) {
    error.code = clean(document->root()["error"].text(), 100);
    words = clean(document->root()["message"].text(), 500);
  }
  error.message = "the network answered " + std::to_string(status);
  if (!error.code.empty()) error.message += " " + error.code;
  if (!words.empty()) error.message += ": " + words;

  const bool account_closed = error.code == "AccountTakedown" || error.code == "AccountDeactivated" ||
                              error.code == "AccountSuspended";
  if (token_is_dead(error) || account_closed || status == 401) {
    error.kind = ErrorKind::kUnauthenticated;  // a bad token is 400 here, not 401
  } else if (error.code == "RecordNotFound" || error.code == "NotFound" || status == 404) {
    error.kind = ErrorKind::kNotFound;
  } else if (status == 403) {
    error.kind = ErrorKind::kForbidden;
  } else if (status == 413 || error.code == "BlobTooLarge") {
    error.kind = ErrorKind::kTooLarge;
  } else if (status == 429) {
    error.kind = ErrorKind::kRateLimited;
  } else if (status == 501) {
    error.kind = ErrorKind::kUnavailable;  // nothing was done
  } else if (status >= 500) {
    error.kind = procedure ? ErrorKind::kUnclear : ErrorKind::kUnavailable;
  } else if (status >= 400) {
    error.kind = procedure ? ErrorKind::kUnprocessable : ErrorKind::kInvalid;
  } else {
    error.kind = procedure ? ErrorKind::kUnclear
                           : ErrorKind::kUnavailable;  // a redirect or the like: not this protocol
  }
  return error;
}

Result<std::string> pds_url_of(const Account& account) {
  const auto settings = JsonDocument::parse(account.settings);
  const std::string_view url = settings.ok() ? settings->root()["pds_url"].text() : std::string_view();
  if (url.empty())
    return Error{
        ErrorKind::kUnauthenticated, "the account has no data server; connect it again", {}, "no_pds", 0};
  return std::string(url);
}

Result<std::string> Xrpc::exchange(const std::string& base_url, const std::string& token,
                                   const std::string& owner, const XrpcCall& call, std::stop_token stop) {
  const std::string budget = budget_of(owner, call.nsid);
  TRY(gate_.enter(budget, stop));
  net::HttpCall http;
  http.method = call.procedure ? "POST" : "GET";
  http.url = base_url + "/xrpc/" + call.nsid;
  char separator = '?';
  for (const auto& [key, value] : call.params) {
    http.url += separator + net::percent_encode(key) + "=" + net::percent_encode(value);
    separator = '&';
  }
  http.headers.add("Accept", "application/json");
  if (!token.empty()) http.headers.add("Authorization", "Bearer " + token);
  if (!call.body.empty()) http.headers.add("Content-Type", call.content_type);
  http.body = call.body;
  http.timeout_ms = call.timeout_ms;
  http.answer_limit_bytes = kAnswerLimitBytes;

  auto answer = tools_.http.call(http, stop);
  if (!answer.ok()) {
    Error error = std::move(answer).error();
    // A query changes nothing, so a lost answer is only a reason to ask again.
    if (!call.procedure && error.kind == ErrorKind::kUnclear) error.kind = ErrorKind::kUnavailable;
    return error;
  }
  const std::int64_t wait = gate_.note(budget, *answer);
  if (answer->status >= 200 && answer->status < 300) return std::move(answer->body);
  Error error = xrpc_error(answer->status, answer->body, call.procedure);
  error.retry_after_ms = wait;
  return error;
}

Result<std::string> Xrpc::open_call(const std::string& base_url, const XrpcCall& call, std::stop_token stop) {
  return exchange(base_url, "", base_url, call, stop);
}

Result<std::string> Xrpc::call(const Account& account, AccountState& state, const XrpcCall& call,
                               std::stop_token stop) {
  const std::string pds = TRY(pds_url_of(account));
  std::string token = TRY(state.secret(kAccessSecret));
  if (token.empty()) token = TRY(fresh_token(account, state, token, stop));
  auto answer = exchange(pds, token, owner_of(account), call, stop);
  if (answer.ok() || !token_is_dead(answer.error())) return answer;
  token = TRY(fresh_token(account, state, token, stop));
  answer = exchange(pds, token, owner_of(account), call, stop);
  if (!answer.ok() && answer.error().code == "ExpiredToken") {
    // A token of a moment ago: the server's clocks disagree. Nothing a person could mend.
    Error error = std::move(answer).error();
    error.kind = ErrorKind::kUnavailable;
    return error;
  }
  return answer;
}

std::shared_ptr<std::mutex> Xrpc::refresher(const std::string& owner) {
  const std::lock_guard lock(mutex_);
  auto& one = refreshers_[owner];
  if (!one) one = std::make_shared<std::mutex>();
  return one;
}

Result<std::string> Xrpc::fresh_token(const Account& account, AccountState& state, const std::string& used,
                                      std::stop_token stop) {
  // One refresher at a time: a refresh token is good for one refresh, and the loser of a race would log
  // itself out.
  const std::string owner = owner_of(account);
  const auto mutex = refresher(owner);
  const std::lock_guard one_at_a_time(*mutex);
  std::string token = TRY(state.secret(kAccessSecret));
  if (!token.empty() && token != used) return token;

  const Error dead{ErrorKind::kUnauthenticated,
                   "the session has ended and the app password is not accepted; connect the account again",
                   {},
                   "session_ended",
                   0};
  const std::string refresh = TRY(state.secret(kRefreshSecret));
  {
    const std::lock_guard lock(mutex_);
    const auto found = dead_.find(owner);
    if (found != dead_.end() && found->second == refresh) return dead;
  }
  const std::string pds = TRY(pds_url_of(account));
  if (!refresh.empty()) {
    XrpcCall call;
    call.nsid = "com.atproto.server.refreshSession";
    call.procedure = true;  // and without a body: servers refuse one
    auto answer = exchange(pds, refresh, owner, call, stop);
    if (answer.ok()) {
      const auto session = TRY(read_session(*answer));
      TRY(store(state, session));
      return session.access_jwt;
    }
    Error error = std::move(answer).error();
    if (error.kind == ErrorKind::kUnclear)
      error.kind = ErrorKind::kUnavailable;  // the old token stays good for a while
    if (error.kind != ErrorKind::kUnauthenticated) return error;
    log::info("bluesky: the session was refused, logging in again",
              {{"account_id", account.id}, {"code", error.code}});
  }
  const std::string password = TRY(state.secret(kPasswordSecret));
  if (!password.empty()) {
    auto session = create_session(pds, account.external_id, password, stop);
    if (session.ok()) {
      if (session->did != account.external_id)
        return Error{ErrorKind::kUnauthenticated,
                     "the server logged us in as another account",
                     {},
                     "other_account",
                     0};
      TRY(store(state, *session));
      return session->access_jwt;
    }
    if (session.error().kind != ErrorKind::kUnauthenticated) return std::move(session).error();
  }
  const std::lock_guard lock(mutex_);
  dead_[owner] = refresh;
  return dead;
}

Result<Session> Xrpc::create_session(const std::string& service, const std::string& identifier,
                                     const std::string& password, std::stop_token stop) {
  XrpcCall call;
  call.nsid = "com.atproto.server.createSession";
  call.procedure = true;
  call.body = "{\"identifier\":";
  append_json_string(call.body, identifier);
  call.body += ",\"password\":";
  append_json_string(call.body, password);
  call.body += "}";
  auto answer = exchange(service, "", service, call, stop);
  if (!answer.ok()) {
    Error error = std::move(answer).error();
    if (error.kind == ErrorKind::kUnclear)
      error.kind = ErrorKind::kUnavailable;  // a second session does no harm
    return error;
  }
  return read_session(*answer);
}

}  // namespace kiki::channels::bluesky
