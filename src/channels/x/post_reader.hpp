#pragma once
// One public post, from either version of the API.

#include "channels/x/parse.hpp"

namespace kiki::channels::x {

// v2: `post` and what came with it. Nothing for a repost: it says nothing of its own.
Result<std::optional<IncomingPost>> read_post(const Account& account, JsonView post, JsonView includes,
                                              TimeMs received_at);
// v1.1, as account activity sends it.
Result<std::optional<IncomingPost>> read_legacy_post(const Account& account, JsonView post,
                                                     TimeMs received_at);
// A member of includes.NAME by its id; users are sometimes wrapped as {"data": …}.
JsonView find_included(JsonView list, std::string_view key, std::string_view id);
// Pictures and films of includes.media.
void add_media(JsonView keys, JsonView media, std::vector<Attachment>& out);
void add_legacy_media(JsonView media, std::vector<Attachment>& out);
// Links, names and the post's own media, as both versions write them.
struct Entity;
std::vector<Entity> read_entities(const Account& account, JsonView entities);

}  // namespace kiki::channels::x
