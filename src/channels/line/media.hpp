#pragma once
// The files of messages. LINE keeps them for a while only, at another host; sound and films need a moment.

#include <stop_token>
#include <string_view>

#include "channels/contract/channel.hpp"
#include "channels/line/api.hpp"

namespace kiki::channels::line {

constexpr std::size_t kFileLimitBytes = 50 << 20;

Result<Media> fetch_media(Api& api, Tools& tools, const Account& account, AccountState& state,
                          const RawItem& item, std::string_view reference, std::stop_token stop);

// What the bytes are, by how they begin; "application/octet-stream" when that does not tell.
std::string_view type_by_content(std::string_view bytes);

}  // namespace kiki::channels::line
