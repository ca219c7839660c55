#pragma once
// Numeric addresses and address ranges. IPv4 lives inside IPv6 as ::ffff:a.b.c.d, so there is one kind of
// address.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sockaddr;

namespace kiki::net {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  bool is_v4() const;  // ::ffff:0:0/96
  bool operator==(const IpAddress&) const = default;
};

// Strict: dotted decimal or RFC 4291 text, without brackets, zone, or port.
std::optional<IpAddress> parse_ip(std::string_view text);
IpAddress ip_v4(std::uint32_t host_order);
std::optional<IpAddress> ip_of(const sockaddr* address);  // none: neither IPv4 nor IPv6
std::string to_string(const IpAddress& address);          // "192.0.2.1", "2001:db8::1"

struct IpRange {
  IpAddress base;
  int bits = 128;  // of the 128; an IPv4 /8 is 104

  bool contains(const IpAddress& address) const;
};
// "10.0.0.0/8", "fd00::/8", "[fd00::]/8", or one address.
std::optional<IpRange> parse_ip_range(std::string_view text);

// The address that a request comes from: the peer, or, when the peer is a trusted proxy, the last address in
// its X-Forwarded-For that is no trusted proxy itself. Anything unreadable in the list ends the belief.
IpAddress client_address(const IpAddress& peer, const std::vector<std::string_view>& forwarded_for,
                         const std::vector<IpRange>& trusted_proxies);

}  // namespace kiki::net
