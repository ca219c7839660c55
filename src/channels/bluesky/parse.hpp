#pragma once
// Raw items of the journal as the desk's values. Pure: the same item always gives the same answer.
//
//   bluesky.notification  one of listNotifications
//   bluesky.record        {uri,cid,did,rev,seq,time,operation,record}: a post from the public stream
//   bluesky.post_view     one post of an AppView (threads)
//   bluesky.deletion      {uri,time}

#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "channels/contract/channel.hpp"

namespace kiki::channels::bluesky {

constexpr std::string_view kNotificationSource = "bluesky.notification";
constexpr std::string_view kRecordSource = "bluesky.record";
constexpr std::string_view kPostViewSource = "bluesky.post_view";
constexpr std::string_view kDeletionSource = "bluesky.deletion";

Result<std::vector<Incoming>> parse_item(const Account& account, const RawItem& item, TimeMs received_at);

// Author from a profileViewBasic or a profileViewDetailed; `full` says which.
Author read_author(JsonView profile, bool full);

}  // namespace kiki::channels::bluesky
