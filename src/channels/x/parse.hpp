#pragma once
// What X tells, in all its forms: posts of API v2 (REST pages, both streams, activity events; in the old
// words "tweet" and the new ones "post"), of v1.1 (account activity), direct messages of both, deletions,
// follows.
//
// Ids: "x:123" a post, "x:dm:123" a message, "x:chat:…" an encrypted one; a thread is "x:" and the
// conversation's id, "x:dm:" and the two people's ids. An edited post keeps the id of its first version; its
// revision is the newest one's.

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "channels/contract/channel.hpp"

namespace kiki::channels::x {

inline constexpr std::string_view kPostSource = "x.post";        // {"data": post, "includes"}
inline constexpr std::string_view kContextSource = "x.context";  // the same, around another post
inline constexpr std::string_view kMessageSource =
    "x.message";  // {"data": event of /2/dm_events, "includes"}
inline constexpr std::string_view kWebhookSource = "x.webhook";    // as X posted or streamed it
inline constexpr std::string_view kDeletionSource = "x.deletion";  // {"id", "time"}: found by asking again

Result<std::vector<Incoming>> parse_item(const Account& account, const RawItem& item, TimeMs received_at);

// A user of v2 or v1.1, also wrapped as {"data": …}.
Author read_user(JsonView user, bool full);

// "x:123" → "123"; "" for what is no post of X.
std::string_view post_id_of(std::string_view external_id);
bool is_id(std::string_view text);
// Snowflakes tell their time.
TimeMs time_of_id(std::string_view id);
inline constexpr TimeMs kSnowflakeEpochMs = 1'288'834'974'657;
// One is older than the other: by number, not by letters.
bool id_less(std::string_view a, std::string_view b);
// "smaller-larger": the conversation of two people.
std::string conversation_of(std::string_view a, std::string_view b);

// A page of posts or messages as one raw item each, newest first as X gives them, each with what it needs of
// "includes".
struct PageItem {
  std::string id;
  RawItem raw;
};
Result<std::vector<PageItem>> split_page(std::string_view body, std::string_view source);

// Text as people see it: for comparing what we sent with what is there.
std::string comparable(std::string_view text);
// The same of a post as the API gives it.
std::string comparable_post(JsonView post);

}  // namespace kiki::channels::x
