#include "channels/mail/oauth.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <mutex>

#include "base/json.hpp"
#include "channels/mail/header_words.hpp"
#include "net/hmac.hpp"

namespace kiki::channels::mail {
namespace {

constexpr TimeMs kRenewBeforeMs = 120'000;
// RFC 6749, 5.2, and what Google and Microsoft say when a person must agree again. All else passes.
constexpr std::array<std::string_view, 8> kForGood = {
    "invalid_request",        "invalid_client", "invalid_grant",        "unauthorized_client",
    "unsupported_grant_type", "invalid_scope",  "interaction_required", "consent_required"};
constexpr std::size_t kTokenBytes = 8'192;  // Microsoft's are some thousand letters long

// https://developers.google.com/identity/protocols/oauth2/web-server and
// learn.microsoft.com, "Authenticate an IMAP, POP or SMTP connection using OAuth".
constexpr std::array<Provider, 2> kProviders = {
    {{"google", "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token",
      "https://mail.google.com/", "imaps://imap.gmail.com", "smtps://smtp.gmail.com",
      "&access_type=offline&prompt=consent"},
     {"microsoft", "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
      "https://login.microsoftonline.com/common/oauth2/v2.0/token",
      "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access",
      "imaps://outlook.office365.com", "smtp://smtp.office365.com:587", ""}}};

Error at(std::string_view field, std::string message, std::string code = {}) {
  return {ErrorKind::kInvalid, std::move(message), "/fields/" + std::string(field), std::move(code), 0};
}

std::string form_of(const Fields& fields) {
  std::string out;
  for (const auto& [key, value] : fields)
    out += (out.empty() ? "" : "&") + net::percent_encode(key) + "=" + net::percent_encode(value);
  return out;
}

// kUnauthenticated: the provider says no for good. kUnavailable: ask again later.
Result<Tokens> ask_for_tokens(const Tools& tools, const std::string& url, const Fields& form,
                              std::stop_token stop) {
  net::HttpCall call;
  call.method = "POST";
  call.url = url;
  call.headers.add("Content-Type", "application/x-www-form-urlencoded");
  call.headers.add("Accept", "application/json");
  call.body = form_of(form);
  call.answer_limit_bytes = 64 << 10;
  auto answer = tools.http.call(call, std::move(stop));
  if (!answer.ok()) {
    auto error = std::move(answer).error();
    if (error.kind == ErrorKind::kUnclear || error.kind == ErrorKind::kTooLarge)
      error.kind = ErrorKind::kUnavailable;
    return error;
  }
  const auto document = JsonDocument::parse(answer->body);
  if (answer->status < 200 || answer->status >= 300) {
    const std::string code(document.ok() ? document->root()["error"].text() : "");
    const bool for_good = answer->status >= 400 && answer->status < 500 && answer->status != 408 &&
                          answer->status != 429 && std::ranges::find(kForGood, code) != kForGood.end();
    return Error{
        for_good ? ErrorKind::kUnauthenticated : ErrorKind::kUnavailable,
        "the sign-in server says: " + (code.empty() ? std::to_string(answer->status) : code.substr(0, 100)),
        {},
        for_good ? code.substr(0, 40) : std::string(),
        0};
  }
  if (!document.ok()) return unavailable("the sign-in server's answer cannot be read");
  const auto root = document->root();
  Tokens tokens;
  tokens.access = TRY(root["access_token"].string_or("", kTokenBytes));
  tokens.refresh = TRY(root["refresh_token"].string_or("", kTokenBytes));
  const auto lives_s = std::clamp<std::int64_t>(root["expires_in"].number_or_zero(), 0, 366LL * 86'400);
  tokens.expires_at = tools.clock.now_ms() + (lives_s == 0 ? 3'600 : lives_s) * 1'000;
  if (tokens.access.empty()) return unavailable("the sign-in server gave no token");
  return tokens;
}

// One renewal an account at a time: a provider that gives a new refresh token with each use takes the old one
// only once.
std::shared_ptr<std::mutex> renewer(const Account& account) {
  static std::mutex mutex;
  static std::map<std::pair<Id, Id>, std::shared_ptr<std::mutex>> all;
  const std::lock_guard lock(mutex);
  auto& one = all[{account.workspace_id, account.id}];
  if (!one) one = std::make_shared<std::mutex>();
  return one;
}

TimeMs number_of(std::string_view text) {
  TimeMs value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || value > 1'000'000'000'000'000) return 0;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

std::string field_of(const Fields& fields, std::string_view key) {
  for (const auto& [name, value] : fields) {
    if (name == key) return std::string(trimmed(value));
  }
  return {};
}

const Provider* find_provider(std::string_view name) {
  const auto found =
      std::find_if(kProviders.begin(), kProviders.end(), [&](const auto& one) { return one.name == name; });
  return found == kProviders.end() ? nullptr : &*found;
}

Result<SignInStart> begin_oauth(const Tools& tools, const Fields& fields, std::string_view redirect_url) {
  const auto name = lower_ascii(field_of(fields, "oauth_provider"));
  const auto* provider = find_provider(name);
  if (provider == nullptr && !name.empty() && name != "other")
    return at("oauth_provider", "google, microsoft or other", "unknown_provider");
  const auto chosen = [&](std::string_view key, std::string_view known) {
    auto told = field_of(fields, key);
    return told.empty() || (told == "https://" && provider != nullptr) ? std::string(known) : told;
  };
  const auto authorize = chosen("oauth_authorize_url", provider == nullptr ? "" : provider->authorize_url);
  const auto token = chosen("oauth_token_url", provider == nullptr ? "" : provider->token_url);
  const auto scope = chosen("oauth_scope", provider == nullptr ? "" : provider->scope);
  const auto client_id = field_of(fields, "oauth_client_id");
  if (field_of(fields, "address").empty()) return at("address", "the mail address is missing", "required");
  if (authorize.empty())
    return at(name.empty() ? "oauth_provider" : "oauth_authorize_url",
              "say whose sign-in it is: google, microsoft, or other with its addresses", "required");
  for (const auto& [key, url] :
       {std::pair<std::string_view, const std::string&>("oauth_authorize_url", authorize),
        {"oauth_token_url", token}}) {
    if (auto checked = net::check_url(url, tools.ssrf); !checked.ok())
      return at(key, checked.error().message);
  }
  if (client_id.empty()) return at("oauth_client_id", "the app's client ID is missing", "required");

  SignInStart start;
  start.keep = fields;
  std::erase_if(start.keep, [](const auto& field) {
    return field.first == "oauth_token_url" || field.first == "oauth_scope" || field.first == "imap_url" ||
           field.first == "smtp_url" || field.first == "imap_password" || field.first == "smtp_password";
  });
  const auto server = [&](std::string_view key, std::string_view known) {
    const auto told = field_of(fields, key);
    const bool is_empty = told.empty() || told.ends_with("://");
    start.keep.emplace_back(key, is_empty ? std::string(known) : told);
  };
  server("imap_url", provider == nullptr ? "" : provider->imap_url);
  server("smtp_url", provider == nullptr ? "" : provider->smtp_url);
  start.keep.emplace_back("oauth_token_url", token);
  start.keep.emplace_back("oauth_scope", scope);
  const auto verifier = tools.random.token(48);
  start.state = tools.random.token(32);
  start.keep.emplace_back("oauth_verifier", verifier);
  start.keep.emplace_back("oauth_state", start.state);
  start.authorize_url = authorize + (authorize.find('?') == std::string::npos ? "?" : "&") +
                        form_of({{"response_type", "code"},
                                 {"client_id", client_id},
                                 {"redirect_uri", std::string(redirect_url)},
                                 {"scope", scope},
                                 {"login_hint", field_of(fields, "address")},
                                 {"state", start.state},
                                 {"code_challenge", net::base64url(net::sha256(verifier))},
                                 {"code_challenge_method", "S256"}}) +
                        std::string(provider == nullptr ? "" : provider->extra);
  return start;
}

Result<Tokens> finish_oauth(const Tools& tools, const Fields& keep, const Fields& answer,
                            std::string_view redirect_url, std::stop_token stop) {
  if (!field_of(answer, "error").empty())
    return Error{ErrorKind::kForbidden, "the mailbox's owner did not agree", {}, "sign_in_refused", 0};
  const Error again{
      ErrorKind::kUnprocessable, "the answer came too late or twice; start again", {}, "sign_in_again", 0};
  const auto state = field_of(keep, "oauth_state");
  if (state.empty() || !net::equal_constant_time(field_of(answer, "state"), state)) return again;
  Fields form{{"grant_type", "authorization_code"},
              {"code", field_of(answer, "code")},
              {"redirect_uri", std::string(redirect_url)},
              {"client_id", field_of(keep, "oauth_client_id")},
              {"code_verifier", field_of(keep, "oauth_verifier")}};
  if (auto secret = field_of(keep, "oauth_client_secret"); !secret.empty())
    form.emplace_back("client_secret", std::move(secret));
  auto tokens = ask_for_tokens(tools, field_of(keep, "oauth_token_url"), form, std::move(stop));
  if (!tokens.ok()) {
    if (tokens.error().code == "invalid_client")
      return at("oauth_client_secret", "the sign-in server does not accept this client", "wrong_token");
    return tokens.error().kind == ErrorKind::kUnauthenticated ? again : std::move(tokens).error();
  }
  if (tokens->refresh.empty())
    return at("oauth_scope", "the sign-in server gave no refresh token; ask for offline access",
              "no_refresh");
  return tokens;
}

Result<Proof> prove(const Tools& tools, const Account& account, const MailSettings& settings,
                    AccountState& state, Server server, std::stop_token stop) {
  if (settings.oauth_token_url.empty())
    return Proof{TRY(state.secret(server == Server::kImap ? kImapPassword : kSmtpPassword)), {}};
  const auto mutex = renewer(account);
  const std::lock_guard lock(*mutex);
  auto access = TRY(state.secret(kAccessToken));
  const auto expires_at = number_of(TRY(state.secret(kExpiresAt)));
  if (!access.empty() && tools.clock.now_ms() + kRenewBeforeMs < expires_at)
    return Proof{{}, std::move(access)};
  const auto refresh = TRY(state.secret(kRefreshToken));
  const Error dead{ErrorKind::kUnauthenticated,
                   "the sign-in has ended; the owner must agree again",
                   {},
                   "sign_in_ended",
                   0};
  if (refresh.empty()) return dead;
  Fields form{
      {"grant_type", "refresh_token"}, {"refresh_token", refresh}, {"client_id", settings.oauth_client_id}};
  if (!settings.oauth_scope.empty()) form.emplace_back("scope", settings.oauth_scope);
  if (auto secret = TRY(state.secret(kClientSecret)); !secret.empty())
    form.emplace_back("client_secret", std::move(secret));
  if (stop.stop_requested()) return unavailable("the desk ends");
  // Not to be stopped half way (it takes 15 s at most): who gives a new refresh token has taken the old one.
  auto tokens = ask_for_tokens(tools, settings.oauth_token_url, form, {});
  if (TRY(state.secret(kRefreshToken)) != refresh)
    return unavailable("the mailbox was signed in anew meanwhile");
  if (!tokens.ok())
    return tokens.error().kind == ErrorKind::kUnauthenticated ? dead : std::move(tokens).error();
  TRY(state.set_secrets({{std::string(kAccessToken), tokens->access},
                         {std::string(kRefreshToken), tokens->refresh.empty() ? refresh : tokens->refresh},
                         {std::string(kExpiresAt), std::to_string(tokens->expires_at)}}));
  return Proof{{}, tokens->access};
}

Result<void> forget_access(AccountState& state) {
  return state.set_secrets({{std::string(kAccessToken), std::string()}});
}

}  // namespace kiki::channels::mail
