#pragma once
// What connecting stored with an account (Account::settings); nothing secret.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace kiki::channels::mail {

struct MailSettings {
  std::string address;  // lower case
  std::string name;
  std::string imap_url;
  std::string imap_user;
  std::string smtp_url;
  std::string smtp_user;
  std::string folder;         // as people write it
  std::string sent_folder;    // "": none
  std::string reply_address;  // "care+*@example.com"; "": no signed addresses
  std::string subject_tag;    // "": none
  TimeMs connected_at = 0;    // older mail is not ours to answer
  // Where reading begins in a folder that was never read: what stood there when it was connected.
  std::uint32_t folder_validity = 0, folder_next = 0;
  std::uint32_t sent_validity = 0, sent_next = 0;
  bool quotes = true;  // our answers repeat what they answer
  // Signing in by OAuth 2.0 instead of a password; "": by password.
  std::string oauth_token_url;
  std::string oauth_client_id;
  std::string oauth_scope;
};
MailSettings read_settings(std::string_view json);
std::string write_settings(const MailSettings& settings);

// The name of a folder as IMAP says it (modified UTF-7, RFC 3501, 5.1.3), and back.
std::string folder_on_wire(std::string_view utf8);
std::string folder_from_wire(std::string_view wire);

}  // namespace kiki::channels::mail
