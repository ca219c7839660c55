#include "channels/mail/post_ids.hpp"

#include "channels/mail/marks.hpp"
#include "net/hmac.hpp"

namespace kiki::channels::mail {
namespace {

constexpr std::size_t kIdLetters = 26;

std::string of_account(Id account_id, std::string_view kind) {
  return "mail/" + to_string(account_id) + "/" + std::string(kind);
}

}  // namespace

std::string post_id(Id account_id, const Headers& headers, std::string_view message) {
  const auto ids = read_message_ids(headers.get("message-id"), 1);
  std::string facts = ids.empty() ? std::string(message) : ids[0];
  for (const auto* field : {"date", "from", "subject"}) {
    facts += '\n';
    // Servers fold lines anew; what is said stays the same.
    for (const char c : headers.get(field)) {
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n') facts += c;
    }
  }
  return of_account(account_id, "m") + base32(net::sha256(facts), kIdLetters);
}

std::string our_post_id(Id account_id, std::string_view message_id) {
  return of_account(account_id, "o") + base32(net::sha256(message_id), kIdLetters);
}

std::string thread_id(Id account_id, std::string_view word) {
  return of_account(account_id, "t") + std::string(word);
}

std::string_view word_of_thread(std::string_view thread_id) {
  const auto slash = thread_id.rfind('/');
  if (slash == std::string_view::npos || thread_id.substr(slash + 1, 1) != "t") return {};
  return thread_id.substr(slash + 2);
}

}  // namespace kiki::channels::mail
