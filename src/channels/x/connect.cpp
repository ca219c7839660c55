#include "channels/x/connect.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "channels/x/parse.hpp"
#include "channels/x/spend.hpp"
#include "net/hmac.hpp"

namespace kiki::channels::x {

namespace {

constexpr std::size_t kFieldLimitBytes = 2'000;

// What was pasted and what a sign-in brings, until there is an account to keep it.
class FirstState final : public AccountState {
 public:
  Result<std::string> secret(std::string_view name) override { return secrets_[std::string(name)]; }
  Result<void> set_secrets(const Params& secrets) override {
    for (const auto& [name, value] : secrets) secrets_[name] = value;
    return {};
  }
  Result<std::string> cursor(std::string_view) override { return std::string(); }
  Result<void> set_cursor(std::string_view, std::string_view) override { return {}; }
  Params all() const { return {secrets_.begin(), secrets_.end()}; }

 private:
  std::map<std::string, std::string> secrets_;
};

Error wrong(std::string where, std::string code, std::string message) {
  return {ErrorKind::kInvalid, std::move(message), std::move(where), std::move(code), 0};
}

std::string field(const Params& fields, std::string_view key) {
  std::string text(value_of(fields, key));
  const auto end = text.find_last_not_of(" \t\r\n");
  text.resize(end == std::string::npos ? 0 : end + 1);
  text.erase(0, text.find_first_not_of(" \t\r\n"));
  return text;
}

Result<void> check_common(const Params& fields) {
  for (const auto& [key, value] : fields) {
    const bool broken = std::ranges::any_of(value, [](char c) { return static_cast<unsigned char>(c) < 32; });
    if (broken || value.size() > kFieldLimitBytes) return wrong(key, "invalid", "this cannot be a key of X");
  }
  const auto rule = field(fields, "reply_rule");
  if (!rule.empty() && rule != "summoned" && rule != "open")
    return wrong("reply_rule", "invalid_rule", "summoned or open");
  const auto door = field(fields, "door");
  if (!door.empty() && door != "auto" && door != "both" && door != "ask")
    return wrong("door", "invalid_door", "auto, both or ask");
  const auto budget = field(fields, "budget_usd_per_day");
  if (!budget.empty() && !read_dollars(budget))
    return wrong("budget_usd_per_day", "invalid_amount", "an amount in US dollars looks like 5 or 0.50");
  return {};
}

std::string settings_of(const Params& fields, std::string_view auth) {
  const auto rule = field(fields, "reply_rule");
  return json::serialize(json::object{{"auth", auth},
                                      {"client_id", field(fields, "client_id")},
                                      {"consumer_key", field(fields, "consumer_key")},
                                      {"reply_rule", rule.empty() ? "summoned" : rule},
                                      {"budget_usd_per_day", field(fields, "budget_usd_per_day")},
                                      {"door", field(fields, "door")}});
}

// Everything an account keeps, so that nothing of an older way stays behind.
void keep_all(FirstState& state, const Params& fields, const TokenPair& tokens, std::string token_secret) {
  (void)state
      .set_secrets({{std::string(kAccessToken), tokens.access_token},
                    {std::string(kTokenSecret), std::move(token_secret)},
                    {std::string(kRefreshToken), tokens.refresh_token},
                    {std::string(kExpiresAt), tokens.expires_at > 0 ? std::to_string(tokens.expires_at) : ""},
                    {std::string(kConsumerSecret), field(fields, "consumer_secret")},
                    {std::string(kClientSecret), field(fields, "client_secret")},
                    {std::string(kBearerToken), field(fields, "bearer_token")}})
      .ok();
}

// Who is it? Also proves that the tokens work.
Result<Connected> who_am_i(Api& api, FirstState& state, std::string settings, std::stop_token stop) {
  Account account;
  account.network = "x";
  account.settings = settings;
  ApiCall call;
  call.path = "/2/users/me";
  call.query = {{"user.fields", "id,name,username,profile_image_url,description,public_metrics"}};
  auto answer = api.call(account, state, call, stop);
  if (!answer.ok()) {
    auto error = std::move(answer).error();
    if (error.kind == ErrorKind::kUnauthenticated)
      return wrong("access_token", "wrong_token", "X does not accept these tokens");
    if (error.kind == ErrorKind::kForbidden)
      return wrong("access_token", "not_allowed", "X lets this app not read: " + error.message);
    return error;
  }
  const auto document = TRY(JsonDocument::parse(*answer));
  const auto author = read_user(document.root()["data"], true);
  if (author.external_id.empty()) return unavailable("X did not say whose tokens these are");
  Connected connected;
  connected.external_id = author.external_id;
  connected.handle = author.handle;
  connected.name = author.name.empty() ? author.handle : author.name;
  connected.avatar_url = author.avatar_url;
  connected.settings = std::move(settings);
  connected.secrets = state.all();
  return connected;
}

}  // namespace

std::vector<SettingField> connect_fields() {
  return {{"client_id", "text", false, ""},
          {"client_secret", "secret", false, ""},
          {"consumer_key", "text", false, ""},
          {"consumer_secret", "secret", false, ""},
          {"access_token", "secret", false, ""},
          {"access_token_secret", "secret", false, ""},
          {"refresh_token", "secret", false, ""},
          {"bearer_token", "secret", false, ""},
          {"reply_rule", "text", false, "summoned"},
          {"budget_usd_per_day", "text", false, "5"},
          {"door", "text", false, "auto"}};
}

std::string pkce_challenge(std::string_view verifier) {
  return net::base64url(net::sha256(verifier));
}

Result<Connected> connect_account(Api& api, const Params& fields, std::stop_token stop) {
  TRY(check_common(fields));
  TokenPair tokens;
  tokens.access_token = field(fields, "access_token");
  tokens.refresh_token = field(fields, "refresh_token");
  const auto token_secret = field(fields, "access_token_secret");
  if (tokens.access_token.empty() && tokens.refresh_token.empty())
    return wrong("access_token", "required", "the access token is missing");
  FirstState state;
  if (token_secret.empty()) {  // OAuth 2.0
    if (!tokens.refresh_token.empty() && field(fields, "client_id").empty())
      return wrong("client_id", "required", "a refresh token works only with its client ID");
    keep_all(state, fields, tokens, "");
    return who_am_i(api, state, settings_of(fields, "oauth2"), stop);
  }
  for (const auto* key : {"access_token", "consumer_key", "consumer_secret"}) {
    if (field(fields, key).empty())
      return wrong(key, "required", "an access token secret works only with the consumer key and its secret");
  }
  tokens.refresh_token.clear();
  keep_all(state, fields, tokens, token_secret);
  return who_am_i(api, state, settings_of(fields, "oauth1"), stop);
}

Result<SignInStart> begin_sign_in(Api& api, Tools& tools, const XOptions& options, const Params& fields,
                                  std::string_view redirect_url, std::stop_token stop) {
  TRY(check_common(fields));
  SignInStart start;
  for (const auto* key : {"client_id", "client_secret", "consumer_key", "consumer_secret", "bearer_token",
                          "reply_rule", "budget_usd_per_day", "door"}) {
    start.keep.emplace_back(key, field(fields, key));
  }
  if (const auto client_id = field(fields, "client_id"); !client_id.empty()) {
    const auto verifier = tools.random.token(48);
    start.state = tools.random.token(32);
    start.keep.emplace_back("verifier", verifier);
    start.keep.emplace_back("state", start.state);
    start.authorize_url = options.authorize_url + "?" +
                          write_form({{"response_type", "code"},
                                      {"client_id", client_id},
                                      {"redirect_uri", std::string(redirect_url)},
                                      {"scope", std::string(kScopes)},
                                      {"state", start.state},
                                      {"code_challenge", pkce_challenge(verifier)},
                                      {"code_challenge_method", "S256"}});
    return start;
  }
  const OAuth1Keys keys{field(fields, "consumer_key"), field(fields, "consumer_secret"), "", ""};
  if (keys.consumer_key.empty() || keys.consumer_secret.empty())
    return wrong("client_id", "required", "the app's client ID, or its consumer key and secret, are needed");
  auto answer =
      api.fetch_oauth1(keys, "/oauth/request_token", {{"oauth_callback", std::string(redirect_url)}}, stop);
  if (!answer.ok()) {
    if (answer.error().kind == ErrorKind::kUnauthenticated)
      return wrong("consumer_key", "wrong_token", "X does not accept this consumer key");
    return std::move(answer).error();
  }
  start.state = value_of(*answer, "oauth_token");
  if (start.state.empty() || value_of(*answer, "oauth_callback_confirmed") != "true")
    return unavailable("X did not take our address");
  start.keep.emplace_back("state", start.state);
  start.keep.emplace_back("request_secret", value_of(*answer, "oauth_token_secret"));
  start.authorize_url = options.api_url + "/oauth/authorize?" + write_form({{"oauth_token", start.state}});
  return start;
}

Result<Connected> finish_sign_in(Api& api, const Params& keep, const Params& answer,
                                 std::string_view redirect_url, std::stop_token stop) {
  if (!value_of(answer, "error").empty() || !value_of(answer, "denied").empty())
    return Error{ErrorKind::kForbidden, "the account's owner did not agree", {}, "sign_in_refused", 0};
  const Error start_again{
      ErrorKind::kUnprocessable, "X's answer came too late or twice; start again", {}, "sign_in_again", 0};
  const auto oauth2 = !value_of(keep, "verifier").empty();
  const auto told = value_of(answer, oauth2 ? "state" : "oauth_token");
  const auto kept = value_of(keep, "state");
  if (kept.empty() || !net::equal_constant_time(told, kept)) return start_again;

  FirstState state;
  if (!oauth2) {
    const OAuth1Keys keys{field(keep, "consumer_key"), field(keep, "consumer_secret"), std::string(kept),
                          std::string(value_of(keep, "request_secret"))};
    auto tokens =
        api.fetch_oauth1(keys, "/oauth/access_token",
                         {{"oauth_verifier", std::string(value_of(answer, "oauth_verifier"))}}, stop);
    if (!tokens.ok()) return tokens.error().kind == ErrorKind::kUnavailable ? tokens.error() : start_again;
    TokenPair pair;
    pair.access_token = value_of(*tokens, "oauth_token");
    keep_all(state, keep, pair, std::string(value_of(*tokens, "oauth_token_secret")));
    return who_am_i(api, state, settings_of(keep, "oauth1"), stop);
  }
  // The code lives 30 seconds: it is exchanged at once, and only once.
  const auto client_id = field(keep, "client_id");
  auto pair = api.fetch_tokens({{"grant_type", "authorization_code"},
                                {"code", std::string(value_of(answer, "code"))},
                                {"redirect_uri", std::string(redirect_url)},
                                {"client_id", client_id},
                                {"code_verifier", std::string(value_of(keep, "verifier"))}},
                               client_id, field(keep, "client_secret"), stop);
  if (!pair.ok()) {
    if (pair.error().kind == ErrorKind::kUnauthenticated)
      return wrong("client_secret", "wrong_token", "X does not accept this client secret");
    return pair.error().kind == ErrorKind::kUnavailable ? pair.error() : start_again;
  }
  keep_all(state, keep, *pair, "");
  return who_am_i(api, state, settings_of(keep, "oauth2"), stop);
}

}  // namespace kiki::channels::x
