#pragma once
// A mail in the journal: one line of JSON with what the reader learnt about it, then the mail's own bytes.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace kiki::channels::mail {

inline constexpr std::string_view kSource = "mail.message";

struct Envelope {
  bool is_sent = false;  // out of the folder of sent mail, where only we can put something
  bool is_whole = true;  // false: the header alone, because the mail is over the limit
  std::int64_t size_bytes = 0;
  TimeMs received_at = 0;  // at the mail server; 0: not told
  std::string word;        // of the conversation, by an address whose signature was right; "": none
};
std::string pack(const Envelope& envelope, std::string_view message);

struct Unpacked {
  Envelope envelope;
  std::string_view message;  // into the item's body
};
Result<Unpacked> unpack(std::string_view body);

}  // namespace kiki::channels::mail
