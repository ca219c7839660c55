// Foreign text as a URL or an address. What passes the guard must not name a private address.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "net/ssrf_guard.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kiki::net;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const bool open = is_public_address(text);
  if (const auto address = parse_ip(text)) {
    CHECK(is_public(*address) == open);
    CHECK(parse_ip(to_string(*address)) == address);
  } else {
    CHECK(!open);
  }
  (void)parse_ip_range(text);

  SsrfPolicy policy;
  policy.allow_plain_http = true;
  CHECK(check_url(text, policy).ok() == read_url(text, policy, "http", "https").ok());
  const auto url = read_url(text, policy, "http", "https");
  if (!url.ok()) return 0;
  CHECK(!url->host_is_allowed && url->port > 0 && url->target.starts_with('/'));
  CHECK(url->host.find_first_of("@/\\%?#[] ") == std::string::npos);
  if (const auto address = parse_ip(url->host)) CHECK(is_public(*address));
  CHECK(url->host != "localhost");
  return 0;
}
