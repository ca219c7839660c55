#pragma once
// How an account's servers are reached.

#include "channels/contract/channel.hpp"
#include "channels/mail/settings.hpp"
#include "net/imap_client.hpp"
#include "net/mail_client.hpp"

namespace kiki::channels::mail {

inline constexpr std::string_view kImapPassword = "imap_password";
inline constexpr std::string_view kSmtpPassword = "smtp_password";
inline constexpr std::string_view kKey = "address_key";  // signs addresses; made by the reader, for ever

inline net::ImapOptions imap_options(const MailSettings& settings, std::string password,
                                     const net::SsrfPolicy& guard) {
  return {settings.imap_url, settings.imap_user, std::move(password), guard};
}
inline net::MailOptions smtp_options(const MailSettings& settings, std::string password,
                                     const net::SsrfPolicy& guard) {
  net::MailOptions options;
  options.url = settings.smtp_url;
  options.user = settings.smtp_user;
  options.password = settings.smtp_user.empty() ? std::string() : std::move(password);
  options.guard = guard;
  return options;
}

}  // namespace kiki::channels::mail
