#pragma once
// Who is behind a handle, and where their data lives: handle → DID → DID document → data server (PDS).
// https://atproto.com/specs/handle, https://atproto.com/specs/did

#include <stop_token>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "channels/bluesky/bluesky_channel.hpp"

namespace kiki::channels::bluesky {

class Xrpc;

struct Identity {
  std::string did;
  std::string handle;   // as the DID document claims it; may be empty
  std::string pds_url;  // checked by the URL guard
};

// Asks the entryway, then the handle's own server (https://HANDLE/.well-known/atproto-did). kNotFound when
// both say no.
Result<std::string> resolve_handle(Xrpc& xrpc, Tools& tools, const BlueskyOptions& options,
                                   const std::string& handle, std::stop_token stop);
// did:plc from the directory, did:web from its host.
Result<Identity> resolve_did(Tools& tools, const BlueskyOptions& options, const std::string& did,
                             std::stop_token stop);

// serviceEndpoint of #atproto_pds without a trailing slash, or "". Not checked.
std::string pds_url_from(JsonView did_document);

}  // namespace kiki::channels::bluesky
