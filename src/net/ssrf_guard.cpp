// Ranges after the IANA special-purpose registries (RFC 6890 and its updates), plus addresses that clouds use
// for their metadata although they look public.

#include "net/ssrf_guard.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

namespace kiki::net {
namespace {

struct V4Range {
  std::uint32_t base;
  int bits;
};

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c, unsigned d) {
  return a << 24U | b << 16U | c << 8U | d;
}

constexpr std::array<V4Range, 16> kClosedV4 = {{
    {v4(0, 0, 0, 0), 8},         // this network
    {v4(10, 0, 0, 0), 8},        // private
    {v4(100, 64, 0, 0), 10},     // carrier NAT; 100.100.100.200 is a cloud's metadata
    {v4(127, 0, 0, 0), 8},       // loopback
    {v4(168, 63, 129, 16), 32},  // Azure's host services
    {v4(169, 254, 0, 0), 16},    // link local; 169.254.169.254 is most clouds' metadata
    {v4(172, 16, 0, 0), 12},     // private
    {v4(192, 0, 0, 0), 24},      // protocol assignments; 192.0.0.192 is a cloud's metadata
    {v4(192, 0, 2, 0), 24},      // documentation
    {v4(192, 88, 99, 0), 24},    // 6to4 relays
    {v4(192, 168, 0, 0), 16},    // private
    {v4(198, 18, 0, 0), 15},     // benchmarks
    {v4(198, 51, 100, 0), 24},   // documentation
    {v4(203, 0, 113, 0), 24},    // documentation
    {v4(224, 0, 0, 0), 4},       // multicast
    {v4(240, 0, 0, 0), 4},       // reserved, broadcast
}};

bool is_public_v4(std::uint32_t address) {
  return std::none_of(kClosedV4.begin(), kClosedV4.end(),
                      [&](const V4Range& range) { return (address ^ range.base) >> (32 - range.bits) == 0; });
}

std::uint32_t v4_at(const IpAddress& address, std::size_t offset) {
  return v4(address.bytes[offset], address.bytes[offset + 1], address.bytes[offset + 2],
            address.bytes[offset + 3]);
}

bool in(const IpAddress& address, std::string_view range) {
  const auto parsed = parse_ip_range(range);
  return parsed && parsed->contains(address);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string plain_host(std::string_view host) {
  auto out = lower(host);
  if (out.size() >= 2 && out.front() == '[' && out.back() == ']') out = out.substr(1, out.size() - 2);
  if (!out.empty() && out.back() == '.') out.pop_back();
  return out;
}

// An entry of the allow-list that names one host, maybe with a port.
struct AllowedHost {
  std::string host;
  int port = -1;  // any
};

AllowedHost allowed_host(std::string_view entry) {
  AllowedHost out;
  const auto colon = entry.rfind(':');
  const bool bare_v6 = entry.find(':') != colon && entry.front() != '[';
  const bool bracket_end = !entry.empty() && entry.back() == ']';
  if (colon == std::string_view::npos || bare_v6 || bracket_end) {
    out.host = plain_host(entry);
    return out;
  }
  const auto digits = entry.substr(colon + 1);
  out.host = plain_host(entry.substr(0, colon));
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
  if (ec != std::errc() || end != digits.data() + digits.size() || out.port < 1)
    out.host.clear();  // never matches
  return out;
}

bool allows_address(const SsrfPolicy& policy, const IpAddress& address, std::uint16_t port) {
  return std::any_of(policy.allow.begin(), policy.allow.end(), [&](const std::string& entry) {
    if (const auto range = parse_ip_range(entry)) return range->contains(address);
    const auto one = allowed_host(entry);
    const auto ip = parse_ip(one.host);
    return ip && *ip == address && (one.port < 0 || one.port == port);
  });
}

bool allows_host(const SsrfPolicy& policy, const std::string& host, std::uint16_t port) {
  if (const auto ip = parse_ip(host)) return allows_address(policy, *ip, port);
  return std::any_of(policy.allow.begin(), policy.allow.end(), [&](const std::string& entry) {
    if (entry.empty()) return false;
    const auto one = allowed_host(entry);
    return one.host == host && (one.port < 0 || one.port == port);
  });
}

Error forbidden(std::string message) {
  return {ErrorKind::kForbidden, std::move(message), {}, "address_refused", 0};
}

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part(CURLU* url, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, what, &text, flags) != CURLUE_OK || text == nullptr) return {};
  std::string out = text;
  curl_free(text);
  return out;
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && host.front() != '.' &&
         host.find("..") == std::string_view::npos && std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
         });
}

}  // namespace

bool is_public(const IpAddress& address) {
  if (address.is_v4()) return is_public_v4(v4_at(address, 12));
  if (in(address, "64:ff9b::/96")) return is_public_v4(v4_at(address, 12));  // NAT64
  if (in(address, "2002::/16")) return is_public_v4(v4_at(address, 2));      // 6to4
  if (!in(address, "2000::/3"))
    return false;  // loopback, unique local, link local, multicast, mapped forms, unassigned
  if (in(address, "2001::/23") || in(address, "2001:db8::/32") || in(address, "3fff::/20")) return false;
  // ISATAP hides an IPv4 address behind 0:5efe or 200:5efe.
  const bool isatap = (address.bytes[8] & 0xfdU) == 0 && address.bytes[9] == 0 && address.bytes[10] == 0x5e &&
                      address.bytes[11] == 0xfe;
  return !isatap || is_public_v4(v4_at(address, 12));
}

bool is_public_address(std::string_view address) {
  const auto parsed = parse_ip(address);
  return parsed && is_public(*parsed);
}

Result<CheckedUrl> read_url(std::string_view url, const SsrfPolicy& policy, std::string_view plain_scheme,
                            std::string_view encrypted_scheme) {
  constexpr std::size_t kUrlBytes = 8 * 1024;
  if (url.empty() || url.size() > kUrlBytes) return invalid("the URL is empty or too long");
  for (std::size_t i = 0; i < url.size(); ++i) {
    const auto byte = static_cast<unsigned char>(url[i]);
    if (byte <= 0x20 || byte >= 0x7f || byte == '\\') {
      return invalid("the URL holds a character that must be percent-encoded (or punycode in the host)",
                     std::to_string(i));
    }
  }
  const std::unique_ptr<CURLU, FreeUrl> parsed(curl_url());
  CHECK(parsed != nullptr);
  if (const auto code =
          curl_url_set(parsed.get(), CURLUPART_URL, std::string(url).c_str(), CURLU_NON_SUPPORT_SCHEME);
      code != CURLUE_OK) {
    return invalid(std::string("this is no URL: ") + curl_url_strerror(code));
  }
  CheckedUrl out;
  out.scheme = lower(part(parsed.get(), CURLUPART_SCHEME));
  out.encrypted = out.scheme == encrypted_scheme;
  if (!out.encrypted && out.scheme != plain_scheme) {
    return invalid("the URL must begin with " + std::string(encrypted_scheme) + "://");
  }
  // libcurl forgives a missing or an extra slash; we do not.
  auto rest = url.substr(std::min(url.size(), out.scheme.size()));
  if (!rest.starts_with("://"))
    return invalid("the URL must begin with " + std::string(encrypted_scheme) + "://");
  rest.remove_prefix(3);
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.empty()) return invalid("the URL has no host");
  if (authority.find('@') != std::string_view::npos || !part(parsed.get(), CURLUPART_USER).empty() ||
      !part(parsed.get(), CURLUPART_PASSWORD).empty()) {
    return invalid("the URL must not hold a user name or password");
  }
  if (authority.find('%') != std::string_view::npos || !part(parsed.get(), CURLUPART_ZONEID).empty()) {
    return invalid("the host must not be percent-encoded or hold a zone");
  }
  out.host = plain_host(part(parsed.get(), CURLUPART_HOST));
  auto ip = parse_ip(out.host);
  if (!ip && !is_host_name(out.host)) return invalid("the host of the URL is malformed");
  if (!ip) {
    // A name whose last label is a number is an IPv4 address to some resolvers (017700000001, 0x7f.1) and
    // nothing else to the rest (WHATWG URL, "ends in a number").
    const auto dot = out.host.rfind('.');
    const auto last = std::string_view(out.host).substr(dot == std::string::npos ? 0 : dot + 1);
    const bool number = std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
    const bool hex =
        last.starts_with("0x") && last.find_first_not_of("0123456789abcdef", 2) == std::string_view::npos;
    if (last.empty() || number || hex) return invalid("write the IPv4 address in its plain form");
  }
  const auto port_text = part(parsed.get(), CURLUPART_PORT);
  unsigned port = out.encrypted ? 443 : 80;
  if (!port_text.empty()) {
    const auto [end, ec] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
    if (ec != std::errc() || port == 0 || port > 65'535) return invalid("the port of the URL is malformed");
  }
  out.port = static_cast<std::uint16_t>(port);
  out.target = part(parsed.get(), CURLUPART_PATH);
  if (out.target.empty() || out.target[0] != '/') out.target.insert(0, "/");
  if (const auto query = part(parsed.get(), CURLUPART_QUERY); !query.empty()) out.target += "?" + query;

  out.host_is_allowed = allows_host(policy, out.host, out.port);
  if (out.host_is_allowed) return out;
  if (!out.encrypted && !policy.allow_plain_http) {
    return forbidden("only " + std::string(encrypted_scheme) + ":// is allowed, or hosts of the allow-list");
  }
  const bool local_name = out.host == "localhost" || out.host.ends_with(".localhost");
  if ((local_name || (ip && !is_public(*ip))) && !policy.allow_private) {
    return forbidden(out.host +
                     " is an address inside a private network; add it to the allow-list if that is meant");
  }
  return out;
}

Result<void> check_url(std::string_view url, const SsrfPolicy& policy) {
  auto read = read_url(url, policy, "http", "https");
  if (!read.ok()) return std::move(read).error();
  return {};
}

Result<void> check_address(const IpAddress& address, const CheckedUrl& url, const SsrfPolicy& policy) {
  if (policy.allow_private || url.host_is_allowed || is_public(address)) return {};
  if (allows_address(policy, address, url.port)) return {};
  return forbidden(url.host + " resolves to " + to_string(address) +
                   ", an address inside a private network; add it to the allow-list if that is meant");
}

}  // namespace kiki::net
