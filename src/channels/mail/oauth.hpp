#pragma once
// Signing in to mail servers by OAuth 2.0 (RFC 6749 with PKCE, RFC 7628): the owner agrees on the provider's
// page, and short-lived access tokens take the place of the password.

#include "channels/contract/channel.hpp"
#include "channels/mail/settings.hpp"
#include "channels/mail/wires.hpp"

namespace kiki::channels::mail {

inline constexpr std::string_view kRefreshToken = "oauth_refresh_token";
inline constexpr std::string_view kAccessToken = "oauth_access_token";
inline constexpr std::string_view kExpiresAt = "oauth_expires_at";
inline constexpr std::string_view kClientSecret = "oauth_client_secret";

using Fields = std::vector<std::pair<std::string, std::string>>;
std::string field_of(const Fields& fields, std::string_view key);  // trimmed; "" when there is none

// Of a provider we know: what nobody should have to type. Empty for others.
struct Provider {
  std::string_view name;  // google, microsoft
  std::string_view authorize_url;
  std::string_view token_url;
  std::string_view scope;
  std::string_view imap_url;
  std::string_view smtp_url;
  std::string_view extra;  // of the authorize address
};
const Provider* find_provider(std::string_view name);

struct Tokens {
  std::string access;
  std::string refresh;
  TimeMs expires_at = 0;
};

Result<SignInStart> begin_oauth(const Tools& tools, const Fields& fields, std::string_view redirect_url);
// The code against tokens. kUnprocessable "sign_in_again", kForbidden "sign_in_refused", kInvalid at the
// client's fields.
Result<Tokens> finish_oauth(const Tools& tools, const Fields& keep, const Fields& answer,
                            std::string_view redirect_url, std::stop_token stop);

// What proves who we are now, for reading or (smtp) for sending; a token that is about to end is renewed
// first, by one thread at a time. kUnauthenticated: the owner must agree again.
enum class Server : std::uint8_t { kImap, kSmtp };
Result<Proof> prove(const Tools& tools, const Account& account, const MailSettings& settings,
                    AccountState& state, Server server, std::stop_token stop);
// The server refused it: the next prove() gets another one.
Result<void> forget_access(AccountState& state);

}  // namespace kiki::channels::mail
