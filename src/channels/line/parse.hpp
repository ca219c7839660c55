#pragma once
// One event of LINE's webhook as facts. Pure: the journal can be read again.

#include "channels/contract/channel.hpp"

namespace kiki::channels::line {

// A reply token works once and for about a minute; what is left of it when we answer must be enough to
// arrive.
constexpr std::int64_t kReplyTokenMs = 50'000;
constexpr std::size_t kLinkWordBytes = 43;  // of a private link: 256 bits in base64url

inline constexpr std::string_view kEventSource = "line.event";  // of a RawItem; with kAgain: brought again

// "LINE's id" with the account in front: unique in the workspace, also when two accounts sit in one group.
std::string own_id(const Account& account, std::string_view line_id);

Result<std::vector<Incoming>> parse_event(const Account& account, const RawItem& item, TimeMs received_at);

// The word of a private link in a text, as private_place() lets people send it: "#" and the word, standing
// alone; "" when there is none.
std::string_view link_word(std::string_view text);

}  // namespace kiki::channels::line
