#pragma once
// Reading an OpenPost: strict, because the other side can be told what is wrong.

#include "base/json.hpp"
#include "channels/contract/incoming.hpp"

namespace kiki::channels::open {

// Ids become unique in the workspace by the account's id in front. posted_at defaults to received_at.
Result<IncomingPost> read_open_post(Id account_id, JsonView post, TimeMs received_at);

}  // namespace kiki::channels::open
