#pragma once
// Between a row of the outbox and what a channel sends: the row's body holds everything but the pictures'
// bytes.

#include "channels/contract/channel.hpp"
#include "reply/outbox.hpp"

namespace kiki::reply {

// The JSON of OutboxRow::body.
// `written`: what stood there before codes and links were put in; "": the same.
std::string body_of(const channels::Outgoing& outgoing, std::string_view written = {});
// kCorrupt when the body cannot be read. Loads the pictures when `with_images`; one that is gone is
// kNotFound.
Result<channels::Outgoing> to_outgoing(store::Connection& db, const OutboxRow& row, bool with_images);

}  // namespace kiki::reply
