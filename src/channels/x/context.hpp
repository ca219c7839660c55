#pragma once
// What a post alone does not tell: what it answers, who wrote it, and the files of private messages.

#include "channels/contract/channel.hpp"
#include "channels/x/api.hpp"

namespace kiki::channels::x {

inline constexpr int kAncestorsLimit = 10;

// The posts it answers, root first. X bills every post that is read, so a conversation is climbed, not
// searched: the siblings of a post that thousands answered tell nothing.
Result<std::vector<RawItem>> read_thread(Api& api, Tools& tools, const XOptions& options,
                                         const Account& account, AccountState& state,
                                         std::string_view external_id, std::stop_token stop);
Result<std::optional<Author>> read_profile(Api& api, Tools& tools, const XOptions& options,
                                           const Account& account, AccountState& state,
                                           std::string_view external_id, std::stop_token stop);
Result<Media> fetch_file(Api& api, Tools& tools, const XOptions& options, const Account& account,
                         AccountState& state, std::string_view url, std::stop_token stop);
// May the account's rights be shown to this address? X's own hosts, and the API's.
bool is_host_of_x(std::string_view url, std::string_view api_url);

}  // namespace kiki::channels::x
