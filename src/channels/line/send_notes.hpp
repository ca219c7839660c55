#pragma once
// What was begun and not yet recorded as done: by which way a reply went, when first, and how LINE calls it.
// Written durably before LINE hears anything, so that after a crash or a lost answer we know which way it
// took: LINE cannot be asked whether a message arrived.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"

namespace kiki::channels::line {

struct SendNote {
  Id outbox_id = 0;
  std::string way;  // reply, push
  TimeMs first_at = 0;
  std::string sent_id;  // LINE took it, as this message
};

class SendNotes {
 public:
  static SendNotes read(std::string_view text);  // what cannot be read is left out
  std::string text() const;
  const SendNote* find(Id outbox_id) const;
  // Of what was taken the newest 500 are kept: the outbox records each at once, and after a crash looks the
  // others up, one by one among what it sends. What is in doubt is kept for 30 days, at most 500.
  void put(SendNote note, TimeMs now_ms);
  void remove(Id outbox_id);

 private:
  std::vector<SendNote> notes_;
};

}  // namespace kiki::channels::line
