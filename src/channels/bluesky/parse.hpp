#pragma once
// Raw items of the journal as the desk's values. Pure: the same item always gives the same answer.
//
//   bluesky.notification  one of listNotifications
//   bluesky.record        {uri,cid,did,rev,seq,time,operation,record}: a post from the public stream
//   bluesky.post_view     one post of an AppView (threads)
//   bluesky.deletion      {uri,time}
//   bluesky.account       {did,status,time}: deleted or taken down
//   bluesky.identity      {did,handle,time}: a handle that leads back to its owner

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
constexpr std::string_view kAccountSource = "bluesky.account";
constexpr std::string_view kIdentitySource = "bluesky.identity";

bool is_gone_for_good(std::string_view account_status);

Result<std::vector<Incoming>> parse_item(const Account& account, const RawItem& item, TimeMs received_at);

// Author from a profileViewBasic or a profileViewDetailed; `full` says which.
Author read_author(JsonView profile, bool full);

}  // namespace kiki::channels::bluesky
