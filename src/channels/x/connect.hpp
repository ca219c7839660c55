#pragma once
// The three ways an account is connected: tokens pasted from X's developer portal, OAuth 2.0 with PKCE and
// OAuth 1.0a on X's own page (whichever the given app keys allow).

#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "channels/contract/channel.hpp"
#include "channels/x/api.hpp"

namespace kiki::channels::x {

// What we ask for; dm.* for messages, tweet.moderate.write to hide replies, offline.access to stay signed in.
inline constexpr std::string_view kScopes =
    "tweet.read tweet.write tweet.moderate.write users.read dm.read dm.write media.write like.read "
    "like.write "
    "offline.access";

std::vector<SettingField> connect_fields();

Result<Connected> connect_account(Api& api, const Params& fields, std::stop_token stop);
Result<SignInStart> begin_sign_in(Api& api, Tools& tools, const XOptions& options, const Params& fields,
                                  std::string_view redirect_url, std::stop_token stop);
Result<Connected> finish_sign_in(Api& api, const Params& keep, const Params& answer,
                                 std::string_view redirect_url, std::stop_token stop);

std::string pkce_challenge(std::string_view verifier);

}  // namespace kiki::channels::x
