#pragma once
// The guard against requests that a stranger steers into our own network (SSRF). The URL is read once, by
// libcurl's own parser, so that what is checked is what is connected to; every numeric address is checked
// again at the moment of connecting, so that a name that resolves differently the second time gains nothing.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "net/http_client.hpp"
#include "net/ip_address.hpp"

namespace kiki::net {

struct CheckedUrl {
  std::string scheme;  // lower case
  std::string host;    // lower case, without brackets or a final dot; a numeric IPv4 in its plain form
  std::uint16_t port = 0;
  std::string target;            // path and query, begins with "/"
  bool host_is_allowed = false;  // by the allow-list: its addresses are not checked any more
  bool encrypted = false;
};

// Like check_url, for the pair of schemes that is spoken: "http" and "https", or "ws" and "wss".
Result<CheckedUrl> read_url(std::string_view url, const SsrfPolicy& policy, std::string_view plain_scheme,
                            std::string_view encrypted_scheme);

// May `address`, to which the URL's host resolved, be connected to?
Result<void> check_address(const IpAddress& address, const CheckedUrl& url, const SsrfPolicy& policy);

bool is_public(const IpAddress& address);

}  // namespace kiki::net
