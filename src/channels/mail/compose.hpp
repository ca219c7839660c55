#pragma once
// Our answer as a mail: plain text and pictures, threaded for every program.

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "channels/contract/channel.hpp"
#include "channels/mail/header_words.hpp"
#include "channels/mail/settings.hpp"

namespace kiki::channels::mail {

struct ReplyTo {  // what the answered mail said (IncomingPost::reply_reference)
  std::string message_id;
  std::vector<std::string> references;
  std::string subject;
  MailAddress to;
  std::string word;
  int offset_minutes = 0;  // of the writer's clock
};
ReplyTo read_reply_reference(const Outgoing& outgoing);

// With CRLF. `reply_address`: where answers shall go ("" = to the sender). kUnprocessable: it cannot be
// written to this address.
Result<std::string> compose_reply(const MailSettings& settings, const Outgoing& outgoing,
                                  std::string_view reply_address);

// "Re: " once, whatever the customer's program wrote before it.
std::string reply_subject(std::string_view subject);

}  // namespace kiki::channels::mail
