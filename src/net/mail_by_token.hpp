#pragma once
// Outgoing mail for whom the server knows by an access token of OAuth 2.0 instead of a password (XOAUTH2 or
// OAUTHBEARER, whichever it offers). Else as send_message() and check_mail_login(); the password is not used.

#include "net/mail_client.hpp"

namespace kiki::net {

Result<void> send_message_by_token(const MailOptions& options, const std::string& token,
                                   std::string_view from, const std::vector<std::string>& to,
                                   std::string_view message, std::stop_token stop = {});
Result<void> check_mail_login_by_token(const MailOptions& options, const std::string& token,
                                       std::stop_token stop = {});

}  // namespace kiki::net
