#pragma once
// Pictures go up in pieces before the post that shows them. Nothing is public until that post, so whatever
// fails here may simply be tried again.
// https://docs.x.com/x-api/media/quickstart/media-upload-chunked

#include "channels/contract/channel.hpp"
#include "channels/x/api.hpp"

namespace kiki::channels::x {

inline constexpr std::size_t kPieceBytes = 1 << 20;
inline constexpr std::size_t kImageLimitBytes = 5 << 20;
inline constexpr std::size_t kGifLimitBytes = 15 << 20;

// The media's id at X.
Result<std::string> upload_media(Api& api, Tools& tools, const Account& account, AccountState& state,
                                 const Outgoing::Image& image, bool for_message, std::stop_token stop);

}  // namespace kiki::channels::x
