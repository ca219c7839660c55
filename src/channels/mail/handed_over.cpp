#include "channels/mail/handed_over.hpp"

#include <vector>

namespace kiki::channels::mail {
namespace {

// One sender an account (delivery's rule). What was accepted is in doubt until the outbox has stored it:
// after a crash that is when its row is looked up, and a full outbox may send many others before.
constexpr std::string_view kCursor = "handed_over";
constexpr std::size_t kAcceptedKept = 500;
constexpr std::size_t kMaybeKept = 500;

// Lines "=ID" (accepted), "?ID" and "!ID" (looked for in vain), oldest first; before them "~" once a doubt
// had to be dropped.
constexpr std::string_view kDropped = "~";

char sign_of(HandedOver how) {
  if (how == HandedOver::kAccepted) return '=';
  return how == HandedOver::kLookedInVain ? '!' : '?';
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end != 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

}  // namespace

Result<HandedOver> was_handed_over(AccountState& state, std::string_view message_id) {
  const auto lines = lines_of(TRY(state.cursor(kCursor)));
  for (const auto& line : lines) {
    if (line == kDropped || std::string_view(line).substr(1) != message_id) continue;
    if (line.front() == '=') return HandedOver::kAccepted;
    return line.front() == '!' ? HandedOver::kLookedInVain : HandedOver::kMaybe;
  }
  return !lines.empty() && lines.front() == kDropped ? HandedOver::kForgotten : HandedOver::kNo;
}

Result<void> note_handed_over(AccountState& state, std::string_view message_id, HandedOver how) {
  auto lines = lines_of(TRY(state.cursor(kCursor)));
  bool has_dropped = std::erase(lines, kDropped) > 0;
  std::erase_if(lines,
                [&](const std::string& line) { return std::string_view(line).substr(1) == message_id; });
  if (how != HandedOver::kNo) lines.push_back(sign_of(how) + std::string(message_id));
  std::size_t accepted = 0;
  std::size_t maybe = 0;
  std::string text;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {  // the newest stay
    if (line->front() == '=') {
      if (++accepted > kAcceptedKept) continue;
    } else if (++maybe > kMaybeKept) {
      has_dropped = true;
      continue;
    }
    text.insert(0, *line + "\n");
  }
  if (has_dropped) text.insert(0, std::string(kDropped) + "\n");
  return state.set_cursor(kCursor, text);
}

}  // namespace kiki::channels::mail
