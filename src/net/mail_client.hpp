#pragma once
// Outgoing mail by SMTP over libcurl: our own notices to one receiver, and whole messages of others.

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/http_client.hpp"

namespace kiki::net {

struct MailOptions {
  std::string url;  // smtp://host:587, smtps://host:465; empty: no mail
  std::string user;
  std::string password;
  std::string from;          // address, or "Name <address>"
  std::string tls = "auto";  // STARTTLS with smtp://: auto (when offered), required, never
  std::int64_t timeout_ms = 30'000;
  std::optional<SsrfPolicy> guard;  // for a server that a workspace typed in; nothing: the operator's own
};

// Hands a whole message over, to all receivers or to none. kUnprocessable: refused for good (5yz).
// kUnauthenticated: the server refuses user or password. kUnavailable: try again. kUnclear: the text was
// sent, no answer came. kForbidden: the guard.
Result<void> send_message(const MailOptions& options, std::string_view from,
                          const std::vector<std::string>& to, std::string_view message,
                          std::stop_token stop = {});
// Signs in and says goodbye; the same errors.
Result<void> check_mail_login(const MailOptions& options, std::stop_token stop = {});

// "Tue, 03 Mar 2026 09:30:00 +0000", whatever the locale.
std::string mail_date(TimeMs time_ms);
// RFC 2047 words of UTF-8, cut between characters and folded.
std::string encoded_words(std::string_view text);

struct Mail {
  std::string to;
  std::string subject;
  std::string text;  // plain
  std::string html;
  std::string message_id;  // "name@host": the same for every try, so that a repeat is seen as one
  std::string language;    // of the words
  TimeMs date = 0;
};

// The whole message as it goes over the wire: headers in ASCII, both bodies in base64. kInvalid for an
// address that has no place in a header.
Result<std::string> compose(const Mail& mail, std::string_view from);
Result<std::string> address_of(std::string_view from);  // "a@b" out of "Name <a@b>"
// The same, or with something behind a "+" in front of its "@".
bool is_in_mailbox(std::string_view address, std::string_view mailbox);

class MailClient {
 public:
  virtual ~MailClient() = default;
  virtual bool configured() const = 0;
  // kUnprocessable: refused for good (5yz). kUnavailable: try again. kUnclear: the text was sent, no answer
  // came.
  virtual Result<void> send(const Mail& mail, std::stop_token stop = {}) = 0;
};
std::unique_ptr<MailClient> make_mail_client(MailOptions options);

}  // namespace kiki::net
