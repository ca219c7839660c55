#include "channels/mail/handed_over.hpp"

#include <vector>

namespace kiki::channels::mail {
namespace {

// One sender an account (delivery's rule). What was accepted is in doubt until the outbox has stored it:
// after a crash that is when its row is looked up, and a full outbox may send many others before.
constexpr std::string_view kCursor = "handed_over";
constexpr std::size_t kAcceptedKept = 500;
constexpr std::size_t kMaybeKept = 500;

// Lines "=ID" (accepted) and "?ID", oldest first.
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
  for (const auto& line : lines_of(TRY(state.cursor(kCursor)))) {
    if (std::string_view(line).substr(1) == message_id)
      return line.front() == '=' ? HandedOver::kAccepted : HandedOver::kMaybe;
  }
  return HandedOver::kNo;
}

Result<void> note_handed_over(AccountState& state, std::string_view message_id, HandedOver how) {
  auto lines = lines_of(TRY(state.cursor(kCursor)));
  std::erase_if(lines,
                [&](const std::string& line) { return std::string_view(line).substr(1) == message_id; });
  if (how != HandedOver::kNo)
    lines.push_back((how == HandedOver::kAccepted ? "=" : "?") + std::string(message_id));
  std::size_t accepted = 0;
  std::size_t maybe = 0;
  std::string text;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {  // the newest stay
    if (line->front() == '=' ? ++accepted > kAcceptedKept : ++maybe > kMaybeKept) continue;
    text.insert(0, *line + "\n");
  }
  return state.set_cursor(kCursor, text);
}

}  // namespace kiki::channels::mail
