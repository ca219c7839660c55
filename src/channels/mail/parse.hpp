#pragma once
// From a mail in the journal to a post: who, in which conversation, what was said anew, what came with it.

#include <vector>

#include "channels/contract/channel.hpp"

namespace kiki::channels::mail {

inline constexpr std::size_t kTextBytes = 64 * 1024;
inline constexpr std::size_t kSubjectBytes = 500;
inline constexpr std::size_t kAttachmentsLimit = 50;

Result<std::vector<Incoming>> parse_mail(const Account& account, const RawItem& item, TimeMs received_at);
// "part:N" of a mail in the journal. kNotFound: no such part.
Result<Media> read_part(const RawItem& item, std::string_view reference);

}  // namespace kiki::channels::mail
