#pragma once
// Who gets a reply beside whom it answers: chosen by the writer out of those the answered post went to.

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "channels/contract/incoming.hpp"

namespace kiki::reply {

inline constexpr std::size_t kCopiesLimit = 50;

// Posts' extra "receivers", as ingest/ wrote it; empty when there are none.
Result<std::vector<channels::Receiver>> read_receivers(JsonView list);
// Why somebody the post went to can get no copy: "our_mailbox" (our answer would come in as a customer's
// mail), "no_address" (no mail can be sent there); "" when they can. `our_mailboxes`: addresses of the
// workspace's.
std::string_view no_copy_because(std::string_view address, const std::vector<std::string>& our_mailboxes);
// kInvalid "stranger" with the place for an address that the post did not go to: nobody is added silently;
// and what no_copy_because() says.
Result<std::vector<channels::Receiver>> chosen_copies(const std::vector<channels::Receiver>& receivers,
                                                      const std::vector<std::string>& addresses,
                                                      const std::vector<std::string>& our_mailboxes);
// The same form for our own reply.
json::array receivers_of_reply(const std::vector<channels::Receiver>& answered,
                               const std::vector<channels::Receiver>& copies);
json::array copies_json(const std::vector<channels::Receiver>& copies);

}  // namespace kiki::reply
