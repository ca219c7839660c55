#pragma once
// Who gets a reply beside whom it answers: chosen by the writer out of those the answered post went to.

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "channels/contract/incoming.hpp"

namespace kiki::reply {

inline constexpr std::size_t kCopiesLimit = 50;

// Posts' extra "receivers", as ingest/ wrote it; empty when there are none.
Result<std::vector<channels::Receiver>> read_receivers(JsonView list);
// kInvalid "stranger" with the place for an address that the post did not go to: nobody is added silently.
Result<std::vector<channels::Receiver>> chosen_copies(const std::vector<channels::Receiver>& receivers,
                                                      const std::vector<std::string>& addresses);
// The same form for our own reply.
json::array receivers_of_reply(const std::vector<channels::Receiver>& answered,
                               const std::vector<channels::Receiver>& copies);
json::array copies_json(const std::vector<channels::Receiver>& copies);

}  // namespace kiki::reply
