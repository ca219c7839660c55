#pragma once
// Which mails were given to the mail server: SMTP has no way to ask. Kept before anything is sent, so that
// after a crash, or a connection that broke, we know what is certain.

#include "channels/contract/channel.hpp"

namespace kiki::channels::mail {

enum class HandedOver : std::uint8_t {
  kNo,            // certainly not
  kForgotten,     // not noted; but there were more doubts than we keep, so that proves nothing
  kMaybe,         // it was being sent, and nobody told how that ended
  kLookedInVain,  // the same, and no trace was found: only a person's word sends it again
  kAccepted
};
Result<HandedOver> was_handed_over(AccountState& state, std::string_view message_id);
Result<void> note_handed_over(AccountState& state, std::string_view message_id, HandedOver how);

}  // namespace kiki::channels::mail
