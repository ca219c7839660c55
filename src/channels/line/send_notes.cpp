#include "channels/line/send_notes.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.hpp"

namespace kiki::channels::line {

namespace {

// After a crash the outbox looks up what was on its way; a full one sends this many before it comes to the
// last.
constexpr std::ptrdiff_t kSentLimit = 500;
constexpr std::ptrdiff_t kDoubtLimit = 500;
constexpr std::int64_t kDoubtKeptMs = 30LL * 86'400'000;

}  // namespace

SendNotes SendNotes::read(std::string_view text) {
  SendNotes notes;
  const auto document = JsonDocument::parse(text.empty() ? "[]" : text);
  if (!document.ok()) return notes;
  (void)document->root().each([&](JsonView value) -> Result<void> {
    SendNote note;
    note.outbox_id = value["id"].number_or_zero();
    note.way = value["way"].text();
    note.first_at = value["at"].number_or_zero();
    note.sent_id = value["sent"].text();
    if (note.outbox_id > 0 && !note.way.empty()) notes.notes_.push_back(std::move(note));
    return {};
  });
  return notes;
}

std::string SendNotes::text() const {
  json::array all;
  for (const auto& note : notes_) {
    json::object one{{"id", note.outbox_id}, {"way", note.way}, {"at", note.first_at}};
    if (!note.sent_id.empty()) one["sent"] = note.sent_id;
    all.push_back(std::move(one));
  }
  return json::serialize(all);
}

const SendNote* SendNotes::find(Id outbox_id) const {
  const auto found = std::find_if(notes_.begin(), notes_.end(),
                                  [&](const SendNote& note) { return note.outbox_id == outbox_id; });
  return found == notes_.end() ? nullptr : &*found;
}

void SendNotes::remove(Id outbox_id) {
  std::erase_if(notes_, [&](const SendNote& note) { return note.outbox_id == outbox_id; });
}

void SendNotes::put(SendNote note, TimeMs now_ms) {
  remove(note.outbox_id);
  notes_.push_back(std::move(note));
  const auto is_sent = [](const SendNote& one) { return !one.sent_id.empty(); };
  std::erase_if(notes_,
                [&](const SendNote& one) { return !is_sent(one) && one.first_at < now_ms - kDoubtKeptMs; });
  auto too_many_sent = std::count_if(notes_.begin(), notes_.end(), is_sent) - kSentLimit;
  auto too_many_in_doubt = static_cast<std::ptrdiff_t>(notes_.size()) -
                           std::count_if(notes_.begin(), notes_.end(), is_sent) - kDoubtLimit;
  std::erase_if(notes_, [&](const SendNote& one) {  // oldest first
    return (is_sent(one) ? too_many_sent : too_many_in_doubt)-- > 0;
  });
}

}  // namespace kiki::channels::line
