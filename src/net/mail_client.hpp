#pragma once
// Outgoing mail: one message to one receiver, by SMTP over libcurl.

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace kiki::net {

struct MailOptions {
  std::string url;  // smtp://host:587, smtps://host:465; empty: no mail
  std::string user;
  std::string password;
  std::string from;          // address, or "Name <address>"
  std::string tls = "auto";  // STARTTLS with smtp://: auto (when offered), required, never
  std::int64_t timeout_ms = 30'000;
};

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
