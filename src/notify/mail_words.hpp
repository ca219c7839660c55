#pragma once
// A notice as a mail: subject, plain text and simple HTML, in the receiver's language.

#include <boost/json.hpp>
#include <string>

#include "net/mail_client.hpp"

namespace kiki::notify {

struct MailFacts {
  std::string kind;
  boost::json::object data;  // with "severity"; "path" leads on below base_url
  std::string language;
  std::string workspace;
  std::string base_url;  // of the workspace in the console; empty: no link
};
// Everything but receiver, id and date.
net::Mail mail_of(const MailFacts& facts);

}  // namespace kiki::notify
