#pragma once
// How an account's servers are reached.

#include "channels/contract/channel.hpp"
#include "channels/mail/settings.hpp"
#include "net/imap_client.hpp"
#include "net/mail_by_token.hpp"

namespace kiki::channels::mail {

inline constexpr std::string_view kImapPassword = "imap_password";
inline constexpr std::string_view kSmtpPassword = "smtp_password";
inline constexpr std::string_view kKey = "address_key";  // signs addresses; made by the reader, for ever

// What proves that we may: a password, or an access token of OAuth 2.0.
struct Proof {
  std::string password;
  std::string bearer;
};

inline net::ImapOptions imap_options(const MailSettings& settings, Proof proof,
                                     const net::SsrfPolicy& guard) {
  net::ImapOptions options;
  options.url = settings.imap_url;
  options.user = settings.imap_user;
  options.password = std::move(proof.password);
  options.bearer = std::move(proof.bearer);
  options.guard = guard;
  return options;
}
inline net::MailOptions smtp_options(const MailSettings& settings, const Proof& proof,
                                     const net::SsrfPolicy& guard) {
  net::MailOptions options;
  options.url = settings.smtp_url;
  options.user = settings.smtp_user;
  if (!settings.smtp_user.empty()) options.password = proof.password;
  options.guard = guard;
  return options;
}

}  // namespace kiki::channels::mail
